"""App passwords: secrets by name for music apps and scripts, each shown once and ended alone."""

from typing import Any

from msgspec import Struct
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.engine import Connection

from segue.errors import ConflictError, InvalidInputError
from segue.store.account_tables import app_tokens
from segue.store.engine import Database
from segue.store.folding import clean
from segue.store.ids import IdFactory, new_id
from segue.store.sessions import TOUCH_EVERY_S
from segue.store.tables import accounts
from segue.store.visits import note_visit

MAX_TOKENS = 50  # of one account
MAX_NAME_LENGTH = 100


class AppToken(Struct, frozen=True, kw_only=True):
    """One app password as its owner sees it; the secret itself is kept nowhere."""

    id: str
    name: str
    created_at: float
    used_at: float | None = None


class TokenOwner(Struct, frozen=True, kw_only=True):
    """Whose a secret is."""

    token: AppToken
    account_id: str
    name: str
    role: str


class AppTokens:
    """The app passwords of one database."""

    def __init__(self, db: Database, ids: IdFactory = new_id) -> None:
        self._db = db
        self._ids = ids

    def create(self, account_id: str, name: str, token_hash: str, now: float) -> AppToken:
        """Keep a new one by its SHA-256.

        Raises:
            InvalidInputError: A name of wrong length.
            ConflictError: The account has 50 already.
        """
        name = clean(name)
        if not 1 <= len(name) <= MAX_NAME_LENGTH:
            raise InvalidInputError(f"a name has 1..{MAX_NAME_LENGTH} letters, got {len(name)}")
        made = AppToken(id=self._ids(), name=name, created_at=now)
        row = {"id": made.id, "account_id": account_id, "name": name, "token_hash": token_hash,
               "created_at": now, "used_at": None}  # fmt: skip

        def run(connection: Connection) -> None:
            mine = select(func.count()).where(app_tokens.c.account_id == account_id)
            if connection.execute(mine).scalar_one() >= MAX_TOKENS:
                raise ConflictError(f"there are {MAX_TOKENS} app passwords already; end one first")
            connection.execute(insert(app_tokens), [row])

        self._db.write(run)
        return made

    def of(self, account_id: str) -> list[AppToken]:
        """Those of an account, the newest first."""
        statement = (
            select(app_tokens)
            .where(app_tokens.c.account_id == account_id)
            .order_by(app_tokens.c.created_at.desc(), app_tokens.c.id)
        )
        with self._db.read() as connection:
            return [_token(row) for row in connection.execute(statement).mappings()]

    def find(self, token_hash: str, now: float) -> TokenOwner | None:
        """Whose it is, while the account is open; a use is noted at most once a minute."""
        statement = (
            select(app_tokens, accounts.c.name.label("owner"), accounts.c.role)
            .join(accounts, accounts.c.id == app_tokens.c.account_id)
            .where(app_tokens.c.token_hash == token_hash, ~accounts.c.is_disabled)
        )
        with self._db.read() as connection:
            row = connection.execute(statement).mappings().first()
        if row is None:
            return None
        token = _token(row)
        if token.used_at is None or now - token.used_at >= TOUCH_EVERY_S:
            used = update(app_tokens).where(app_tokens.c.id == token.id).values(used_at=now)

            def note(connection: Connection) -> None:
                if connection.execute(used).rowcount:  # else it ended meanwhile
                    note_visit(connection, row["account_id"], now)

            self._db.submit(note)
        return TokenOwner(
            token=token, account_id=row["account_id"], name=row["owner"], role=row["role"]
        )

    def end(self, account_id: str, token_id: str) -> bool:
        """End one of the account's own; False when there is none."""
        statement = delete(app_tokens).where(
            app_tokens.c.id == token_id, app_tokens.c.account_id == account_id
        )
        return self._db.write(lambda connection: connection.execute(statement).rowcount > 0)


def _token(row: Any) -> AppToken:
    return AppToken(**{name: row[name] for name in AppToken.__struct_fields__})
