"""When something that is done once a day is due, also after days on which the machine was off."""

from datetime import UTC, datetime, timedelta


def daily_due(hour: int, last: float | None, now: float) -> bool:
    """Whether a daily hour has passed since something was done last.

    Args:
        hour: Of the local day, 0..23.
        last: When it was done last, Unix time (s); None when never.
        now: Unix time (s).

    >>> noon = datetime.fromisoformat("2026-11-27T12:00").timestamp()
    >>> daily_due(4, noon - 86_400, noon), daily_due(4, noon - 3_600, noon)
    (True, False)
    """
    return last is None or last < latest(hour, now)


def latest(hour: int, now: float) -> float:
    """The newest moment not after now at which the clock here showed that hour, Unix time (s)."""
    here = datetime.fromtimestamp(now, UTC).astimezone().replace(tzinfo=None)
    at = here.replace(hour=hour, minute=0, second=0, microsecond=0)  # of the zone of this machine
    if at.timestamp() > now:
        at -= timedelta(days=1)
    return at.timestamp()
