"""Catalogues: what is known about tracks, with or without anybody having played them.

Like :mod:`segue.sources.registry`, for :class:`~segue.data.imported.CatalogueRow`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from segue.data.imported import CatalogueRow, RowProblem
from segue.errors import InvalidInputError
from segue.sources import catalogue_json, fma
from segue.sources.base import Member
from segue.sources.catalogue_fields import (
    FEATURE_BOUNDS,
    FIELDS,
    Field,
    catalogue_row,
    guess_features,
    guess_fields,
)
from segue.sources.columns import chosen
from segue.sources.grids import grid_rows, header_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """One form of catalogue; ``rows`` reads forward and reports damaged rows as problems."""

    name: str
    title: str
    recognises: Callable[[Member], bool]
    rows: Callable[[Member], Iterator[CatalogueRow | RowProblem]]

    def read(self, member: Member) -> Iterator[CatalogueRow | RowProblem]:
        """Rows in order; damage after the first row is the last row, not an error.

        Raises:
            InvalidInputError: Nothing of it can be read.
        """
        last = 0
        rows = self.rows(member)
        while True:
            try:
                row = next(rows)
            except StopIteration:
                return
            except InvalidInputError as error:
                if last == 0:
                    raise
                yield RowProblem(last + 1, f"nothing could be read from here on: {error}")
                return
            last = row.row
            yield row


def catalogue_of(member: Member) -> Catalogue:
    """The form that a member has.

    Raises:
        InvalidInputError: It is none that is known; the message says what is.
    """
    for catalogue in CATALOGUES:
        if catalogue.recognises(member):
            return catalogue
    names = "; ".join(catalogue.title for catalogue in CATALOGUES)
    raise InvalidInputError(f"{member.name} is no catalogue; those that are read: {names}")


def mapped(columns: Mapping[str, str]) -> Catalogue:
    """The table form with columns chosen by hand: of fields and of audio features, by name."""
    return Catalogue(
        name=TABLE.name,
        title=TABLE.title,
        recognises=lambda member: bool(header_of(member)),
        rows=partial(_read_table, dict(columns)),
    )


def guess_columns(header: Sequence[str]) -> dict[str, str]:
    """Which column carries which field or audio feature."""
    return {**guess_fields(header), **guess_features(header)}


def check_columns(columns: Mapping[str, str], header: Sequence[str]) -> None:
    """Whether a mapping says enough about a table with these columns.

    Raises:
        InvalidInputError: A field or column does not exist, or nothing names the track.
    """
    shown = ", ".join(header)[:500] or "none"
    for field, column in columns.items():
        if field not in FIELDS and field not in FEATURE_BOUNDS:
            allowed = ", ".join((*FIELDS, *FEATURE_BOUNDS))
            raise InvalidInputError(f"there is no field {field!r}; there are {allowed}")
        if column not in header:
            raise InvalidInputError(f"there is no column {column!r}; the columns are: {shown}")
    if not {"title", "spotify_id", "isrc", "external_id"} & set(columns):
        raise InvalidInputError(
            "a column must name the track: title, spotify_id, isrc or external_id; the columns "
            f"are: {shown}"
        )


def _is_table(member: Member) -> bool:
    columns = guess_columns(header_of(member))
    return "title" in columns and len(columns) > 1


def _read_table(
    columns: Mapping[str, str] | None, member: Member
) -> Iterator[CatalogueRow | RowProblem]:
    header = header_of(member)
    if columns is None:
        columns = guess_columns(header)
    check_columns(columns, header)
    at: dict[Field, int] = {
        field: header.index(columns[field]) for field in FIELDS if field in columns
    }
    features = {name: header.index(columns[name]) for name in FEATURE_BOUNDS if name in columns}
    for row, cells, problem in grid_rows(member):
        if problem:
            yield RowProblem(row, problem)
            continue
        try:
            yield catalogue_row(row, chosen(cells, at), chosen(cells, features))
        except (ValueError, OverflowError) as error:
            yield RowProblem(row, str(error))


TABLE = Catalogue(
    name="catalogue-table",
    title="table of tracks, CSV or Parquet",
    recognises=_is_table,
    rows=partial(_read_table, None),
)
CATALOGUES: tuple[Catalogue, ...] = (
    Catalogue(
        name="spotify-tracks",
        title="Spotify Web API track objects, JSON",
        recognises=catalogue_json.is_tracks,
        rows=catalogue_json.read_tracks,
    ),
    Catalogue(
        name="fma-tracks",
        title="FMA tracks.csv",
        recognises=fma.is_tracks,
        rows=fma.read_tracks,
    ),
    Catalogue(
        name="fma-features",
        title="FMA features.csv or echonest.csv",
        recognises=fma.is_features,
        rows=fma.read_features,
    ),
    TABLE,
)
