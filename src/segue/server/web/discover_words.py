"""What the pages for finding music say: moods, ways in, and what a request was understood as."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from segue.data.affect import MOODS
from segue.rng import derived_rng
from segue.server.web.language import _, grouped, later, pgettext
from segue.server.web.sentences import mood_word
from segue.text.said import Said

# What a mood is for, under its name; the names are those of the stations.
MOOD_NOTES: Mapping[str, str] = {
    "calm": later("Still and warm"),
    "happy": later("Bright, with a spring in it"),
    "sad": later("For when it may be"),
    "energetic": later("Wide awake"),
    "focus": later("To think by"),
    "workout": later("To move by"),
    "party": later("For a full room"),
    "sleep": later("To drift off"),
    "commute": later("For the way there"),
}
MOOD_TITLES: Mapping[str, str] = {
    "calm": later("Calm"),
    "happy": later("Happy"),
    "sad": later("Sad"),
    "energetic": later("Energetic"),
    "focus": later("Focus"),
    "workout": later("Workout"),
    "party": later("Party"),
    "sleep": later("Sleep"),
    "commute": later("Commute"),
}
# Shown under the box, to be pressed: what kind of request works. German ones are understood too.
EXAMPLES = (
    later("slow songs for a rainy evening"),
    later("happy 80s, no ballads"),
    later("instrumental, to think by"),
    later("fast and loud"),
)


@dataclass(frozen=True, slots=True)
class Way:
    """One way into the music: where it leads, what it is called, what it does."""

    key: str
    href: str
    title: str
    note: str


WAYS = (
    Way("map", "/map", later("Music map"),
        later("All your music as one landscape: what is alike lies close.")),
    Way("radio", "/radio", later("Build a radio"),
        later("Begin with several artists, tracks or genres. Add some, take some away.")),
    Way("path", "/path", later("Song path"),
        later("From one track to another, in even steps.")),
    Way("blend", "/blends", later("Blend"),
        later("One list for two or more people, fair to each.")),
    Way("like", "/like-minded", later("Listeners like you"),
        later("What people of your taste play, if you and they want to be seen.")),
    Way("wish", "/wishes", later("Wish list"),
        later("Artists and records you do not own and would love.")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MoodSleeve:
    """A mood on a shelf."""

    name: str
    title: str
    note: str


def mood_sleeves() -> list[MoodSleeve]:
    """All moods and activities, in the order of their rules.

    >>> mood_sleeves()[0]
    MoodSleeve(name='calm', title='Calm', note='Still and warm')
    """
    return [
        MoodSleeve(name, mood_title(name), _(MOOD_NOTES[name]) if name in MOOD_NOTES else "")
        for name in MOODS
    ]


def mood_title(name: str) -> str:
    """What a mood is called on a shelf.

    >>> mood_title("calm")
    'Calm'
    """
    return _(MOOD_TITLES[name]) if name in MOOD_TITLES else name.capitalize()


@cache
def way_dots() -> tuple[tuple[float, float, float, int], ...]:
    """A small landscape of dots for the map's card: x 0..120, y 0..60, radius, color 1..5."""
    rng = derived_rng(3, "web", "way", "map")
    middles = ((22, 20), (52, 38), (78, 18), (98, 42), (30, 48))
    dots: list[tuple[float, float, float, int]] = []
    for color, middle in enumerate(middles, start=1):
        for x, y in rng.normal(middle, (8.5, 5.5), (34, 2)).tolist():
            dots.append((round(x, 1), round(y, 1), round(float(rng.uniform(0.5, 1.3)), 2), color))
    return tuple(dots)


KIND_NOTES: Mapping[str, str] = {
    "genre": later("genre"),
    "feeling": later("feeling"),
    "tempo": later("tempo"),
    "voice": later("voice"),
    "word": later("in titles, tags and lyrics"),
}


def said_label(said: Said) -> tuple[str, str]:
    """What a chip of a request says: the phrase, and what it was understood as.

    >>> said_label(Said(words="chill", kinds=("mood",), mood="calm"))
    ('chill', 'mood: calm')
    >>> said_label(Said(kinds=("years",), years=(1990, 1999), is_strict=True))
    ('1990 to 1999', 'only these years')
    """
    if said.years is not None:
        return years_words(*said.years), _("only these years") if said.is_strict else _("years")
    if said.tempo_bpm is not None:
        return _("%(n)s beats a minute", n=grouped(said.tempo_bpm)), _("tempo")
    notes = [_(KIND_NOTES[kind]) for kind in said.kinds if kind in KIND_NOTES]
    if said.mood:
        same = said.mood == said.words.casefold()
        notes.append(_("mood") if same else _("mood: %(mood)s", mood=mood_word(said.mood)))
    return said.words, _("left out") if said.left_out else ", ".join(notes)


def years_words(first: int | None, last: int | None) -> str:
    """A span of years.

    >>> years_words(1994, 1994), years_words(None, 1979), years_words(2001, None)
    ('1994', 'up to 1979', 'from 2001')
    """
    if first is None or last is None:
        return (
            _("up to %(year)s", year=last)
            if first is None
            else pgettext("a span of years", "from %(year)s", year=first)
        )
    return str(first) if first == last else _("%(first)s to %(last)s", first=first, last=last)


MAP_COLOURS = (("genre", later("Genre")), ("mood", later("Mood")), ("year", later("Year")),
               ("group", later("Group")))  # fmt: skip

NOBODY_JOINED = later("Nobody else has joined yet. The list begins when one of them does.")
BLEND_PROBLEMS: Mapping[str, str] = {
    "name": later("Give it a name first."),
    "many": later("That is too many: a blend has at most twelve people."),
    "unknown": later(
        "One of these names belongs to nobody here. Names are those people sign in with."
    ),
    "nobody": later(
        "Name somebody else to make it with, and keep the blend's name under 100 letters."
    ),
    "full": later("You have made fifty blends. Leave one of them first."),
}

SIMILAR_TITLES: Mapping[str, str] = {
    "sound": later("Sounds alike"),
    "words": later("Close in what is written"),
    "listeners": later("Played by the same listeners"),
}
