"""Ridge regression on many sparse and some dense columns at once, without forming their product."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from segue.types import BoolVector, CsrMatrix, FloatMatrix, FloatVector, IntVector

N_HEAVY = 512  # sparse columns of most weight that are solved exactly together with the dense ones
BLOCK_ROWS = 16_384  # made double at once


@dataclass(frozen=True, slots=True)
class Features:
    """Rows of numbers: ``sparse`` CSR (n, s) and ``dense`` (n, d), side by side.

    Products are made in the type of the dense ones: float32 is enough where there are many rows.
    """

    sparse: CsrMatrix
    dense: FloatMatrix

    def take(self, rows: BoolVector) -> "Features":
        """The rows of a mask."""
        return Features(self.sparse[rows], self.dense[rows])

    def times(self, mapping: FloatMatrix) -> FloatMatrix:
        """All rows times ``mapping`` (s + d, k), shape (n, k), in the type of ``dense``."""
        n_sparse, cast = self.sparse.shape[1], mapping.astype(self.dense.dtype, copy=False)
        product = self.dense @ cast[n_sparse:]
        product += self.sparse @ cast[:n_sparse]
        return product

    def transposed_times(self, values: FloatMatrix) -> FloatMatrix:
        """The transpose times ``values`` (n, k), shape (s + d, k), float64."""
        cast = values.astype(self.dense.dtype, copy=False)
        return np.vstack([self.sparse.T @ cast, self.dense.T @ cast]).astype(np.float64)

    def square_sums(self, weight: FloatVector) -> FloatVector:
        """Weighted sum of squares of each column, shape (s + d,)."""
        squared = self.sparse.multiply(self.sparse)
        dense = np.einsum("nd,nd,n->d", self.dense, self.dense, weight)
        return np.concatenate([np.asarray(squared.T @ weight), dense])

    def block_gram(self, heavy: IntVector, weight: FloatVector) -> FloatMatrix:
        """``B' D B`` of the sparse columns ``heavy`` and all dense ones B, float64."""
        n_heavy, n_dense = len(heavy), self.dense.shape[1]
        gram = np.zeros((n_heavy + n_dense, n_heavy + n_dense))
        columns = self.sparse[:, heavy].astype(np.float64)
        weighted = columns.multiply(weight[:, np.newaxis]).tocsr()
        gram[:n_heavy, :n_heavy] = (columns.T @ weighted).toarray()
        for start in range(0, len(weight), BLOCK_ROWS):
            block = slice(start, start + BLOCK_ROWS)
            rows = self.dense[block].astype(np.float64)
            gram[:n_heavy, n_heavy:] += weighted[block].T @ rows
            gram[n_heavy:, n_heavy:] += (rows * weight[block, np.newaxis]).T @ rows
        gram[n_heavy:, :n_heavy] = gram[:n_heavy, n_heavy:].T
        return gram


def solve_ridge(
    features: Features,
    targets: FloatMatrix,
    weight: FloatVector,
    regularization: float,
    *,
    max_steps: int = 300,
    tolerance: float = 1e-6,
) -> FloatMatrix:
    """``(X' D X + regularization I)^-1 X' D Y``, shape (s + d, k), float64.

    Conjugate gradients on all columns of Y at once (Hestenes and Stiefel 1952). Each step costs
    two products with X. It ends when every residual is below ``tolerance`` times its start, or
    after ``max_steps``. The preconditioner is the exact inverse among the dense columns and the
    heaviest sparse ones, which say much the same as each other (a genre stands in the text that a
    vector is made of), and the diagonal elsewhere: 6 steps where the diagonal alone took 157.

    Args:
        features: X.
        targets: Y, shape (n, k).
        weight: D > 0, shape (n,).
        regularization: > 0.
        max_steps: >= 0.
        tolerance: > 0.

    >>> from scipy import sparse
    >>> none = sparse.csr_matrix((2, 0))
    >>> x = Features(none, np.array([[1.0], [1.0]]))
    >>> solve_ridge(x, np.array([[3.0], [3.0]]), np.ones(2), 1.0).round(6).tolist()
    [[2.0]]
    """
    scaled_by = _preconditioner(features, weight, regularization)
    residual = features.transposed_times(weight[:, np.newaxis] * targets)
    solution = np.zeros_like(residual)
    wanted = tolerance * np.sqrt((residual**2).sum(axis=0))
    direction = scaled_by(residual)
    size = (residual * direction).sum(axis=0)
    for _ in range(max_steps):
        if (np.sqrt((residual**2).sum(axis=0)) <= wanted).all():
            break
        pushed = features.times(direction)
        pushed *= weight[:, np.newaxis]
        image = features.transposed_times(pushed) + regularization * direction
        step = _ratio(size, (direction * image).sum(axis=0))
        solution += step * direction
        residual -= step * image
        scaled = scaled_by(residual)
        larger = (residual * scaled).sum(axis=0)
        direction = scaled + _ratio(larger, size) * direction
        size = larger
    return solution


def _preconditioner(
    features: Features, weight: FloatVector, regularization: float
) -> Callable[[FloatMatrix], FloatMatrix]:
    """Residuals (s + d, k) times the inverse of a block and a diagonal of the normal matrix."""
    n_sparse, n_dense = features.sparse.shape[1], features.dense.shape[1]
    scale = features.square_sums(weight) + regularization
    heavy = np.sort(np.argsort(-scale[:n_sparse], kind="stable")[:N_HEAVY])
    block = np.concatenate([heavy, np.arange(n_sparse, n_sparse + n_dense)])
    gram = features.block_gram(heavy, weight)
    gram[np.diag_indices_from(gram)] += regularization
    factor = cho_factor(gram, overwrite_a=True)

    def scaled(residual: FloatMatrix) -> FloatMatrix:
        result = residual / scale[:, np.newaxis]
        result[block] = cho_solve(factor, residual[block])
        return result

    return scaled


def _ratio(top: FloatVector, bottom: FloatVector) -> FloatVector:
    """Quotients, 0 where a column has been solved."""
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)
