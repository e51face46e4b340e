"""What is to be imported, and where an interrupted import goes on."""

from collections.abc import Mapping

from msgspec import Struct


class ImportRequest(Struct, frozen=True, kw_only=True):
    """What to import, and how to read it where that is not to be guessed.

    ``paths`` are files, folders and zip archives that were exported together. ``source`` is a name
    of :data:`segue.sources.registry.SOURCES`, ``columns`` the column of each field of a table,
    ``person`` whose listening is wanted of a database that holds several.
    """

    paths: tuple[str, ...] = ()
    source: str = ""
    columns: Mapping[str, str] = {}
    person: str = ""


class Position(Struct, frozen=True):
    """Where an interrupted import goes on: so many files are done, and so many rows of the next."""

    file: int = 0
    row: int = 0
