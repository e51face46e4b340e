"""What a request was understood as, phrase by phrase, and the same request without one of them."""

import re

from msgspec import Struct

from segue.text.languages import language_of
from segue.text.normalise import fold
from segue.text.query import bpm_of, phrases_of, understand
from segue.text.request_words import MOOD_WORDS
from segue.text.years import years_of

_NO_YEARS = years_of("")[0]
_JOINS = "and|or|but|und|oder|aber|sondern"
_DANGLING = re.compile(rf"^(?:(?:{_JOINS})\b|[\s,;|])+|(?:\b(?:{_JOINS})|[\s,;|])+$")


class Said(Struct, frozen=True, kw_only=True):
    """One phrase of a request.

    Attributes:
        words: As typed where it can be found there, else folded; "" for years and beats.
        kinds: What it is: "genre", "mood", "feeling", "tempo", "voice", "years", "bpm" or "word".
        mood: The mood it stands for, "" for none.
        left_out: Asked to be left out.
        years: First and last year, for "years"; None is open.
        tempo_bpm: Beats a minute, for "bpm".
        is_strict: Whether the years are a condition.
        without: The request without this phrase.
    """

    words: str = ""
    kinds: tuple[str, ...] = ()
    mood: str = ""
    left_out: bool = False
    years: tuple[int | None, int | None] | None = None
    tempo_bpm: float | None = None
    is_strict: bool = False
    without: str = ""


def said(request: str) -> list[Said]:
    """The phrases of a request that were understood, in order, years and beats a minute last.

    >>> [(one.words, one.without) for one in said("chill jazz, no metal")]
    [('chill', 'jazz, no metal'), ('jazz', 'chill, no metal'), ('metal', 'chill jazz')]
    """
    text = understand(request).text
    tokens = text.split()
    found: dict[tuple[str, bool], Said] = {}
    for phrase in phrases_of(request):
        key = (phrase.words, phrase.left_out)
        if key not in found:
            mood = MOOD_WORDS.get(phrase.means, phrase.means) if "mood" in phrase.kinds else ""
            words, without = _cut(tokens, phrase.words, left_out=phrase.left_out)
            found[key] = Said(words=words, kinds=phrase.kinds, mood=mood,
                              left_out=phrase.left_out, without=without)  # fmt: skip
    return [*found.values(), *_years_said(text), *_bpm_said(text)]


def _cut(tokens: list[str], words: str, *, left_out: bool) -> tuple[str, str]:
    """The phrase as typed, and the text without any occurrence of it."""
    left, typed = list(tokens), ""
    while (span := _find(left, words)) is not None:
        first, last = span
        typed = typed or " ".join(left[first:last]).strip(",;.!?|")
        left = _without(left, first, last, left_out=left_out)
    return typed or words, _tidy(left)


def _find(tokens: list[str], words: str) -> tuple[int, int] | None:
    """Where the tokens fold to the words; one token may fold to several ("hip-hop")."""
    folded = [fold(token) for token in tokens]
    for first in range(len(tokens)):
        for last in range(first + 1, len(tokens) + 1):
            joined = " ".join(part for part in folded[first:last] if part)
            if joined == words:
                return first, last
            if len(joined) > len(words):
                break
    return None


def _without(tokens: list[str], first: int, last: int, *, left_out: bool) -> list[str]:
    """Without a span; with the "no" before it where everything else then means the same."""
    comma = tokens[last - 1][-1] if tokens[last - 1][-1] in ",;.!?|" else ""
    plain = _joined(tokens[:first], comma, tokens[last:])
    if not left_out:
        return plain
    start, language = first, language_of([w for token in tokens for w in fold(token).split()])
    while start and fold(tokens[start - 1]) in language.stop_words - language.negations:
        start -= 1
    if not start or fold(tokens[start - 1]) not in language.negations:
        return plain
    bare = _joined(tokens[: start - 1], comma, tokens[last:])
    return bare if _meanings(bare) <= _meanings(tokens) else plain


def _joined(before: list[str], comma: str, after: list[str]) -> list[str]:
    """A comma after what is taken out stays with what stands before it."""
    if comma and before and after and before[-1][-1] not in ",;.!?|":
        before = [*before[:-1], before[-1] + comma]
    return [*before, *after]


def _meanings(tokens: list[str]) -> set[tuple[str, bool]]:
    return {(phrase.words, phrase.left_out) for phrase in phrases_of(" ".join(tokens))}


def _tidy(tokens: list[str]) -> str:
    """Without blanks before commas, and without a dangling comma, "and" or "or"."""
    left = _DANGLING.sub("", re.sub(r"\s+(?=[,;])", "", " ".join(tokens)))
    return left.strip()


def _years_said(text: str) -> list[Said]:
    years, left = years_of(text)
    if years == _NO_YEARS:
        return []
    while years_of(left)[0] != _NO_YEARS:  # one span was read, and a decade stands beside it
        left = years_of(left)[1]
    return [Said(kinds=("years",), years=(years.first, years.last), is_strict=years.is_strict,
                 without=_tidy(left.split()))]  # fmt: skip


def _bpm_said(text: str) -> list[Said]:
    bpm, rest = bpm_of(text)
    if bpm is None:
        return []
    return [Said(kinds=("bpm",), tempo_bpm=bpm, without=_tidy(rest.split()))]
