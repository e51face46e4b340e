"""A ranked list: tracks with scores, the reasons for each, and what every stage removed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from msgspec import Struct

from segue.types import BoolVector, FloatVector, IntVector

MOSTLY_FILLED = 0.5  # share of the places; below it a list is its own, but for its end
GROUP = 32  # scores looked at as one by `top_n` before it selects


@dataclass(frozen=True, slots=True)
class ScoredTracks:
    """Rows of tracks with scores, best first; ties are broken by the lower row.

    ``track_idx`` int32 and ``scores`` float, both shape (n,).
    """

    track_idx: IntVector
    scores: FloatVector

    def __len__(self) -> int:
        return len(self.track_idx)


def top_n(scores: FloatVector, n: int, allowed: BoolVector | None = None) -> ScoredTracks:
    """The ``n`` best rows of a score vector; ``-inf`` and NaN are never returned.

    Args:
        scores: Shape (n_tracks,).
        n: Wanted length, >= 0; fewer come back when fewer are allowed.
        allowed: Mask of shape (n_tracks,), True for rows that may be returned.

    >>> top_n(np.array([0.5, 2.0, 1.0]), 2).track_idx.tolist()
    [1, 2]
    """
    values = scores if allowed is None else np.where(allowed, scores, _worst(scores))
    bound = _bound(values, n)
    # a comparison is False for NaN, so both ways leave it out
    rows = np.flatnonzero(values >= bound if bound > -np.inf else values > -np.inf)
    if n <= 0 or not len(rows):
        return ScoredTracks(np.empty(0, np.int32), np.empty(0, scores.dtype))
    values = scores[rows]
    if n < len(rows):
        # of those equal to the n-th best the first rows; there may be very many of them to sort
        threshold = np.partition(values, len(values) - n)[len(values) - n]
        above, equal = np.flatnonzero(values > threshold), np.flatnonzero(values == threshold)
        keep = np.concatenate((above, equal[: n - len(above)]))
        rows, values = rows[keep], values[keep]
    # rows ascend, and the equal ones at the end are all worse: equal ones stay in their order
    order = np.argsort(-values, kind="stable")
    return ScoredTracks(rows[order].astype(np.int32), values[order])


def _worst(scores: FloatVector) -> FloatVector:
    """Minus infinity in the type of the scores, so that float32 stays float32."""
    return np.array(-np.inf, scores.dtype if scores.dtype.kind == "f" else np.float64)


def _bound(values: FloatVector, n: int) -> float:
    """A value that the ``n``-th best is not below: the ``n``-th best of the maxima of groups.

    Each of the ``n`` best groups holds a value that large. Two passes over the scores instead of a
    selection among all of them: three times faster at 100k tracks.
    """
    n_groups = len(values) // GROUP
    if not 0 < n < n_groups:
        return -np.inf
    maxima = np.fmax.reduce(values[: n_groups * GROUP].reshape(GROUP, n_groups), axis=0)
    maxima[np.isnan(maxima)] = -np.inf
    return float(np.partition(maxima, n_groups - n)[n_groups - n])


class ReasonKind(StrEnum):
    """Why a track is in a list; pages choose an icon by it, words stand in the reason."""

    LISTENED = "listened"  # co-listening with a track of the listener's own
    LOVED = "loved"
    RATED = "rated"
    SIMILAR = "similar"  # tags, words or sound like a track of the listener's own or the seed
    TASTE = "taste"  # a genre or tag the listener plays
    POPULAR = "popular"
    MOOD = "mood"  # suits the mood that was asked for
    ASKED = "asked"  # answers what was asked for in words
    SAID = "said"  # fits what the listener says of themselves
    NEW = "new"  # newly added to the library
    LIBRARY = "library"  # nothing is known yet: from the library


class Reason(Struct, frozen=True, kw_only=True):
    """A fact that ranked the track, in plain words, with the evidence that can be removed.

    ``weight`` is the share of the track's fused score that this evidence carries, 0..1.
    """

    kind: ReasonKind
    text: str
    weight: float
    source: str
    evidence_track_ids: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()


class RankedTrack(Struct, frozen=True, kw_only=True):
    """One place of a list.

    ``source_scores`` has the fused share of each candidate source; ``filled_by`` is the step of the
    fallback chain that gave it, None where the station's own sources did.
    """

    track_id: str
    score: float
    reasons: tuple[Reason, ...]
    source_scores: dict[str, float]
    filled_by: str | None = None


class StageReport(Struct, frozen=True, kw_only=True):
    """What one stage of the pipeline did, so that a short or empty list explains itself."""

    stage: str
    n_in: int
    n_out: int
    removed: dict[str, int] = {}
    duration_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class RankedList:
    """One finished list. ``fallback`` names the step that filled it when taste could not."""

    station: str
    tracks: tuple[RankedTrack, ...]
    stages: tuple[StageReport, ...]
    fallback: str | None = None
    model_version: str | None = None
    title: str = ""
    seed_track_ids: tuple[str, ...] = field(default=())

    @property
    def filled_share(self) -> float:
        """Which share of the places the fallback chain gave, 0..1."""
        n_filled = sum(track.filled_by is not None for track in self.tracks)
        return n_filled / len(self.tracks) if self.tracks else 0.0

    @property
    def is_filled_at_its_end(self) -> bool:
        """Whether the fallback chain gave some places, and fewer than half of them."""
        return 0.0 < self.filled_share < MOSTLY_FILLED

    def of(self, tracks: tuple[RankedTrack, ...]) -> "RankedList":
        """The list of these tracks of it; a step that gave none of them is named no more."""
        before = main_filler(self.tracks)
        fallback = self.fallback
        if before is not None and fallback == before:
            fallback = main_filler(tracks)
        return replace(self, tracks=tracks, fallback=fallback)


def main_filler(tracks: Sequence[RankedTrack]) -> str | None:
    """The step of the fallback chain that gave most of what was filled; None for nothing.

    Of two that gave as much it is the one met first.

    >>> place = RankedTrack(track_id="a", score=1.0, reasons=(), source_scores={})
    >>> main_filler([place]) is None
    True
    """
    given = Counter(track.filled_by for track in tracks if track.filled_by is not None)
    return given.most_common(1)[0][0] if given else None
