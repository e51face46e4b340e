"""Imports: which files, read how, how far, and what became of the rows."""

from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from segue.errors import NotFoundError
from segue.store.batches import checked_limit
from segue.store.engine import Database
from segue.store.ids import IdFactory, new_id
from segue.store.import_tables import imports


class ImportRun(Struct, frozen=True, kw_only=True):
    """One import; ``request``, ``report`` and ``position`` are JSON of whoever runs it."""

    id: str
    listener_id: str
    job_id: str | None
    is_done: bool
    request: str
    report: str
    position: str
    created_at: float


class ImportRuns:
    """The imports of one database.

    Args:
        db: The database.
        ids: Makes ids.
    """

    def __init__(self, db: Database, ids: IdFactory = new_id) -> None:
        self._db = db
        self._ids = ids

    def create(self, listener_id: str, request: Struct, now: float) -> ImportRun:
        """Begin an import for a listener."""
        made = ImportRun(
            id=self._ids(),
            listener_id=listener_id,
            job_id=None,
            is_done=False,
            request=msgspec.json.encode(request).decode(),
            report="{}",
            position="{}",
            created_at=now,
        )
        self._write(insert(imports).values(msgspec.structs.asdict(made)))
        return made

    def get(self, import_id: str, listener_id: str | None = None) -> ImportRun:
        """One import, of this listener where one is named.

        Raises:
            NotFoundError: No such import, or somebody else's.
        """
        statement = select(imports).where(imports.c.id == import_id)
        with self._db.read() as connection:
            row = connection.execute(statement).mappings().first()
        if row is None or listener_id not in (None, row["listener_id"]):
            raise NotFoundError(f"there is no import {import_id!r}")
        return _run(row)

    def list(self, listener_id: str | None, limit: int = 20) -> list[ImportRun]:
        """A listener's imports, the newest first; everybody's when None."""
        order = (imports.c.created_at.desc(), imports.c.id.desc())
        statement = select(imports).order_by(*order).limit(checked_limit(limit))
        if listener_id is not None:
            statement = statement.where(imports.c.listener_id == listener_id)
        with self._db.read() as connection:
            return [_run(row) for row in connection.execute(statement).mappings()]

    def change(self, import_id: str, **values: str | bool | Struct) -> None:
        """Change columns; structs are kept as JSON. Nothing happens when it is gone."""
        row = {
            name: msgspec.json.encode(value).decode() if isinstance(value, Struct) else value
            for name, value in values.items()
        }
        self._write(update(imports).where(imports.c.id == import_id).values(row))

    def delete(self, import_id: str) -> None:
        """Forget an import; what it brought stays."""
        self._write(delete(imports).where(imports.c.id == import_id))

    def _write(self, statement: Any) -> None:
        def run(connection: Connection) -> None:
            connection.execute(statement)

        self._db.write(run)


def _run(row: Any) -> ImportRun:
    return ImportRun(**{name: row[name] for name in ImportRun.__struct_fields__})
