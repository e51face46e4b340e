"""Mixing: placing, levels, reverberation, tape echo, ducking, amplifiers.

Echo and reverberation work at half the sample rate, on one mono send each: a room and a tape have
nothing above 8 kHz to give. :func:`half_rate` leads there, :func:`add_at_full_rate` back.
"""

import math

import numpy as np
from scipy import fft as sp_fft

from segue.synthetic.waveforms import SAMPLE_RATE_HZ, n_samples_of
from segue.types import FloatMatrix, FloatVector

HALF_RATE_HZ = SAMPLE_RATE_HZ // 2


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


def half_rate(bus: FloatMatrix) -> FloatVector:
    """Both channels together, every two samples averaged, shape (n_samples // 2,)."""
    n = bus.shape[1] // 2 * 2
    send = bus[0, 0:n:2] + bus[0, 1:n:2]
    send += bus[1, 0:n:2]
    send += bus[1, 1:n:2]
    send *= np.float32(0.5)
    return send


def add_at_full_rate(bus: FloatMatrix, wet: FloatMatrix) -> None:
    """Adds stereo sound of half the sample rate to a bus, linear between its samples."""
    n = 2 * wet.shape[1]
    bus[:, 0:n:2] += wet
    between = wet[:, :-1] + wet[:, 1:]
    between *= np.float32(0.5)
    bus[:, 1 : n - 1 : 2] += between


def moving_average(sound: FloatMatrix, width: int) -> FloatMatrix:
    """Mean of ``width`` neighbours along the last axis, zeros outside, shape kept.

    >>> moving_average(np.array([[0.0, 3.0, 0.0, 0.0]], np.float32), 3).tolist()
    [[1.0, 1.0, 1.0, 0.0]]
    """
    n = sound.shape[1]
    padded = np.pad(sound, ((0, 0), (width // 2, width - 1 - width // 2)))
    total = padded[:, :n].copy()
    for shift in range(1, width):
        total += padded[:, shift : shift + n]
    total *= np.float32(1.0 / width)
    return total


def room_response(decay_s: float, damping_hz: float, rng: np.random.Generator) -> FloatMatrix:
    """Impulse response of a hall at half the sample rate, shape (2, n): unit energy a channel.

    Noise whose high part dies sooner (Moorer 1979), after a pre-delay of 18 ms; the channels
    differ.
    """
    n = int(min(decay_s, 3.0) * HALF_RATE_HZ)
    t = np.arange(n, dtype=np.float32) / HALF_RATE_HZ
    noise = rng.standard_normal((2, n), np.float32)
    smooth = max(2, int(HALF_RATE_HZ / damping_hz))
    dark = moving_average(noise, smooth) * np.float32(np.sqrt(smooth))
    early = np.exp(t * np.float32(-6.9 / (0.3 * decay_s)))
    late = np.exp(t * np.float32(-6.9 / decay_s))
    response = 0.5 * noise * early + dark * late
    response *= np.minimum(t / 0.012, 1.0)
    response = np.pad(response, ((0, 0), (int(0.018 * HALF_RATE_HZ), 0)))
    response /= np.sqrt((response**2).sum(axis=1, keepdims=True))
    return response.astype(np.float32)


def convolve(sound: FloatVector, responses: FloatMatrix) -> FloatMatrix:
    """A sound through each response, shape (n_responses, len(sound)): FFT and overlap-add.

    By blocks that fit the cache: one FFT of the whole track takes four times as long.
    """
    n_response = responses.shape[1]
    n_fft = 1 << math.ceil(math.log2(2 * n_response))
    step = n_fft - n_response + 1
    n_blocks = math.ceil(len(sound) / step)
    blocks = np.pad(sound, (0, n_blocks * step - len(sound))).reshape(n_blocks, step)
    spectra = sp_fft.rfft(blocks, n=n_fft, axis=1)
    out = np.zeros((len(responses), (n_blocks - 1) * step + n_fft), np.float32)
    for row, response in zip(out, sp_fft.rfft(responses, n=n_fft, axis=1), strict=True):
        for number, part in enumerate(sp_fft.irfft(spectra * response, n=n_fft, axis=1)):
            row[number * step : number * step + n_fft] += part
    return out[:, : len(sound)]


def reverberate(
    send: FloatVector, decay_s: float, damping_hz: float, rng: np.random.Generator
) -> FloatMatrix:
    """The wet signal of a hall, shape (2, n), for a send of shape (n,), both at half rate."""
    return convolve(send, room_response(decay_s, damping_hz, rng))


def echo(send: FloatVector, delay_s: float, feedback: float, n_repeats: int = 4) -> FloatMatrix:
    """Echoes that go from side to side, each darker than the one before (tape delay).

    ``delay_s`` between repeats, ``feedback`` 0..1 the gain of each against the one before it;
    ``send`` has shape (n,), the result (2, n), both at half rate.
    """
    wet = np.zeros((2, len(send)), np.float32)
    delay = round(delay_s * HALF_RATE_HZ)
    repeat = 0.5 * send
    for number in range(1, n_repeats + 1):
        left = len(send) - number * delay
        if left <= 0:
            break
        before = repeat[: left + delay]
        repeat = before * np.float32(0.5 * feedback)
        repeat[1:] += before[:-1] * np.float32(0.5 * feedback)  # the tape loses its highs
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
    """Soft clipping, then the low-pass of a loudspeaker cabinet. The level comes out as it may.

    ``drive`` is how far the level while it sounds lies above where clipping begins.
    """
    level = active_rms(bus)
    if level == 0.0:
        return bus
    driven = bus * np.float32(drive / level)
    np.tanh(driven, out=driven)
    width = max(2, int(SAMPLE_RATE_HZ / cabinet_hz / 2))
    return moving_average(moving_average(driven, width), width)
