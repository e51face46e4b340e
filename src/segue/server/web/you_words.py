"""Words of the pages about oneself. All functions are pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from babel.dates import format_date, format_datetime, get_day_names

from segue.server.web.language import _, grouped, later, ngettext, pgettext, spoken
from segue.server.web.lengths import spoken_length
from segue.services.statistics import ListenerStatistics

TABS = (
    ("/you", later("You")),
    ("/you/history", later("History")),
    ("/you/statistics", later("Statistics")),
    ("/you/profile", later("About you")),
    ("/you/privacy", later("Privacy")),
    ("/you/devices", later("Apps and devices")),
)
PERIOD_TABS = (
    ("4w", later("4 weeks")),
    ("6m", later("Half a year")),
    ("12m", later("A year")),
    ("all", later("All of it")),
)
_WEEKDAYS = (
    later("Mondays are for music"),
    later("Tuesdays are for music"),
    later("Wednesdays are for music"),
    later("Thursdays are for music"),
    later("Fridays are for music"),
    later("Saturdays are for music"),
    later("Sundays are for music"),
)
AGE_BANDS = (
    ("", later("I would rather not say")),
    ("15", later("Under 18")),
    ("21", later("18 to 24")),
    ("30", later("25 to 34")),
    ("40", later("35 to 44")),
    ("50", later("45 to 54")),
    ("60", later("55 to 64")),
    ("72", later("65 or over")),
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
        return (_("Today"), _("Yesterday"))[ago]
    pattern = pgettext("day, CLDR pattern", "EEEE, d MMMM")
    if day.year != today.year:
        pattern = pgettext("day, CLDR pattern", "EEEE, d MMMM y")
    return format_date(day, pattern, locale=spoken())


def day_name(number: int) -> str:
    """A day of the week under a plot, from Monday.

    >>> day_name(0), day_name(6)
    ('Mon', 'Sun')
    """
    names: Mapping[int, str] = get_day_names("abbreviated", context="stand-alone", locale=spoken())
    return names[number].removesuffix(".")


def month_words(month: str) -> str:
    """A month under a plot.

    >>> month_words("2026-05")
    'May 26'
    """
    return format_date(date.fromisoformat(f"{month}-01"), "LLL yy", locale=spoken())


def moment_words(at: datetime) -> str:
    """A day and time in one line.

    >>> moment_words(datetime(2026, 5, 2, 7, 5))
    '2 May 2026, 07:05'
    """
    pattern = pgettext("day and time, CLDR pattern", "d MMM y, HH:mm")
    return format_datetime(at, pattern, locale=spoken())


def hours_title(by_hour: Sequence[int]) -> str:
    """What the clock says.

    >>> hours_title([0] * 20 + [5] + [0] * 3)
    'You listen most around 20:00'
    """
    hour = f"{max(range(24), key=by_hour.__getitem__):02}:00"
    return _("You listen most around %(hour)s", hour=hour)


def weekdays_title(by_weekday: Sequence[int]) -> str:
    """What the week says.

    >>> weekdays_title([1, 1, 1, 1, 1, 9, 1])
    'Saturdays are for music'
    """
    return _(_WEEKDAYS[max(range(7), key=by_weekday.__getitem__)])


def discovery_title(found: ListenerStatistics) -> str:
    """How much was new."""
    if not found.n_tracks:
        return _("Nothing was new")
    if found.n_new_tracks == found.n_tracks:
        return _("Every track played here for the first time")
    share = round(100 * found.n_new_tracks / found.n_tracks)
    return _("%(share)s %% of the tracks were new to you", share=share)


def heard_words(found: ListenerStatistics) -> str:
    """The length of it all: hours, or minutes when it is less than one."""
    hours = found.heard_s / 3600
    return _("%(n)s h", n=grouped(hours)) if hours >= 1 else spoken_length(found.heard_s)


def plays_words(n: int) -> str:
    """A number of plays.

    >>> plays_words(1), plays_words(1200)
    ('1 play', '1,200 plays')
    """
    return ngettext("%(n)s play", "%(n)s plays", n)


def client_words(client: str) -> str:
    """A program as its owner knows it, from how it names itself (RFC 9110, 10.1.5).

    >>> client_words("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
    'Firefox on Linux'
    >>> client_words("Symfonium/12.1 (Android 14)"), client_words("")
    ('Symfonium', 'A browser or app')
    """
    if not client.startswith("Mozilla/"):
        return re.split(r"[/ (]", client, maxsplit=1)[0] or _("A browser or app")
    browser = next((name for mark, name in _BROWSERS if mark in client), _("A browser"))
    system = next((name for mark, name in _SYSTEMS if mark in client), "")
    return _("%(browser)s on %(system)s", browser=browser, system=system) if system else browser


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
