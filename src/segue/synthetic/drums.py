"""Drums by synthesis: swept sines for skins, shaped noise for wires and cymbals (after TR-808/909).

Every sound is made once for a track from a :class:`DrumKit` and then placed many times.
"""

from collections.abc import Callable

import numpy as np
from msgspec import Struct
from scipy import fft as sp_fft

from segue.synthetic.waveforms import SAMPLE_RATE_HZ, n_samples_of, times_s
from segue.types import FloatVector


class DrumKit(Struct, frozen=True):
    """How the drums of one style and artist sound.

    ``kick_hz`` is where the sweep of the kick ends, ``kick_sweep`` how far above it starts (ratio),
    ``snare_noise`` 0..1 wires against skin, ``tone`` scales every noise colour.
    """

    kick_hz: float = 52.0
    kick_sweep: float = 5.0
    kick_decay_s: float = 0.16
    kick_click: float = 0.3
    snare_hz: float = 185.0
    snare_noise: float = 0.6
    snare_decay_s: float = 0.13
    hat_decay_s: float = 0.035
    tone: float = 1.0


# stereo place of each drum, -1 left .. 1 right, as the drummer's audience hears it
DRUM_PAN: dict[str, float] = {
    "kick": 0.0,
    "snare": 0.05,
    "rim": -0.2,
    "clap": 0.1,
    "hat": 0.3,
    "open_hat": 0.3,
    "ride": -0.35,
    "crash": -0.25,
    "shaker": 0.4,
    "tom": -0.15,
    "low_tom": 0.25,
    "brush": 0.0,
    "conga": -0.4,
}


def coloured_noise(
    n_samples: int, low_hz: float, high_hz: float, rng: np.random.Generator
) -> FloatVector:
    """Noise between two frequencies with soft edges (12 dB/octave), unit RMS, float32."""
    n_fft = sp_fft.next_fast_len(n_samples, real=True)
    spectrum = sp_fft.rfft(rng.standard_normal(n_fft, np.float32))
    hz = np.maximum(sp_fft.rfftfreq(n_fft, 1.0 / SAMPLE_RATE_HZ), 1.0).astype(np.float32)
    gain = 1.0 / np.sqrt((1.0 + (low_hz / hz) ** 4) * (1.0 + (hz / high_hz) ** 4))
    noise = np.asarray(sp_fft.irfft(spectrum * gain, n=n_fft), np.float32)[:n_samples]
    return noise / np.float32(np.sqrt(np.mean(noise**2)) + 1e-9)


def decay(n_samples: int, decay_s: float, attack_s: float = 0.001) -> FloatVector:
    """Exponential decay after a short linear attack, faded to zero at the end."""
    t = times_s(n_samples)
    shape = np.exp(-t / np.float32(decay_s)) * np.minimum(t / np.float32(attack_s), 1.0)
    n_fade = min(n_samples, n_samples_of(0.009))
    shape[n_samples - n_fade :] *= np.linspace(1.0, 0.0, n_fade, dtype=np.float32)
    return shape


def swept_sine(
    n_samples: int, end_hz: float, sweep: float, sweep_s: float, shape: FloatVector
) -> FloatVector:
    """A sine that falls from ``end_hz * sweep`` to ``end_hz``: the body of a kick or a tom."""
    t = times_s(n_samples)
    cycles = end_hz * (t + (sweep - 1.0) * sweep_s * (1.0 - np.exp(-t / np.float32(sweep_s))))
    return np.sin(np.float32(2 * np.pi) * cycles) * shape


def kick(kit: DrumKit, rng: np.random.Generator) -> FloatVector:
    """Bass drum: swept body, beater click, a little saturation."""
    n = n_samples_of(kit.kick_decay_s * 4.5)
    body = swept_sine(n, kit.kick_hz, kit.kick_sweep, 0.022, decay(n, kit.kick_decay_s))
    click = coloured_noise(n, 1200.0, 6000.0 * kit.tone, rng) * decay(n, 0.004, 0.0004)
    return np.tanh(1.6 * body + kit.kick_click * click) * 0.85


def snare(kit: DrumKit, rng: np.random.Generator) -> FloatVector:
    """Snare: two modes of the skin and the wires under it."""
    n = n_samples_of(kit.snare_decay_s * 5.0)
    skin = swept_sine(n, kit.snare_hz, 1.6, 0.012, decay(n, kit.snare_decay_s * 0.6))
    skin += 0.5 * swept_sine(n, kit.snare_hz * 1.78, 1.3, 0.01, decay(n, 0.05))
    wires = coloured_noise(n, 1500.0, 7500.0 * kit.tone, rng) * decay(n, kit.snare_decay_s)
    return np.tanh((1.0 - kit.snare_noise) * 1.4 * skin + kit.snare_noise * 0.6 * wires)


def clap(kit: DrumKit, rng: np.random.Generator) -> FloatVector:
    """Hand clap: three short bursts, then the room."""
    n = n_samples_of(0.3)
    noise = coloured_noise(n, 850.0, 3200.0 * kit.tone, rng)
    shape = 0.7 * decay(n, 0.07)
    for start_s in (0.0, 0.011, 0.023):
        first = round(start_s * SAMPLE_RATE_HZ)
        shape[first:] += decay(n - first, 0.006)
    return noise * shape * 0.4


def metal(n: int, rng: np.random.Generator, base_hz: float) -> FloatVector:
    """Six square waves at ratios that are not harmonic: the metal of a drum machine's cymbals."""
    t = times_s(n)
    ring = np.zeros(n, np.float32)
    for ratio in (2.0, 3.0, 4.16, 5.43, 6.79, 8.21):
        phase = np.float32(rng.uniform(0.0, 1.0))
        ring += np.sign(np.sin(np.float32(2 * np.pi) * (t * np.float32(base_hz * ratio) + phase)))
    return ring / 2.45


def cymbal(
    kit: DrumKit, rng: np.random.Generator, duration_s: float, decay_s: float, low_hz: float
) -> FloatVector:
    """Hats, ride and crash: metal and noise, high-passed."""
    n = n_samples_of(duration_s)
    noise = coloured_noise(n, low_hz, 11_000.0 * kit.tone, rng)
    ring = metal(n, rng, 320.0)
    ring = ring - np.convolve(ring, np.full(4, 1 / 4, np.float32), mode="same")  # keeps the highs
    return (0.32 * noise + 0.22 * ring) * decay(n, decay_s)


def rim(kit: DrumKit, rng: np.random.Generator) -> FloatVector:
    """Cross-stick: two wooden modes, very short."""
    n = n_samples_of(0.09)
    wood = swept_sine(n, 1680.0, 1.0, 0.01, decay(n, 0.011))
    wood += 0.7 * swept_sine(n, 460.0, 1.0, 0.01, decay(n, 0.016))
    return 0.6 * wood + 0.12 * coloured_noise(n, 1500.0, 6000.0 * kit.tone, rng) * decay(n, 0.005)


def shaker(kit: DrumKit, rng: np.random.Generator) -> FloatVector:
    """Seeds in a shell: noise that swells and stops."""
    n = n_samples_of(0.11)
    return 0.28 * coloured_noise(n, 4200.0, 10_000.0 * kit.tone, rng) * decay(n, 0.03, 0.022)


def brush(kit: DrumKit, rng: np.random.Generator) -> FloatVector:
    """A brush swept over the snare."""
    n = n_samples_of(0.26)
    return 0.3 * coloured_noise(n, 900.0, 5000.0 * kit.tone, rng) * decay(n, 0.07, 0.03)


def tom(kit: DrumKit, rng: np.random.Generator, tone_hz: float) -> FloatVector:
    """A tom or conga: swept skin with a touch of stick noise."""
    n = n_samples_of(0.45)
    stick = coloured_noise(n, 700.0, 4000.0 * kit.tone, rng) * decay(n, 0.008)
    return 0.8 * swept_sine(n, tone_hz, 1.5, 0.03, decay(n, 0.11)) + 0.12 * stick


def drum_sound(name: str, kit: DrumKit, rng: np.random.Generator) -> FloatVector:
    """One drum of a kit, mono float32; ``name`` is a key of :data:`DRUM_PAN`.

    >>> drum_sound("rim", DrumKit(), np.random.default_rng(1)).shape
    (2880,)
    """
    makers: dict[str, Callable[[], FloatVector]] = {
        "kick": lambda: kick(kit, rng),
        "snare": lambda: snare(kit, rng),
        "clap": lambda: clap(kit, rng),
        "hat": lambda: cymbal(kit, rng, kit.hat_decay_s * 5, kit.hat_decay_s, 6500.0),
        "open_hat": lambda: cymbal(kit, rng, 0.4, 0.13, 6000.0),
        "ride": lambda: 0.75 * cymbal(kit, rng, 0.9, 0.24, 4500.0),
        "crash": lambda: cymbal(kit, rng, 2.0, 0.55, 3000.0),
        "rim": lambda: rim(kit, rng),
        "shaker": lambda: shaker(kit, rng),
        "brush": lambda: brush(kit, rng),
        "tom": lambda: tom(kit, rng, 128.0),
        "low_tom": lambda: tom(kit, rng, 84.0),
        "conga": lambda: tom(kit, rng, 235.0),
    }
    return makers[name]().astype(np.float32)
