"""Guesses of secrets made slow: after so many failures under a key, tries must wait longer each."""

from collections.abc import Iterable
from datetime import timedelta

from segue.errors import ThrottledError
from segue.store.accounts import Accounts

THROTTLE_WINDOW_S = timedelta(minutes=15).total_seconds()


class Throttle:
    """Failures are rows, so they count in every process and after a restart.

    Args:
        store: Where failures are kept.
        tries: Failures under one key in 15 minutes before tries must wait.
        what: What failed, in the plural, for the message.
    """

    def __init__(self, store: Accounts, tries: int, what: str = "failed sign-ins") -> None:
        self._store = store
        self._tries = tries
        self._what = what

    def refuse_guessing(self, keys: Iterable[str], now: float) -> None:
        """Let pass, or say when to come back.

        Raises:
            ThrottledError: Too many failures under one of the keys.
        """
        for key in keys:
            failures = self._store.count_login_failures(key, now - THROTTLE_WINDOW_S)
            excess = failures - self._tries
            if excess < 0:
                continue
            wait_s = min(2.0 ** min(excess, 16), THROTTLE_WINDOW_S)
            if self._store.count_login_failures(key, now - wait_s):
                raise ThrottledError(
                    f"too many {self._what}; try again in {max(1, round(wait_s))} s", wait_s
                )

    def failed(self, keys: Iterable[str], now: float) -> None:
        """Note a failure under each key."""
        for key in keys:
            self._store.record_login_failure(key, now)

    def worked(self, key: str) -> None:
        """Forget the failures of a key."""
        self._store.clear_login_failures(key)
