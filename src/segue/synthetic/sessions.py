"""When a synthetic listener listens: session starts by weekday and hour, lengths, no overlap."""

from dataclasses import dataclass

import numpy as np

from segue.data.feedback import SECONDS_PER_DAY
from segue.synthetic.taste import SECONDS_PER_HOUR, Listeners
from segue.types import BoolVector, FloatVector, IntVector

GAP_S = 60.0  # least pause between two sessions


@dataclass(frozen=True, slots=True)
class Sessions:
    """Sessions of one listener in order of start, all of shape (n_sessions,).

    ``start`` is Unix time (s), ``length`` the number of picks, ``mode`` the mode of taste,
    ``album_run`` whether an album is played through.
    """

    start: FloatVector
    length: IntVector
    mode: IntVector
    album_run: BoolVector

    def __len__(self) -> int:
        return len(self.start)


def draw_sessions(
    listeners: Listeners, listener_idx: int, start: float, days: float, rng: np.random.Generator
) -> Sessions:
    """Sessions within ``days`` days from ``start`` (Unix s); days and hours are UTC."""
    params = listeners.params
    first = int(start // SECONDS_PER_DAY)
    day = np.arange(first, int(np.ceil((start + days * SECONDS_PER_DAY) / SECONDS_PER_DAY)))
    rate = listeners.sessions_per_day[listener_idx]
    per_day = rng.poisson(rate * np.where(is_weekend(day), params.weekend_factor, 1.0))
    of_day = np.repeat(day, per_day)
    n = len(of_day)
    cumulative = np.cumsum(listeners.hour_profile[listener_idx], axis=1)
    hour = _draw_rows(cumulative[is_weekend(of_day).astype(int)], rng.random(n))
    at = of_day * SECONDS_PER_DAY + (hour + rng.random(n)) * SECONDS_PER_HOUR
    at = np.sort(at[(at >= start) & (at < start + days * SECONDS_PER_DAY)])
    shares = np.cumsum(listeners.mode_shares(listener_idx), axis=1)
    mode = _draw_rows(shares[hour_of_day(at)], rng.random(len(at)))
    length = rng.geometric(1 / params.tracks_per_session, len(at))
    return Sessions(at, length, mode, rng.random(len(at)) < params.album_run_share)


def is_weekend(day: IntVector) -> BoolVector:
    """Whether days since 1970-01-01 (a Thursday) are Saturday or Sunday.

    >>> is_weekend(np.array([0, 1, 2, 3, 4])).tolist()
    [False, False, True, True, False]
    """
    return (day + 3) % 7 >= 5


def hour_of_day(at: FloatVector) -> IntVector:
    """Hour 0..23 (UTC) of Unix times."""
    return (at // SECONDS_PER_HOUR).astype(np.int64) % 24


def _draw_rows(cumulative: FloatVector, u: FloatVector) -> IntVector:
    """One draw from each row of cumulative shares."""
    within = u[:, None] * cumulative[:, -1:] if len(u) else cumulative[:, -1:]
    return (cumulative <= within).sum(axis=1)


def without_overlap(start: FloatVector, duration_s: FloatVector) -> FloatVector:
    """Session starts moved later where the session before still plays (Lindley's recursion).

    >>> without_overlap(np.array([0.0, 50.0, 900.0]), np.array([100.0, 10.0, 5.0])).tolist()
    [0.0, 160.0, 900.0]
    """
    busy = np.cumsum(duration_s + GAP_S) - (duration_s + GAP_S)
    return busy + np.maximum.accumulate(start - busy)
