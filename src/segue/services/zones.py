"""Whose clock shows what: the time zone of each listener, and that of the server for the others."""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from segue.errors import InvalidInputError, NotFoundError
from segue.store.accounts import Accounts

CHECK_AGAIN_S = 5.0  # another process may have kept another zone
MAX_CACHED = 4_096
MAX_NAME_LENGTH = 64
_NO_PLACES = ("Etc/", "SystemV/", "US/", "posix/", "right/")


class MachineZone(tzinfo):
    """The zone of this machine, with its summer time, whatever it is called.

    Python gives the local zone as a fixed offset of one moment only; this asks anew for each.
    """

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        """The offset of the local clock at a local time."""
        return None if dt is None else dt.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, dt: datetime | None) -> timedelta | None:
        """Not known apart from the offset."""
        return None

    def tzname(self, dt: datetime | None) -> str | None:
        """What the machine calls it."""
        return None if dt is None else dt.replace(tzinfo=None).astimezone().tzname()

    def fromutc(self, dt: datetime) -> datetime:
        """The local time of a moment."""
        return dt.replace(tzinfo=UTC).astimezone().replace(tzinfo=self)


def zone_named(name: str) -> tzinfo:
    """A zone of the IANA database; always the same object for a name.

    Raises:
        InvalidInputError: There is none of that name.

    >>> zone_named("Europe/Berlin").key
    'Europe/Berlin'
    """
    try:
        if len(name) > MAX_NAME_LENGTH:
            raise ValueError(name)
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError) as error:  # not there, a folder, a way out of the folder
        raise InvalidInputError(
            f"time_zone must be a name such as Europe/Berlin, got {name[:MAX_NAME_LENGTH]!r}"
        ) from error


def zone_names() -> list[str]:
    """Places to choose from, by name, without the old names and the signs of offsets."""
    places = (name for name in available_timezones() if "/" in name)
    return sorted(name for name in places if not name.startswith(_NO_PLACES))


class Zones:
    """The zone of each listener.

    Args:
        accounts: Keeps the names.
        default: Of those who have none: an IANA name, or "" for the zone of this machine.
        clock: Unix time (s).

    Raises:
        InvalidInputError: There is no such default.
    """

    def __init__(
        self, accounts: Accounts, default: str = "", clock: Callable[[], float] = time.time
    ) -> None:
        self._accounts = accounts
        self._clock = clock
        self.default: tzinfo = zone_named(default) if default else MachineZone()
        self._known: dict[str, tuple[float, tzinfo]] = {}
        self._lock = threading.Lock()

    def of(self, listener_id: str) -> tzinfo:
        """The zone of a listener; the same object while it is the same zone."""
        now = self._clock()
        with self._lock:
            known = self._known.get(listener_id)
        if known is not None and 0 <= now - known[0] < CHECK_AGAIN_S:
            return known[1]
        account = self._accounts.get(listener_id)
        zone = self._zone(account.time_zone if account else "")
        with self._lock:
            if len(self._known) >= MAX_CACHED:
                self._known.clear()
            self._known[listener_id] = (now, zone)
        return zone

    def of_all(self) -> Mapping[str, tzinfo]:
        """The zone of every listener, for training."""
        return {account.id: self._zone(account.time_zone) for account in self._accounts.list()}

    def keep(self, listener_id: str, name: str, *, only_first: bool = False) -> str:
        """Keep the zone of a listener, "" for that of the server; returns the name that holds.

        Args:
            listener_id: Whose.
            name: An IANA name such as "Europe/Berlin", or "".
            only_first: Leave a zone that is known already: what a browser reports by itself never
                replaces what was chosen.

        Raises:
            InvalidInputError: There is no such zone.
            NotFoundError: No such account.
        """
        if name:
            zone_named(name)
        account = self._accounts.get(listener_id)
        if account is None:
            raise NotFoundError(f"there is no account {listener_id!r}")
        if only_first and account.time_zone:
            return account.time_zone
        self._accounts.set_time_zone(listener_id, name)
        with self._lock:
            self._known.pop(listener_id, None)
        return name

    def _zone(self, name: str) -> tzinfo:
        try:
            return zone_named(name) if name else self.default
        except InvalidInputError:  # the database of zones of this machine knows it no longer
            return self.default
