"""What an event is worth: the one table from events to signed preference.

Nothing elsewhere may weigh events. Plays and skips are evidence that fades with age; love, dislike
and rating are statements and hold until they are taken back.

preference(listener, track) = log(1 + sum of faded positive plays)
                            - skip_scale * log(1 + sum of faded skips)
                            + statement (love, dislike, rating, playlist, pick)

The logarithm of counts follows Hu, Koren & Volinsky 2008 (doi:10.1109/ICDM.2008.22); fading is
exponential with a half-life.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from msgspec import Struct

from segue.data.records import EVENT_CODE, Event, EventKind
from segue.data.vocabulary import Vocabulary
from segue.types import BoolVector, FloatVector, IntVector

SECONDS_PER_DAY = 86_400.0
UNKNOWN_DURATION_S = 210.0  # about the median of popular recordings; used when a track has none


class FeedbackWeights(Struct, frozen=True, kw_only=True):
    """The table. All values are in units of "one finished play"."""

    finish: float = 1.0  # played at least `finished_fraction`
    partial: float = 0.5  # played between `heard_fraction` and `finished_fraction`
    early_skip: float = 1.0  # left before `heard_fraction`
    late_skip: float = 0.25  # left later: a weak sign
    skip_scale: float = 0.7
    love: float = 2.0
    dislike: float = -3.0
    ratings: tuple[float, float, float, float, float] = (-2.0, -1.0, 0.25, 1.0, 2.0)
    playlist_add: float = 1.0
    pick: float = 0.5  # of an artist, so it says less of each track
    finished_fraction: float = 0.8
    heard_fraction: float = 0.35
    half_life_days: float = 180.0


DEFAULT_WEIGHTS = FeedbackWeights()


@dataclass(frozen=True, slots=True)
class EventColumns:
    """Events as columns, all of shape (n_events,), in any order.

    ``kind`` holds codes of :data:`~segue.data.records.EVENT_CODE` (int8); ``listened_at`` Unix
    seconds (float64); ``played_fraction`` 0..1 or NaN when unknown (float32); ``value`` the rating
    1..5 or NaN (float32).
    """

    listener_idx: IntVector
    track_idx: IntVector
    kind: IntVector
    listened_at: FloatVector
    played_fraction: FloatVector
    value: FloatVector

    def __len__(self) -> int:
        return len(self.track_idx)

    def take(self, rows: IntVector | BoolVector) -> "EventColumns":
        """The chosen rows, in the order given."""
        return EventColumns(
            self.listener_idx[rows],
            self.track_idx[rows],
            self.kind[rows],
            self.listened_at[rows],
            self.played_fraction[rows],
            self.value[rows],
        )

    @classmethod
    def joined(cls, parts: Sequence["EventColumns"]) -> "EventColumns":
        """The rows of all parts, one after the other."""
        names = cls.__dataclass_fields__
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    @classmethod
    def empty(cls) -> "EventColumns":
        """No event at all."""
        return cls.from_events((), Vocabulary(), Vocabulary(), np.empty(0, np.float32))

    @classmethod
    def from_events(
        cls,
        events: Iterable[Event],
        listeners: Vocabulary,
        tracks: Vocabulary,
        duration_s: FloatVector,
    ) -> "EventColumns":
        """Columns of the events whose listener and track are known; the others are left out."""
        rows = [
            (
                listener,
                track,
                EVENT_CODE[event.kind],
                event.listened_at,
                np.nan if event.played_s is None else event.played_s,
                np.nan if event.value is None else event.value,
            )
            for event in events
            if (listener := listeners.get(event.listener_id)) is not None
            and (track := tracks.get(event.track_id)) is not None
        ]
        table = np.array(rows, dtype=np.float64).reshape(-1, 6)
        track_idx = table[:, 1].astype(np.int32)
        return cls(
            table[:, 0].astype(np.int32),
            track_idx,
            table[:, 2].astype(np.int8),
            table[:, 3],
            played_fractions(table[:, 4], duration_s[track_idx]),
            table[:, 5].astype(np.float32),
        )


def played_fractions(played_s: FloatVector, duration_s: FloatVector) -> FloatVector:
    """Share of the track that was heard, clipped to 0..1, float32; NaN where unknown."""
    known = np.where(np.nan_to_num(duration_s) > 0, duration_s, UNKNOWN_DURATION_S)
    return np.clip(played_s / known, 0.0, 1.0).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Preferences:
    """One row for each pair of listener and track that has an event, all shape (n_pairs,).

    Sorted by listener, then track. ``value`` is the signed preference (float32); ``rating`` is NaN
    when there is none; ``last_listened_at`` is the time of the newest event of the pair, and
    ``loved_at`` that of the love that holds, NaN where it is not loved; ``picked`` says that its
    artist was picked.
    """

    listener_idx: IntVector
    track_idx: IntVector
    value: FloatVector
    n_plays: IntVector
    n_finished: IntVector
    n_skips: IntVector
    loved: BoolVector
    disliked: BoolVector
    rating: FloatVector
    last_listened_at: FloatVector
    loved_at: FloatVector
    picked: BoolVector

    def __len__(self) -> int:
        return len(self.track_idx)


def preferences(
    events: EventColumns, now: float, weights: FeedbackWeights = DEFAULT_WEIGHTS
) -> Preferences:
    """Add up the events of each listener and track.

    Args:
        events: Any order; the statement that was made last holds (love against unlove).
        now: Unix time (s) from which ages are counted; events after it count as new.
    """
    order = np.lexsort((events.listened_at, events.track_idx, events.listener_idx))
    events = events.take(order)
    pair_of, starts = _pairs(events)
    n_pairs = len(starts)
    positive, negative = _evidence(events, weights)
    age_days = np.maximum(now - events.listened_at, 0.0) / SECONDS_PER_DAY
    fade = np.exp2(-age_days / weights.half_life_days)
    liked = np.bincount(pair_of, positive * fade, n_pairs)
    skipped = np.bincount(pair_of, negative * fade, n_pairs)
    loved = _last_says(events, pair_of, n_pairs, EventKind.LOVE, EventKind.UNLOVE)
    disliked = _last_says(events, pair_of, n_pairs, EventKind.DISLIKE, EventKind.UNDISLIKE)
    rating = _last_rating(events, pair_of, n_pairs)
    kept = np.bincount(pair_of, events.kind == EVENT_CODE[EventKind.PLAYLIST_ADD], n_pairs) > 0
    picked = np.bincount(pair_of, events.kind == EVENT_CODE[EventKind.PICK], n_pairs) > 0
    value = np.log1p(liked) - weights.skip_scale * np.log1p(skipped)
    value += weights.love * loved + weights.dislike * disliked + weights.playlist_add * kept
    value += weights.pick * picked + _rating_worth(rating, weights)
    is_play = events.kind == EVENT_CODE[EventKind.PLAY]
    finished = is_play & ~(events.played_fraction < weights.finished_fraction)
    last = np.append(starts[1:], len(events))[: len(starts)] - 1
    return Preferences(
        events.listener_idx[starts],
        events.track_idx[starts],
        value.astype(np.float32),
        np.bincount(pair_of, is_play, n_pairs).astype(np.int32),
        np.bincount(pair_of, finished, n_pairs).astype(np.int32),
        np.bincount(pair_of, events.kind == EVENT_CODE[EventKind.SKIP], n_pairs).astype(np.int32),
        loved,
        disliked,
        rating,
        events.listened_at[last],
        _loved_at(events, pair_of, loved),
        picked,
    )


def _pairs(events: EventColumns) -> tuple[IntVector, IntVector]:
    """Number of the pair of each (sorted) event, and the first event of each pair."""
    if not len(events):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    new = np.empty(len(events), bool)
    new[0] = True
    new[1:] = np.diff(events.listener_idx) != 0
    new[1:] |= np.diff(events.track_idx) != 0
    return np.cumsum(new) - 1, np.flatnonzero(new)


def _evidence(events: EventColumns, weights: FeedbackWeights) -> tuple[FloatVector, FloatVector]:
    """Positive and negative worth of each event before fading.

    A play of unknown length counts as finished, a skip of unknown length as early.
    """
    fraction = events.played_fraction
    is_play = events.kind == EVENT_CODE[EventKind.PLAY]
    is_skip = events.kind == EVENT_CODE[EventKind.SKIP]
    early = (fraction < weights.heard_fraction) | (np.isnan(fraction) & is_skip)
    part = fraction < weights.finished_fraction
    positive = np.where(part, weights.partial, weights.finish) * (is_play & ~early)
    negative = np.where(early, weights.early_skip, weights.late_skip) * is_skip
    return positive, negative


def _last_says(
    events: EventColumns, pair_of: IntVector, n_pairs: int, yes: EventKind, no: EventKind
) -> BoolVector:
    state = np.zeros(n_pairs, bool)
    said = np.isin(events.kind, (EVENT_CODE[yes], EVENT_CODE[no]))
    state[pair_of[said]] = events.kind[said] == EVENT_CODE[yes]  # sorted by time: the last wins
    return state


def _loved_at(events: EventColumns, pair_of: IntVector, loved: BoolVector) -> FloatVector:
    """The time of the last love of each pair that is loved, else NaN."""
    at = np.full(len(loved), np.nan)
    said = events.kind == EVENT_CODE[EventKind.LOVE]
    at[pair_of[said]] = events.listened_at[said]
    return np.where(loved, at, np.nan)


def _last_rating(events: EventColumns, pair_of: IntVector, n_pairs: int) -> FloatVector:
    rating = np.full(n_pairs, np.nan, np.float32)
    said = np.isin(events.kind, (EVENT_CODE[EventKind.RATE], EVENT_CODE[EventKind.UNRATE]))
    is_rate = events.kind[said] == EVENT_CODE[EventKind.RATE]
    rating[pair_of[said]] = np.where(is_rate, events.value[said], np.nan)
    return rating


def _rating_worth(rating: FloatVector, weights: FeedbackWeights) -> FloatVector:
    table = np.array((*weights.ratings, 0.0))
    stars = np.where(np.isnan(rating), 6, np.clip(np.nan_to_num(rating, nan=6.0), 1, 5))
    return np.interp(stars, np.arange(1, 7), table) * ~np.isnan(rating)
