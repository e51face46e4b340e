"""Listens in CSV: columns are recognised by name, rows are read one at a time.

One malformed row never stops the rest: it comes out as a problem with its row number.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from msgspec import Struct

from segue.errors import InvalidInputError

MAX_FIELD_CHARACTERS = 100_000
Field = Literal["track_id", "title", "artist", "album", "listened_at", "played_s", "played_ms",
                "rating", "loved"]  # fmt: skip

# Names under which exports carry each field, folded to lower case and underscores.
KNOWN_NAMES: Mapping[Field, tuple[str, ...]] = {
    "track_id": ("track_id",),
    "title": ("title", "track", "track_name", "trackname", "song", "name",
              "master_metadata_track_name"),
    "artist": ("artist", "artist_name", "artistname", "artists", "track_artist",
               "master_metadata_album_artist_name"),
    "album": ("album", "album_name", "track_album_name", "master_metadata_album_album_name"),
    "listened_at": ("listened_at", "timestamp", "ts", "played_at", "date", "time", "uts",
                    "endtime", "end_time", "utc_time"),
    "played_s": ("played_s", "seconds_played"),
    "played_ms": ("ms_played", "msplayed", "played_ms"),
    "rating": ("rating", "stars"),
    "loved": ("loved", "love", "favourite", "favorite"),
}  # fmt: skip
_TIME_FORMATS = ("%d %b %Y, %H:%M", "%d %b %Y %H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S")


class ImportedListen(Struct, frozen=True, kw_only=True):
    """One row of a history that could be read. ``row`` counts from 1, the header not counted."""

    row: int
    listened_at: float
    track_id: str = ""
    title: str = ""
    artist: str = ""
    album: str = ""
    played_s: float | None = None
    rating: float | None = None
    loved: bool = False


class RowProblem(Struct, frozen=True):
    """A row that could not be used, and why."""

    row: int
    reason: str


def guess_columns(header: Sequence[str]) -> dict[Field, str]:
    """Which column carries which field.

    Raises:
        InvalidInputError: There is no time, or neither a track id nor title and artist.

    >>> guess_columns(["Artist", "Track", "uts"])
    {'title': 'Track', 'artist': 'Artist', 'listened_at': 'uts'}
    """
    folded = {name.strip().lower().replace(" ", "_").replace("-", "_"): name for name in header}
    columns: dict[Field, str] = {}
    for field, names in KNOWN_NAMES.items():
        found = next((folded[name] for name in names if name in folded), None)
        if found is not None:
            columns[field] = found
    identified = "track_id" in columns or {"title", "artist"} <= set(columns)
    if "listened_at" not in columns or not identified:
        raise InvalidInputError(
            "the file needs a time column (such as listened_at) and either track_id or title and "
            f"artist; its columns are: {', '.join(header)[:500] or 'none'}"
        )
    return columns


def read_csv(
    path: Path, columns: Mapping[Field, str] | None = None
) -> Iterator[ImportedListen | RowProblem]:
    """Rows of a CSV file in order; memory does not grow with the file.

    Args:
        path: UTF-8 (with or without a mark), separated by comma, semicolon or tab.
        columns: Column of each field; guessed from the header when None.

    Raises:
        InvalidInputError: The file is missing, not text, or lacks the columns.
    """
    csv.field_size_limit(MAX_FIELD_CHARACTERS)
    try:
        file = path.open(encoding="utf-8-sig", errors="strict", newline="")
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be opened: {error.strerror}") from error
    with file:
        reader = csv.DictReader(_without_nul(file), dialect=_dialect(path))
        mapping = dict(columns or guess_columns(_header(reader, path)))
        yield from _rows(reader, mapping)


def parse_time(text: str) -> float:
    """Unix seconds from seconds, milliseconds or a date; dates without a zone are UTC.

    >>> parse_time("1700000000"), parse_time("1700000000000"), parse_time("2023-11-14T22:13:20Z")
    (1700000000.0, 1700000000.0, 1700000000.0)
    """
    text = text.strip()
    try:
        number = float(text)
    except ValueError:
        return _parse_date(text)
    return number / 1000 if number > 1e11 else number


def _parse_date(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        for form in _TIME_FORMATS:
            try:
                moment = datetime.strptime(text, form).replace(tzinfo=UTC)
                break
            except ValueError:
                continue
        else:
            raise ValueError(f"{text[:40]!r} is not a time") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _rows(
    reader: "csv.DictReader[str]", columns: Mapping[Field, str]
) -> Iterator[ImportedListen | RowProblem]:
    row = 0
    while True:
        row += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, UnicodeDecodeError) as error:
            yield RowProblem(row, f"the row cannot be read: {error}")
            if isinstance(error, UnicodeDecodeError):
                return  # what follows cannot be told apart from the damage
            continue
        yield _listen(row, cells, columns)


def _listen(
    row: int, cells: Mapping[str, str | None], columns: Mapping[Field, str]
) -> ImportedListen | RowProblem:
    given: dict[Field, str] = {
        field: (cells.get(name) or "").strip() for field, name in columns.items()
    }
    try:
        rating = float(given["rating"]) if given.get("rating") else None
        if rating is not None and not 1 <= rating <= 5:
            return RowProblem(row, f"a rating lies in 1..5, got {rating}")
        return ImportedListen(
            row=row,
            listened_at=parse_time(given["listened_at"]),
            track_id=given.get("track_id", ""),
            title=given.get("title", ""),
            artist=given.get("artist", ""),
            album=given.get("album", ""),
            played_s=_played_s(given),
            rating=rating,
            loved=given.get("loved", "").lower() in ("1", "true", "yes", "y"),
        )
    except (ValueError, OverflowError) as error:
        return RowProblem(row, str(error))


def _played_s(given: Mapping[Field, str]) -> float | None:
    if given.get("played_s"):
        return float(given["played_s"])
    return float(given["played_ms"]) / 1000 if given.get("played_ms") else None


def _dialect(path: Path) -> type[csv.Dialect]:
    with path.open("rb") as file:
        start = file.read(8_192)
    if b"\x00" in start:
        raise InvalidInputError(f"{path} is not a text file")
    first_line = start.decode("utf-8", "replace").partition("\n")[0]
    separator = max(",;\t", key=first_line.count)

    class Found(csv.excel):
        delimiter = separator

    return Found


def _header(reader: "csv.DictReader[str]", path: Path) -> Sequence[str]:
    try:
        header = reader.fieldnames
    except (csv.Error, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{path} is not CSV in UTF-8: {error}") from error
    if not header:
        raise InvalidInputError(f"{path} is empty")
    return header


def _without_nul(lines: Iterator[str]) -> Iterator[str]:
    return (line.replace("\x00", "") for line in lines)
