"""What a listener allowed: nothing until it is said, taken back at once."""

from enum import StrEnum

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from segue.errors import NotFoundError
from segue.store.engine import Database
from segue.store.list_tables import consents
from segue.store.tables import accounts


class Consent(StrEnum):
    """What may be allowed."""

    LIKE_MINDED = "like_minded"  # listeners of like taste may see one's name and shared tracks


class Consents:
    """Consents of one database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def give(self, listener_id: str, what: Consent, now: float) -> None:
        """Allow; saying it twice changes nothing.

        Raises:
            NotFoundError: No such account.
        """

        def run(connection: Connection) -> None:
            account = select(accounts.c.id).where(accounts.c.id == listener_id)
            if connection.execute(account).first() is None:
                raise NotFoundError(f"there is no account {listener_id!r}")
            if what not in _given(connection, listener_id):
                row = {"listener_id": listener_id, "what": what.value, "given_at": now}
                connection.execute(insert(consents), [row])

        self._db.write(run)

    def take_back(self, listener_id: str, what: Consent) -> None:
        """Allow no longer; nothing happens where it was not allowed."""
        statement = delete(consents).where(
            consents.c.listener_id == listener_id, consents.c.what == what.value
        )
        self._db.write(lambda connection: connection.execute(statement).rowcount)

    def of(self, listener_id: str) -> frozenset[Consent]:
        """All that a listener allows."""
        with self._db.read() as connection:
            return _given(connection, listener_id)

    def who_gave(self, what: Consent) -> list[tuple[str, str]]:
        """Id and name of the open accounts that allow it, by id."""
        statement = (
            select(accounts.c.id, accounts.c.name)
            .join(consents, consents.c.listener_id == accounts.c.id)
            .where(consents.c.what == what.value, accounts.c.is_disabled.is_(False))
            .order_by(accounts.c.id)
        )
        with self._db.read() as connection:
            return [(row.id, row.name) for row in connection.execute(statement)]


def _given(connection: Connection, listener_id: str) -> frozenset[Consent]:
    statement = select(consents.c.what).where(consents.c.listener_id == listener_id)
    return frozenset(Consent(what) for what in connection.execute(statement).scalars())
