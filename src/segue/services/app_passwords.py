"""App passwords: what music apps and scripts sign in with, instead of the password of the account.

One lets an app play, listen and say what is liked; what concerns the account itself (its password,
other app passwords, taking and deleting everything) needs a session of the owner.
"""

import secrets
import time
from collections.abc import Callable

from msgspec import Struct

from segue.errors import ForbiddenError, NotFoundError
from segue.services.accounts import Caller, digest
from segue.store.accounts import Accounts
from segue.store.app_tokens import AppToken, AppTokens
from segue.store.sessions import Session

PREFIX = "segue_"  # so that one is known for what it is when it turns up where it should not


class NewAppPassword(Struct, frozen=True, kw_only=True):
    """A new one with its secret, which is never shown again."""

    token: AppToken
    secret: str


class AppPasswordService:
    """App passwords and sessions as their owner sees and ends them.

    Args:
        tokens: What is kept of app passwords.
        accounts: Sessions.
        clock: Unix time (s).
    """

    def __init__(
        self, tokens: AppTokens, accounts: Accounts, clock: Callable[[], float] = time.time
    ) -> None:
        self._tokens = tokens
        self._accounts = accounts
        self._clock = clock

    def make(self, account_id: str, name: str) -> NewAppPassword:
        """A new app password: 256 random bits; only its SHA-256 is kept.

        Raises:
            InvalidInputError: A name of wrong length.
            ConflictError: There are too many.
        """
        secret = PREFIX + secrets.token_urlsafe(32)
        token = self._tokens.create(account_id, name, digest(secret), self._clock())
        return NewAppPassword(token=token, secret=secret)

    def of(self, account_id: str) -> list[AppToken]:
        """App passwords of an account, the newest first."""
        return self._tokens.of(account_id)

    def end(self, account_id: str, token_id: str) -> None:
        """End one; the app that uses it is out within a second.

        Raises:
            NotFoundError: No such app password, or another listener's.
        """
        if not self._tokens.end(account_id, token_id):
            raise NotFoundError(f"there is no app password {token_id!r}")

    def caller_of(self, secret: str) -> Caller | None:
        """Whose an app password is, None when it is none; an administrator's manages nothing."""
        if not secret.startswith(PREFIX) or len(secret) > 128:
            return None
        found = self._tokens.find(digest(secret), self._clock())
        if found is None:
            return None
        return Caller(id=found.account_id, name=found.name, role="listener", session_id="")

    def sessions_of(self, account_id: str) -> tuple[Session, ...]:
        """Open sessions of an account, the newest first."""
        return self._accounts.sessions_of(account_id)

    def end_session(self, account_id: str, session_id: str) -> None:
        """End one session.

        Raises:
            NotFoundError: No such session, or another listener's.
        """
        if not self._accounts.delete_session(account_id, session_id):
            raise NotFoundError(f"there is no session {session_id!r}")

    def end_other_sessions(self, caller: Caller) -> int:
        """End all sessions but the one that asks; how many."""
        return self._accounts.delete_sessions_of(caller.id, except_id=caller.session_id)


def require_session(caller: Caller) -> None:
    """Raise :class:`ForbiddenError` when it is an app that asks, not its owner."""
    if not caller.session_id:
        raise ForbiddenError("an app password cannot do this; sign in with your own password")
