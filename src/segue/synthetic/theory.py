"""Scales, chords and voice leading: common-practice harmony in twelve equal steps."""

from itertools import pairwise

MODES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
}
# how bright a mode sounds, -1..1: the order of the circle of fifths (lydian brightest)
MODE_BRIGHTNESS: dict[str, float] = {
    "lydian": 0.8,
    "major": 1.0,
    "mixolydian": 0.5,
    "dorian": -0.2,
    "minor": -0.8,
    "phrygian": -1.0,
}
KEY_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


def frequency_hz(pitch: float) -> float:
    """Frequency of a MIDI pitch, A4 = 69 = 440 Hz.

    >>> frequency_hz(57)
    220.0
    """
    return 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)


def scale_pitch(tonic: int, mode: str, step: int) -> int:
    """MIDI pitch of a scale step; step 0 is the tonic in octave 0, 7 the tonic above.

    >>> scale_pitch(0, "major", 7 * 5 + 2)  # E of the octave that begins at C4 = 60
    64
    """
    octave, degree = divmod(step, 7)
    return tonic + 12 * octave + MODES[mode][degree]


def nearest_step(tonic: int, mode: str, pitch: int) -> int:
    """The scale step whose pitch is nearest to a MIDI pitch; ties go down."""
    guess = (pitch - tonic) * 7 // 12
    return min(
        range(guess - 2, guess + 3), key=lambda step: abs(scale_pitch(tonic, mode, step) - pitch)
    )


def chord_pitch_classes(
    tonic: int, mode: str, degree: int, n_notes: int, *, leading_tone: bool = False
) -> tuple[int, ...]:
    """Pitch classes (0..11, root first) of thirds stacked on a scale degree.

    Args:
        tonic: Pitch class of the key, 0..11.
        mode: A key of :data:`MODES`.
        degree: 0..6, 0 is the tonic chord.
        n_notes: 3 triad, 4 seventh, 5 ninth.
        leading_tone: Raise the third of the fifth degree in minor, as a dominant needs.

    >>> chord_pitch_classes(0, "major", 4, 4)  # G7
    (7, 11, 2, 5)
    """
    pitches = [scale_pitch(tonic, mode, degree + 2 * i) for i in range(n_notes)]
    if leading_tone and degree == 4 and mode == "minor":
        pitches[1] += 1
        if n_notes > 4:  # the flat ninth against a raised third is wanted in few styles
            pitches = pitches[:4]
    return tuple(pitch % 12 for pitch in pitches)


def close_voicings(pitch_classes: tuple[int, ...], low: int, high: int) -> list[tuple[int, ...]]:
    """Every inversion in close position whose notes all lie in low..high, lowest first."""
    found: list[tuple[int, ...]] = []
    ordered = sorted(set(pitch_classes))
    for first in range(len(ordered)):
        turned = ordered[first:] + ordered[:first]
        gaps = [(b - a) % 12 for a, b in pairwise(turned)]
        start = low + (turned[0] - low) % 12
        for bottom in range(start, high + 1, 12):
            notes = [bottom]
            for gap in gaps:
                notes.append(notes[-1] + gap)
            if notes[-1] <= high:
                found.append(tuple(notes))
    return sorted(found)


def voice_lead(
    previous: tuple[int, ...] | None, pitch_classes: tuple[int, ...], low: int, high: int
) -> tuple[int, ...]:
    """The close voicing that moves the voices least from the previous one.

    With no previous chord, the one nearest to the middle of the register. ``high - low`` must be
    at least 22 so that one always exists.

    >>> voice_lead((60, 64, 67), (5, 9, 0), 52, 76)  # C to F keeps the C
    (60, 65, 69)
    """
    centre = (low + high) / 2

    def motion(notes: tuple[int, ...]) -> tuple[float, float]:
        off_centre = abs(sum(notes) / len(notes) - centre)
        if previous is None:
            return (off_centre, 0.0)
        moved = sum(min(abs(note - old) for old in previous) for note in notes)
        moved += sum(min(abs(note - old) for note in notes) for old in previous)
        return (moved + 0.15 * off_centre, off_centre)

    return min(close_voicings(pitch_classes, low, high), key=motion)
