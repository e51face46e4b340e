"""Sentences that the floors below say in English, in the language of the page.

Reasons, titles of lists and errors are made below the server, where programs read them too, and
stay English there. Each form of sentence is a pattern whose placeholders say what may stand in
them; a sentence that fits none stays as it is. Tests find each reason of each station here.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache

from babel.dates import format_date, get_month_names

from segue.server.web.language import _, grouped, spoken
from segue.server.web.lengths import spoken_length
from segue.server.web.problem_patterns import COMPARED_PATTERNS, PROBLEM_PATTERNS
from segue.server.web.reason_patterns import LISTED_PATTERNS, NUMBERS, REASON_PATTERNS, WORDS

MAX_LENGTH = 1_000  # longer ones are nobody's sentence
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_TRACK = r"“.+”(?: by .+)?"
# Facts that stand in one line, and what is between them.
_IN_ONE_LINE = (("; ", LISTED_PATTERNS), (", ", COMPARED_PATTERNS))
_AND = " and "
_NAMES_WITH_AND = frozenset({"drum and bass", "rhythm and blues", "rock and roll"})
# What stands where a pattern has a placeholder of this name; else any text.
_FORMS: Mapping[str, str] = {
    "track": _TRACK,
    "before": _TRACK,
    "decade": r"\d{4}",
    "year": r"\d{4}",
    "n": r"[\d,.]+",
    "total": r"[\d,.]+",
    "number": "|".join([*NUMBERS, r"\d+"]),
    "month": r"[A-Z][a-z]+(?: \d{4})?",
    "last": r"[A-Z][a-z]+(?: \d{4})?",
    "rule": r"[^”]+",
    "left": r"less than a minute|about [\w ]+",
}


@lru_cache(maxsize=8_192)
def _told(text: str, language: str) -> str:
    for patterns in (REASON_PATTERNS, PROBLEM_PATTERNS):
        found = _by_pattern(text, patterns)
        if found is not None:
            return found
    for between, patterns in _IN_ONE_LINE:
        parts = [_by_pattern(part, patterns) for part in text.split(between)]
        if None not in parts:
            whole = between.join(map(str, parts))
            return whole[:1].upper() + whole[1:] if text[:1].isupper() else whole
    return text


def told(text: str) -> str:
    """A sentence of ours in the language of the page; any other text as it is.

    >>> told("Because you loved “Moss” by Ada")
    'Because you loved “Moss” by Ada'
    """
    if spoken() == "en" or len(text) > MAX_LENGTH:
        return str(text)
    return _told(str(text), spoken())


def known(text: str) -> bool:
    """Whether a sentence fits a pattern."""
    return any(_match(text, some) for some in (REASON_PATTERNS, PROBLEM_PATTERNS)) or any(
        all(_match(part, patterns) for part in text.split(between))
        for between, patterns in _IN_ONE_LINE
    )


def mood_word(name: str) -> str:
    """A mood or a word for how music is, inside a sentence; one that begins it may be large."""
    known_as = name if name in WORDS else name.lower()
    return _(WORDS[known_as]) if known_as in WORDS else name


def _by_pattern(text: str, patterns: tuple[str, ...]) -> str | None:
    found = _match(text, patterns)
    if found is None:
        return None
    pattern, values = found
    return _(pattern, **{name: _value(name, value) for name, value in values.items()})


def _match(text: str, patterns: tuple[str, ...]) -> tuple[str, dict[str, str]] | None:
    for pattern, form in _compiled(patterns):
        found = form.fullmatch(text)
        if found is not None:
            return pattern, found.groupdict()
    return None


@cache
def _compiled(patterns: tuple[str, ...]) -> list[tuple[str, re.Pattern[str]]]:
    """The patterns with the most words of their own first: they say most."""
    ordered = sorted(patterns, key=lambda pattern: -len(_PLACEHOLDER.sub("", pattern)))
    return [(pattern, re.compile(_form_of(pattern), re.DOTALL)) for pattern in ordered]


def _form_of(pattern: str) -> str:
    parts = _PLACEHOLDER.split(pattern)
    form = "".join(
        f"(?P<{part}>{_FORMS.get(part, '.+')})" if at % 2 else re.escape(part.replace("%%", "%"))
        for at, part in enumerate(parts)
    )
    first = parts[0][:1]  # the first letter of a sentence may be large
    return f"[{first}{first.upper()}]{form[1:]}" if first.isalpha() and first.islower() else form


def _value(name: str, text: str) -> str:
    translate = _VALUES.get(name)
    return translate(text) if translate else text


def _track(text: str) -> str:
    """A title and an artist, or several of them, which keep their English form."""
    if text.count("“") > 1 or not text.startswith("“"):
        return text
    title, mark, artist = text[1:].rpartition("” by ")
    if mark:
        return _("“%(title)s” by %(artist)s", title=title, artist=artist)
    return _("“%(title)s”", title=text[1:].removesuffix("”"))


def _listed(text: str) -> str:
    """Names and words with commas and a last "and"."""
    some, mark, last = text.rpartition(_AND)
    if not mark or text in _NAMES_WITH_AND:
        return _term(text)
    names = ", ".join(_term(one) for one in some.split(", "))
    return _("%(names)s and %(last)s", names=names, last=_term(last))


def _term(text: str) -> str:
    decade, year = re.fullmatch(r"the (\d{4})s", text), re.fullmatch(r"from (\d{4})", text)
    if decade:
        return _("the %(decade)ss", decade=decade[1])
    return _("from %(year)s", year=year[1]) if year else mood_word(text)


def _number(text: str) -> str:
    return _(NUMBERS[text]) if text in NUMBERS else text


def _count(text: str) -> str:
    """A whole number with the separators of the language; any other stays as it is."""
    digits = text.replace(",", "")
    return grouped(int(digits)) if digits.isdigit() else text


def _month(text: str) -> str:
    """A month, with its year where it has one, as :func:`segue.pipeline.words.month_words` says."""
    from datetime import date

    english: Mapping[int, str] = get_month_names("wide", context="stand-alone", locale="en")
    name, _blank, year = text.partition(" ")
    number = next((number for number, month in english.items() if month == name), None)
    if number is None:
        return text
    day = date(int(year) if year else 2000, number, 1)
    return format_date(day, "LLLL y" if year else "LLLL", locale=spoken())


def _left(text: str) -> str:
    """A span as :func:`segue.services.durations.about` says it."""
    spans = re.findall(r"(\d+) (hour|minute)", text)
    seconds = sum(int(n) * (3_600 if unit == "hour" else 60) for n, unit in spans)
    length = spoken_length(seconds)
    return _("about %(length)s", length=length) if spans else length


_VALUES: Mapping[str, Callable[[str], str]] = {
    "track": _track,
    "before": _track,
    "terms": _listed,
    "names": _listed,
    "likes": _listed,
    "tags": _listed,
    "facts": _listed,
    "mood": mood_word,
    "term": _term,
    "number": _number,
    "n": _count,
    "total": _count,
    "month": _month,
    "last": _month,
    "rule": _,
    "left": _left,
    "from_end": _track,
    "to_end": _track,
}
