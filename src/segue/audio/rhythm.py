"""Rhythm: onset strength, tempo with confidence, beats.

Onsets are rises of the mel spectrum in dB; tempo is read from their autocorrelation, summed over
the windows of a track, so that a pause between windows does no harm.
"""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy import fft, ndimage

TEMPO_LOW_BPM, TEMPO_HIGH_BPM = 40.0, 220.0
PRIOR_BPM, PRIOR_OCTAVES = 126.0, 0.65
_MULTIPLES, _HALVES = (1, 2, 4, 8), (0.5, 1.5, 2.5, 3.5)
_LONGEST_LAG_S = 8.0
_RANGE_DB = 80.0
_TIGHTNESS = 100.0

Autocorrelation = NDArray[np.float64]


class Tempo(Struct, frozen=True):
    """``bpm`` (0 where there is no rhythm) and how clearly the onsets repeat at it, 0..1."""

    bpm: float
    confidence: float


def onset_strength(mel_db: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean rise of the mel bands (t, n_mels) from the frame before (dB), 0 in the first frame.

    Levels more than 80 dB under the loudest of the window count as that: silence has no onsets.
    Böck and Widmer 2013 call it spectral flux.
    """
    levels = np.maximum(mel_db, mel_db.max() - np.float32(_RANGE_DB))
    rises = np.maximum(0.0, np.diff(levels, axis=0, prepend=levels[:1]))
    return rises.mean(axis=1)


def onset_frames(strength: NDArray[np.float32], frame_hz: float) -> NDArray[np.int64]:
    """Frames of onsets: the greatest within 30 ms before and after, clearly above the local mean.

    The threshold is the mean over 200 ms plus a fifth of the window's 98th percentile, and at
    least 0.3 dB; two onsets are at least 60 ms apart.
    """
    if len(strength) < 3:
        return np.zeros(0, np.int64)
    reach = max(1, round(0.03 * frame_hz))
    mean = ndimage.uniform_filter1d(strength, 2 * round(0.1 * frame_hz) + 1)
    top = float(np.percentile(strength, 98))
    is_peak = strength >= ndimage.maximum_filter1d(strength, 2 * reach + 1)
    (found,) = np.nonzero(is_peak & (strength > mean + max(0.3, 0.2 * top)))
    if not len(found):
        return found
    apart = np.concatenate(([True], np.diff(found) > 2 * reach))
    return found[apart]


def onset_autocorrelation(strength: NDArray[np.float32], frame_hz: float) -> Autocorrelation:
    """Autocorrelation of a window's onset strength, lag 0 to 8 s, each lag by its own count.

    The local mean over one second is taken off first. Zero where nothing changes.
    """
    n_lags = int(_LONGEST_LAG_S * frame_hz) + 2
    y = flattened(strength, frame_hz)
    size = fft.next_fast_len(len(y) + n_lags, real=True)
    spectrum = fft.rfft(y, size)
    raw = fft.irfft(spectrum.real**2 + spectrum.imag**2, size)[:n_lags]
    counts = len(y) - np.arange(n_lags)
    known = counts > len(y) // 4  # a few pairs say nothing
    return np.where(known, raw / np.maximum(counts, 1), 0.0)


def flattened(strength: NDArray[np.float32], frame_hz: float) -> NDArray[np.float64]:
    """Onset strength without its mean over one second, smoothed over 3 frames, deviation 1."""
    y = strength.astype(np.float64)
    y = y - ndimage.uniform_filter1d(y, 2 * round(0.5 * frame_hz) + 1, mode="nearest")
    y = ndimage.convolve1d(y, [0.25, 0.5, 0.25], mode="nearest")
    deviation = float(y.std())
    return y / deviation if deviation > 1e-3 else np.zeros_like(y)


def tempo_from(autocorrelation: Autocorrelation, frame_hz: float) -> Tempo:
    """The tempo whose period and its multiples stand out, weighed by how common tempi are.

    For every tempo of a grid of 0.3 %, the :func:`comb` of the autocorrelation times a log-normal
    prior (van Noorden and Moelants 1999 find preferred tempi so distributed), which decides
    between octaves. Its middle, 126 bpm, and width, 0.65 octaves, are those that were right most
    often on one rendered library. The winner is refined on its eighth multiple.
    """
    scale = float(autocorrelation[0]) if len(autocorrelation) else 0.0
    if scale <= 0:
        return Tempo(0.0, 0.0)
    ac = autocorrelation / scale
    bpm = np.exp(np.arange(np.log(TEMPO_LOW_BPM), np.log(TEMPO_HIGH_BPM), 0.003))
    period = 60.0 * frame_hz / bpm
    score = comb(ac, period) * prior(bpm)
    best = int(np.argmax(score))
    if score[best] <= 0:
        return Tempo(0.0, 0.0)
    lag = _refined(ac, float(period[best]))
    confidence = float(np.clip(_at(ac, np.array([lag])).item(), 0.0, 1.0))
    return Tempo(float(np.clip(60.0 * frame_hz / lag, TEMPO_LOW_BPM, TEMPO_HIGH_BPM)), confidence)


def prior(bpm: NDArray[np.float64]) -> NDArray[np.float64]:
    """How common a tempo is, 1 at 126 bpm."""
    return np.exp(-0.5 * (np.log2(bpm / PRIOR_BPM) / PRIOR_OCTAVES) ** 2)


def comb(ac: NDArray[np.float64], period: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean correlation at 1, 2, 4 and 8 periods, and half of that at odd half periods.

    Doubled multiples lie on the grid of the true beat but off that of 2/3 or 3/2 of its tempo;
    half periods, where music divides the beat, speak against a third of it.
    """
    on = sum(_at(ac, k * period) for k in _MULTIPLES) / len(_MULTIPLES)
    half = sum(_at(ac, k * period) for k in _HALVES) / len(_HALVES)
    return np.asarray(on + 0.5 * np.maximum(half, 0.0))


def beat_times(
    strength: NDArray[np.float32], tempo_bpm: float, frame_hz: float, start_s: float
) -> NDArray[np.float32]:
    """Beats (s) of a window that begins at ``start_s``; none without a tempo.

    Ellis 2007: dynamic programming over onset strength and the regularity of gaps; weak beats at
    both ends are dropped.
    """
    from segue.audio.rhythm_kernels import best_chain

    onsets = flattened(strength, frame_hz)
    if tempo_bpm <= 0 or not onsets.any():
        return np.zeros(0, np.float32)
    period = 60.0 * frame_hz / tempo_bpm
    scores, before = best_chain(np.maximum(onsets, 0.0), period, _TIGHTNESS)
    last = len(scores) - 1 - int(np.argmax(scores[::-1][: max(1, round(period))]))
    chain = [last]
    while before[chain[-1]] >= 0:
        chain.append(int(before[chain[-1]]))
    frames = np.array(chain[::-1])
    heights = onsets[frames]
    strong = heights > 0.5 * np.sqrt(np.mean(np.maximum(heights, 0.0) ** 2))
    if strong.any():
        (kept,) = np.nonzero(strong)
        frames = frames[kept[0] : kept[-1] + 1]
    return (start_s + frames / frame_hz).astype(np.float32)


def _refined(ac: NDArray[np.float64], lag: float) -> float:
    """The lag from the peak nearest to its last known multiple, by a parabola."""
    for k in (8, 4, 2, 1):
        centre = k * lag
        reach = max(1.0, 0.02 * centre)
        low, high = int(np.floor(centre - reach)), int(np.ceil(centre + reach))
        if high + 1 >= len(ac) or low < 1:
            continue
        at = low + int(np.argmax(ac[low : high + 1]))
        left, mid, right = ac[at - 1], ac[at], ac[at + 1]
        bend = left - 2 * mid + right
        if mid <= 0 or bend >= 0:
            continue
        return float((at + 0.5 * (left - right) / bend) / k)
    return lag


def _at(ac: NDArray[np.float64], lag: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.interp(lag, np.arange(len(ac)), ac, right=0.0)
