"""The styles built on bass and broken beats: trip hop, drum and bass, dub."""

from segue.synthetic.drums import DrumKit
from segue.synthetic.style import BODY, Beat, Part, Style

TRIP_HOP = Style(
    name="trip hop",
    genres=(("Trip Hop",), ("Hip Hop", "Instrumental Hip Hop"), ("Trip Hop", "Downtempo")),
    tempo_bpm=(74, 90),
    modes=("minor", "dorian"),
    progressions=((0, 3, 0, 4), (0, 5, 3, 4), (0, 0, 3, 3), (3, 4, 0, 0)),
    n_chord_notes=5,
    parts=(
        Part(
            role="chords",
            instruments=("electric_piano", "felt_piano"),
            patterns=("A-----.a--......", "a-------..A---..", "..a---....a---.."),
            level_db=-19,
            reverb=0.25,
            drive=0.4,
            cabinet_hz=3000.0,
        ),
        Part(
            role="chords",
            instruments=("string_section", "choir"),
            patterns=("a---------------",),
            sections=("B", "break"),
            level_db=-26,
            reverb=0.5,
        ),
        Part(
            role="bass",
            instruments=("sub_bass", "upright_bass"),
            patterns=("r-----..r-..5-..", "r--.r-....r-n-..", "r-------..8-5-r-"),
            sections=("A", "B", "outro"),
            level_db=-17,
            reverb=0.0,
        ),
        Part(
            role="melody",
            instruments=("muted_trumpet", "vibraphone", "flute"),
            sections=("B",),
            level_db=-22,
            reverb=0.5,
            echo=0.35,
        ),
    ),
    beats=(
        Beat(
            hits={
                "kick": "X......x..X.....",
                "snare": "....X.......X..o",
                "hat": "x.x.x.xox.x.x.x.",
            },
            sections=("A", "B", "outro"),
        ),
        Beat(
            hits={"hat": "x.x.x.x.x.x.x.x.", "rim": "....x.......x..."}, sections=("intro", "break")
        ),
    ),
    kit=DrumKit(
        kick_hz=58,
        kick_sweep=3.0,
        kick_decay_s=0.13,
        snare_hz=205,
        snare_noise=0.5,
        snare_decay_s=0.1,
        tone=0.6,
        hat_decay_s=0.028,
    ),
    melody_rhythms=("x---..x-x-......", "..x-x---..x-x---"),
    valence=0.38,
    arousal=0.36,
    moods=("smoky", "late night", "moody"),
    years=(1991, 2023),
    swing=0.22,
    swing_unit=1,
    humanise_s=0.012,
    crackle_db=-44,
    drum_level_db=-16.5,
)

DRUM_AND_BASS = Style(
    name="drum and bass",
    genres=(("Drum and Bass",), ("Drum and Bass", "Jungle"), ("Drum and Bass", "Electronic")),
    tempo_bpm=(168, 176),
    modes=("minor", "dorian"),
    progressions=((0, 0, 5, 5), (0, 0, 3, 3), (5, 5, 0, 6)),
    n_chord_notes=4,
    parts=(
        Part(
            role="chords",
            instruments=("warm_pad", "string_section", "choir"),
            patterns=("a---------------",),
            level_db=-22,
            gate=1,
            reverb=0.5,
        ),
        Part(
            role="chords",
            instruments=("electric_piano", "synth_pluck"),
            patterns=("A.....A.....a...", "..a...a.....A..."),
            sections=("A", "B", "break"),
            level_db=-25,
            octave=1,
            reverb=0.5,
            echo=0.5,
        ),
        Part(
            role="bass",
            instruments=("reese_bass", "sub_bass"),
            patterns=("r-----..r---....", "r---..r-......5-", "r-------8-..n---"),
            sections=BODY,
            level_db=-16,
            reverb=0.0,
        ),
    ),
    beats=(
        Beat(
            hits={
                "kick": "X.........X.....",
                "snare": "....X..o.o..X..o",
                "hat": "x.x.x.x.x.x.x.x.",
                "ride": "..x...x...x...x.",
            }
        ),
        Beat(
            hits={"hat": "x.xox.xox.xox.xo", "kick": "X.........x....."},
            sections=("intro", "outro"),
        ),
        Beat(hits={"rim": "....x.......x...", "shaker": "xoxoxoxoxoxoxoxo"}, sections=("break",)),
    ),
    kit=DrumKit(
        kick_hz=62,
        kick_decay_s=0.1,
        snare_hz=225,
        snare_decay_s=0.1,
        snare_noise=0.55,
        tone=1.1,
        hat_decay_s=0.022,
    ),
    valence=0.45,
    arousal=0.92,
    moods=("urgent", "futuristic", "energetic"),
    years=(1993, 2025),
    humanise_s=0.003,
    drum_level_db=-14,
    duck=0.25,
)

DUB = Style(
    name="dub",
    genres=(("Reggae",), ("Reggae", "Dub"), ("Dub",)),
    tempo_bpm=(68, 80),
    modes=("minor", "dorian", "mixolydian"),
    progressions=((0, 3, 0, 3), (0, 6, 0, 6), (0, 3, 4, 3), (0, 0, 3, 4)),
    parts=(
        Part(
            role="chords",
            instruments=("muted_guitar",),
            patterns=("....A.......A...", "....A.a.....A..."),
            level_db=-19,
            pan=-0.4,
            reverb=0.25,
            echo=0.5,
        ),
        Part(
            role="chords",
            instruments=("organ",),
            patterns=("..a.aaa...a.aaa.", "..a.a.a...a.a.a."),
            sections=("A", "B", "outro"),
            level_db=-22,
            pan=0.4,
            reverb=0.2,
        ),
        Part(
            role="bass",
            instruments=("electric_bass", "sub_bass"),
            patterns=("r---r-5-..8---..", "r-..3-5---..r---", "....r-r-5-..3-r-"),
            level_db=-15.5,
            reverb=0.0,
        ),
        Part(
            role="melody",
            instruments=("accordion", "muted_trumpet", "clarinet"),
            sections=("B",),
            level_db=-22,
            reverb=0.5,
            echo=0.6,
        ),
    ),
    beats=(
        Beat(
            hits={"kick": "........X.......", "rim": "........X.....x.", "hat": "x.o.x.o.x.o.x.oo"},
            sections=("intro", "A", "outro"),
        ),
        Beat(
            hits={
                "kick": "X...X...X...X...",
                "snare": "........X.......",
                "hat": "x.o.x.o.x.o.x.o.",
                "conga": "...x..o....x.oo.",
            },
            sections=("B",),
        ),
        Beat(hits={"rim": "........X.......", "conga": "...x..o....x.oo."}, sections=("break",)),
    ),
    kit=DrumKit(
        kick_hz=56,
        kick_sweep=3.0,
        kick_decay_s=0.14,
        kick_click=0.15,
        snare_hz=240,
        snare_noise=0.45,
        snare_decay_s=0.11,
        tone=0.75,
    ),
    melody_rhythms=("x---x-x-........", "..x-x-x---......"),
    valence=0.66,
    arousal=0.4,
    moods=("sunny", "laid-back", "deep"),
    years=(1968, 2019),
    swing=0.16,
    swing_unit=1,
    humanise_s=0.008,
    echo_beats=0.75,
    echo_feedback=0.6,
    drum_reverb=0.2,
    reverb_s=2.2,
    drum_level_db=-18,
)

BEAT_STYLES: tuple[Style, ...] = (TRIP_HOP, DRUM_AND_BASS, DUB)
