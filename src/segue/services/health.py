"""The library's health as an administrator asks about it; counting is kept for a little while."""

import threading
import time
from collections.abc import Callable
from typing import Literal, TypeAlias, get_args

from segue.audio.vector import FEATURES_VERSION
from segue.errors import NotFoundError
from segue.services.analysis import KIND
from segue.store.catalog import Catalog
from segue.store.catalog_records import Page
from segue.store.library_health import MISSING, BadFile, Copy, HealthCounts, LibraryHealth

Trouble: TypeAlias = Literal[
    "refused", "unheard", "gone", "copies", "artist", "year", "genre", "cover"
]

TROUBLES: tuple[Trouble, ...] = get_args(Trouble)
COUNTS_LIFE_S = 20.0

Items: TypeAlias = "Page[BadFile] | Page[tuple[Copy, ...]]"


class HealthService:
    """Counts of what is wrong, and each kind of it page by page.

    Args:
        health: Asks the database.
        catalog: Its version says when counts are old at once.
        timer: Seconds that only grow.
    """

    def __init__(
        self,
        health: LibraryHealth,
        catalog: Catalog,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._health = health
        self._catalog = catalog
        self._timer = timer
        self._kept: tuple[int, float, HealthCounts] | None = None
        self._lock = threading.Lock()

    def counts(self) -> HealthCounts:
        """All counts, at most 20 s old and never of an earlier catalogue."""
        with self._lock:
            version, now = self._catalog.version(), self._timer()
            kept = self._kept
            if kept is not None and kept[0] == version and now - kept[1] < COUNTS_LIFE_S:
                return kept[2]
            counts = self._health.counts(KIND, FEATURES_VERSION)
            self._kept = (version, now, counts)
            return counts

    def number_of(self, trouble: str) -> int:
        """How many there are of one kind.

        Raises:
            NotFoundError: No such kind.
        """
        counts = self.counts()
        if trouble in MISSING:
            return counts.missing[trouble]
        if trouble not in TROUBLES:
            raise NotFoundError(f"no such trouble {trouble!r}; there are {', '.join(TROUBLES)}")
        return getattr(counts, f"n_{trouble}")

    def page(self, trouble: str, cursor: str | None = None, limit: int = 50) -> Items:
        """One page of one kind: files, tracks that lack something, or groups of copies.

        Raises:
            NotFoundError: No such kind.
            InvalidInputError: A cursor of another list.
        """
        if trouble in MISSING:
            return self._health.lacking(trouble, cursor, limit)
        if trouble == "refused":
            return self._health.refused(cursor, limit)
        if trouble == "gone":
            return self._health.gone(cursor, limit)
        if trouble == "copies":
            return self._health.copies(cursor, limit)
        if trouble == "unheard":
            return self._health.unheard(KIND, FEATURES_VERSION, cursor, limit)
        raise NotFoundError(f"no such trouble {trouble!r}; there are {', '.join(TROUBLES)}")
