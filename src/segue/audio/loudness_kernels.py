"""Compiled K-weighting: two biquads over every channel, and the energy of each 100 ms."""

import numba
import numpy as np
from numpy.typing import NDArray


@numba.njit(cache=True, fastmath=True)
def step_energies(
    source: NDArray[np.float32],
    b: NDArray[np.float64],
    a: NDArray[np.float64],
    weights: NDArray[np.float64],
    n_step: int,
) -> NDArray[np.float64]:
    """Weighted mean square of each whole step of ``n_step`` frames of ``source`` (n, n_channels).

    ``b`` and ``a`` (2, 3) are the coefficients of two sections in series, ``a[:, 0]`` being 1.
    Transposed direct form II, in float64.
    """
    n_steps = len(source) // n_step
    out = np.zeros(n_steps)
    b00, b01, b02, a01, a02 = b[0, 0], b[0, 1], b[0, 2], a[0, 1], a[0, 2]
    b10, b11, b12, a11, a12 = b[1, 0], b[1, 1], b[1, 2], a[1, 1], a[1, 2]
    for channel in range(source.shape[1]):
        if weights[channel] == 0.0:
            continue
        s0 = s1 = r0 = r1 = 0.0
        for step in range(n_steps):
            total = 0.0
            for i in range(step * n_step, (step + 1) * n_step):
                x = np.float64(source[i, channel])
                y = b00 * x + s0
                s0 = b01 * x - a01 * y + s1
                s1 = b02 * x - a02 * y
                z = b10 * y + r0
                r0 = b11 * y - a11 * z + r1
                r1 = b12 * y - a12 * z
                total += z * z
            out[step] += weights[channel] * total / n_step
    return out
