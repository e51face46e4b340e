"""Requests in words, understood by rules: moods, activities, years, genres, tempo, and "not".

English, and German where the words are: a German phrase is read as the English one it stands for.
Nothing is guessed: a word that no rule knows stays a free word, to be searched for.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from segue.data.affect import LEXICON, MOODS, affect_of_words
from segue.data.asked import AskedFor
from segue.text.genres import GenreTree, genre_tree
from segue.text.languages import RequestLanguage, language_of
from segue.text.normalise import fold
from segue.text.request_words import MOOD_WORDS, NEGATION_SPAN, TEMPO_WORDS, VOICE_WORDS
from segue.text.years import Years, years_of

MAX_REQUEST_CHARS = 500
MAX_PHRASE = 3  # words of the longest genre or mood looked for


class Phrase(NamedTuple):
    """Some words of a request, folded, and what they are: "genre", "mood", "feeling", "tempo",
    "voice" or "word"; a phrase may be a genre and a mood. ``means`` is the phrase in English.
    """

    words: str
    kinds: tuple[str, ...]
    left_out: bool
    means: str = ""


_BPM = re.compile(r"\b(\d{2,3}) ?(?:bpm|beats per minute|schl(?:a|ä)ge pro minute)\b")
_CLAUSE = re.compile(r"[,;.!?|]|\b(?:but|aber|sondern)\b")
_TOO_BROAD = frozenset({"world", "classic", "original", "live", "hard", "best", "instrumental"})


def understand(request: str, tree: GenreTree | None = None) -> AskedFor:
    """The fields of a request; any text is one, and only its first 500 characters count.

    "not", "no", "without" and the like turn the next mood, genre or word round, and through
    "and" or "or" the one after it; "but" and commas end it. A year is a condition after "from",
    "since", "before", "after", "between" or "only"; a bare decade is a wish.

    Args:
        request: As typed.
        tree: Genres; those that come with Segue when None.

    >>> asked = understand("slow sad songs from the 90s, no metal")
    >>> asked.moods, asked.without_genres[0], asked.tempo_to_bpm
    (('sad',), 'heavy metal', 90.0)
    >>> asked.year_from, asked.year_to, asked.is_year_strict
    (1990, 1999, True)
    >>> understand("rainy sunday acoustic").words
    ('rainy', 'sunday', 'acoustic')
    >>> asked = understand("traurige Lieder der 90er, kein Metal")
    >>> asked.moods, asked.without_genres[0], asked.year_from
    (('sad',), 'heavy metal', 1990)
    """
    text, years, bpm, reading = _read(request, tree)
    return reading.asked_for(text, years, bpm)


def phrases_of(request: str, tree: GenreTree | None = None) -> list[Phrase]:
    """The phrases of a request that mean something, in order, but for years and beats a minute.

    >>> [(p.words, p.kinds, p.left_out) for p in phrases_of("chill jazz, no metal")]
    [('chill', ('mood',), False), ('jazz', ('genre',), False), ('metal', ('genre',), True)]
    """
    return _read(request, tree)[3].phrases


def bpm_of(request: str) -> tuple[float | None, str]:
    """The beats a minute that a request names, and the rest of the text, folded to lower case.

    >>> bpm_of("Jazz at 120 bpm")
    (120.0, 'jazz at  ')
    """
    found = _BPM.search(fold(request))
    return (float(found[1]) if found else None), _BPM.sub(" ", request.casefold())


def _read(request: str, tree: GenreTree | None) -> tuple[str, Years, float | None, "_Reading"]:
    text = " ".join(request[:MAX_REQUEST_CHARS].split())
    years, rest = years_of(text)
    bpm, rest = bpm_of(rest)
    clauses = [fold(clause).split() if clause.strip() else [] for clause in _CLAUSE.split(rest)]
    language = language_of([word for clause in clauses for word in clause])
    reading = _Reading(tree or genre_tree(), language)
    for words in clauses:
        reading.read(words)
    return text, years, bpm, reading


def in_english(request: str) -> str:
    """A request as a model of English words can take it: German phrases by what they stand for.

    What was not understood, and an English request, stays as it is.

    >>> in_english("ruhige Musik zum Laufen"), in_english("music for running")
    ('calm running', 'music for running')
    """
    text, _years, _bpm, reading = _read(request, None)
    if not reading.language.in_english:
        return text
    return " ".join(phrase.means for phrase in reading.phrases if not phrase.left_out) or text


class _Reading:
    """Collects what the words of a request say, clause by clause."""

    def __init__(self, tree: GenreTree, language: RequestLanguage) -> None:
        self.tree = tree
        self.language = language
        self.words: list[str] = []
        self.feelings: list[str] = []
        self.moods: list[str] = []
        self.without_moods: list[str] = []
        self.genres: list[str] = []
        self.without_genres: list[str] = []
        self.without_words: list[str] = []
        self.tempo: tuple[float | None, float | None] = (None, None)
        self.instrumental: bool | None = None
        self.phrases: list[Phrase] = []

    def read(self, words: Sequence[str]) -> None:
        """Take one clause in; negation ends with it."""
        place, negated_until = 0, -1
        while place < len(words):
            if words[place] in self.language.negations:
                place += 1
                negated_until = place + NEGATION_SPAN
                continue
            if words[place] in self.language.joins and place <= negated_until:
                negated_until = place + 1 + NEGATION_SPAN  # "no metal or punk"
            negated = place < negated_until
            taken = self._phrase(words, place, negated=negated)
            if taken and negated and words[place] not in self.language.stop_words:
                negated_until = place + taken  # one thing is left out, the rest is asked for
            place += taken

    def _phrase(self, words: Sequence[str], place: int, *, negated: bool) -> int:
        for length in range(min(MAX_PHRASE, len(words) - place), 0, -1):
            phrase = " ".join(words[place : place + length])
            if self._take(phrase, negated=negated):
                return length
        word = words[place]
        if word not in self.language.stop_words and not (len(word) == 1 and word.isascii()):
            both = dict.fromkeys((word, self.language.means(word)))
            (self.without_words if negated else self.words).extend(both)
            self._note(word, negated, "word")
        return 1

    def _take(self, said: str, *, negated: bool) -> bool:
        """Note a phrase that some rule knows; False when none does."""
        phrase = self.language.means(said)
        if phrase == said and said in self.language.stop_words and self.language.in_english:
            return False  # "war" and "fast" are no feelings in German
        if phrase in VOICE_WORDS:
            self.instrumental = VOICE_WORDS[phrase] != negated
            self._note(said, negated, "voice")
            return True
        if phrase in TEMPO_WORDS:
            self.tempo = TEMPO_WORDS[phrase] if not negated else _other_side(TEMPO_WORDS[phrase])
            self._note(said, negated, "tempo")
            return True
        genre = None if phrase in _TOO_BROAD or phrase in MOODS else self.tree.name(phrase)
        mood = MOOD_WORDS.get(phrase, phrase if phrase in MOODS else None)
        if genre is None and mood is None and phrase not in LEXICON:
            return False
        mood_kind = "mood" if mood is not None else "feeling" if genre is None else ""
        self._note(
            said, negated, *filter(None, ("genre" if genre else "", mood_kind)), means=genre or ""
        )
        if genre is not None:
            (self.without_genres if negated else self.genres).append(genre)
        if mood is not None:
            (self.without_moods if negated else self.moods).append(mood)
        if negated and genre is None and mood is None:
            self.without_words.append(phrase)
        if not negated:
            if phrase in LEXICON and genre is None:
                self.feelings.append(phrase)
            if mood is None or phrase not in MOODS:
                self.words.extend(phrase.split())
            if genre is not None and self.language.in_english:
                self.words.extend(genre.split())  # tags are English more often than not
        return True

    def _note(self, words: str, left_out: bool, *kinds: str, means: str = "") -> None:
        """``means`` counts where the language has no word of its own for it."""
        in_english = self.language.means(words)
        if in_english == words and self.language.in_english:
            in_english = means or words
        self.phrases.append(Phrase(words, kinds, left_out, in_english))

    def asked_for(self, text: str, years: Years, bpm: float | None) -> AskedFor:
        """All fields."""
        valence, arousal, n_found = affect_of_words(" ".join(self.feelings))
        tempo = (bpm * 0.95, bpm * 1.05) if bpm else self.tempo
        genres = _distinct(self.genres)
        near = self._related(genres)
        return AskedFor(
            text=text,
            words=_distinct(self.words),
            moods=_distinct(self.moods),
            without_moods=_distinct(self.without_moods),
            valence=valence if n_found else None,
            arousal=arousal if n_found else None,
            genres=genres,
            related_genres=tuple(sorted(near.items(), key=lambda pair: (-pair[1], pair[0]))),
            without_genres=self._left_out(genres),
            without_words=_distinct(self.without_words),
            year_from=years.first,
            year_to=years.last,
            is_year_strict=years.is_strict,
            tempo_from_bpm=tempo[0],
            tempo_to_bpm=tempo[1],
            instrumental=self.instrumental,
        )

    def _left_out(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """What is not wanted, with all that the tree has below it, but for what is asked for."""
        below = [name for genre in self.without_genres for name in self.tree.below(genre)]
        return tuple(n for n in _distinct([*self.without_genres, *below]) if n not in wanted)

    def _related(self, genres: Sequence[str]) -> dict[str, float]:
        near: dict[str, float] = {}
        left_out = self._left_out(genres)
        for genre in genres:
            for name, nearness in self.tree.related(genre).items():
                if name not in genres and name not in left_out:
                    near[name] = max(nearness, near.get(name, 0.0))
        return near


def _other_side(tempo: tuple[float | None, float | None]) -> tuple[float | None, float | None]:
    """What is left: not fast is slower than where fast begins."""
    lowest, highest = tempo
    return (None, lowest) if lowest is not None else (highest, None)


def _distinct(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
