"""Long lists in pieces that one SQL statement can carry, and cursors between pages."""

import base64
import binascii
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, bindparam, func, select

from segue.errors import InvalidInputError

T = TypeVar("T")

CHUNK = 500  # values in one IN (...); old SQLite carries 999
MAX_PAGE = 200


def chunks(values: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """The values in order, at most ``size`` at a time.

    >>> list(chunks([1, 2, 3], 2))
    [[1, 2], [3]]
    """
    for start in range(0, len(values), size):
        yield values[start : start + size]


def in_list(column: ColumnElement[Any], name: str = "ids") -> ColumnElement[bool]:
    """Condition: the column is among the texts of the parameter ``name``, an :func:`as_list`.

    However many they are the statement stays the same, so that it is built once; an ``IN`` with a
    mark for each value is written anew every time, which takes longer than to run it.
    """
    return column.in_(select(func.json_each(bindparam(name)).table_valued("value").c.value))


def as_list(texts: Iterable[str]) -> str:
    """Texts as the parameter of :func:`in_list`."""
    return msgspec.json.encode(list(texts)).decode()


def checked_limit(limit: int, maximum: int = MAX_PAGE) -> int:
    """The limit, or an error that says what is allowed.

    Raises:
        InvalidInputError: Outside ``1..maximum``.
    """
    if not 1 <= limit <= maximum:
        raise InvalidInputError(f"limit must lie in 1..{maximum}, got {limit}")
    return limit


def encode_cursor(key: str | float, id_: str) -> str:
    """The place after one row, opaque to clients: its sort key and id."""
    return base64.urlsafe_b64encode(msgspec.json.encode([key, id_])).decode().rstrip("=")


def decode_cursor(cursor: str, key_type: type) -> tuple[Any, str]:
    """The sort key and id in a cursor of :func:`encode_cursor`.

    Raises:
        InvalidInputError: It is none of ours, or of a list with another order.

    >>> decode_cursor(encode_cursor("ok computer", "x1"), str)
    ('ok computer', 'x1')
    """
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return msgspec.json.decode(raw, type=tuple[key_type, str])
    except (msgspec.MsgspecError, binascii.Error, ValueError) as error:
        raise InvalidInputError(
            "cursor must be the next_cursor of the page before, of the same list"
        ) from error
