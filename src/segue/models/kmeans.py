"""Weighted k-means: Lloyd's iteration from k-means++ starts, on matrix products.

Lloyd 1982, "Least squares quantization in PCM" (doi:10.1109/TIT.1982.1056489); Arthur &
Vassilvitskii 2007, "k-means++: the advantages of careful seeding" (SODA 2007).
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from segue.errors import InvalidInputError
from segue.types import FloatMatrix, FloatVector, IntVector

BLOCK = 4096  # points compared with all centroids at once: bounds memory to BLOCK * k


@dataclass(frozen=True, slots=True)
class Clustering:
    """The outcome of k-means on n points.

    Attributes:
        centroids: Shape (k, d), in the type of the points.
        assigned: The nearest centroid of each point, ties to the lower one, int32, shape (n,).
        inertia: Sum over points of weight times squared distance to its centroid.
        n_iterations: Rounds until nothing changed, or the most allowed.
    """

    centroids: FloatMatrix
    assigned: IntVector
    inertia: float
    n_iterations: int


def k_means(
    points: FloatMatrix,
    k: int,
    rng: np.random.Generator,
    weight: FloatVector | None = None,
    max_iterations: int = 100,
) -> Clustering:
    """At most ``k`` clusters; fewer when fewer points differ. O(n k d) a round.

    Args:
        points: Finite, shape (n, d).
        k: >= 1.
        rng: Draws the start.
        weight: > 0, shape (n,); None weighs all alike.
        max_iterations: >= 1.

    Raises:
        InvalidInputError: ``k`` or ``max_iterations`` is below 1.

    >>> points = np.array([[0.0], [0.2], [5.0]])
    >>> k_means(points, 2, np.random.default_rng(0)).centroids.round(1).ravel().tolist()
    [0.1, 5.0]
    """
    if k < 1 or max_iterations < 1:
        raise InvalidInputError(
            f"k and max_iterations must be at least 1, got {k} and {max_iterations}"
        )
    each = np.ones(len(points)) if weight is None else np.asarray(weight, np.float64)
    start = points[plus_plus(points, k, rng, each)]
    return lloyd(points, start, each, max_iterations)


def plus_plus(
    points: FloatMatrix, k: int, rng: np.random.Generator, weight: FloatVector
) -> IntVector:
    """Rows to start from: each drawn by weight times squared distance to those drawn before.

    No two are equal points, so that fewer than ``k`` come back when fewer differ.
    """
    if not len(points):
        return np.empty(0, np.int64)
    exact = points.astype(np.float64)
    squares = np.einsum("nd,nd->n", exact, exact)
    # a distance from a matrix product is off by this much, so that less is no distance
    rounding = 1e-12 * max(float(squares.max()), 1e-300)
    chosen: list[int] = []
    odds, nearest = weight.copy(), np.full(len(points), np.inf)
    while len(chosen) < k and odds.any():
        summed = np.cumsum(odds)
        row = int(np.searchsorted(summed, rng.random() * summed[-1], side="right"))
        chosen.append(min(row, int(np.flatnonzero(odds)[-1])))
        centre = exact[chosen[-1]]
        distance = squares - 2 * (exact @ centre) + centre @ centre
        nearest = np.minimum(nearest, np.where(distance > rounding, distance, 0.0))
        odds = weight * nearest
    return np.array(chosen)


def lloyd(
    points: FloatMatrix, start: FloatMatrix, weight: FloatVector, max_iterations: int = 100
) -> Clustering:
    """Assign, average, and again, until no point changes its cluster.

    A cluster that loses all its points keeps its centroid.

    Args:
        points: Shape (n, d).
        start: First centroids, shape (k, d).
        weight: > 0, shape (n,).
        max_iterations: Averagings at most, >= 1.
    """
    centroids, n = start.copy(), len(points)
    assigned, distance = nearest_of(points, centroids)
    n_iterations = 0
    while n_iterations < max_iterations:
        n_iterations += 1
        member = sparse.csr_matrix((weight, (assigned, np.arange(n))), (len(centroids), n))
        mass = np.asarray(member.sum(axis=1)).reshape(-1)
        filled = mass > 0
        sums = np.asarray(member @ points)
        centroids[filled] = sums[filled] / mass[filled, np.newaxis]
        before = assigned
        assigned, distance = nearest_of(points, centroids)
        if np.array_equal(before, assigned):
            break
    return Clustering(centroids, assigned, float(weight @ distance), n_iterations)


def nearest_of(points: FloatMatrix, centroids: FloatMatrix) -> tuple[IntVector, FloatVector]:
    """The nearest centroid of each point (int32) and the squared distance (float64).

    The cluster comes from ``|c|^2 - 2 x c``, the distance then from the difference itself.
    """
    assigned = np.zeros(len(points), np.int32)
    distance = np.zeros(len(points))
    if not len(centroids):
        return assigned, distance
    half_squares = np.einsum("kd,kd->k", centroids, centroids) / 2
    for start in range(0, len(points), BLOCK):
        block = points[start : start + BLOCK]
        closeness = block @ centroids.T
        closeness -= half_squares
        best = closeness.argmax(axis=1)
        assigned[start : start + BLOCK] = best
        gap = (block - centroids[best]).astype(np.float64)
        distance[start : start + BLOCK] = np.einsum("nd,nd->n", gap, gap)
    return assigned, distance
