"""Renders a plan to stereo sound: play every part, mix, master. Same plan, same samples."""

from collections.abc import Callable

import numpy as np
from msgspec import structs

from segue.rng import derived_rng
from segue.synthetic.arrangement import Clock, DrumHit, PlayedNote, drum_hits, part_notes
from segue.synthetic.composition import STEPS_PER_BEAT, compose
from segue.synthetic.drums import DRUM_PAN, DrumKit, coloured_noise, drum_sound
from segue.synthetic.instruments import INSTRUMENTS, NoteRequest
from segue.synthetic.mastering import master
from segue.synthetic.mixing import (
    active_rms,
    add_at,
    add_at_full_rate,
    amplifier,
    duck,
    echo,
    half_rate,
    pan_gains,
    reverberate,
)
from segue.synthetic.plan import TrackPlan
from segue.synthetic.style import Part, Style
from segue.synthetic.styles import ACOUSTIC_ARRANGEMENT, STYLES
from segue.synthetic.synthesisers import SYNTHESISERS
from segue.synthetic.waveforms import SAMPLE_RATE_HZ, n_samples_of
from segue.types import FloatMatrix

_VOICES: dict[str, Callable[[NoteRequest], FloatMatrix]] = {**INSTRUMENTS, **SYNTHESISERS}
_CLICK = SAMPLE_RATE_HZ // 500  # samples of a click of the record's surface
_GRAIN = SAMPLE_RATE_HZ // 100  # samples between claps
_DRUM_GAIN = {
    "kick": 0.95, "snare": 0.6, "clap": 0.55, "rim": 0.45, "hat": 0.28, "open_hat": 0.26,
    "ride": 0.3, "crash": 0.4, "shaker": 0.35, "tom": 0.6, "low_tom": 0.65, "brush": 0.35,
    "conga": 0.4,
}  # fmt: skip


def players(plan: TrackPlan) -> Style:
    """The style that plays a plan: its own, or acoustic players for an acoustic version.

    Harmony and tune stay those of the composition's style; tempo and meter those of the plan.
    """
    style = STYLES[plan.style]
    if plan.version == "acoustic":
        return structs.replace(ACOUSTIC_ARRANGEMENT, humanise_s=0.014)
    if plan.version == "live":
        return structs.replace(
            style, humanise_s=style.humanise_s * 1.6, reverb_s=style.reverb_s * 1.35
        )
    return style


def instrument_of(part: Part, plan: TrackPlan) -> str:
    """The instrument an artist uses for a part; on stage it is the next one of the list."""
    choice = plan.sound.timbre + (plan.version == "live")
    return part.instruments[choice % len(part.instruments)]


def play_notes(
    notes: list[PlayedNote], instrument: str, brightness: float, n_samples: int, pan: float
) -> FloatMatrix:
    """One part's bus, shape (2, n_samples); notes alike in pitch, length, force are made once."""
    voice = _VOICES[instrument]
    bus = np.zeros((2, n_samples), np.float32)
    made: dict[NoteRequest, FloatMatrix] = {}
    left, right = pan_gains(pan)
    for note in notes:
        layer = min(round(note.velocity * 4) / 4, 1.0)
        request = NoteRequest(note.pitch, round(note.held_s, 3), layer, brightness)
        if request not in made:
            made[request] = voice(request)
        gain = 1.3 * note.velocity
        start = round(note.start_s * SAMPLE_RATE_HZ)
        add_at(bus, made[request], start, gain * left, gain * right)
    return bus


def play_drums(
    hits: list[DrumHit], kit: DrumKit, rng: np.random.Generator, n_samples: int
) -> FloatMatrix:
    """The drummer's bus; each drum is synthesised once for the track."""
    bus = np.zeros((2, n_samples), np.float32)
    used = sorted({hit.drum for hit in hits})
    sounds = {drum: drum_sound(drum, kit, rng)[None, :] for drum in used}
    for hit in hits:
        left, right = pan_gains(DRUM_PAN[hit.drum])
        gain = _DRUM_GAIN[hit.drum] * hit.velocity**1.4
        start = round(hit.start_s * SAMPLE_RATE_HZ)
        add_at(bus, sounds[hit.drum], start, gain * left, gain * right)
    return bus


def set_level(bus: FloatMatrix, level_db: float) -> FloatMatrix:
    """Scales a bus so that its RMS while it sounds is ``level_db``, in place."""
    level = active_rms(bus)
    if level > 0.0:
        bus *= np.float32(10.0 ** (level_db / 20.0) / level)
    return bus


def crackle(n_samples: int, level_db: float, rng: np.random.Generator) -> FloatMatrix:
    """The surface of a worn record: a hiss and sparse clicks."""
    surface = np.zeros((2, n_samples), np.float32)
    hiss = coloured_noise(SAMPLE_RATE_HZ * 2, 500.0, 5000.0, rng)
    surface += np.resize(hiss, n_samples) * np.float32(0.25)
    click = (
        coloured_noise(_CLICK, 800.0, 6000.0, rng)
        * np.linspace(1, 0, _CLICK, dtype=np.float32) ** 3
    )
    for start in rng.integers(0, n_samples - _CLICK, n_samples * 9 // SAMPLE_RATE_HZ):
        place, force = rng.uniform(-0.8, 0.8), rng.exponential(5.0)
        left, right = pan_gains(float(place))
        add_at(surface, click[None, :], int(start), left * force, right * force)
    return surface * np.float32(10.0 ** (level_db / 20.0))


def applause(n_samples: int, rng: np.random.Generator) -> FloatMatrix:
    """An audience that claps through the last seconds of a live recording."""
    n = min(n_samples, SAMPLE_RATE_HZ * 4)
    noise = np.stack([coloured_noise(n, 700.0, 4500.0, rng) for _ in range(2)])
    grain = 1.0 + 0.5 * np.abs(rng.standard_normal(n // _GRAIN + 1)).astype(np.float32)
    swell = np.linspace(0.0, 1.0, n, dtype=np.float32) ** 1.5
    out = np.zeros((2, n_samples), np.float32)
    out[:, n_samples - n :] = noise * np.repeat(grain, _GRAIN)[:n] * swell * np.float32(0.02)
    return out


class Desk:
    """A mixing desk: what is heard at once, and the sends to the hall and the tape."""

    def __init__(self, n_samples: int) -> None:
        self.dry = np.zeros((2, n_samples), np.float32)
        self.hall = np.zeros(n_samples // 2, np.float32)  # half rate, see mixing
        self.tape = np.zeros(n_samples // 2, np.float32)

    def add(self, bus: FloatMatrix, to_hall: float, to_tape: float = 0.0) -> None:
        """Adds a bus and sends shares of it on."""
        self.dry += bus
        if to_hall or to_tape:
            send = half_rate(bus)
            self.hall += send * np.float32(to_hall)
            if to_tape:
                self.tape += send * np.float32(to_tape)

    def add_effects(self, style: Style, tempo_bpm: float, rng: np.random.Generator) -> None:
        """Adds the echoes of the tape, then the hall in which they and all else ring."""
        wet = np.zeros((2, len(self.hall)), np.float32)
        if self.tape.any():
            wet = echo(self.tape, style.echo_beats * 60.0 / tempo_bpm, style.echo_feedback)
            self.hall += (wet[0] + wet[1]) * np.float32(0.2)
        wet += reverberate(self.hall, style.reverb_s, style.damping_hz, rng)
        add_at_full_rate(self.dry, wet)


def play_part(part: Part, notes: list[PlayedNote], plan: TrackPlan, n_samples: int) -> FloatMatrix:
    """One player's bus at the level the style wants, through the amplifier if there is one."""
    brightness = plan.sound.brightness * (0.8 + 0.4 * plan.arousal)
    bus = play_notes(notes, instrument_of(part, plan), brightness, n_samples, part.pan)
    if part.drive:
        bus = amplifier(bus, part.drive, part.cabinet_hz)
    return set_level(bus, part.level_db)


def kit_of(style: Style, plan: TrackPlan) -> DrumKit:
    """The drums of a style as this artist tunes them."""
    return structs.replace(
        style.kit,
        tone=style.kit.tone * plan.sound.kit_tone,
        kick_hz=style.kit.kick_hz * plan.sound.kit_pitch,
        snare_hz=style.kit.snare_hz * plan.sound.kit_pitch,
    )


def mix(plan: TrackPlan) -> FloatMatrix:
    """All parts together with their sends, before mastering, shape (2, n_samples)."""
    style = players(plan)
    bars = compose(plan, STYLES[plan.style])
    rng = derived_rng(plan.seed, "performance", plan.composition, plan.version)
    clock = Clock(
        plan.tempo_bpm, plan.beats_per_bar * STEPS_PER_BEAT, style.swing, style.swing_unit
    )
    n_samples = n_samples_of(plan.duration_s)
    hits = drum_hits(style, bars, clock, rng)
    kicks = [round(hit.start_s * SAMPLE_RATE_HZ) for hit in hits if hit.drum == "kick"]
    ducking = duck(n_samples, kicks, style.duck, 0.3) if style.duck and kicks else None
    desk, room = Desk(n_samples), plan.sound.room
    for part in style.parts:
        notes = part_notes(part, bars, clock, (plan.tonic, plan.mode), rng, style.humanise_s)
        if notes:
            bus = play_part(part, notes, plan, n_samples)
            if ducking is not None:
                bus *= ducking
            desk.add(bus, part.reverb * room, part.echo)
    if hits:
        drums = play_drums(hits, kit_of(style, plan), rng, n_samples)
        desk.add(set_level(drums, style.drum_level_db), style.drum_reverb * room)
    desk.add_effects(style, plan.tempo_bpm, rng)
    if style.crackle_db > -80.0:
        desk.dry += crackle(n_samples, style.crackle_db, rng)
    if plan.version == "live":
        desk.dry += applause(n_samples, rng)
    return desk.dry


def render_track(plan: TrackPlan) -> FloatMatrix:
    """The sound of one plan.

    Returns:
        Float32 of shape (n_samples, 2) at 32 kHz, -16 LUFS, true peak under -1 dBFS. The same
        plan gives the same samples on the same machine, whatever was rendered before it.
    """
    slow = plan.arousal < 0.2
    fade_out_s = players(plan).tail_s
    mastered = master(mix(plan), 0.8 if slow else 0.02, fade_out_s)
    return np.ascontiguousarray(mastered.T)
