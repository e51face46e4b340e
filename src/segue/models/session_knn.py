"""Session neighbours with decays: VSTAN of Ludewig et al. 2021, after STAN and VSKNN.

VSKNN: Ludewig & Jannach 2018 (arXiv:1803.09587). STAN: Garg et al. 2019
(doi:10.1145/3331184.3331322). Both in one, and their tuned values for 30Music: Ludewig et al.,
"Empirical analysis of session-based recommendation algorithms" (arXiv:1910.12781). No training:
past sessions that share tracks with what is playing vote for the other tracks they hold.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from segue.data.csr import row_entries
from segue.data.dataset import Dataset
from segue.data.feedback import SECONDS_PER_DAY
from segue.data.query import Profile
from segue.data.sorted_rows import places_in
from segue.data.sparse_sums import SparseScores, sum_by_column
from segue.errors import InvalidInputError
from segue.models.base import Evidence, largest_of_each
from segue.models.last_profile import LastProfile
from segue.models.leave_out import LeaveOneOutRecommender
from segue.models.sessions import DEFAULT_GAP_MINUTES, sessions_of
from segue.types import BoolMatrix, CsrMatrix, FloatMatrix, FloatVector, IntVector

Near = tuple[IntVector, FloatVector, FloatVector]  # sessions, similarity, place of the match


class SessionKNN(LeaveOneOutRecommender):
    """Tracks from past sessions like the present one.

    The present session is the last ``length`` tracks the listener played and does not dislike (of
    one who played nothing, the newest liked ones); the track at place p, newest 0, weighs
    ``exp(-p / position_decay)``. Disliked tracks form a session of weight 1 each, whose votes are
    subtracted; of several in one past session, distances count from the last one there. The
    constant 1 / sqrt(length) of the papers is left out: it changes no order, and so one more like
    never lowers the votes of the others.

    Args:
        k: Neighbour sessions, >= 1.
        n_sample: Of the sessions that share a track, only this many, the newest, are compared.
        length: Tracks of the present session, >= 1.
        position_decay: Tracks after which a track of the present session weighs 1/e, > 0.
        age_decay_days: Days after which a past session weighs 1/e, > 0.
        place_decay: Places from the shared track after which a vote weighs 1/e, > 0.
        idf_weight: A vote for a track in ``df`` of ``n`` sessions is multiplied by
            ``1 + idf_weight * ln(n / df)``, >= 0.
        gap_minutes: A session ends when nothing was played for so long, > 0.

    >>> from scipy import sparse
    >>> likes = sparse.csr_matrix([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]])
    >>> model = SessionKNN().fit(Dataset.from_csr(likes))
    >>> model.recommend(Profile.from_weights({2: 1.0}), n=1).track_idx.tolist()
    [3]
    """

    name: ClassVar[str] = "session_knn"

    def __init__(
        self,
        k: int = 1000,
        n_sample: int = 5000,
        length: int = 20,
        position_decay: float = 33.6,
        age_decay_days: float = 100.0,
        place_decay: float = 8.4,
        idf_weight: float = 1.0,
        gap_minutes: float = DEFAULT_GAP_MINUTES,
    ) -> None:
        self.k = k
        self.n_sample = n_sample
        self.length = length
        self.position_decay = position_decay
        self.age_decay_days = age_decay_days
        self.place_decay = place_decay
        self.idf_weight = idf_weight
        self.gap_minutes = gap_minutes

    def fit(self, dataset: Dataset) -> Self:
        """Cut the sessions and index them.

        Raises:
            InvalidInputError: A parameter is out of range.
        """
        self._check()
        found = sessions_of(dataset, self.gap_minutes)
        age_days = np.maximum(dataset.now - found.ended_at, 0.0) / SECONDS_PER_DAY
        n_tracks_of = np.diff(found.places.indptr)
        worth = np.exp(-age_days / self.age_decay_days) / np.sqrt(np.maximum(n_tracks_of, 1))
        df = np.bincount(found.places.indices, minlength=dataset.n_tracks)
        idf = np.log(len(found) / np.maximum(df, 1), where=df > 0, out=np.zeros(len(df)))
        return self.from_arrays(
            {
                "places": found.places,
                "by_track": found.places.T.tocsr(),
                "worth": worth.astype(np.float32),
                "boost": (1 + self.idf_weight * idf).astype(np.float32),
            }
        )

    def fold_in(self, profile: Profile) -> FloatVector:
        """Weights of the present session, -1 for disliked tracks, shape (n_tracks,), float32."""
        self.require_profile(profile)
        row = np.zeros(self.n_tracks, np.float32)
        rows, weights = self._weighted(profile)
        row[rows] = weights
        return row

    def score(self, representation: FloatVector) -> FloatVector:
        """Votes of the neighbours of the session less those of the disliked tracks, float32."""
        self.require_fit()
        rows = np.flatnonzero(representation)
        weights = representation[rows]
        liked = self._neighbors(rows[weights > 0], weights[weights > 0])
        columns, votes = self._votes_of(rows, weights, liked)
        return np.bincount(columns, votes, self.n_tracks).astype(np.float32)

    def scored(self, profile: Profile) -> SparseScores:
        """The tracks of the neighbour sessions."""
        self.require_profile(profile)
        rows, weights = self._weighted(profile)
        columns, votes = self._votes_of(rows, weights, self._last_near.of(profile, self._near))
        return sum_by_column(columns, votes, self.n_tracks)

    def counted_tracks(self, profile: Profile, asked: IntVector) -> IntVector:
        """The present session and the disliked tracks, ascending."""
        disliked = profile.track_idx[profile.preference < 0]
        return np.union1d(present_session(profile, self.length), disliked).astype(np.int32)

    def evidence(
        self, profile: Profile, track_idx: Sequence[int] | IntVector, n: int = 3
    ) -> list[list[Evidence]]:
        """What each track of the present session adds through its neighbour sessions."""
        self.require_profile(profile)
        asked = np.asarray(track_idx, np.int32)
        session, weights = self._liked(profile)
        near, _, match_place = self._last_near.of(profile, self._near)
        held = self._held(session, near)
        votes = self._decayed(near, match_place, asked) * self._boost[asked]
        added = (held * (weights[:, np.newaxis] * self._worth[near])) @ votes
        return largest_of_each(session, added.T, n)

    def to_arrays(self) -> Mapping[str, NDArray[Any] | CsrMatrix]:
        """The sessions both ways, and factors.

        ``places`` CSR (n_sessions, n_tracks) and ``by_track``, its transpose; ``worth``
        (n_sessions,), the age decay over the root of the length; ``boost`` (n_tracks,).
        """
        return {
            "places": self._places,
            "by_track": self._by_track,
            "worth": self._worth,
            "boost": self._boost,
        }

    def from_arrays(self, arrays: Mapping[str, NDArray[Any] | CsrMatrix]) -> Self:
        """Restore; see :meth:`to_arrays`."""
        self._places: CsrMatrix = arrays["places"]
        self._by_track: CsrMatrix = arrays["by_track"]
        self._worth: FloatVector = arrays["worth"]
        self._boost: FloatVector = arrays["boost"]
        self._last_near: LastProfile[Near] = LastProfile()
        self.n_tracks = len(self._boost)
        return self

    def _weighted(self, profile: Profile) -> tuple[IntVector, FloatVector]:
        """The tracks that look for neighbours, ascending, and their signed weights, float32."""
        session = present_session(profile, self.length)
        disliked = profile.track_idx[profile.preference < 0]
        place = np.arange(len(session))
        # falls in float32 too where the decay is endless: the newest match is the heaviest
        worth = np.minimum(np.exp(-place / self.position_decay), 1 - place * 2.0**-23)
        rows = np.concatenate((session, disliked))
        weights = np.concatenate((worth, np.full(len(disliked), -1.0))).astype(np.float32)
        order = np.argsort(rows)
        return rows[order], weights[order]

    def _liked(self, profile: Profile) -> tuple[IntVector, FloatVector]:
        """Of these the tracks of the present session."""
        rows, weights = self._weighted(profile)
        return rows[weights > 0], weights[weights > 0]

    def _near(self, profile: Profile) -> Near:
        """The neighbours of the present session."""
        return self._neighbors(*self._liked(profile))

    def _votes_of(
        self, rows: IntVector, weights: FloatVector, near_liked: Near
    ) -> tuple[IntVector, FloatVector]:
        """Votes for liked tracks, and against disliked ones: columns and values, float64."""
        liked = self._votes(*near_liked)
        disliked = self._votes(*self._neighbors(rows[weights < 0], -weights[weights < 0]))
        columns = np.concatenate((liked[0], disliked[0]))
        return columns, np.concatenate((liked[1], -disliked[1]))

    def _votes(
        self, near: IntVector, similarity: FloatVector, match_place: FloatVector
    ) -> tuple[IntVector, FloatVector]:
        """Votes of sessions for their tracks: columns and values, float64."""
        entries = row_entries(self._places, near)
        owner = entries.owner
        distance = np.abs(np.asarray(self._places.data)[entries.at] - match_place[owner])
        votes = similarity[owner] * np.exp(-distance / self.place_decay)
        return entries.columns, votes * self._boost[entries.columns]

    def _neighbors(self, tracks: IntVector, weights: FloatVector) -> Near:
        """The nearest sessions, their similarities, and the place there of the heaviest match."""
        entries = row_entries(self._by_track, tracks)
        sessions, where = np.unique(entries.columns, return_inverse=True)
        weight = weights[entries.owner].astype(np.float64)
        similarity = np.bincount(where, weight, len(sessions)) * self._worth[sessions]
        place = np.asarray(self._by_track.data)[entries.at]
        # of each session the heaviest match comes last, and so is the one that is kept
        order = np.lexsort((place, weight, where))
        match_place = np.zeros(len(sessions))
        match_place[where[order]] = place[order]
        newest = np.arange(len(sessions))[-self.n_sample :]  # sessions ascend in time
        best = newest[np.lexsort((-newest, -similarity[newest]))[: self.k]]
        return sessions[best], similarity[best], match_place[best]

    def _held(self, tracks: IntVector, sessions: IntVector) -> BoolMatrix:
        """Which of the tracks stand in which of the sessions, (n_tracks, n_sessions)."""
        entries = row_entries(self._by_track, tracks)
        place = _places(self._places.shape[0], sessions)[entries.columns]
        held = np.zeros((len(tracks), len(sessions)), bool)
        held[entries.owner[place >= 0], place[place >= 0]] = True
        return held

    def _decayed(
        self, sessions: IntVector, match_place: FloatVector, asked: IntVector
    ) -> FloatMatrix:
        """What a vote of each session for each asked track is worth, (n_sessions, n_asked)."""
        entries = row_entries(self._places, sessions)
        column = _places(self.n_tracks, asked)[entries.columns]
        kept = np.flatnonzero(column >= 0)
        owner = entries.owner[kept]
        distance = np.abs(np.asarray(self._places.data)[entries.at[kept]] - match_place[owner])
        votes = np.zeros((len(sessions), len(asked)))
        votes[owner, column[kept]] = np.exp(-distance / self.place_decay)
        return votes

    def _check(self) -> None:
        for name in ("k", "n_sample", "length"):
            if getattr(self, name) < 1:
                raise InvalidInputError(f"{name} must be at least 1, got {getattr(self, name)}")
        for name in ("position_decay", "age_decay_days", "place_decay", "gap_minutes"):
            if not getattr(self, name) > 0:
                raise InvalidInputError(f"{name} must be above 0, got {getattr(self, name)}")
        if not 0 <= self.idf_weight < np.inf:
            raise InvalidInputError(f"idf_weight must be finite and >= 0, got {self.idf_weight}")


def _places(n: int, rows: IntVector) -> IntVector:
    """Place of each of 0..n-1 among ``rows``, -1 where it is not there."""
    places = np.full(n, -1, np.int32)
    places[rows] = np.arange(len(rows), dtype=np.int32)
    return places


def present_session(profile: Profile, length: int) -> IntVector:
    """The tracks played last and not disliked, newest first, at most ``length``.

    Of a listener who played nothing, the liked tracks by their newest event.

    >>> present_session(Profile.from_weights({4: 1.0, 2: -0.5, 3: 2.0}), 5).tolist()
    [3, 4]
    """
    disliked = profile.track_idx[profile.preference < 0]
    played = profile.recent[~places_in(disliked, profile.recent)[1]]
    if len(profile.recent):
        return played[:length]
    liked = profile.preference > 0
    order = np.lexsort((profile.track_idx[liked], -profile.known.last_listened_at[liked]))
    return profile.track_idx[liked][order][:length]
