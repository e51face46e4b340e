"""Who may come in: sign-up, sign-in, sessions, the first administrator, and throttling of guesses.

Tokens are 256 random bits, shown once; the store keeps their SHA-256 only.
"""

import hashlib
import secrets
import time
from collections.abc import Callable
from datetime import timedelta

from msgspec import Struct

from segue.errors import (
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    NotSignedInError,
)
from segue.services.passwords import check_password_rules, hash_password, verify_password
from segue.services.throttling import Throttle
from segue.settings import Settings
from segue.store.accounts import Account, Accounts, NewAccount, Role

SETUP_TOKEN_LIFE_S = timedelta(hours=24).total_seconds()
MAX_NAME_LENGTH = 64


class Caller(Struct, frozen=True, kw_only=True):
    """Who a request comes from: an account and the session it came with."""

    id: str
    name: str
    role: str
    session_id: str
    language: str = ""  # of the pages; "" is what the browser asks for
    time_zone: str = ""  # an IANA name; "" is that of the server


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
        self._throttle = Throttle(store, settings.login_tries)
        self.of_app_password: Callable[[str], Caller | None] = lambda _secret: None

    @property
    def sign_up_is_open(self) -> bool:
        """Whether visitors may make accounts themselves."""
        return self._settings.sign_up == "open"

    def needs_setup(self) -> bool:
        """True until the first administrator exists."""
        return self._store.needs_setup()

    def make_setup_token(self) -> str:
        """A new one-time token for the first administrator; earlier ones end.

        Raises:
            ForbiddenError: There is an administrator already.
        """
        if not self.needs_setup():
            raise ForbiddenError("there is an administrator already; ask them for an account")
        token = secrets.token_urlsafe(32)
        self._store.add_setup_token(digest(token), self._clock(), SETUP_TOKEN_LIFE_S)
        return token

    def claim_setup(self, token: str, name: str, password: str) -> Account:
        """Make the first administrator. Of several who try at once, exactly one succeeds.

        Raises:
            ForbiddenError: The token is wrong, used or too old, or there is an admin already.
        """
        name = check_name(name)
        check_password_rules(password, name)
        first = NewAccount(name=name, password_hash=hash_password(password), role="admin")
        return self._store.claim_setup(digest(token.strip()), first, self._clock())

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
        new = NewAccount(name=name, password_hash=hash_password(password), role=role)
        return self._store.create(new, self._clock())

    def create_without_password(self, name: str) -> Account:
        """Make an account that nobody can sign in to, for planted listeners.

        Raises:
            ConflictError: The name is taken.
        """
        new = NewAccount(name=check_name(name), password_hash=None)
        return self._store.create(new, self._clock())

    def sign_in(
        self, name: str, password: str, address: str, client: str = ""
    ) -> tuple[Account, str]:
        """Check a password and open a session; returns the account and the session token.

        Raises:
            NotSignedInError: Name and password do not fit; which of them is wrong is not said.
            ThrottledError: Too many failures for this name or from this address.
        """
        account = self._checked(name, password, address)
        return account, self.open_session(account, client)

    def _checked(self, name: str, password: str, address: str) -> Account:
        account = self._store.by_name(name)
        # the store reads "ada" and "ada\0" alike, so each spelling must not have tries of its own
        spelling = account.name if account else name[:MAX_NAME_LENGTH]
        keys = (f"name:{spelling.casefold()}", f"address:{address}")
        now = self._clock()
        self._throttle.refuse_guessing(keys, now)
        known_hash = None if account is None or account.is_disabled else account.password_hash
        if not verify_password(password[:1024], known_hash) or account is None:
            self._throttle.failed(keys, now)
            raise NotSignedInError("name and password do not fit together")
        self._throttle.worked(keys[0])  # an address keeps its count: it may try others
        return account

    def open_session(self, account: Account, client: str = "") -> str:
        """A new session token for an account; ``client`` is what its owner will know it by."""
        token = secrets.token_urlsafe(32)
        now = self._clock()
        max_s = timedelta(days=self._settings.session_max_days).total_seconds()
        self._store.create_session(account.id, digest(token), now, max_s, client)
        return token

    def of_session(self, token: str) -> Caller | None:
        """Whose session a token is, or None when it ended, is unknown or its account closed."""
        if not token or len(token) > 128:
            return None
        idle_s = timedelta(days=self._settings.session_idle_days).total_seconds()
        found = self._store.find_session(digest(token), self._clock(), idle_s)
        if found is None:
            return self.of_app_password(token)
        return Caller(id=found.account_id, name=found.name, role=found.role,
                      session_id=found.session.id, language=found.language,
                      time_zone=found.time_zone)  # fmt: skip

    def rename(self, account_id: str, name: str) -> None:
        """Give an account another name.

        Raises:
            ConflictError: The name is taken.
            InvalidInputError: It cannot be a name.
        """
        self._store.rename(account_id, check_name(name))

    def speak(self, account_id: str, language: str) -> None:
        """Keep the language in which an account reads the pages, "" for what the browser asks for.

        Raises:
            InvalidInputError: It is no tag of a language (BCP 47).
        """
        self._store.set_language(account_id, language)

    def confirm(self, caller: Caller, password: str, address: str) -> None:
        """Have the one who is signed in say the password again, before what cannot be undone.

        Raises:
            ForbiddenError: It is not the password of the account, or the account has none.
            ThrottledError: Too many failures.
        """
        try:
            self._checked(caller.name, password, address)
        except NotSignedInError as error:
            raise ForbiddenError("that is not your password") from error

    def sign_out(self, caller: Caller) -> None:
        """End the session of a caller."""
        self._store.delete_session(caller.id, caller.session_id)

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

    def all(self) -> tuple[Account, ...]:
        """All accounts, for administrators."""
        return self._store.list()

    def disable(self, account_id: str, *, disabled: bool = True) -> None:
        """Close or reopen an account; closing ends its sessions."""
        self._store.disable(account_id, is_disabled=disabled)

    def set_role(self, account_id: str, role: Role) -> None:
        """Change what an account may do, from its next request on.

        Raises:
            NotFoundError: No such account.
            ConflictError: It is the last admin.
        """
        self._store.set_role(account_id, role)


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
