"""Writes a song: chords with voice leading, and a melody of motif, repetition, variation, cadence.

The phrase follows the period of common-practice theory (Caplin 1998, "Classical Form"): an idea,
the idea again on the next chord, its variation, and a cadence that rests on a chord tone.
"""

import numpy as np
from msgspec import Struct

from segue.rng import derived_rng
from segue.synthetic.plan import TrackPlan
from segue.synthetic.style import Style
from segue.synthetic.theory import chord_pitch_classes, nearest_step, scale_pitch, voice_lead

STEPS_PER_BEAT = 4
MELODY_LOW, MELODY_HIGH = 62, 86
_CONTOUR_MOVES = (-2, -1, -1, -1, 1, 1, 1, 2, 0, -3, 3)


class Chord(Struct, frozen=True):
    """One bar of harmony. ``next_root`` is the pitch class that the bass will go to."""

    degree: int
    pitch_classes: tuple[int, ...]
    voicing: tuple[int, ...]
    next_root: int


class MelodyNote(Struct, frozen=True):
    """A note of the tune: when and how long in sixteenths from the start of its bar."""

    step: int
    n_steps: int
    pitch: int
    velocity: float


class Bar(Struct, frozen=True):
    """One bar of the song with everything that all players share."""

    section: str
    index_in_section: int
    n_bars_in_section: int
    chord: Chord
    melody: tuple[MelodyNote, ...]


def rhythm_onsets(pattern: str, n_steps: int) -> list[tuple[int, int]]:
    """Onset and length, in steps, of each note of a melody rhythm.

    >>> rhythm_onsets("x--x.x--", 8)
    [(0, 3), (3, 1), (5, 3)]
    """
    found: list[tuple[int, int]] = []
    for step, character in enumerate(pattern[:n_steps]):
        if character == "x":
            tail = pattern[step + 1 : n_steps]
            found.append((step, 1 + len(tail) - len(tail.lstrip("-"))))
    return found


def fitting(patterns: tuple[str, ...], n_steps: int) -> list[str]:
    """The patterns that fill whole bars of ``n_steps``; all, cut to a bar, when none does."""
    found = [pattern for pattern in patterns if len(pattern) % n_steps == 0]
    return found or [pattern[:n_steps].ljust(n_steps, ".") for pattern in patterns]


def section_degrees(
    style: Style, form: tuple[tuple[str, int], ...], rng: np.random.Generator
) -> list[int]:
    """The degree of each bar's chord: A and B have their own progressions; the end is the tonic."""
    first, second = (
        style.progressions[int(i)]
        for i in rng.choice(len(style.progressions), 2, replace=len(style.progressions) < 2)
    )
    by_section = {"intro": first, "A": first, "outro": first, "B": second, "break": second}
    degrees = [by_section[name][i % 4] for name, n_bars in form for i in range(n_bars)]
    degrees[-1] = 0
    return degrees


def harmonise(plan: TrackPlan, style: Style, degrees: list[int]) -> list[Chord]:
    """Chords of every bar, each voiced as near as it can be to the one before."""
    chords: list[Chord] = []
    voicing: tuple[int, ...] | None = None
    classes = [
        chord_pitch_classes(
            plan.tonic, plan.mode, degree, style.n_chord_notes, leading_tone=style.leading_tone
        )
        for degree in degrees
    ]
    for i, pitch_classes in enumerate(classes):
        voicing = voice_lead(voicing, pitch_classes, *style.voicing)
        next_root = classes[(i + 1) % len(classes)][0]
        chords.append(Chord(degrees[i], pitch_classes, voicing, next_root))
    return chords


def nearest_chord_tone(pitch: int, pitch_classes: tuple[int, ...]) -> int:
    """The chord tone nearest to a pitch; ties go down.

    >>> nearest_chord_tone(62, (0, 4, 7))
    60
    """
    return min(
        range(pitch - 6, pitch + 7),
        key=lambda other: (other % 12 not in pitch_classes, abs(other - pitch), other),
    )


def melody_bar(
    plan: TrackPlan,
    chord: Chord,
    onsets: list[tuple[int, int]],
    contour: list[int],
    anchor: int,
) -> tuple[MelodyNote, ...]:
    """One bar of the tune: contour over an anchor step, chord tones where the bar is strong."""
    notes: list[MelodyNote] = []
    for i, (step, n_steps) in enumerate(onsets):
        pitch = scale_pitch(plan.tonic, plan.mode, anchor + contour[i % len(contour)])
        while pitch > MELODY_HIGH:
            pitch -= 12
        while pitch < MELODY_LOW:
            pitch += 12
        strong = step % (2 * STEPS_PER_BEAT) == 0
        if strong or n_steps >= 3:
            pitch = nearest_chord_tone(pitch, chord.pitch_classes)
        elif (pitch + 1) % 12 in chord.pitch_classes and pitch % 12 not in chord.pitch_classes:
            raised = chord.degree == 4 and (pitch + 1) % 12 == chord.pitch_classes[1]
            pitch += int(raised)  # the seventh step gives way to the leading tone
        velocity = 0.78 if strong else 0.62 if step % 2 == 0 else 0.55
        notes.append(MelodyNote(step, n_steps, pitch, velocity))
    return tuple(notes)


def phrase(
    plan: TrackPlan, style: Style, chords: list[Chord], rng: np.random.Generator, centre: int
) -> list[tuple[MelodyNote, ...]]:
    """A tune over some bars, in groups of four: idea, idea again, variation, cadence."""
    n_steps = plan.beats_per_bar * STEPS_PER_BEAT
    rhythms = fitting(style.melody_rhythms, n_steps)
    idea, answer = (rhythm_onsets(rhythms[int(rng.integers(len(rhythms)))], n_steps) for _ in "ab")
    moves = rng.choice(_CONTOUR_MOVES, 12)
    contour = [int(step) for step in np.clip(np.cumsum(moves), -4, 5)]
    varied = contour[:2] + [step + int(rng.integers(-1, 2)) for step in contour[2:]]
    home = nearest_step(plan.tonic, plan.mode, centre)
    arch = (0, 1, 3, 0)
    cadence = [(0, n_steps // 2), (n_steps // 2, n_steps // 2)] if rng.random() < 0.5 else None
    bars: list[tuple[MelodyNote, ...]] = []
    for i, chord in enumerate(chords):
        place = i % 4
        onsets = (idea, idea, answer, cadence or answer[:2])[place]
        course = contour if place < 2 else varied
        if place == 3:
            course = [2, 0]
        bars.append(melody_bar(plan, chord, onsets, course, home + arch[place]))
    return bars


def compose(plan: TrackPlan, style: Style) -> list[Bar]:
    """The whole song, one entry for each bar; the same for all versions of one composition."""
    rng = derived_rng(plan.seed, "composition", plan.composition)
    chords = harmonise(plan, style, section_degrees(style, plan.form, rng))
    tunes: dict[str, list[tuple[MelodyNote, ...]]] = {}
    bars: list[Bar] = []
    for name, n_bars in plan.form:
        here = chords[len(bars) : len(bars) + n_bars]
        if name not in tunes or len(tunes[name]) < n_bars:
            centre = {"A": 71, "B": 76, "break": 74}.get(name, 69) + round(4 * plan.valence - 2)
            tunes[name] = phrase(plan, style, here, rng, centre)
        for i, chord in enumerate(here):
            bars.append(Bar(name, i, n_bars, chord, tunes[name][i]))
    return bars
