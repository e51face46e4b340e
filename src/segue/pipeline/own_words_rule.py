"""The source for what listeners say of themselves: what fits their moods, genres and years."""

import numpy as np

from segue.data.dataset import TrackTable
from segue.data.items import ReasonKind
from segue.data.query import Query
from segue.models.knowledge import BUMPS, Knowledge
from segue.pipeline.candidates import Source
from segue.pipeline.rules import Rule, library_reason
from segue.pipeline.words import joined
from segue.rng import derived_rng
from segue.types import FloatVector

MAX_FACTS = 3
LEAST = 1e-3  # of the score; less is rounding
STEP = 0.01  # scores this near count as equal: tracks of one genre tie


def has_leanings(query: Query) -> bool:
    """True when the listener said something of themselves."""
    return query.leanings is not None


def own_words_source(model: Knowledge) -> Source:
    """The source "own_words" of a fitted model."""
    known = _OwnWords(model)
    return Source("own_words", Rule("own_words", known.scores, known.reason), applies=has_leanings)


class _OwnWords:
    def __init__(self, model: Knowledge) -> None:
        self._model = model

    def scores(self, query: Query, tracks: TrackTable) -> FloatVector:
        """Likeness of each track to the leanings, ``-inf`` where there is none.

        Ties are drawn by ``query.seed``, so that the same tracks do not lead every day. A genre
        that they do not want is left out.
        """
        said = query.leanings
        if said is None:
            return np.full(len(tracks), -np.inf)
        score = np.asarray(self._model.score(self._model.lean(said)), np.float64)
        draw = derived_rng(query.seed, "pipeline", "own_words").random(len(tracks))
        fits = (score > LEAST) & ~self._model.of_genres(said.without_genres)
        return np.where(fits, STEP * (np.round(score / STEP) + draw), -np.inf)

    def reason(self, query: Query, tracks: TrackTable, row: int) -> tuple[ReasonKind, str, bool]:
        """Which of the listener's own words the track fits, the weightiest first."""
        if query.leanings is None:
            return library_reason(query, tracks, row)
        terms = self._model.shared_terms(self._model.lean(query.leanings), row)
        when = tuple(f"about {year}" for year in BUMPS)
        facts = dict.fromkeys(
            f"from {tracks.year[row]}" if term in when else term for term in terms
        )
        text = f"Fits what you say of yourself: {joined(list(facts)[:MAX_FACTS])}"
        return ReasonKind.SAID, text, False
