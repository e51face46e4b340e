"""Invitations: an administrator makes a link for one use, whoever has it chooses name and password.

A link of the same kind gives an account that exists a new password, so that nobody else knows it.
Tokens are 256 random bits, shown once; the store keeps their SHA-256 only.
"""

import secrets
import time
from collections.abc import Callable
from datetime import timedelta

from msgspec import Struct

from segue.errors import ForbiddenError, InvalidInputError, NotFoundError
from segue.services.accounts import check_name, digest
from segue.services.passwords import check_password_rules, hash_password
from segue.services.throttling import Throttle
from segue.settings import Settings
from segue.store.accounts import Account, Accounts, Role
from segue.store.catalog_records import Page
from segue.store.invitations import Invitation, Invitations, InvitationState
from segue.store.people import People

DEFAULT_DAYS, MAX_DAYS = 7, 30
PASSWORD_LINK_DAYS = 2
MAX_TOKEN_LENGTH = 128
CLOSED: dict[InvitationState, str] = {
    "used": "this link was used already; each works once, so ask for a new one if that was not you",
    "revoked": "this link was taken back; ask whoever sent it for a new one",
    "expired": "this link is too old; ask whoever sent it for a new one",
}


class NewInvitation(Struct, frozen=True, kw_only=True):
    """A new link with its token, which is never shown again; ``path`` is of this server."""

    invitation: Invitation
    token: str

    @property
    def path(self) -> str:
        """Where the link leads."""
        return f"/join?token={self.token}"


class InvitationView(Struct, frozen=True, kw_only=True):
    """A link as administrators see it, names in place of ids."""

    id: str
    state: InvitationState
    role: Role
    note: str
    made_by: str
    for_name: str
    used_by: str
    created_at: float
    expires_at: float
    used_at: float | None


class Door(Struct, frozen=True, kw_only=True):
    """What a link opens: ``for_name`` is the account that gets a password, "" for a new one."""

    made_by: str
    role: Role
    for_name: str


class InvitationService:
    """Links for one use.

    Args:
        store: Rows of the links.
        people: Names.
        accounts: Where failures are counted.
        settings: Tries per window.
        clock: Unix time (s).
    """

    def __init__(
        self,
        store: Invitations,
        people: People,
        accounts: Accounts,
        settings: Settings,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._people = people
        self._clock = clock
        self._throttle = Throttle(accounts, settings.login_tries, "links that are not known")

    def invite(
        self, made_by: str, role: Role = "listener", note: str = "", days: int = DEFAULT_DAYS
    ) -> NewInvitation:
        """A link that makes one account.

        Args:
            made_by: Id of the administrator.
            role: What the new account may do.
            note: For whom it is; only administrators read it.
            days: For how long it is open, 1..30.

        Raises:
            InvalidInputError: A role or a number of days that is not allowed.
            ConflictError: Too many links are open.
        """
        if not 1 <= days <= MAX_DAYS:
            raise InvalidInputError(f"an invitation is open for 1 to {MAX_DAYS} days, not {days}")
        token, lifetime_s = secrets.token_urlsafe(32), timedelta(days=days).total_seconds()
        made = self._store.create(
            digest(token), made_by, self._clock(), lifetime_s, role=role, note=note
        )
        return NewInvitation(invitation=made, token=token)

    def password_link(self, made_by: str, account: Account) -> NewInvitation:
        """A link by which the owner of an account chooses a new password within two days.

        An earlier one for the account ends; the old password works until the link is used.
        """
        token = secrets.token_urlsafe(32)
        made = self._store.create(
            digest(token), made_by, self._clock(),
            timedelta(days=PASSWORD_LINK_DAYS).total_seconds(), role=account.role,
            for_id=account.id,
        )  # fmt: skip
        return NewInvitation(invitation=made, token=token)

    def list(self, limit: int = 50) -> "tuple[InvitationView, ...]":
        """The newest links, the newest first."""
        return self.page(limit=limit).items

    def page(self, cursor: str | None = None, limit: int = 50) -> Page[InvitationView]:
        """Links, the newest first."""
        page, now = self._store.page(cursor, limit), self._clock()
        found = page.items
        ids = {id_ for one in found for id_ in (one.made_by, one.for_id, one.used_by) if id_}
        names = self._people.names(ids)
        items = tuple(
            InvitationView(
                id=one.id, state=one.state(now), role=one.role, note=one.note,
                made_by=names.get(one.made_by, ""), for_name=names.get(one.for_id or "", ""),
                used_by=names.get(one.used_by or "", ""), created_at=one.created_at,
                expires_at=one.expires_at, used_at=one.used_at,
            )
            for one in found
        )  # fmt: skip
        return Page(items, page.next_cursor)

    def revoke(self, invitation_id: str) -> None:
        """Take a link back; one that was used stays used.

        Raises:
            NotFoundError: No such link.
        """
        self._store.revoke(invitation_id, self._clock())

    def look(self, token: str, address: str) -> Door:
        """What an open link is for.

        Raises:
            NotFoundError: No such link.
            ForbiddenError: It was used, taken back or is too old; the message says which.
            ThrottledError: Too many unknown links from this address.
        """
        found = self._opened(token, address)
        names = self._people.names({found.made_by, found.for_id or found.made_by})
        return Door(
            made_by=names.get(found.made_by, ""),
            role=found.role,
            for_name=names.get(found.for_id, "") if found.for_id else "",
        )

    def use(self, token: str, name: str, password: str, address: str) -> Account:
        """Make the account of a link, or give its account the password.

        Args:
            token: Of the link.
            name: Of the new account; not asked for with a new password.
            password: At least as the rules say.
            address: Where the try comes from.

        Raises:
            NotFoundError: No such link.
            ForbiddenError: It is not open any more.
            ConflictError: The name is taken; the link stays open.
            InvalidInputError: Name or password break the rules; the link stays open.
            ThrottledError: Too many unknown links from this address.
        """
        found = self._opened(token, address)
        hashed, now = digest(token.strip()), self._clock()
        if found.for_id is None:
            name = check_name(name)
            check_password_rules(password, name)
            return self._store.join(hashed, name, hash_password(password), now)
        owner = self._people.get(found.for_id)
        check_password_rules(password, owner.name if owner else "")
        return self._store.new_password(hashed, hash_password(password), now)

    def _opened(self, token: str, address: str) -> Invitation:
        keys, now = (f"invitation:{address}",), self._clock()
        self._throttle.refuse_guessing(keys, now)
        token = token.strip()
        found = self._store.find(digest(token)) if 0 < len(token) <= MAX_TOKEN_LENGTH else None
        if found is None:
            self._throttle.failed(keys, now)
            raise NotFoundError("this link is not known here; ask whoever sent it for a new one")
        state = found.state(now)
        if state != "open":
            raise ForbiddenError(CLOSED[state])
        return found
