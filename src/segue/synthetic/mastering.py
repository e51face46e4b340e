"""Mastering: rumble filter, fades, loudness (ITU-R BS.1770-4), look-ahead limiter."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import fft as sp_fft

from segue.synthetic.waveforms import SAMPLE_RATE_HZ, n_samples_of, times_s
from segue.types import FloatMatrix, FloatVector

LOUDNESS_TARGET_LUFS = -16.0
CEILING = 10.0 ** (-2.0 / 20.0)  # sample peak; leaves 1 dB for what lies between samples
_RUMBLE_HZ = 20.0
_BLOCK = 48  # samples, 1.5 ms: the step of the limiter's gain and of the rumble


def by_blocks(audio: FloatMatrix) -> FloatMatrix:
    """The sound cut into blocks, silence at the end, shape (n_channels, n_blocks, samples)."""
    padded = np.pad(audio, ((0, 0), (0, -audio.shape[1] % _BLOCK)))
    return padded.reshape(len(audio), -1, _BLOCK)


def between_blocks(values: FloatVector, n_samples: int) -> FloatVector:
    """One value for each block to one for each sample: linear between the blocks' middles."""
    edged = np.pad(values, 1, mode="edge").astype(np.float32)
    ramp = np.arange(_BLOCK, dtype=np.float32) / _BLOCK
    lines = np.diff(edged)[:, None] * ramp
    lines += edged[:-1, None]
    return lines.ravel()[_BLOCK // 2 : _BLOCK // 2 + n_samples]


def k_weighting_gain(hz: FloatVector) -> FloatVector:
    """Power response of the K-weighting of ITU-R BS.1770-4 (shelf, then high-pass).

    Both biquads in their analogue form, from De Man 2014, "Evaluation of implementations of the
    EBU R128 loudness measurement"; at 1 kHz it gives 0.69 dB, which the formula takes off again.
    """
    s = 1j * np.maximum(hz, 1e-3)
    shelf_hz, shelf_q, shelf_gain = 1681.97, 0.7072, 10 ** (3.99984 / 20)
    band_gain = shelf_gain**0.499667
    x = s / shelf_hz
    shelf = (shelf_gain * x**2 + band_gain * x / shelf_q + 1.0) / (x**2 + x / shelf_q + 1.0)
    y = s / 38.135
    highpass = y**2 / (y**2 + y / 0.5003 + 1.0)
    return (np.abs(shelf * highpass) ** 2).astype(np.float32)


def loudness_lufs(audio: FloatMatrix) -> float:
    """Integrated loudness (ITU-R BS.1770-4) of stereo sound, shape (2, n_samples).

    K-weighting by Parseval's theorem on blocks of 400 ms without overlap, gates at -70 LUFS and
    10 LU under the mean. Silence gives ``-inf``.
    """
    block = int(0.4 * SAMPLE_RATE_HZ)
    n_blocks = audio.shape[1] // block
    cut = audio[:, : n_blocks * block].reshape(2, n_blocks, block)
    spectrum = sp_fft.rfft(cut, axis=2)
    weight = 2.0 * k_weighting_gain(sp_fft.rfftfreq(block, 1.0 / SAMPLE_RATE_HZ)) / block**2
    squared = spectrum.real**2 + spectrum.imag**2
    power = np.einsum("cbf,f->b", squared, weight.astype(np.float32)).astype(np.float64)
    power = power[power > 10 ** ((-70.0 + 0.691) / 10)]
    if not len(power):
        return float("-inf")
    power = power[power > 0.1 * power.mean()]
    return float(-0.691 + 10.0 * np.log10(power.mean()))


def limit(audio: FloatMatrix, ceiling: float = CEILING) -> FloatMatrix:
    """Holds every sample under the ceiling with a gain that falls ahead of the peak, no distortion.

    The gain of a block of 1.5 ms is what its neighbours need too (6 ms each side), smoothed
    inside that width, so that it is low enough when the peak comes.
    """
    blocks = by_blocks(audio)
    peak = np.maximum(blocks.max(axis=(0, 2)), -blocks.min(axis=(0, 2)))
    if peak.max(initial=0.0) <= ceiling:
        return audio
    need = np.minimum(1.0, ceiling / np.maximum(peak, 1e-9))
    held = sliding_window_view(np.pad(need, 4, mode="edge"), 9).min(axis=1)
    gain = sliding_window_view(np.pad(held, 3, mode="edge"), 7).mean(axis=1)
    return audio * between_blocks(gain, audio.shape[1])


def without_rumble(audio: FloatMatrix) -> FloatMatrix:
    """The sound less what is too low to hear: half at 20 Hz, 12 dB an octave and no phase.

    What is low is found on the blocks' means, where it costs next to nothing, and taken off.
    """
    means = by_blocks(audio).mean(axis=2)
    hz = sp_fft.rfftfreq(means.shape[1], _BLOCK / SAMPLE_RATE_HZ)
    kept = (1.0 / (1.0 + (hz / _RUMBLE_HZ) ** 4)).astype(np.float32)
    low = sp_fft.irfft(sp_fft.rfft(means, axis=1) * kept, n=means.shape[1], axis=1)
    return audio - np.stack([between_blocks(row, audio.shape[1]) for row in low])


def faded(audio: FloatMatrix, fade_in_s: float, fade_out_s: float) -> FloatMatrix:
    """The sound with a rise and a fall of squared-sine shape, in place."""
    n = audio.shape[1]
    for duration_s, backwards in ((fade_in_s, False), (fade_out_s, True)):
        n_fade = min(n_samples_of(duration_s), n)
        shape = np.sin(times_s(n_fade) * np.float32(np.pi / 2 / max(duration_s, 1e-3))) ** 2
        part = slice(n - n_fade, n) if backwards else slice(0, n_fade)
        audio[:, part] *= shape[::-1] if backwards else shape
    return audio


def master(audio: FloatMatrix, fade_in_s: float, fade_out_s: float) -> FloatMatrix:
    """Removes what is under hearing, fades, sets the loudness to -16 LUFS, limits the peaks.

    Two rounds: the limiter takes a little loudness, which the second round gives back.
    """
    mixed = faded(without_rumble(audio), fade_in_s, fade_out_s)
    for _ in range(2):
        gain = 10.0 ** ((LOUDNESS_TARGET_LUFS - loudness_lufs(mixed)) / 20.0)
        if not np.isfinite(gain):
            break  # silence has no loudness to set
        mixed *= np.float32(gain)
        if max(mixed.max(), -mixed.min()) <= CEILING:
            break
        mixed = limit(mixed)
    return mixed
