"""The tables of the Free Music Archive data set: tracks.csv, features.csv and echonest.csv.

Their columns have names of two or three levels, one level a row at the top, then a row that names
the index. Defferrard et al., "FMA: a dataset for music analysis", ISMIR 2017 (arXiv 1612.01840).
"""

from collections.abc import Iterator, Mapping, Sequence

from segue.data.imported import CatalogueRow, NamedTrack, RowProblem
from segue.errors import InvalidInputError
from segue.sources.base import Member
from segue.sources.catalogue_fields import FEATURE_BOUNDS, Field, catalogue_row
from segue.sources.csv_rows import CsvRow, csv_rows
from segue.sources.decoded import head_text, lines, open_text
from segue.sources.values import number

ID_PREFIX = "fma:"
_MAX_HEADER_ROWS = 4
_FIELDS: Mapping[Field, str] = {
    "title": "track.title", "artist": "artist.name", "album": "album.title",
    "date": "album.date_released", "genres": "track.genre_top", "tags": "track.tags",
    "duration_s": "track.duration",
}  # fmt: skip
_ECHONEST = "echonest.audio_features."


def is_tracks(member: Member) -> bool:
    """Whether its header has the two levels of tracks.csv."""
    names = _names_of_head(member)
    return "track.title" in names and "artist.name" in names


def is_features(member: Member) -> bool:
    """Whether its header has the three levels of features.csv or echonest.csv."""
    names = _names_of_head(member)
    return any(name.startswith("mfcc.") for name in names) or any(
        name.startswith(_ECHONEST) for name in names
    )


def read_tracks(member: Member) -> Iterator[CatalogueRow | RowProblem]:
    """One row a track; ``external_id`` is "fma:" and the track's number."""
    for row, cells, at, problem in _records(member):
        if problem:
            yield RowProblem(row, problem)
            continue
        try:
            values: dict[Field, object] = {
                field: cells[at[name]] for field, name in _FIELDS.items() if name in at
            }
            values["external_id"] = _id(cells[0])
            yield catalogue_row(row, values, {})
        except (ValueError, OverflowError) as error:
            yield RowProblem(row, str(error))


def read_features(member: Member) -> Iterator[CatalogueRow | RowProblem]:
    """One row a track; features by their names joined ("mfcc.mean.01"), Echo Nest's by own."""
    for row, cells, at, problem in _records(member):
        if problem:
            yield RowProblem(row, problem)
            continue
        try:
            yield _features(row, cells, at)
        except (ValueError, OverflowError) as error:
            yield RowProblem(row, str(error))


def _features(row: int, cells: Sequence[str], at: Mapping[str, int]) -> CatalogueRow:
    found: dict[str, float] = {}
    for name, index in at.items():
        own = name.removeprefix(_ECHONEST)
        if name.startswith("echonest.") and own not in FEATURE_BOUNDS:
            continue  # names, dates and ranks of artists
        low, high = FEATURE_BOUNDS.get(own, (-1e30, 1e30))
        value = number(cells[index], own, low, high)
        if value is not None:
            found[own] = value
    return CatalogueRow(row=row, track=NamedTrack(), external_id=_id(cells[0]), features=found)


def _records(
    member: Member,
) -> Iterator[tuple[int, list[str], Mapping[str, int], str]]:
    with open_text(member) as file:
        found = csv_rows(lines(file), ",")
        names, n_above = _header(found)
        at = {name: index for index, name in enumerate(names) if index > 0}
        for row, cells, problem in found:
            is_short = not problem and len(cells) != len(names)
            words = f"the row has {len(cells)} cells, {len(names)} are expected"
            yield row - n_above, cells, at, words if is_short else problem


def _names_of_head(member: Member) -> list[str]:
    first = iter(head_text(member).splitlines(keepends=True)[: _MAX_HEADER_ROWS + 1])
    try:
        return _header(csv_rows(first, ",", 2))[0]
    except InvalidInputError:
        return []


def _header(found: Iterator[CsvRow]) -> tuple[list[str], int]:
    """Names joined by dots, and the rows of the header; it ends with the name of the index."""
    levels: list[list[str]] = []
    for row, cells, problem in found:
        if problem or row > _MAX_HEADER_ROWS:
            break
        if cells[0].strip() == "track_id":
            return _joined(levels), row
        levels.append(cells)
    raise InvalidInputError("it has no header of several rows that ends with track_id")


def _joined(levels: Sequence[Sequence[str]]) -> list[str]:
    width = min((len(level) for level in levels), default=0)
    return [".".join(level[at].strip() for level in levels) for at in range(width)]


def _id(cell: str) -> str:
    if not cell.strip().isdecimal() or len(cell) > 12:
        raise ValueError(f"track_id must be a whole number, got {cell[:40]!r}")
    return ID_PREFIX + cell.strip()
