"""Stars: matrix factorisation with biases of explicit ratings, solved by alternating ridge.

Koren, Bell & Volinsky 2009 (doi:10.1109/MC.2009.263): a rating is the mean, plus what the listener
and the track add on average, plus the dot product of their factors. Alternating least squares with
the bias solved together with its factors, after Zhou et al. 2008 (doi:10.1007/978-3-540-68880-8_32)
but with a penalty that does not grow with the number of ratings, as in Salakhutdinov & Mnih 2007.
"""

from typing import ClassVar

import numpy as np

from segue.errors import InvalidInputError
from segue.models.stars import StarsModel, less_mean
from segue.rng import derived_rng
from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector


class SVD(StarsModel):
    """``stars = mean + b_listener + b_track + p_listener . q_track``.

    Minimises the squared error of the known ratings plus the squared biases, times the penalty of
    their side, plus ``regularization`` times the squared factors. A profile is folded in by the
    ridge regression that training solves for a listener, so a new rating counts at once, exactly.

    Args:
        n_factors: Length of p and q, >= 0; 0 leaves the biases alone.
        regularization: > 0, in squared stars.
        bias_regularization: Of the tracks' biases, > 0.
        listener_bias_regularization: Of the listeners', > 0. Best is the variance of what is left
            over the variance of the biases: small where people use the stars differently.
        n_epochs: Passes over listeners and tracks, >= 1.
        implied: Take preferences without a rating as the stars that would be worth as much.
        n_folds: Folds of the stated error (``expected_error``), >= 2, or 0 for none: training costs
            ``n_folds + 1`` times as much.
        seed: Of the first factors and the folds.

    >>> from scipy import sparse
    >>> from segue.data.dataset import Dataset
    >>> from segue.data.query import Profile
    >>> stars = Profile.from_weights({0: 1.0})
    >>> model = SVD().fit(Dataset.from_csr(sparse.csr_matrix([[2.0, -2.0]])))
    >>> model.predict(stars, [0, 1]).tolist()  # nobody rated anything
    [3.0, 3.0]
    """

    name: ClassVar[str] = "svd"

    def __init__(
        self,
        n_factors: int = 16,
        regularization: float = 10.0,
        bias_regularization: float = 30.0,
        listener_bias_regularization: float = 30.0,
        n_epochs: int = 15,
        implied: bool = False,
        n_folds: int = 0,
        seed: int = 0,
    ) -> None:
        self.n_factors = n_factors
        self.regularization = regularization
        self.bias_regularization = bias_regularization
        self.listener_bias_regularization = listener_bias_regularization
        self.n_epochs = n_epochs
        self.implied = implied
        self.n_folds = n_folds
        self.seed = seed

    def learn(self, ratings: CsrMatrix, met: CsrMatrix) -> dict[str, FloatMatrix]:
        """Alternate; O(n_epochs * (ratings * d^2 + (listeners + tracks) * d^3))."""
        from segue.models.stars_kernels import solve_rows

        rest, mean = less_mean(ratings)
        by_track = rest.T.tocsr()
        rng = derived_rng(self.seed, "svd", "tracks")
        tracks = np.zeros((ratings.shape[1], self.n_factors + 1))
        tracks[:, 1:] = rng.normal(0, 0.1, (ratings.shape[1], self.n_factors))
        listeners = np.zeros((ratings.shape[0], self.n_factors + 1))
        own, bias, ridge = (
            float(self.listener_bias_regularization),
            float(self.bias_regularization),
            float(self.regularization),
        )
        for _ in range(self.n_epochs):
            solve_rows(rest.indptr, rest.indices, rest.data, tracks, own, ridge, listeners)
            solve_rows(
                by_track.indptr, by_track.indices, by_track.data, listeners, bias, ridge, tracks
            )
        return {"tracks": tracks, "mean": np.array([mean])}

    def representation(self, rated: IntVector, stars: FloatVector, met: IntVector) -> FloatVector:
        """The ridge regression that training solves for a listener."""
        design = np.array(self._tracks[rated], np.float64)
        target = stars - self._mean[0] - design[:, 0]
        design[:, 0] = 1.0
        penalty = np.full(self.n_factors + 1, float(self.regularization))
        penalty[0] = self.listener_bias_regularization
        return np.linalg.solve(design.T @ design + np.diag(penalty), design.T @ target)

    def check_params(self) -> None:
        """See :meth:`StarsModel.check_params`."""
        for name in ("regularization", "bias_regularization", "listener_bias_regularization"):
            if not 0 < getattr(self, name) < np.inf:
                raise InvalidInputError(f"{name} must be above 0, got {getattr(self, name)}")
        for name, least in (("n_factors", 0), ("n_epochs", 1)):
            if getattr(self, name) < least:
                raise InvalidInputError(
                    f"{name} must be at least {least}, got {getattr(self, name)}"
                )
