"""What is on a listener's mind: ACT-R base level and spreading activation, for listening again.

Anderson & Schooler 1991 for the base level; for music Reiter-Haas et al. 2021
(doi:10.1145/3460231.3478846) and PISA, Tran et al. 2024 (arXiv:2408.16578). A profile keeps how
often and when last, not every time, so the base level is the approximation of Petrov 2006
("Computationally efficient approximation of the base-level learning equation in ACT-R", ICCM).
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from segue.data.csr import columns_of_rows, row_entries
from segue.data.dataset import Dataset
from segue.data.feedback import SECONDS_PER_DAY
from segue.data.query import Profile
from segue.data.sorted_rows import distinct, places_in
from segue.data.sparse_sums import SparseScores, sum_by_column
from segue.errors import InvalidInputError
from segue.models.base import Evidence, largest_of_each
from segue.models.leave_out import LeaveOneOutRecommender
from segue.models.session_knn import present_session
from segue.models.sessions import DEFAULT_GAP_MINUTES, sessions_of
from segue.types import CsrMatrix, FloatVector, IntVector

MIN_AGE_DAYS = 1 / 24  # or the track that plays now would outweigh every other one


class Memory(LeaveOneOutRecommender):
    """Score = probability of recall + ``spread_weight`` * activation from the last tracks.

    Base level: ``B = ln(sum over plays of age_days ** -decay)``. Probability of recall:
    ``1 / (1 + exp(-(B - tau)))``, where tau is the base level of one play ``half_days`` ago.
    Spreading: ``sum over context c of W * P(i | c)``, the context being the last ``n_context``
    tracks, W = 1 / n_context each, and P(i | c) the share of the sessions with c that hold i.

    A skip brings a track to mind as well, but not as something to hear again: recall counts by the
    share ``(1 + plays) / (1 + plays + skips)``.

    A track without a play has the base level -inf and thus the recall probability 0: that is the
    floor of this model, above which only spreading can lift it. A disliked track has minus its
    recall probability and spreads with W = -1 / n_context; more than ``n_context`` of them share a
    total of -1, since source activation is limited in ACT-R.

    Args:
        decay: Power of forgetting d, in 0..1, 1 excluded; .5 in all of ACT-R.
        half_days: Age at which one play is recalled with probability 1/2, > 0.
        span_days: Plays before the last are taken as spread evenly over this time before it, > 0.
        spread_weight: >= 0.
        n_context: >= 1.
        n_neighbors: Keep only the largest so many P(i | c) of each c; None keeps all.
        gap_minutes: A session ends when nothing was played for so long, > 0.

    >>> model = Memory().fit(Dataset.from_csr(sparse.csr_matrix([[1.0, 1.0, 0.0]])))
    >>> model.score(model.fold_in(Profile.from_weights({0: 1.0}))).argsort()[::-1].tolist()
    [0, 1, 2]
    """

    name: ClassVar[str] = "memory"

    def __init__(
        self,
        decay: float = 0.5,
        half_days: float = 14.0,
        span_days: float = 180.0,
        spread_weight: float = 0.1,
        n_context: int = 5,
        n_neighbors: int | None = 200,
        gap_minutes: float = DEFAULT_GAP_MINUTES,
    ) -> None:
        self.decay = decay
        self.half_days = half_days
        self.span_days = span_days
        self.spread_weight = spread_weight
        self.n_context = n_context
        self.n_neighbors = n_neighbors
        self.gap_minutes = gap_minutes

    def fit(self, dataset: Dataset) -> Self:
        """Count the tracks that share sessions, and note the time.

        Raises:
            InvalidInputError: A parameter is out of range.
        """
        self._check()
        places = sessions_of(dataset, self.gap_minutes).places
        shares = shares_of_sessions(places)
        if self.n_neighbors is not None:
            shares = largest_in_rows(shares, self.n_neighbors)
        return self.from_arrays({"shares": shares, "now": np.array([dataset.now], np.float64)})

    def fold_in(self, profile: Profile) -> FloatVector:
        """Signed recall probabilities, then source activations, shape (2 * n_tracks,), float32."""
        self.require_profile(profile)
        result = np.zeros((2, self.n_tracks), np.float32)
        result[0, profile.track_idx] = self._recall(profile)
        context, activation = self._activation(profile)
        result[1, context] = activation
        return result.reshape(-1)

    def scored(self, profile: Profile) -> SparseScores:
        """What the listener knows, and what the context spreads to."""
        self.require_profile(profile)
        context, activation = self._activation(profile)
        entries = row_entries(self._shares, context)
        spread = np.asarray(self._shares.data)[entries.at] * activation[entries.owner]
        columns = np.concatenate((profile.track_idx, entries.columns))
        values = np.concatenate((self._recall(profile), self.spread_weight * spread))
        return sum_by_column(columns, values, self.n_tracks)

    def score(self, representation: FloatVector) -> FloatVector:
        """Recall plus weighted spreading, float32."""
        self.require_fit()
        recall, source = representation.reshape(2, -1)
        context = np.flatnonzero(source)
        entries = row_entries(self._shares, context)
        spread = np.asarray(self._shares.data)[entries.at] * source[context][entries.owner]
        spreading = np.bincount(entries.columns, spread, self.n_tracks)
        return (recall + self.spread_weight * spreading).astype(np.float32)

    def counted_tracks(self, profile: Profile, asked: IntVector) -> IntVector:
        """The context, the disliked tracks, and of the asked ones those met before."""
        own = np.asarray(asked)[places_in(profile.track_idx, asked)[1]]
        context = present_session(profile, self.n_context)
        disliked = profile.track_idx[profile.preference < 0]
        return distinct(np.concatenate([own, context, disliked])).astype(np.int32)

    def evidence(
        self, profile: Profile, track_idx: Sequence[int] | IntVector, n: int = 3
    ) -> list[list[Evidence]]:
        """Recall of the track itself, and what spreads to it from the last tracks.

        Without a track of the context the one played before them is in it, so that is what a track
        of the context is compared with.
        """
        self.require_profile(profile)
        asked = np.asarray(track_idx, np.int32)
        counted = self.counted_tracks(profile, asked)
        source = _values_at(counted, *self._activation(profile))
        recall = _values_at(asked, profile.track_idx, self._recall(profile))
        added = columns_of_rows(self._shares, counted, asked) * source
        earlier = present_session(profile, self.n_context + 1)[self.n_context :]
        if len(earlier):
            instead = columns_of_rows(self._shares, earlier, asked)
            added -= instead * np.maximum(source, 0.0)
        added *= self.spread_weight
        added += recall[:, np.newaxis] * (asked[:, np.newaxis] == counted)
        return largest_of_each(counted, added, n)

    def to_arrays(self) -> Mapping[str, NDArray[Any] | CsrMatrix]:
        """``shares`` CSR (n_tracks, n_tracks) of P(column | row), and ``now`` (1,), Unix s."""
        return {"shares": self._shares, "now": self._now}

    def from_arrays(self, arrays: Mapping[str, NDArray[Any] | CsrMatrix]) -> Self:
        """Restore; see :meth:`to_arrays`."""
        self._shares: CsrMatrix = arrays["shares"]
        self._now: FloatVector = arrays["now"]
        self.n_tracks = int(self._shares.shape[0])
        return self

    def _recall(self, profile: Profile) -> FloatVector:
        """Signed recall probability of each track of the profile."""
        known = profile.known
        trace = self._trace(known.n_plays, known.last_listened_at)
        recall = recall_probability(trace, self.half_days**-self.decay)
        kept = (1 + known.n_plays) / (1 + known.n_plays + known.n_skips)
        return np.asarray(np.sign(profile.preference) * kept * recall, np.float32)

    def _activation(self, profile: Profile) -> tuple[IntVector, FloatVector]:
        """The tracks that spread, each once, and how much each does."""
        context = present_session(profile, self.n_context)
        disliked = profile.track_idx[profile.preference < 0]
        of_disliked = np.full(len(disliked), -1 / max(self.n_context, len(disliked)), np.float32)
        of_context = np.full(len(context), 1 / self.n_context, np.float32)
        return np.concatenate((context, disliked)), np.concatenate((of_context, of_disliked))

    def _trace(self, n_plays: IntVector, last_listened_at: FloatVector) -> FloatVector:
        """``exp(B)`` of tracks; a time of 0 means unknown and is taken as now.

        A profile may be younger than the fit: then now is its newest event.
        """
        now = max(float(self._now[0]), float(last_listened_at.max(initial=0.0)))
        age_s = np.where(last_listened_at > 0, now - last_listened_at, 0.0)
        age_days = np.maximum(age_s / SECONDS_PER_DAY, MIN_AGE_DAYS)
        return memory_trace(n_plays, age_days, self.span_days, self.decay)

    def _check(self) -> None:
        if not 0 <= self.decay < 1:
            raise InvalidInputError(f"decay must lie in 0..1, 1 excluded, got {self.decay}")
        for name in ("half_days", "span_days", "gap_minutes"):
            if not 0 < getattr(self, name) < np.inf:
                raise InvalidInputError(f"{name} must be above 0, got {getattr(self, name)}")
        if not 0 <= self.spread_weight < np.inf:
            raise InvalidInputError(f"spread_weight must be >= 0, got {self.spread_weight}")
        for name, value in (("n_context", self.n_context), ("n_neighbors", self.n_neighbors)):
            if value is not None and value < 1:
                raise InvalidInputError(f"{name} must be at least 1, got {value}")


def _values_at(wanted: IntVector, rows: IntVector, values: FloatVector) -> FloatVector:
    """The value of each wanted row, float32; 0 where it is none of ``rows``, each there once."""
    if not len(rows):
        return np.zeros(len(wanted), np.float32)
    order = np.argsort(rows)
    place = order[np.minimum(np.searchsorted(rows, wanted, sorter=order), len(rows) - 1)]
    return np.where(rows[place] == wanted, values[place], 0.0).astype(np.float32)


def memory_trace(
    n_plays: IntVector, age_days: FloatVector, span_days: float, decay: float
) -> FloatVector:
    """Sum over plays of ``age ** -decay``, the plays before the last spread evenly over a span.

    The mean of ``t ** -d`` over t in a..a+s is ``((a+s) ** (1-d) - a ** (1-d)) / ((1-d) s)``.
    A track without a play but with a statement counts as met once.

    Args:
        n_plays: >= 0, shape (n,).
        age_days: Age of the last event, > 0, shape (n,).
        span_days: > 0.
        decay: In 0..1, 1 excluded.

    >>> memory_trace(np.array([1, 3]), np.array([4.0, 4.0]), 12.0, 0.5).round(3).tolist()
    [0.5, 1.167]
    """
    power = 1 - decay
    mean = ((age_days + span_days) ** power - age_days**power) / (power * span_days)
    return age_days**-decay + np.maximum(n_plays - 1, 0) * mean


def recall_probability(trace: FloatVector, threshold: float) -> FloatVector:
    """``1 / (1 + exp(-(B - tau)))`` of ``trace = exp(B)`` and ``threshold = exp(tau) > 0``, 0..1.

    >>> recall_probability(np.array([0.5, 1.5]), 0.5).tolist()
    [0.5, 0.75]
    """
    return trace / (trace + threshold)


def shares_of_sessions(places: CsrMatrix) -> CsrMatrix:
    """P(column | row): the share of the sessions with one track that hold the other, CSR float32.

    The diagonal is empty.

    >>> shares_of_sessions(sparse.csr_matrix([[1.0, 1.0], [0.0, 1.0]])).toarray().tolist()
    [[0.0, 1.0], [0.5, 0.0]]
    """
    held = sparse.csr_matrix(places, dtype=np.float32, copy=True)
    held.data[:] = 1
    n_of = np.bincount(held.indices, minlength=held.shape[1])
    together = (held.T @ held).tocsr()
    together.setdiag(0)
    together.eliminate_zeros()
    together.sort_indices()
    together.data /= np.repeat(n_of, np.diff(together.indptr)).astype(np.float32)
    return together


def largest_in_rows(matrix: CsrMatrix, n: int) -> CsrMatrix:
    """Only the ``n`` largest entries of each row; ties go to the lower column.

    >>> largest_in_rows(sparse.csr_matrix([[0.2, 0.5, 0.2]]), 2).indices.tolist()
    [0, 1]
    """
    row_of = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((matrix.indices, -matrix.data, row_of))
    rank = np.arange(len(order)) - np.asarray(matrix.indptr)[row_of]  # rows stay where they are
    kept = np.sort(order[rank < n])
    columns = matrix.indices[kept]
    return sparse.csr_matrix((matrix.data[kept], (row_of[kept], columns)), shape=matrix.shape)
