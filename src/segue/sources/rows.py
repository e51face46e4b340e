"""One loop for all sources: each record becomes a row, a bad value makes that one row a problem."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from segue.data.imported import ImportedRow, RowProblem
from segue.errors import InvalidInputError
from segue.sources.base import Member
from segue.sources.csv_rows import CsvRow, csv_rows
from segue.sources.decoded import head_text, lines, open_text
from segue.sources.json_rows import JsonRow, json_line_rows, json_rows


def each_object(
    found: Iterable[JsonRow], make: Callable[[JsonRow], ImportedRow]
) -> Iterator[ImportedRow]:
    """Rows made of JSON objects; a ValueError of ``make`` is that row's problem."""
    for record in found:
        if record.problem:
            yield RowProblem(record.row, record.problem)
            continue
        try:
            yield make(record)
        except (ValueError, OverflowError) as error:
            yield RowProblem(record.row, str(error))


def each_record(
    found: Iterable[CsvRow], make: Callable[[int, list[str]], ImportedRow]
) -> Iterator[ImportedRow]:
    """Rows made of CSV records; a ValueError of ``make`` is that row's problem."""
    for row, cells, problem in found:
        if problem:
            yield RowProblem(row, problem)
            continue
        try:
            yield make(row, cells)
        except (ValueError, OverflowError) as error:
            yield RowProblem(row, str(error))


def of_array(
    make: Callable[[int, Mapping[str, Any]], ImportedRow], *keys: str
) -> Callable[[Member], Iterator[ImportedRow]]:
    """Reader of the objects in the outermost list, or in those under ``keys``."""

    def read(member: Member) -> Iterator[ImportedRow]:
        with open_text(member) as file:
            yield from each_object(
                json_rows(file, keys), lambda found: make(found.row, found.value)
            )

    return read


def of_lines(
    make: Callable[[int, Mapping[str, Any]], ImportedRow],
) -> Callable[[Member], Iterator[ImportedRow]]:
    """Reader of one object a line."""

    def read(member: Member) -> Iterator[ImportedRow]:
        with open_text(member) as file:
            yield from each_object(json_line_rows(file), lambda found: make(found.row, found.value))

    return read


def csv_header(member: Member, delimiter: str = ",") -> list[str]:
    """Cells of the first line, as far as it looks like CSV."""
    first = iter(head_text(member).lstrip("\n").splitlines(keepends=True)[:2])
    found = next(csv_rows(first, delimiter, 2), None)
    return [cell.strip() for cell in found.cells] if found else []


def of_named_cells(
    make: Callable[[int, Mapping[str, str]], ImportedRow], max_lines: int = 4
) -> Callable[[Member], Iterator[ImportedRow]]:
    """Reader of a CSV file with a header, comma separated; cells come by the names in it."""

    def read(member: Member) -> Iterator[ImportedRow]:
        with open_text(member) as file:
            found = csv_rows(lines(file), ",", max_lines, first=0)
            first = next(found, None)
            if first is None or first.problem:
                raise InvalidInputError("it is empty" if first is None else first.problem)
            names = [name.strip() for name in first.cells]

            def named(row: int, cells: list[str]) -> ImportedRow:
                return make(row, dict(zip(names, cells, strict=False)))

            yield from each_record(found, named)

    return read
