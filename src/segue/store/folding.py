"""Text as the database compares it: cleaned of what cannot be stored, and folded for equality.

Folding is Unicode NFKD without combining marks, case-folded, blanks collapsed (Unicode 15.1,
sections 3.11 and 5.18). Tags come from strangers' files: nothing here may fail on any text.
"""

import math
import re
import unicodedata

_BLANKS = re.compile(r"\s+")
_WORDS = re.compile(r"[^\W_]+")
MAX_TEXT_LENGTH = 2_000


def clean(text: str, max_length: int = MAX_TEXT_LENGTH) -> str:
    r"""The text without NUL and lone surrogates, which no database stores; cut to ``max_length``.

    >>> clean("a\x00b\udcff")
    'ab?'
    """
    kept = text[:max_length].replace("\x00", "")
    return kept.encode("utf-8", "replace").decode("utf-8").strip()


def fold(text: str) -> str:
    """The form under which two spellings are the same.

    >>> fold("  Sigur  RÓS ")
    'sigur ros'
    """
    decomposed = unicodedata.normalize("NFKD", clean(text).casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _BLANKS.sub(" ", bare.casefold()).strip()


def words_of(text: str) -> list[str]:
    """The folded words of a text, in order; signs and emoji are no words.

    >>> words_of("AC/DC: Back in Black!")
    ['ac', 'dc', 'back', 'in', 'black']
    """
    return _WORDS.findall(fold(text))


def within(value: float | None, low: float, high: float) -> float | None:
    """The number, or None when it is missing, not finite or outside ``low..high``."""
    if value is None or not math.isfinite(value) or not low <= value <= high:
        return None
    return value


def whole_within(value: int | None, low: int, high: int) -> int | None:
    """The whole number, or None when it is missing or outside ``low..high``."""
    return value if value is not None and low <= value <= high else None
