"""Ridge regression on many sparse and some dense columns at once, without forming their product."""

from dataclasses import dataclass

import numpy as np

from segue.types import BoolVector, CsrMatrix, FloatMatrix, FloatVector


@dataclass(frozen=True, slots=True)
class Features:
    """Rows of numbers: ``sparse`` CSR (n, s) and ``dense`` (n, d), float64, side by side."""

    sparse: CsrMatrix
    dense: FloatMatrix

    def take(self, rows: BoolVector) -> "Features":
        """The rows of a mask."""
        return Features(self.sparse[rows], self.dense[rows])

    def times(self, mapping: FloatMatrix) -> FloatMatrix:
        """All rows times ``mapping`` (s + d, k), shape (n, k)."""
        n_sparse = self.sparse.shape[1]
        return np.asarray(self.sparse @ mapping[:n_sparse] + self.dense @ mapping[n_sparse:])

    def transposed_times(self, values: FloatMatrix) -> FloatMatrix:
        """The transpose times ``values`` (n, k), shape (s + d, k)."""
        return np.vstack([self.sparse.T @ values, self.dense.T @ values])

    def square_sums(self, weight: FloatVector) -> FloatVector:
        """Weighted sum of squares of each column, shape (s + d,)."""
        squared = self.sparse.multiply(self.sparse)
        return np.concatenate([np.asarray(squared.T @ weight), weight @ self.dense**2])


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

    Conjugate gradients on all columns of Y at once, scaled by the diagonal (Hestenes and Stiefel
    1952; Jacobi preconditioner). Each step costs two products with X. It ends when every residual
    is below ``tolerance`` times its start, or after ``max_steps``.

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
    >>> solve_ridge(x, np.array([[3.0], [3.0]]), np.ones(2), 1.0).tolist()
    [[2.0]]
    """
    scale = (features.square_sums(weight) + regularization)[:, np.newaxis]
    residual = features.transposed_times(weight[:, np.newaxis] * targets)
    solution = np.zeros_like(residual)
    wanted = tolerance * np.sqrt((residual**2).sum(axis=0))
    direction = residual / scale
    size = (residual * direction).sum(axis=0)
    for _ in range(max_steps):
        if (np.sqrt((residual**2).sum(axis=0)) <= wanted).all():
            break
        pushed = weight[:, np.newaxis] * features.times(direction)
        image = features.transposed_times(pushed) + regularization * direction
        step = _ratio(size, (direction * image).sum(axis=0))
        solution += step * direction
        residual -= step * image
        scaled = residual / scale
        larger = (residual * scaled).sum(axis=0)
        direction = scaled + _ratio(larger, size) * direction
        size = larger
    return solution


def _ratio(top: FloatVector, bottom: FloatVector) -> FloatVector:
    """Quotients, 0 where a column has been solved."""
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)
