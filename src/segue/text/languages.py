"""In which language a request is read: English, or German where its words say so."""

from collections.abc import Mapping, Sequence, Set
from functools import cache

from msgspec import Struct

from segue.data.affect import LEXICON
from segue.text import request_words as english
from segue.text import words_de as german


class RequestLanguage(Struct, frozen=True):
    """Words of a language that turn a phrase round, join and fill; what others are in English.

    All are folded; ``in_english`` has whole phrases.
    """

    negations: Set[str]
    joins: Set[str]
    stop_words: Set[str]
    in_english: Mapping[str, str]

    def means(self, phrase: str) -> str:
        """The English phrase that rules know; the phrase itself where there is no other."""
        return self.in_english.get(phrase, phrase)


ENGLISH = RequestLanguage(
    english.NEGATIONS, frozenset({"and", "or", "nor"}), english.STOP_WORDS, {}
)
GERMAN = RequestLanguage(
    german.NEGATIONS | (english.NEGATIONS - {"not"}),
    german.JOINS | {"and", "or"},
    german.STOP_WORDS | (english.STOP_WORDS - set(german.ENGLISH)),
    german.ENGLISH,
)


def language_of(words: Sequence[str]) -> RequestLanguage:
    """German where at least as many words are German alone as are English alone, else English.

    Words that both have ("party", "rock", "die") and those of names ("von") say nothing.

    Args:
        words: Folded.

    >>> language_of("traurige lieder der 90er".split()) is GERMAN
    True
    >>> language_of("songs by die toten hosen".split()) is ENGLISH
    True
    """
    only_german, only_english = _told_apart()
    n_german = sum(word in only_german for word in words)
    return GERMAN if n_german and n_german >= sum(w in only_english for w in words) else ENGLISH


@cache
def _told_apart() -> tuple[frozenset[str], frozenset[str]]:
    """Words that are German and not English, and the other way round."""
    known = {
        word
        for phrase in (*english.MOOD_WORDS, *english.TEMPO_WORDS, *english.VOICE_WORDS, *LEXICON)
        for word in phrase.split()
    }
    of_english = known | english.STOP_WORDS | english.NEGATIONS | {"and", "or", "nor"}
    of_german = {word for word in german.ENGLISH if " " not in word}
    of_german |= german.STOP_WORDS | german.NEGATIONS | german.JOINS
    return (
        frozenset(of_german - of_english - german.SAYS_NOTHING),
        frozenset((english.STOP_WORDS | english.NEGATIONS | {"and", "or"}) - of_german),
    )
