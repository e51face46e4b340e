"""What becomes of each pick: finished, left early or late, loved, disliked, rated; and when.

Thresholds on liking (a quantile 0..1, uniform for free picks) decide, so the shares in
:class:`~segue.synthetic.listener_params.ListenerParams` are met without tuning.
"""

import numpy as np

from segue.data.dataset import TrackTable
from segue.data.feedback import (
    DEFAULT_WEIGHTS,
    SECONDS_PER_DAY,
    UNKNOWN_DURATION_S,
    EventColumns,
)
from segue.data.records import EVENT_CODE, EventKind
from segue.synthetic.listener_params import ListenerParams
from segue.synthetic.sessions import without_overlap
from segue.types import BoolVector, FloatVector, IntVector

_BETWEEN_TRACKS_S = 1.0
_PRESSED_AT = 0.9  # buttons are pressed at this part of what was heard


def played_fractions_of(
    likings: FloatVector,
    is_relisten: BoolVector,
    params: ListenerParams,
    rng: np.random.Generator,
) -> tuple[BoolVector, FloatVector]:
    """Which picks are skipped, and the share of each track that is heard, 0..1.

    Early skips end before 35 %, late skips and partial plays before 80 %, others after.
    """
    limit = params.skip_share * np.where(is_relisten, params.familiar_skip_factor, 1.0)
    skipped = likings < limit
    which, place = rng.random((2, len(likings)))
    heard, finished = DEFAULT_WEIGHTS.heard_fraction, DEFAULT_WEIGHTS.finished_fraction
    late = heard + (finished - heard) * place
    early = 0.02 + (heard - 0.02) * place
    to_the_end = np.minimum(1.0, finished + 0.02 + 0.4 * place)  # about half run out fully
    of_skip = np.where(which < params.early_skip_share, early, late * 0.99)
    of_play = np.where(which < params.partial_share, late * 0.99, to_the_end)
    return skipped, np.where(skipped, of_skip, np.maximum(of_play, heard))


def listener_events(
    listener_idx: int,
    session: IntVector,
    track_idx: IntVector,
    likings: FloatVector,
    is_relisten: BoolVector,
    session_start: FloatVector,
    tracks: TrackTable,
    start: float,
    days: float,
    params: ListenerParams,
    rng: np.random.Generator,
) -> EventColumns:
    """Events of one listener in order of time; picks that begin after the end are left out."""
    skipped, fraction = played_fractions_of(likings, is_relisten, params, rng)
    known = np.nan_to_num(np.asarray(tracks.duration_s, np.float64)[track_idx])
    played_s = fraction * np.where(known > 0, known, UNKNOWN_DURATION_S)
    at = _begin_times(session, played_s + _BETWEEN_TRACKS_S, session_start)
    wants_rating = rng.random(len(at)) < params.rating_share
    heard = at < start + days * SECONDS_PER_DAY
    plays = _columns(listener_idx, track_idx, np.where(skipped, EVENT_CODE[EventKind.SKIP],
                     EVENT_CODE[EventKind.PLAY]), at, fraction, None).take(heard)  # fmt: skip
    finished = fraction >= DEFAULT_WEIGHTS.finished_fraction
    loved = finished & (likings > 1 - params.love_share)
    disliked = skipped & (likings < params.dislike_share)
    stars = 1.0 + np.searchsorted(np.cumsum(params.rating_shares)[:4], likings, side="right")
    pressed_at = at + _PRESSED_AT * played_s
    parts = [plays]
    for kind, wanted, value in (
        (EventKind.LOVE, loved, None),
        (EventKind.DISLIKE, disliked, None),
        (EventKind.RATE, wants_rating, stars),
    ):
        rows = _first_of_track(wanted & heard, track_idx)
        code = np.full(len(rows), EVENT_CODE[kind])
        given = None if value is None else value[rows]
        parts.append(_columns(listener_idx, track_idx[rows], code, pressed_at[rows], None, given))
    return _in_order(parts)


def _begin_times(
    session: IntVector, occupied_s: FloatVector, session_start: FloatVector
) -> FloatVector:
    """When each pick begins: one after the other from its session's start, sessions apart."""
    n_sessions = len(session_start)
    duration_s: FloatVector = np.bincount(session, occupied_s, n_sessions).astype(np.float64)
    start = without_overlap(session_start, duration_s)
    before = np.cumsum(occupied_s) - occupied_s
    first = np.searchsorted(session, np.arange(n_sessions))
    before_session = np.append(before, occupied_s.sum())[first]
    return start[session] + (before - before_session[session])


def _first_of_track(wanted: BoolVector, track_idx: IntVector) -> IntVector:
    """Rows of the first wanted statement on each track: nobody presses twice."""
    rows = np.flatnonzero(wanted)
    _, first = np.unique(track_idx[rows], return_index=True)
    return rows[np.sort(first)]


def _columns(
    listener_idx: int,
    track_idx: IntVector,
    kind: IntVector,
    at: FloatVector,
    fraction: FloatVector | None,
    value: FloatVector | None,
) -> EventColumns:
    n = len(track_idx)
    unknown = np.full(n, np.nan, np.float32)
    return EventColumns(
        np.full(n, listener_idx, np.int32),
        track_idx.astype(np.int32),
        kind.astype(np.int8),
        at.astype(np.float64),
        unknown if fraction is None else fraction.astype(np.float32),
        unknown if value is None else value.astype(np.float32),
    )


def _in_order(parts: list[EventColumns]) -> EventColumns:
    joined = EventColumns(
        np.concatenate([p.listener_idx for p in parts]),
        np.concatenate([p.track_idx for p in parts]),
        np.concatenate([p.kind for p in parts]),
        np.concatenate([p.listened_at for p in parts]),
        np.concatenate([p.played_fraction for p in parts]),
        np.concatenate([p.value for p in parts]),
    )
    return joined.take(np.argsort(joined.listened_at, kind="stable"))
