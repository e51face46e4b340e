"""How large parts of the database are, and letting go of what can be made again."""

from sqlalchemy import delete, func, select

from segue.store.engine import Database
from segue.store.tables import analyses


class Space:
    """The space of one database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def analyses(self) -> dict[str, tuple[int, int]]:
        """Rows and bytes of what was heard, by kind; vectors and sketches are counted."""
        size = func.sum(
            func.coalesce(func.length(analyses.c.vector), 0)
            + func.coalesce(func.length(analyses.c.sketch), 0)
        )
        statement = select(analyses.c.kind, func.count(), size).group_by(analyses.c.kind)
        with self._db.read() as connection:
            return {row[0]: (row[1], int(row[2] or 0)) for row in connection.execute(statement)}

    def forget_analyses(self, kind: str) -> int:
        """Delete all of one kind; how many rows went."""
        statement = delete(analyses).where(analyses.c.kind == kind)
        return self._db.write(lambda connection: connection.execute(statement).rowcount)
