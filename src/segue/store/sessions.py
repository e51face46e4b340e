"""Sessions: opaque, found by the SHA-256 of their token; the token itself is stored nowhere."""

from typing import Any

from msgspec import Struct
from sqlalchemy import delete as sql_delete
from sqlalchemy import insert, or_, select, update
from sqlalchemy.engine import Connection

from segue.errors import NotFoundError
from segue.store.folding import clean
from segue.store.tables import accounts, sessions
from segue.store.visits import note_visit

TOUCH_EVERY_S = 60.0


class Session(Struct, frozen=True, kw_only=True):
    """One signed-in client. ``id`` names it in lists and is no secret."""

    id: str
    account_id: str
    client: str
    created_at: float
    seen_at: float
    expires_at: float


class SignedIn(Struct, frozen=True, kw_only=True):
    """A session that holds, and whose it is."""

    session: Session
    account_id: str
    name: str
    role: str
    language: str = ""
    time_zone: str = ""


def create(
    connection: Connection,
    id_: str,
    account_id: str,
    token_hash: str,
    now: float,
    max_s: float,
    client: str,
) -> Session:
    """Store a session.

    Raises:
        NotFoundError: No such account, or it is disabled.
    """
    may = select(accounts.c.id).where(accounts.c.id == account_id, ~accounts.c.is_disabled)
    if connection.execute(may).first() is None:
        raise NotFoundError(f"there is no account {account_id!r}")
    session = Session(
        id=id_,
        account_id=account_id,
        client=clean(client, 200),
        created_at=now,
        seen_at=now,
        expires_at=now + max_s,
    )
    row = {name: getattr(session, name) for name in Session.__struct_fields__}
    connection.execute(insert(sessions), [row | {"token_hash": token_hash}])
    note_visit(connection, account_id, now)
    return session


def find(connection: Connection, token_hash: str, now: float, idle_s: float) -> SignedIn | None:
    """The session of a token when it holds and its account is open."""
    statement = (
        select(
            sessions, accounts.c.name, accounts.c.role, accounts.c.language, accounts.c.time_zone
        )
        .join(accounts, accounts.c.id == sessions.c.account_id)
        .where(
            sessions.c.token_hash == token_hash,
            sessions.c.expires_at > now,
            sessions.c.seen_at > now - idle_s,
            ~accounts.c.is_disabled,
        )
    )
    row = connection.execute(statement).mappings().first()
    if row is None:
        return None
    return SignedIn(session=_session(row), account_id=row["account_id"], name=row["name"],
                    role=row["role"], language=row["language"],
                    time_zone=row["time_zone"])  # fmt: skip


def touch(connection: Connection, token_hash: str, now: float) -> None:
    """Note a visit; never backwards."""
    statement = update(sessions).where(
        sessions.c.token_hash == token_hash, sessions.c.seen_at < now
    )
    connection.execute(statement.values(seen_at=now))
    whose = select(sessions.c.account_id).where(sessions.c.token_hash == token_hash)
    if (account_id := connection.execute(whose).scalar()) is not None:
        note_visit(connection, account_id, now)


def list_of(connection: Connection, account_id: str) -> list[Session]:
    """Sessions of an account, the newest first."""
    statement = select(sessions).where(sessions.c.account_id == account_id)
    order = (sessions.c.created_at.desc(), sessions.c.id)
    return [_session(row) for row in connection.execute(statement.order_by(*order)).mappings()]


def delete_one(connection: Connection, account_id: str, session_id: str) -> bool:
    """End one session of the account."""
    statement = sql_delete(sessions).where(
        sessions.c.id == session_id, sessions.c.account_id == account_id
    )
    return connection.execute(statement).rowcount > 0


def delete_all(connection: Connection, account_id: str, except_id: str | None = None) -> int:
    """End all sessions of an account, or all but one."""
    statement = sql_delete(sessions).where(sessions.c.account_id == account_id)
    if except_id is not None:
        statement = statement.where(sessions.c.id != except_id)
    return connection.execute(statement).rowcount


def delete_expired(connection: Connection, now: float, idle_s: float) -> int:
    """Forget sessions that are over by either rule."""
    is_over = or_(sessions.c.expires_at <= now, sessions.c.seen_at <= now - idle_s)
    return connection.execute(sql_delete(sessions).where(is_over)).rowcount


def _session(row: Any) -> Session:
    return Session(**{name: row[name] for name in Session.__struct_fields__})
