"""Gives each player of a style its notes: patterns laid over the chords, swing, human timing."""

import numpy as np
from msgspec import Struct

from segue.synthetic.composition import STEPS_PER_BEAT, Bar, Chord, fitting
from segue.synthetic.style import Beat, Part, Style
from segue.synthetic.theory import nearest_step, scale_pitch

_DRUM_VELOCITY = {"X": 1.0, "x": 0.72, "o": 0.4}
_SECTION_ENERGY = {"intro": 0.82, "A": 0.94, "B": 1.0, "break": 0.8, "outro": 0.86}


class PlayedNote(Struct, frozen=True):
    """A note as it is played: start and length in seconds, MIDI pitch, velocity 0..1."""

    start_s: float
    held_s: float
    pitch: int
    velocity: float


class DrumHit(Struct, frozen=True):
    """One stroke."""

    drum: str
    start_s: float
    velocity: float


class Clock(Struct, frozen=True):
    """Turns sixteenths into seconds, with swing. ``swing`` is a fraction of its unit."""

    tempo_bpm: float
    steps_per_bar: int
    swing: float
    swing_unit: int

    @property
    def step_s(self) -> float:
        """Seconds of one sixteenth."""
        return 60.0 / self.tempo_bpm / STEPS_PER_BEAT

    def start_s(self, bar: int, step: int) -> float:
        """When a step of a bar begins; every second swing unit comes late."""
        within = step % (2 * self.swing_unit)
        late = self.swing * self.swing_unit if within >= self.swing_unit else 0.0
        return (bar * self.steps_per_bar + step + late) * self.step_s


def held_steps(pattern: str, step: int) -> int:
    """How many steps the note at ``step`` is held: itself and the dashes after it."""
    tail = pattern[step + 1 :]
    return 1 + len(tail) - len(tail.lstrip("-"))


def chord_pitches(character: str, chord: Chord, octave: int) -> list[tuple[int, float]]:
    """Pitch and relative velocity of what one character of a chord pattern plays."""
    voicing = chord.voicing
    if character in "aA":
        loud = 0.85 if character == "A" else 0.66
        return [(pitch + 12 * octave, loud) for pitch in voicing]
    turn, voice = divmod(int(character), len(voicing))
    return [(voicing[voice] + 12 * (octave + turn), 0.7)]


def bass_pitch(character: str, chord: Chord, tonic: int, mode: str, octave: int) -> int:
    """MIDI pitch of one character of a bass pattern; the root lies in 28..39."""
    root = 28 + (chord.pitch_classes[0] - 28) % 12
    third = root + (chord.pitch_classes[1] - chord.pitch_classes[0]) % 12
    fifth = root + (chord.pitch_classes[2] - chord.pitch_classes[0]) % 12
    target = 28 + (chord.next_root - 28) % 12
    step = nearest_step(tonic, mode, target)
    towards = scale_pitch(tonic, mode, step + (1 if target <= root else -1))
    pitches = {"r": root, "3": third, "5": fifth, "8": root + 12, "n": towards}
    return pitches[character] + 12 * octave


def part_notes(
    part: Part,
    bars: list[Bar],
    clock: Clock,
    key: tuple[int, str],
    rng: np.random.Generator,
    humanise_s: float,
) -> list[PlayedNote]:
    """Every note of one player. One pattern for A, one for B; timing and force vary a little."""
    usable = fitting(part.patterns, clock.steps_per_bar) if part.patterns else []
    main, other = (usable[int(rng.integers(len(usable)))] if usable else "" for _ in "ab")
    notes: list[PlayedNote] = []
    for number, bar in enumerate(bars):
        if bar.section not in part.sections:
            continue
        energy = _SECTION_ENERGY[bar.section]
        events: list[tuple[int, float, int, float]] = []
        if part.role == "melody":
            events = [
                (n.step, n.n_steps - 0.2, n.pitch + 12 * part.octave, n.velocity)
                for n in bar.melody
            ]
        else:
            pattern = other if bar.section == "B" else main
            offset = number * clock.steps_per_bar % len(pattern)
            pattern = pattern[offset : offset + clock.steps_per_bar]
            for step, character in enumerate(pattern):
                if character in ".-":
                    continue
                length = held_steps(pattern, step) + part.gate * STEPS_PER_BEAT
                if part.role == "bass":
                    pitch = bass_pitch(character, bar.chord, *key, part.octave)
                    force = 0.85 if step % 8 == 0 else 0.68
                    events.append((step, length - 0.15, pitch, force))
                else:
                    for pitch, force in chord_pitches(character, bar.chord, part.octave):
                        events.append((step, length - 0.1, pitch, force))
        for i, (step, length, pitch, force) in enumerate(events):
            late_s = float(rng.normal(0.0, humanise_s)) + 0.25 * humanise_s * (i % 4)
            start_s = max(0.0, clock.start_s(number, step) + late_s)
            velocity = min(force * energy * float(rng.uniform(0.9, 1.08)), 1.0)
            notes.append(PlayedNote(start_s, length * clock.step_s, pitch, velocity))
    return notes


def beat_for(style: Style, bar: Bar, steps_per_bar: int) -> Beat | None:
    """The drum bar of a section that fits the meter, or None when the drummer rests."""
    for beat in style.beats:
        fits = all(len(rhythm) == steps_per_bar for rhythm in beat.hits.values())
        if bar.section in beat.sections and fits:
            return beat
    return None


def drum_hits(
    style: Style, bars: list[Bar], clock: Clock, rng: np.random.Generator
) -> list[DrumHit]:
    """Every stroke, with a fill in the last bar of a section and a crash on the bar after it."""
    hits: list[DrumHit] = []
    has_snare = any("snare" in beat.hits for beat in style.beats)
    filled = False
    for number, bar in enumerate(bars):
        beat = beat_for(style, bar, clock.steps_per_bar)
        if beat is None:
            filled = False
            continue
        last = bar.index_in_section == bar.n_bars_in_section - 1
        fill = has_snare and last and bar.n_bars_in_section >= 4
        until = clock.steps_per_bar - 4 if fill else clock.steps_per_bar
        strokes = [
            (drum, step, _DRUM_VELOCITY[character])
            for drum, rhythm in beat.hits.items()
            for step, character in enumerate(rhythm[:until])
            if character in _DRUM_VELOCITY
        ]
        if fill:
            shape = (("tom", 0.6), ("snare", 0.6), ("tom", 0.75), ("low_tom", 0.9))
            strokes += [(drum, until + i, force) for i, (drum, force) in enumerate(shape)]
        if filled and style.arousal > 0.55:
            strokes.append(("crash", 0, 0.7))
        filled = fill
        energy = _SECTION_ENERGY[bar.section]
        for drum, step, force in strokes:
            start_s = clock.start_s(number, step) + float(rng.normal(0.0, style.humanise_s * 0.6))
            velocity = force * energy * float(rng.uniform(0.88, 1.06))
            hits.append(DrumHit(drum, max(0.0, start_s), velocity))
    return hits
