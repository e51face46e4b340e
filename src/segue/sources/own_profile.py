"""``profile.json`` and ``consents.json`` of our own export: what a listener says of themselves.

Each thing said is a row, so that one that cannot be read costs itself only. Name, role and id
belong to the account that they were written for, and are not read. A consent is for its owner to
give: whoever has the file could be anybody.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from segue.data.imported import ImportedRow, LeftOut, RowProblem, SaidOfSelf
from segue.errors import InvalidInputError
from segue.sources.base import Format, Member
from segue.sources.decoded import head_text, open_text
from segue.sources.json_rows import one_object
from segue.sources.moments import EARLIEST_S, LATEST_S
from segue.sources.rows import of_array
from segue.sources.values import clean, count, inner, number, shown, text

What = Literal["language", "time_zone", "emotions", "tags", "bio", "age"]
Value = str | int | tuple[str, ...]

MAX_CHARACTERS = 200_000
MAX_BIO_CHARACTERS = 2_000
MAX_TEXTS = 20
MAX_AGE = 150
_CONSENTS = re.compile(r'\s*\[\s*\{\s*"listener_id"\s*:\s*"[^"]*"\s*,\s*"what"\s*:')


def _is_profile(member: Member) -> bool:
    head = head_text(member)
    return head.lstrip().startswith("{") and all(
        f'"{key}"' in head for key in ("id", "role", "created_at", "own_words")
    )


def _read(member: Member) -> Iterator[ImportedRow]:
    with open_text(member) as file:
        said = one_object(file, MAX_CHARACTERS)
    try:
        words = inner(said, "own_words")
    except ValueError as error:
        raise InvalidInputError(str(error)) from error
    row = 0
    for what, read in _FIELDS.items():
        of = said if what in ("language", "time_zone") else words
        if of.get(what) in (None, "", []):
            continue
        row += 1
        try:
            yield SaidOfSelf(
                row=row, what=what, value=read(of, what),
                said_at=_said_at(words) if of is words else None,
            )  # fmt: skip
        except ValueError as error:
            yield RowProblem(row, str(error))


def _said_at(words: Mapping[str, object]) -> float | None:
    return number(words.get("said_at") or None, "said_at", EARLIEST_S, LATEST_S)


def _bio(words: Mapping[str, object], key: str) -> str:
    """Free text: its lines stay."""
    value = words.get(key)
    if not isinstance(value, str):
        raise ValueError(f"{key} must be text, got {shown(value)}")
    if len(value) > MAX_BIO_CHARACTERS:
        raise ValueError(f"{key} has {len(value):,} characters, at most {MAX_BIO_CHARACTERS:,}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{key} holds bytes that do not fit the file's encoding") from None
    return value.replace("\x00", "").strip()


def _texts(words: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = words.get(key)
    if not isinstance(value, list) or len(value) > MAX_TEXTS:  # pyright: ignore[reportUnknownArgumentType]
        raise ValueError(f"{key} must be a list of at most {MAX_TEXTS} texts, got {shown(value)}")  # pyright: ignore[reportUnknownArgumentType]
    if not all(isinstance(one, str) for one in value):  # pyright: ignore[reportUnknownVariableType]
        raise ValueError(f"{key} must be a list of texts, got {shown(value)}")  # pyright: ignore[reportUnknownArgumentType]
    texts: list[str] = value
    return tuple(clean(one, key) for one in texts)


def _age(words: Mapping[str, object], key: str) -> int:
    return count(words.get(key), key, MAX_AGE)


_FIELDS: Mapping[What, Callable[[Mapping[str, object], str], Value]] = {
    "language": text, "time_zone": text, "emotions": _texts, "tags": _texts, "bio": _bio,
    "age": _age,
}  # fmt: skip


def _is_consents(member: Member) -> bool:
    return bool(_CONSENTS.match(head_text(member)))


def _consent(row: int, value: Mapping[str, Any]) -> ImportedRow:
    if not text(value, "what"):
        raise ValueError("the row says nothing that was allowed")
    return LeftOut(row, "consent")


PROFILE = Format(
    name="segue-profile",
    title="Segue, what you said of yourself",
    recognises=_is_profile,
    rows=_read,
)
CONSENTS = Format(
    name="segue-consents",
    title="Segue, what you allowed",
    recognises=_is_consents,
    rows=of_array(_consent),
)
