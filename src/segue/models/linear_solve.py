"""The closed form of EASE and EDLAE, solved over tracks (dense) or over listeners (dual).

With X of shape (n_listeners, n_tracks), G = X'X and a ridge L (one positive number a track):

    P = (G + diag L)^-1        B = I - P diag(1 / diag P)        scores = x B

(Steck 2019, arXiv:1905.03375; Steck 2020, "Autoencoders that don't overfit towards the identity").
The dual form is the Woodbury identity: with Z = X diag(1/L) and A = (I + Z X')^-1 Z, P equals
diag(1/L) - Z'A, so that only an (n_listeners, n_listeners) system is solved.

Both give the coupling C, symmetric, equal to -P off the diagonal and 0 on it, and diag P; then
B[i, j] = C[i, j] / diag P[j]: by column. By row is wrong, and top-1 tests miss it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import lapack

from segue.errors import InvalidInputError
from segue.types import CsrMatrix, FloatMatrix, FloatVector

BLOCK = 1024  # rows handled at once: bounds the memory of every temporary to BLOCK * n
COMPILED_FROM = 50_000  # entries: below, compiled code takes longer to load than to gain
DOUBLE_LIMIT = 8192  # systems up to this side are solved in float64 (0.5 GB), larger in float32


@dataclass(frozen=True, slots=True)
class DenseSolution:
    """``coupling`` is C, shape (n_tracks, n_tracks); ``diagonal`` is diag P."""

    coupling: FloatMatrix
    diagonal: FloatVector

    def rows(self, start: int, stop: int) -> FloatMatrix:
        """Rows ``start:stop`` of B, float32."""
        return (self.coupling[start:stop] / self.diagonal).astype(np.float32)


@dataclass(frozen=True, slots=True)
class DualSolution:
    """``scaled`` is Z (CSC), ``solved`` is A, both (n_listeners, n_tracks), float32."""

    scaled: CsrMatrix
    solved: FloatMatrix
    diagonal: FloatVector

    def rows(self, start: int, stop: int) -> FloatMatrix:
        """Rows ``start:stop`` of B, float32; costs their listens times n_tracks."""
        block = np.asarray(self.scaled[:, start:stop].T @ self.solved)
        block[np.arange(stop - start), np.arange(start, stop)] = 0.0
        return block / self.diagonal.astype(np.float32)


def solve_dense(likes: CsrMatrix, ridge: FloatVector) -> DenseSolution:
    """Invert over tracks: n^3 multiplications, one n x n array (float64 up to ``DOUBLE_LIMIT``).

    Args:
        likes: X, CSR, shape (n_listeners, n_tracks).
        ridge: L > 0, shape (n_tracks,).

    Raises:
        InvalidInputError: The system is not positive definite in the precision used.
    """
    dtype = _dtype_for(likes.shape[1])
    precision = inverse_in_place(upper_gram(likes.T.tocsr(), dtype), ridge.astype(dtype))
    diagonal = np.diag(precision).copy()
    np.negative(precision, out=precision)
    np.fill_diagonal(precision, 0.0)
    return DenseSolution(precision, diagonal)


def solve_dual(likes: CsrMatrix, ridge: FloatVector) -> DualSolution:
    """Invert over listeners: about 2 n_listeners^2 n_tracks multiplications.

    Memory is one dense float32 array of (n_listeners, n_tracks); arguments and errors as in
    :func:`solve_dense`.
    """
    dtype = _dtype_for(likes.shape[0])
    root = sparse.diags_array(1.0 / np.sqrt(ridge))
    kernel = upper_gram(sparse.csr_matrix(likes @ root), dtype)
    inverse = inverse_in_place(kernel, np.ones(likes.shape[0], dtype))
    scaled = sparse.csc_matrix(likes @ sparse.diags_array(1.0 / ridge), dtype=dtype)
    solved = np.empty(likes.shape, np.float32)  # only the diagonal below needs more digits
    overlap = np.empty(likes.shape[1], dtype)
    for start in range(0, likes.shape[1], BLOCK):
        columns = scaled[:, start : start + BLOCK]
        part = np.asarray(columns.T @ inverse).T  # the inverse is symmetric
        solved[:, start : start + BLOCK] = part
        overlap[start : start + BLOCK] = columns.multiply(part).sum(axis=0)
    return DualSolution(scaled.astype(np.float32), solved, 1.0 / ridge - overlap)


def inverse_in_place(symmetric: FloatMatrix, ridge: FloatVector) -> FloatMatrix:
    """Inverse of a positive definite ``symmetric + diag(ridge)`` by LAPACK potrf and potri.

    Args:
        symmetric: C-contiguous, overwritten with the result, which is also returned. What stands
            below the diagonal is not read.
        ridge: Added to the diagonal, shape (n,).

    Raises:
        InvalidInputError: The sum is not positive definite.

    >>> inverse_in_place(np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([1.0, 1.0])).round(6).tolist()
    [[0.666667, -0.333333], [-0.333333, 0.666667]]
    """
    if not len(symmetric):
        return symmetric
    symmetric[np.diag_indices_from(symmetric)] += ridge
    potrf, potri = lapack.get_lapack_funcs(("potrf", "potri"), (symmetric,))
    # the transpose of a C array is a Fortran array: no copy, and symmetric means the same matrix
    factor, failed = potrf(symmetric.T, lower=True, overwrite_a=True, clean=False)
    if not failed:
        factor, failed = potri(factor, lower=True, overwrite_c=True)
    if failed:
        raise InvalidInputError(
            f"the system of side {len(symmetric)} is not positive definite at pivot {failed}; "
            f"raise regularization"
        )
    return _mirror_upper(factor.T)


def prune_rows(rows: FloatMatrix, n_neighbors: int) -> CsrMatrix:
    """The ``n_neighbors`` weights largest in size of each row, as CSR float32 without zeros.

    >>> prune_rows(np.array([[0.25, -1.0, 0.5]]), 2).toarray().tolist()
    [[0.0, -1.0, 0.5]]
    """
    n_rows, n_columns = rows.shape
    keep = min(n_neighbors, n_columns)
    size = np.abs(rows)
    columns = np.argpartition(size, n_columns - keep, axis=1)[:, n_columns - keep :]
    columns = np.sort(columns, axis=1).astype(np.int32)
    data = np.take_along_axis(rows, columns, axis=1).astype(np.float32)
    indptr = np.arange(0, n_rows * keep + 1, keep, dtype=np.int64)
    pruned = sparse.csr_matrix((data.ravel(), columns.ravel(), indptr), shape=rows.shape)
    pruned.eliminate_zeros()
    return pruned


def row_blocks(n_rows: int) -> Iterator[tuple[int, int]]:
    """Consecutive ``(start, stop)`` of at most ``BLOCK`` rows."""
    for start in range(0, n_rows, BLOCK):
        yield start, min(start + BLOCK, n_rows)


def upper_gram(rows: CsrMatrix, dtype: type[np.floating]) -> FloatMatrix:
    """The upper triangle of ``rows @ rows.T``, dense, C order; zeros below it.

    Costs one multiplication for each pair of entries that share a column, and no memory beside the
    result and a copy of ``rows``: a sparse product would need many times that.

    >>> upper_gram(sparse.csr_matrix([[1.0, 2.0], [0.0, 3.0]]), np.float64).tolist()
    [[5.0, 6.0], [0.0, 9.0]]
    """
    gram: NDArray[np.floating] = np.zeros((rows.shape[0], rows.shape[0]), dtype)
    if rows.nnz < COMPILED_FROM:
        gram[:] = np.triu((rows @ rows.T).toarray())
        return gram
    from segue.models.gram_kernels import add_upper_gram

    by_column = sparse.csc_matrix(rows, dtype=dtype, copy=True)
    by_column.sum_duplicates()
    entries = np.arange(by_column.nnz, dtype=np.int64)
    places = sparse.csc_matrix(
        (entries, by_column.indices, by_column.indptr), shape=rows.shape
    ).tocsr()
    add_upper_gram(
        places.indptr, places.indices, places.data,
        by_column.indptr[1:], by_column.indices, by_column.data, gram,
    )  # fmt: skip
    return gram


def _mirror_upper(matrix: FloatMatrix) -> FloatMatrix:
    """Copy the upper triangle of a C array onto the lower one, block by block."""
    for start, stop in row_blocks(len(matrix)):
        square = matrix[start:stop, start:stop]
        square[:] = np.triu(square) + np.triu(square, 1).T
        matrix[stop:, start:stop] = matrix[start:stop, stop:].T
    return matrix


def _dtype_for(side: int) -> type[np.floating]:
    return np.float64 if side <= DOUBLE_LIMIT else np.float32
