"""Compiled beat tracking: the best chain of onsets at nearly constant distance."""

import numba
import numpy as np
from numpy.typing import NDArray


@numba.njit(cache=True)
def best_chain(
    onsets: NDArray[np.float64], period: float, tightness: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Score of the best chain that ends at each frame and its last frame but one, -1 for none.

    Ellis 2007, "Beat Tracking by Dynamic Programming", equation 4, over half to twice the period.
    """
    n = len(onsets)
    scores, before = onsets.copy(), np.full(n, -1, np.int64)
    nearest, farthest = max(1, round(period / 2)), round(2 * period)
    for t in range(nearest, n):
        best, chosen = 0.0, -1
        for gap in range(nearest, min(farthest, t) + 1):
            score = scores[t - gap] - tightness * np.log(gap / period) ** 2
            if score > best:
                best, chosen = score, t - gap
        if chosen >= 0:
            scores[t] += best
            before[t] = chosen
    return scores, before
