"""Reciprocal rank fusion of several ranked lists (Cormack, Clarke & Buettcher, SIGIR 2009)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segue.data.compiled import is_compiled
from segue.data.query import Profile
from segue.data.sorted_rows import distinct, places_in
from segue.pipeline.candidates import Part
from segue.rng import derived_rng
from segue.types import FloatMatrix, FloatVector, IntVector

RRF_K = 60.0  # the constant of the paper, found flat between 40 and 100
TIER_STEP = 1e3  # above any utility: a fallback never goes before the station's own choice


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates, best first: by tier, then by score, then by the lower row.

    ``track_idx`` int32 (n,); ``scores`` float64 (n,), > 0; ``shares`` float64 (n, n_parts), what
    each part gave, rows sum to 1; ``tier`` int (n,), 0 for the station's own sources, higher for
    each step of the fallback chain.
    """

    track_idx: IntVector
    scores: FloatVector
    shares: FloatMatrix
    tier: IntVector

    def __len__(self) -> int:
        return len(self.track_idx)

    def take(self, positions: IntVector) -> "Ranking":
        """The chosen places, in the order given."""
        return Ranking(
            self.track_idx[positions],
            self.scores[positions],
            self.shares[positions],
            self.tier[positions],
        )


def reciprocal_ranks(n: int, weight: float = 1.0, k: float = RRF_K) -> FloatVector:
    """``weight / (k + rank)`` for the ranks 1..n, float64.

    >>> reciprocal_ranks(2, k=1.0).tolist()
    [0.5, 0.3333333333333333]
    """
    return weight / (k + np.arange(1, n + 1, dtype=np.float64))


def fuse(parts: Sequence[Part], k: float = RRF_K, *, compiled: bool = False) -> Ranking:
    """Add up the weighted reciprocal ranks of each candidate over the parts that hold it.

    A candidate's tier is the best tier that named it, and only parts of that tier count: a
    fallback cannot lift what the station itself chose.

    Args:
        parts: What the sources named.
        k: The constant of the ranks.
        compiled: Whether by the compiled loop, which gives the same.
    """
    if not parts:
        empty = np.empty(0, np.int32)
        return Ranking(empty, np.empty(0), np.empty((0, 0)), empty)
    named = np.concatenate([part.track_idx for part in parts])
    rows = distinct(named)
    if compiled:
        from segue.pipeline.rank_kernels import fused

        ends = np.cumsum([len(part) for part in parts], dtype=np.int64)
        weights = np.array([part.weight for part in parts], np.float64)
        tiers = np.array([part.tier for part in parts], np.int64)
        given, scores, tier = fused(named, ends, weights, tiers, rows, k)
    else:
        given, tier = _given(parts, named, rows, k)
        scores = np.ascontiguousarray(given.T).sum(axis=0)  # part after part
    order = best_first(rows, scores, tier, ascending=True)
    scores = scores[order]
    return Ranking(rows[order], scores, given[order] / scores[:, None], tier[order])


def _given(
    parts: Sequence[Part], named: IntVector, rows: IntVector, k: float
) -> tuple[FloatMatrix, IntVector]:
    """What each part gives to each row, (n_rows, n_parts), and the tier of each row."""
    where = np.searchsorted(rows, named)
    tier = np.full(len(rows), np.iinfo(np.int32).max, np.int32)
    places = np.split(where, np.cumsum([len(part.track_idx) for part in parts])[:-1])
    for part, place in zip(parts, places, strict=True):
        tier[place] = np.minimum(tier[place], part.tier)
    given = np.zeros((len(rows), len(parts)))
    for column, (part, place) in enumerate(zip(parts, places, strict=True)):
        counts = tier[place] == part.tier
        given[place, column] = reciprocal_ranks(len(place), part.weight, k) * counts
    return given, tier


def best_first(
    rows: IntVector, scores: FloatVector, tier: IntVector, *, ascending: bool = False,
    compiled: bool = False,
) -> IntVector:  # fmt: skip
    """Places by tier, then falling score, then row: ``np.lexsort((rows, -scores, tier))``.

    With one tier, which is nearly always so, one stable sort of the scores does it.

    Args:
        rows: Different rows, shape (n,).
        scores: Shape (n,).
        tier: Shape (n,).
        ascending: The rows ascend, so that a stable sort leaves ties in their order.
        compiled: Whether ties may be mended by a compiled loop where rows do not ascend.
    """
    if not (ascending or compiled) or (len(tier) and tier.min() != tier.max()):
        return np.lexsort((rows, -scores, tier))
    order = np.argsort(-scores, kind="stable")
    if not ascending:
        from segue.pipeline.rank_kernels import mend_ties

        mend_ties(order, scores, rows)
    return order


def warm_ties(n_tracks: int) -> None:
    """Load what mends ties, which a list made only to warm up need not meet."""
    best_first(np.array([1, 0], np.int32), np.zeros(2), np.zeros(2, np.int32),
               compiled=is_compiled(n_tracks))  # fmt: skip


def drawn(ranking: Ranking, temperature: float, seed: int) -> Ranking:
    """The ranking with luck in it: each score times ``exp(temperature * g)``, g standard Gumbel.

    Sorting by such scores draws without replacement, each track with a chance in proportion to
    ``score ** (1 / temperature)`` of what is left (Kool, van Hoof & Welling 2019,
    arXiv:1903.06059). Another seed gives another list of the same kind.
    """
    if not temperature or not len(ranking):
        return ranking
    luck = derived_rng(seed, "pipeline", "draw").gumbel(size=len(ranking))
    by_row = np.argsort(ranking.track_idx)
    scores = ranking.scores.copy()
    scores[by_row] *= np.exp(temperature * luck)
    order = np.lexsort((ranking.track_idx, -scores, ranking.tier))
    return Ranking(ranking.track_idx, scores, ranking.shares, ranking.tier).take(order)


def damped(ranking: Ranking, profile: Profile, *, compiled: bool = False) -> Ranking:
    """Tracks with a negative preference fall: their scores are multiplied by exp(preference).

    Item-item models have a zero diagonal, so skipping a track does not lower that track itself.

    Args:
        ranking: What is to be damped.
        profile: Whose preferences.
        compiled: Whether by compiled loops, which give the same.
    """
    known = profile.track_idx
    if not len(known) or not len(ranking):
        return ranking
    if compiled:
        from segue.pipeline.rank_kernels import preferences_of

        own, any_below = preferences_of(known, profile.preference, ranking.track_idx)
    else:
        place, there = places_in(known, ranking.track_idx)
        own = np.where(there, profile.preference[place], np.float32(0.0))
        any_below = bool((own < 0).any())
    if not any_below:
        return ranking
    scores = ranking.scores * np.exp(np.minimum(own, 0.0))
    order = best_first(ranking.track_idx, scores, ranking.tier, compiled=compiled)
    return Ranking(ranking.track_idx, scores, ranking.shares, ranking.tier).take(order)
