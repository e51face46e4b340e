"""Compiled parts of :mod:`segue.data.sparse_sums` and :mod:`segue.data.csr`.

Their slow twins are ``numpy.bincount`` and the index arithmetic there.
"""

import numba
import numpy as np

from segue.data.row_table_kernels import place_of, table_of
from segue.types import FloatMatrix, FloatVector, IntVector


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
