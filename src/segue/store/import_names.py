"""What names of tracks in imports were found to mean, so that it is decided once."""

from collections.abc import Mapping, Sequence

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from segue.store.batches import chunks
from segue.store.engine import Database
from segue.store.import_tables import import_names


class ImportNames:
    """Keys of names, and the track that each means.

    Args:
        db: The database.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def known(self, keys: Sequence[str]) -> dict[str, str]:
        """Track ids by key, of those keys that were decided."""
        with self._db.read() as connection:
            return _known(connection, keys)

    def remember(self, decided: Mapping[str, str]) -> None:
        """Keep what keys mean, durable at return; what was decided before stays."""
        if not decided:
            return

        def run(connection: Connection) -> None:
            known = _known(connection, list(decided))
            rows = [{"key": k, "track_id": id_} for k, id_ in decided.items() if k not in known]
            if rows:
                connection.execute(insert(import_names), rows)

        self._db.write(run)


def _known(connection: Connection, keys: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in chunks(keys):
        statement = select(import_names.c.key, import_names.c.track_id)
        rows = connection.execute(statement.where(import_names.c.key.in_(part)))
        found.update((row[0], row[1]) for row in rows)
    return found
