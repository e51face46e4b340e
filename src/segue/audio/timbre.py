"""Timbre: MFCC, spectral shape and contrast, zero crossings, percussive against harmonic sound."""

from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy import fft

from segue.audio.feature_parts import N_CONTRAST, N_MFCC
from segue.audio.stft import mel_filters

N_MELS = 128
ROLLOFF_SHARE = 0.85
_CONTRAST_LOW_HZ, _CONTRAST_QUANTILE = 200.0, 0.02
_MEDIAN_WIDTH = 17
_FLOOR = 1e-10
_RANGE_DB = 80.0


class FrameTimbre(Struct, frozen=True):
    """Descriptors of every frame of a window.

    ``mel_db`` (t, 128), ``mfcc`` (t, 20), ``centroid_hz``, ``bandwidth_hz``, ``rolloff_hz``,
    ``flatness_db`` (t,) and ``contrast_db`` (t, 7); ``percussive`` and ``harmonic`` are energies.
    """

    mel_db: NDArray[np.float32]
    mfcc: NDArray[np.float32]
    centroid_hz: NDArray[np.float32]
    bandwidth_hz: NDArray[np.float32]
    rolloff_hz: NDArray[np.float32]
    flatness_db: NDArray[np.float32]
    contrast_db: NDArray[np.float32]
    percussive: float
    harmonic: float


def frame_timbre(blocks: Iterable[NDArray[np.complex64]], rate_hz: int) -> FrameTimbre:
    """All descriptors of a window's spectra, which come in blocks (t, n_bins) of at least one.

    MFCC: DCT-II (orthonormal) of the mel powers in dB (Davis and Mermelstein 1980); bands more
    than 80 dB under the loudest of the window, or under -100 dB, count as that.
    Centroid, bandwidth and rolloff (85 %) weigh by magnitude. Flatness is the geometric over the
    arithmetic mean of power, in dB: 0 for white noise. Contrast: Jiang et al. 2002, six octaves
    from 200 Hz and what lies below, the extreme 2 % of bins, in dB. A silent frame has 0 in all.
    """
    from segue.audio.timbre_kernels import describe

    described: list[tuple[NDArray[np.float32], ...]] = []
    for spectra in blocks:
        n_fft = 2 * (spectra.shape[1] - 1)
        first, indptr, weights = _sparse_filters(rate_hz, n_fft)
        bands = _contrast_bands(rate_hz, n_fft)
        described.append(
            describe(spectra, rate_hz / n_fft, first, indptr, weights, bands, ROLLOFF_SHARE)
        )
    mel, shape, contrast = (np.concatenate(parts) for parts in zip(*described, strict=True))
    mel_db = (10.0 * np.log10(np.maximum(mel, np.float32(_FLOOR)))).astype(np.float32, copy=False)
    mel_db = np.maximum(mel_db, mel_db.max() - np.float32(_RANGE_DB))
    mfcc = fft.dct(mel_db, axis=1, norm="ortho")[:, :N_MFCC]
    percussive, harmonic = balance(mel)
    return FrameTimbre(
        mel_db,
        mfcc,
        shape[:, 0],
        shape[:, 1],
        shape[:, 2],
        shape[:, 3],
        contrast,
        percussive,
        harmonic,
    )


def balance(mel: NDArray[np.float32]) -> tuple[float, float]:
    """Percussive and harmonic energy of mel powers (t, n_mels); 0 and 0 for silence.

    Median filtering (Fitzgerald 2010): what lasts over 17 frames is harmonic, what spans the
    neighbouring bands is percussive; soft masks of power 2. Done on pairs of mel bands, where it
    costs a tenth of what it does on the bins of the transform.
    """
    from segue.audio.median_kernels import running_median

    pairs = np.sqrt(mel[:, 0::2] + mel[:, 1::2])
    lasting = running_median(pairs, _MEDIAN_WIDTH)
    spanning = running_median(pairs.T, _MEDIAN_WIDTH).T
    h, p = lasting**2, spanning**2
    mask = p / np.maximum(h + p, np.float32(1e-20))
    energy = pairs**2
    percussive = float((energy * mask**2).sum(dtype=np.float64))
    return percussive, float((energy * (1 - mask) ** 2).sum(dtype=np.float64))


def zero_crossing_rate(y: NDArray[np.float32], n: int) -> NDArray[np.float32]:
    """Share of sample pairs that change sign, for each stretch of ``n`` samples (the rest dropped).

    Zero counts as positive. A signal shorter than ``n`` is one stretch.
    """
    changes = np.diff(np.signbit(y)).astype(np.float32)
    if len(changes) < n:
        return np.array([changes.mean() if len(changes) else 0.0], np.float32)
    return changes[: len(changes) // n * n].reshape(-1, n).mean(axis=1)


@lru_cache(maxsize=4)
def _sparse_filters(
    rate_hz: int, n_fft: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    filters = mel_filters(rate_hz, n_fft, N_MELS)
    first, lengths, weights = [], [], []
    for row in filters:
        (bins,) = np.nonzero(row)
        start, stop = (bins[0], bins[-1] + 1) if len(bins) else (0, 0)
        first.append(start)
        lengths.append(stop - start)
        weights.append(row[start:stop])
    indptr = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    return np.array(first, np.int64), indptr, np.concatenate(weights)


@lru_cache(maxsize=4)
def _contrast_bands(rate_hz: int, n_fft: int) -> NDArray[np.int64]:
    """First bin, end and count of extremes of each octave band; neighbours share no bin."""
    edges_hz = [0.0, *(_CONTRAST_LOW_HZ * 2.0**k for k in range(N_CONTRAST))]
    bins_hz = np.fft.rfftfreq(n_fft, 1 / rate_hz)
    rows: list[tuple[int, int, int]] = []
    for k, (low, high) in enumerate(pairwise(edges_hz)):
        (inside,) = np.nonzero((bins_hz >= low) & (bins_hz <= high))
        start, stop = int(inside[0]), int(inside[-1]) + 1
        if k > 0:
            start -= 1  # as Jiang's bands are read by librosa: from the bin below the edge
        if k == N_CONTRAST - 1:
            stop = len(bins_hz)
        n = max(1, int(np.rint(_CONTRAST_QUANTILE * (stop - start))))
        rows.append((start, stop - 1 if k < N_CONTRAST - 1 else stop, n))
    return np.array(rows, np.int64)
