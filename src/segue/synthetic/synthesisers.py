"""Synthesisers, basses, electric guitar: oscillators with filters that move (subtractive, FM)."""

import numpy as np

from segue.synthetic.instruments import Instrument, NoteRequest, stereo, struck_string
from segue.synthetic.theory import frequency_hz
from segue.synthetic.waveforms import (
    SAMPLE_RATE_HZ,
    adsr,
    fm_tone,
    harmonic_tone,
    lowpass_gain,
    n_harmonics_of,
    n_samples_of,
    period_times_s,
    resonant_gain,
    times_s,
)
from segue.types import FloatMatrix


def filtered_saw(
    note: NoteRequest,
    *,
    cutoff_hz: float,
    sweep_hz: float,
    sweep_s: float,
    resonance: float,
    attack_s: float,
    decay_s: float,
    sustain: float,
    release_s: float,
    width_cents: float,
    square: bool = False,
    vibrato_cents: float = 0.0,
) -> FloatMatrix:
    """Two detuned saws (or squares) through a resonant low-pass whose cutoff falls with time.

    The cutoff starts at ``cutoff_hz + sweep_hz`` and falls with time constant ``sweep_s``; a
    negative ``sweep_hz`` makes it rise, as in a pad.
    """
    frequency = frequency_hz(note.pitch)
    n_samples = n_samples_of(note.held_s + release_s)
    harmonic = np.arange(1, n_harmonics_of(frequency) + 1, dtype=np.float32)[None, :]
    t = period_times_s(frequency, n_samples)
    sweep = np.float32(sweep_hz * (0.4 + 0.8 * note.velocity)) * np.exp(-t / np.float32(sweep_s))
    cutoff = np.maximum(np.float32(note.brightness) * (np.float32(cutoff_hz) + sweep), 60.0)
    # a filter far above the fundamental must not thin it: the peak stays above the tone
    cutoff = np.maximum(cutoff, np.float32(0.8 * frequency))
    level = np.where(harmonic % 2 == 0, 0.04, 1.3) / harmonic if square else 1.0 / harmonic
    amplitudes = (level * resonant_gain(harmonic * frequency, cutoff, resonance)).astype(np.float32)
    tone = harmonic_tone(
        frequency,
        n_samples,
        amplitudes,
        detune_cents=(-width_cents, width_cents),
        vibrato_cents=vibrato_cents,
    )
    return tone * adsr(n_samples, note.held_s, attack_s, decay_s, sustain, release_s)


def warm_pad(note: NoteRequest) -> FloatMatrix:
    """A slow pad that opens and closes: detuned saws, rising filter."""
    return 0.6 * filtered_saw(
        note,
        cutoff_hz=1300.0,
        sweep_hz=-900.0,
        sweep_s=1.6,
        resonance=0.9,
        attack_s=0.7,
        decay_s=4.0,
        sustain=0.8,
        release_s=1.6,
        width_cents=9.0,
    )


def poly_synth(note: NoteRequest) -> FloatMatrix:
    """The polyphonic synthesiser of the eighties: brassy, wide, quick filter."""
    return 0.55 * filtered_saw(
        note,
        cutoff_hz=1100.0,
        sweep_hz=2600.0,
        sweep_s=0.35,
        resonance=0.9,
        attack_s=0.02,
        decay_s=1.0,
        sustain=0.7,
        release_s=0.35,
        width_cents=10.0,
    )


def house_stab(note: NoteRequest) -> FloatMatrix:
    """A short chord stab with a filter that snaps shut."""
    return 0.8 * filtered_saw(
        note,
        cutoff_hz=500.0,
        sweep_hz=2800.0,
        sweep_s=0.12,
        resonance=1.2,
        attack_s=0.003,
        decay_s=0.35,
        sustain=0.25,
        release_s=0.22,
        width_cents=8.0,
    )


def saw_lead(note: NoteRequest) -> FloatMatrix:
    """A singing lead: saws, vibrato, open filter."""
    return 0.5 * filtered_saw(
        note,
        cutoff_hz=2200.0,
        sweep_hz=2200.0,
        sweep_s=0.3,
        resonance=1.1,
        attack_s=0.015,
        decay_s=1.0,
        sustain=0.8,
        release_s=0.22,
        width_cents=6.0,
        vibrato_cents=12.0,
    )


def square_lead(note: NoteRequest) -> FloatMatrix:
    """A hollow lead: squares with a soft filter."""
    return 0.5 * filtered_saw(
        note,
        cutoff_hz=1700.0,
        sweep_hz=900.0,
        sweep_s=0.4,
        resonance=0.9,
        attack_s=0.02,
        decay_s=1.0,
        sustain=0.8,
        release_s=0.2,
        width_cents=4.0,
        square=True,
        vibrato_cents=10.0,
    )


def synth_pluck(note: NoteRequest) -> FloatMatrix:
    """A plucked synthesiser for sequences: fast filter, short."""
    return 0.9 * filtered_saw(
        note,
        cutoff_hz=350.0,
        sweep_hz=3200.0,
        sweep_s=0.09,
        resonance=1.4,
        attack_s=0.002,
        decay_s=0.3,
        sustain=0.1,
        release_s=0.3,
        width_cents=5.0,
    )


def acid_lead(note: NoteRequest) -> FloatMatrix:
    """A resonant sequence voice: one square-ish saw, the filter squelches with the velocity."""
    return 0.62 * filtered_saw(
        note,
        cutoff_hz=320.0,
        sweep_hz=2400.0,
        sweep_s=0.11,
        resonance=4.5,
        attack_s=0.002,
        decay_s=0.4,
        sustain=0.4,
        release_s=0.06,
        width_cents=0.6,
    )


def glass_pad(note: NoteRequest) -> FloatMatrix:
    """A slow FM pad, glassy, each side turning at its own rate."""
    frequency = frequency_hz(note.pitch)
    n_samples = n_samples_of(note.held_s + 1.8)
    t = times_s(n_samples)
    turn = np.float32(0.5) * note.brightness * (1.0 + np.sin(t * np.float32(2 * np.pi * 0.21)))
    left = fm_tone(frequency, n_samples, 2.0, turn)
    right = fm_tone(frequency * 1.002, n_samples, 2.0, turn[::-1], phase=1.0)
    return stereo(left, right) * adsr(n_samples, note.held_s, 0.9, 4.0, 0.85, 1.8) * 0.45


def choir(note: NoteRequest) -> FloatMatrix:
    """Voices singing "ah": a buzz through three formants (Peterson and Barney 1952)."""
    frequency = frequency_hz(note.pitch)
    n_samples = n_samples_of(note.held_s + 0.9)
    harmonic_hz = frequency * np.arange(1, n_harmonics_of(frequency) + 1, dtype=np.float32)
    formants = ((730.0, 130.0, 1.0), (1090.0, 160.0, 0.5), (2440.0, 300.0, 0.16))
    level = np.full_like(harmonic_hz, 0.015)
    for centre_hz, width_hz, gain in formants:
        level += gain / (1.0 + ((harmonic_hz - centre_hz) / width_hz) ** 2)
    level *= (harmonic_hz / frequency) ** -0.5
    t = period_times_s(frequency, n_samples)
    amplitudes = np.broadcast_to(level * 0.8, (len(t), len(level))).astype(np.float32)
    tone = harmonic_tone(
        frequency, n_samples, amplitudes, detune_cents=(-8.0, 8.0), vibrato_cents=14.0
    )
    return tone * adsr(n_samples, note.held_s, 0.35, 3.0, 0.9, 0.9)


def upright_bass(note: NoteRequest) -> FloatMatrix:
    """A plucked double bass: round, woody, quickly dark."""
    return 2.4 * struck_string(
        note,
        position=0.3,
        tilt=1.1,
        decay_s=0.5,
        damping=0.35,
        cutoff_hz=700.0,
        release_s=0.09,
        width_cents=0.5,
    )


def electric_bass(note: NoteRequest) -> FloatMatrix:
    """A bass guitar played with the fingers."""
    return 1.9 * struck_string(
        note,
        position=0.2,
        tilt=0.9,
        decay_s=0.9,
        damping=0.2,
        cutoff_hz=900.0,
        release_s=0.07,
        width_cents=0.4,
    )


def sub_bass(note: NoteRequest) -> FloatMatrix:
    """A sine with a little second and third overtone, so that small speakers show it."""
    frequency = frequency_hz(note.pitch)
    n_samples = n_samples_of(note.held_s + 0.08)
    t = times_s(n_samples)
    turn = np.mod(np.arange(n_samples) * (frequency / SAMPLE_RATE_HZ), 1.0).astype(np.float32)
    turn *= np.float32(2 * np.pi)
    bloom = np.exp(t * np.float32(-5.0))
    tone = np.sin(turn) + (0.1 + 0.25 * bloom * note.brightness) * np.sin(2 * turn)
    tone += 0.08 * bloom * np.sin(3 * turn)
    return stereo(0.9 * tone * adsr(n_samples, note.held_s, 0.008, 1.5, 0.8, 0.08))


def saw_bass(note: NoteRequest) -> FloatMatrix:
    """A synthesiser bass: saws, snappy filter."""
    return 0.95 * filtered_saw(
        note,
        cutoff_hz=260.0,
        sweep_hz=1300.0,
        sweep_s=0.1,
        resonance=1.3,
        attack_s=0.003,
        decay_s=0.5,
        sustain=0.55,
        release_s=0.06,
        width_cents=2.0,
    )


def reese_bass(note: NoteRequest) -> FloatMatrix:
    """Two saws far apart that beat against each other (drum and bass)."""
    return 0.85 * filtered_saw(
        note,
        cutoff_hz=420.0,
        sweep_hz=260.0,
        sweep_s=0.5,
        resonance=1.1,
        attack_s=0.012,
        decay_s=2.0,
        sustain=0.85,
        release_s=0.09,
        width_cents=14.0,
    )


def overdriven_guitar(note: NoteRequest) -> FloatMatrix:
    """Strings of an electric guitar before the amplifier: the part's drive makes the distortion."""
    frequency = frequency_hz(note.pitch)
    n_samples = n_samples_of(note.held_s + 0.09)
    harmonic = np.arange(1, n_harmonics_of(frequency) + 1, dtype=np.float32)[None, :]
    t = period_times_s(frequency, n_samples)
    level = (np.abs(np.sin(np.pi * harmonic * 0.16)) + 0.05) / harmonic**0.6
    level = level * lowpass_gain(harmonic * frequency, np.float32(3500.0 * note.brightness))
    amplitudes = (level * np.exp(-t * (0.5 + 0.12 * harmonic))).astype(np.float32)
    tone = harmonic_tone(frequency, n_samples, amplitudes, detune_cents=(-4.0, 4.0))
    return tone * adsr(n_samples, note.held_s, 0.003, 5.0, 0.8, 0.09)


SYNTHESISERS: dict[str, Instrument] = {
    "warm_pad": warm_pad,
    "poly_synth": poly_synth,
    "house_stab": house_stab,
    "saw_lead": saw_lead,
    "square_lead": square_lead,
    "synth_pluck": synth_pluck,
    "acid_lead": acid_lead,
    "glass_pad": glass_pad,
    "choir": choir,
    "upright_bass": upright_bass,
    "electric_bass": electric_bass,
    "sub_bass": sub_bass,
    "saw_bass": saw_bass,
    "reese_bass": reese_bass,
    "overdriven_guitar": overdriven_guitar,
}
