"""Mixing: placing, reverberation, echo, ducking, loudness (BS.1770-4), look-ahead limiter."""

import numpy as np
from scipy import fft as sp_fft
from scipy import ndimage, signal

from segue.synthetic.waveforms import SAMPLE_RATE_HZ, n_samples_of, times_s
from segue.types import FloatMatrix, FloatVector

LOUDNESS_TARGET_LUFS = -16.0
CEILING = 10.0 ** (-2.0 / 20.0)  # sample peak; leaves 1 dB for what lies between samples
_BLOCK = 64  # samples per step of the limiter's gain


def pan_gains(pan: float) -> tuple[float, float]:
    """Left and right gain of equal power for a place -1 (left) .. 1 (right).

    >>> [round(gain, 3) for gain in pan_gains(0.0)]
    [0.707, 0.707]
    """
    angle = (pan + 1.0) * np.pi / 4.0
    return float(np.cos(angle)), float(np.sin(angle))


def add_at(bus: FloatMatrix, sound: FloatMatrix, start: int, left: float, right: float) -> None:
    """Adds a sound, shape (2, n) or (1, n), to a bus at a sample; what passes the end is cut."""
    first = max(start, 0)
    n = min(sound.shape[1], bus.shape[1] - first)
    if n > 0:
        bus[0, first : first + n] += sound[0, :n] * np.float32(left)
        bus[1, first : first + n] += sound[-1, :n] * np.float32(right)


def active_rms(bus: FloatMatrix) -> float:
    """RMS over the 0.1 s blocks within 30 dB of the loudest: silence between notes not counted."""
    block = SAMPLE_RATE_HZ // 10
    n_blocks = bus.shape[1] // block
    cut = bus[:, : n_blocks * block].reshape(2, n_blocks, block)
    power = np.einsum("cbs,cbs->b", cut, cut) / (2 * block)
    top = power.max(initial=0.0)
    return float(np.sqrt(power[power > top * 1e-3].mean())) if top > 0 else 0.0


def room_response(decay_s: float, damping_hz: float, rng: np.random.Generator) -> FloatMatrix:
    """Impulse response of a hall, shape (2, n): the channels differ, each has unit energy.

    Noise whose high part dies sooner (Moorer 1979), after a pre-delay of 18 ms, at half the sample
    rate: the tail of a room has nothing above 10 kHz.
    """
    rate = SAMPLE_RATE_HZ // 2
    n = int(min(decay_s, 3.0) * rate)
    t = np.arange(n, dtype=np.float32) / rate
    noise = rng.standard_normal((2, n), np.float32)
    smooth = max(2, int(rate / damping_hz))
    dark = ndimage.uniform_filter1d(noise, smooth, axis=1) * np.float32(np.sqrt(smooth))
    early = np.exp(t * np.float32(-6.9 / (0.3 * decay_s)))
    late = np.exp(t * np.float32(-6.9 / decay_s))
    response = 0.5 * noise * early + dark * late
    response *= np.minimum(t / 0.012, 1.0)
    response = np.pad(response, ((0, 0), (int(0.018 * rate), 0)))
    response /= np.sqrt((response**2).sum(axis=1, keepdims=True))
    return response.astype(np.float32)


def reverberate(
    send: FloatMatrix, decay_s: float, damping_hz: float, rng: np.random.Generator
) -> FloatMatrix:
    """The wet signal of a hall for a stereo send, shape (2, n_samples), by FFT convolution."""
    n_samples = send.shape[1]
    mono = send[0] + send[1]
    half = mono[: n_samples // 2 * 2].reshape(-1, 2).mean(axis=1)
    response = room_response(decay_s, damping_hz, rng)
    # by blocks that fit the cache: one FFT of the whole track takes four times as long
    wet = np.asarray(signal.oaconvolve(half[None, :], response, axes=1), np.float32)
    wet = wet[:, : len(half)]
    full = np.zeros((2, n_samples), np.float32)
    full[:, 0 : 2 * len(half) : 2] = wet
    full[:, 1 : 2 * len(half) - 1 : 2] = 0.5 * (wet[:, :-1] + wet[:, 1:])
    return full


def echo(
    send: FloatMatrix, delay_s: float, feedback: float, n_repeats: int = 4, darkening: int = 6
) -> FloatMatrix:
    """Echoes that go from side to side, each darker than the one before (tape delay).

    ``delay_s`` between repeats, ``feedback`` 0..1 the gain of each against the one before it.
    """
    wet = np.zeros_like(send)
    delay = n_samples_of(delay_s)
    repeat = 0.5 * (send[0] + send[1])
    for number in range(1, n_repeats + 1):
        left = send.shape[1] - number * delay
        if left <= 0:
            break
        repeat = ndimage.uniform_filter1d(repeat[: left + delay], darkening) * np.float32(feedback)
        near, far = pan_gains(0.7 if number % 2 else -0.7)
        wet[0, number * delay :] += repeat[:left] * np.float32(near)
        wet[1, number * delay :] += repeat[:left] * np.float32(far)
    return wet


def duck(n_samples: int, kick_starts: list[int], depth: float, recovery_s: float) -> FloatVector:
    """Gain that drops at every kick and recovers (side-chain compression), shape (n_samples,)."""
    n = n_samples_of(recovery_s)
    dip = 1.0 - np.float32(depth) * (1.0 - np.linspace(0.0, 1.0, n, dtype=np.float32) ** 0.7)
    gain = np.ones(n_samples, np.float32)
    for start in kick_starts:
        first = max(start, 0)
        last = min(first + n, n_samples)
        gain[first:last] = np.minimum(gain[first:last], dip[: last - first])
    return gain


def amplifier(bus: FloatMatrix, drive: float, cabinet_hz: float) -> FloatMatrix:
    """Soft clipping, then the low-pass of a loudspeaker cabinet; keeps the part's own level."""
    level = active_rms(bus)
    if level == 0.0:
        return bus
    driven = np.tanh(bus * np.float32(drive / level))
    n = max(2, int(SAMPLE_RATE_HZ / cabinet_hz / 2))
    for _ in range(2):
        driven = ndimage.uniform_filter1d(driven, n, axis=1)
    return driven * np.float32(level / max(active_rms(driven), 1e-9))


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
    """Integrated loudness (ITU-R BS.1770-4) of stereo sound at 44.1 kHz, shape (2, n_samples).

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

    The gain of a block of 64 samples is what its neighbours need too (6 ms each side), smoothed
    inside that width, so that it is low enough when the peak comes.
    """
    n_samples = audio.shape[1]
    peak = np.abs(audio).max(axis=0)
    peak = np.pad(peak, (0, -n_samples % _BLOCK)).reshape(-1, _BLOCK).max(axis=1)
    if peak.max(initial=0.0) <= ceiling:
        return audio
    need = np.minimum(1.0, ceiling / np.maximum(peak, 1e-9))
    held = ndimage.minimum_filter1d(need, 9, mode="nearest")
    gain = ndimage.uniform_filter1d(held, 7, mode="nearest")
    centres = (np.arange(len(gain)) + 0.5) * _BLOCK
    return audio * np.interp(np.arange(n_samples), centres, gain).astype(np.float32)


def master(audio: FloatMatrix, fade_in_s: float, fade_out_s: float) -> FloatMatrix:
    """Removes what is under hearing, fades, sets the loudness to -16 LUFS, limits the peaks.

    Two rounds: the limiter takes a little loudness, which the second round gives back.
    """
    rumble = signal.butter(2, 24.0, "highpass", fs=SAMPLE_RATE_HZ, output="sos")
    mixed = np.asarray(signal.sosfilt(rumble.astype(np.float32), audio, axis=1), np.float32)
    n = mixed.shape[1]
    for duration_s, backwards in ((fade_in_s, False), (fade_out_s, True)):
        n_fade = min(n_samples_of(duration_s), n)
        shape = np.sin(times_s(n_fade) * np.float32(np.pi / 2 / max(duration_s, 1e-3))) ** 2
        part = slice(n - n_fade, n) if backwards else slice(0, n_fade)
        mixed[:, part] *= shape[::-1] if backwards else shape
    for _ in range(2):
        gain = 10.0 ** ((LOUDNESS_TARGET_LUFS - loudness_lufs(mixed)) / 20.0)
        if not np.isfinite(gain):
            break  # silence has no loudness to set
        mixed = mixed * np.float32(gain)
        if np.abs(mixed).max() <= CEILING:
            break
        mixed = limit(mixed)
    return mixed
