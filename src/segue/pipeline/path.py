"""The tracks that lead from one to another in even steps: a discrete geodesic.

Of all ways of n points between two ends the one of least energy, the sum of squared steps, is as
short as it can be and has even steps (Milnor 1963, "Morse theory", section 12, for curves). Start
and end songs were joined by Flexer, Schnitzer, Gasser & Widmer 2008 (ISMIR) with tracks near to a
line; here the steps between neighbors count too, and no artist comes twice:

1. for each place the tracks nearest to its point of the great circle are candidates, no more than
   two of an artist before all others;
2. dynamic programming from the end gives each candidate the least energy that is still to come if
   artists could repeat, though not side by side;
3. a beam search from the start, ordered by energy so far and that bound (as A*, Hart, Nilsson &
   Raphael 1968), counts repeated artists far above any energy.

With an unbounded beam the result is the best of all ways through the candidates. A test compares it
with every way of a small library.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segue.data.dataset import TrackTable
from segue.pipeline.spaces import Space, angles, between
from segue.types import BoolVector, FloatMatrix, FloatVector, IntVector

MIN_CANDIDATES, MAX_CANDIDATES = 48, 400  # for each place
LOOKED_AT = 8  # times as many come from an index, for artists to be spread
PER_ARTIST = 2  # candidates of an artist before others get a turn
BEAM = 96
REPEATED = 1e4  # above any energy: 501 steps of at most pi^2
SIDE_BY_SIDE = 1e8  # above 500 repeated artists


@dataclass(frozen=True, slots=True)
class Layers:
    """Candidates of each inner place, and how far they are from each other.

    ``rows[l]`` int (c_l,); ``steps[l]`` float (c_{l-1}, c_l), squared angles from the candidates
    before, ``steps[0]`` from the start (1, c_0); ``last`` (c_{L-1},) to the end.
    """

    rows: list[IntVector]
    steps: list[FloatMatrix]
    last: FloatVector


def find_path(
    space: Space,
    tracks: TrackTable,
    ends: tuple[int, int],
    n_inner: int,
    allowed: BoolVector,
    beam: int = BEAM,
) -> list[int]:
    """Rows of the tracks between two ends, at most ``n_inner``, in order.

    Args:
        space: Knows both ends.
        tracks: Artists and recordings.
        ends: First and last row; they are not among the result.
        n_inner: Wanted, >= 0.
        allowed: Mask (n_tracks,) of tracks that may be named, the ends and their versions not.
        beam: Ways kept at each place, >= 1.
    """
    rows = np.flatnonzero(allowed & space.known())
    n_inner = min(n_inner, len(np.unique(tracks.recording_idx[rows])))
    if n_inner < 1:
        return []
    layers = _layers(space, tracks, ends, n_inner, allowed)
    artists = _labels(tracks.artist_idx, layers.rows, ends)
    recordings = _labels(tracks.recording_idx, layers.rows, ends)
    return _search(layers, artists, recordings, beam)


def candidates(
    distance: FloatVector, artist: IntVector, n_wanted: int, per_artist: int = PER_ARTIST
) -> IntVector:
    """The nearest places, those of an artist that already has ``per_artist`` of them last.

    >>> candidates(np.array([0.1, 0.2, 0.3, 0.4]), np.array([7, 7, 7, 8]), 3).tolist()
    [0, 1, 3]
    """
    near = np.argsort(distance, kind="stable")
    seen: dict[int, int] = {}
    first: list[int] = []
    later: list[int] = []
    for place in near.tolist():
        label = int(artist[place])
        seen[label] = seen.get(label, 0) + 1
        (later if label >= 0 and seen[label] > per_artist else first).append(place)
        if len(first) == n_wanted:
            break
    return np.array((first + later)[:n_wanted], np.int64)


def _layers(
    space: Space, tracks: TrackTable, ends: tuple[int, int], n_inner: int, allowed: BoolVector
) -> Layers:
    start, end = space.rows(ends)
    points = between(start, end, np.arange(1, n_inner + 1) / (n_inner + 1))
    wanted = min(max(MIN_CANDIDATES, 2 * (n_inner + 2)), MAX_CANDIDATES)
    chosen = [
        rows[candidates(-cosine, tracks.artist_idx[rows], wanted)]
        for rows, cosine in space.near(points, allowed, LOOKED_AT * wanted)
    ]
    steps: list[FloatMatrix] = []
    before = start[np.newaxis]
    for layer in chosen:
        steps.append(angles(space.cosines(before, layer)) ** 2)
        before = space.rows(layer)
    return Layers(chosen, steps, angles(before @ end) ** 2)


@dataclass(frozen=True, slots=True)
class _Labels:
    """Of what each candidate is one (an artist, a recording), as small numbers; and of the ends."""

    of: Sequence[IntVector]
    start: int
    end: int
    n: int


def _labels(column: IntVector, layers: list[IntVector], ends: tuple[int, int]) -> _Labels:
    """-1, no artist, is a label of its own for each track."""
    rows = np.concatenate([np.array(ends), *layers])
    values = np.where(column[rows] >= 0, column[rows].astype(np.int64), -1 - rows)
    _, numbers = np.unique(values, return_inverse=True)
    splits = np.cumsum([2, *(len(layer) for layer in layers[:-1])])
    parts = np.split(numbers, splits)
    return _Labels(parts[1:], int(parts[0][0]), int(parts[0][1]), int(numbers.max()) + 1)


def to_come(layers: Layers, artists: _Labels) -> list[FloatVector]:
    """The least energy from each candidate to the end, artists side by side counted."""
    beside = SIDE_BY_SIDE * (artists.of[-1] == artists.end)
    bounds = [layers.last + beside]
    for place in range(len(layers.rows) - 1, 0, -1):
        same = artists.of[place - 1][:, np.newaxis] == artists.of[place]
        onward = layers.steps[place] + SIDE_BY_SIDE * same + bounds[0]
        bounds.insert(0, onward.min(axis=1))
    return bounds


def _search(layers: Layers, artists: _Labels, recordings: _Labels, beam: int) -> list[int]:
    bounds = to_come(layers, artists)
    cost, last = np.zeros(1), np.zeros(1, np.int64)
    used = np.zeros((1, artists.n), bool)
    used[0, [artists.start, artists.end]] = True
    played = np.zeros((1, recordings.n), bool)
    ways = np.empty((1, 0), np.int64)
    beside = np.array([artists.start])
    for place, rows in enumerate(layers.rows):
        of, recording = artists.of[place], recordings.of[place]
        onward = cost[:, np.newaxis] + layers.steps[place][last]
        onward += REPEATED * used[:, of] + SIDE_BY_SIDE * (beside[:, np.newaxis] == of)
        onward[played[:, recording]] = np.inf
        hoped = (onward + bounds[place]).ravel()
        best = np.argsort(hoped, kind="stable")[:beam]
        best = best[hoped[best] < np.inf]
        if not len(best):
            break
        way, last = np.divmod(best, len(rows))
        cost, beside = onward.ravel()[best], of[last]
        ways = np.column_stack([ways[way], rows[last]])
        used, played = used[way], played[way]
        used[np.arange(len(best)), beside] = True
        played[np.arange(len(best)), recording[last]] = True
    return [int(row) for row in ways[0]]
