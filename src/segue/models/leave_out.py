"""Evidence of models that are not linear in the profile: what a score loses without each track.

The occlusion of Zeiler & Fergus 2014 (arXiv:1311.2901) applied to a profile: exact by definition,
at the price of one scoring for each track that counts.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from segue.data.feedback import Preferences
from segue.data.query import Profile
from segue.models.base import Evidence, Recommender, largest_of_each
from segue.types import FloatMatrix, IntVector

# below this share of the score a difference of two float32 scores is rounding, not evidence
_ROUNDING = 4 * float(np.finfo(np.float32).eps)


class LeaveOneOutRecommender(Recommender):
    """A model whose evidence is the difference that taking a track out of the profile makes."""

    @abstractmethod
    def counted_tracks(self, profile: Profile, asked: IntVector) -> IntVector:
        """Tracks of the profile that can add to the score of one asked, ascending, int32."""

    def contributions(self, profile: Profile, track_idx: Sequence[int] | IntVector) -> FloatMatrix:
        """Score minus the score without each counted track, shape (n_asked, n_counted), float32."""
        self.require_profile(profile)
        asked = np.asarray(track_idx, np.int64)
        for row in asked.tolist():
            self.require_row(row)
        counted = self.counted_tracks(profile, asked)
        lost = np.zeros((len(asked), len(counted)), np.float32)
        if not lost.size:
            return lost
        full = self.score_rows(self.fold_in(profile), asked)
        for column, track in enumerate(counted.tolist()):
            rest = self.fold_in(without_track(profile, track))
            lost[:, column] = full - self.score_rows(rest, asked)
        lost[np.abs(lost) <= _ROUNDING * np.abs(full)[:, np.newaxis]] = 0
        return lost

    def explain(self, profile: Profile, track_idx: int, n: int = 3) -> list[Evidence]:
        """The tracks of the profile without which the score would fall most."""
        return self.explain_many(profile, [track_idx], n)[0]

    def explain_many(
        self, profile: Profile, track_idx: Sequence[int] | IntVector, n: int = 3
    ) -> list[list[Evidence]]:
        """:meth:`explain` of several tracks with the same few scorings."""
        lost = self.contributions(profile, track_idx)
        counted = self.counted_tracks(profile, np.asarray(track_idx, np.int64))
        return largest_of_each(counted, lost, n)


def without_track(profile: Profile, track_idx: int) -> Profile:
    """The profile as if this track had never been met.

    >>> without_track(Profile.from_weights({4: 1.0, 2: -0.5}), 4).track_idx.tolist()
    [2]
    """
    keep = profile.known.track_idx != track_idx
    known = Preferences(*(getattr(profile.known, part.name)[keep] for part in fields(Preferences)))
    return Profile(known, profile.recent[profile.recent != track_idx], profile.n_unknown)
