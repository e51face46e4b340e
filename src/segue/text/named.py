"""A track's name taken apart for comparison: bare title, version, artists, album."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from msgspec import Struct, structs

from segue.data.imported import NamedTrack
from segue.text.near_names import name_trigrams
from segue.text.normalise import Performance, bare_title, fold, performance
from segue.text.typos import is_typo

MIN_TITLE = 0.4  # trigram similarity under which titles of one artist are other songs
MAX_TITLES = 3_000  # of one artist, that are compared one by one

_SEPARATORS = re.compile(
    r"\s*(?:;|\x00|␀|,\s|\s/\s|\s[xX×]\s|\s\+\s|\s(?:feat|ft|featuring|with|vs|presents)\.?\s)\s*",
    re.IGNORECASE,
)
_AND = re.compile(r"\s+(?:&|and|und|et|y)\s+", re.IGNORECASE)
_GUESTS = re.compile(
    r"[(\[]\s*(?:feat|ft|featuring|with)\.?\s+([^)\]]+)[)\]]|\s(?:feat|ft)\.?\s+(.+)$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:the|die|der|das|los|las|les|le|la|el) (?=\S)")
_INVERTED = re.compile(r"^(.+), (the|die|los|les)$", re.IGNORECASE)
_TOPIC = re.compile(r"(?: - Topic|VEVO|\s+Official(?: Channel)?)$")
_NUMBER = re.compile(r"^(?:0\d|\d{1,2}(?=\s?[.\-]))\s?[.\-]?\s+|^\d{1,2}\s+(?=\S)")
_OPEN = re.compile(r"([(\[])([^)\]]*)$")  # a bracket that was cut off before its end
_TAIL = re.compile(r"\s+-\s*$")
_CLIP = re.compile(
    r"[(\[][^)\]]*\b(?:official|video|lyrics?|visuali[sz]er|audio|hd|hq|4k|clip)\b[^)\]]*[)\]]",
    re.IGNORECASE,
)


class Spelled(Struct, frozen=True, kw_only=True):
    """A name in folded parts. ``artists`` are without articles, in order, guests last."""

    name: str
    mark: Performance
    artists: tuple[str, ...]
    album: str


def spelled(title: str, artists: Sequence[str], album: str = "") -> Spelled:
    """Take a name apart.

    >>> spelled("Umbrella (feat. JAY-Z)", ["Rihanna"], "Good Girl Gone Bad (Deluxe)")
    ... # doctest: +NORMALIZE_WHITESPACE
    Spelled(name='umbrella', mark='', artists=('rihanna', 'jay z'), album='good girl gone bad')
    """
    guests = [a or b for a, b in _GUESTS.findall(title)]
    everyone = [name for credit in (*artists, *guests) for name in _people(credit)]
    return Spelled(
        name=bare_title(title) if title.strip() else "",
        mark=performance(title),
        artists=tuple(dict.fromkeys(name for name in everyone if name)),
        album=bare_title(album) if album.strip() else "",
    )


def other_readings(named: NamedTrack) -> list[tuple[NamedTrack, Spelled]]:
    """The row as it stands and, where it may mean that, without the number of the track, and as
    the title of a clip: "Artist - Title".
    """
    artists = tuple(_TOPIC.sub("", artist) for artist in named.artists)
    title = _CLIP.sub("", named.title).strip() or named.title
    title = _OPEN.sub(r"(\2)", _TAIL.sub("", title)).strip() or title
    titles = dict.fromkeys((title, _NUMBER.sub("", title).strip() or title))
    readings = [structs.replace(named, title=one, artists=artists) for one in titles]
    for plain in tuple(readings):
        left, dash, right = plain.title.partition(" - ")
        if dash and left.strip() and right.strip():
            readings.append(structs.replace(plain, title=right.strip(), artists=(left.strip(),)))
    return [(one, spelled(one.title, one.artists, one.album)) for one in readings]


def artist_key(name: str) -> str:
    """The folded name without its article, by which an artist is the same.

    >>> artist_key("Beatles, The") == artist_key("The Beatles")
    True
    """
    return _bare(_INVERTED.sub(r"\2 \1", name.strip()))


def near_spellings(form: Spelled, rows: Sequence[int], spelled: Sequence[Spelled]) -> Iterator[int]:
    """Those of an artist's rows whose titles are spelled nearly like this one."""
    mine = name_trigrams(form.name)
    for row in rows[:MAX_TITLES]:
        theirs = name_trigrams(spelled[row].name)
        near = jaccard(mine, theirs) >= MIN_TITLE or contained(mine, theirs)
        if near or is_typo(form.name, spelled[row].name):
            yield row


def jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    """Shared over all, 0 for two empty sets.

    >>> jaccard(frozenset("ab"), frozenset("bc")) == 1 / 3
    True
    """
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared) if shared else 0.0


def contained(a: frozenset[str], b: frozenset[str]) -> bool:
    """Whether nearly all of the shorter name stands in the longer one, and it says something."""
    shorter = min(len(a), len(b))
    return shorter >= 8 and len(a & b) >= 0.9 * shorter


@lru_cache(maxsize=100_000)
def _people(credit: str) -> tuple[str, ...]:
    """Everyone of a credit; the whole of it comes first, since "&" may be part of a name."""
    credit = _INVERTED.sub(r"\2 \1", credit.strip())
    parts = [part for part in _SEPARATORS.split(credit) if part and part.strip()]
    first = parts[0] if parts else credit
    halves = [half for part in parts for half in _AND.split(part)]
    return tuple(dict.fromkeys(_bare(name) for name in (first, *halves)))


def _bare(name: str) -> str:
    folded = fold(name)
    return _ARTICLE.sub("", folded) or folded
