"""One recording in files of another length: cut, faded, with another start, encoded again.

Two fingerprints (uint32, four frames a second) of one recording differ in some of the bits of most
frames, those of two recordings in nearly half. First, as Wang 2003 ("An Industrial-Strength Audio
Search Algorithm", ISMIR), equal frames of two tracks vote for how far one lies behind the other.
Then the frames at those offsets are compared: where the share of differing bits in four seconds is
low enough (Haitsma & Kalker 2002, ISMIR), they are the same music. Several offsets may each explain
a part, since a radio edit leaves out something in the middle.

A mix that holds a whole song is no version of it, so lengths may differ by a factor only; and a
minute that two songs share (one sampled the other) does not make them one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segue.errors import InvalidDataError
from segue.types import BoolVector, FloatVector, IntVector

Fingerprint = NDArray[np.uint32]  # shape (n_frames,), 0 for silence
FRAMES_PER_S = 4
WINDOW = 16  # frames: 4 s
MAX_RUN = 40  # tracks and places with one value: more of them say nothing
MIN_VOTES = 3
N_OFFSETS = 6  # that are looked at for a pair
N_PARTS = 16  # of all values, sorted one after the other to bound memory


@dataclass(frozen=True, slots=True)
class CutMatching:
    """When two tracks hold one recording.

    Attributes:
        max_error: Share of differing bits in four seconds up to which they are the same music.
        min_share: Of the shorter track that must be found in the other.
        min_s: Seconds of it at least.
        min_length_ratio: Of the shorter to the longer track.
    """

    max_error: float = 0.35
    min_share: float = 0.6
    min_s: float = 20.0
    min_length_ratio: float = 0.4


def cut_version_pairs(
    fingerprints: Sequence[Fingerprint | None],
    how: CutMatching = CutMatching(),
) -> IntVector:
    """Pairs of tracks (i < j) that hold one recording, int64 (n_pairs, 2), in order.

    Args:
        fingerprints: One a track; None, and any shorter than ``min_s``, is compared with nothing.
        how: When they count as one.
    """
    known = [_checked(one) for one in fingerprints]
    found: list[tuple[int, int]] = []
    for i, j, offsets in candidates(known):
        if is_same_recording(known[i], known[j], offsets, how):
            found.append((i, j))
    return np.array(sorted(found), np.int64).reshape(-1, 2)


def is_same_recording(
    a: Fingerprint, b: Fingerprint, offsets: Sequence[int] | IntVector, how: CutMatching
) -> bool:
    """Whether enough of the shorter is found in the longer at offsets (frames of b behind a)."""
    shorter, longer = sorted((len(a), len(b)))
    if shorter < how.min_s * FRAMES_PER_S or shorter < how.min_length_ratio * longer:
        return False
    found = found_frames(a, b, offsets, how.max_error)
    n_found = int(np.count_nonzero(found))
    return n_found >= max(how.min_share * shorter, how.min_s * FRAMES_PER_S)


def found_frames(
    a: Fingerprint, b: Fingerprint, offsets: Sequence[int] | IntVector, max_error: float
) -> BoolVector:
    """Frames of the shorter that lie in four seconds of the same music at one of the offsets.

    Frame t of ``b`` is compared with frame t + offset of ``a``.
    """
    of_a = len(a) < len(b)
    found = np.zeros(min(len(a), len(b)), bool)
    for offset in offsets:
        first, last = max(0, -int(offset)), min(len(b), len(a) - int(offset))
        if last - first < WINDOW:
            continue
        x, y = a[first + offset : last + offset], b[first:last]
        error = np.bitwise_count(x ^ y) / 32.0
        error[(x == 0) | (y == 0)] = 0.5  # silence is like all other silence
        same = _windows_below(error, max_error)
        start = first + int(offset) if of_a else first
        found[start : start + len(same)] |= same
    return found


def candidates(known: Sequence[Fingerprint]) -> Iterator[tuple[int, int, IntVector]]:
    """Pairs (i < j) with at least three equal frames, and the offsets with most of them."""
    votes = [_votes(*part) for part in _parts(known)]
    i, j, offset = np.concatenate([np.empty((3, 0), np.int64), *votes], axis=1)
    if not len(i):
        return
    order = np.lexsort((offset, j, i))
    i, j, offset = i[order], j[order], offset[order]
    starts = np.flatnonzero(np.append(True, (i[1:] != i[:-1]) | (j[1:] != j[:-1])))
    for start, stop in zip(starts, np.append(starts[1:], len(i)), strict=True):
        if stop - start >= MIN_VOTES:
            values, counts = np.unique(offset[start:stop], return_counts=True)
            most = np.argsort(-counts, kind="stable")[:N_OFFSETS]
            yield int(i[start]), int(j[start]), values[most]


def _parts(
    known: Sequence[Fingerprint],
) -> Iterator[tuple[NDArray[np.uint32], IntVector, IntVector]]:
    """All frames (value, track, place), a sixteenth of the values at a time; silence left out."""
    if not any(len(one) for one in known):
        return
    value = np.concatenate(known)
    track = np.repeat(np.arange(len(known), dtype=np.int32), [len(one) for one in known])
    place = np.concatenate([np.arange(len(one), dtype=np.int32) for one in known])
    part_of = (value & np.uint32(N_PARTS - 1)).astype(np.uint8)
    for part in range(N_PARTS):
        rows = np.flatnonzero((part_of == part) & (value != 0))
        yield value[rows], track[rows], place[rows]


def _votes(value: NDArray[np.uint32], track: IntVector, place: IntVector) -> IntVector:
    """Rows i, j and how far j lies behind i, one column for each two equal frames, int64 (3, n)."""
    order = np.argsort(value, kind="stable")  # tracks ascend within a value
    value, track, place = value[order], track[order], place[order]
    starts = np.flatnonzero(np.append(True, value[1:] != value[:-1])[: len(value)])
    sizes = np.diff(np.append(starts, len(value)))
    left = np.repeat(starts + sizes, sizes) - np.arange(len(value))  # of its value, itself counted
    left[np.repeat(sizes, sizes) > MAX_RUN] = 0
    columns: list[IntVector] = []
    for step in range(1, MAX_RUN):
        first = np.flatnonzero(left > step)
        if not len(first):
            break
        second = first + step
        other = track[first] != track[second]
        first, second = first[other], second[other]
        columns.append(np.stack([track[first], track[second], place[first] - place[second]]))
    return np.concatenate(columns, axis=1).astype(np.int64) if columns else np.empty((3, 0), int)


def _windows_below(error: FloatVector, bound: float) -> BoolVector:
    """Entries that lie in any run of ``WINDOW`` whose mean is at most the bound."""
    sums = np.concatenate([[0.0], np.cumsum(error)])
    low = (sums[WINDOW:] - sums[:-WINDOW]) / WINDOW <= bound
    edges = np.zeros(len(error) + 1, np.int64)
    edges[: len(low)] += low
    edges[WINDOW : WINDOW + len(low)] -= low
    return np.cumsum(edges[:-1]) > 0


def _checked(one: Fingerprint | None) -> Fingerprint:
    if one is None:
        return np.zeros(0, np.uint32)
    if one.ndim != 1 or one.dtype != np.uint32:
        raise InvalidDataError(
            f"a fingerprint must be uint32 of shape (n_frames,), got {one.dtype} {one.shape}"
        )
    return one
