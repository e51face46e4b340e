"""SLIM: sparse, non-negative item-item weights by an elastic net for each track.

Ning & Karypis 2011, "SLIM: Sparse Linear Methods for Top-N Recommender Systems"
(doi:10.1109/ICDM.2011.134), with their feature selection (fsSLIM): only the strongest neighbours of
a track enter its regression. Solved by coordinate descent on the Gram matrix (Friedman, Hastie &
Tibshirani 2010, doi:10.18637/jss.v033.i01).
"""

from typing import ClassVar

from segue.errors import InvalidInputError
from segue.models.linear import Values
from segue.models.local_kernels import descend
from segue.models.local_linear import LocalLinear
from segue.types import FloatMatrix, FloatVector


class SLIM(LocalLinear):
    """Sparse linear method: ``1/2 |x_j - X w|^2 + l1 sum(w) + regularization/2 w'w``, ``w >= 0``.

    Args:
        regularization: L2 weight > 0, in units of squared preference.
        l1: Weight >= 0 that sets weak weights to zero, in the same unit.
        n_neighbors: Tracks that may get a weight for each track; None for all.
        max_items: Only this many tracks, those most listened to, get weights.
        values: As for :class:`~segue.models.linear.EASE`.
        max_sweeps: Passes over a neighbourhood at most, >= 1.
        tolerance: Stop when no weight of a pass moves by more, >= 0.

    >>> from scipy import sparse
    >>> from segue.data.dataset import Dataset
    >>> likes = sparse.csr_matrix([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> model = SLIM(regularization=1.0, l1=0.5).fit(Dataset.from_csr(likes))
    >>> model.similar(0, n=1).scores.tolist()  # (2 - l1) / (2 + regularization)
    [0.5]
    """

    name: ClassVar[str] = "slim"

    def __init__(
        self,
        regularization: float = 10.0,
        l1: float = 1.0,
        n_neighbors: int | None = 200,
        max_items: int = 100_000,
        values: Values = "given",
        max_sweeps: int = 200,
        tolerance: float = 1e-6,
    ) -> None:
        super().__init__(regularization, "auto", n_neighbors, max_items, values)
        self.l1 = l1
        self.max_sweeps = max_sweeps
        self.tolerance = tolerance

    def solve_local(self, gram: FloatMatrix, right: FloatVector, ridge: FloatVector) -> FloatVector:
        """Coordinate descent; see :func:`segue.models.local_kernels.descend`."""
        l1, l2 = float(self.l1), float(self.regularization)
        return descend(gram, right, l1, l2, self.max_sweeps, float(self.tolerance))

    def _check(self) -> None:
        super()._check()
        if not 0 <= self.l1 < float("inf"):
            raise InvalidInputError(f"l1 must be finite and >= 0, got {self.l1}")
        if self.max_sweeps < 1:
            raise InvalidInputError(f"max_sweeps must be at least 1, got {self.max_sweeps}")
        if not self.tolerance >= 0:
            raise InvalidInputError(f"tolerance must be >= 0, got {self.tolerance}")
