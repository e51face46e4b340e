"""EASE and EDLAE for large catalogues: each track is regressed on its strongest neighbours only.

A sparse approximate inverse in the manner of Steck 2019, "Markov Random Fields for Collaborative
Filtering" (arXiv:1910.09645): column j of ``(G + L)^-1`` is solved on a small set of rows, the
neighbours of j and j itself, and divided by its diagonal. Memory grows with the neighbours kept,
not with the square of the catalogue.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from segue.data.csr import columns_of_rows
from segue.errors import InvalidInputError
from segue.models.compact_rows import CompactRows
from segue.models.item_weights import check_choice
from segue.models.linear import Values
from segue.models.local_kernels import solve_ridge
from segue.models.local_linear import LocalLinear, strongest_pairs
from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector

Allocation = Literal["shared", "equal"]
Storage = Literal["single", "half"]
LARGEST_HOOD = 1000  # neighbours of one track: bounds a solve to a second


class SparseLinear(LocalLinear):
    """``w = (G_NN + L_N)^-1 G_Nj`` over the neighbours N of each track j.

    With all tracks as neighbours this is EDLAE, and EASE where dropout is 0.

    Args:
        regularization: L2 weight > 0, in units of squared preference.
        dropout: As for :class:`~segue.models.linear.EDLAE`, in 0..1, 1 excluded.
        n_neighbors: Weights of a track on average, or at most (see ``allocation``); memory is
            ``8 * n_neighbors * n_tracks`` bytes, half of it with ``storage="half"``. None for all.
        max_items: Only this many tracks, those most listened to, get weights.
        values: As for :class:`~segue.models.linear.EASE`.
        allocation: "shared" gives the neighbours to the tracks where they explain most, at most
            ``LARGEST_HOOD`` to one; "equal" gives each track as many.
        storage: "half" serves weights of 16 bits with columns of 16 bits (32 from 65,536 tracks
            on); "single" float32 with int32. A batch of scores widens them for its duration.

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
        allocation: Allocation = "shared",
        storage: Storage = "single",
    ) -> None:
        super().__init__(regularization, "auto", n_neighbors, max_items, values)
        self.dropout = dropout
        self.allocation: Allocation = allocation
        self.storage: Storage = storage

    def solve_local(self, gram: FloatMatrix, right: FloatVector, ridge: FloatVector) -> FloatVector:
        """One dense solve of the size of the neighbourhood."""
        return solve_ridge(gram, right, ridge)

    def score(self, representation: FloatVector) -> FloatVector:
        """``x @ B``, reading only the rows of B where x is not zero."""
        if self.n_tracks < 0 or self._compact is None:
            return super().score(representation)
        rows = np.flatnonzero(representation)
        return self._compact.weighted_sum(rows, representation[rows])

    def score_batch(self, user_items: CsrMatrix) -> FloatMatrix:
        """``X @ B`` of several listeners, shape (n_rows, n_tracks), float32."""
        self.require_columns(user_items)
        if self._compact is None:
            return super().score_batch(user_items)
        rows = sparse.csr_matrix(user_items, dtype=np.float32, copy=True)
        rows.data = self._valued(rows.data)
        return np.asarray((rows @ self._compact.widened()).toarray(), np.float32)

    def to_arrays(self) -> Mapping[str, NDArray[Any] | CsrMatrix]:
        """``place`` (n_tracks,), and ``weights`` as CSR or the arrays of :class:`CompactRows`."""
        if self._compact is None:
            return super().to_arrays()
        return {"place": self._place, **self._compact.arrays()}

    def from_arrays(self, arrays: Mapping[str, NDArray[Any] | CsrMatrix]) -> Self:
        """Restore; see :meth:`to_arrays`."""
        self._compact: CompactRows | None = None
        if self.storage == "half":
            weights = arrays.get("weights")  # of a new fit, not of a saved model
            compact = CompactRows.read(arrays) if weights is None else CompactRows.of(weights)
            self._compact = compact
            arrays = {"place": arrays["place"], "weights": compact}  # pyright: ignore[reportAssignmentType]
        return super().from_arrays(arrays)

    def _submatrix(self, rows: IntVector, columns: IntVector) -> FloatMatrix:
        if self._compact is None:
            return super()._submatrix(rows, columns)
        return columns_of_rows(self._compact, rows, columns).T.astype(np.float32)

    def _hoods(self, likes: CsrMatrix, ridge: FloatVector) -> list[IntVector]:
        if self.allocation == "equal" or self.n_neighbors is None:
            return super()._hoods(likes, ridge)
        return strongest_pairs(likes, ridge, self.n_neighbors * likes.shape[1], LARGEST_HOOD)

    def _check(self) -> None:
        super()._check()
        check_choice("allocation", self.allocation, get_args(Allocation))
        check_choice("storage", self.storage, get_args(Storage))
        if not 0 <= self.dropout < 1:
            raise InvalidInputError(f"dropout must lie in 0..1, 1 excluded, got {self.dropout}")

    def _ridge(self, square_sum: FloatVector) -> FloatVector:
        return self.regularization + self.dropout / (1 - self.dropout) * square_sum
