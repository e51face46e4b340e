"""What the models said of one listener, kept from list to list while nothing about them changes.

The scores of a source and the evidence behind them depend on the listener's profile and on the
model, not on what is asked for: another station, filter or control finds them ready. One holder is
for one profile and one model set; whoever keeps it makes another one when either is replaced.
"""

from collections.abc import Sequence

import numpy as np

from segue.data.items import ScoredTracks, top_n
from segue.data.query import Profile
from segue.data.sparse_sums import SparseScores
from segue.models.base import Evidence, Recommender
from segue.types import BoolVector, FloatVector, IntVector

N_SORTED = 2_000  # of a source's tracks; filters seldom leave fewer than a quota of so many


class KeptScores:
    """Scores and evidence for one profile; a question about another profile is passed through.

    Args:
        profile: Whose; compared by identity.
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._scored: dict[str, Standing] = {}
        self._folded: dict[str, FloatVector] = {}
        self._evidence: dict[tuple[str, int], list[Evidence]] = {}

    def scored(
        self, name: str, model: Recommender, profile: Profile, min_score: float
    ) -> "Standing":
        """Tracks that a model scores above ``min_score``.

        Args:
            name: Of the source; one name stands for one model and one ``min_score``.
            model: What scores.
            profile: Whose taste.
            min_score: Scores at or below it are left out.
        """
        if profile is not self._profile:
            return Standing(scores_above(model, profile, min_score))
        if name not in self._scored:
            self._scored[name] = Standing(scores_above(model, profile, min_score))
        return self._scored[name]

    def folded(self, name: str, model: Recommender, profile: Profile) -> FloatVector:
        """``model.fold_in(profile)``."""
        if profile is not self._profile:
            return model.fold_in(profile)
        if name not in self._folded:
            self._folded[name] = model.fold_in(profile)
        return self._folded[name]

    def evidence(
        self, name: str, model: Recommender, profile: Profile, track_idx: IntVector, n: int
    ) -> Sequence[list[Evidence]]:
        """``model.evidence(profile, track_idx, n)``; only tracks not asked about before are new.

        Args:
            name: Of the source; one name stands for one model and one ``n``.
            model: What scored the tracks.
            profile: Whose taste.
            track_idx: Rows, shape (n_asked,).
            n: Pieces for each track.
        """
        if profile is not self._profile:
            return model.evidence(profile, track_idx, n)
        keys = [(name, row) for row in track_idx.tolist()]
        missing = [row for key, row in zip(keys, track_idx.tolist(), strict=True)
                   if key not in self._evidence]  # fmt: skip
        if missing:
            found = model.evidence(profile, np.array(missing, np.int32), n)
            self._evidence.update(zip(((name, row) for row in missing), found, strict=True))
        return [self._evidence[key] for key in keys]


class Standing:
    """Scores of one source, and its best tracks in order, sorted when first asked for.

    Args:
        scores: Tracks above the least score, ascending.
    """

    def __init__(self, scores: SparseScores) -> None:
        self.scores = scores
        self._best: ScoredTracks | None = None

    def best(self, quota: int, allowed: BoolVector, left_out: IntVector | None) -> ScoredTracks:
        """The best ``quota`` allowed tracks, ties to the lower row.

        Args:
            quota: Wanted length >= 0.
            allowed: Mask (n_tracks,).
            left_out: Rows that are not wanted here, ascending.
        """
        if self._best is None:
            self._best = _top(self.scores, N_SORTED)
        found = _permitted(self._best, allowed, left_out)
        if len(found) < quota and len(self._best) < len(self.scores):
            found = _permitted(_top(self.scores, len(self.scores)), allowed, left_out)
        return ScoredTracks(found.track_idx[:quota], found.scores[:quota])

    def of(self, rows: IntVector, allowed: BoolVector) -> SparseScores:
        """Those of the rows (ascending) that are allowed and have a score."""
        mine = self.scores
        if not len(mine):
            return mine
        rows = rows[allowed[rows]]
        at = np.minimum(np.searchsorted(mine.track_idx, rows), len(mine) - 1)
        there = mine.track_idx[at] == rows
        return SparseScores(mine.track_idx[at[there]], mine.scores[at[there]])


def _top(scores: SparseScores, n: int) -> ScoredTracks:
    best = top_n(scores.scores, n)  # rows ascend, so ties go to the lower row here too
    return ScoredTracks(scores.track_idx[best.track_idx], best.scores)


def _permitted(best: ScoredTracks, allowed: BoolVector, left_out: IntVector | None) -> ScoredTracks:
    keep = allowed[best.track_idx]
    if left_out is not None and len(left_out):
        at = np.minimum(np.searchsorted(left_out, best.track_idx), len(left_out) - 1)
        keep &= left_out[at] != best.track_idx
    return ScoredTracks(best.track_idx[keep], best.scores[keep])


def scores_above(model: Recommender, profile: Profile, min_score: float) -> SparseScores:
    """Tracks that a model scores above a least score, ascending."""
    if model.dense_limit is not None:
        scores = model.score(model.fold_in(profile))
        rows = np.flatnonzero(scores > min_score).astype(np.int32)
        return SparseScores(rows, scores[rows])
    found = model.scored(profile)
    above = found.scores > min_score
    return SparseScores(found.track_idx[above], found.scores[above])
