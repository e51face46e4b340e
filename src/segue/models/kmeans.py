"""Weighted k-means: Lloyd's iteration from k-means++ starts.

Lloyd 1982, "Least squares quantization in PCM" (doi:10.1109/TIT.1982.1056489); Arthur &
Vassilvitskii 2007, "k-means++: the advantages of careful seeding" (SODA 2007).
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from segue.errors import InvalidInputError
from segue.types import FloatMatrix, FloatVector, IntVector

BLOCK = 4096  # points compared with all centroids at once: bounds memory to BLOCK * k
COMPILED_FROM = 1_000_000  # pairs of point and centroid for which compiled code is loaded


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
    mine = weight.astype(points.dtype)
    assigned = nearest_of(points, centroids)
    n_iterations = 0
    while n_iterations < max_iterations:
        n_iterations += 1
        member = sparse.csr_matrix((mine, (assigned, np.arange(n))), (len(centroids), n))
        mass = np.asarray(member.sum(axis=1)).reshape(-1)
        filled = mass > 0
        sums = np.asarray(member @ points)
        centroids[filled] = sums[filled] / mass[filled, np.newaxis]
        before = assigned
        assigned = nearest_of(points, centroids)
        if np.array_equal(before, assigned):
            break
    return Clustering(
        centroids, assigned, _inertia(points, centroids, assigned, weight), n_iterations
    )


def nearest_of(points: FloatMatrix, centroids: FloatMatrix) -> IntVector:
    """The nearest centroid of each point, int32: where ``x c - |c|^2 / 2`` is largest."""
    assigned = np.zeros(len(points), np.int32)
    if not len(centroids):
        return assigned
    half_squares = np.einsum("kd,kd->k", centroids, centroids) / 2
    if len(points) * len(centroids) >= COMPILED_FROM:
        from segue.models.kmeans_kernels import nearest_centroids

        columns = np.ascontiguousarray(centroids.T)
        nearest_centroids(np.ascontiguousarray(points), columns, half_squares, assigned)
        return assigned
    for start in range(0, len(points), BLOCK):
        closeness = points[start : start + BLOCK] @ centroids.T
        closeness -= half_squares
        assigned[start : start + BLOCK] = closeness.argmax(axis=1)
    return assigned


def _inertia(
    points: FloatMatrix, centroids: FloatMatrix, assigned: IntVector, weight: FloatVector
) -> float:
    """From the differences themselves: from products, near points would lose their digits."""
    total = 0.0
    for start in range(0, len(points), BLOCK):
        block = slice(start, start + BLOCK)
        gap = points[block].astype(np.float64) - centroids[assigned[block]]
        total += float(weight[block] @ np.einsum("nd,nd->n", gap, gap))
    return total
