"""Words for moods with where they lie on two scales, and the moods that a list can be asked for.

Valence runs from -1 (unpleasant) to 1 (pleasant), arousal from -1 (still) to 1 (stirred), the plane
of Russell 1980, "A circumplex model of affect", doi:10.1037/h0077714. The values are our own
judgement of how each word is used of music, in steps of a tenth; they are not taken from a rated
lexicon and are no measurement. What they are worth is measured by ``python -m benchmarks Q7``.
"""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

# word: valence, arousal; folded as segue.text.normalise.fold does
_LEXICON = """
calm .4 -.8; peaceful .5 -.8; relaxing .5 -.7; relaxed .5 -.7; relax .5 -.7; chill .4 -.6
chillout .4 -.6; chilled .4 -.6; mellow .3 -.6; gentle .4 -.7; soft .2 -.6; soothing .5 -.7
quiet .1 -.8; serene .5 -.8; tranquil .5 -.8; dreamy .3 -.5; dreaming .3 -.5; ethereal .2 -.5
atmospheric 0 -.4; meditative .3 -.8; meditation .3 -.8; sleep .1 -.9; sleepy .1 -.9
lullaby .3 -.9; slow -.1 -.6; laid back .4 -.5; easy .4 -.4; smooth .4 -.4; warm .5 -.3
cozy .5 -.6; tender .4 -.6; happy .9 .4; happiness .9 .4; joyful .9 .5; joy .9 .4
cheerful .9 .4; feel good .8 .4; fun .8 .5; funny .7 .4; bright .6 .3; sunny .7 .3
sunshine .7 .3; summer .7 .4; smile .8 .3; upbeat .7 .6; uplifting .7 .4; optimistic .7 .3
hopeful .5 .1; hope .4 .1; positive .7 .3; sweet .5 -.1; playful .6 .4; love .4 0
romantic .5 -.3; romance .5 -.3; sexy .5 .3; sensual .4 -.1; beautiful .4 -.2; lovely .6 -.1
sad -.8 -.4; sadness -.8 -.4; melancholy -.6 -.4; melancholic -.6 -.4; blue -.4 -.3
gloomy -.7 -.4; depressing -.9 -.4; depressive -.9 -.4; depressed -.9 -.4; heartbreak -.8 -.1
broken -.6 0; lonely -.7 -.4; alone -.5 -.4; loneliness -.7 -.4; cry -.7 -.2; crying -.7 -.2
tears -.7 -.3; goodbye -.5 -.3; lost -.5 -.2; miss -.4 -.3; sorrow -.8 -.4; sorry -.5 -.2
grief -.9 -.3; pain -.8 .2; hurt -.7 .1; bittersweet -.2 -.3; nostalgic 0 -.3; nostalgia 0 -.3
wistful -.3 -.4; longing -.4 -.2; emotional -.2 .1; somber -.6 -.5; rain -.3 -.4; rainy -.3 -.5
winter -.2 -.4; autumn -.2 -.4; cold -.4 -.1; moon .1 -.4; dead -.7 .2; death -.8 .3; die -.7 .2
dying -.8 0; blood -.6 .5; kill -.8 .6; murder -.8 .5; hell -.6 .6; devil -.5 .5; angry -.7 .8
anger -.7 .8; aggressive -.5 .9; rage -.6 .9; hate -.8 .6; furious -.7 .9; violent -.7 .8
dark -.6 .1; darkness -.6 .1; haunting -.5 -.1; eerie -.5 0; scary -.7 .5; evil -.7 .6
tense -.5 .6; anxious -.6 .5; fear -.7 .5; war -.6 .6; fight -.3 .7; intense 0 .8; brutal -.6 .9
harsh -.5 .8; noisy -.3 .7; energetic .5 .9; energy .5 .8; exciting .7 .8; excited .7 .8
wild .4 .8; party .7 .8; dance .7 .7; danceable .7 .7; dancing .7 .7; driving .3 .6
powerful .3 .7; epic .3 .6; heavy -.2 .8; loud 0 .8; hard 0 .7; fast .2 .8; workout .4 .9
running .3 .8; gym .4 .9; crazy .3 .7; hype .5 .9; groovy .6 .5; funky .7 .6; catchy .7 .5
celebration .8 .7; triumphant .7 .7; rebellious .1 .7; focus .2 -.3; study .2 -.4
concentration .2 -.4; acoustic .2 -.5; instrumental .1 -.3; ballad -.1 -.5; ballads -.1 -.5
singer songwriter 0 -.4; piano .1 -.5; unplugged .1 -.5; orchestral .1 -.1; electronic .2 .4
live .3 .5; remix .4 .6; club .5 .7; anthem .4 .6; ambient .2 -.8; new age .4 -.8; drone -.1 -.7
downtempo .2 -.5; lounge .5 -.5; chillwave .3 -.4; lo fi .2 -.5; trip hop -.1 -.3
shoegaze -.1 0; dream pop .2 -.3; slowcore -.4 -.6; post rock 0 0; classical .2 -.4; folk .2 -.4
indie folk .1 -.4; country .4 0; bluegrass .6 .3; blues -.2 -.1; jazz .4 -.2; smooth jazz .5 -.5
bossa nova .6 -.4; swing .7 .4; soul .4 0; neo soul .4 -.2; rnb .4 .1; gospel .6 .3; funk .7 .6
disco .8 .7; reggae .7 0; ska .7 .7; dub .3 -.2; dancehall .6 .7; latin .7 .5; salsa .8 .7
samba .8 .6; reggaeton .6 .7; pop .5 .4; indie pop .5 .2; power pop .6 .6; synthpop .4 .5
electropop .5 .6; new wave .3 .4; rock .1 .5; indie rock .1 .4; soft rock .4 -.2
classic rock .3 .5; alternative rock 0 .5; hard rock .1 .8; grunge -.4 .6; punk 0 .9
punk rock 0 .9; pop punk .4 .8; hardcore -.3 .9; emo -.5 .5; gothic -.6 .2; goth -.6 .2
darkwave -.5 .1; post punk -.3 .3; industrial -.5 .7; noise -.4 .7; metal -.3 .9
heavy metal -.2 .9; death metal -.6 .9; black metal -.7 .8; thrash metal -.4 .9
doom metal -.6 .3; metalcore -.4 .9; nu metal -.4 .8; power metal .1 .9; progressive rock .1 .3
psychedelic .1 .1; hip hop .1 .5; rap 0 .6; gangsta rap -.3 .6; trap -.1 .6; grime -.2 .7
house .6 .7; deep house .5 .4; techno .1 .8; trance .5 .7; dubstep -.1 .8; drum and bass .2 .9
edm .6 .9; big room .6 .9; breakbeat .3 .7; idm 0 .2; electro .3 .7; soundtrack .1 -.1
world .3 0; christmas .7 0
"""

LEXICON: Mapping[str, tuple[float, float]] = MappingProxyType({
    " ".join(parts[:-2]): (float(parts[-2]), float(parts[-1]))
    for parts in (
        entry.split() for line in _LEXICON.strip().splitlines() for entry in line.split(";")
    )
    if parts
})  # fmt: skip

Range = tuple[float, float]


class MoodRule(Struct, frozen=True, kw_only=True):
    """What a track must be like to suit a mood; a range is (lowest, highest), None does not ask.

    Valence and arousal lie in -1..1, ``tempo_bpm`` in beats a minute, all others in 0..1 as audio
    features are. ``liked`` and ``excluded`` are folded names of genres, tags or moods: a liked one
    is a fact in favour, an excluded one ends it.
    """

    valence: Range | None = None
    arousal: Range | None = None
    tempo_bpm: Range | None = None
    energy: Range | None = None
    danceability: Range | None = None
    acousticness: Range | None = None
    instrumentalness: Range | None = None
    liked: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(","))


_LOUD = _names("metal, heavy metal, death metal, black metal, thrash metal, hardcore, punk,"
               "punk rock, grindcore, noise, metalcore, gabber")  # fmt: skip
_STILL = _names("ambient, drone, lullaby, meditation, sleep, new age")

MOODS: Mapping[str, MoodRule] = MappingProxyType({
    "calm": MoodRule(
        valence=(-0.2, 1.0), arousal=(-1.0, -0.3), tempo_bpm=(40, 105), energy=(0.0, 0.45),
        acousticness=(0.4, 1.0), excluded=_LOUD,
        liked=_names("calm, relaxing, mellow, chill, chillout, acoustic, ambient, peaceful"),
    ),
    "happy": MoodRule(
        valence=(0.4, 1.0), arousal=(-0.1, 1.0), tempo_bpm=(95, 180), energy=(0.4, 1.0),
        liked=_names("happy, feel good, fun, upbeat, sunny, summer, disco, funk, pop"),
        excluded=_names("sad, depressing, melancholy, doom metal, death metal, black metal"),
    ),
    "sad": MoodRule(
        valence=(-1.0, -0.15), arousal=(-1.0, 0.2), tempo_bpm=(40, 115), energy=(0.0, 0.55),
        liked=_names("sad, melancholy, melancholic, heartbreak, slowcore, emo, ballad, rainy"),
        excluded=_names("happy, party, feel good, disco"),
    ),
    "energetic": MoodRule(
        valence=(-0.4, 1.0), arousal=(0.4, 1.0), tempo_bpm=(115, 220), energy=(0.65, 1.0),
        liked=_names("energetic, dance, punk, punk rock, rock, drum and bass, techno, edm, upbeat"),
        excluded=_STILL,
    ),
    "focus": MoodRule(
        valence=(-0.3, 0.7), arousal=(-0.9, 0.1), tempo_bpm=(55, 130), energy=(0.05, 0.6),
        instrumentalness=(0.5, 1.0), excluded=_LOUD | _names("party, rap"),
        liked=_names("instrumental, ambient, classical, post rock, idm, piano, lo fi, study"),
    ),
    "workout": MoodRule(
        valence=(-0.3, 1.0), arousal=(0.5, 1.0), tempo_bpm=(120, 180), energy=(0.7, 1.0),
        danceability=(0.5, 1.0), excluded=_STILL | _names("ballad, slowcore"),
        liked=_names("workout, running, edm, electro, hip hop, hard rock, techno, dance, trap"),
    ),
    "party": MoodRule(
        valence=(0.2, 1.0), arousal=(0.3, 1.0), tempo_bpm=(95, 135), energy=(0.55, 1.0),
        danceability=(0.6, 1.0), excluded=_STILL | _names("sad, melancholy, slowcore, doom metal"),
        liked=_names("party, dance, disco, house, funk, latin, reggaeton, club, pop, edm"),
    ),
    "sleep": MoodRule(
        valence=(-0.3, 0.8), arousal=(-1.0, -0.5), tempo_bpm=(40, 90), energy=(0.0, 0.3),
        acousticness=(0.5, 1.0), instrumentalness=(0.4, 1.0),
        excluded=_LOUD | _names("party, dance, workout, techno, drum and bass, edm"),
        liked=_STILL | _names("calm, peaceful, soothing, classical, piano"),
    ),
    "commute": MoodRule(
        valence=(-0.1, 1.0), arousal=(-0.3, 0.7), tempo_bpm=(85, 150), energy=(0.35, 0.85),
        liked=_names("driving, indie rock, indie pop, pop, soul, classic rock, synthpop, hip hop"),
        excluded=_STILL | _names("grindcore, noise"),
    ),
})  # fmt: skip


def affect_of_words(words: str) -> tuple[float, float, int]:
    """Mean valence and arousal of the lexicon's words in a folded text, and how many were found.

    A phrase of two or three words that the lexicon has is read as one. Without any, zeros.

    >>> affect_of_words("sad ballad")
    (-0.45, -0.45, 2)
    >>> affect_of_words("death metal")
    (-0.6, 0.9, 1)
    """
    parts = words.split()
    found: list[tuple[float, float]] = []
    place = 0
    while place < len(parts):
        for length in (3, 2, 1):
            phrase = " ".join(parts[place : place + length])
            if phrase in LEXICON and place + length <= len(parts):
                found.append(LEXICON[phrase])
                place += length - 1
                break
        place += 1
    if not found:
        return 0.0, 0.0, 0
    n = len(found)
    valence, arousal = sum(pair[0] for pair in found) / n, sum(pair[1] for pair in found) / n
    return round(valence, 6), round(arousal, 6), n
