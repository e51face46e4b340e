"""Sparse weights in half the bytes: float16 values, and columns as uint16 where they fit.

SciPy's matrices multiply neither, so the few rows that a list needs are widened when it is made.
A float16 keeps 11 bits: a weight moves by at most one part in 2048.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from segue.data.csr import RowEntries, row_entries
from segue.types import CsrMatrix, FloatVector, IntVector

UINT16_COLUMNS = 65_536  # beyond that a column takes an int32


@dataclass(frozen=True, slots=True)
class CompactRows:
    """A square matrix of weights by rows, as CSR has them.

    ``data`` float16 and ``indices`` uint16 or int32, shape (nnz,); ``indptr`` int32, or int64
    where int32 does not reach, shape (n + 1,).
    """

    data: FloatVector
    indices: IntVector
    indptr: IntVector

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns, the same number."""
        return len(self.indptr) - 1, len(self.indptr) - 1

    @classmethod
    def of(cls, weights: CsrMatrix) -> Self:
        """From a square CSR matrix; what rounds to zero is left out.

        >>> CompactRows.of(sparse.csr_matrix([[0.0, 0.5], [1e-9, 0.0]])).indices.tolist()
        [1]
        """
        half = sparse.csr_matrix(weights, dtype=np.float32, copy=True)
        half.data = half.data.astype(np.float16).astype(np.float32)
        half.eliminate_zeros()
        n = half.shape[0]
        column = np.uint16 if n <= UINT16_COLUMNS else np.int32
        pointer = np.int32 if half.nnz <= np.iinfo(np.int32).max else np.int64
        return cls(
            half.data.astype(np.float16), half.indices.astype(column), half.indptr.astype(pointer)
        )

    @classmethod
    def read(cls, arrays: Mapping[str, NDArray[Any] | CsrMatrix]) -> Self:
        """From the arrays of :meth:`arrays`."""
        return cls(arrays["data"], arrays["indices"], arrays["indptr"])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """``data``, ``indices`` and ``indptr`` by name."""
        return {"data": self.data, "indices": self.indices, "indptr": self.indptr}

    def weighted_sum(self, rows: IntVector, weights: FloatVector) -> FloatVector:
        """``weights @ matrix[rows]``, shape (n,), float32, summed in float64."""
        entries: RowEntries = row_entries(self, rows)
        values = self.data[entries.at].astype(np.float64) * np.repeat(weights, entries.n_of)
        return np.bincount(entries.columns, values, self.shape[1]).astype(np.float32)

    def widened(self) -> CsrMatrix:
        """As CSR float32, a copy of twice the bytes."""
        return sparse.csr_matrix(
            (self.data.astype(np.float32), self.indices.astype(np.int32), self.indptr), self.shape
        )
