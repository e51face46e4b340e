"""Planted taste of synthetic listeners: modes, their hours, their drift, and the exact utility.

A listener is a mixture of modes. At hour h mode m is chosen with probability proportional to
``weight_m * mode_hours[m, h]``; mode m picks track t with the probability of
:mod:`segue.synthetic.taste_space`. The probability of the next free pick is therefore known exactly
and its logarithm is the planted utility.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from segue.data.dataset import TrackTable
from segue.data.feedback import SECONDS_PER_DAY
from segue.errors import InvalidInputError
from segue.rng import derived_rng
from segue.synthetic.listener_params import ListenerParams
from segue.synthetic.listener_profiles import ListenerProfile, make_profile, mood_directions
from segue.synthetic.taste_space import TasteSpace, make_taste_space
from segue.types import FloatMatrix, FloatVector, IntVector

SECONDS_PER_HOUR = 3600.0
DAYS_PER_YEAR = 365.25
# Share of session starts at hours 0..23 before the listener's shift; peaks of commute and evening.
WEEKDAY_HOURS = np.array(
    [1, 0.5, 0.3, 0.2, 0.2, 0.5, 2, 5, 6, 4, 3, 3, 3.5, 3, 3, 3.5, 4.5, 6, 6.5, 6, 6, 5, 3.5, 2]
)
WEEKEND_HOURS = np.array(
    [2.5, 1.5, 1, 0.5, 0.3, 0.3, 0.5, 1, 2.5, 4, 5, 5.5, 5, 5, 5, 5, 5, 5.5, 6, 6, 6, 5.5, 5, 4]
)
_MODE_HOURS_FLOOR = 0.05  # no mode is ever fully out of the question
_CENTRE_NOISE = 0.3  # a mode is near a track, not on it
_SHIFT_SPREAD_H = 1.5


@dataclass(frozen=True, slots=True)
class Listeners:
    """Synthetic listeners with the truth about them; ``L`` listeners, ``M`` modes, ``E`` epochs.

    Attributes:
        space: Where tracks lie.
        weights: Weights of modes, (L, M), sum 1; 0 for modes that a listener does not have.
        centres: Unit centres of modes, float32 (L, E, M, n_dimensions).
        mode_hours: Activity of modes by hour of day (UTC), (L, M, 24), mean 1.
        hour_profile: Share of session starts by hour, (L, 2, 24): weekdays, weekend; sum 1.
        mainstreaminess: Pull of popularity, (L,), 0..1.
        novelty: Share of picks that memory does not decide, (L,), 0..1.
        sessions_per_day: Mean on a weekday, (L,).
        profiles: Name, age band, moods.
    """

    params: ListenerParams
    space: TasteSpace
    weights: FloatMatrix
    centres: FloatMatrix
    mode_hours: FloatMatrix
    hour_profile: FloatMatrix
    mainstreaminess: FloatVector
    novelty: FloatVector
    sessions_per_day: FloatVector
    profiles: tuple[ListenerProfile, ...]

    def __len__(self) -> int:
        return len(self.weights)

    def epoch(self, at: float | FloatVector) -> IntVector:
        """Epoch of taste at Unix times (s)."""
        days = (np.asarray(at) - self.params.origin_s) / SECONDS_PER_DAY
        last = self.params.n_epochs - 1
        return np.clip(np.floor(days / self.params.epoch_days), 0, last).astype(np.int64)

    def modes(self, listener_idx: int) -> IntVector:
        """The modes that a listener has."""
        return np.flatnonzero(self.weights[listener_idx])

    def mode_shares(self, listener_idx: int) -> FloatMatrix:
        """Probability of each mode at each hour, shape (24, M), rows sum to 1."""
        active = (self.weights[listener_idx][:, None] * self.mode_hours[listener_idx]).T
        return active / active.sum(axis=1, keepdims=True)

    def overall_mode_shares(self, listener_idx: int) -> FloatVector:
        """Probability of each mode over a whole week of session starts, shape (M,)."""
        n_sessions = np.array([5.0, 2.0 * self.params.weekend_factor])
        hours = n_sessions @ self.hour_profile[listener_idx] / n_sessions.sum()
        return hours @ self.mode_shares(listener_idx)

    def utility(self, listener_idx: int, at: float, any_hour: bool = False) -> FloatVector:
        """Planted expected preference of all tracks at one time, shape (n_tracks,), float64.

        It is log(n_tracks * p) with p the exact probability that the next free pick is the track:
        0 is what a listener without taste would give every track. It holds neither the history
        (relistens) nor the bad-luck picks.

        Args:
            listener_idx: Which listener.
            at: Unix time (s); gives the epoch and, unless ``any_hour``, the hour of day.
            any_hour: Average over the hours at which the listener starts sessions.

        Raises:
            InvalidInputError: No such listener.
        """
        if not 0 <= listener_idx < len(self):
            raise InvalidInputError(f"listener_idx must be 0..{len(self) - 1}, got {listener_idx}")
        hour = int(at // SECONDS_PER_HOUR) % 24
        shares = self.mode_shares(listener_idx)[hour]
        if any_hour:
            shares = self.overall_mode_shares(listener_idx)
        modes = self.modes(listener_idx)
        centres = self.centres[listener_idx, int(self.epoch(at))][modes]
        logits = self.space.logits(centres, float(self.mainstreaminess[listener_idx]))
        return mixture_utility(logits, shares[modes])


def mixture_utility(logits: FloatMatrix, shares: FloatVector) -> FloatVector:
    """log(n_tracks * sum_m share_m * softmax(logits_m)), shape (n_tracks,), float64.

    >>> mixture_utility(np.zeros((2, 4)), np.array([0.25, 0.75])).tolist()
    [0.0, 0.0, 0.0, 0.0]
    """
    offset = np.log(shares) - log_totals(logits)
    return np.logaddexp.reduce(logits + offset[:, None], axis=0) + np.log(logits.shape[1])


def log_totals(logits: FloatMatrix) -> FloatVector:
    """Log of the sum of exponentials of each row, float64, shape (n_modes,)."""
    highest = logits.max(axis=1)
    return highest + np.log(np.exp(logits - highest[:, None]).sum(axis=1, dtype=np.float64))


def make_listeners(
    tracks: TrackTable, n_listeners: int, seed: int, params: ListenerParams | None = None
) -> Listeners:
    """Plant listeners in a catalogue; each depends on the seed and its own number only.

    Args:
        tracks: Any catalogue; without terms, artists get invented genres.
        n_listeners: How many, >= 1.
        seed: Root seed.
        params: Defaults are a household with broad taste.

    Raises:
        InvalidInputError: A parameter or ``n_listeners`` is out of range.
        InvalidDataError: The catalogue is empty.
    """
    if n_listeners < 1:
        raise InvalidInputError(f"n_listeners must be at least 1, got {n_listeners}")
    params = (params or ListenerParams()).check()
    space = make_taste_space(tracks, seed, params)
    popularity = np.cumsum(np.exp(0.5 * space.log_popularity.astype(np.float64)))
    moods = mood_directions(seed, params.n_dimensions)
    rows = [
        _listener(tracks, space, popularity, moods, params, derived_rng(seed, "listener", idx))
        for idx in range(n_listeners)
    ]
    return Listeners(
        params,
        space,
        weights=np.array([row.weights for row in rows]),
        centres=np.array([row.centres for row in rows]),
        mode_hours=np.array([row.mode_hours for row in rows]),
        hour_profile=np.array([row.hour_profile for row in rows]),
        mainstreaminess=np.array([row.mainstreaminess for row in rows]),
        novelty=np.array([row.novelty for row in rows]),
        sessions_per_day=np.array([row.sessions_per_day for row in rows]),
        profiles=tuple(row.profile for row in rows),
    )


class _Listener(NamedTuple):
    """One row of each column of :class:`Listeners`."""

    weights: FloatVector
    centres: FloatMatrix
    mode_hours: FloatMatrix
    hour_profile: FloatMatrix
    mainstreaminess: float
    novelty: float
    sessions_per_day: float
    profile: ListenerProfile


def _listener(
    tracks: TrackTable,
    space: TasteSpace,
    popularity: FloatVector,
    moods: FloatMatrix,
    params: ListenerParams,
    rng: np.random.Generator,
) -> _Listener:
    m = params.max_modes
    n_modes = min(1 + rng.poisson(max(params.mean_modes - 1, 0.0)), m)
    weights = np.zeros(m)
    weights[:n_modes] = rng.dirichlet(np.full(n_modes, params.mode_concentration))
    seeds, centres = _drifting_centres(space, popularity, params, rng)
    order = np.argsort(-weights)[:n_modes]
    taste = weights @ centres[0]
    this_year = 1970 + int(params.origin_s / SECONDS_PER_DAY / DAYS_PER_YEAR)
    return _Listener(
        weights,
        centres.astype(np.float32),
        _mode_hours(params, rng),
        _hour_profile(rng),
        rng.beta(*params.mainstreaminess),
        rng.beta(*params.novelty_seeking),
        float(params.sessions_per_day * np.exp(params.activity_spread * rng.standard_normal())),
        make_profile(tracks, seeds[order], taste, moods, this_year, rng),
    )


def _drifting_centres(
    space: TasteSpace, popularity: FloatVector, params: ListenerParams, rng: np.random.Generator
) -> tuple[IntVector, FloatMatrix]:
    """Tracks that modes start from, (M,), and centres over epochs, (E, M, d).

    Each epoch turns a centre by one angle in a random direction, so the expected cosine after k
    epochs is the k-th power of that angle's cosine; or, rarely, replaces the mode.
    """
    e, m = params.n_epochs, params.max_modes
    draws = rng.random((e, m)) * popularity[-1]
    near = np.minimum(np.searchsorted(popularity, draws, side="right"), space.n_tracks - 1)
    noise = rng.standard_normal((e, m, params.n_dimensions)) / np.sqrt(params.n_dimensions)
    fresh = _unit(space.vectors.T[near] + _CENTRE_NOISE * noise)
    steps = rng.standard_normal((e, m, params.n_dimensions))
    years = params.epoch_days / DAYS_PER_YEAR
    replaced = rng.random((e, m)) < -np.expm1(-params.switches_per_year * years)
    cosine = params.drift_cosine_per_year**years
    centres = fresh.copy()
    for epoch in range(1, e):
        before = centres[epoch - 1]
        across = _unit(steps[epoch] - (steps[epoch] * before).sum(1, keepdims=True) * before)
        walked = cosine * before + np.sqrt(1 - cosine**2) * across
        centres[epoch] = np.where(replaced[epoch][:, None], fresh[epoch], walked)
    return near[0], centres


def _unit(vectors: FloatMatrix) -> FloatMatrix:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def _mode_hours(params: ListenerParams, rng: np.random.Generator) -> FloatMatrix:
    """Activity of each mode: a bump on the 24-hour circle over a small floor, mean 1."""
    peak = rng.uniform(6, 24, (params.max_modes, 1))
    apart = np.abs(np.arange(24) + 0.5 - peak) % 24
    apart = np.minimum(apart, 24 - apart)
    bump = np.exp(-0.5 * (apart / params.mode_hours_width_h) ** 2) + _MODE_HOURS_FLOOR
    return bump / bump.mean(axis=1, keepdims=True)


def _hour_profile(rng: np.random.Generator) -> FloatMatrix:
    """Early birds and night owls: the common day, shifted by some hours, with own habits."""
    shift_h = rng.normal(0, _SHIFT_SPREAD_H)
    hours = (np.arange(24) - shift_h) % 24
    days = (WEEKDAY_HOURS, WEEKEND_HOURS)
    common = [np.interp(hours, np.arange(25), [*day, day[0]]) for day in days]
    own = np.array(common) * rng.gamma(4.0, 0.25, (2, 24))
    return own / own.sum(axis=1, keepdims=True)
