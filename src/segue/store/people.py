"""Accounts as administrators look at them: page by page, with the last visit."""

from typing import Any

from msgspec import Struct
from sqlalchemy import select, tuple_

from segue.store.accounts import Role
from segue.store.admin_tables import visits
from segue.store.batches import checked_limit, decode_cursor, encode_cursor
from segue.store.catalog_records import Page
from segue.store.engine import Database
from segue.store.folding import clean
from segue.store.tables import accounts


class Person(Struct, frozen=True, kw_only=True):
    """An account without its secrets; ``seen_at`` None means never, Unix time (s) else.

    Who has no password was planted, and cannot sign in.
    """

    id: str
    name: str
    role: Role
    is_disabled: bool
    has_password: bool
    created_at: float
    seen_at: float | None


class People:
    """The accounts of one database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def page(self, words: str = "", cursor: str | None = None, limit: int = 50) -> Page[Person]:
        """Accounts by name, those whose name has the words in it; who can sign in comes first."""
        planted = accounts.c.password_hash.is_(None)
        key = (planted, accounts.c.name_key)
        statement = _people()
        if sought := clean(words).casefold():
            statement = statement.where(accounts.c.name_key.contains(sought, autoescape=True))
        if cursor is not None:
            statement = statement.where(tuple_(*key) > tuple_(*decode_cursor(cursor, int)))
        statement = statement.order_by(*key).limit(checked_limit(limit) + 1)
        with self._db.read() as connection:
            rows = list(connection.execute(statement))
        items = tuple(_person(row) for row in rows[:limit])
        if len(rows) <= limit:
            return Page(items, None)
        last = rows[limit - 1]
        return Page(items, encode_cursor(int(not items[-1].has_password), last.name_key))

    def get(self, account_id: str) -> Person | None:
        """One account."""
        with self._db.read() as connection:
            row = connection.execute(_people().where(accounts.c.id == account_id)).first()
        return None if row is None else _person(row)

    def names(self, account_ids: set[str]) -> dict[str, str]:
        """Names by id; unknown ones are left out."""
        statement = select(accounts.c.id, accounts.c.name).where(accounts.c.id.in_(account_ids))
        with self._db.read() as connection:
            return {row.id: row.name for row in connection.execute(statement)}


def _people() -> Any:
    return select(
        accounts.c.id,
        accounts.c.name,
        accounts.c.name_key,
        accounts.c.role,
        accounts.c.is_disabled,
        accounts.c.password_hash.is_not(None).label("has_password"),
        accounts.c.created_at,
        visits.c.seen_at,
    ).outerjoin(visits, visits.c.account_id == accounts.c.id)


def _person(row: Any) -> Person:
    return Person(**{name: getattr(row, name) for name in Person.__struct_fields__})
