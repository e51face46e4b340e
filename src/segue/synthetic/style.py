"""What a style of music is, as data: who plays what, when, and how it is mixed.

Rhythms are written as one character for each sixteenth of a bar (16 for 4/4, 12 for 3/4; twice as
many for a pattern of two bars):

* chords: ``a`` whole chord, ``A`` the same accented, ``0``..``9`` one voice of the chord, lowest
  first (past the top it goes on an octave higher), ``.`` rest, ``-`` the note before is held;
* bass: ``r`` root, ``3`` third, ``5`` fifth, ``8`` octave, ``n`` a step towards the next root;
* melody: ``x`` a note; the composer finds the pitch;
* drums: ``X`` accent, ``x`` plain, ``o`` soft.
"""

from msgspec import Struct

from segue.synthetic.drums import DrumKit

ALL_SECTIONS = ("intro", "A", "B", "break", "outro")
BODY = ("A", "B")


class Part(Struct, frozen=True, kw_only=True):
    """One player. ``level_db`` is the RMS of the part while it sounds; ``pan`` -1..1.

    ``octave`` shifts the shared chord voicing (chords) or the register (melody); ``gate`` makes
    notes longer than written, in bars of sixteenths. ``drive`` 0 is clean.
    """

    role: str  # "chords", "bass", "melody"
    instruments: tuple[str, ...]
    patterns: tuple[str, ...] = ()
    sections: tuple[str, ...] = ALL_SECTIONS
    level_db: float = -20.0
    octave: int = 0
    pan: float = 0.0
    gate: float = 0.0
    reverb: float = 0.2
    echo: float = 0.0
    drive: float = 0.0
    cabinet_hz: float = 4500.0


class Beat(Struct, frozen=True, kw_only=True):
    """One bar (or two) of drums: drum name and its rhythm."""

    hits: dict[str, str]
    sections: tuple[str, ...] = BODY


class Style(Struct, frozen=True, kw_only=True):
    """A style of music. ``valence`` and ``arousal`` (0..1) are where its moods are centred."""

    name: str
    genres: tuple[tuple[str, ...], ...]
    tempo_bpm: tuple[float, float]
    modes: tuple[str, ...]
    progressions: tuple[tuple[int, ...], ...]  # degrees, 0 is the tonic chord, one for each bar
    parts: tuple[Part, ...]
    valence: float
    arousal: float
    moods: tuple[str, ...]
    years: tuple[int, int]
    beats: tuple[Beat, ...] = ()
    kit: DrumKit = DrumKit()
    drum_level_db: float = -17.0
    drum_reverb: float = 0.08
    melody_rhythms: tuple[str, ...] = ("x---x---x-------", "x-----x-x---x---")
    meters: tuple[int, ...] = (4,)  # quarter notes in a bar
    n_chord_notes: int = 3
    voicing: tuple[int, int] = (52, 76)  # MIDI, register of the chords
    leading_tone: bool = False
    swing: float = 0.0  # delay of every second unit, as a fraction of the unit
    swing_unit: int = 2  # sixteenths: 2 swings eighths, 1 swings sixteenths
    humanise_s: float = 0.006
    reverb_s: float = 1.6
    damping_hz: float = 4500.0
    echo_beats: float = 0.75
    echo_feedback: float = 0.45
    duck: float = 0.0
    crackle_db: float = -90.0
    tail_s: float = 2.2
