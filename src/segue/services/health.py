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
from segue.store.library_health import (
    MISSING,
    BadFile,
    Copy,
    HealthCounts,
    LibraryHealth,
    SoundGroup,
)
from segue.store.recordings import Recordings

Trouble: TypeAlias = Literal[
    "refused", "unheard", "gone", "copies", "alike", "artist", "year", "genre", "cover"
]

TROUBLES: tuple[Trouble, ...] = get_args(Trouble)
COUNTS_LIFE_S = 20.0

Items: TypeAlias = "Page[BadFile] | Page[tuple[Copy, ...]] | Page[SoundGroup]"


class HealthService:
    """Counts of what is wrong, and each kind of it page by page.

    Args:
        health: Asks the database.
        catalog: Its version says when counts are old at once.
        recordings: Which tracks are one recording by sound.
        timer: Seconds that only grow.
    """

    def __init__(
        self,
        health: LibraryHealth,
        catalog: Catalog,
        recordings: Recordings,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._health = health
        self._catalog = catalog
        self._recordings = recordings
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
        if trouble == "alike":
            return self._health.alike(cursor, limit)
        if trouble == "unheard":
            return self._health.unheard(KIND, FEATURES_VERSION, cursor, limit)
        raise NotFoundError(f"no such trouble {trouble!r}; there are {', '.join(TROUBLES)}")

    def tell_apart(self, track_id: str) -> SoundGroup | None:
        """Say that a track is no version of those it stands with; what is left of their group.

        It holds for good: when fingerprints are compared again, and when Segue learns next.

        Raises:
            NotFoundError: The track stands in no group.
        """
        others = self._recordings.tell_apart(track_id)
        if not others:
            raise NotFoundError(f"the track {track_id!r} is not taken for another; nothing to undo")
        self._forget()
        return self._health.alike_with(others[0])

    def put_back(self, track_id: str) -> SoundGroup | None:
        """Take :meth:`tell_apart` back; the group as it is then.

        Raises:
            NotFoundError: The track was not told apart from any.
        """
        if not self._recordings.put_back(track_id):
            raise NotFoundError(f"the track {track_id!r} was not told apart from another")
        self._forget()
        return self._health.alike_with(track_id)

    def _forget(self) -> None:
        with self._lock:
            self._kept = None
