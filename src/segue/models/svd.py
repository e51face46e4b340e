"""Stars: matrix factorisation with biases of explicit ratings, solved by alternating ridge.

Koren, Bell & Volinsky 2009 (doi:10.1109/MC.2009.263): a rating is the mean, plus what the listener
and the track add on average, plus the dot product of their factors. Alternating least squares with
the bias solved together with its factors, after Zhou et al. 2008 (doi:10.1007/978-3-540-68880-8_32)
but with a penalty that does not grow with the number of ratings, as in Salakhutdinov & Mnih 2007.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

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


class SVD(LeaveOneOutRecommender):
    """``stars = mean + b_listener + b_track + p_listener . q_track``.

    Minimises the squared error of the known ratings plus ``bias_regularization`` times the squared
    biases plus ``regularization`` times the squared factors. A profile is folded in by the ridge
    regression that training solves for a listener, so a new rating counts at once and exactly.

    Args:
        n_factors: Length of p and q, >= 0; 0 leaves the biases alone.
        regularization: > 0, in squared stars.
        bias_regularization: > 0.
        n_epochs: Passes over listeners and tracks, >= 1.
        implied: Take preferences without a rating as the stars that would be worth as much.
        seed: Of the first factors.

    >>> stars = Profile.from_weights({0: 1.0})
    >>> model = SVD().fit(Dataset.from_csr(sparse.csr_matrix([[2.0, -2.0]])))
    >>> model.predict(stars, [0, 1]).tolist()  # nobody rated anything
    [3.0, 3.0]
    """

    name: ClassVar[str] = "svd"

    def __init__(
        self,
        n_factors: int = 16,
        regularization: float = 5.0,
        bias_regularization: float = 3.0,
        n_epochs: int = 15,
        implied: bool = False,
        seed: int = 0,
    ) -> None:
        self.n_factors = n_factors
        self.regularization = regularization
        self.bias_regularization = bias_regularization
        self.n_epochs = n_epochs
        self.implied = implied
        self.seed = seed

    def fit(self, dataset: Dataset) -> Self:
        """Alternate; O(n_epochs * (ratings * d^2 + (listeners + tracks) * d^3)).

        Raises:
            InvalidInputError: A parameter is out of range.
        """
        self._check()
        ratings = self._ratings(dataset)
        mean = float(ratings.data.mean()) if ratings.nnz else MIDDLE_STARS
        rest = sparse.csr_matrix(
            (ratings.data - mean, ratings.indices, ratings.indptr), shape=ratings.shape
        )
        by_track = rest.T.tocsr()
        rng = derived_rng(self.seed, "svd", "tracks")
        tracks = np.zeros((dataset.n_tracks, self.n_factors + 1))
        tracks[:, 1:] = rng.normal(0, 0.1, (dataset.n_tracks, self.n_factors))
        for _ in range(self.n_epochs):
            listeners = self._solve_rows(rest, tracks)
            tracks = self._solve_rows(by_track, listeners)
        return self.from_arrays({"tracks": tracks, "mean": np.array([mean])})

    def fold_in(self, profile: Profile) -> FloatVector:
        """Bias and factors of a listener from their ratings, shape (n_factors + 1,), float64."""
        self.require_profile(profile)
        stars = self._stars(profile.known.rating, profile.preference)
        rated = np.flatnonzero(~np.isnan(stars))
        rest = stars[rated] - self._mean[0]
        return self._solve(self._tracks[profile.track_idx[rated]], rest)

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

    def counted_tracks(self, profile: Profile, asked: IntVector) -> IntVector:
        """The rated tracks."""
        stars = self._stars(profile.known.rating, profile.preference)
        return profile.track_idx[~np.isnan(stars)]

    def to_arrays(self) -> Mapping[str, NDArray[Any] | CsrMatrix]:
        """``tracks`` (n_tracks, 1 + n_factors), the bias first, and ``mean`` (1,), in stars."""
        return {"tracks": self._tracks, "mean": self._mean}

    def from_arrays(self, arrays: Mapping[str, NDArray[Any] | CsrMatrix]) -> Self:
        """Restore; see :meth:`to_arrays`."""
        self._tracks: FloatMatrix = np.asarray(arrays["tracks"])
        self._mean: FloatVector = np.asarray(arrays["mean"])
        self.n_tracks = len(self._tracks)
        return self

    def _stars_of(self, tracks: FloatMatrix, listener: FloatVector) -> FloatVector:
        stars = self._mean[0] + listener[0] + tracks[:, 0] + tracks[:, 1:] @ listener[1:]
        return stars.astype(np.float32)

    def _solve_rows(self, rest: CsrMatrix, others: FloatMatrix) -> FloatMatrix:
        """Bias and factors of each row of ratings less the mean, the other side being fixed."""
        solved = np.zeros((rest.shape[0], self.n_factors + 1))
        for row in np.flatnonzero(np.diff(rest.indptr)).tolist():
            span = slice(rest.indptr[row], rest.indptr[row + 1])
            solved[row] = self._solve(others[rest.indices[span]], rest.data[span])
        return solved

    def _solve(self, others: FloatMatrix, rest: FloatVector) -> FloatVector:
        """Ridge regression of ``rest - bias of the other`` on (1, factors of the other)."""
        design = np.array(others, np.float64)
        target = rest - design[:, 0]
        design[:, 0] = 1.0
        penalty = np.full(self.n_factors + 1, float(self.regularization))
        penalty[0] = self.bias_regularization
        return np.linalg.solve(design.T @ design + np.diag(penalty), design.T @ target)

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

    def _check(self) -> None:
        for name in ("regularization", "bias_regularization"):
            if not 0 < getattr(self, name) < np.inf:
                raise InvalidInputError(f"{name} must be above 0, got {getattr(self, name)}")
        for name, least in (("n_factors", 0), ("n_epochs", 1)):
            if getattr(self, name) < least:
                raise InvalidInputError(
                    f"{name} must be at least {least}, got {getattr(self, name)}"
                )


def implied_stars(preference: FloatVector) -> FloatVector:
    """The stars that the one table of feedback holds to be worth as much, 1..5, float64.

    >>> implied_stars(np.array([-9.0, -1.0, 0.25, 1.0])).tolist()
    [1.0, 2.0, 3.0, 4.0]
    """
    return np.interp(preference, DEFAULT_WEIGHTS.ratings, np.arange(1.0, 6.0))
