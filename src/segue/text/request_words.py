"""The words that requests are understood by, as data. Folded; our own lists."""

from collections.abc import Mapping
from types import MappingProxyType


def _table(**groups: str) -> Mapping[str, str]:
    return MappingProxyType(
        {word.strip(): name for name, words in groups.items() for word in words.split(",")}
    )


# what people say for each mood or activity of segue.data.affect.MOODS
MOOD_WORDS = _table(
    calm=(
        "calm, calming, chill, chilled, chilling, chillout, relax, relaxed, relaxing, "
        "mellow, peaceful, soothing, gentle, quiet, tranquil, serene, unwind, laid back, "
        "lazy, cozy, cosy, rainy, sunday"
    ),
    happy=(
        "happy, cheerful, joyful, joyous, feel good, feelgood, uplifting, sunny, good "
        "mood, fun, positive, optimistic"
    ),
    sad=(
        "sad, sadness, melancholy, melancholic, depressing, depressed, heartbreak, "
        "heartbroken, gloomy, crying, cry, lonely, breakup, break up, sorrow, grief"
    ),
    energetic=("energetic, energy, upbeat, hype, pumped, powerful, high energy, lively, intense"),
    focus=(
        "focus, focused, study, studying, concentrate, concentration, work, working, "
        "coding, reading, homework, productive, programming, writing"
    ),
    workout=(
        "workout, work out, working out, gym, running, run, jogging, exercise, training, "
        "lifting, cardio, cycling"
    ),
    party=("party, partying, dancing, club, clubbing, dancefloor, celebrate, celebration, pregame"),
    sleep=("sleep, sleeping, sleepy, bedtime, fall asleep, lullaby, nap, insomnia"),
    commute=(
        "commute, commuting, driving, drive, road trip, roadtrip, travel, travelling, train ride"
    ),
)

_TEMPO: dict[str, tuple[float | None, float | None]] = {
    "slow": (None, 90.0), "slower": (None, 90.0), "downtempo": (None, 100.0),
    "mid tempo": (90.0, 120.0), "midtempo": (90.0, 120.0),
    "fast": (130.0, None), "faster": (130.0, None), "fast paced": (130.0, None),
    "uptempo": (120.0, None), "up tempo": (120.0, None), "quick": (130.0, None),
}  # fmt: skip
TEMPO_WORDS: Mapping[str, tuple[float | None, float | None]] = MappingProxyType(_TEMPO)

# True asks for music without a voice
VOICE_WORDS: Mapping[str, bool] = {
    "instrumental": True, "instrumentals": True, "wordless": True, "vocals": False, "vocal": False,
    "lyrics": False, "singing": False, "voice": False, "voices": False, "singer": False,
}  # fmt: skip

NEGATIONS = frozenset(
    "not no without except never non avoid excluding minus dont isnt arent nothing less".split()
)
NEGATION_SPAN = 3  # words that "not" reaches: "not too sad", "no more heavy metal"

DECADE_NAMES: Mapping[str, int] = MappingProxyType({
    "thirties": 1930, "forties": 1940, "fifties": 1950, "sixties": 1960, "seventies": 1970,
    "eighties": 1980, "nineties": 1990, "noughties": 2000, "naughties": 2000,
})  # fmt: skip

STOP_WORDS = frozenset(
    """
a about after all also am an and any anything are artist artists as at band bands be because
been best bit but by can could do does ever find for from get give good got great had has have
having hear hey hi i id if im in into is it its ive just kind know let like listen listening lot
made make makes me mood more most much music my need of on one only or other out play playlist
please really recommend recommendation recommendations s similar so some someone something song
songs sort sound sounding sounds stuff style suggest suggestion suggestions t than that thats
the their them there these they thing things this those time to too track tracks tune tunes
under up us very vibe vibes want was way we well were what when where which while who will with
would year years you your looking
""".split()
)
