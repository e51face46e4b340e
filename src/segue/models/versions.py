"""One recording in several files: chroma sketches compared at every small shift.

A sketch is chroma over time, uint8 (n_frames, 12), frames at equal shares of a track. Files of one
recording differ in encoding, loudness and some seconds of silence; a live or another studio version
differs in time. So sketches are compared in their own key and with small shifts only, after the
mean of each pitch class is taken off: two songs in one key are alike in the mean but not in what
changes (cross-correlation of chroma as in Ellis & Poliner 2007, doi:10.1109/ICASSP.2007.367348,
who also look for covers; those are not looked for here).
"""

import dataclasses
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from segue.data.dataset import TrackTable
from segue.errors import InvalidDataError
from segue.types import FloatMatrix, FloatVector, IntVector

Sketch = NDArray[np.uint8]  # shape (n_frames, 12)
N_PITCH_CLASSES = 12
MIN_OVERLAP = 0.5  # of the shorter sketch
MAX_DURATION_GAP_S = 5.0
MAX_CHROMA_GAP = 0.04  # largest difference of one pitch class in mean chroma


@dataclass(frozen=True, slots=True)
class Matching:
    """How two sketches are compared: shifts up to ``max_shift`` frames, alike from ``threshold``.

    What the two below reach is measured on composed tracks, encoded again (Vorbis), made louder
    until they clip, and cut by up to 2.5 s at each end, against all pairs of different songs.
    """

    max_shift: int
    threshold: float


# 20 moments a track. Different songs: 32,593 pairs, .901 at most. Encoded again 99 %, louder 100 %
# are above; cut ones are not found, since every moment then holds other seconds.
MOMENTS = Matching(max_shift=2, threshold=0.92)
# One frame each half second without gaps. Different songs: 3,159 pairs, .601 at most; cut ones .655
# at least, louder ones 1.
HALF_SECONDS = Matching(max_shift=10, threshold=0.63)


def sketch_correlation(sketch_a: Sketch, sketch_b: Sketch, max_shift: int) -> float:
    """The best correlation of two sketches over all shifts of up to ``max_shift`` frames, -1..1.

    At each shift the overlapping frames are compared, each pitch class less its mean in the
    overlap; 0 where nothing changes.

    Raises:
        InvalidDataError: A sketch has another shape or type than uint8 (n_frames >= 1, 12).
    """
    a, b = (_checked(sketch) for sketch in (sketch_a, sketch_b))
    shortest = max(1, int(np.ceil(MIN_OVERLAP * min(len(a), len(b)))))
    best = -1.0
    for shift in range(-max_shift, max_shift + 1):
        first = a[max(shift, 0) :]
        second = b[max(-shift, 0) :]
        n = min(len(first), len(second))
        if n >= shortest:
            best = max(best, _correlation(first[:n], second[:n]))
    return best


def same_recording(sketch_a: Sketch, sketch_b: Sketch, how: Matching = MOMENTS) -> bool:
    """Whether two sketches are of one recording; see :func:`sketch_correlation`.

    >>> rising = np.eye(12, dtype=np.uint8) * 255
    >>> same_recording(rising, rising), same_recording(rising, rising[::-1])
    (True, False)
    """
    return sketch_correlation(sketch_a, sketch_b, how.max_shift) >= how.threshold


def recording_groups(
    sketches: Sequence[Sketch | None],
    duration_s: FloatVector,
    recording_idx: IntVector,
    how: Matching = MOMENTS,
) -> IntVector:
    """``recording_idx`` with the groups joined whose tracks hold one recording by sound.

    Not all pairs are compared: candidates differ by at most 5 s in length and little in mean
    chroma, found with a k-d tree. Joining is transitive; each group keeps its smallest number.

    Args:
        sketches: One a track, None where there is none: such a track stays as it was. May read
            lazily: each is asked for once, and again for each candidate.
        duration_s: Shape (n_tracks,); NaN, unknown, is compared with nothing.
        recording_idx: Shape (n_tracks,): what is known by tags.
        how: Which kind of sketches they are.

    Returns:
        int32, shape (n_tracks,).

    Raises:
        InvalidDataError: Lengths differ, or a sketch is none.
    """
    n = len(recording_idx)
    if not len(sketches) == len(duration_s) == n:
        raise InvalidDataError(
            f"got {len(sketches)} sketches and {len(duration_s)} durations for {n} tracks"
        )
    pairs = [
        (i, j)
        for i, j in candidate_pairs(sketches, duration_s).tolist()
        if recording_idx[i] != recording_idx[j] and _same(sketches[i], sketches[j], how)
    ]
    return joined(recording_idx, np.array(pairs, np.int64).reshape(-1, 2))


def candidate_pairs(sketches: Sequence[Sketch | None], duration_s: FloatVector) -> IntVector:
    """Pairs of tracks (i < j) worth comparing, int64 (n_pairs, 2), in order."""
    rows: list[int] = []
    places: list[FloatVector] = []
    for row in np.flatnonzero(np.isfinite(duration_s)).tolist():
        sketch = sketches[row]
        if sketch is None:
            continue
        chroma = mean_chroma(sketch)
        if chroma.any():  # silence is like all other silence
            rows.append(row)
            length = float(duration_s[row]) * MAX_CHROMA_GAP / MAX_DURATION_GAP_S
            places.append(np.append(chroma, length))
    if len(rows) < 2:
        return np.empty((0, 2), np.int64)
    from scipy.spatial import cKDTree

    # the largest of 13 differences, so that each keeps its own bound
    found = cKDTree(np.stack(places)).query_pairs(MAX_CHROMA_GAP, p=np.inf, output_type="ndarray")
    pairs = np.sort(np.array(rows, np.int64)[found], axis=1)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def mean_chroma(sketch: Sketch) -> FloatVector:
    """Share of each pitch class in a sketch, shape (12,), sum 1; zeros for silence."""
    total = _checked(sketch).sum(axis=0)
    return total / max(float(total.sum()), 1.0)


def joined(recording_idx: IntVector, pairs: IntVector) -> IntVector:
    """Groups with more pairs joined, each under its smallest number, int32.

    >>> joined(np.array([0, 1, 2, 1, 4]), np.array([[0, 3], [2, 4]])).tolist()
    [0, 0, 2, 0, 2]
    """
    from scipy.sparse.csgraph import connected_components

    names, group = np.unique(recording_idx, return_inverse=True)
    n = len(names)
    ends = group[pairs]
    graph = sparse.csr_matrix((np.ones(len(pairs)), (ends[:, 0], ends[:, 1])), shape=(n, n))
    _, component = connected_components(graph, directed=False)
    smallest = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(smallest, component, names)
    return smallest[component[group]].astype(np.int32)


def _same(a: Sketch | None, b: Sketch | None, how: Matching) -> bool:
    return a is not None and b is not None and same_recording(a, b, how)


def _correlation(a: FloatMatrix, b: FloatMatrix) -> float:
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    size = np.linalg.norm(a) * np.linalg.norm(b)
    return float((a * b).sum() / size) if size > 0 else 0.0


def _checked(sketch: Sketch) -> FloatMatrix:
    is_fine = sketch.ndim == 2 and sketch.shape[1] == N_PITCH_CLASSES and len(sketch)
    if not is_fine or sketch.dtype != np.uint8:
        raise InvalidDataError(
            f"a sketch must be uint8 of shape (n_frames >= 1, 12), got {sketch.dtype} "
            f"{sketch.shape}"
        )
    return sketch.astype(np.float64)


def joined_by_groups(tracks: TrackTable, groups: Mapping[str, str]) -> TrackTable:
    """The catalogue with recordings joined whose tracks stand in one group."""
    row_of: dict[str, int] = {}
    pairs = [
        (row_of.setdefault(group, row), row)
        for id_, group in groups.items()
        if (row := tracks.ids.get(id_)) is not None
    ]
    same = joined(tracks.recording_idx, np.array(pairs, np.int64).reshape(-1, 2))
    return dataclasses.replace(tracks, recording_idx=same)


def parted(tracks: TrackTable, apart: Set[tuple[str, str]]) -> TrackTable:
    """The catalogue with tracks that were told apart as recordings of their own."""
    recording = tracks.recording_idx.copy()
    for id_, other in sorted(apart):
        row, far = tracks.ids.get(id_), tracks.ids.get(other)
        if row is not None and far is not None and recording[row] == recording[far]:
            recording[row] = recording.max() + 1
    return dataclasses.replace(tracks, recording_idx=recording)
