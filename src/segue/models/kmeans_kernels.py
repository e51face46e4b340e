"""The nearest centroid of every point, compiled: the inner loop of Lloyd's k-means.

One thread for each block of points; each point is its own, so that the result does not depend on
their number.
"""

import numpy as np
from numba import njit, prange

from segue.types import FloatMatrix, FloatVector, IntVector

CHUNK = 512  # points that share one array of closeness


@njit(cache=True, parallel=True, fastmath={"contract"})
def nearest_centroids(
    points: FloatMatrix, columns: FloatMatrix, half_squares: FloatVector, assigned: IntVector
) -> None:
    """Write the row of the centroid where ``x c - |c|^2 / 2`` is largest, the first of equals.

    Args:
        points: Shape (n, d), C order.
        columns: The centroids as columns, shape (d, k), C order, the type of the points.
        half_squares: ``|c|^2 / 2``, shape (k,), the type of the points.
        assigned: int32, shape (n,), overwritten.
    """
    n, d = points.shape
    k = columns.shape[1]
    for chunk in prange((n + CHUNK - 1) // CHUNK):
        closeness = np.empty(k, points.dtype)
        for row in range(chunk * CHUNK, min(n, (chunk + 1) * CHUNK)):
            for c in range(k):
                closeness[c] = -half_squares[c]
            for j in range(d):
                value = points[row, j]
                for c in range(k):
                    closeness[c] += value * columns[j, c]
            best = 0
            for c in range(1, k):
                if closeness[c] > closeness[best]:
                    best = c
            assigned[row] = best
