"""Compiled descriptors of spectra: one pass over each frame for all of them, and medians."""

import numba
import numpy as np
from numpy.typing import NDArray

CENTROID, BANDWIDTH, ROLLOFF, FLATNESS_DB = range(4)
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
    n_mels, n_bands = len(first), len(bands)
    mel = np.empty((n_frames, n_mels), np.float32)
    shape = np.empty((n_frames, 4), np.float32)
    contrast = np.empty((n_frames, n_bands), np.float32)
    power = np.empty(n_bins, np.float32)
    magnitude = np.empty(n_bins, np.float32)
    top, low = np.empty(64, np.float32), np.empty(64, np.float32)
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
        for band in range(n_bands):
            contrast[t, band] = _contrast(
                magnitude, bands[band, 0], bands[band, 1], bands[band, 2], top, low
            )
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
    total = moment = energy = 0.0
    for k in range(n_bins):
        total += magnitude[k]
        moment += k * magnitude[k]
        energy += power[k]
    if total <= 1e-7:
        out[0] = out[1] = out[2] = 0.0
        out[3] = 0.0  # as flat as it gets: silence is all floor
        return
    centre = moment / total
    spread = 0.0
    for k in range(n_bins):
        spread += (k - centre) ** 2 * magnitude[k]
    reached, k = np.float64(magnitude[0]), 0
    while reached < roll * total and k < n_bins - 1:
        k += 1
        reached += magnitude[k]
    out[0] = centre * bin_hz
    out[1] = np.sqrt(spread / total) * bin_hz
    out[2] = k * bin_hz
    logs, at = 0.0, 0
    while at < n_bins:  # one logarithm for eight bins: their product fits into a double
        product = 1.0
        for j in range(at, min(at + 8, n_bins)):
            product *= max(np.float64(power[j]), 1e-10)
        logs += np.log(product)
        at += 8
    arithmetic = max(energy / n_bins, 1e-10)
    out[3] = min(0.0, 10.0 / np.log(10.0) * (logs / n_bins - np.log(arithmetic)))


@numba.njit(cache=True, fastmath=True)
def _contrast(
    magnitude: NDArray[np.float32],
    start: int,
    stop: int,
    n: int,
    top: NDArray[np.float32],
    low: NDArray[np.float32],
) -> float:
    """Mean of the ``n`` greatest over the mean of the ``n`` least of a band, in dB."""
    top[:n], low[:n] = -1.0, 1e30
    for k in range(start, stop):
        x = magnitude[k]
        if x > top[n - 1]:
            j = n - 1
            while j > 0 and top[j - 1] < x:
                top[j] = top[j - 1]
                j -= 1
            top[j] = x
        if x < low[n - 1]:
            j = n - 1
            while j > 0 and low[j - 1] > x:
                low[j] = low[j - 1]
                j -= 1
            low[j] = x
    peak = valley = 0.0
    for j in range(n):
        peak += top[j]
        valley += low[j]
    return 10.0 * np.log10(max(peak / n, 1e-10) / max(valley / n, 1e-10))


@numba.njit(cache=True)
def running_median(rows: NDArray[np.float32], width: int, out: NDArray[np.float32]) -> None:
    """Median of ``width`` (odd) neighbours along each row (n, m), edges mirrored.

    Edges: (c b a | a b c). The window is kept sorted: one value leaves, one comes in.
    """
    n, m = rows.shape
    half = width // 2
    ordered = np.empty(width, np.float32)
    for row in range(n):
        for j in range(width):
            ordered[j] = rows[row, _mirrored(j - half, m)]
        ordered.sort()
        out[row, 0] = ordered[half]
        for i in range(1, m):
            gone, new = rows[row, _mirrored(i - 1 - half, m)], rows[row, _mirrored(i + half, m)]
            j = np.searchsorted(ordered, gone)
            while j < width - 1 and ordered[j + 1] < new:
                ordered[j] = ordered[j + 1]
                j += 1
            while j > 0 and ordered[j - 1] > new:
                ordered[j] = ordered[j - 1]
                j -= 1
            ordered[j] = new
            out[row, i] = ordered[half]


@numba.njit(cache=True)
def _mirrored(i: int, n: int) -> int:
    while i < 0 or i >= n:
        i = -i - 1 if i < 0 else 2 * n - i - 1
    return i
