"""Passwords: Argon2id (RFC 9106) with OWASP's least parameters, two at once at most.

One verification costs tens of milliseconds and 19 MiB, so the number that run together is bounded;
an unknown name is checked against a decoy hash, so that it takes as long as a known one.
"""

import threading

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError
from pwdlib.hashers.argon2 import Argon2Hasher

from segue.errors import InvalidInputError

MIN_LENGTH = 10
MAX_LENGTH = 128
_AT_ONCE = threading.BoundedSemaphore(2)
_HASHER = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))
_TOO_COMMON = frozenset(
    "1234567890 0123456789 qwertyuiop password12 password123 passwordpassword letmeinplease "
    "1q2w3e4r5t iloveyou123 administrator 1111111111 0000000000 abcdefghij musicmusic".split()
)


def check_password_rules(password: str, name: str) -> None:
    """Raise :class:`InvalidInputError` unless the password may be used by this account."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise InvalidInputError(
            f"a password has {MIN_LENGTH} to {MAX_LENGTH} characters, this one has {len(password)}"
        )
    plain = password.casefold()
    if plain in _TOO_COMMON or len(set(plain)) < 4 or plain == name.casefold():
        raise InvalidInputError("this password is one of the first that an attacker would try")


def hash_password(password: str) -> str:
    """Argon2id hash in PHC string form, with a fresh salt."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def verify_password(password: str, password_hash: str | None) -> bool:
    """Whether the password fits; with ``None`` (no such account) False after the same work."""
    with _AT_ONCE:
        try:
            fits = _HASHER.verify(password, password_hash or _decoy())
        except PwdlibError:
            return False
    return fits and password_hash is not None


def _decoy(known: list[str] = []) -> str:  # noqa: B006 (one decoy for the life of the process)
    if not known:
        known.append(_HASHER.hash("a password that no account has"))
    return known[0]
