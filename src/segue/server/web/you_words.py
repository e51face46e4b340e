"""Words of the pages about oneself. All functions are pure."""

import re
from collections.abc import Sequence
from datetime import date, datetime

from segue.server.web.language import grouped
from segue.server.web.words import spoken_length
from segue.services.statistics import ListenerStatistics

TABS = (
    ("/you", "You"),
    ("/you/history", "History"),
    ("/you/statistics", "Statistics"),
    ("/you/profile", "About you"),
    ("/you/privacy", "Privacy"),
    ("/you/devices", "Apps and devices"),
)
PERIOD_TABS = (("4w", "4 weeks"), ("6m", "Half a year"), ("12m", "A year"), ("all", "All of it"))
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
AGE_BANDS = (
    ("", "I would rather not say"),
    ("15", "Under 18"),
    ("21", "18 to 24"),
    ("30", "25 to 34"),
    ("40", "35 to 44"),
    ("50", "45 to 54"),
    ("60", "55 to 64"),
    ("72", "65 or over"),
)
_BAND_ENDS = ((17, "15"), (24, "21"), (34, "30"), (44, "40"), (54, "50"), (64, "60"))
_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"),
             ("Safari/", "Safari"))  # fmt: skip
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
            ("Mac OS X", "Mac"), ("Linux", "Linux"))  # fmt: skip


def day_words(day: date, today: date) -> str:
    """A day as one says it.

    >>> day_words(date(2026, 5, 2), date(2026, 5, 3)), day_words(date(2025, 5, 2), date(2026, 5, 3))
    ('Yesterday', 'Friday, 2 May 2025')
    """
    ago = (today - day).days
    if ago in (0, 1):
        return ("Today", "Yesterday")[ago]
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day:%A}, {day.day} {day:%B}{year}"


def month_words(month: str) -> str:
    """A month under a plot.

    >>> month_words("2026-05")
    'May 26'
    """
    return f"{_MONTHS[int(month[5:]) - 1]} {month[2:4]}"


def moment_words(at: datetime) -> str:
    """A day and time in one line.

    >>> moment_words(datetime(2026, 5, 2, 7, 5))
    '2 May 2026, 07:05'
    """
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}, {at:%H:%M}"


def hours_title(by_hour: Sequence[int]) -> str:
    """What the clock says.

    >>> hours_title([0] * 20 + [5] + [0] * 3)
    'You listen most around 20:00'
    """
    return f"You listen most around {max(range(24), key=by_hour.__getitem__):02}:00"


def weekdays_title(by_weekday: Sequence[int]) -> str:
    """What the week says.

    >>> weekdays_title([1, 1, 1, 1, 1, 9, 1])
    'Saturdays are for music'
    """
    return f"{_WEEKDAYS[max(range(7), key=by_weekday.__getitem__)]} are for music"


def discovery_title(found: ListenerStatistics) -> str:
    """How much was new."""
    if not found.n_tracks:
        return "Nothing was new"
    if found.n_new_tracks == found.n_tracks:
        return "Every track was new to you"
    share = round(100 * found.n_new_tracks / found.n_tracks)
    return f"{share} % of the tracks were new to you"


def heard_words(found: ListenerStatistics) -> str:
    """The length of it all: hours, or minutes when it is less than one."""
    hours = found.heard_s / 3600
    return f"{grouped(hours)} h" if hours >= 1 else spoken_length(found.heard_s)


def plays_words(n: int) -> str:
    """A number of plays.

    >>> plays_words(1), plays_words(1200)
    ('1 play', '1,200 plays')
    """
    return f"{grouped(n)} play{'' if n == 1 else 's'}"


def client_words(client: str) -> str:
    """A program as its owner knows it, from how it names itself (RFC 9110, 10.1.5).

    >>> client_words("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
    'Firefox on Linux'
    >>> client_words("Symfonium/12.1 (Android 14)"), client_words("")
    ('Symfonium', 'A browser or app')
    """
    if not client.startswith("Mozilla/"):
        return re.split(r"[/ (]", client, maxsplit=1)[0] or "A browser or app"
    browser = next((name for mark, name in _BROWSERS if mark in client), "A browser")
    system = next((name for mark, name in _SYSTEMS if mark in client), "")
    return f"{browser} on {system}" if system else browser


def band_of(age: int | None) -> str:
    """The band in which an age lies, as in :data:`AGE_BANDS`.

    >>> band_of(None), band_of(24), band_of(80)
    ('', '21', '72')
    """
    if age is None:
        return ""
    return next((band for last, band in _BAND_ENDS if age <= last), "72")


def listed(text: str) -> tuple[str, ...]:
    """Words with commas or lines between, each once.

    >>> listed("dub, ambient,, dub")
    ('dub', 'ambient')
    """
    parts = (" ".join(part.split()) for part in re.split(r"[,;\n]", text))
    return tuple(dict.fromkeys(part for part in parts if part))
