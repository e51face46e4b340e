"""Pitched instruments: each turns one note into stereo sound. Keys, strings, winds.

Recipes follow the usual ones of spectral modelling: overtone levels from where a string is struck
or plucked (``|sin(pi h beta)|``), overtones that die the faster the higher they are, brightness
that grows with velocity. Synthesisers and basses stand in :mod:`segue.synthetic.synthesisers`.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from msgspec import Struct

from segue.synthetic.theory import frequency_hz
from segue.synthetic.waveforms import (
    adsr,
    fm_tone,
    harmonic_tone,
    lowpass_gain,
    n_harmonics_of,
    n_samples_of,
    partials_tone,
    period_times_s,
    times_s,
)
from segue.types import FloatMatrix, FloatVector


class NoteRequest(Struct, frozen=True):
    """One note to sound. Equal requests sound equal, so that they can be cached.

    ``velocity`` is 0..1, ``brightness`` scales cutoffs (0.5 dark, 1 neutral, 2 bright).
    """

    pitch: int
    held_s: float
    velocity: float
    brightness: float = 1.0


Instrument: TypeAlias = Callable[[NoteRequest], FloatMatrix]  # gives float32 (2, n_samples)


def stereo(left: FloatVector, right: FloatVector | None = None) -> FloatMatrix:
    """Two rows from one or two channels."""
    return np.stack([left, left if right is None else right]).astype(np.float32)


def struck_string(
    note: NoteRequest,
    *,
    position: float,
    tilt: float,
    decay_s: float,
    damping: float,
    cutoff_hz: float,
    release_s: float,
    width_cents: float = 0.8,
) -> FloatMatrix:
    """A string struck or plucked at ``position`` (0..0.5 of its length) that rings and darkens.

    ``decay_s`` is the time constant of the fundamental at C4; overtone h dies ``damping * h``
    times faster; ``tilt`` is the exponent with which overtones fall off.
    """
    frequency = frequency_hz(note.pitch)
    n_samples = n_samples_of(note.held_s + release_s)
    harmonic = np.arange(1, n_harmonics_of(frequency) + 1, dtype=np.float32)[None, :]
    t = period_times_s(frequency, n_samples)
    level = np.abs(np.sin(np.pi * harmonic * position)) + 0.02
    level /= harmonic**tilt
    cutoff = np.float32(cutoff_hz * note.brightness * (0.45 + 0.75 * note.velocity))
    level *= lowpass_gain(harmonic * frequency, cutoff, poles=1)
    rate = (261.6 / frequency) ** -0.45 / decay_s * (1.0 + damping * harmonic)
    # two slopes: the strings of one note first move together, then apart (Weinreich 1977)
    amplitudes = level * (0.75 * np.exp(-t * rate) + 0.25 * np.exp(-t * rate * 0.3))
    tone = harmonic_tone(frequency, n_samples, amplitudes, detune_cents=(-width_cents, width_cents))
    return tone * adsr(n_samples, note.held_s, 0.002, 9.0, 1.0, release_s)


def with_knock(tone: FloatMatrix, level: float, pitch_hz: float, seed: int) -> FloatMatrix:
    """Adds the short noise of a hammer or a finger to the start of a note, in place."""
    n = min(tone.shape[1], n_samples_of(0.041))
    t = times_s(n)
    noise = np.random.default_rng(seed).standard_normal(n, np.float32)
    noise = np.convolve(noise, np.ones(9, np.float32) / 9, mode="same")
    thump = np.sin(t * np.float32(2 * np.pi * pitch_hz)) * 0.6 + noise
    tone[:, :n] += thump * np.exp(t * np.float32(-160.0)) * np.float32(level)
    return tone


def grand_piano(note: NoteRequest) -> FloatMatrix:
    """A grand piano: hammer at an eighth of the string, long ring, soft thump."""
    tone = struck_string(
        note,
        position=0.121,
        tilt=0.75,
        decay_s=1.5,
        damping=0.14,
        cutoff_hz=2300.0,
        release_s=0.35,
        width_cents=1.1,
    )
    return with_knock(tone * 1.25, 0.05 * note.velocity, 110.0, note.pitch)


def felt_piano(note: NoteRequest) -> FloatMatrix:
    """An upright with felt before the hammers: dark and close, the mechanism heard."""
    tone = struck_string(
        note,
        position=0.13,
        tilt=1.15,
        decay_s=1.1,
        damping=0.2,
        cutoff_hz=950.0,
        release_s=0.5,
        width_cents=2.2,
    )
    return with_knock(tone * 1.8, 0.09, 80.0, note.pitch)


def nylon_guitar(note: NoteRequest) -> FloatMatrix:
    """A classical guitar, plucked by the finger over the rosette."""
    tone = struck_string(
        note,
        position=0.27,
        tilt=1.05,
        decay_s=0.75,
        damping=0.2,
        cutoff_hz=2100.0,
        release_s=0.18,
        width_cents=1.2,
    )
    return with_knock(tone * 1.7, 0.08, 190.0, note.pitch)


def steel_guitar(note: NoteRequest) -> FloatMatrix:
    """A steel-string acoustic guitar, plucked near the bridge: bright at first."""
    tone = struck_string(
        note,
        position=0.14,
        tilt=0.72,
        decay_s=1.0,
        damping=0.15,
        cutoff_hz=4600.0,
        release_s=0.25,
        width_cents=2.0,
    )
    return with_knock(tone * 1.3, 0.05, 240.0, note.pitch)


def harp(note: NoteRequest) -> FloatMatrix:
    """A harp: plucked in the middle, so odd overtones lead; rings on."""
    return 1.9 * struck_string(
        note,
        position=0.45,
        tilt=1.5,
        decay_s=1.3,
        damping=0.3,
        cutoff_hz=3000.0,
        release_s=0.8,
        width_cents=2.5,
    )


def muted_guitar(note: NoteRequest) -> FloatMatrix:
    """An electric guitar with the palm on the strings: the reggae and funk chop."""
    short = NoteRequest(note.pitch, min(note.held_s, 0.11), note.velocity, note.brightness)
    return 1.5 * struck_string(
        short,
        position=0.2,
        tilt=0.7,
        decay_s=0.16,
        damping=0.1,
        cutoff_hz=3600.0,
        release_s=0.08,
        width_cents=3.0,
    )


def electric_piano(note: NoteRequest) -> FloatMatrix:
    """A tine piano by FM: a bell-like attack over a round body, tremolo across the stereo image."""
    frequency = frequency_hz(note.pitch)
    n_samples = n_samples_of(note.held_s + 0.35)
    t = times_s(n_samples)
    bite = 0.35 + 1.3 * note.velocity * note.brightness
    body = fm_tone(frequency, n_samples, 1.0, bite * np.exp(t * np.float32(-2.6)))
    tine = fm_tone(frequency, n_samples, 14.0, 0.25 * np.exp(t * np.float32(-9.0)))
    tone = 0.8 * body + 0.22 * note.velocity * tine * np.exp(t * np.float32(-7.0))
    tone *= adsr(n_samples, note.held_s, 0.003, 4.5, 0.12, 0.35)
    sway = np.float32(0.22) * np.sin(t * np.float32(2 * np.pi * 4.6))
    return stereo(tone * (1.0 + sway), tone * (1.0 - sway))


def vibraphone(note: NoteRequest) -> FloatMatrix:
    """Metal bars tuned 1 : 4 : 10 with the motor's tremolo."""
    frequency = frequency_hz(note.pitch)
    n_samples = n_samples_of(note.held_s + 0.7)
    strike = 0.12 + 0.28 * note.velocity * note.brightness
    partials = ((1.0, 0.8, 1.4), (4.0, strike, 0.35), (9.9, strike * 0.35, 0.09))
    tone = partials_tone(frequency, n_samples, partials)
    tone *= adsr(n_samples, note.held_s, 0.002, 9.0, 1.0, 0.8)
    sway = np.float32(0.2) * np.sin(times_s(n_samples) * np.float32(2 * np.pi * 5.5))
    return stereo(tone * (1.0 + sway), tone * (1.0 - 0.5 * sway))


def marimba(note: NoteRequest) -> FloatMatrix:
    """Wooden bars tuned 1 : 4 : 9.2, short and warm."""
    n_samples = n_samples_of(min(note.held_s, 0.4) + 0.25)
    partials = ((1.0, 0.9, 0.28), (4.0, 0.25 * note.brightness, 0.07), (9.2, 0.1, 0.03))
    tone = partials_tone(frequency_hz(note.pitch), n_samples, partials)
    return stereo(tone * adsr(n_samples, note.held_s, 0.002, 5.0, 1.0, 0.3))


def music_box(note: NoteRequest) -> FloatMatrix:
    """Glass-like bells by partials that are not harmonic, long and quiet."""
    n_samples = n_samples_of(note.held_s + 1.6)
    partials = ((1.0, 0.6, 1.1), (2.0, 0.14, 0.8), (3.01, 0.2, 0.45), (5.43, 0.1, 0.2))
    frequency = frequency_hz(note.pitch)
    left = partials_tone(frequency, n_samples, partials)
    right = partials_tone(frequency * 1.0012, n_samples, partials)
    return stereo(left, right) * adsr(n_samples, note.held_s, 0.003, 9.0, 1.0, 2.0)


def organ(note: NoteRequest) -> FloatMatrix:
    """A tonewheel organ: drawbars 8', 5 1/3', 4', 2 2/3' over 16', with a slow rotary speaker."""
    frequency = frequency_hz(note.pitch) / 2.0
    n_samples = n_samples_of(note.held_s + 0.06)
    bars = np.zeros((1, 16), np.float32)
    drawn = {1: 0.55, 2: 0.8, 3: 0.4, 4: 0.45, 6: 0.3, 8: 0.28, 12: 0.1, 16: 0.1}
    for harmonic, level in drawn.items():
        bars[0, harmonic - 1] = level * (note.brightness if harmonic > 4 else 1.0)
    n_harmonics = min(16, n_harmonics_of(frequency))
    t = period_times_s(frequency, n_samples)
    amplitudes = np.broadcast_to(bars[:, :n_harmonics], (len(t), n_harmonics)) * 0.5
    tone = harmonic_tone(
        frequency, n_samples, amplitudes, detune_cents=(-2.5, 2.5), vibrato_cents=5.0
    )
    sway = np.float32(0.14) * np.sin(times_s(n_samples) * np.float32(2 * np.pi * 5.9))
    return (
        tone
        * np.stack([1.0 + sway, 1.0 - sway])
        * adsr(n_samples, note.held_s, 0.006, 1.0, 0.95, 0.06)
    )


def bowed_or_blown(
    note: NoteRequest,
    *,
    tilt: float,
    cutoff_hz: float,
    attack_s: float,
    release_s: float,
    vibrato_cents: float,
    width_cents: float = 3.0,
    swell: float = 0.0,
    odd: float = 1.0,
) -> FloatMatrix:
    """A sustained tone whose brightness follows its loudness, as in bowed strings and brass.

    ``odd`` scales the even overtones (0.1 for a clarinet's closed tube); ``swell`` opens the
    low-pass over the first second.
    """
    frequency = frequency_hz(note.pitch)
    n_samples = n_samples_of(note.held_s + release_s)
    harmonic = np.arange(1, n_harmonics_of(frequency) + 1, dtype=np.float32)[None, :]
    t = period_times_s(frequency, n_samples)
    opening = np.minimum(t / max(2.5 * attack_s, 0.02), 1.0) * (1.0 - 0.25 * np.minimum(t, 1.0))
    opening = opening + swell * np.minimum(t, 1.5)
    top = cutoff_hz * note.brightness * (0.5 + 0.7 * note.velocity)
    cutoff = np.float32(frequency * 0.8) + np.float32(top) * opening
    level = harmonic**-tilt * np.where(harmonic % 2 == 0, odd, 1.0)
    amplitudes = (level * lowpass_gain(harmonic * frequency, cutoff)).astype(np.float32)
    tone = harmonic_tone(
        frequency,
        n_samples,
        amplitudes,
        detune_cents=(-width_cents, width_cents),
        vibrato_cents=vibrato_cents,
    )
    return tone * adsr(n_samples, note.held_s, attack_s, 2.0, 0.85, release_s)


def string_section(note: NoteRequest) -> FloatMatrix:
    """Bowed strings, many players: slow attack, wide, gentle vibrato."""
    return 0.8 * bowed_or_blown(
        note,
        tilt=0.95,
        cutoff_hz=2600.0,
        attack_s=0.14,
        release_s=0.45,
        vibrato_cents=9.0,
        width_cents=7.0,
        swell=0.3,
    )


def flute(note: NoteRequest) -> FloatMatrix:
    """A flute: few overtones, breath noise, vibrato."""
    tone = bowed_or_blown(
        note,
        tilt=1.7,
        cutoff_hz=1900.0,
        attack_s=0.05,
        release_s=0.12,
        vibrato_cents=13.0,
        width_cents=1.0,
    )
    breath = np.random.default_rng(note.pitch).standard_normal(tone.shape[1], np.float32)
    breath = np.convolve(breath, np.array([0.25, 0.5, 0.25], np.float32), mode="same")
    envelope = adsr(tone.shape[1], note.held_s, 0.03, 0.12, 0.25, 0.1)
    return tone + breath * envelope * np.float32(0.035)


def muted_trumpet(note: NoteRequest) -> FloatMatrix:
    """A trumpet with a mute: brass that opens with the attack, nasal."""
    return 0.75 * bowed_or_blown(
        note,
        tilt=0.55,
        cutoff_hz=2500.0,
        attack_s=0.035,
        release_s=0.09,
        vibrato_cents=14.0,
        width_cents=1.5,
    )


def clarinet(note: NoteRequest) -> FloatMatrix:
    """A clarinet: odd overtones lead, warm."""
    return 0.9 * bowed_or_blown(
        note,
        tilt=0.9,
        cutoff_hz=1700.0,
        attack_s=0.04,
        release_s=0.1,
        vibrato_cents=6.0,
        width_cents=1.0,
        odd=0.12,
    )


def accordion(note: NoteRequest) -> FloatMatrix:
    """Two reeds tuned a little apart (musette)."""
    return 0.55 * bowed_or_blown(
        note,
        tilt=0.6,
        cutoff_hz=3000.0,
        attack_s=0.05,
        release_s=0.09,
        vibrato_cents=0.0,
        width_cents=8.0,
    )


INSTRUMENTS: dict[str, Instrument] = {
    "grand_piano": grand_piano,
    "felt_piano": felt_piano,
    "nylon_guitar": nylon_guitar,
    "steel_guitar": steel_guitar,
    "harp": harp,
    "muted_guitar": muted_guitar,
    "electric_piano": electric_piano,
    "vibraphone": vibraphone,
    "marimba": marimba,
    "music_box": music_box,
    "organ": organ,
    "string_section": string_section,
    "flute": flute,
    "muted_trumpet": muted_trumpet,
    "clarinet": clarinet,
    "accordion": accordion,
}
