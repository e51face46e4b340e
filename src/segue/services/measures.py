"""How lists do with those who hear them: heard to the end, skipped, loved, each with its doubt."""

import time
from collections.abc import Callable

from msgspec import Struct

from segue.errors import NotFoundError
from segue.evaluation.proportions import Grouped, Share, share_of
from segue.pipeline.stations import STATIONS
from segue.services.importing.events import SOURCE as IMPORTED
from segue.services.shown import Kept
from segue.store.online import OUTCOMES, Online, Outcome, Played

DAY_S = 86_400.0
WINDOWS: dict[str, float] = {"1w": 7.0, "4w": 28.0, "12w": 84.0, "1y": 365.0}  # days
PLANTED = "synthetic"  # listens that nobody made
LISTS = frozenset(STATIONS) | {"blend"}  # what Segue makes; all else was chosen by hand


class Measured(Struct, frozen=True, kw_only=True):
    """One list or model set: its listens, days with one, listeners, and what became of them."""

    name: str
    n: int
    n_days: int
    n_listeners: int
    shares: dict[Outcome, Share]


class Measures(Struct, frozen=True, kw_only=True):
    """All measures of one window; ``chosen`` is what listeners started by hand, to compare with."""

    lists: tuple[Measured, ...]
    chosen: tuple[Measured, ...]
    versions: tuple[Measured, ...]


class MeasureService:
    """Measures over windows, kept for a minute.

    Args:
        online: Counts.
        clock: Unix time (s).
    """

    def __init__(self, online: Online, clock: Callable[[], float] = time.time) -> None:
        self._online = online
        self._clock = clock
        self._kept: Kept[Measures] = Kept(len(WINDOWS))

    def of(self, window: str) -> Measures:
        """What became of listens within a window, a name of :data:`WINDOWS`.

        Raises:
            NotFoundError: No such window.
        """
        if window not in WINDOWS:
            raise NotFoundError(f"no window {window!r}; there are {', '.join(WINDOWS)}")
        now = self._clock()
        return self._kept.get(window, (), now, lambda: self._measured(now, window))

    def _measured(self, now: float, window: str) -> Measures:
        since = now - WINDOWS[window] * DAY_S
        found = [measured(one) for one in self._online.by_list(since, (IMPORTED, PLANTED))]
        versions = self._online.by_version(since, sorted(LISTS))
        return Measures(
            lists=tuple(one for one in found if one.name in LISTS),
            chosen=tuple(one for one in found if one.name not in LISTS),
            versions=tuple(measured(one) for one in versions),
        )


def measured(played: Played) -> Measured:
    """Counts as shares with intervals."""
    shares: dict[Outcome, Share] = {}
    for outcome in OUTCOMES:
        sums = played.outcomes[outcome]
        shares[outcome] = share_of(
            Grouped(n_groups=played.n_groups, n=played.n, hits=sums.hits, sum_nn=played.sum_nn,
                    sum_ny=sums.sum_ny, sum_yy=sums.sum_yy)
        )  # fmt: skip
    return Measured(name=played.name, n=played.n, n_days=played.n_groups,
                    n_listeners=played.n_listeners, shares=shares)  # fmt: skip
