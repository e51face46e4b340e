"""Reciprocal rank fusion of several ranked lists (Cormack, Clarke & Buettcher, SIGIR 2009)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

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


def fuse(parts: Sequence[Part], k: float = RRF_K) -> Ranking:
    """Add up the weighted reciprocal ranks of each candidate over the parts that hold it.

    A candidate's tier is the best tier that named it, and only parts of that tier count: a
    fallback cannot lift what the station itself chose.
    """
    if not parts:
        empty = np.empty(0, np.int32)
        return Ranking(empty, np.empty(0), np.empty((0, 0)), empty)
    named = np.concatenate([part.track_idx for part in parts])
    rows = distinct(named)
    where = np.searchsorted(rows, named)
    tier = np.full(len(rows), np.iinfo(np.int32).max, np.int32)
    places = np.split(where, np.cumsum([len(part.track_idx) for part in parts])[:-1])
    for part, place in zip(parts, places, strict=True):
        tier[place] = np.minimum(tier[place], part.tier)
    given = np.zeros((len(rows), len(parts)))
    for column, (part, place) in enumerate(zip(parts, places, strict=True)):
        counts = tier[place] == part.tier
        given[place, column] = reciprocal_ranks(len(place), part.weight, k) * counts
    scores = given.sum(axis=1)
    order = np.lexsort((rows, -scores, tier))
    shares = given / scores[:, None]
    return Ranking(rows[order].astype(np.int32), scores[order], shares[order], tier[order])


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


def damped(ranking: Ranking, profile: Profile) -> Ranking:
    """Tracks with a negative preference fall: their scores are multiplied by exp(preference).

    Item-item models have a zero diagonal, so skipping a track does not lower that track itself.
    """
    known = profile.track_idx
    if not len(known) or not len(ranking):
        return ranking
    place, there = places_in(known, ranking.track_idx)
    own = np.where(there, profile.preference[place], 0.0)
    if not (own < 0).any():
        return ranking
    scores = ranking.scores * np.exp(np.minimum(own, 0.0))
    order = np.lexsort((ranking.track_idx, -scores, ranking.tier))
    return Ranking(ranking.track_idx, scores, ranking.shares, ranking.tier).take(order)
