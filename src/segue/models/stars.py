"""What the models of explicit ratings share: the stars themselves, predictions and their error.

The error is that of k-fold cross-validation (Stone 1974): ratings are dealt into folds, each is
predicted by a model that saw the others, and neither it nor its pair as a play.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.feedback import DEFAULT_WEIGHTS, preferences
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models.leave_out import LeaveOneOutRecommender
from segue.rng import derived_rng
from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector

MIDDLE_STARS = 3.0  # the mean of no rating at all


class StarsError(NamedTuple):
    """Error of predicted stars, and of the mean for comparison; NaN when nothing was held out."""

    rmse: float
    mae: float
    rmse_of_mean: float
    n_ratings: int


class StarsModel(LeaveOneOutRecommender):
    """``stars = mean + b_listener + b_track + taste . q_track``; a model says how to learn it.

    ``tracks`` (n_tracks, 1 + n_factors) holds the bias first, as a representation does.
    """

    implied: bool
    n_folds: int
    seed: int

    @abstractmethod
    def learn(self, ratings: CsrMatrix, met: CsrMatrix) -> dict[str, FloatMatrix]:
        """The arrays of the model; ``met`` has an entry for each pair that has an event."""

    @abstractmethod
    def representation(self, rated: IntVector, stars: FloatVector, met: IntVector) -> FloatVector:
        """Bias and taste, shape (1 + n_factors,), of one who gave these stars."""

    @abstractmethod
    def check_params(self) -> None:
        """Raise :class:`InvalidInputError` when a parameter is out of range."""

    def fit(self, dataset: Dataset) -> Self:
        """Learn from the ratings, ``n_folds + 1`` times, the last time from all.

        Raises:
            InvalidInputError: A parameter is out of range.
        """
        self.check_params()
        if self.n_folds < 0 or self.n_folds == 1:
            raise InvalidInputError(f"n_folds must be 0 or at least 2, got {self.n_folds}")
        ratings = self._ratings(dataset)
        met = sparse.csr_matrix(dataset.interactions.user_items)
        error = self._cross_validated(ratings, met)
        return self.from_arrays({**self.learn(ratings, met), "error": np.array(error, np.float64)})

    @property
    def expected_error(self) -> StarsError:
        """Error of the stars of tracks that the listener has not met, by cross-validation."""
        self.require_fit()
        rmse, mae, of_mean, n = (float(value) for value in self._error)
        return StarsError(rmse, mae, of_mean, int(n))

    def fold_in(self, profile: Profile) -> FloatVector:
        """Bias and factors of a listener from their ratings, shape (n_factors + 1,), float64."""
        self.require_profile(profile)
        stars = self._stars(profile.known.rating, profile.preference)
        rated = np.flatnonzero(~np.isnan(stars))
        return self.representation(profile.track_idx[rated], stars[rated], profile.track_idx)

    def score(self, representation: FloatVector) -> FloatVector:
        """Predicted stars, not clipped, so that the order of the best is kept; float32."""
        self.require_fit()
        return self._stars_of(self._tracks, representation)

    def score_rows(self, representation: FloatVector, track_idx: IntVector) -> FloatVector:
        """The same for some tracks only: evidence asks for few, once for each rating."""
        self.require_fit()
        return self._stars_of(self._tracks[track_idx], representation)

    def predict(self, profile: Profile, track_idx: Sequence[int] | IntVector) -> FloatVector:
        """Stars in 1..5 that this listener would give, float32, shape (n_asked,)."""
        asked = np.asarray(track_idx, np.int64)
        for row in asked.tolist():
            self.require_row(row)
        return np.clip(self.score_rows(self.fold_in(profile), asked), 1.0, 5.0)

    def predict_pairs(
        self, ratings: CsrMatrix, met: CsrMatrix, listener_idx: IntVector, track_idx: IntVector
    ) -> FloatVector:
        """Stars in 1..5 of many pairs, the rows of ``ratings`` and ``met`` being the profiles."""
        self.require_columns(ratings)
        told = np.empty(len(track_idx))
        order = np.argsort(listener_idx, kind="stable")
        starts = np.flatnonzero(np.diff(listener_idx[order], prepend=-1))
        for pairs in np.split(order, starts[1:]):
            row = int(listener_idx[pairs[0]])
            span = slice(ratings.indptr[row], ratings.indptr[row + 1])
            known = met.indices[met.indptr[row] : met.indptr[row + 1]]
            own = self.representation(ratings.indices[span], ratings.data[span], known)
            told[pairs] = self.score_rows(own, track_idx[pairs])
        return np.clip(told, 1.0, 5.0)

    def counted_tracks(self, profile: Profile, asked: IntVector) -> IntVector:
        """The rated tracks."""
        stars = self._stars(profile.known.rating, profile.preference)
        return profile.track_idx[~np.isnan(stars)]

    def to_arrays(self) -> Mapping[str, NDArray[Any] | CsrMatrix]:
        """``tracks`` (n_tracks, 1 + n_factors), bias first; ``mean`` (1,), ``error`` (4,)."""
        return {"tracks": self._tracks, "mean": self._mean, "error": self._error}

    def from_arrays(self, arrays: Mapping[str, NDArray[Any] | CsrMatrix]) -> Self:
        """Restore; see :meth:`to_arrays`."""
        self._tracks: FloatMatrix = np.asarray(arrays["tracks"])
        self._mean: FloatVector = np.asarray(arrays["mean"])
        self._error: FloatVector = np.asarray(arrays["error"])
        self.n_tracks = len(self._tracks)
        return self

    def _stars_of(self, tracks: FloatMatrix, listener: FloatVector) -> FloatVector:
        stars = self._mean[0] + listener[0] + tracks[:, 0] + tracks[:, 1:] @ listener[1:]
        return stars.astype(np.float32)

    def _cross_validated(self, ratings: CsrMatrix, met: CsrMatrix) -> StarsError:
        if self.n_folds == 0 or ratings.nnz < max(self.n_folds, 2):
            return StarsError(np.nan, np.nan, np.nan, 0)
        fold = derived_rng(self.seed, "stars", "folds").permutation(ratings.nnz) % self.n_folds
        pairs = ratings.tocoo()
        told, mean = np.empty(ratings.nnz), np.empty(ratings.nnz)
        for number in range(self.n_folds):
            out = fold == number
            held_out = _with_entries(ratings, out)
            left = _with_entries(ratings, ~out)
            seen = _without(met, held_out)
            model = copy(self).from_arrays({**self.learn(left, seen), "error": np.zeros(4)})
            told[out] = model.predict_pairs(left, seen, pairs.row[out], pairs.col[out])
            mean[out] = left.data.mean()
        error = told - ratings.data
        of_mean = float(np.sqrt(np.mean((mean - ratings.data) ** 2)))
        rmse = float(np.sqrt(np.mean(error**2)))
        return StarsError(rmse, float(np.abs(error).mean()), of_mean, int(ratings.nnz))

    def _ratings(self, dataset: Dataset) -> CsrMatrix:
        """The rating that holds for each pair, CSR float64 of 1..5 (0 is not a rating)."""
        said = preferences(dataset.events, dataset.now)
        rated = ~np.isnan(said.rating)
        rows, columns = said.listener_idx[rated], said.track_idx[rated]
        stars = np.clip(said.rating[rated].astype(np.float64), 1.0, 5.0)
        shape = dataset.interactions.user_items.shape
        ratings = sparse.csr_matrix((stars, (rows, columns)), shape=shape)
        if not self.implied:
            return ratings
        matrix = dataset.interactions.user_items
        implied = sparse.csr_matrix(
            (implied_stars(matrix.data), matrix.indices, matrix.indptr), shape=shape
        )
        return (ratings + implied - implied.multiply(ratings > 0)).tocsr()

    def _stars(self, rating: FloatVector, preference: FloatVector) -> FloatVector:
        """Ratings in 1..5, NaN where there is none."""
        stars = np.clip(rating.astype(np.float64), 1.0, 5.0)
        return (
            np.where(np.isnan(stars), implied_stars(preference), stars) if self.implied else stars
        )


def implied_stars(preference: FloatVector) -> FloatVector:
    """The stars that the one table of feedback holds to be worth as much, 1..5, float64.

    >>> implied_stars(np.array([-9.0, -1.0, 0.25, 1.0])).tolist()
    [1.0, 2.0, 3.0, 4.0]
    """
    return np.interp(preference, DEFAULT_WEIGHTS.ratings, np.arange(1.0, 6.0))


def less_mean(ratings: CsrMatrix) -> tuple[CsrMatrix, float]:
    """Ratings less their mean on the same sparsity, and that mean."""
    mean = float(ratings.data.mean()) if ratings.nnz else MIDDLE_STARS
    parts = (ratings.data - mean, ratings.indices, ratings.indptr)
    return sparse.csr_matrix(parts, shape=ratings.shape), mean


def _with_entries(matrix: CsrMatrix, keep: NDArray[np.bool_]) -> CsrMatrix:
    pairs = matrix.tocoo()
    where = (pairs.row[keep], pairs.col[keep])
    return sparse.csr_matrix((matrix.data[keep], where), shape=matrix.shape)


def _without(met: CsrMatrix, held_out: CsrMatrix) -> CsrMatrix:
    pairs = met.tocoo()
    keys = pairs.row.astype(np.int64) * met.shape[1] + pairs.col
    out = held_out.tocoo()
    gone = np.isin(keys, out.row.astype(np.int64) * met.shape[1] + out.col)
    return _with_entries(met, ~gone)
