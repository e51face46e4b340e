"""Objects of JSON arrays one by one, in bounded memory, going on after a malformed one.

A whole-document parser gives up at the first wrong byte. Here each object is parsed alone (RFC 8259
grammar, by the standard library); after one that cannot be, reading goes on where the next object
begins with the same first key as the rows before it did.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, NoReturn, TextIO

from segue.errors import InvalidInputError
from segue.sources.decoded import LongLine, lines

MAX_ROW_CHARACTERS = 1 << 17
_CHUNK = 1 << 18
_KEPT_BEFORE = 4_096
_ANY_NEXT = re.compile(r"\}\s*,\s*(?=\{)")
_FIRST_KEY = re.compile(r'\{\s*("(?:[^"\\]|\\.)*")\s*:')
_GAP = re.compile(r"[\s,}\x00]*")
_TOO_LONG = f"the row is longer than {MAX_ROW_CHARACTERS:,} characters"


class JsonRow(NamedTuple):
    """One object of an array, or why it could not be read.

    ``before`` is the text outside of arrays that came last (up to 4,096 characters), which holds
    what was said about the whole array; ``key`` is the key of the array, "" for the outermost one.
    """

    row: int
    value: dict[str, Any]
    problem: str = ""
    key: str = ""
    before: str = ""


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def json_rows(file: TextIO, keys: Sequence[str] = ()) -> Iterator[JsonRow]:
    """Objects of the outermost array, or of every array that stands under one of ``keys``.

    Args:
        file: Read forward once.
        keys: Names of arrays anywhere outside of rows; rows of all of them are counted together.

    Raises:
        InvalidInputError: There is no such array.
    """
    return iter(_Arrays(file, keys))


def json_line_rows(file: TextIO) -> Iterator[JsonRow]:
    """The object of each line (JSON Lines); blank lines are not counted."""
    row = 0
    for line in lines(file):
        if line.strip(" \t\r\n\x00"):
            row += 1
            yield _line_row(row, line)


def one_object(file: TextIO, max_characters: int) -> dict[str, Any]:
    """The object that a small file consists of.

    Raises:
        InvalidInputError: It is longer, cut off, or no object.
    """
    text = file.read(max_characters + 1)
    if len(text) > max_characters:
        raise InvalidInputError(f"it is longer than {max_characters:,} characters")
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(f"it is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise InvalidInputError(f"it must be an object in {{}}, got {str(value)[:60]}")
    return value  # pyright: ignore[reportUnknownVariableType]


def _line_row(row: int, line: str) -> JsonRow:
    if isinstance(line, LongLine) or len(line) > MAX_ROW_CHARACTERS:
        return JsonRow(row, {}, _TOO_LONG)
    try:
        value = _DECODER.decode(line)
    except (ValueError, RecursionError) as error:
        return JsonRow(row, {}, f"the row is not JSON: {error}")
    return _checked(row, value)


def _checked(row: int, value: object, key: str = "", before: str = "") -> JsonRow:
    if isinstance(value, dict):
        return JsonRow(row, value, "", key, before)
    return JsonRow(row, {}, f"a row is an object in {{}}, got {str(value)[:60]}", key, before)


class _Arrays:
    """A window that moves over the text."""

    def __init__(self, file: TextIO, keys: Sequence[str]) -> None:
        self._file = file
        self._keys = keys
        names = "|".join(re.escape(key) for key in keys)
        self._start = re.compile(rf'"({names})"\s*:\s*\[' if keys else r"[\s\x00]*()\[")
        self._next = _ANY_NEXT
        self._text = ""
        self._at = 0
        self._at_end = False
        self._before = ""
        self._key = ""
        self._row = 0
        self._has_ended = False

    def __iter__(self) -> Iterator[JsonRow]:
        n_arrays = 0
        while self._find_array():
            n_arrays += 1
            yield from self._rows_of_array()
            if not self._keys:
                return
        if n_arrays == 0:
            wanted = " or ".join(f'"{key}"' for key in self._keys) or "at its beginning"
            raise InvalidInputError(f"it holds no JSON list {wanted}")

    def _more(self) -> bool:
        """Read on, forgetting what has been used; False at the end."""
        chunk = self._file.read(_CHUNK)
        self._at_end = not chunk
        self._text = self._text[self._at :] + chunk
        self._at = 0
        return not self._at_end

    def _find_array(self) -> bool:
        while True:
            found = (
                self._start.search(self._text, self._at)
                if self._keys
                else self._start.match(self._text, self._at)
            )
            if found:
                self._keep_before(found.start())
                self._key = found[1]
                self._at = found.end()
                return True
            if self._text[self._at :].strip() and not self._keys:
                return False
            self._keep_before(max(self._at, len(self._text) - 256))  # a key may lie on the edge
            if not self._more():
                return False

    def _keep_before(self, to: int) -> None:
        self._before = (self._before + self._text[self._at : to])[-_KEPT_BEFORE:]
        self._at = to

    def _rows_of_array(self) -> Iterator[JsonRow]:
        self._has_ended = False
        while not self._has_ended:
            self._at = self._end_of_gap()
            if self._at == len(self._text):
                if not self._more():
                    yield self._problem("the file is cut off: its list does not end")
                    return
            elif self._text[self._at] == "]":
                self._at += 1
                self._before = ""
                return
            else:
                yield self._one_row()

    def _end_of_gap(self) -> int:
        found = _GAP.match(self._text, self._at)
        return found.end() if found else self._at

    def _one_row(self) -> JsonRow:
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if len(self._text) - self._at < MAX_ROW_CHARACTERS and self._more():
                    continue
                return self._malformed(error)
            if end - self._at > MAX_ROW_CHARACTERS:
                self._at = end
                return self._problem(_TOO_LONG)
            return self._accept(value, end)

    def _accept(self, value: object, end: int) -> JsonRow:
        self._row += 1
        row = _checked(self._row, value, self._key, self._before)
        if row.problem:
            self._skip_to_next()
            return row
        if self._next is _ANY_NEXT:
            key = _FIRST_KEY.match(self._text, self._at)
            if key:
                self._next = re.compile(rf"[,\[]\s*(?=\{{\s*{re.escape(key[1])}\s*:)")
        self._at = end
        return row

    def _malformed(self, error: Exception) -> JsonRow:
        start = self._at
        shown = self._text[start : start + 60]
        is_cut = not self._skip_to_next()
        why = getattr(error, "msg", None) or "it is nested too deeply"
        if is_cut:
            why += "; the file may be cut off here"
        return self._problem(f"the row is not JSON ({why}): {shown!r}")

    def _problem(self, reason: str) -> JsonRow:
        self._row += 1
        return JsonRow(self._row, {}, reason, self._key, self._before)

    def _skip_to_next(self) -> bool:
        """Go to where the next row or the next array begins; False when there is none."""
        self._at += 1
        while True:
            found = self._next.search(self._text, self._at)
            array = self._start.search(self._text, self._at) if self._keys else None
            if array and not (found and found.start() < array.start()):
                self._keep_before(array.start())
                self._has_ended = True
                return True
            if found:
                self._at = found.end()
                return True
            self._at = max(self._at, len(self._text) - 256)
            if not self._more():
                self._has_ended = True
                return False
