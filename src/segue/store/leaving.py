"""Accounts that asked to be deleted: closed at once, emptied in steps, gone in the last one.

A long history goes in pieces, so that others write in between. Whoever is interrupted finds the
account still marked and goes on; nothing is ever done twice that must not be.
"""

from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.engine import Connection

from segue.errors import ConflictError, NotFoundError
from segue.store import sessions
from segue.store.account_tables import leaving
from segue.store.copies import erase_in_copies
from segue.store.engine import Database
from segue.store.history_read import DEPARTED
from segue.store.tables import accounts, events, jobs, login_failures, meta, retractions

EVENTS_AT_ONCE = 5_000


class Leaving:
    """The accounts of one database that are on their way out."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def ask(self, account_id: str, now: float) -> None:
        """Close an account, end its sessions and mark it; asking twice changes nothing.

        Raises:
            NotFoundError: No such account.
            ConflictError: It is the last admin.
        """
        self._db.write(lambda connection: _ask(connection, account_id, now))

    def waiting(self) -> list[str]:
        """Accounts that asked and are not gone yet, the first to ask first."""
        statement = select(leaving.c.account_id).order_by(leaving.c.asked_at)
        with self._db.read() as connection:
            return list(connection.execute(statement).scalars())

    def erase_some(self, account_id: str) -> int:
        """Delete the next piece of the history; how many events went, 0 when none is left."""
        ids = (
            select(events.c.id)
            .where(events.c.listener_id == account_id)
            .order_by(events.c.id)
            .limit(EVENTS_AT_ONCE)
        )

        def run(connection: Connection) -> int:
            some = list(connection.execute(ids).scalars())
            if some:
                within = (some[0], some[-1])
                mine = retractions.c.listener_id == account_id
                connection.execute(
                    delete(retractions).where(mine, retractions.c.event_id.between(*within))
                )
                connection.execute(
                    delete(events).where(
                        events.c.listener_id == account_id, events.c.id.between(*within)
                    )
                )
            return len(some)

        return self._db.write(run)

    def finish(self, account_id: str) -> None:
        """Delete the account and all that hangs on it, and what mentions it elsewhere.

        Copies of the database that upgrades left beside it are cleaned first.
        """
        with self._db.read() as connection:
            name = select(accounts.c.name_key).where(accounts.c.id == account_id)
            name_key = connection.execute(name).scalar()
        if name_key is None:
            return
        erase_in_copies(self._db.path, account_id, f"name:{name_key}")
        self._db.write(lambda connection: _finish(connection, account_id, name_key))


def _ask(connection: Connection, account_id: str, now: float) -> None:
    account = select(accounts.c.role).where(accounts.c.id == account_id)
    role = connection.execute(account).scalar()
    if role is None:
        raise NotFoundError(f"there is no account {account_id!r}")
    others = select(func.count()).where(
        accounts.c.role == "admin", ~accounts.c.is_disabled, accounts.c.id != account_id
    )
    if role == "admin" and not connection.execute(others).scalar_one():
        raise ConflictError("this is the last admin; make another account admin first")
    sessions.delete_all(connection, account_id)
    of_account = update(accounts).where(accounts.c.id == account_id)
    connection.execute(of_account.values(is_disabled=True, password_hash=None))
    marked = select(leaving.c.account_id).where(leaving.c.account_id == account_id)
    if connection.execute(marked).first() is None:
        connection.execute(insert(leaving), [{"account_id": account_id, "asked_at": now}])


def _finish(connection: Connection, account_id: str, name_key: str) -> None:
    connection.execute(delete(login_failures).where(login_failures.c.key == f"name:{name_key}"))
    _forget_jobs(connection, account_id)
    if connection.execute(delete(accounts).where(accounts.c.id == account_id)).rowcount:
        _count(connection)


def _forget_jobs(connection: Connection, account_id: str) -> None:
    """Delete the jobs that name the account; one that runs is stopped and loses its words."""
    named: Any = jobs.c.params.contains(account_id, autoescape=True)
    connection.execute(delete(jobs).where(named, jobs.c.state != "running"))
    running = update(jobs).where(named, jobs.c.state == "running")
    connection.execute(running.values(params="{}", message="", cancel_asked=True))


def _count(connection: Connection) -> None:
    """One more has left: model sets that were learned before this number are to go."""
    row = select(meta.c.value).where(meta.c.key == DEPARTED)
    n = int(connection.execute(row).scalar() or 0)
    if n:
        statement = update(meta).where(meta.c.key == DEPARTED).values(value=str(n + 1))
        connection.execute(statement)
    else:
        connection.execute(insert(meta), [{"key": DEPARTED, "value": "1"}])
