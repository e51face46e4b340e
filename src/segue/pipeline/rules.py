"""Sources that need no training: newest, collected, loved and left, on repeat, own, and shuffled.

What is on a listener's mind, and what has left it, follows ACT-R; see :mod:`segue.models.memory`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from segue.data.dataset import TrackTable
from segue.data.feedback import SECONDS_PER_DAY, Preferences
from segue.data.items import ReasonKind
from segue.data.query import Query
from segue.models.memory import MIN_AGE_DAYS, memory_trace, recall_probability
from segue.pipeline.words import added_words, fact_words, month_words, place_of
from segue.rng import derived_rng
from segue.types import BoolVector, FloatVector, IntVector

MIN_COLLECTED = 3  # tracks of an artist; fewer say nothing of who owns them
LEFT_DAYS = 60.0  # no event for so long: the listener has left the track
REPEAT_DAYS = 14.0
REPEAT_PLAYS = 3
DECAY, SPAN_DAYS, HALF_DAYS = 0.5, 180.0, 14.0  # as in the model of memory


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule: scores for all tracks (-inf where it says nothing), and its reason in words.

    ``reason(query, tracks, track_idx)`` gives the kind, the text, and whether the track itself is
    the evidence; it states only what is in the query and the catalogue. ``evidence(query,
    track_idx)`` gives the rows of other tracks that the sentence rests on, where there are any.
    """

    name: str
    score: Callable[[Query, TrackTable], FloatVector]
    reason: Callable[[Query, TrackTable, int], tuple[ReasonKind, str, bool]]
    evidence: Callable[[Query, int], IntVector] | None = None


def newest_scores(query: Query, tracks: TrackTable) -> FloatVector:
    """Time of adding (Unix s); ``-inf`` where it is unknown or still to come."""
    known = (tracks.added_at > 0) & (tracks.added_at <= query.now)
    return np.where(known, tracks.added_at, -np.inf)


def shuffled_scores(query: Query, tracks: TrackTable) -> FloatVector:
    """One fair shuffle of the library for each ``query.seed``, float32, in (0, 1]."""
    return 1.0 - derived_rng(query.seed, "pipeline", "shuffled").random(len(tracks), np.float32)


def collected_rule(tracks: TrackTable) -> Rule:
    """The rule "collected" of one catalogue, whose music is counted once."""
    collected = _Collected(tracks)
    return Rule("collected", collected.scores, collected.reason)


class _Collected:
    """All that a library says of its owners before anyone plays: whose music they kept."""

    def __init__(self, tracks: TrackTable) -> None:
        n_artists = len(tracks.artist_ids)
        owned = np.bincount(tracks.artist_idx[tracks.owned] + 1, minlength=n_artists + 1)
        owned[0] = 0  # nobody
        self._n_owned: IntVector = owned  # by artist, one place up

    def scores(self, query: Query, tracks: TrackTable) -> FloatVector:
        """A weighted shuffle for each ``query.seed``, in (0, 1]: who is collected more is earlier.

        The weight of a track is the number of tracks by its artist; the order of
        ``u ** (1 / weight)`` draws by weight without replacement (Efraimidis and Spirakis 2006,
        doi:10.1016/j.ipl.2005.11.003). ``-inf`` where fewer than 3 are owned, where the track is
        not, or its artist is unknown.
        """
        n_owned = self._n_owned[tracks.artist_idx + 1]
        luck = 1.0 - derived_rng(query.seed, "pipeline", "collected").random(len(tracks))
        said = tracks.owned & (n_owned >= MIN_COLLECTED)
        return np.where(said, luck ** (1.0 / np.maximum(n_owned, 1)), -np.inf)

    def reason(
        self, query: Query, tracks: TrackTable, track_idx: int
    ) -> tuple[ReasonKind, str, bool]:
        """How many tracks by its artist are owned."""
        n = int(self._n_owned[tracks.artist_idx[track_idx] + 1])
        return ReasonKind.LIBRARY, f"One of {n:,} tracks by this artist in your library", False


def left_scores(query: Query, tracks: TrackTable) -> FloatVector:
    """Tracks once loved, rated four or more, or finished three times, and left for 60 days.

    Score: (2 loved + (rating - 3) + log(1 + finished)) * (1 - probability of recall), the threshold
    of recall being the typical memory of what the listener plays now: what was dear once and has
    faded most against that comes first.
    """
    known = query.profile.known
    days = _days_since_last(known, query.now)
    stars = np.nan_to_num(known.rating, nan=3.0) - 3.0
    strength = 2.0 * known.loved + stars + np.log1p(known.n_finished)
    trace = _trace(known, days)
    faded = strength * (1.0 - recall_probability(trace, _typical_now(known, days, trace)))
    return _spread(known, faded, _liked(known) & (days >= LEFT_DAYS), len(tracks))


def repeat_scores(query: Query, tracks: TrackTable) -> FloatVector:
    """Tracks finished three times or more and touched in the last 14 days, by memory.

    Score: probability of recall times the share ``(1 + plays) / (1 + plays + skips)``.
    """
    known = query.profile.known
    days = _days_since_last(known, query.now)
    often = (known.n_finished >= REPEAT_PLAYS) & (known.n_skips < known.n_finished)
    keep = often & (days <= REPEAT_DAYS) & ~known.disliked
    kept = (1 + known.n_plays) / (1 + known.n_plays + known.n_skips)
    recall = recall_probability(_trace(known, days), HALF_DAYS**-DECAY)
    return _spread(known, kept * recall, keep, len(tracks))


def own_scores(query: Query, tracks: TrackTable) -> FloatVector:
    """What the listener likes, by preference; of a part of their taste, that part."""
    known = query.profile.known
    return _spread(known, known.value, (known.value > 0) & ~known.disliked, len(tracks))


def _trace(known: Preferences, days: FloatVector) -> FloatVector:
    return memory_trace(known.n_plays, np.maximum(days, MIN_AGE_DAYS), SPAN_DAYS, DECAY)


def _typical_now(known: Preferences, days: FloatVector, trace: FloatVector) -> float:
    """The median memory of what was played in the last 14 days, or of one play 14 days ago."""
    now = (known.n_plays > 0) & (days <= REPEAT_DAYS)
    return float(np.median(trace[now])) if now.any() else HALF_DAYS**-DECAY


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
    return kind, text + _left_words(known, place, query.now), own


def _left_words(known: Preferences, place: int, now: float) -> str:
    """When it was loved, if it is, and since when it was not played: the newest event is older."""
    last = month_words(float(known.last_listened_at[place]), now)
    if not known.loved[place]:
        return f" and have not played it since {last}"
    loved = month_words(float(known.loved_at[place]), now)
    since = "since" if loved == last else f"since {last}"
    return f" in {loved} and have not played it {since}"


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
OWN = Rule("own", own_scores, _repeat_reason)
RULES: tuple[Rule, ...] = (NEW, SHUFFLED, LEFT, REPEAT, OWN)
