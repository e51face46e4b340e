"""Compiled parts of :mod:`segue.data.sparse_sums` and :mod:`segue.data.csr`.

Their slow twins are ``numpy.bincount`` and the index arithmetic there.
"""

import numba
import numpy as np

from segue.data.row_table_kernels import place_of, table_of
from segue.types import FloatMatrix, FloatVector, IntVector

BLOCK = 1 << 16  # columns whose sums are in cache at once: half a megabyte


@numba.njit(cache=True, nogil=True)
def add_values(
    columns: IntVector, values: FloatVector, sums: FloatVector, touched: IntVector
) -> tuple[IntVector, FloatVector]:
    """Sum of the values of each column where it is not zero: columns ascending, sums float32.

    Args:
        columns: Shape (n_values,).
        values: Shape (n_values,).
        sums: Zeros (n_columns,), float64; zeros again in the end.
        touched: Zeros, one for 64 columns; zeros again in the end.
    """
    for at in range(len(columns)):
        column = columns[at]
        sums[column] += values[at]
        touched[column >> 6] = 1
    return _emptied(sums, touched)


@numba.njit(cache=True, nogil=True)
def add_rows(
    indptr: IntVector, indices: IntVector, data: FloatVector, rows: IntVector, weights: FloatVector,
    sums: FloatVector, touched: IntVector,
) -> tuple[IntVector, FloatVector]:  # fmt: skip
    """The same for ``weights @ matrix[rows]`` of a CSR matrix."""
    for at in range(len(rows)):
        weight = weights[at]
        for entry in range(indptr[rows[at]], indptr[rows[at] + 1]):
            column = indices[entry]
            sums[column] += data[entry] * weight
            touched[column >> 6] = 1
    return _emptied(sums, touched)


@numba.njit(cache=True, nogil=True)
def add_sorted_rows(
    indptr: IntVector, indices: IntVector, data: FloatVector, rows: IntVector, weights: FloatVector,
    n_columns: int,
) -> tuple[IntVector, FloatVector, bool]:  # fmt: skip
    """:func:`add_rows` where the columns of each row ascend; False where they do not.

    Block of columns by block, so that the sums stay in cache: a sum as long as a large catalogue
    does not, and then each entry waits for memory. Each column is added up in the order of the
    rows, as there, so that the sums are the same.
    """
    n_rows, n_entries = len(rows), 0
    at, ends = np.empty(n_rows, np.int64), np.empty(n_rows, np.int64)
    for row in range(n_rows):
        at[row], ends[row] = indptr[rows[row]], indptr[rows[row] + 1]
        n_entries += ends[row] - at[row]
    n_most = min(n_entries, n_columns)
    columns, found = np.empty(n_most, np.int32), np.empty(n_most, np.float32)
    sums, touched = np.zeros(BLOCK), np.zeros(BLOCK >> 6, np.uint8)
    n, n_seen, low = 0, 0, 0
    while low < n_columns and n_seen < n_entries:
        high = min(low + BLOCK, n_columns)
        for row in range(n_rows):
            entry, end, weight = at[row], ends[row], weights[row]
            while entry < end and indices[entry] < high:
                column = indices[entry] - low
                if column < 0:  # it does not ascend
                    return columns[:0], found[:0], False
                sums[column] += data[entry] * weight
                touched[column >> 6] = 1
                entry += 1
            n_seen += entry - at[row]
            at[row] = entry
        for mark in range((high - low + 63) >> 6):
            if touched[mark]:
                touched[mark] = 0
                for column in range(64 * mark, min(64 * mark + 64, high - low)):
                    if sums[column] != 0:
                        columns[n], found[n] = low + column, sums[column]
                        n += 1
                    sums[column] = 0.0
        low = high
    return columns[:n], found[:n], n_seen == n_entries


@numba.njit(cache=True, nogil=True)
def _emptied(sums: FloatVector, touched: IntVector) -> tuple[IntVector, FloatVector]:
    """What is not zero, in order of the columns; leaves both as zeros."""
    n = 0
    for block in range(len(touched)):
        if touched[block]:
            for column in range(64 * block, min(64 * block + 64, len(sums))):
                n += sums[column] != 0
    columns, found = np.empty(n, np.int32), np.empty(n, np.float32)
    n = 0
    for block in range(len(touched)):
        if touched[block]:
            touched[block] = 0
            for column in range(64 * block, min(64 * block + 64, len(sums))):
                if sums[column] != 0:
                    columns[n] = column
                    found[n] = sums[column]
                    n += 1
                sums[column] = 0.0
    return columns, found


@numba.njit(cache=True, nogil=True)
def pick(
    indptr: IntVector, indices: IntVector, data: FloatVector, rows: IntVector, columns: IntVector,
    dense: FloatMatrix,
) -> None:  # fmt: skip
    """Fill ``dense`` (n_columns, n_rows), zeros, with ``matrix[rows][:, columns].T``.

    The places of the columns stand in a small table, since one as long as the catalogue costs more
    than the rows.
    """
    keys, places, bits = table_of(columns, 4)
    for row in range(len(rows)):
        for entry in range(indptr[rows[row]], indptr[rows[row] + 1]):
            place = place_of(keys, places, bits, indices[entry])
            if place >= 0:
                dense[place, row] = data[entry]
