"""Chosen rows of a CSR matrix as plain arrays: a tenth of the time that SciPy's slicing takes.

SciPy checks the index types of every slice and builds a new matrix; a list of 50 tracks needs a
dozen small slices, so those checks would cost more than the reading.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from segue.data.compiled import is_compiled
from segue.types import FloatVector, IntVector


class Rows(Protocol):
    """What is read here: the arrays of CSR, in a SciPy matrix or another holder."""

    @property
    def data(self) -> Any:
        """Values, shape (nnz,)."""
        ...

    @property
    def indices(self) -> Any:
        """Columns, shape (nnz,)."""
        ...

    @property
    def indptr(self) -> Any:
        """Where each row begins, shape (n_rows + 1,)."""
        ...

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        ...


@dataclass(frozen=True, slots=True)
class RowEntries:
    """Stored entries of some rows, row after row.

    ``columns`` and ``at`` (the places in the matrix's ``data``), shape (n_entries,); ``n_of``,
    shape (n_rows,), how many each row has.
    """

    columns: IntVector
    at: IntVector
    n_of: IntVector

    @property
    def owner(self) -> IntVector:
        """Which of the rows asked for each entry belongs to, shape (n_entries,)."""
        return np.repeat(np.arange(len(self.n_of)), self.n_of)


def row_entries(matrix: Rows, rows: IntVector) -> RowEntries:
    """The entries of ``matrix[rows]``, int64 places.

    >>> from scipy import sparse
    >>> matrix = sparse.csr_matrix([[0.0, 1.0], [2.0, 3.0], [0.0, 0.0]])
    >>> entries = row_entries(matrix, np.array([1, 2, 0]))
    >>> entries.columns.tolist(), entries.owner.tolist()
    ([0, 1, 1], [0, 0, 2])
    """
    starts = np.asarray(matrix.indptr)[rows]
    n_of = np.asarray(matrix.indptr)[rows + 1] - starts
    ends = np.cumsum(n_of, dtype=np.int64)
    at = np.arange(int(ends[-1]) if len(ends) else 0)
    at += np.repeat(starts - (ends - n_of), n_of)
    return RowEntries(np.asarray(matrix.indices)[at], at, n_of)


def columns_of_rows(
    matrix: Rows, rows: IntVector, columns: IntVector, *, compiled: bool | None = None
) -> FloatVector:
    """``matrix[rows][:, columns].T`` as a dense array, shape (n_columns, n_rows), C order.

    Args:
        matrix: CSR without double entries.
        rows: Any rows.
        columns: Different columns, in any order.
        compiled: Whether by the compiled loop; None decides by the shape, and float16 never is.
    """
    data = np.asarray(matrix.data)
    dense = np.zeros((len(columns), len(rows)), data.dtype)
    wished = is_compiled(max(matrix.shape)) if compiled is None else compiled
    if wished and data.dtype != np.float16:  # the compiler has no such type
        from segue.data.sparse_sums_kernels import pick

        pick(np.asarray(matrix.indptr), np.asarray(matrix.indices), data,
             np.asarray(rows, np.int64), np.asarray(columns, np.int64), dense)  # fmt: skip
        return dense
    place = np.full(matrix.shape[1], -1, np.int32)
    place[columns] = np.arange(len(columns), dtype=np.int32)
    entries = row_entries(matrix, rows)
    wanted = place[entries.columns]
    kept = np.flatnonzero(wanted >= 0)
    dense[wanted[kept], entries.owner[kept]] = data[entries.at[kept]]
    return dense
