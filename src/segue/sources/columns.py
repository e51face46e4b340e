"""Which column of a table carries what, guessed by name."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

Field = TypeVar("Field", bound=str)
_GAP = re.compile(r"[^0-9a-z]+")
_QUOTED = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""")
_ESCAPED = re.compile(r"\\(.)")


def folded(name: str) -> str:
    """A column's name in lower case with underscores.

    >>> folded("Track Name"), folded("trackName")
    ('track_name', 'trackname')
    """
    return _GAP.sub("_", name.strip().lower()).strip("_")


def guessed(header: Iterable[str], known: Mapping[Field, Sequence[str]]) -> dict[Field, str]:
    """The column of each field: the first of its known names that is there.

    >>> guessed(["Song", "uts"], {"title": ("title", "song"), "album": ("album",)})
    {'title': 'Song'}
    """
    by_name: dict[str, str] = {}
    for name in header:
        by_name.setdefault(folded(name), name)
    found: dict[Field, str] = {}
    for field, names in known.items():
        column = next((by_name[name] for name in names if name in by_name), None)
        if column is not None:
            found[field] = column
    return found


def chosen(cells: Sequence[object], at: Mapping[Field, int]) -> dict[Field, object]:
    """The cells of some columns by their field, None where a row ends before them."""
    n = len(cells)
    return {field: cells[index] if index < n else None for field, index in at.items()}


def listed(value: object, separators: str = ";") -> list[str]:
    r"""Several values of one cell: a list, one written out as in Python or JSON, or separated.

    >>> listed("['Hall & Oates', \"Destiny's Child\"]"), listed("rock; pop")
    (['Hall & Oates', "Destiny's Child"], ['rock', 'pop'])
    """
    if value is None:
        return []
    if isinstance(value, list | tuple):
        parts: Sequence[object] = value
        return [str(part).strip() for part in parts if part is not None and str(part).strip()]
    text = str(value).strip()
    if text.startswith("[") and text.endswith("]"):
        quoted = [a or b for a, b in _QUOTED.findall(text)]
        if quoted or text == "[]":
            return [part for one in quoted if (part := _ESCAPED.sub(r"\1", one).strip())]
        text = text[1:-1]
        separators += ","
    for mark in separators[1:]:
        text = text.replace(mark, separators[0])
    return [part for one in text.split(separators[0]) if (part := one.strip())]
