"""Tables of any kind as a header and rows of cells: CSV in every dialect and encoding, Parquet.

Parquet is read by polars (extra ``tables``) some thousand rows at a time.
"""

from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any, NamedTuple

from segue.errors import InvalidInputError, MissingExtraError
from segue.sources.base import Member
from segue.sources.csv_rows import CsvRow, csv_rows, sniff_delimiter
from segue.sources.decoded import head_text, lines, open_text

PARQUET = b"PAR1"
_BATCH_ROWS = 20_000


class GridRow(NamedTuple):
    """One row of a table that is no text; ``cells`` are values of any type."""

    row: int
    cells: Sequence[object]
    problem: str = ""


def is_parquet(member: Member) -> bool:
    """Whether it begins like a Parquet file."""
    return member.head().startswith(PARQUET)


def header_of(member: Member) -> list[str]:
    """Names of the columns, [] for what is no table.

    Raises:
        MissingExtraError: It is Parquet, and polars is not installed.
    """
    if is_parquet(member):
        return list(_scan(member).collect_schema().names())
    head = head_text(member)
    first = iter(head.lstrip("\n").splitlines(keepends=True)[:3])
    found = next(csv_rows(first, sniff_delimiter(head), 2), None)
    return [cell.strip() for cell in found.cells] if found and not found.problem else []


def grid_rows(
    member: Member, *, has_header: bool = True, max_lines: int = 500
) -> Iterator[GridRow | CsvRow]:
    """Rows in order, counted from 1 below the header.

    Args:
        member: CSV or Parquet.
        has_header: The first line names the columns (CSV).
        max_lines: Lines that one CSV record may take.

    Raises:
        InvalidInputError: It cannot be read.
        MissingExtraError: It is Parquet, and polars is not installed.
    """
    if is_parquet(member):
        yield from _parquet_rows(member)
        return
    with open_text(member) as file:
        delimiter, first = sniff_delimiter(head_text(member)), 0 if has_header else 1
        found = csv_rows(lines(file), delimiter, max_lines, first=first)
        if has_header and next(found, None) is None:
            raise InvalidInputError("it is empty")
        yield from found


def _polars() -> ModuleType:
    try:
        import polars as pl

        return pl
    except ImportError as error:
        raise MissingExtraError(
            "polars, which reads Parquet, is not installed; pip install 'segue[tables]'"
        ) from error


def _scan(member: Member) -> Any:
    if member.path is None:
        raise InvalidInputError(f"{member.name} is Parquet in an archive; unpack it first")
    polars = _polars()
    try:
        frame = polars.scan_parquet(member.path, glob=False)
        schema = frame.collect_schema()
    except BaseException as error:
        if not _is_of_polars(error):
            raise
        raise InvalidInputError(f"{member.name} is no sound Parquet file: {error}") from error
    times = [name for name, kind in schema.items() if kind in (polars.Datetime, polars.Date)]
    seconds = [polars.col(name).dt.timestamp("ms") / 1000 for name in times]
    return frame.with_columns(seconds) if seconds else frame


def _is_of_polars(error: BaseException) -> bool:
    """Also where its reader gives up on a damaged file, which is no ordinary exception."""
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def _parquet_rows(member: Member) -> Iterator[GridRow]:
    frame = _scan(member)
    row = 0
    while True:
        try:
            batch = frame.slice(row, _BATCH_ROWS).collect()
        except BaseException as error:
            if not _is_of_polars(error):
                raise
            raise InvalidInputError(f"{member.name} is damaged Parquet: {error}") from error
        if not batch.height:
            return
        for cells in batch.iter_rows():
            row += 1
            yield GridRow(row, cells)
