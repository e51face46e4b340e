"""Records of CSV files (RFC 4180 and its many dialects), going on after a malformed one.

A quote that is never closed would swallow the rest of a file. Here a record may run over a stated
number of lines; when it does not end by then, or the file ends first, its first line is reported
and reading goes on with the second.
"""

import csv
from collections import deque
from collections.abc import Iterator
from itertools import chain, repeat
from typing import NamedTuple

from segue.sources.decoded import LongLine

MAX_FIELD_CHARACTERS = 100_000
MAX_RECORD_LINES = 500  # lyrics have line breaks
AHEAD_CHARACTERS = 1 << 16  # looked at at once: a record by itself costs three times as much


class CsvRow(NamedTuple):
    """One record, or why it could not be read."""

    row: int
    cells: list[str]
    problem: str = ""


def sniff_delimiter(head: str) -> str:
    r"""What separates cells: tab, semicolon, comma or bar, whichever the first lines agree on.

    >>> sniff_delimiter("artist;track\nA, B;C")
    ';'
    """
    first = [line for line in head.split("\n")[:20] if line.strip()]
    counts = {mark: [_outside_quotes(line, mark) for line in first] for mark in "\t;,|"}
    return max(counts, key=lambda mark: (min(counts[mark], default=0), sum(counts[mark])))


def _outside_quotes(line: str, mark: str) -> int:
    return sum(part.count(mark) for part in line.split('"')[::2])


def csv_rows(
    lines: Iterator[str], delimiter: str, max_lines: int = MAX_RECORD_LINES, *, first: int = 1
) -> Iterator[CsvRow]:
    """Records in order; blank lines are not counted.

    Args:
        lines: As :func:`segue.sources.decoded.lines` gives them.
        delimiter: One character.
        max_lines: Lines that one record may take.
        first: Number of the first record; 0 where it is a header.
    """
    # the limit is one for the whole process; every reader here sets the same
    csv.field_size_limit(MAX_FIELD_CHARACTERS)
    feed = _Feed(lines, max_lines)
    row = first
    while feed.look_ahead():
        for cells, problem in _plain(feed, delimiter) or _careful(feed, delimiter):
            if problem or any(cells):
                yield CsvRow(row, cells, problem)
                row += 1


def _plain(feed: "_Feed", delimiter: str) -> Iterator[tuple[list[str], str]] | None:
    """What lies ahead, taken as a whole, where each line is one record; None where it is not.

    An empty line behind the last comes out as a record of its own, unless a quote is still open.
    """
    if LongLine in map(type, feed.ahead):
        return None
    try:
        found = list(csv.reader(chain(feed.ahead, ("\n",)), delimiter=delimiter))
    except csv.Error:
        return None
    if len(found) != len(feed.ahead) + 1:
        return None
    feed.ahead.clear()
    return zip(found, repeat(""))


def _careful(feed: "_Feed", delimiter: str) -> Iterator[tuple[list[str], str]]:
    """What lies ahead, one record after the other; the last may take more lines than that."""
    reader = csv.reader(feed, delimiter=delimiter)
    while feed.ahead:
        feed.taken.clear()
        problem, cells = "", list[str]()
        try:
            cells = next(reader)
        except (csv.Error, _TooLongError) as error:
            problem = str(error)
        if not problem and (len(feed.taken) > 1 or feed.asked_after_end):
            problem = _why_unsound(feed.taken, delimiter)
        if problem:
            feed.go_back()
            reader = csv.reader(feed, delimiter=delimiter)
        yield cells, problem


def _why_unsound(taken: list[str], delimiter: str) -> str:
    """A record of several lines must close its quotes right before a delimiter or its end.

    Else the first quote was opened by mistake, and what closed it was opened by another row.
    """
    try:
        n_records = sum(1 for _ in csv.reader(taken, delimiter=delimiter, strict=True))
    except csv.Error:
        n_records = 0
    return "" if n_records == 1 else "a quote is opened and not closed"


class _TooLongError(Exception):
    """A record or line is longer than any sound one."""


class _Feed(Iterator[str]):
    """Hands out lines and remembers those of the record that is being read.

    Attributes:
        ahead: Lines that come next, as far as they were looked at.
        taken: Lines of the record.
        asked_after_end: The record went on at the end of the file.
    """

    def __init__(self, lines: Iterator[str], max_lines: int) -> None:
        self._lines = lines
        self._max_lines = max_lines
        self.ahead: deque[str] = deque()
        self.taken: list[str] = []
        self.asked_after_end = False

    def look_ahead(self) -> bool:
        """Take some lines in; False at the end of the file."""
        n_characters = 0
        for line in self._lines:
            self.ahead.append(line)
            n_characters += len(line)
            if n_characters > AHEAD_CHARACTERS:
                break
        return bool(self.ahead)

    def __next__(self) -> str:
        if len(self.taken) >= self._max_lines:
            raise _TooLongError(f"the row runs over more than {self._max_lines} lines: a quote is "
                                "opened and never closed")  # fmt: skip
        line = self.ahead.popleft() if self.ahead else next(self._lines, "")
        if line == "":
            self.asked_after_end = bool(self.taken)
            raise StopIteration
        if isinstance(line, LongLine):
            self.taken.append("")
            raise _TooLongError("the line is longer than any row of music")
        self.taken.append(line)
        return line

    def go_back(self) -> None:
        """Hand out again all lines of the record but the first."""
        self.ahead.extendleft(reversed(self.taken[1:]))
        self.asked_after_end = False
