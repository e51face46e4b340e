"""What goes on from here, in closed form: SLIST, a linear model of order.

Choi et al. 2021, "Session-aware Linear Item-Item Models for Session-based Recommendation"
(arXiv:2103.16104). It joins SLIS, which learns what stands in the same session, with SLIT, which
learns what comes after what. Added here: the ridge of EDLAE (Steck 2020), which holds popular
tracks back as dropout would, and signs.
"""

from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.feedback import SECONDS_PER_DAY
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models.linear import EASE, Values, most_listened
from segue.models.linear_solve import (
    DOUBLE_LIMIT,
    DenseSolution,
    inverse_in_place,
)
from segue.models.sequence_moments import add_moments
from segue.models.sessions import DEFAULT_GAP_MINUTES, Sessions, sessions_of
from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector

# below this share of the score a difference of float32 scores is rounding, not evidence
_ROUNDING = 4 * float(np.finfo(np.float32).eps)


class SLIST(EASE):
    """Each track is regressed on its whole session (SLIS) and on what came before it (SLIT).

    With X the sessions as rows of ones, S and T the rows before and after each cut
    (:mod:`segue.models.sequence_moments`), and w the weight of a session by its age, column j of B
    minimises::

        alpha * sum w (X_j - X b)^2 + (1 - alpha) * sum w (T_j - S b)^2 + b' L b
        where  b_j <= self_weight

    A liked track at place p of a profile, the newest 0, counts ``profile_floor + (1 -
    profile_floor) * exp(-p / profile_decay)``; those never played follow by their newest event. A
    disliked track subtracts its row in full. Where nothing in the data has an order, alpha is 1.

    Args:
        regularization: L2 weight > 0, in units of squared weight of a session.
        dropout: In 0..1, 1 excluded; L is ``regularization + dropout / (1 - dropout) * G_jj``.
        alpha: Share of SLIS, in 0..1.
        position_decay: Places from the cut after which a track weighs 1/e, > 0.
        window: Places on either side of a cut that count, >= 1.
        profile_decay: Places of the profile after which a track weighs 1/e, > 0.
        profile_floor: What the oldest track of a profile still weighs, in 0..1; the paper has 0.
        self_weight: Largest weight of a track for itself (the paper's xi), >= 0. 0 is for finding
            what is new; with ``inf`` a track that is often played again recommends itself.
        age_decay_days: Days after which a session weighs 1/e, > 0; None weighs all alike.
        gap_minutes: A session ends when nothing was played for so long, > 0; ``inf`` makes one
            session of each listener.
        n_neighbors: As for :class:`~segue.models.linear.EASE`.
        max_items: As for EASE; memory while fitting is three arrays of ``max_items**2``.
        values: As for EASE, of profiles; sessions are binary.

    >>> likes = sparse.csr_matrix([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 1.0, 1.0]])
    >>> model = SLIST(regularization=1.0).fit(Dataset.from_csr(likes))
    >>> model.recommend(Profile.from_weights({0: 1.0}), n=1).track_idx.tolist()
    [1]
    """

    name: ClassVar[str] = "slist"

    def __init__(
        self,
        regularization: float = 100.0,
        dropout: float = 0.75,
        alpha: float = 0.2,
        position_decay: float = 8.0,
        window: int = 30,
        profile_decay: float = 5.0,
        profile_floor: float = 0.0,
        self_weight: float = 0.0,
        age_decay_days: float | None = None,
        gap_minutes: float = DEFAULT_GAP_MINUTES,
        n_neighbors: int | None = None,
        max_items: int = 10_000,
        values: Values = "binary",
    ) -> None:
        super().__init__(regularization, "dense", n_neighbors, max_items, values)
        self.dropout = dropout
        self.alpha = alpha
        self.position_decay = position_decay
        self.window = window
        self.profile_decay = profile_decay
        self.profile_floor = profile_floor
        self.self_weight = self_weight
        self.age_decay_days = age_decay_days
        self.gap_minutes = gap_minutes

    def fit(self, dataset: Dataset) -> Self:
        """Add up the cuts and solve: O(plays * window^2 + n_tracks^3).

        Raises:
            InvalidInputError: A parameter is out of range.
        """
        self._check()
        sessions = sessions_of(dataset, self.gap_minutes)
        chosen = most_listened(sessions.places, self.max_items)
        places = sparse.csr_matrix(sessions.places[:, chosen])
        gram, cross = self._moments(places, self._worth(sessions, dataset.now))
        solution = DenseSolution(self._solved(gram, cross), np.ones(len(chosen)))
        place = np.full(dataset.n_tracks, -1, np.int32)
        place[chosen] = np.arange(len(chosen))
        weights = self._weights_of(solution, chosen, dataset.n_tracks)
        return self.from_arrays({"place": place, "weights": weights})

    def _entries(self, profile: Profile) -> FloatVector:
        """The signed profile weighed by recency, in the order of its tracks, float32."""
        value = super()._entries(profile)
        liked = liked_by_recency(profile)
        at = np.searchsorted(profile.track_idx, liked)
        value[at] *= self._recency(np.arange(len(liked)))
        return value

    def score_batch(self, user_items: CsrMatrix) -> FloatMatrix:
        """As of profiles without times: in each row the larger preference is the newer one."""
        self.require_columns(user_items)
        rows = sparse.csr_matrix(user_items, dtype=np.float32, copy=True)
        row_of = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
        order = np.lexsort((rows.indices, -rows.data, row_of))
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order)) - rows.indptr[row_of]
        liked = rows.data > 0
        rows.data = self._valued(rows.data)
        rows.data[liked] *= self._recency(place[liked])
        if sparse.issparse(self._weights):
            return np.asarray((rows @ self._weights).toarray(), np.float32)
        scores = np.zeros(rows.shape, np.float32)
        scores[:, self._chosen] = rows[:, self._chosen] @ self._weights
        return scores

    def contributions(self, profile: Profile, track_idx: Sequence[int] | IntVector) -> FloatMatrix:
        """What each score loses without each track, shape (n_known, n_asked), float32.

        Exact: without a track, all that were played before it move up by one place.
        """
        self.require_profile(profile)
        asked = np.asarray(track_idx, np.int64)
        for row in asked.tolist():
            self.require_row(row)
        value = self._valued(profile.preference).astype(np.float64)
        rows = self._submatrix(profile.track_idx, asked) * value[:, np.newaxis]
        lost = rows.copy()
        order = np.searchsorted(profile.track_idx, liked_by_recency(profile))
        lost[order] = self._lost_of_liked(rows[order])
        scores = self.score(self.fold_in(profile))[asked]
        lost[np.abs(lost) <= _ROUNDING * np.abs(scores)] = 0.0
        return lost.astype(np.float32)

    def _lost_of_liked(self, rows: FloatMatrix) -> FloatMatrix:
        """Of value times row of B, newest first: the part of each, less what the others gain."""
        here = self._recency(np.arange(len(rows)))
        moved_up = self._recency(np.maximum(np.arange(len(rows)) - 1, 0))
        gain = rows * (moved_up - here)[:, np.newaxis]
        gain_of_older = np.cumsum(gain[::-1], axis=0)[::-1] - gain
        return rows * here[:, np.newaxis] - gain_of_older

    def _recency(self, place: IntVector) -> FloatVector:
        fade = np.exp(-place / self.profile_decay)
        return self.profile_floor + (1 - self.profile_floor) * fade

    def _worth(self, sessions: Sessions, now: float) -> FloatVector:
        if self.age_decay_days is None:
            return np.ones(len(sessions))
        age_days = np.maximum(now - sessions.ended_at, 0.0) / SECONDS_PER_DAY
        return np.exp(-age_days / self.age_decay_days)

    def _moments(self, places: CsrMatrix, worth: FloatVector) -> tuple[FloatMatrix, FloatMatrix]:
        """Left side (without the ridge) and right side of the normal equations."""
        n = places.shape[1]
        dtype = np.float64 if n <= DOUBLE_LIMIT else np.float32
        has_order = bool(np.any(np.asarray(places.data) > 1))
        alpha = self.alpha if has_order else 1.0
        held = sparse.csr_matrix(places, dtype=np.float64, copy=True)
        held.data[:] = 1.0
        together = sparse.coo_matrix(held.T @ sparse.diags_array(alpha * worth) @ held)
        gram, cross = np.zeros((n, n), dtype), np.zeros((n, n), dtype)
        if has_order and alpha < 1:
            add_moments(places, (1 - alpha) * worth, self.position_decay, self.window, gram, cross)
        for total in (gram, cross):
            total[together.row, together.col] += together.data
        return gram, cross

    def _solved(self, gram: FloatMatrix, cross: FloatMatrix) -> FloatMatrix:
        """B: the ridge regression of each column, then the bound on its own weight.

        Where the bound holds, ``b - P_j (b_j - self_weight) / P_jj`` with P the inverse (the
        multiplier of Lagrange of ``b_j = self_weight``); P_j is column j.
        """
        ridge = self.regularization + self.dropout / (1 - self.dropout) * np.diag(gram)
        inverse = inverse_in_place(gram, ridge.astype(gram.dtype))
        weights = inverse @ cross
        excess = np.maximum(np.diag(weights) - self.self_weight, 0.0)
        weights -= inverse * (excess / np.diag(inverse))
        return weights

    def _check(self) -> None:
        super()._check()
        if not 0 <= self.dropout < 1:
            raise InvalidInputError(f"dropout must lie in 0..1, 1 excluded, got {self.dropout}")
        for name in ("alpha", "profile_floor"):
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidInputError(f"{name} must lie in 0..1, got {getattr(self, name)}")
        for name in ("position_decay", "profile_decay", "age_decay_days", "gap_minutes"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise InvalidInputError(f"{name} must be above 0, got {value}")
        if not self.self_weight >= 0:
            raise InvalidInputError(f"self_weight must be >= 0, got {self.self_weight}")
        if self.window < 1:
            raise InvalidInputError(f"window must be at least 1, got {self.window}")


def liked_by_recency(profile: Profile) -> IntVector:
    """The liked tracks, the one played last first; those never played follow by newest event.

    >>> liked_by_recency(Profile.from_weights({4: 1.0, 2: -0.5, 3: 2.0})).tolist()
    [3, 4]
    """
    liked = profile.preference > 0
    tracks = profile.track_idx[liked]
    by_track = np.argsort(profile.recent, kind="stable")
    place = np.full(len(tracks), len(profile.recent))
    played = np.isin(tracks, profile.recent)
    place[played] = by_track[np.searchsorted(profile.recent[by_track], tracks[played])]
    newest = profile.known.last_listened_at[liked]
    return tracks[np.lexsort((tracks, -newest, place))]
