"""What the pages for finding music say: moods, ways in, and what a request was understood as."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from segue.data.affect import MOODS
from segue.rng import derived_rng
from segue.text.said import Said

# What a mood is for, under its name; the names are those of the stations.
MOOD_NOTES: Mapping[str, str] = {
    "calm": "Still and warm",
    "happy": "Bright, with a spring in it",
    "sad": "For when it may be",
    "energetic": "Wide awake",
    "focus": "To think by",
    "workout": "To move by",
    "party": "For a full room",
    "sleep": "To drift off",
    "commute": "For the way there",
}
# Shown under the box, to be pressed: what kind of request works.
EXAMPLES = (
    "slow songs for a rainy evening",
    "happy 80s, no ballads",
    "instrumental, to think by",
    "fast and loud",
)


@dataclass(frozen=True, slots=True)
class Way:
    """One way into the music: where it leads, what it is called, what it does."""

    key: str
    href: str
    title: str
    note: str


WAYS = (
    Way("map", "/map", "Music map", "All your music as one landscape: what is alike lies close."),
    Way("radio", "/radio", "Build a radio",
        "Begin with several artists, tracks or genres. Add some, take some away."),
    Way("path", "/path", "Song path", "From one track to another, in even steps."),
    Way("blend", "/blends", "Blend", "One list for two or more people, fair to each."),
    Way("like", "/like-minded", "Listeners like you",
        "What people of your taste play, if you and they want to be seen."),
    Way("wish", "/wishes", "Wish list", "Artists and records you do not own and would love."),
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
    return [MoodSleeve(name, name.capitalize(), MOOD_NOTES.get(name, "")) for name in MOODS]


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
    "genre": "genre",
    "feeling": "feeling",
    "tempo": "tempo",
    "voice": "voice",
    "word": "in titles, tags and lyrics",
}


def said_label(said: Said) -> tuple[str, str]:
    """What a chip of a request says: the phrase, and what it was understood as.

    >>> said_label(Said(words="chill", kinds=("mood",), mood="calm"))
    ('chill', 'mood: calm')
    >>> said_label(Said(kinds=("years",), years=(1990, 1999), is_strict=True))
    ('1990 to 1999', 'only these years')
    """
    if said.years is not None:
        return years_words(*said.years), "only these years" if said.is_strict else "years"
    if said.tempo_bpm is not None:
        return f"{said.tempo_bpm:.0f} beats a minute", "tempo"
    notes = [KIND_NOTES[kind] for kind in said.kinds if kind in KIND_NOTES]
    if said.mood:
        notes.append("mood" if said.mood == said.words.casefold() else f"mood: {said.mood}")
    return said.words, "left out" if said.left_out else ", ".join(notes)


def years_words(first: int | None, last: int | None) -> str:
    """A span of years.

    >>> years_words(1994, 1994), years_words(None, 1979), years_words(2001, None)
    ('1994', 'up to 1979', 'from 2001')
    """
    if first is None or last is None:
        return f"up to {last}" if first is None else f"from {first}"
    return str(first) if first == last else f"{first} to {last}"


# What the map's script says; {n} is a count.
MAP_WORDS: Mapping[str, object] = {
    "other": "Other",
    "none": {"genre": "No genre", "mood": "No clear mood", "year": "Year not known",
             "group": "No group"},
    "one": "{n} track chosen",
    "many": "{n} tracks chosen",
    "empty": "There is no track inside. Draw the line around some dots.",
    "nothing": "There is no file to play here.",
    "playlist": "From the music map",
}  # fmt: skip
MAP_COLOURS = (("genre", "Genre"), ("mood", "Mood"), ("year", "Year"), ("group", "Group"))

NOBODY_JOINED = "Nobody else has joined yet. The list begins when one of them does."
BLEND_PROBLEMS: Mapping[str, str] = {
    "name": "Give it a name first.",
    "many": "That is too many: a blend has at most twelve people.",
    "unknown": "One of these names belongs to nobody here. Names are those people sign in with.",
    "nobody": "Name somebody else to make it with, and keep the blend's name under 100 letters.",
    "full": "You have made fifty blends. Leave one of them first.",
}

SIMILAR_TITLES: Mapping[str, str] = {
    "sound": "Sounds alike",
    "listeners": "Played by the same listeners",
}
