"""Last.fm and Libre.fm: CSV as the usual exporters write it, and JSON pages of the API.

The two CSV shapes are ``uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid`` and,
without a header, ``artist,album,track,"20 Aug 2026 20:39"`` (UTC, to the minute). Libre.fm's has
comment lines, then a header with Time, Artist and Track in any order.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice

from segue.data.imported import ImportedListen, ImportedRow, LeftOut, NamedTrack
from segue.errors import InvalidInputError
from segue.sources.base import Format, Member
from segue.sources.csv_rows import csv_rows
from segue.sources.decoded import head_text, lines, open_text
from segue.sources.json_rows import JsonRow, json_rows
from segue.sources.moments import is_to_the_minute, moment_s
from segue.sources.rows import each_object, each_record
from segue.sources.values import clean, flag, inner, mbid, one_artist, text

_FULL_HEADER = ("uts", "utc_time", "artist", "artist_mbid", "album", "album_mbid", "track",
                "track_mbid")  # fmt: skip
_LIBREFM_COLUMNS = frozenset(
    ("time", "artist", "track", "album", "userid", "trackmbid", "artistmbid", "albummbid", "mbid")
)
_UTF7_HASH = "+ACM-"  # what Libre.fm makes of "#"
_UTF7 = re.compile(r"\+[A-Za-z0-9/]+-")
_MAX_LINES = 4  # names have no line breaks
_MAX_COMMENTS = 50


def _first_row(member: Member) -> list[str]:
    found = next(csv_rows(iter(head_text(member).splitlines(keepends=True)[:4]), ",", 2), None)
    return [cell.strip() for cell in found.cells] if found else []


def _is_full_csv(member: Member) -> bool:
    return tuple(cell.lower() for cell in _first_row(member)[: len(_FULL_HEADER)]) == _FULL_HEADER


def _is_short_csv(member: Member) -> bool:
    cells = _first_row(member)
    if len(cells) != 4 or not all((cells[0], cells[2])):
        return False
    try:
        moment_s(cells[3])
    except ValueError:
        return False
    return ":" in cells[3] and cells[3][:1].isdigit()


def _is_librefm(member: Member) -> bool:
    return _librefm_header(head_text(member).splitlines()) is not None


def _librefm_header(first: list[str]) -> tuple[int, list[str]] | None:
    for at, line in enumerate(first[:_MAX_COMMENTS]):
        cells = [cell.strip().strip('"').lower() for cell in line.split(",")]
        # without comments above, a table with more to say is better read as such
        if {"time", "artist", "track"} <= set(cells) and (at or set(cells) <= _LIBREFM_COLUMNS):
            return at, cells
        if line.strip() and not line.startswith(("#", _UTF7_HASH)):
            return None
    return None


def _is_json(member: Member) -> bool:
    head = head_text(member)
    start = head.lstrip()[:1]
    return start in ("{", "[") and '"track"' in head and ('"uts"' in head or '"#text"' in head)


def _read_full_csv(member: Member) -> Iterator[ImportedRow]:
    with open_text(member) as file:
        next(file, None)
        yield from each_record(csv_rows(lines(file), ",", _MAX_LINES), _full)


def _full(row: int, cells: list[str]) -> ImportedRow:
    if len(cells) < len(_FULL_HEADER):
        raise ValueError(f"the row has {len(cells)} cells, {len(_FULL_HEADER)} are expected")
    named: dict[str, str] = dict(zip(_FULL_HEADER, cells, strict=False))
    if not named["track"].strip():
        return LeftOut(row, "empty")
    return ImportedListen(
        row=row,
        track=NamedTrack(
            title=text(named, "track"),
            artists=one_artist(text(named, "artist")),
            album=text(named, "album"),
            recording_mbid=mbid(named["track_mbid"]),
        ),
        listened_at=moment_s(named["uts"], "uts"),
    )


def _read_short_csv(member: Member) -> Iterator[ImportedRow]:
    with open_text(member) as file:
        yield from each_record(csv_rows(lines(file), ",", _MAX_LINES), _short)


def _short(row: int, cells: list[str]) -> ImportedRow:
    if len(cells) != 4:
        raise ValueError(f"the row has {len(cells)} cells, 4 are expected")
    artist, album, title = (
        clean(cell, name)
        for cell, name in zip(cells[:3], ("artist", "album", "track"), strict=True)
    )
    if not title:
        return LeftOut(row, "empty")
    if not cells[3].strip():
        return LeftOut(row, "empty")  # what was playing while the export was made
    return ImportedListen(
        row=row,
        track=NamedTrack(title=title, artists=one_artist(artist), album=album),
        listened_at=moment_s(cells[3]),
        is_minute=is_to_the_minute(cells[3]),
    )


def _read_librefm(member: Member) -> Iterator[ImportedRow]:
    with open_text(member) as file:
        first = list(islice(lines(file), _MAX_COMMENTS))
        header = _librefm_header(first)
        if header is None:
            raise InvalidInputError("it has no header with Time, Artist and Track")
        at, names = header

        is_utf7 = first[0].startswith(_UTF7_HASH)

        def make(row: int, cells: list[str]) -> ImportedRow:
            plain = [_from_utf7(cell) for cell in cells] if is_utf7 else cells
            return _librefm(row, dict(zip(names, plain, strict=False)))

        rest = chain(first[at + 1 :], lines(file))
        yield from each_record(csv_rows(rest, ",", _MAX_LINES), make)


def _from_utf7(cell: str) -> str:
    """Libre.fm escapes some marks as UTF-7 (RFC 2152) does; other texts stay as they are."""
    if not _UTF7.search(cell) or not cell.isascii():
        return cell
    try:
        return cell.encode().decode("utf-7")
    except UnicodeDecodeError:
        return cell


def _librefm(row: int, named: Mapping[str, str]) -> ImportedRow:
    title = text(named, "track")
    if not title:
        raise ValueError("the row names no track")
    return ImportedListen(
        row=row,
        track=NamedTrack(
            title=title,
            artists=one_artist(text(named, "artist")),
            album=text(named, "album"),
            recording_mbid=mbid(named.get("trackmbid") or named.get("mbid")),
        ),
        listened_at=moment_s(named["time"], "time"),
    )


def _read_json(member: Member) -> Iterator[ImportedRow]:
    is_loved = '"lovedtracks"' in head_text(member)
    with open_text(member) as file:
        yield from each_object(json_rows(file, ("track",)), lambda found: _page(found, is_loved))


def _page(found: JsonRow, is_loved: bool) -> ImportedRow:
    value = found.value
    artist = value.get("artist")
    if isinstance(artist, dict):
        artist = text(artist, "#text") or text(artist, "name")
    elif not isinstance(artist, str):
        raise ValueError("artist must be text or an object with #text")
    date = inner(value, "date")
    if not date:
        return LeftOut(found.row, "empty")  # playing at the time of the export
    at = moment_s(date.get("uts") or date.get("#text") or "", "date")
    title = text(value, "name")
    if not title:
        return LeftOut(found.row, "empty")
    album = inner(value, "album")
    return ImportedListen(
        row=found.row,
        track=NamedTrack(
            title=title,
            artists=one_artist(clean(artist, "artist")),
            album=text(album, "#text") or text(album, "title"),
            recording_mbid=mbid(value.get("mbid")),
        ),
        listened_at=at,
        n_plays=0 if is_loved else 1,
        loved=is_loved or bool(flag(value.get("loved"), "loved")),
    )


FULL_CSV = Format(
    name="lastfm-csv",
    title="Last.fm, CSV with ids",
    recognises=_is_full_csv,
    rows=_read_full_csv,
)
SHORT_CSV = Format(
    name="lastfm-short-csv",
    title="Last.fm, CSV of four columns",
    recognises=_is_short_csv,
    rows=_read_short_csv,
)
JSON = Format(
    name="lastfm-json",
    title="Last.fm, JSON",
    recognises=_is_json,
    rows=_read_json,
)
LIBREFM = Format(
    name="librefm-csv",
    title="Libre.fm, CSV",
    recognises=_is_librefm,
    rows=_read_librefm,
)
