"""Names of groups and mixes in the language of the page: "Slow folk" is "Folk, langsam".

Models name what they find in English, out of parts: words for how it is, genres, artists, a decade.
Here the parts are found again. A word before a genre counts as one only where the two together are
no genre themselves ("Soft rock"), and "and" parts two names only where an artist of that name is in
the list, so that Iron and Wine stay together.
"""

import re
from collections.abc import Collection, Iterable, Mapping

from segue.server.web.language import _, later, spoken
from segue.server.web.reason_patterns import WORDS
from segue.server.web.sentences import told
from segue.services.views import TrackView
from segue.text.genres import genre_tree

# Beside those of reasons: what clusters and mixes say of music, before its genre.
COLOURS: Mapping[str, str] = {
    "powerful": later("powerful"),
    "dark": later("dark"),
    "bright": later("bright"),
    "drifting": later("drifting"),
    "vocal": later("with voice"),
    "aggressive": later("aggressive"),
    "angry": later("angry"),
    "atmospheric": later("atmospheric"),
    "bittersweet": later("bittersweet"),
    "cheerful": later("cheerful"),
    "chill": later("laid back"),
    "dreamy": later("dreamy"),
    "emotional": later("emotional"),
    "epic": later("epic"),
    "ethereal": later("ethereal"),
    "funky": later("funky"),
    "gentle": later("gentle"),
    "gloomy": later("gloomy"),
    "groovy": later("groovy"),
    "heavy": later("heavy"),
    "hopeful": later("hopeful"),
    "intense": later("intense"),
    "loud": later("loud"),
    "melancholic": later("melancholic"),
    "mellow": later("mellow"),
    "nostalgic": later("nostalgic"),
    "peaceful": later("peaceful"),
    "playful": later("playful"),
    "quiet": later("quiet"),
    "relaxed": later("relaxed"),
    "relaxing": later("relaxing"),
    "romantic": later("romantic"),
    "sensual": later("sensual"),
    "smooth": later("smooth"),
    "soothing": later("soothing"),
    "sunny": later("sunny"),
    "tender": later("tender"),
    "upbeat": later("upbeat"),
    "uplifting": later("uplifting"),
    "warm": later("warm"),
    "wild": later("wild"),
}
_OF_REASONS = ("slow", "fast", "soft", "calm", "happy", "sad", "energetic", "lively", "electric",
               "acoustic", "danceable", "instrumental")  # fmt: skip
_COLOUR = "|".join([*COLOURS, *_OF_REASONS])
_COLOURED = re.compile(
    rf"(?P<first>(?:{_COLOUR})(?:, (?:{_COLOUR}))*(?: and (?:{_COLOUR}))?) (?P<genre>.+)", re.I
)
_NUMBER = re.compile(r"(?P<name>.+?)(?P<number> \(\d+\)|, \d{1,2})")
_DECADE = re.compile(r"(?P<name>.+), (?P<decade>\d{4})s")


def music_name(name: str, artists: Collection[str] = ()) -> str:
    """The name of a group or mix in the language of the page; what is no such name stays.

    Args:
        name: As a model gives it.
        artists: Credits of tracks in it.

    >>> music_name("Slow and dark folk, 1970s")
    'Slow and dark folk, 1970s'
    """
    return name if spoken() == "en" or not name else _large(_spoken(name, artists))


def credits_of(views: Iterable[TrackView]) -> set[str]:
    """The artists of tracks, alone and as they stand together."""
    found: set[str] = set()
    for view in views:
        names = [artist.name for artist in view.track.artists]
        found |= {*names, ", ".join(names)}
    return found


def _spoken(name: str, artists: Collection[str]) -> str:
    if numbered := _NUMBER.fullmatch(name):
        return _spoken(numbered["name"], artists) + numbered["number"]
    if dated := _DECADE.fullmatch(name):
        core = _spoken(dated["name"], artists)
        return _("%(name)s, %(decade)ss", name=core, decade=dated["decade"])
    core, around, people = name.partition(" around ")
    if around:
        return _("%(name)s around %(artists)s", name=_coloured(core),
                 artists=_two(people, artists) or people)  # fmt: skip
    return _two(name, artists) or _coloured(name)


def _two(text: str, artists: Collection[str]) -> str:
    """Something and an artist, where that is what the text is."""
    at = text.find(" and ")
    while at >= 0:
        before, last = text[:at], text[at + len(" and ") :]
        if last in artists and text not in artists:
            names = before if before in artists or ", " in before else _coloured(before)
            return _("%(names)s and %(last)s", names=names, last=last)
        at = text.find(" and ", at + 1)
    return ""


def _coloured(text: str) -> str:
    """A genre with the words that say how it is."""
    if text.lower() == "music":
        return _("Music")
    found = _COLOURED.fullmatch(text)
    if found is None or genre_tree().name(text.split(" & ", maxsplit=1)[0]) is not None:
        return told(text)
    colours = [_colour(word) for word in re.split(r", | and ", found["first"])]
    some, last = ", ".join(colours[:-1]), colours[-1]
    listed = _("%(names)s and %(last)s", names=some, last=last) if some else last
    genre = _("Music") if found["genre"] == "music" else found["genre"]
    return _("%(colours)s %(genre)s", colours=listed, genre=_large(genre))


def _colour(word: str) -> str:
    word = word.lower()
    return _(COLOURS[word] if word in COLOURS else WORDS[word])


def _large(text: str) -> str:
    return text[:1].upper() + text[1:]
