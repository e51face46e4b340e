"""The electronic styles: ambient, house, techno, synthwave."""

from segue.synthetic.drums import DrumKit
from segue.synthetic.style import BODY, Beat, Part, Style

AMBIENT = Style(
    name="ambient",
    genres=(("Ambient",), ("Ambient", "Drone"), ("Ambient", "Electronic")),
    tempo_bpm=(58, 74),
    modes=("lydian", "major", "dorian"),
    progressions=((0, 4, 5, 3), (0, 1, 0, 4), (0, 3, 5, 3), (5, 3, 0, 4)),
    n_chord_notes=5,
    voicing=(50, 76),
    parts=(
        Part(
            role="chords",
            instruments=("warm_pad", "glass_pad", "choir"),
            patterns=("a---------------",),
            level_db=-18,
            gate=2,
            reverb=0.6,
        ),
        Part(
            role="chords",
            instruments=("music_box", "harp", "felt_piano"),
            patterns=("0.....3.......2.", "..4.....1.....3.", "3.......4...2..."),
            sections=("A", "B", "break", "outro"),
            level_db=-25,
            octave=1,
            gate=4,
            reverb=0.8,
            echo=0.5,
        ),
        Part(
            role="bass",
            instruments=("sub_bass",),
            patterns=("r---------------",),
            sections=("A", "B", "outro"),
            level_db=-24,
            reverb=0.0,
        ),
    ),
    valence=0.55,
    arousal=0.12,
    moods=("dreamy", "floating", "calm", "sleep"),
    years=(1978, 2024),
    reverb_s=3.0,
    damping_hz=3500.0,
    echo_beats=1.5,
    tail_s=4.0,
)

HOUSE = Style(
    name="house",
    genres=(("House",), ("House", "Deep House"), ("House", "Electronic")),
    tempo_bpm=(119, 127),
    modes=("dorian", "minor", "mixolydian"),
    progressions=((0, 3, 0, 3), (0, 5, 3, 4), (5, 3, 0, 4), (0, 2, 3, 3)),
    n_chord_notes=4,
    parts=(
        Part(
            role="chords",
            instruments=("house_stab", "organ", "electric_piano", "grand_piano"),
            patterns=("A..a..A...a..a..", "..A...A...A...A.", "A..A..A...A.A..."),
            level_db=-20,
            reverb=0.3,
            echo=0.25,
        ),
        Part(
            role="chords",
            instruments=("warm_pad", "string_section"),
            patterns=("a---------------",),
            sections=("B", "break", "outro"),
            level_db=-26,
            reverb=0.4,
        ),
        Part(
            role="bass",
            instruments=("saw_bass", "electric_bass", "sub_bass"),
            patterns=("..r...r...r.r.8.", "r..r..8...r..5..", "..r-..r-..r-..r-"),
            sections=("A", "B"),
            level_db=-19,
            reverb=0.0,
        ),
        Part(
            role="melody",
            instruments=("vibraphone", "square_lead", "flute"),
            sections=("B",),
            level_db=-24,
            reverb=0.4,
            echo=0.4,
        ),
    ),
    beats=(
        Beat(
            hits={
                "kick": "X...X...X...X...",
                "open_hat": "..x...x...x...x.",
                "hat": "x.o.x.o.x.o.x.oo",
            },
            sections=("intro", "outro"),
        ),
        Beat(
            hits={
                "kick": "X...X...X...X...",
                "clap": "....X.......X...",
                "open_hat": "..x...x...x...x.",
                "hat": "xoooxoooxoooxooo",
                "shaker": "x.xox.xox.xox.xo",
            }
        ),
        Beat(hits={"hat": "x.o.x.o.x.o.x.o.", "clap": "....x.......x..."}, sections=("break",)),
    ),
    kit=DrumKit(kick_hz=50, kick_sweep=5.5, kick_decay_s=0.17, hat_decay_s=0.03),
    melody_rhythms=("x--x--x---x-----", "..x-..x-x---x---"),
    valence=0.7,
    arousal=0.72,
    moods=("uplifting", "groovy", "party"),
    years=(1986, 2025),
    swing=0.12,
    swing_unit=1,
    humanise_s=0.003,
    duck=0.45,
    drum_level_db=-15,
)

TECHNO = Style(
    name="techno",
    genres=(("Techno",), ("Techno", "Acid"), ("Techno", "Minimal")),
    tempo_bpm=(130, 140),
    modes=("phrygian", "minor"),
    progressions=((0, 0, 0, 0), (0, 0, 1, 0), (0, 0, 5, 0)),
    parts=(
        Part(
            role="bass",
            instruments=("acid_lead",),
            patterns=("r.r8r.nrr.8.r5r.", "rr.r8.r.nr.rr.8r", "r.rr.r8.r.rr.rn8"),
            level_db=-19,
            octave=1,
            reverb=0.12,
            echo=0.2,
            drive=1.4,
            cabinet_hz=5000.0,
        ),
        Part(
            role="bass",
            instruments=("sub_bass", "saw_bass"),
            patterns=("..r...r...r...r.",),
            sections=BODY,
            level_db=-20,
            reverb=0.0,
        ),
        Part(
            role="chords",
            instruments=("house_stab", "synth_pluck"),
            patterns=("......A.........", "...A......A.....", "A.....A........."),
            sections=("A", "B", "break"),
            level_db=-25,
            reverb=0.6,
            echo=0.7,
        ),
    ),
    beats=(
        Beat(
            hits={"kick": "X...X...X...X...", "hat": "..x...x...x...x."},
            sections=("intro", "outro"),
        ),
        Beat(
            hits={
                "kick": "X...X...X...X...",
                "hat": "xoxoxoxoxoxoxoxo",
                "open_hat": "..X...X...X...X.",
                "clap": "............x...",
                "ride": "x.x.x.x.x.x.x.x.",
                "low_tom": "...o......o.....",
            }
        ),
        Beat(hits={"hat": "xoxoxoxoxoxoxoxo", "low_tom": "...x..x...x....."}, sections=("break",)),
    ),
    kit=DrumKit(
        kick_hz=47, kick_sweep=7.0, kick_decay_s=0.2, kick_click=0.5, tone=1.25, hat_decay_s=0.025
    ),
    valence=0.3,
    arousal=0.88,
    moods=("driving", "hypnotic", "dark"),
    years=(1988, 2025),
    humanise_s=0.001,
    duck=0.5,
    drum_level_db=-14,
    reverb_s=1.3,
)

SYNTHWAVE = Style(
    name="synthwave",
    genres=(("Synthwave",), ("Synthwave", "Electronic"), ("Synthwave", "Synthpop")),
    tempo_bpm=(96, 112),
    modes=("minor", "dorian", "major"),
    progressions=((0, 5, 2, 6), (0, 5, 3, 4), (5, 6, 0, 0), (0, 6, 5, 6)),
    parts=(
        Part(
            role="chords",
            instruments=("poly_synth", "warm_pad"),
            patterns=("A---------------", "A-----A---------"),
            level_db=-20,
            reverb=0.35,
        ),
        Part(
            role="chords",
            instruments=("synth_pluck", "square_lead"),
            patterns=("0.1.2.1.3.1.2.1.", "0121321201213212"),
            level_db=-24,
            octave=1,
            reverb=0.3,
            echo=0.35,
        ),
        Part(
            role="bass",
            instruments=("saw_bass",),
            patterns=("r.rrr.rrr.rrr.r8", "rrrrrrrrrrrrrrrr", "r.r.r.r.r.r.r.8."),
            sections=("A", "B", "outro"),
            level_db=-18,
            reverb=0.0,
        ),
        Part(
            role="melody",
            instruments=("saw_lead", "square_lead"),
            sections=BODY,
            level_db=-19,
            reverb=0.35,
            echo=0.4,
        ),
    ),
    beats=(
        Beat(hits={"kick": "X.......X.......", "hat": "x.x.x.x.x.x.x.x."}, sections=("intro",)),
        Beat(
            hits={
                "kick": "X.......X.x.....",
                "snare": "....X.......X...",
                "hat": "x.o.x.o.x.o.x.o.",
            }
        ),
        Beat(hits={"snare": "....X.......X..."}, sections=("outro",)),
    ),
    kit=DrumKit(kick_hz=55, snare_hz=190, snare_noise=0.7, snare_decay_s=0.24, kick_decay_s=0.15),
    melody_rhythms=("x-----x---x-x---", "x---x-x-x-------", "x-------x---x-x-"),
    valence=0.6,
    arousal=0.6,
    moods=("nostalgic", "neon", "night drive"),
    years=(1983, 2025),
    humanise_s=0.002,
    drum_reverb=0.28,
    reverb_s=1.8,
    duck=0.2,
)

ELECTRONIC_STYLES: tuple[Style, ...] = (AMBIENT, HOUSE, TECHNO, SYNTHWAVE)
