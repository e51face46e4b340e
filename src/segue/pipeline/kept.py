"""What the models said of one listener, kept from list to list while nothing about them changes.

The scores of a source and the evidence behind them depend on the listener's profile and on the
model, not on what is asked for: another station, filter or control finds them ready. One holder is
for one profile and one model set; whoever keeps it makes another one when either is replaced.
"""

from collections.abc import Sequence

import numpy as np

from segue.data.query import Profile
from segue.data.sparse_sums import SparseScores
from segue.models.base import Evidence, Recommender
from segue.types import IntVector


class KeptScores:
    """Scores and evidence for one profile; a question about another profile is passed through.

    Args:
        profile: Whose; compared by identity.
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._scored: dict[str, SparseScores] = {}
        self._evidence: dict[tuple[str, int], list[Evidence]] = {}

    def scored(
        self, name: str, model: Recommender, profile: Profile, min_score: float
    ) -> SparseScores:
        """Tracks that a model scores above ``min_score``, ascending.

        Args:
            name: Of the source; one name stands for one model and one ``min_score``.
            model: What scores.
            profile: Whose taste.
            min_score: Scores at or below it are left out.
        """
        if profile is not self._profile:
            return scores_above(model, profile, min_score)
        if name not in self._scored:
            self._scored[name] = scores_above(model, profile, min_score)
        return self._scored[name]

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


def scores_above(model: Recommender, profile: Profile, min_score: float) -> SparseScores:
    """Tracks that a model scores above a least score, ascending."""
    if model.dense_limit is not None:
        scores = model.score(model.fold_in(profile))
        rows = np.flatnonzero(scores > min_score).astype(np.int32)
        return SparseScores(rows, scores[rows])
    found = model.scored(profile)
    above = found.scores > min_score
    return SparseScores(found.track_idx[above], found.scores[above])
