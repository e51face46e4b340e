"""Links for one use: somebody makes an account with one, or chooses a new password.

Only the SHA-256 of a token is kept. Of several who use one link at once, exactly one succeeds: the
row is taken in the transaction that makes the account.
"""

from typing import Any, Literal, TypeAlias

from msgspec import Struct
from sqlalchemy import func, insert, select, tuple_, update
from sqlalchemy.engine import Connection

from segue.errors import ConflictError, ForbiddenError, NotFoundError
from segue.store import sessions
from segue.store.accounts import (
    Account,
    NewAccount,
    Role,
    change_account,
    checked_hash,
    checked_role,
    insert_account,
    read_account,
)
from segue.store.admin_tables import invitations
from segue.store.batches import checked_limit, decode_cursor, encode_cursor
from segue.store.catalog_records import Page
from segue.store.engine import Database
from segue.store.folding import clean
from segue.store.ids import IdFactory, new_id
from segue.store.tables import accounts

MAX_OPEN = 200
MAX_NOTE_LENGTH = 100
InvitationState: TypeAlias = Literal["open", "used", "revoked", "expired"]


class Invitation(Struct, frozen=True, kw_only=True):
    """One link. ``for_id`` is the account that gets a new password, None where one is made."""

    id: str
    role: Role
    note: str
    made_by: str
    for_id: str | None
    created_at: float
    expires_at: float
    revoked_at: float | None
    used_at: float | None
    used_by: str | None

    def state(self, now: float) -> InvitationState:
        """What became of it until a time, Unix s."""
        if self.used_at is not None:
            return "used"
        if self.revoked_at is not None:
            return "revoked"
        return "open" if now < self.expires_at else "expired"


class Invitations:
    """The links of one database."""

    def __init__(self, db: Database, ids: IdFactory = new_id) -> None:
        self._db = db
        self._ids = ids

    def create(
        self,
        token_hash: str,
        made_by: str,
        now: float,
        lifetime_s: float,
        *,
        role: Role = "listener",
        note: str = "",
        for_id: str | None = None,
    ) -> Invitation:
        """Keep a new link by the SHA-256 of its token; an earlier one for the same account ends.

        Raises:
            NotFoundError: No account ``for_id``.
            ConflictError: Too many links are open.
        """
        made = Invitation(
            id=self._ids(), role=role, note=clean(note, MAX_NOTE_LENGTH), made_by=made_by,
            for_id=for_id, created_at=now, expires_at=now + lifetime_s, revoked_at=None,
            used_at=None, used_by=None,
        )  # fmt: skip
        checked_role(role)
        row = _row(made) | {"token_hash": checked_hash(token_hash)}

        def run(connection: Connection) -> None:
            if for_id is not None:
                _end_earlier(connection, for_id, now)
            n_open = select(func.count()).select_from(invitations).where(*_is_open(now))
            if connection.execute(n_open).scalar_one() >= MAX_OPEN:
                raise ConflictError(f"{MAX_OPEN} links are open already; take one back first")
            connection.execute(insert(invitations), [row])

        self._db.write(run)
        return made

    def page(self, cursor: str | None = None, limit: int = 50) -> Page[Invitation]:
        """Links, the newest first."""
        key = (invitations.c.created_at, invitations.c.id)
        statement = select(invitations).order_by(*(column.desc() for column in key))
        if cursor is not None:
            statement = statement.where(tuple_(*key) < tuple_(*decode_cursor(cursor, float)))
        statement = statement.limit(checked_limit(limit) + 1)
        with self._db.read() as connection:
            found = [_invitation(row) for row in connection.execute(statement).mappings()]
        items = tuple(found[:limit])
        more = len(found) > limit
        return Page(items, encode_cursor(items[-1].created_at, items[-1].id) if more else None)

    def find(self, token_hash: str) -> Invitation | None:
        """The link of a token, whatever became of it."""
        with self._db.read() as connection:
            return _find(connection, token_hash)

    def revoke(self, invitation_id: str, now: float) -> Invitation:
        """Take a link back; one that was used or taken back stays as it is.

        Raises:
            NotFoundError: No such link.
        """
        of_link = invitations.c.id == invitation_id
        still = invitations.c.used_at.is_(None) & invitations.c.revoked_at.is_(None)

        def run(connection: Connection) -> Invitation:
            connection.execute(update(invitations).where(of_link, still).values(revoked_at=now))
            row = connection.execute(select(invitations).where(of_link)).mappings().first()
            if row is None:
                raise NotFoundError(f"there is no invitation {invitation_id!r}")
            return _invitation(row)

        return self._db.write(run)

    def join(self, token_hash: str, name: str, password_hash: str, now: float) -> Account:
        """Use a link up for a new account.

        Raises:
            ForbiddenError: It is not open, or is not for a new account.
            ConflictError: The name is taken; the link stays open.
        """

        def run(connection: Connection) -> Account:
            found = _take(connection, token_hash, now)
            if found.for_id is not None:
                raise ForbiddenError("this link is for a new password, not for a new account")
            new = NewAccount(name=name, password_hash=password_hash, role=found.role)
            made = insert_account(connection, new, self._ids(), now)
            _note_user(connection, found.id, made.id)
            return made

        return self._db.write(run)

    def new_password(self, token_hash: str, password_hash: str, now: float) -> Account:
        """Use a link up for a new password; all sessions of the account end.

        Raises:
            ForbiddenError: It is not open, or is for a new account; or the account is closed.
        """

        def run(connection: Connection) -> Account:
            found = _take(connection, token_hash, now)
            account = read_account(connection, accounts.c.id == found.for_id)
            if account is None or account.is_disabled:
                raise ForbiddenError("this link is not for an account that is open")
            change_account(connection, account.id, {"password_hash": password_hash})
            sessions.delete_all(connection, account.id)
            _note_user(connection, found.id, account.id)
            return account

        return self._db.write(run)


def _take(connection: Connection, token_hash: str, now: float) -> Invitation:
    taken = update(invitations).where(invitations.c.token_hash == token_hash, *_is_open(now))
    if connection.execute(taken.values(used_at=now)).rowcount != 1:
        raise ForbiddenError("this link is not open any more; ask for a new one")
    found = _find(connection, token_hash)
    assert found is not None
    return found


def _is_open(now: float) -> tuple[Any, ...]:
    return (
        invitations.c.used_at.is_(None),
        invitations.c.revoked_at.is_(None),
        invitations.c.expires_at > now,
    )


def _end_earlier(connection: Connection, for_id: str, now: float) -> None:
    exists = select(accounts.c.id).where(accounts.c.id == for_id)
    if connection.execute(exists).first() is None:
        raise NotFoundError(f"there is no account {for_id!r}")
    earlier = update(invitations).where(invitations.c.for_id == for_id, *_is_open(now))
    connection.execute(earlier.values(revoked_at=now))


def _note_user(connection: Connection, invitation_id: str, account_id: str) -> None:
    used = update(invitations).where(invitations.c.id == invitation_id)
    connection.execute(used.values(used_by=account_id))


def _find(connection: Connection, token_hash: str) -> Invitation | None:
    statement = select(invitations).where(invitations.c.token_hash == token_hash)
    row = connection.execute(statement).mappings().first()
    return None if row is None else _invitation(row)


def _row(invitation: Invitation) -> dict[str, Any]:
    return {name: getattr(invitation, name) for name in Invitation.__struct_fields__}


def _invitation(row: Any) -> Invitation:
    return Invitation(**{name: row[name] for name in Invitation.__struct_fields__})
