"""The check that nothing of what is asked for was shown: it runs in every evaluation.

What leaks and how much it flatters: Ji et al. 2023 (doi:10.1145/3569930), Meng et al. 2020
(doi:10.1145/3383313.3418479).
"""

from dataclasses import dataclass

import numpy as np

from segue.data.dataset import Dataset
from segue.data.feedback import preferences
from segue.data.interactions import Interactions
from segue.errors import InvalidDataError
from segue.evaluation.split import assert_no_overlap
from segue.types import BoolVector, CsrMatrix


@dataclass(frozen=True, slots=True)
class Periods:
    """The newest moment that was learned from and the first one asked for, Unix seconds.

    Where repeats count a pair may rightly stand on both sides, so time is what proves the cut.
    """

    learned_until: float
    asked_from: float

    def check(self) -> None:
        """Raise unless everything learned came before everything asked for.

        Raises:
            InvalidDataError: The two overlap or a moment is not finite.
        """
        if not self.learned_until < self.asked_from < np.inf:
            raise InvalidDataError(
                f"training reaches {self.learned_until:.0f}, but the held-out part begins at "
                f"{self.asked_from:.0f}: cut all listeners at one moment"
            )


@dataclass(frozen=True, slots=True)
class Split:
    """What models may see and what they are asked for.

    Attributes:
        name: Says how it was cut.
        past: What models learn from.
        held_out: CSR (n_listeners, n_tracks), above zero is wanted; rows as in ``past``.
        profiles: What is folded in for each listener, of the same shape; None takes ``past``.
        candidates: Mask (n_tracks,) of what may be ranked; None allows all.
        repeats: True where tracks heard before count, then they are not masked.
        cut_at: Moment (Unix s) from which events were held out; None when not cut in time.
    """

    name: str
    past: Dataset
    held_out: CsrMatrix
    profiles: CsrMatrix | None = None
    candidates: BoolVector | None = None
    repeats: bool = False
    cut_at: float | None = None

    @property
    def known(self) -> CsrMatrix:
        """The profiles that are folded in."""
        return self.past.interactions.user_items if self.profiles is None else self.profiles

    @property
    def periods(self) -> Periods | None:
        """What was learned from and asked for in time; None when not cut in time."""
        if self.cut_at is None:
            return None
        times = (self.past.events.listened_at, self.past.interactions.last_listened_at)
        return Periods(max(float(t.max(initial=-np.inf)) for t in times), self.cut_at)


def assert_no_leak(split: Split) -> None:
    """Raise when a split shows what it asks for.

    Pairs: no pair of listener and track stands on both sides, unless repeats count, which needs a
    cut in time. Time: no event, no summed preference and no date of a track is later than the cut,
    and ages are not counted from after it. Statistics: the preferences are those of the events that
    are left, so that no sum remembers what was taken away.

    Raises:
        InvalidDataError: Which of these is broken, and where.
    """
    if split.repeats and split.cut_at is None:
        raise InvalidDataError(
            "repeats can only be told from leaks by a cut in time: give cut_at, or repeats=False"
        )
    if not split.repeats:
        assert_no_overlap(split.past.interactions.user_items, split.held_out)
        assert_no_overlap(split.known, split.held_out)
    if split.cut_at is not None:
        _assert_nothing_after(split.past, split.cut_at)
    _assert_sums_of_events(split.past)


def _assert_nothing_after(past: Dataset, cut_at: float) -> None:
    dated = {
        "events": past.events.listened_at,
        "preferences": past.interactions.last_listened_at,
    }
    for what, times in dated.items():
        late = np.flatnonzero(times >= cut_at)
        if len(late):
            raise InvalidDataError(
                f"{len(late)} training {what} are not before the cut at {cut_at:.0f}, the first is "
                f"row {late[0]} at {times[late[0]]:.0f}"
            )
    if past.now > cut_at:
        raise InvalidDataError(f"ages are counted from {past.now:.0f}, after the cut {cut_at:.0f}")
    late = np.flatnonzero(past.tracks.added_at > cut_at)
    if len(late):
        raise InvalidDataError(
            f"{len(late)} tracks carry a date after the cut at {cut_at:.0f}, the first is track "
            f"row {late[0]}; limit added_at to the cut"
        )


def _assert_sums_of_events(past: Dataset) -> None:
    if not len(past.events):
        return
    found = past.interactions
    summed = Interactions.from_preferences(
        preferences(past.events, past.now), past.n_listeners, past.n_tracks
    )
    matrix, expected = found.user_items, summed.user_items
    same = (
        np.array_equal(matrix.indptr, expected.indptr)
        and np.array_equal(matrix.indices, expected.indices)
        and np.array_equal(found.last_listened_at, summed.last_listened_at)
    )
    if not same:
        raise InvalidDataError(
            f"the preferences ({matrix.nnz} pairs) are not those of the training events "
            f"({expected.nnz} pairs): something is summed that was held out; use "
            "Dataset.from_events on the events that are left"
        )
