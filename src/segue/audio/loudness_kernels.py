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
    """
    out = np.zeros(len(source) // n_step)
    n_channels = source.shape[1]
    for left in range(0, n_channels, 2):  # two at a time: what one waits for, the other computes
        right = min(left + 1, n_channels - 1)
        other = weights[right] if right > left else 0.0
        if weights[left] != 0.0 or other != 0.0:
            _add_pair(source, left, right, b, a, weights[left], other, n_step, out)
    return out


@numba.njit(cache=True, fastmath=True)
def _add_pair(
    source: NDArray[np.float32],
    left: int,
    right: int,
    b: NDArray[np.float64],
    a: NDArray[np.float64],
    weight_left: float,
    weight_right: float,
    n_step: int,
    out: NDArray[np.float64],
) -> None:
    """Add the energies of two channels to ``out``.

    Transposed direct form II in float64, its output put into the equations of its state: a state
    then waits for one product and one sum of the sample before, where it waited for two.
    """
    a01, a02, a11, a12 = a[0, 1], a[0, 2], a[1, 1], a[1, 2]
    d0, e0, f0 = b[0, 0], b[0, 1] - a01 * b[0, 0], b[0, 2] - a02 * b[0, 0]
    d1, e1, f1 = b[1, 0], b[1, 1] - a11 * b[1, 0], b[1, 2] - a12 * b[1, 0]
    s0 = s1 = r0 = r1 = 0.0  # states of the left channel
    u0 = u1 = v0 = v1 = 0.0  # and of the right
    for step in range(len(out)):
        energy_left = energy_right = 0.0
        for i in range(step * n_step, (step + 1) * n_step):
            x, y = np.float64(source[i, left]), np.float64(source[i, right])
            shelved, shelved_right = d0 * x + s0, d0 * y + u0
            s0, s1 = (e0 * x + s1) - a01 * s0, f0 * x - a02 * s0
            u0, u1 = (e0 * y + u1) - a01 * u0, f0 * y - a02 * u0
            cut, cut_right = d1 * shelved + r0, d1 * shelved_right + v0
            r0, r1 = (e1 * shelved + r1) - a11 * r0, f1 * shelved - a12 * r0
            v0, v1 = (e1 * shelved_right + v1) - a11 * v0, f1 * shelved_right - a12 * v0
            energy_left += cut * cut
            energy_right += cut_right * cut_right
        out[step] += (weight_left * energy_left + weight_right * energy_right) / n_step
