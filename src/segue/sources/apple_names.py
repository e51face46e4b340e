"""Artists of an Apple Music export by title, for the rows of play activity that lack them."""

from collections.abc import Iterator, Sequence

from segue.sources.base import Member
from segue.sources.csv_rows import csv_rows
from segue.sources.decoded import lines, open_text
from segue.sources.json_rows import json_rows

MAX_NAMES = 1_000_000  # titles that are remembered; the memory is bounded by it


class ArtistNames:
    """Who made a title; a title that several artists have is settled by album or not at all."""

    def __init__(self) -> None:
        self._by_title: dict[str, str] = {}
        self._by_album: dict[tuple[str, str], str] = {}

    def add(self, artist: str, title: str, album: str = "") -> None:
        """Remember one track."""
        if not artist or not title or len(self._by_title) >= MAX_NAMES:
            return
        key = title.casefold()
        known = self._by_title.setdefault(key, artist)
        if known and known.casefold() != artist.casefold():
            self._by_title[key] = ""  # several artists
        if album:
            self._by_album.setdefault((key, album.casefold()), artist)

    def of(self, title: str, album: str) -> tuple[str, ...]:
        """The artist, or () when it is not known for sure."""
        key = title.casefold()
        name = self._by_album.get((key, album.casefold())) or self._by_title.get(key)
        return (name,) if name else ()


def artist_and_title(description: str) -> tuple[str, str]:
    """The two parts of "Artist - Title"; a text without the mark is a title.

    >>> artist_and_title("Nina Simone - Sinnerman - Live")
    ('Nina Simone', 'Sinnerman - Live')
    """
    artist, mark, title = description.partition(" - ")
    return (artist.strip(), title.strip()) if mark else ("", description.strip())


def known_artists(libraries: Sequence[Member], daily: Sequence[Member]) -> ArtistNames:
    """What the library and the daily tracks say; damaged rows are reported when they are read."""
    names = ArtistNames()
    for member in libraries:
        with open_text(member) as file:
            for found in json_rows(file):
                said = [found.value.get(key) for key in ("Artist", "Title", "Album")]
                artist, title, album = (part if isinstance(part, str) else "" for part in said)
                names.add(artist, title, album)
    for member in daily:
        for description in _descriptions(member):
            names.add(*artist_and_title(description))
    return names


def _descriptions(member: Member) -> Iterator[str]:
    with open_text(member) as file:
        found = csv_rows(lines(file), ",", 4)
        header = next(found, None)
        if header is None or "Track Description" not in header.cells:
            return
        at = header.cells.index("Track Description")
        yield from (record.cells[at] for record in found if at < len(record.cells))
