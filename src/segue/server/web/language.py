"""The language of a request and its words: gettext catalogues whose message ids are the English.

The language is a context variable: each request runs in a task of its own, and what it hands to a
thread or renders later sees its copy, so two requests at once never mix. Placeholders stand as
``%(name)s``; a plain per cent sign is doubled, with or without placeholders.

Sources: RFC 9110, 12.5.4 (Accept-Language); RFC 4647, 3.4 (lookup); GNU gettext, "PO Files".
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from babel.messages.pofile import PoFileError, read_po

from segue.log import get_logger

LOCALE_DIR = Path(__file__).parent / "locale"
DOMAIN = "segue"
DEFAULT = "en"
MAX_RANGES = 20  # of one header; nobody speaks more
_log = get_logger("language")


class Language(NamedTuple):
    """One language of the pages.

    ``name`` is what its speakers call it; ``form`` says which of a message's plural forms stands
    with a count, as "Plural-Forms" of its catalogue does.
    """

    name: str
    form: Callable[[float], int]


class Catalogue(NamedTuple):
    """Translations by context and English id, plural forms as a tuple; and those of our scripts."""

    messages: Mapping[tuple[str, str], tuple[str, ...]]
    of_scripts: frozenset[tuple[str, str]]


def _one_or_more(n: float) -> int:
    return int(n != 1)


LANGUAGES: Mapping[str, Language] = {
    "en": Language("English", _one_or_more),
    "de": Language("Deutsch", _one_or_more),
}
_spoken: ContextVar[str] = ContextVar("segue_language", default=DEFAULT)


def spoken() -> str:
    """The language of this request, a key of :data:`LANGUAGES`."""
    return _spoken.get()


def speak(language: str) -> None:
    """Speak this language until the request ends; English where we do not know it."""
    _spoken.set(language if language in LANGUAGES else DEFAULT)


@contextmanager
def speaking(language: str) -> Generator[None]:
    """Speak this language inside a ``with``."""
    token = _spoken.set(language if language in LANGUAGES else DEFAULT)
    try:
        yield
    finally:
        _spoken.reset(token)


def accepted(header: str) -> str:
    """The best of our languages for an Accept-Language header; English when none is wanted.

    A longer tag is served by our shorter one; of two wanted alike the first named leads; quality 0
    refuses; ``*`` means every language that is not named.

    >>> accepted("de-AT, en;q=0.7"), accepted("fr, en;q=0.5, de;q=0.8"), accepted("de;q=0, *")
    ('de', 'de', 'en')
    """
    wanted: dict[str, float] = {}
    refused: set[str] = set()
    others = 0.0
    for part in header.split(",")[:MAX_RANGES]:
        tag, _, parameter = part.strip().lower().partition(";")
        quality, code = _quality(parameter), tag.strip().partition("-")[0]
        if code == "*":
            others = quality
        elif code in LANGUAGES and not quality and tag.strip() == code:
            refused.add(code)
        elif code in LANGUAGES:
            wanted[code] = max(wanted.get(code, 0.0), quality)
    wanted |= {code: others for code in LANGUAGES if code not in wanted}
    best = [code for code in wanted if wanted[code] > 0 and code not in refused]
    return max(best, key=wanted.__getitem__, default=DEFAULT)


def _quality(parameter: str) -> float:
    """A weight 0..1 (RFC 9110, 12.4.2); 1 when it is not said, 0 when it is no number."""
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    plain = name.strip() == "q" and value.strip().replace(".", "", 1).isdecimal()
    return min(float(value), 1.0) if plain and value.isascii() else 0.0


def later(message: str) -> str:
    """Mark a constant of a module for the catalogue; it is translated where it is used."""
    return message


def each(one: str, many: str) -> tuple[str, str]:
    """As ``later``, for the two forms of what is counted."""
    return one, many


def _(message: str, /, **values: object) -> str:
    """A message in the language of this request, its placeholders filled."""
    return _filled(_found("", message, 0), message, values)


def pgettext(context: str, message: str, /, **values: object) -> str:
    """As ``_``, for a word that means two things; the context says which."""
    return _filled(_found(context, message, 0), message, values)


def ngettext(one: str, many: str, n: float, /, **values: object) -> str:
    """As ``_``, by a count; ``%(n)s`` is the count with separators unless it is given."""
    english = (one, many)[_one_or_more(n)]
    return _filled(_found("", one, LANGUAGES[spoken()].form(n)), english,
                   {"n": grouped(n)} | values)  # fmt: skip


def grouped(number: float) -> str:
    """A count with separators, rounded to a whole.

    >>> grouped(8600)
    '8,600'
    """
    from babel.numbers import format_decimal

    return format_decimal(round(number), format="#,##0", locale=spoken())


def _found(context: str, message: str, form: int) -> str:
    forms = catalogue(spoken()).messages.get((context, message), ())
    return forms[form] if form < len(forms) else ""


def _filled(translated: str, english: str, values: Mapping[str, object]) -> str:
    if translated:
        try:
            return translated % values
        except (KeyError, TypeError, ValueError):  # a catalogue never breaks a page
            _log.warning("translation unusable", language=spoken(), message=english)
    return english % values


@cache
def catalogue(language: str) -> Catalogue:
    """The catalogue of a language; empty for English, and where it cannot be read."""
    path = LOCALE_DIR / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    if language not in LANGUAGES or not path.is_file():
        return Catalogue({}, frozenset())
    try:
        with path.open("rb") as file:
            read = read_po(file, abort_invalid=True)
    except (OSError, UnicodeError, PoFileError, ValueError) as error:
        _log.warning("catalogue unreadable", language=language, error=str(error))
        return Catalogue({}, frozenset())
    return _catalogue_of(read)


def _catalogue_of(read: Any) -> Catalogue:
    messages: dict[tuple[str, str], tuple[str, ...]] = {}
    of_scripts: set[tuple[str, str]] = set()
    for message in read:
        if not message.id or message.fuzzy:
            continue
        key = message.context or "", message.id if isinstance(message.id, str) else message.id[0]
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string)
        messages[key] = forms
        if any(place.endswith(".js") for place, _line in message.locations):
            of_scripts.add(key)
    return Catalogue(messages, frozenset(of_scripts))
