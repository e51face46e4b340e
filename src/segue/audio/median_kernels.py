"""Compiled running medians of many rows side by side, by a network of comparisons.

Batcher 1968 ("Sorting networks and their applications", doi:10.1145/1468075.1468121), less the
comparisons on which the middle does not depend. Two neighbouring windows share all values but one
each, so one network serves both: the median of an odd number of values is the value that is left
out, held between the two middle ones of the rest.
"""

from functools import lru_cache

import numba
import numpy as np
from numpy.typing import NDArray


def running_median(columns: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Median of ``width`` (odd, >= 3) neighbours down each column of (n, m), edges mirrored.

    Edges: (c b a | a b c). No NaN.
    """
    half = width // 2
    padded = np.pad(columns, ((half, half), (0, 0)), mode="symmetric")
    out = np.empty(columns.shape, np.float32)
    _medians(np.ascontiguousarray(padded, np.float32), comparisons(width - 1), out)
    return out


@lru_cache(maxsize=4)
def comparisons(n: int) -> NDArray[np.int64]:
    """Pairs (p, q), p < q, that put the two middle values of ``n`` (even) in their places.

    >>> comparisons(4).tolist()
    [[0, 1], [2, 3], [0, 2], [1, 3], [1, 2]]
    """
    needed, kept = {n // 2 - 1, n // 2}, list[tuple[int, int]]()
    for p, q in reversed(_merge_sort(n)):
        if p in needed or q in needed:
            kept.append((p, q))
            needed |= {p, q}
    return np.array(kept[::-1], np.int64).reshape(-1, 2)


def _merge_sort(n: int) -> list[tuple[int, int]]:
    """Batcher's odd-even merge sort of ``n`` values."""
    pairs: list[tuple[int, int]] = []
    sorted_ = 1  # length of what is in order
    while sorted_ < n:
        step = sorted_
        while step >= 1:
            for start in range(step % sorted_, n - step, 2 * step):
                pairs += [
                    (low, low + step)
                    for low in range(start, start + min(step, n - start - step))
                    if low // (2 * sorted_) == (low + step) // (2 * sorted_)
                ]
            step //= 2
        sorted_ *= 2
    return pairs


@numba.njit(cache=True, fastmath=True)
def _medians(
    padded: NDArray[np.float32], pairs: NDArray[np.int64], out: NDArray[np.float32]
) -> None:
    n, m = out.shape
    width = len(padded) - n + 1
    middle = width // 2
    shared = np.empty((width - 1, m), np.float32)
    for i in range(0, n, 2):
        shared[:] = padded[i + 1 : i + width]
        for pair in range(len(pairs)):
            p, q = pairs[pair, 0], pairs[pair, 1]
            for j in range(m):
                x, y = shared[p, j], shared[q, j]
                shared[p, j], shared[q, j] = min(x, y), max(x, y)
        for j in range(m):
            low, high = shared[middle - 1, j], shared[middle, j]
            out[i, j] = max(low, min(high, padded[i, j]))
            if i + 1 < n:
                out[i + 1, j] = max(low, min(high, padded[i + width, j]))
