"""Accounts: who may use this server, in which role; and the one-time setup of the first."""

import re
from typing import Any, Literal, TypeAlias

from msgspec import Struct
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.engine import Connection

from segue.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from segue.store import sessions
from segue.store.engine import Database
from segue.store.folding import clean
from segue.store.ids import IdFactory, new_id
from segue.store.sessions import Session, SignedIn
from segue.store.tables import accounts, login_failures, setup_tokens

Role: TypeAlias = Literal["admin", "listener"]

ROLES: tuple[Role, ...] = ("admin", "listener")
MAX_NAME_LENGTH = 64
FAILURES_KEPT_S = 86_400.0
_HASH = re.compile(r"[0-9a-f]{64}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}")  # RFC 5646, 2.1, without the rare


class Account(Struct, frozen=True, kw_only=True):
    """One account; ``password_hash`` is for the sign-in alone and must not be shown."""

    id: str
    name: str
    role: Role
    is_disabled: bool
    created_at: float
    password_hash: str | None = None
    language: str = ""  # of the pages, a tag of BCP 47; "" is what the browser asks for
    time_zone: str = ""  # an IANA name; "" is that of the server


class NewAccount(Struct, frozen=True, kw_only=True):
    """An account to be made."""

    name: str
    password_hash: str | None
    role: Role = "listener"


class Accounts:
    """Accounts, sessions, setup tokens and failed sign-ins of one database."""

    def __init__(self, db: Database, ids: IdFactory = new_id) -> None:
        self._db = db
        self._ids = ids

    def create(self, account: NewAccount, now: float) -> Account:
        """Make an account.

        Raises:
            ConflictError: The name is taken, upper and lower case being the same.
            InvalidInputError: The name or role is not allowed.
        """
        return self._db.write(lambda c: insert_account(c, account, self._ids(), now))

    def get(self, account_id: str) -> Account | None:
        """An account by id, disabled ones too."""
        with self._db.read() as connection:
            return read_account(connection, accounts.c.id == account_id)

    def by_name(self, name: str) -> Account | None:
        """An account by name; case does not matter, nothing is a wildcard."""
        with self._db.read() as connection:
            return read_account(connection, accounts.c.name_key == _name_key(name))

    def list(self) -> tuple[Account, ...]:
        """Every account by name."""
        with self._db.read() as connection:
            statement = select(accounts).order_by(accounts.c.name_key)
            return tuple(_account(row) for row in connection.execute(statement).mappings())

    def rename(self, account_id: str, name: str) -> None:
        """Give an account another name.

        Raises:
            NotFoundError: No such account.
            ConflictError: The name is taken.
        """

        def run(connection: Connection) -> None:
            row = _name_row(name)
            _refuse_taken(connection, row["name_key"], account_id)
            change_account(connection, account_id, row)

        self._db.write(run)

    def set_language(self, account_id: str, language: str) -> None:
        """Keep the language of the pages, "" for what the browser asks for.

        Raises:
            NotFoundError: No such account.
            InvalidInputError: It is no tag of a language.
        """
        if language and not _LANGUAGE.fullmatch(language):
            raise InvalidInputError(
                f"language must be a tag such as de or pt-BR, or empty, got {language[:40]!r}"
            )
        self._db.write(lambda c: change_account(c, account_id, {"language": language}))

    def set_time_zone(self, account_id: str, name: str) -> None:
        """Keep the time zone, an IANA name that was checked, "" for that of the server.

        Raises:
            NotFoundError: No such account.
        """
        self._db.write(lambda c: change_account(c, account_id, {"time_zone": name}))

    def disable(self, account_id: str, *, is_disabled: bool = True) -> None:
        """Close an account, ending its sessions, or open it again.

        Raises:
            NotFoundError: No such account.
            ConflictError: It is the last admin.
        """

        def run(connection: Connection) -> None:
            if is_disabled:
                _refuse_last_admin(connection, account_id)
                sessions.delete_all(connection, account_id)
            change_account(connection, account_id, {"is_disabled": is_disabled})

        self._db.write(run)

    def set_role(self, account_id: str, role: Role) -> None:
        """Change what an account may do.

        Raises:
            NotFoundError: No such account.
            ConflictError: It is the last admin.
        """

        def run(connection: Connection) -> None:
            if checked_role(role) != "admin":
                _refuse_last_admin(connection, account_id)
            change_account(connection, account_id, {"role": role})

        self._db.write(run)

    def set_password_hash(self, account_id: str, password_hash: str) -> None:
        """Store a new password hash. End the other sessions too: ``delete_sessions_of``."""
        self._db.write(lambda c: change_account(c, account_id, {"password_hash": password_hash}))

    def delete(self, account_id: str) -> None:
        """Delete an account with its history, lists and sessions, for good.

        Raises:
            NotFoundError: No such account.
            ConflictError: It is the last admin.
        """

        def run(connection: Connection) -> None:
            _refuse_last_admin(connection, account_id)
            statement = delete(accounts).where(accounts.c.id == account_id)
            if not connection.execute(statement).rowcount:
                raise NotFoundError(f"there is no account {account_id!r}")

        self._db.write(run)

    def create_session(
        self, account_id: str, token_hash: str, now: float, max_s: float, client: str = ""
    ) -> Session:
        """Open a session that ends after ``max_s`` in any case; only the token's hash is kept."""
        checked_hash(token_hash)
        id_ = self._ids()
        return self._db.write(
            lambda c: sessions.create(c, id_, account_id, token_hash, now, max_s, client)
        )

    def find_session(self, token_hash: str, now: float, idle_s: float) -> SignedIn | None:
        """The session of a token, when it is neither idle too long nor over.

        A visit is noted at most once a minute, behind the answer.
        """
        with self._db.read() as connection:
            found = sessions.find(connection, token_hash, now, idle_s)
        if found is not None and now - found.session.seen_at >= sessions.TOUCH_EVERY_S:
            self._db.submit(lambda c: sessions.touch(c, token_hash, now))
        return found

    def sessions_of(self, account_id: str) -> tuple[Session, ...]:
        """Open sessions of an account, the newest first."""
        with self._db.read() as connection:
            return tuple(sessions.list_of(connection, account_id))

    def delete_session(self, account_id: str, session_id: str) -> bool:
        """End one session of the account; False when there is none."""
        return self._db.write(lambda c: sessions.delete_one(c, account_id, session_id))

    def delete_sessions_of(self, account_id: str, except_id: str | None = None) -> int:
        """End all sessions of an account, or all but one; how many."""
        return self._db.write(lambda c: sessions.delete_all(c, account_id, except_id))

    def delete_expired_sessions(self, now: float, idle_s: float) -> int:
        """Forget sessions that are over; how many."""
        return self._db.write(lambda c: sessions.delete_expired(c, now, idle_s))

    def needs_setup(self) -> bool:
        """True until there is a first admin."""
        with self._db.read() as connection:
            return not _has_admin(connection)

    def add_setup_token(self, token_hash: str, now: float, lifetime_s: float) -> None:
        """Allow whoever has the token to make the first admin; older tokens end."""
        row = {"token_hash": checked_hash(token_hash), "created_at": now,
               "expires_at": now + lifetime_s}  # fmt: skip

        def run(connection: Connection) -> None:
            connection.execute(delete(setup_tokens))
            connection.execute(insert(setup_tokens), [row])

        self._db.write(run)

    def claim_setup(self, token_hash: str, account: NewAccount, now: float) -> Account:
        """Make the first admin; of many tries at once, one succeeds.

        Raises:
            ForbiddenError: Wrong, used or old token, or there is an admin already: all alike.
        """
        return self._db.write(lambda c: _claim(c, token_hash, account, self._ids(), now))

    def record_login_failure(self, key: str, now: float) -> None:
        """Note a failed sign-in under a key (account name or address)."""

        def run(connection: Connection) -> None:
            old = login_failures.c.failed_at < now - FAILURES_KEPT_S
            connection.execute(delete(login_failures).where(old))
            connection.execute(insert(login_failures), [{"key": key, "failed_at": now}])

        self._db.write(run)

    def count_login_failures(self, key: str, since: float) -> int:
        """Failed sign-ins under a key since a time."""
        with self._db.read() as connection:
            statement = select(func.count()).where(
                login_failures.c.key == key, login_failures.c.failed_at >= since
            )
            return connection.execute(statement).scalar_one()

    def clear_login_failures(self, key: str) -> None:
        """Forget the failures of a key, after a sign-in that worked."""
        self._db.write(
            lambda c: c.execute(delete(login_failures).where(login_failures.c.key == key)).rowcount
        )


def insert_account(connection: Connection, account: NewAccount, id_: str, now: float) -> Account:
    """Make an account within a transaction; raises as :meth:`Accounts.create` does."""
    row: dict[str, Any] = {
        "id": id_,
        "password_hash": account.password_hash,
        "role": checked_role(account.role),
        "language": "",
        "time_zone": "",
        "is_disabled": False,
        "created_at": now,
    } | _name_row(account.name)
    _refuse_taken(connection, row["name_key"], id_)
    connection.execute(insert(accounts), [row])
    return _account(row)


def _claim(
    connection: Connection, token_hash: str, account: NewAccount, id_: str, now: float
) -> Account:
    used = (
        update(setup_tokens)
        .where(
            setup_tokens.c.token_hash == token_hash,
            setup_tokens.c.used_at.is_(None),
            setup_tokens.c.expires_at > now,
        )
        .values(used_at=now)
    )
    if _has_admin(connection) or connection.execute(used).rowcount != 1:
        raise ForbiddenError("this setup link is not valid, or setup is done already")
    first = NewAccount(name=account.name, password_hash=account.password_hash, role="admin")
    return insert_account(connection, first, id_, now)


def _has_admin(connection: Connection) -> bool:
    statement = select(accounts.c.id).where(accounts.c.role == "admin").limit(1)
    return connection.execute(statement).first() is not None


def read_account(connection: Connection, condition: Any) -> Account | None:
    """The first account for which a condition holds."""
    row = connection.execute(select(accounts).where(condition)).mappings().first()
    return None if row is None else _account(row)


def _account(row: Any) -> Account:
    return Account(**{name: row[name] for name in Account.__struct_fields__})


def _name_key(name: str) -> str:
    return clean(name).casefold()


def _name_row(name: str) -> dict[str, Any]:
    shown = clean(name)
    if not 1 <= len(shown) <= MAX_NAME_LENGTH:
        raise InvalidInputError(f"a name has 1..{MAX_NAME_LENGTH} letters, got {len(shown)}")
    return {"name": shown, "name_key": _name_key(shown)}


def _refuse_taken(connection: Connection, name_key: str, own_id: str) -> None:
    holder = read_account(connection, accounts.c.name_key == name_key)
    if holder is not None and holder.id != own_id:
        raise ConflictError("there is an account of this name already")


def _refuse_last_admin(connection: Connection, account_id: str) -> None:
    statement = select(accounts.c.id).where(
        accounts.c.role == "admin", accounts.c.is_disabled.is_(False)
    )
    if list(connection.execute(statement).scalars()) == [account_id]:
        raise ConflictError("this is the last admin; make another account admin first")


def change_account(connection: Connection, account_id: str, values: dict[str, Any]) -> None:
    """Write columns of an account within a transaction; raises NotFoundError without one."""
    statement = update(accounts).where(accounts.c.id == account_id).values(**values)
    if not connection.execute(statement).rowcount:
        raise NotFoundError(f"there is no account {account_id!r}")


def checked_role(role: str) -> str:
    """The role, or InvalidInputError where there is no such."""
    if role not in ROLES:
        raise InvalidInputError(f"role must be one of {', '.join(ROLES)}, got {role!r}")
    return role


def checked_hash(token_hash: str) -> str:
    """The SHA-256 in lower-case hex, or InvalidInputError."""
    if not _HASH.fullmatch(token_hash):  # a token stored by mistake would be a leak
        raise InvalidInputError("token_hash must be a SHA-256 in lower-case hex")
    return token_hash
