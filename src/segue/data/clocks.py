"""What a clock shows at a moment: zones as :class:`datetime.tzinfo`, moments as Unix time (s)."""

from datetime import UTC, datetime, tzinfo


def utc_offset_s(zone: tzinfo, at: float) -> float:
    """Seconds that a zone's clock is ahead of UTC at a moment, with its summer time.

    >>> from datetime import timedelta, timezone
    >>> utc_offset_s(timezone(timedelta(hours=-3, minutes=-30)), 0.0)
    -12600.0
    """
    offset = datetime.fromtimestamp(at, UTC).astimezone(zone).utcoffset()
    return offset.total_seconds() if offset is not None else 0.0
