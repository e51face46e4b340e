"""Sound sources: harmonic wavetables that change every period, FM, free partials, envelopes.

The harmonic source computes one inverse FFT for each period of the note, so that every overtone
has its own course (a low-pass filter that moves, a string whose high partials die first) at the
price of a table look-up: the spectral twin of Karplus and Strong 1983 and of subtractive synthesis.
FM after Chowning 1973.
"""

import math
from functools import lru_cache

import numpy as np
from scipy import fft as sp_fft

from segue.types import FloatMatrix, FloatVector

SAMPLE_RATE_HZ = 32_000  # nothing here sounds above 15 kHz; encoding costs by the sample
MAX_PARTIAL_HZ = 14_000.0
_LONGEST_NOTE_S = 12
_TIMES_S = np.arange(_LONGEST_NOTE_S * SAMPLE_RATE_HZ, dtype=np.float32) / SAMPLE_RATE_HZ
_TIMES_S.flags.writeable = False


def n_samples_of(duration_s: float) -> int:
    """Whole samples of a duration, at least one."""
    return max(1, round(duration_s * SAMPLE_RATE_HZ))


def times_s(n_samples: int) -> FloatVector:
    """Time of every sample in seconds, float32, shape (n_samples,), not to be written to."""
    if n_samples <= len(_TIMES_S):
        return _TIMES_S[:n_samples]
    return np.arange(n_samples, dtype=np.float32) * np.float32(1.0 / SAMPLE_RATE_HZ)


@lru_cache(maxsize=16)  # the notes of a chord share theirs
def adsr(
    n_samples: int, held_s: float, attack_s: float, decay_s: float, sustain: float, release_s: float
) -> FloatVector:
    """Amplitude envelope 0..1: linear attack, exponential decay and release (ADSR).

    ``held_s`` is when the key is let go; the release falls by 60 dB in ``release_s`` and is
    faded to exactly zero at the end of the note, so that no note ends in a click. The array is
    shared between callers and cannot be written to.
    """
    t = times_s(n_samples)
    level = sustain + (1.0 - sustain) * np.exp(-np.maximum(t - attack_s, 0.0) * (3.0 / decay_s))
    level *= np.minimum(t / max(attack_s, 1e-3), 1.0)
    let_go = min(round(held_s * SAMPLE_RATE_HZ), n_samples)
    level[let_go:] *= np.exp(t[: n_samples - let_go] * np.float32(-6.9 / release_s))
    n_fade = min(n_samples, n_samples_of(0.005))
    level[n_samples - n_fade :] *= np.linspace(1.0, 0.0, n_fade, dtype=np.float32)
    level = level.astype(np.float32)
    level.flags.writeable = False
    return level


def n_harmonics_of(frequency: float) -> int:
    """How many overtones stay under the highest partial."""
    return max(1, min(160, int(MAX_PARTIAL_HZ / frequency)))


def period_times_s(frequency: float, n_samples: int) -> FloatMatrix:
    """Start time of every period of a note, shape (n_periods, 1), with two periods to spare."""
    n_periods = math.ceil(n_samples * frequency * 1.02 / SAMPLE_RATE_HZ) + 3
    return (np.arange(n_periods, dtype=np.float32) / np.float32(frequency))[:, None]


def lowpass_gain(
    harmonic_hz: FloatMatrix, cutoff_hz: FloatMatrix | np.float32, poles: int = 2
) -> FloatMatrix:
    """Magnitude of a Butterworth low-pass at every overtone; arguments broadcast."""
    return 1.0 / np.sqrt(1.0 + (harmonic_hz / cutoff_hz) ** np.float32(2 * poles))


def resonant_gain(
    harmonic_hz: FloatMatrix, cutoff_hz: FloatMatrix, resonance: float
) -> FloatMatrix:
    """Magnitude of a two-pole low-pass with a peak of height ``resonance`` at the cutoff."""
    ratio = (harmonic_hz / cutoff_hz) ** 2
    return 1.0 / np.sqrt((1.0 - ratio) ** 2 + ratio / np.float32(resonance**2))


def harmonic_tone(
    frequency: float,
    n_samples: int,
    amplitudes: FloatMatrix,
    *,
    detune_cents: tuple[float, ...] = (0.0,),
    vibrato_cents: float = 0.0,
    vibrato_hz: float = 5.2,
) -> FloatMatrix:
    """A tone whose overtones follow ``amplitudes``, one row for each period.

    Args:
        frequency: Fundamental in Hz.
        n_samples: Length.
        amplitudes: Shape (n_periods, n_harmonics), see :func:`period_times_s`.
        detune_cents: One voice for each value, at most 30 cents from zero.
        vibrato_cents: Depth; it grows over the first half second as a player's does.
        vibrato_hz: Rate.

    Returns:
        Float32 of shape (n_voices, n_samples).
    """
    n_periods, n_harmonics = amplitudes.shape
    width = max(32, 1 << math.ceil(math.log2(n_harmonics * 2.6 + 2)))
    spectrum = np.zeros((n_periods, width // 2 + 1), np.complex64)
    # spread phases: all in step would give a spike of high crest factor
    phases = np.exp(1j * np.pi * np.arange(1, n_harmonics + 1) ** 2 * 0.37)
    spectrum[:, 1 : n_harmonics + 1] = amplitudes * (phases * (-0.5j * width))
    table = np.asarray(sp_fft.irfft(spectrum, n=width, axis=1), np.float32).ravel()
    periods = np.arange(n_samples) * (frequency / SAMPLE_RATE_HZ)
    if vibrato_cents:
        t = times_s(n_samples)
        depth = frequency * vibrato_cents / 1200.0 * math.log(2.0) / (2 * np.pi * vibrato_hz)
        sway = np.sin(t * np.float32(2 * np.pi * vibrato_hz)) * np.minimum(t * 2.0, 1.0)
        periods += depth * sway
        np.maximum(periods, 0.0, out=periods)
    voices = np.empty((len(detune_cents), n_samples), np.float32)
    for row, cents in enumerate(detune_cents):
        position = periods * (width * 2.0 ** (cents / 1200.0))
        whole = position.astype(np.int32)
        np.minimum(whole, len(table) - 2, out=whole)
        part = (position - whole).astype(np.float32)
        here = table[whole]
        whole += 1
        voices[row] = here + part * (table[whole] - here)
    return voices


def fm_tone(
    frequency: float, n_samples: int, ratio: float, index: FloatVector, phase: float = 0.0
) -> FloatVector:
    """Two-operator FM, ``sin(wt + index(t) sin(ratio wt))`` (Chowning 1973), shape (n_samples,)."""
    turn = np.mod(np.arange(n_samples) * (frequency / SAMPLE_RATE_HZ), 1.0).astype(np.float32)
    turn *= np.float32(2 * np.pi)
    if ratio == int(ratio):
        modulator = np.sin(turn * np.float32(ratio))
    else:
        cycles = np.arange(n_samples) * (frequency * ratio / SAMPLE_RATE_HZ)
        modulator = np.sin(np.mod(cycles, 1.0).astype(np.float32) * np.float32(2 * np.pi))
    return np.sin(turn + index * modulator + np.float32(phase))


def partials_tone(
    frequency: float, n_samples: int, partials: tuple[tuple[float, float, float], ...]
) -> FloatVector:
    """Sum of decaying sines at any ratio; ``partials`` holds (ratio, amplitude, decay_s)."""
    t = times_s(n_samples)
    tone = np.zeros(n_samples, np.float32)
    for ratio, amplitude, decay_s in partials:
        if frequency * ratio < MAX_PARTIAL_HZ:
            wave = np.sin(t * np.float32(2 * np.pi * frequency * ratio))
            tone += wave * np.exp(t * np.float32(-1.0 / decay_s)) * np.float32(amplitude)
    return tone
