"""Weighted sums of rows of a CSR matrix, as the columns they touch: the inner loop of a list.

A profile of some hundred tracks touches some thousand of a million, so that nothing as long as the
catalogue should be walked for it. In a small catalogue a dense sum is cheap enough; in a large one
a compiled loop (ADR 6) visits the entries once, in room that each thread keeps: 8.1 bytes a column.
Both give the same sums, in the same order.
"""

import threading
from dataclasses import dataclass

import numpy as np

from segue.data.compiled import is_compiled
from segue.data.csr import row_entries
from segue.types import CsrMatrix, FloatVector, IntVector

MAX_ROOMS = 4  # sizes that a thread keeps room for: tracks and listeners, of two model sets


@dataclass(frozen=True, slots=True)
class SparseScores:
    """Scores of some tracks; all others have none. ``track_idx`` ascends, int32; float32."""

    track_idx: IntVector
    scores: FloatVector

    def __len__(self) -> int:
        return len(self.track_idx)

    @classmethod
    def of_dense(cls, scores: FloatVector) -> "SparseScores":
        """The entries of a vector that are not zero."""
        rows = np.flatnonzero(scores)
        return cls(rows.astype(np.int32), np.asarray(scores[rows], np.float32))


def sum_of_rows(
    matrix: CsrMatrix, rows: IntVector, weights: FloatVector, *, compiled: bool | None = None
) -> SparseScores:
    """``weights @ matrix[rows]``, only where it is not zero.

    Args:
        matrix: CSR.
        rows: Rows, each once, shape (n,).
        weights: One a row, shape (n,).
        compiled: Whether by the compiled loop; None decides by the number of columns.

    >>> from scipy import sparse
    >>> found = sum_of_rows(sparse.csr_matrix([[0.0, 1.0], [0.0, 2.0]]), np.array([0, 1]),
    ...                     np.array([1.0, 0.5]))
    >>> found.track_idx.tolist(), found.scores.tolist()
    ([1], [2.0])
    """
    n_columns = int(matrix.shape[1])
    if is_compiled(n_columns) if compiled is None else compiled:
        from segue.data.sparse_sums_kernels import add_rows, add_sorted_rows

        indptr, indices, data = (np.asarray(part) for part in
                                 (matrix.indptr, matrix.indices, matrix.data))  # fmt: skip
        rows = np.asarray(rows, np.int64)
        columns, sums, ascends = add_sorted_rows(indptr, indices, data, rows, weights, n_columns)
        if not ascends:
            columns, sums = add_rows(indptr, indices, data, rows, weights, *_room(n_columns))
        return SparseScores(columns, sums)
    entries = row_entries(matrix, rows)
    values = np.asarray(matrix.data)[entries.at] * np.repeat(weights, entries.n_of)
    return SparseScores.of_dense(np.bincount(entries.columns, values, n_columns).astype(np.float64))


def sum_by_column(columns: IntVector, values: FloatVector, n_columns: int) -> SparseScores:
    """Sum of the values of each column, float64 inside, only where it is not zero."""
    if not is_compiled(n_columns):
        return SparseScores.of_dense(np.bincount(columns, values, n_columns).astype(np.float64))
    from segue.data.sparse_sums_kernels import add_values

    columns, values = np.asarray(columns, np.int32), np.asarray(values, np.float64)
    return SparseScores(*add_values(columns, values, *_room(n_columns)))


def warm(n_columns: int) -> None:
    """Compile or load what :func:`sum_by_column` needs for a catalogue of that size."""
    sum_by_column(np.zeros(1, np.int32), np.ones(1), n_columns)


class _Rooms(threading.local):
    """Zeros that the compiled loops add up in, and leave as zeros, by number of columns."""

    def __init__(self) -> None:
        self.by_size: dict[int, tuple[FloatVector, IntVector]] = {}


_rooms = _Rooms()


def _room(n_columns: int) -> tuple[FloatVector, IntVector]:
    """Sums, float64 (n_columns,), and marks of blocks of 64 columns, uint8; all zero."""
    found = _rooms.by_size.get(n_columns)
    if found is None:
        if len(_rooms.by_size) >= MAX_ROOMS:
            _rooms.by_size.clear()
        found = (np.zeros(n_columns), np.zeros(n_columns // 64 + 1, np.uint8))
        _rooms.by_size[n_columns] = found
    return found
