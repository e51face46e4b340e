"""Who is credited, and what a file name and its folders say when the tags are silent.

Never split on "&", "/" or ",": Simon & Garfunkel, AC/DC and Earth, Wind & Fire are one name each.
"""

# ruff: noqa: PTH122, PTH206
# Paths stay strings here: a Path for each of a million files would cost more than its stat.

import os
import re
from collections.abc import Sequence

from msgspec import Struct

from segue.scanner.fields import clean_list, clean_text, small_number, year_of

_FEAT = r"(?:feat\.?|ft\.?|featuring)"
_FEAT_IN_BRACKETS = re.compile(rf"\s*[(\[]\s*{_FEAT}\s+([^()\[\]]+)[)\]]", re.IGNORECASE)
# "10 ft. Ganja Plant" is a length, not a guest: no digit may stand before.
_FEAT_AT_END = re.compile(rf"(?<=\S)(?<!\d)\s+{_FEAT}\s+([^()\[\]]+)$", re.IGNORECASE)
_PUNCTUATED_NUMBER = re.compile(r"^(?:\d{1,2}[-.])?(\d{1,3})\s*(?:[-–—._)]+\s*)(?=\D)")
_SPACED_NUMBER = re.compile(r"^(\d{1,3})\s+(?=\S)")
DISC_FOLDER = re.compile(r"^(?:cd|dis[ck])\s*[-_ ]?\s*(\d{1,2})\b", re.IGNORECASE)
_FOLDER_YEAR = re.compile(r"^\s*[(\[]?((?:19|20)\d{2})[)\]]?\s*(?:[-–_.]\s*|(?<=[)\]])\s*)(?=\S)")
_GENERIC_FOLDERS = frozenset(
    (
        *("music", "musik", "musique", "musica", "audio", "songs", "tracks", "media", "mnt"),
        *("home", "users", "user", "downloads", "download", "desktop", "documents", "tmp", "temp"),
        *("var", "data", "share", "srv", "library", "mp3", "flac", "ogg", "various", "singles"),
        *("core", "games", "root", "volumes", "public", "shared", "usr", "opt", "nas"),
    )
)


class PathFacts(Struct, frozen=True):
    """What the place of a file says about it; empty means that it says nothing."""

    title: str
    artist: str = ""
    album: str = ""
    year: int | None = None
    track_number: int | None = None
    disc_number: int | None = None


def split_guests(text: str) -> tuple[str, tuple[str, ...]]:
    """A title or artist without its featured credit, and the featured artists.

    >>> split_guests("Umbrella (feat. Jay-Z) [Live]")
    ('Umbrella [Live]', ('Jay-Z',))
    >>> split_guests("Simon & Garfunkel")
    ('Simon & Garfunkel', ())
    """
    guests = _FEAT_IN_BRACKETS.findall(text)
    rest = _FEAT_IN_BRACKETS.sub("", text) if guests else text
    tail = _FEAT_AT_END.search(rest)
    if tail:
        guests.append(tail.group(1))
        rest = rest[: tail.start()]
    rest = clean_text(rest)
    if not rest:
        return clean_text(text), ()
    return rest, clean_list(part for guest in guests for part in guest.split("; "))


def split_artists(values: Sequence[str]) -> tuple[str, ...]:
    """Artists of all fields, one by one: from separate values, NUL and "; ".

    A value that only joins two or more of the others ("A & B" beside "A" and "B") is dropped.

    >>> split_artists(["A & B", "A", "B"])
    ('A', 'B')
    >>> split_artists(["AC/DC", "Earth, Wind & Fire"])
    ('AC/DC', 'Earth, Wind & Fire')
    """
    names = clean_list(part for value in values for part in re.split(r"\x00|;\s+", value[:10_000]))
    if len(names) < 3:
        return names
    return tuple(name for name in names if not _joins_others(name, names)) or names


def _joins_others(name: str, names: Sequence[str]) -> bool:
    folded = name.casefold()
    inside = [other for other in names if other != name and other.casefold() in folded]
    return len(inside) >= 2


def credit(artist_values: Sequence[str], title: str) -> tuple[str, tuple[str, ...]]:
    """The clean title, and the artists in order of credit: main artists first, then guests.

    >>> credit(["Rihanna ft. Jay-Z"], "Umbrella")
    ('Umbrella', ('Rihanna', 'Jay-Z'))
    """
    main: list[str] = []
    guests: list[str] = []
    for name in split_artists(artist_values):
        kept, featured = split_guests(name)
        main.append(kept)
        guests.extend(featured)
    clean_title, featured = split_guests(title)
    known = {name.casefold() for name in main}
    # "feat. B & C" says nothing new where B and C stand as separate values.
    new = [guest for guest in (*guests, *featured) if not _is_made_of(guest.casefold(), known)]
    return clean_title, clean_list((*main, *new))


def _is_made_of(credited: str, known: set[str]) -> bool:
    for name in sorted(known, key=len, reverse=True):
        credited = credited.replace(name, " ")
    return not re.sub(r"[\s,&+]|\band\b|\bund\b|\bet\b", "", credited)


def path_facts(path: str, root: str | None, tagged_number: int | None) -> PathFacts:
    """What file name and folders say in the layout ``Artist/Album/NN Title``.

    Args:
        path: absolute path of the file.
        root: the music folder; None when unknown: then folders count only below two others.
        tagged_number: track number in the tags, which shows that a leading number is one.

    >>> path_facts("/m/Blur/1994 - Parklife/03 - End of a Century.mp3", "/m", None).album
    'Parklife'
    """
    folders, name = os.path.split(path)
    stem = clean_text(os.path.splitext(name)[0])
    title, number = _without_number(stem, tagged_number)
    artist, album, year, disc = "", "", None, None
    names = _folders_below(folders, root)
    if names and (found := DISC_FOLDER.match(names[-1])):
        disc, names = small_number([found.group(1)], 99), names[:-1]
    if number is not None and len(names) >= 2 and _are_plausible(names[-2:], root):
        artist, album = clean_text(names[-2]), clean_text(names[-1])
        dated = _FOLDER_YEAR.match(album)
        if dated:
            year, album = year_of([dated.group(1)]), album[dated.end() :]
        if title.casefold().startswith(f"{artist.casefold()} - "):
            title = title[len(artist) + 3 :]
    elif title.count(" - ") == 1:
        artist, _, title = (part.strip() for part in title.partition(" - "))
    return PathFacts(title or stem or "Untitled", artist, album, year, number, disc)


def _without_number(stem: str, tagged_number: int | None) -> tuple[str, int | None]:
    if " " not in stem:
        stem = clean_text(stem.replace("_", " "))
    found = _PUNCTUATED_NUMBER.match(stem)
    if not found:
        found = _SPACED_NUMBER.match(stem)
        # "99 Luftballons" and "7 Rings" begin with a number that belongs to them.
        if found and not (stem.startswith("0") or int(found.group(1)) == tagged_number):
            found = None
    if not found:
        return stem, None
    return stem[found.end() :] or stem, small_number([found.group(1)], 999)


def _folders_below(folders: str, root: str | None) -> list[str]:
    if root is not None:
        relative = os.path.relpath(folders, root)
        return [] if relative.startswith(os.pardir) else relative.split(os.sep)
    return [name for name in folders.split(os.sep) if name][2:]


def _are_plausible(names: Sequence[str], root: str | None) -> bool:
    return root is not None or not any(name.casefold() in _GENERIC_FOLDERS for name in names)
