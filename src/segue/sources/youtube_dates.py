"""Dates as Google Takeout writes them into HTML: in the account's language, with a zone's name.

Month names follow Unicode CLDR's abbreviated forms. A zone whose name is not known is taken as UTC,
so such times may be hours off; the JSON form of the export is exact.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

from segue.sources.moments import moment_s
from segue.sources.values import shown

# each month by its first letters in the languages of Europe
_MONTHS: tuple[tuple[str, ...], ...] = (
    ("jan", "ene", "gen", "janv", "januar", "led", "sty", "янв", "січ", "oca", "tammi", "ιαν"),
    ("feb", "fév", "fev", "févr", "úno", "lut", "фев", "лют", "şub", "helmi", "φεβ"),
    ("mar", "mär", "mrt", "mars", "maart", "bře", "мар", "бер", "maalis", "már", "μαρ"),
    ("apr", "abr", "avr", "dub", "kwi", "апр", "кві", "nis", "huhti", "ápr", "απρ"),
    ("may", "mai", "mag", "mei", "maj", "kvě", "мая", "май", "тра", "touko", "máj", "μαΐ"),
    ("jun", "juin", "giu", "čvn", "cze", "июн", "чер", "haz", "kesä", "jún", "ιουν"),
    ("jul", "juil", "lug", "čvc", "lip", "июл", "лип", "tem", "heinä", "júl", "ιουλ"),
    ("aug", "ago", "aoû", "srp", "sie", "авг", "сер", "ağu", "elo", "αυγ"),
    ("sep", "set", "zář", "wrz", "сен", "вер", "eyl", "syys", "sze", "σεπ"),
    ("oct", "okt", "ott", "out", "říj", "paź", "окт", "жов", "eki", "loka", "οκτ"),
    ("nov", "lis", "ноя", "лис", "kas", "marras", "νοε"),
    ("dec", "dez", "déc", "dic", "des", "pro", "gru", "дек", "гру", "ara", "joulu", "δεκ"),
)
_BY_NAME = {name: month for month, names in enumerate(_MONTHS, 1) for name in names}
# "lis" is November in Czech and October in Croatian; Takeout's Croatian writes "lis", too: rare
_ZONES_H = {
    "utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "mez": 1, "sečb": 1,
    "cest": 2, "mesz": 2, "eet": 2, "eest": 3, "msk": 3, "trt": 3, "jst": 9, "kst": 9, "est": -5,
    "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9,
    "akdt": -8, "hst": -10, "brt": -3, "art": -3, "aest": 10, "aedt": 11, "acst": 9.5, "acdt": 10.5,
    "awst": 8, "nzst": 12, "nzdt": 13, "ist": 5.5, "hkt": 8, "sgt": 8, "sast": 2,
}  # fmt: skip
_CLOCK = re.compile(r"(?<![\d.])(\d{1,2})[:.](\d{2})[:.](\d{2})(?!\d)")
_OFFSET = re.compile(r"(?:GMT|UTC)([+\-−])(\d{1,2})(?::?(\d{2}))?")
_NUMBERS = re.compile(r"\d+")
_WORDS = re.compile(r"[^\W\d_]+")
_AFTERNOON = re.compile(r"\bp\.?\s?m\b\.?|下午|午後|오후|\bmu\b|\bodp\b", re.IGNORECASE)
_MORNING = re.compile(r"\ba\.?\s?m\b\.?|上午|午前|오전", re.IGNORECASE)


def written_moment_s(text: str) -> float:
    """Unix time (s, UTC) of a date in words.

    Raises:
        ValueError: It is no date, or its parts are out of range.

    >>> written_moment_s("Nov 12, 2023, 4:30:12 PM CET")
    1699803012.0
    >>> written_moment_s("12.11.2023, 16:30:12 MEZ")
    1699803012.0
    """
    clock = _CLOCK.search(text)
    if not clock:
        raise ValueError(f"the time must be a date with hours, minutes, seconds, got {shown(text)}")
    year, month, day = _date(text[: clock.start()] or text[clock.end() :], text)
    hour = int(clock[1])
    if _AFTERNOON.search(text) and hour < 12:
        hour += 12
    elif _MORNING.search(text) and hour == 12:
        hour = 0
    try:
        moment = datetime(year, month, day, hour, int(clock[2]), int(clock[3]), tzinfo=_zone(text))
    except ValueError as error:
        raise ValueError(f"the time {shown(text)} cannot be: {error}") from None
    return moment_s(moment.timestamp())


def _date(date: str, text: str) -> tuple[int, int, int]:
    numbers = [int(digits[:6]) for digits in _NUMBERS.findall(date)]
    year = next((number for number in numbers if number > 999), None)
    if year is None:
        raise ValueError(f"the time names no year: {shown(text)}")
    first = numbers.index(year) == 0
    numbers.remove(year)
    month = next((found for word in _WORDS.findall(date) if (found := _month(word))), None)
    if month is not None and numbers:
        return year, month, numbers[0]
    if len(numbers) < 2:
        raise ValueError(f"the time names no month that is known: {shown(text)}")
    a, b = numbers[:2]
    if first:
        return year, a, b  # 2023/11/12, 2023年11月12日
    return (year, a, b) if b > 12 else (year, b, a)  # day before month, unless it cannot be


def _month(word: str) -> int | None:
    folded = word.casefold()
    return next((_BY_NAME[folded[:n]] for n in (6, 5, 4, 3) if folded[:n] in _BY_NAME), None)


def _zone(text: str) -> timezone:
    offset = _OFFSET.search(text)
    if offset:
        span = timedelta(hours=min(int(offset[2]), 14), minutes=int(offset[3] or 0) % 60)
        return timezone(span if offset[1] == "+" else -span)
    words = text.casefold().split()
    last = words[-1].strip(".,") if words else ""
    return timezone(timedelta(hours=_ZONES_H[last])) if last in _ZONES_H else UTC
