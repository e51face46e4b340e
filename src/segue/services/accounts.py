"""Who may come in: sign-up, sign-in, sessions, the first administrator, and throttling of guesses.

Tokens are 256 random bits, shown once; the store keeps their SHA-256 only.
"""

import hashlib
import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Literal

from segue.errors import (
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    NotSignedInError,
    ThrottledError,
)
from segue.services.passwords import check_password_rules, hash_password, verify_password
from segue.settings import Settings
from segue.store.accounts import Account, Accounts

SETUP_TOKEN_LIFE_S = timedelta(hours=24).total_seconds()
THROTTLE_WINDOW_S = timedelta(minutes=15).total_seconds()
MAX_NAME_LENGTH = 64
Role = Literal["admin", "listener"]


class AccountService:
    """Accounts and sessions.

    Args:
        store: Rows of accounts and sessions.
        settings: Sign-up rule, session lives, tries per window.
        clock: Unix time (s).
    """

    def __init__(
        self, store: Accounts, settings: Settings, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock

    @property
    def sign_up_is_open(self) -> bool:
        """Whether visitors may make accounts themselves."""
        return self._settings.sign_up == "open"

    def needs_setup(self) -> bool:
        """True until the first administrator exists."""
        return not self._store.has_admin()

    def make_setup_token(self) -> str:
        """A new one-time token for the first administrator; earlier ones end.

        Raises:
            ForbiddenError: There is an administrator already.
        """
        if not self.needs_setup():
            raise ForbiddenError("there is an administrator already; ask them for an account")
        token = secrets.token_urlsafe(32)
        self._store.put_setup_token(digest(token), expires_at=self._clock() + SETUP_TOKEN_LIFE_S)
        return token

    def claim_setup(self, token: str, name: str, password: str) -> Account:
        """Make the first administrator. Of several who try at once, exactly one succeeds.

        Raises:
            NotFoundError: The token is wrong, used or too old.
        """
        name = check_name(name)
        check_password_rules(password, name)
        account = self._store.claim_setup(
            digest(token.strip()), name=name, password_hash=hash_password(password),
            now=self._clock(),
        )  # fmt: skip
        if account is None:
            raise NotFoundError(
                "this setup token is wrong, used or older than a day; "
                "restart Segue to have a new one printed"
            )
        return account

    def sign_up(self, name: str, password: str) -> Account:
        """Make a listener's account for a visitor.

        Raises:
            ForbiddenError: The administrator keeps sign-up closed.
            ConflictError: The name is taken.
        """
        if not self.sign_up_is_open:
            raise ForbiddenError("sign-up is closed here; ask the administrator for an account")
        return self.create(name, password)

    def create(self, name: str, password: str, role: Role = "listener") -> Account:
        """Make an account.

        Raises:
            ConflictError: The name is taken.
            InvalidInputError: Name or password break the rules.
        """
        name = check_name(name)
        check_password_rules(password, name)
        return self._store.create(
            name=name, password_hash=hash_password(password), role=role, now=self._clock()
        )

    def sign_in(self, name: str, password: str, address: str) -> tuple[Account, str]:
        """Check a password and open a session; returns the account and the session token.

        Raises:
            NotSignedInError: Name and password do not fit; which of them is wrong is not said.
            ThrottledError: Too many failures for this name or from this address.
        """
        keys = (f"name:{name.casefold()[:MAX_NAME_LENGTH]}", f"address:{address}")
        now = self._clock()
        self._refuse_guessing(keys, now)
        account = self._store.by_name(name)
        known_hash = None if account is None or account.disabled else account.password_hash
        if not verify_password(password[:1024], known_hash) or account is None:
            self._store.record_login_failure(keys, now=now)
            raise NotSignedInError("name and password do not fit together")
        self._store.clear_login_failures(keys)
        return account, self.open_session(account)

    def open_session(self, account: Account) -> str:
        """A new session token for an account."""
        token = secrets.token_urlsafe(32)
        now = self._clock()
        self._store.create_session(
            digest(token), account.id, now=now,
            expires_at=now + timedelta(days=self._settings.session_max_days).total_seconds(),
        )  # fmt: skip
        return token

    def of_session(self, token: str) -> Account | None:
        """The account of a session token, or None when it ended, is unknown or is disabled."""
        if not token or len(token) > 128:
            return None
        idle_s = timedelta(days=self._settings.session_idle_days).total_seconds()
        return self._store.by_session(digest(token), now=self._clock(), idle_s=idle_s)

    def sign_out(self, token: str) -> None:
        """End one session."""
        self._store.delete_session(digest(token))

    def set_password(self, account_id: str, password: str) -> None:
        """Change a password and end all sessions of the account."""
        account = self.get(account_id)
        check_password_rules(password, account.name)
        self._store.set_password_hash(account.id, hash_password(password))
        self._store.delete_sessions_of(account.id)

    def get(self, account_id: str) -> Account:
        """An account by id.

        Raises:
            NotFoundError: No such account.
        """
        account = self._store.get(account_id)
        if account is None:
            raise NotFoundError(f"no account {account_id!r}")
        return account

    def by_name(self, name: str) -> Account:
        """An account by name, for administrators.

        Raises:
            NotFoundError: No such account.
        """
        account = self._store.by_name(name)
        if account is None:
            raise NotFoundError(f"no account is called {name!r}")
        return account

    def all(self) -> list[Account]:
        """All accounts, for administrators."""
        return self._store.list_all()

    def disable(self, account_id: str, *, disabled: bool = True) -> None:
        """Close or reopen an account; closing ends its sessions."""
        self.get(account_id)
        self._store.set_disabled(account_id, disabled=disabled)
        if disabled:
            self._store.delete_sessions_of(account_id)

    def _refuse_guessing(self, keys: tuple[str, ...], now: float) -> None:
        since = now - THROTTLE_WINDOW_S
        for key in keys:
            failures = self._store.login_failures(key, since=since)
            excess = failures.count - self._settings.login_tries
            if excess >= 0:
                wait_s = min(2.0**excess, THROTTLE_WINDOW_S) - (now - failures.last_at)
                if wait_s > 0:
                    raise ThrottledError(
                        f"too many failed sign-ins; try again in {max(1, round(wait_s))} s", wait_s
                    )


def digest(token: str) -> str:
    """SHA-256 of a token, hexadecimal: what the store keeps."""
    return hashlib.sha256(token.encode()).hexdigest()


def check_name(name: str) -> str:
    """The name without outer blanks.

    Raises:
        InvalidInputError: It is empty, too long, or has characters that cannot be seen.
    """
    name = " ".join(name.split())
    if not 1 <= len(name) <= MAX_NAME_LENGTH or not name.isprintable():
        raise InvalidInputError(
            f"a name has 1 to {MAX_NAME_LENGTH} visible characters, got {len(name)}"
        )
    return name
