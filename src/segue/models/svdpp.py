"""Stars, and what somebody chose to hear at all: SVD++ (Koren 2008, doi:10.1145/1401890.1401944).

A listener's taste is their factors p plus the mean of a second vector y of every track they met,
divided by the root of their number, so that plays without a rating say something, too::

    stars(u, i) = mean + b_u + b_i + q_i . (p_u + |N|^-1/2 sum of y_j over N),  N = N(u) without i

The paper leaves i in N(u). But tracks that are asked about are not there: who may learn from "i was
met" how i was rated learns what will not be seen again (Kabbur, Ning & Karypis 2013 leave it out,
too, doi:10.1145/2487575.2487589).

The paper keeps p of those in the training data. Here p and b_u are always the best ones given the
tracks (a ridge regression), in training as for a listener never seen, and the stochastic steps go
down the gradient of the loss that is left: "variable projection", Golub & Pereyra 1973
(doi:10.1137/0710036).
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from segue.data.query import Profile
from segue.models.factors import require_range
from segue.models.stars import StarsModel, less_mean
from segue.rng import derived_rng
from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector


class SVDPlusPlus(StarsModel):
    """SVD++: rating factors helped by every track that a listener met.

    Args:
        n_factors: Length d of q, p and y, >= 0.
        regularization: Of p and q, > 0, in squared stars.
        bias_regularization: Of the tracks' biases, > 0.
        listener_bias_regularization: As for :class:`~segue.models.svd.SVD`.
        implicit_regularization: Of y, > 0.
        n_epochs: Passes over the listeners, >= 1.
        learning_rate: Step > 0 of a listener; it falls linearly to a tenth.
        init_sd: Standard deviation > 0 of the first y; q starts at zero, so that tracks which
            nothing tells apart score alike.
        implied: Take preferences without a rating as the stars that would be worth as much.
        n_folds: As for :class:`~segue.models.svd.SVD`.
        seed: Of the first y, the order of listeners and the folds.

    >>> from segue.data.dataset import Dataset
    >>> from segue.data.query import Profile
    >>> plays = Dataset.from_csr(sparse.csr_matrix([[2.0, -2.0]]))
    >>> model = SVDPlusPlus(n_factors=2, n_folds=0).fit(plays)
    >>> model.predict(Profile.empty(), [0, 1]).tolist()  # nobody rated anything
    [3.0, 3.0]
    """

    name: ClassVar[str] = "svdpp"

    def __init__(
        self,
        n_factors: int = 16,
        regularization: float = 10.0,
        bias_regularization: float = 30.0,
        listener_bias_regularization: float = 30.0,
        implicit_regularization: float = 50.0,
        n_epochs: int = 30,
        learning_rate: float = 0.01,
        init_sd: float = 0.1,
        implied: bool = False,
        n_folds: int = 0,
        seed: int = 0,
    ) -> None:
        self.n_factors = n_factors
        self.regularization = regularization
        self.bias_regularization = bias_regularization
        self.listener_bias_regularization = listener_bias_regularization
        self.implicit_regularization = implicit_regularization
        self.n_epochs = n_epochs
        self.learning_rate = learning_rate
        self.init_sd = init_sd
        self.implied = implied
        self.n_folds = n_folds
        self.seed = seed

    def learn(self, ratings: CsrMatrix, met: CsrMatrix) -> dict[str, FloatMatrix]:
        """O(n_epochs * (ratings * d^2 + met pairs * d + listeners * d^3))."""
        from segue.models.stars_kernels import svdpp_epoch

        rest, mean = less_mean(ratings)
        met = sparse.csr_matrix((met != 0) + (ratings != 0))
        rng = derived_rng(self.seed, "svdpp")
        n_listeners, n_tracks = ratings.shape
        tracks = np.zeros((n_tracks, self.n_factors + 1))
        implicit = self.init_sd * rng.standard_normal((n_tracks, self.n_factors))
        n_raters, n_met_by = (
            np.bincount(matrix.indices, minlength=n_tracks).astype(np.float64)
            for matrix in (ratings, met)
        )
        for epoch in range(self.n_epochs):
            rate = self.learning_rate * (1 - 0.9 * epoch / self.n_epochs)
            svdpp_epoch(
                rng.permutation(n_listeners), rest.indptr, rest.indices, rest.data, met.indptr,
                met.indices, n_raters, n_met_by, tracks, implicit, rate,
                float(self.listener_bias_regularization), float(self.bias_regularization),
                float(self.regularization), float(self.implicit_regularization),
            )  # fmt: skip
        return {"tracks": tracks, "implicit": implicit, "mean": np.array([mean])}

    def representation(self, rated: IntVector, stars: FloatVector, met: IntVector) -> FloatVector:
        """What was met says, plus the best p and bias given that."""
        known = self._implicit[np.union1d(met, rated)]
        everything = known.sum(axis=0)
        taste = (everything - self._implicit[rated]) / np.sqrt(max(len(known) - 1, 1))
        design = np.array(self._tracks[rated], np.float64)
        target = stars - self._mean[0] - design[:, 0]
        target -= np.einsum("nd,nd->n", design[:, 1:], taste)
        design[:, 0] = 1.0
        penalty = np.full(self.n_factors + 1, float(self.regularization))
        penalty[0] = self.listener_bias_regularization
        own = np.linalg.solve(design.T @ design + np.diag(penalty), design.T @ target)
        own[1:] += everything / np.sqrt(max(len(known), 1))
        return own

    def counted_tracks(self, profile: Profile, asked: IntVector) -> IntVector:
        """All of them: what was met counts, rated or not."""
        return profile.track_idx

    def to_arrays(self) -> Mapping[str, NDArray[Any] | CsrMatrix]:
        """Those of :class:`StarsModel` and ``implicit`` (n_tracks, n_factors), the vectors y."""
        return {**super().to_arrays(), "implicit": self._implicit}

    def from_arrays(self, arrays: Mapping[str, NDArray[Any] | CsrMatrix]) -> Self:
        """Restore; see :meth:`to_arrays`."""
        self._implicit: FloatMatrix = np.asarray(arrays["implicit"])
        return super().from_arrays(arrays)

    def check_params(self) -> None:
        """See :meth:`StarsModel.check_params`."""
        require_range("n_factors", self.n_factors, 0)
        require_range("n_epochs", self.n_epochs, 1)
        for name in ("regularization", "listener_bias_regularization", "bias_regularization",
                     "implicit_regularization", "learning_rate", "init_sd"):  # fmt: skip
            require_range(name, getattr(self, name), 0, above=True)
