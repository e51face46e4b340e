"""The one protocol of sources: an export is a few members, each read row by row by one source.

A source is found by what a member holds, not by what it is called, since names are localised. It
reads forward in bounded memory and never stops at a damaged row: that row comes out as a
:class:`~segue.data.imported.RowProblem`, and only a member that cannot be read at all is an error.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, TypeAlias, TypeVar, runtime_checkable

from segue.data.imported import CatalogueRow, ImportedRow, RowProblem
from segue.errors import InvalidInputError

HEAD_BYTES = 65_536


@runtime_checkable
class Member(Protocol):
    """One file of an export: alone, in a folder, or in a zip archive."""

    @property
    def name(self) -> str:
        """Its path inside the export, with forward slashes; only ever shown."""
        ...

    @property
    def size_bytes(self) -> int:
        """Unpacked size as the export states it."""
        ...

    @property
    def path(self) -> Path | None:
        """Where it lies on disk; None inside an archive."""
        ...

    def open(self) -> BinaryIO:
        """Its bytes from the start; limits on unpacking hold while it is read.

        Raises:
            InvalidInputError: It is missing, encrypted, or more than the limits allow.
        """
        ...

    def head(self) -> bytes:
        """Its first :data:`HEAD_BYTES` bytes."""
        ...


class Source(Protocol):
    """One format of one service."""

    @property
    def name(self) -> str:
        """Stable name, such as "spotify-extended"; it is kept with every event."""
        ...

    @property
    def title(self) -> str:
        """What a listener would call it, such as "Spotify, extended streaming history"."""
        ...

    def recognises(self, member: Member, /) -> bool:
        """Whether this source reads the member, judged by its first bytes."""
        ...

    def read(self, member: Member, /) -> Iterator[ImportedRow]:
        """Its rows in order, the same ones each time.

        Raises:
            InvalidInputError: Nothing of it can be read.
        """
        ...


Reader: TypeAlias = Callable[[Member], Iterator[ImportedRow]]
Numbered = TypeVar("Numbered", bound=ImportedRow | CatalogueRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A source made of functions.

    Attributes:
        name, title, recognises: As in :class:`Source`.
        rows: Reads a member; may raise InvalidInputError at any row.
        join: Makes a better reader of what the other members of the export say, such as one that
            adds artists kept in another file; None when members stand alone.
    """

    name: str
    title: str
    recognises: Callable[[Member], bool]
    rows: Reader
    join: Callable[[Sequence[Member]], Reader] | None = None

    def read(self, member: Member) -> Iterator[ImportedRow]:
        """Rows in order; damage after the first row is the last row, not an error.

        Raises:
            InvalidInputError: Nothing of it can be read.
        """
        return until_damage(self.rows(member))

    def joined(self, members: Sequence[Member]) -> "Format":
        """This source, knowing what the other members of one export say."""
        if self.join is None:
            return self
        return Format(name=self.name, title=self.title, recognises=self.recognises,
                      rows=self.join(members))  # fmt: skip


def until_damage(rows: Iterator[Numbered]) -> Iterator[Numbered | RowProblem]:
    """Rows in order; damage after the first row is the last row, not an error.

    Raises:
        InvalidInputError: There is damage before the first row.
    """
    last = 0
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


@dataclass(frozen=True, slots=True)
class Unread:
    """A file of an export that nobody reads, and why in words for its owner."""

    name: str
    reason: str


def why(name: str, error: InvalidInputError) -> str:
    """What is wrong with a file, to be read behind its name, which many errors begin with.

    >>> why("a.zip", InvalidInputError("a.zip is damaged"))
    'is damaged'
    """
    return str(error).removeprefix(f"{name} ")


@dataclass(frozen=True, slots=True)
class Recognised:
    """A member and the source that reads it."""

    member: Member
    source: Source
