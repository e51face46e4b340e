"""The source of lists asked for in words: what answers the request, and by which facts."""

from collections import OrderedDict
from threading import Lock

import numpy as np

from segue.data.asked import AskedFor
from segue.data.dataset import TrackTable
from segue.data.items import ReasonKind
from segue.data.query import Query
from segue.models.ask import AskEvidence, AskIndex, Weighed
from segue.models.moods import DEFAULT_MARGIN, FACT_WORDS, MARGIN, MIDDLE
from segue.pipeline.candidates import Source
from segue.pipeline.rules import Rule, library_reason
from segue.pipeline.words import joined
from segue.types import FloatVector

KEPT = 4  # requests whose weights are kept
KEPT_BYTES = 32_000_000  # of them together; the newest one stays, which has 40 MB of a million
MAX_PHRASES = 3  # facts in a sentence
MAX_WORDS = 3
NEAR_DEVIATIONS = 1.0  # a vector nearer than this above the mean of all is a reason by itself


def asks_in_words(query: Query) -> bool:
    """True when something was asked for in words."""
    return query.asked is not None


def ask_source(index: AskIndex) -> Source:
    """The source "ask" of one catalogue."""
    known = _Asked(index)
    return Source("ask", Rule("ask", known.scores, known.reason), applies=asks_in_words)


class _Asked:
    """What the last requests weigh; the same request is asked for several times within a list."""

    def __init__(self, index: AskIndex) -> None:
        self._index = index
        self._weighed: OrderedDict[AskedFor, Weighed] = OrderedDict()
        self._lock = Lock()

    def scores(self, query: Query, tracks: TrackTable) -> FloatVector:
        """Sum of what speaks for each track, float64 (n_tracks,); ``-inf`` where nothing does.

        Every track has some likeness to every text: where nothing else speaks for a track, its
        vector must stand out by one standard deviation.
        """
        if query.asked is None:
            return np.full(len(tracks), -np.inf)
        weighed = self._of(query.asked, query.asked_vector)
        told = np.zeros(len(tracks), bool)
        for name, part in weighed.parts.items():
            if name != "vector":
                told |= part > 0
        cosine = weighed.cosine
        if cosine is not None and np.isfinite(cosine).any():
            near = np.nanmean(cosine) + NEAR_DEVIATIONS * np.nanstd(cosine)
            told |= cosine > near  # False for NaN
        return np.where(told, weighed.total, -np.inf)

    def reason(self, query: Query, tracks: TrackTable, row: int) -> tuple[ReasonKind, str, bool]:
        """The facts that speak for the track, the weightiest first."""
        if query.asked is None:
            return library_reason(query, tracks, row)
        weighed = self._of(query.asked, query.asked_vector)
        said = self._phrases(weighed, row)[:MAX_PHRASES]
        text = "; ".join(said) or f"What is written of it is near “{query.asked.text}”"
        return ReasonKind.ASKED, text[:1].upper() + text[1:], False

    def _of(self, asked: AskedFor, vector: FloatVector | None) -> Weighed:
        with self._lock:
            found = self._weighed.get(asked)
        if found is None:
            found = self._index.weigh(asked, vector)
            with self._lock:
                self._weighed[asked] = found
                kept = max(1, min(KEPT, KEPT_BYTES // max(found.n_bytes, 1)))
                while len(self._weighed) > kept:
                    self._weighed.popitem(last=False)
        return found

    def _phrases(self, weighed: Weighed, row: int) -> list[str]:
        evidence = self._index.evidence(weighed, row)
        found: list[str] = []
        for name in sorted(evidence.parts, key=lambda name: -evidence.parts[name]):
            phrase = self._phrase(name, weighed.asked, evidence, row)
            if phrase and phrase not in found:
                found.append(phrase)
        return found

    def _phrase(self, name: str, asked: AskedFor, evidence: AskEvidence, row: int) -> str:
        if name.startswith("mood "):
            mood = name.removeprefix("mood ")
            facts = [fact.text for fact in self._index.moods.facts_of(mood, row)][:MAX_WORDS]
            return f"{mood}: {joined(facts)}" if facts else ""
        if name == "words":
            words = list(evidence.words[:MAX_WORDS])
            return f"the word{'s' * (len(words) > 1)} {joined(words)}"
        if name == "genre":
            return self._genre_words(asked, row)
        if name == "feeling":
            return joined([w for f in ("valence", "arousal") if (w := self._side(f, row))])
        return self._number_words(name, row)

    def _number_words(self, name: str, row: int) -> str:
        if name == "year":
            return f"from {self._index.year[row]:.0f}"
        if name == "tempo":
            return f"{self._index.moods.facts['tempo_bpm'][row]:.0f} beats a minute"
        return "instrumental" if name == "instrumental" else ""

    def _genre_words(self, asked: AskedFor, row: int) -> str:
        having = self._index.names.having
        named = [genre for genre in asked.genres if having([genre])[row]]
        if named:
            return f"{joined(named)}, as you asked"
        near = next((name for name, _ in asked.related_genres if having([name])[row]), None)
        return "" if near is None else f"{near}, near {joined(list(asked.genres))}"

    def _side(self, fact: str, row: int) -> str:
        """On which side of the middle a track lies, in words; "" when near it or unknown."""
        above = float(self._index.moods.facts[fact][row]) - MIDDLE.get(fact, 0.5)
        if not abs(above) >= MARGIN.get(fact, DEFAULT_MARGIN):
            return ""
        return FACT_WORDS[fact][above > 0]
