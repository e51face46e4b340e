"""Sources that need no training: newest, loved and left, on repeat, and the shuffled library."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from segue.data.dataset import TrackTable
from segue.data.feedback import SECONDS_PER_DAY, Preferences
from segue.data.items import ReasonKind
from segue.data.query import Query
from segue.pipeline.words import added_words, away_words, fact_words, place_of
from segue.rng import derived_rng
from segue.types import BoolVector, FloatVector

LEFT_DAYS = 60.0  # no event for so long: the listener has left the track
REPEAT_DAYS = 14.0
REPEAT_PLAYS = 3


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule: scores for all tracks (-inf where it says nothing), and its reason in words.

    ``reason(query, tracks, track_idx)`` gives the kind, the text, and whether the track itself is
    the evidence; it states only what is in the query and the catalogue.
    """

    name: str
    score: Callable[[Query, TrackTable], FloatVector]
    reason: Callable[[Query, TrackTable, int], tuple[ReasonKind, str, bool]]


def newest_scores(query: Query, tracks: TrackTable) -> FloatVector:
    """Time of adding (Unix s); ``-inf`` where it is unknown or still to come."""
    known = (tracks.added_at > 0) & (tracks.added_at <= query.now)
    return np.where(known, tracks.added_at, -np.inf)


def shuffled_scores(query: Query, tracks: TrackTable) -> FloatVector:
    """One fair shuffle of the library for each ``query.seed``, float32, in (0, 1]."""
    return 1.0 - derived_rng(query.seed, "pipeline", "shuffled").random(len(tracks), np.float32)


def left_scores(query: Query, tracks: TrackTable) -> FloatVector:
    """Tracks once loved, rated four or more, or finished three times, and left for 60 days.

    Score: (2 loved + (rating - 3) + log(1 + finished)) * (1 - 2 ** (-days away / 180)).
    """
    known = query.profile.known
    days = _days_since_last(known, query.now)
    stars = np.nan_to_num(known.rating, nan=3.0) - 3.0
    strength = 2.0 * known.loved + stars + np.log1p(known.n_finished)
    rested = strength * (1.0 - np.exp2(-days / 180.0))
    return _spread(known, rested, _liked(known) & (days >= LEFT_DAYS), len(tracks))


def repeat_scores(query: Query, tracks: TrackTable) -> FloatVector:
    """Tracks finished three times or more and touched in the last 14 days, by preference."""
    known = query.profile.known
    often = (known.n_finished >= REPEAT_PLAYS) & (known.n_skips < known.n_finished)
    lately = _days_since_last(known, query.now) <= REPEAT_DAYS
    return _spread(known, known.value, often & lately & ~known.disliked, len(tracks))


def _liked(known: Preferences) -> BoolVector:
    stated = known.loved | (known.rating >= 4)
    low = (known.rating <= 2) | known.disliked
    return (stated | (known.n_finished >= REPEAT_PLAYS)) & ~low


def _days_since_last(known: Preferences, now: float) -> FloatVector:
    return np.maximum(now - known.last_listened_at, 0.0) / SECONDS_PER_DAY


def _spread(
    known: Preferences, values: FloatVector, keep: BoolVector, n_tracks: int
) -> FloatVector:
    scores = np.full(n_tracks, -np.inf)
    scores[known.track_idx[keep]] = values[keep]
    return scores


def _new_reason(query: Query, tracks: TrackTable, track_idx: int) -> tuple[ReasonKind, str, bool]:
    text = added_words(query.now - float(tracks.added_at[track_idx]))
    if text is None:
        return library_reason(query, tracks, track_idx)
    return ReasonKind.NEW, text, False


def library_reason(
    query: Query, tracks: TrackTable, track_idx: int
) -> tuple[ReasonKind, str, bool]:
    """Nothing is known of the track or of the listener; says where it is from, and no more."""
    text = "From your library" if tracks.owned[track_idx] else "From the catalogue"
    if query.profile.is_empty:
        text += "; play or love something and this list learns"
    return ReasonKind.LIBRARY, text, False


def _left_reason(query: Query, tracks: TrackTable, track_idx: int) -> tuple[ReasonKind, str, bool]:
    kind, text, own = _repeat_reason(query, tracks, track_idx)
    known = query.profile.known
    place = place_of(known, track_idx)
    if place is None:
        return kind, text, own
    away = away_words(query.now - float(known.last_listened_at[place]))
    return kind, f"{text} and have not played it for {away}", own


def _repeat_reason(
    query: Query, tracks: TrackTable, track_idx: int
) -> tuple[ReasonKind, str, bool]:
    place = place_of(query.profile.known, track_idx)
    fact = None if place is None else fact_words(query.profile.known, place, "it")
    if fact is None:
        return library_reason(query, tracks, track_idx)
    return fact[0], f"You {fact[1]}", True


NEW = Rule("new", newest_scores, _new_reason)
SHUFFLED = Rule("shuffled", shuffled_scores, library_reason)
LEFT = Rule("left", left_scores, _left_reason)
REPEAT = Rule("repeat", repeat_scores, _repeat_reason)
RULES: tuple[Rule, ...] = (NEW, SHUFFLED, LEFT, REPEAT)
