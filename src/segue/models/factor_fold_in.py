"""Folding a listener into item factors in closed form, and what each known track adds.

Hu, Koren and Volinsky 2008, "Collaborative filtering for implicit feedback datasets": the factors u
of a listener solve one small linear system, so that a profile never seen in training needs no
training. With confidence c and target t of each known track, and v the factors of that track::

    A = base + ridge * I + sum c v v'        b = sum c t v        u = A^-1 b
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from segue.types import FloatMatrix, FloatVector


@dataclass(frozen=True, slots=True)
class ListenerSystem:
    """The normal equations of one listener, float64.

    ``base`` (d, d) is what all tracks add, known or not; ``vectors`` (n_known, d); ``confidence``
    >= 0 and ``target`` (n_known,); ``ridge`` > 0, and ``ridge_without_one`` the ridge of the same
    listener with one track fewer.
    """

    base: FloatMatrix
    vectors: FloatMatrix
    confidence: FloatVector
    target: FloatVector
    ridge: float
    ridge_without_one: float

    @property
    def matrix(self) -> FloatMatrix:
        """A, shape (d, d)."""
        weighted = self.vectors * self.confidence[:, np.newaxis]
        return self.base + weighted.T @ self.vectors + self.ridge * np.eye(len(self.base))

    @property
    def right_side(self) -> FloatVector:
        """b, shape (d,)."""
        return self.vectors.T @ (self.confidence * self.target)


Cholesky = tuple[FloatMatrix, bool]  # of A, as SciPy's cho_factor gives it


def cholesky(system: ListenerSystem) -> Cholesky:
    """A taken apart, to solve for several right sides."""
    return linalg.cho_factor(system.matrix, lower=True, check_finite=False)


def solve(system: ListenerSystem, factor: Cholesky | None = None) -> FloatVector:
    """The factors u, shape (d,), by Cholesky; ``factor`` is that of the system, when it is known.

    >>> one = np.ones(1)
    >>> solve(ListenerSystem(np.zeros((1, 1)), np.ones((1, 1)), one, one, 3.0, 3.0)).tolist()
    [0.25]
    """
    if not len(system.confidence):
        return np.zeros(len(system.base))
    factor = factor or cholesky(system)
    return np.asarray(linalg.cho_solve(factor, system.right_side, check_finite=False))


def additive_scores(
    system: ListenerSystem, asked: FloatMatrix, factor: Cholesky | None = None
) -> FloatMatrix:
    """What each known track adds to the score of each asked one, shape (n_known, n_asked).

    ``additive_parts(system) @ asked.T``, but A is solved for the few asked tracks (n_asked, d);
    ``factor`` is that of the system, when it is known.

    >>> one = np.ones(1)
    >>> system = ListenerSystem(np.zeros((1, 1)), np.ones((1, 1)), one, one, 3.0, 3.0)
    >>> additive_scores(system, np.array([[2.0]])).tolist()
    [[0.5]]
    """
    sides = (system.confidence * system.target)[:, np.newaxis] * system.vectors
    if not len(sides):
        return np.zeros((0, len(asked)))
    factor = factor or cholesky(system)
    return sides @ np.asarray(linalg.cho_solve(factor, asked.T, check_finite=False))


def additive_parts(system: ListenerSystem) -> FloatMatrix:
    """``A^-1 c t v`` of each known track, shape (n_known, d); they add up to u.

    This is the explanation of Hu et al. 2008, section 5. It keeps A as it is, so that a part is not
    what the score would lose without the track: for that see :func:`leave_one_out`.
    """
    sides = (system.confidence * system.target)[:, np.newaxis] * system.vectors
    if not len(sides):
        return sides
    return np.asarray(linalg.cho_solve(cholesky(system), sides.T, check_finite=False)).T


def leave_one_out(system: ListenerSystem) -> FloatMatrix:
    """What u loses when one track is taken out, for each track, shape (n_known, d).

    Exact. In the eigenvectors of A the smaller ridge shifts the eigenvalues by the same amount, and
    taking a track out is a rank-1 downdate (Sherman and Morrison 1950): O(d^3 + n_known d^2).
    """
    values, vectors = np.linalg.eigh(system.matrix)
    turned = system.vectors @ vectors
    side = vectors.T @ system.right_side
    shifted = values - (system.ridge - system.ridge_without_one)
    sides = side - (system.confidence * system.target)[:, np.newaxis] * turned
    solved, direction = sides / shifted, turned / shifted
    left = 1.0 - system.confidence * np.einsum("nd,nd->n", turned, direction)
    along = system.confidence * np.einsum("nd,nd->n", turned, solved) / left
    without = solved + along[:, np.newaxis] * direction
    return (side / values - without) @ vectors.T
