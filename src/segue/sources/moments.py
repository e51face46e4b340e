"""Times as exports write them: Unix time in four units, ISO 8601, and a few spelled-out forms."""

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from segue.sources.values import shown

EARLIEST_S = 631_152_000.0  # 1990-01-01, before any history that a computer kept
LATEST_S = 4_102_444_800.0  # 2100-01-01
SECONDS_1904_TO_1970 = 2_082_844_800  # classic Mac OS counts from 1904
_FORMS = (
    "%d %b %Y, %H:%M", "%d %b %Y %H:%M", "%d %b %Y, %H:%M:%S", "%d %b %Y %H:%M:%S",
    "%Y-%m-%d %H:%M:%S UTC", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M",
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y, %H:%M", "%d/%m/%Y %H:%M", "%Y/%m/%d",
    "%b %d, %Y, %I:%M:%S %p", "%Y%m%d",
)  # fmt: skip
_TO_MINUTE = re.compile(r"(?<![\d:+-])\d{1,2}:\d{2}(?![\d:])")


def moment_s(value: object, what: str = "time") -> float:
    """Unix time (s, UTC) of a number or a text; a text without a zone is in UTC.

    Numbers are taken as seconds, milliseconds, microseconds or nanoseconds, whichever gives a time
    after 1990 and before 2100; no number fits two of them.

    Raises:
        ValueError: It is no such time.

    >>> moment_s(1700000000), moment_s("1700000000000"), moment_s("2023-11-14T22:13:20Z")
    (1700000000.0, 1700000000.0, 1700000000.0)
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{what} must be a time, got {shown(value)}")
    if isinstance(value, str):
        value = value.strip()
        try:
            number = float(value)
        except ValueError:
            return _in_range(_text_s(value, what), value, what)
        if len(value) == 8 and value.isdigit() and value[:2] in ("19", "20"):
            return _in_range(_text_s(value, what), value, what)  # YYYYMMDD
        return _number_s(number, what)
    return _number_s(float(value), what)


def is_to_the_minute(text: str) -> bool:
    """Whether a written time gives hours and minutes but no seconds."""
    return ":" in text and bool(_TO_MINUTE.search(text))


def _number_s(number: float, what: str) -> float:
    for unit in (1.0, 1e3, 1e6, 1e9):
        if EARLIEST_S <= number / unit < LATEST_S:
            return number / unit
    raise ValueError(
        f"{what} must lie between 1990 and 2100, got {number:.15g}"
        if math.isfinite(number)
        else f"{what} must be a time, got {number}"
    )


def _text_s(text: str, what: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = _spelled(text)
        if moment is None:
            raise ValueError(
                f"{what} must be a time such as 2024-05-01T20:15:00Z, got {shown(text)}"
            ) from None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (OverflowError, ValueError, OSError) as error:
        raise ValueError(f"{what} must lie between 1990 and 2100, got {shown(text)}") from error


def _spelled(text: str) -> datetime | None:
    for form in _FORMS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    try:
        return parsedate_to_datetime(text)  # RFC 5322, with its zone
    except ValueError:
        return None


def _in_range(moment: float, given: str, what: str) -> float:
    if not EARLIEST_S <= moment < LATEST_S:
        raise ValueError(f"{what} must lie between 1990 and 2100, got {shown(given)}")
    return moment
