"""The short-time Fourier transform that all features share, and mel filters.

Frames are centred on multiples of the hop with zeros beyond both ends, under a periodic Hann
window, as librosa has them by default.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import fft

MelScale = Literal["slaney", "htk"]
_BLOCK = 32  # frames


@lru_cache(maxsize=8)
def hann(n: int) -> NDArray[np.float32]:
    """The periodic Hann window (n,)."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n)).astype(np.float32)


def stft(y: NDArray[np.float32], n_fft: int, hop: int) -> NDArray[np.complex64]:
    """Spectra (1 + len(y) // hop, 1 + n_fft // 2) of mono samples, one row a frame.

    >>> stft(np.zeros(1000, np.float32), 512, 256).shape
    (4, 257)
    """
    return np.concatenate(list(stft_blocks(y, n_fft, hop)))


def stft_blocks(y: NDArray[np.float32], n_fft: int, hop: int) -> Iterator[NDArray[np.complex64]]:
    """The rows of :func:`stft`, 32 at a time: they stay in the cache until they are used."""
    padded = np.pad(y, n_fft // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop]
    for at in range(0, len(frames), _BLOCK):
        block = frames[at : at + _BLOCK] * hann(n_fft)
        yield fft.rfft(block, axis=1, overwrite_x=True)


@lru_cache(maxsize=8)
def mel_filters(
    rate_hz: int,
    n_fft: int,
    n_mels: int,
    low_hz: float = 0.0,
    high_hz: float | None = None,
    scale: MelScale = "slaney",
    *,
    area: bool = True,
) -> NDArray[np.float32]:
    """Triangular filters (n_mels, 1 + n_fft // 2), each of area 2 / width (Slaney) or of height 1.

    Slaney 1998, "Auditory Toolbox" (linear below 1 kHz, logarithmic above), or the HTK book's
    ``2595 log10(1 + f / 700)``.
    """
    edges_hz = _mel_to_hz(
        np.linspace(
            _hz_to_mel(low_hz, scale), _hz_to_mel(high_hz or rate_hz / 2, scale), n_mels + 2
        ),
        scale,
    )
    bins_hz = np.fft.rfftfreq(n_fft, 1 / rate_hz)
    ramps = edges_hz[:, None] - bins_hz
    widths = np.diff(edges_hz)[:, None]
    rising, falling = -ramps[:-2] / widths[:-1], ramps[2:] / widths[1:]
    filters = np.maximum(0.0, np.minimum(rising, falling))
    if area:
        filters *= (2.0 / (edges_hz[2:] - edges_hz[:-2]))[:, None]
    return filters.astype(np.float32)


_LINEAR_STEP_HZ = 200 / 3
_LOG_FROM_HZ = 1000.0
_LOG_STEP = np.log(6.4) / 27.0


def _hz_to_mel(hz: float, scale: MelScale) -> float:
    if scale == "htk":
        return float(2595.0 * np.log10(1.0 + hz / 700.0))
    if hz < _LOG_FROM_HZ:
        return hz / _LINEAR_STEP_HZ
    return float(_LOG_FROM_HZ / _LINEAR_STEP_HZ + np.log(hz / _LOG_FROM_HZ) / _LOG_STEP)


def _mel_to_hz(mel: NDArray[np.float64], scale: MelScale) -> NDArray[np.float64]:
    if scale == "htk":
        return 700.0 * (10.0 ** (mel / 2595.0) - 1.0)
    from_mel = _LOG_FROM_HZ / _LINEAR_STEP_HZ
    return np.where(
        mel < from_mel,
        mel * _LINEAR_STEP_HZ,
        _LOG_FROM_HZ * np.exp(_LOG_STEP * (mel - from_mel)),
    )
