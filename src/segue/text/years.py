"""Years and decades in a request: "80s", "from 1994", "nineties", "between 1990 and 1995".

German ones, such as "aus den 90ern", are read as well: see :mod:`segue.text.years_de`.
"""

import re
from typing import NamedTuple

from segue.text.request_words import DECADE_NAMES
from segue.text.years_de import years_in_english

_YEAR = r"(?:1[89]|20)\d\d"
_DECADE = rf"(?:(?:1[89]|20)\d0'?s|'?\d0'?s|{'|'.join(DECADE_NAMES)})"
_MOMENT = rf"(?:{_DECADE}|{_YEAR})"
_QUALIFIER = r"(?:(?P<part>early|mid|late)[ -])?"
_SPAN = re.compile(
    rf"\b(?P<word>between|from)?(?: the)? ?(?P<a>{_MOMENT}) ?(?:to|until|till|through|and|-|–) ?"
    rf"(?:the )?(?P<b>{_MOMENT})(?!\w)"
)
_OPEN = re.compile(
    rf"\b(?P<word>since|after|before|until|pre|post)[ -](?:the )?(?P<a>{_MOMENT})(?!\w)"
)
_ONE = re.compile(
    rf"(?<!\w)(?P<strict>(?:only )?(?:from|only|in|of|released in|year)(?: the)? )?"
    rf"{_QUALIFIER}(?P<a>{_MOMENT})(?P<only> only)?(?!\w)"
)


class Years(NamedTuple):
    """First and last year, both included, None for open; strict when said as a condition."""

    first: int | None
    last: int | None
    is_strict: bool


def years_of(text: str) -> tuple[Years, str]:
    """The years a request names, and the rest of the text.

    A decade written with two digits is one of the twentieth century from 30s to 90s, else of this.
    Of several decades without a span the outermost years count.

    >>> years_of("rock from 1994")
    (Years(first=1994, last=1994, is_strict=True), 'rock  ')
    >>> years_of("nineties rock")[0], years_of("before 1980")[0]
    (Years(first=1990, last=1999, is_strict=False), Years(first=None, last=1979, is_strict=True))
    """
    lowered = years_in_english(text.lower().replace("’", "'")).casefold()
    if found := _SPAN.search(lowered):
        first, last = _range(found["a"])[0], _range(found["b"])[1]
        strict = found["word"] is not None
        years = Years(min(first, last), max(first, last), is_strict=strict)
        return years, _without(lowered, found)
    if found := _OPEN.search(lowered):
        return _open(found["word"], *_range(found["a"])), _without(lowered, found)
    return _each(lowered)


def _each(text: str) -> tuple[Years, str]:
    years: list[int] = []
    is_strict = False
    for found in _ONE.finditer(text):
        first, last = _range(found["a"])
        if last > first:
            low, high = {"early": (0, 3), "mid": (3, 6), "late": (6, 9)}.get(found["part"], (0, 9))
            first, last = first + low, first + high
        years += [first, last]
        said = (found["strict"] or "").split()
        # "in the 80s style" is a wish; "from", "only" and a single year are conditions
        is_strict = is_strict or not {"from", "only"}.isdisjoint(said) or bool(found["only"])
    if not years:
        return Years(None, None, is_strict=False), text
    return Years(min(years), max(years), is_strict=is_strict), _ONE.sub(" ", text)


def _open(word: str, first: int, last: int) -> Years:
    if word == "since":
        return Years(first, None, is_strict=True)
    if word in ("after", "post"):
        return Years(last + 1, None, is_strict=True)
    return Years(None, last if word == "until" else first - 1, is_strict=True)


def _range(moment: str) -> tuple[int, int]:
    """First and last year of a year or decade.

    >>> _range("80s"), _range("1987"), _range("2010s"), _range("nineties"), _range("'00s")
    ((1980, 1989), (1987, 1987), (2010, 2019), (1990, 1999), (2000, 2009))
    """
    if moment in DECADE_NAMES:
        first = DECADE_NAMES[moment]
        return first, first + 9
    digits = moment.replace("'", "").removesuffix("s")
    if len(digits) == 4:
        first = int(digits)
        return first, first + (9 if moment.endswith("s") else 0)
    first = int(digits) + (1900 if int(digits) >= 30 else 2000)
    return first, first + 9


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"
