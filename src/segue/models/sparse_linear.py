"""EASE and EDLAE for large catalogues: each track is regressed on its strongest neighbours only.

A sparse approximate inverse in the manner of Steck 2019, "Markov Random Fields for Collaborative
Filtering" (arXiv:1910.09645): column j of ``(G + L)^-1`` is solved on a small set of rows, the
neighbours of j and j itself, and divided by its diagonal. Memory grows with the neighbours kept,
not with the square of the catalogue.
"""

from typing import ClassVar

from segue.errors import InvalidInputError
from segue.models.linear import Values
from segue.models.local_kernels import solve_ridge
from segue.models.local_linear import LocalLinear
from segue.types import FloatMatrix, FloatVector


class SparseLinear(LocalLinear):
    """``w = (G_NN + L_N)^-1 G_Nj`` over the neighbours N of each track j.

    With all tracks as neighbours this is EDLAE, and EASE where dropout is 0.

    Args:
        regularization: L2 weight > 0, in units of squared preference.
        dropout: As for :class:`~segue.models.linear.EDLAE`, in 0..1, 1 excluded.
        n_neighbors: Weights of each track at most; memory is ``8 * n_neighbors * n_tracks`` bytes.
            None for all.
        max_items: Only this many tracks, those most listened to, get weights.
        values: As for :class:`~segue.models.linear.EASE`.

    >>> from scipy import sparse
    >>> from segue.data.dataset import Dataset
    >>> likes = sparse.csr_matrix([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> model = SparseLinear(regularization=2.0, dropout=0.0).fit(Dataset.from_csr(likes))
    >>> model.similar(0, n=1).scores.tolist()
    [0.5]
    """

    name: ClassVar[str] = "sparse_linear"

    def __init__(
        self,
        regularization: float = 30.0,
        dropout: float = 0.75,
        n_neighbors: int | None = 100,
        max_items: int = 1_000_000,
        values: Values = "given",
    ) -> None:
        super().__init__(regularization, "auto", n_neighbors, max_items, values)
        self.dropout = dropout

    def solve_local(self, gram: FloatMatrix, right: FloatVector, ridge: FloatVector) -> FloatVector:
        """One dense solve of the size of the neighbourhood."""
        return solve_ridge(gram, right, ridge)

    def _check(self) -> None:
        super()._check()
        if not 0 <= self.dropout < 1:
            raise InvalidInputError(f"dropout must lie in 0..1, 1 excluded, got {self.dropout}")

    def _ridge(self, square_sum: FloatVector) -> FloatVector:
        return self.regularization + self.dropout / (1 - self.dropout) * square_sum
