"""Compiled descriptors of spectra: one pass over each frame, contrast of 32 frames side by side."""

import numba
import numpy as np
from numpy.typing import NDArray

CENTROID, BANDWIDTH, ROLLOFF, FLATNESS_DB = range(4)
_LANES = 32  # frames side by side: what is compared stays in vector registers
_RUN = 16  # bins that are summed, or multiplied, at once
_FLOOR = 1e-10


@numba.njit(cache=True, fastmath=True)
def describe(
    spectra: NDArray[np.complex64],
    bin_hz: float,
    first: NDArray[np.int64],
    indptr: NDArray[np.int64],
    weights: NDArray[np.float32],
    bands: NDArray[np.int64],
    roll: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Mel powers (t, n_mels), shape (t, 4) and contrast in dB (t, n_bands) of spectra (t, n_bins).

    Filter m covers the bins from ``first[m]`` with ``weights[indptr[m]:indptr[m + 1]]``; contrast
    band b the bins ``bands[b, 0]`` up to ``bands[b, 1]``, its extremes the mean of ``bands[b, 2]``.
    """
    n_frames, n_bins = spectra.shape
    n_mels = len(first)
    mel = np.empty((n_frames, n_mels), np.float32)
    shape = np.empty((n_frames, 4), np.float32)
    contrast = np.empty((n_frames, len(bands)), np.float32)
    power = np.empty(n_bins, np.float32)
    magnitude = np.empty(n_bins, np.float32)
    lanes = np.zeros((n_bins, _LANES), np.float32)
    for t in range(n_frames):
        for k in range(n_bins):
            power[k] = spectra[t, k].real ** 2 + spectra[t, k].imag ** 2
        for k in range(n_bins):
            magnitude[k] = np.sqrt(power[k])
        for m in range(n_mels):
            total = np.float32(0.0)
            start = first[m] - indptr[m]
            for j in range(indptr[m], indptr[m + 1]):
                total += weights[j] * power[start + j]
            mel[t, m] = total
        _shape_of(power, magnitude, bin_hz, roll, shape[t])
        lane = t % _LANES
        for k in range(n_bins):
            lanes[k, lane] = magnitude[k]
        if lane == _LANES - 1 or t == n_frames - 1:
            _contrast(lanes, bands, contrast[t - lane : t + 1])
    return mel, shape, contrast


@numba.njit(cache=True, fastmath=True)
def _shape_of(
    power: NDArray[np.float32],
    magnitude: NDArray[np.float32],
    bin_hz: float,
    roll: float,
    out: NDArray[np.float32],
) -> None:
    n_bins = len(power)
    total = moment = second = energy = 0.0
    for k in range(n_bins):
        x, place = np.float64(magnitude[k]), np.float64(k)
        total += x
        moment += place * x
        second += place * place * x
        energy += power[k]
    if total <= 1e-7:
        out[0] = out[1] = out[2] = 0.0
        out[3] = 0.0  # as flat as it gets: silence is all floor
        return
    centre = moment / total
    out[0] = centre * bin_hz
    out[1] = np.sqrt(max(0.0, second / total - centre * centre)) * bin_hz
    out[2] = _bin_reaching(magnitude, roll * total) * bin_hz
    arithmetic = max(energy / n_bins, _FLOOR)
    out[3] = min(0.0, 10.0 / np.log(10.0) * (_mean_log(power) - np.log(arithmetic)))


@numba.njit(cache=True, fastmath=True)
def _bin_reaching(magnitude: NDArray[np.float32], goal: float) -> int:
    """The first bin up to which magnitudes sum to ``goal``, the last if none does."""
    n_bins = len(magnitude)
    reached, k = 0.0, 0
    while k + _RUN < n_bins:  # whole runs, for as long as the goal lies beyond them
        run = 0.0
        for j in range(k, k + _RUN):
            run += magnitude[j]
        if reached + run >= goal:
            break
        reached += run
        k += _RUN
    reached += magnitude[k]
    while reached < goal and k < n_bins - 1:
        k += 1
        reached += magnitude[k]
    return k


@numba.njit(cache=True, fastmath=True)
def _mean_log(power: NDArray[np.float32]) -> float:
    """Mean logarithm of powers, each at least the floor; 16 of them multiplied fit a double."""
    n_bins = len(power)
    logs, at = 0.0, 0
    while at + _RUN <= n_bins:
        product = 1.0
        for j in range(_RUN):
            product *= max(np.float64(power[at + j]), _FLOOR)
        logs += np.log(product)
        at += _RUN
    for k in range(at, n_bins):
        logs += np.log(max(np.float64(power[k]), _FLOOR))
    return logs / n_bins


@numba.njit(cache=True, fastmath=True)
def _contrast(
    lanes: NDArray[np.float32], bands: NDArray[np.int64], out: NDArray[np.float32]
) -> None:
    """Contrast (t, n_bands) in dB of the first t columns of magnitudes (n_bins, 32).

    Mean of the n greatest of a band over the mean of its n least. Each magnitude goes down the
    sorted column of the greatest and of the least: it stays where it is more extreme, and what
    was there goes on. No branch, so that all frames do the same.
    """
    n_most = 1
    for band in range(len(bands)):
        n_most = max(n_most, bands[band, 2])
    top = np.empty((n_most, _LANES), np.float32)
    low = np.empty((n_most, _LANES), np.float32)
    down, up = np.empty(_LANES, np.float32), np.empty(_LANES, np.float32)
    for band in range(len(bands)):
        n = bands[band, 2]
        top[:n], low[:n] = -1.0, 1e30
        for k in range(bands[band, 0], bands[band, 1]):
            for lane in range(_LANES):
                down[lane] = up[lane] = lanes[k, lane]
            for j in range(n):
                for lane in range(_LANES):
                    high, little = top[j, lane], low[j, lane]
                    x, y = down[lane], up[lane]
                    top[j, lane], down[lane] = max(high, x), min(high, x)
                    low[j, lane], up[lane] = min(little, y), max(little, y)
        for lane in range(len(out)):
            peak = valley = 0.0
            for j in range(n):
                peak += top[j, lane]
                valley += low[j, lane]
            out[lane, band] = 10.0 * np.log10(max(peak / n, _FLOOR) / max(valley / n, _FLOOR))
