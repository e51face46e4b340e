"""The source of mood lists: which tracks suit the mood that was asked for, and by which facts."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from segue.data.dataset import TrackTable
from segue.data.items import ReasonKind
from segue.data.query import Query
from segue.models.moods import FACT_WORDS, Fact, TrackMoods
from segue.pipeline.candidates import Source
from segue.pipeline.rules import Rule, library_reason
from segue.pipeline.words import joined
from segue.rng import derived_rng
from segue.types import FloatVector

SUITS = 0.65  # all that is known holds nearly in full, or the track is marked so; our own bar
STEP = 0.01  # scores this near count as equal; tracks of the same tags tie exactly
MAX_FACTS = 2  # of each kind in a sentence
_IS = frozenset(word for pair in FACT_WORDS.values() for word in pair)


def asks_for_mood(query: Query) -> bool:
    """True when the controls name a mood."""
    return query.controls.mood is not None


def mood_source(tracks: TrackTable, moods: TrackMoods | None = None) -> Source:
    """The source "mood" of one catalogue.

    Args:
        tracks: The catalogue.
        moods: What is known of its moods; None reads its tags, once, at the first request.
    """
    known = _Moods(tracks, moods)
    return Source("mood", Rule("mood", known.scores, known.reason), applies=asks_for_mood)


class _Moods:
    """Moods of one catalogue."""

    def __init__(self, tracks: TrackTable, moods: TrackMoods | None) -> None:
        self._tracks = tracks
        self._given = moods

    @cached_property
    def _moods(self) -> TrackMoods:
        return TrackMoods.of(self._tracks) if self._given is None else self._given

    def scores(self, query: Query, tracks: TrackTable) -> FloatVector:
        """The mood's score, float64 (n_tracks,), from 0.65 on; ``-inf`` below, or without a mood.

        Ties are drawn by ``query.seed``, so that the same tracks do not lead every day.
        """
        mood = query.controls.mood
        if mood is None:
            return np.full(len(tracks), -np.inf)
        score = self._moods.score(mood)
        draw = derived_rng(query.seed, "pipeline", "mood", mood).random(len(tracks))
        return np.where(score >= SUITS, STEP * (np.round(score / STEP) + draw), -np.inf)

    def reason(self, query: Query, tracks: TrackTable, row: int) -> tuple[ReasonKind, str, bool]:
        """The mood in the listener's words and the facts that speak for the track."""
        mood = query.controls.mood
        if mood is None:
            return library_reason(query, tracks, row)
        facts = self._moods.facts_of(mood, row)
        what = f"; this is {facts_words(facts)}" if facts else ", and this suits it"
        return ReasonKind.MOOD, f"You asked for {mood}{what}", False


def facts_words(facts: Sequence[Fact]) -> str:
    """What a track is like, then how it is marked, at most two of each.

    >>> facts_words([Fact("ambient", 1.0), Fact("still", 0.8), Fact("slow", 0.7)])
    'still and slow, and marked ambient'
    >>> facts_words([Fact("ambient", 1.0)])
    'marked ambient'
    """
    like = [fact.text for fact in facts if fact.text in _IS][:MAX_FACTS]
    marked = [fact.text for fact in facts if fact.text not in _IS][:MAX_FACTS]
    words = [joined(like)] if like else []
    if marked:
        words.append(f"{'and ' if like else ''}marked {joined(marked)}")
    return ", ".join(words)
