"""Doubtful names: shown with the track they may mean, decided by their listener, then stored."""

import time
from collections.abc import Callable

from msgspec import Struct

from segue.data.imported import ImportedListen, ImportedRule, NamedTrack
from segue.data.records import Track
from segue.errors import ConflictError, InvalidInputError, NotFoundError
from segue.services.history import why_refused
from segue.services.importing.events import events_of, never_played
from segue.services.importing.names import entry_of_named, named_id
from segue.store.catalog import Catalog
from segue.store.history import History
from segue.store.import_doubts import ImportDoubts


class DoubtView(Struct, frozen=True, kw_only=True):
    """One decision to make; ``n_rows`` rows of imports wait for it."""

    id: int
    named: NamedTrack
    track: Track
    confidence: float
    reason: str
    n_rows: int


class Decided(Struct, frozen=True, kw_only=True):
    """What a decision brought: the track that it is now, and events that were stored."""

    track_id: str
    stored: int


class DoubtReview:
    """Lists and decides what is doubtful.

    Args:
        doubts: Where doubtful rows wait.
        catalog: The library.
        history: Where their events go.
        clock: Unix time (s).
    """

    def __init__(
        self,
        doubts: ImportDoubts,
        catalog: Catalog,
        history: History,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._doubts = doubts
        self._catalog = catalog
        self._history = history
        self._clock = clock

    def waiting(self, listener_id: str, after: int = 0, limit: int = 50) -> list[DoubtView]:
        """What waits for the listener, those whose id follows ``after``."""
        doubts = self._doubts.waiting(listener_id, after, limit)
        tracks = {
            track.id: track for track in self._catalog.tracks([one.track_id for one in doubts])
        }
        return [
            DoubtView(id=one.id, named=one.named, track=tracks[one.track_id],
                      confidence=one.confidence, reason=one.reason, n_rows=one.n_rows)
            for one in doubts if one.track_id in tracks
        ]  # fmt: skip

    def count(self, listener_id: str) -> int:
        """How many wait."""
        return self._doubts.count(listener_id)

    def decide(
        self, listener_id: str, doubt_id: int, *, is_it: bool, track_id: str | None = None
    ) -> Decided:
        """Say what a name means, and store what waited for it.

        Args:
            listener_id: Whose doubt.
            doubt_id: Which.
            is_it: Whether it is the track shown, or ``track_id`` where that is given; if not, it
                is music that is not in the library.
            track_id: The track it is instead of the one shown.

        Raises:
            NotFoundError: No such doubt, or no such track.
            ConflictError: It was decided before.
            InvalidInputError: It is no track of the library, and too little is said of it to
                remember it by name.
        """
        decision, rows = self._doubts.rows_of(listener_id, doubt_id)
        if decision.state != "open":
            raise ConflictError("this was decided before")
        if track_id is not None and self._catalog.track(track_id) is None:
            raise NotFoundError(f"there is no track {track_id!r}")
        chosen = track_id or decision.track_id
        if not is_it:
            chosen = self._by_name(rows[0][1].track) if rows else ""
        now = self._clock()
        events = [
            event
            for client, row in rows if isinstance(row, ImportedListen)
            for event in events_of(row, chosen, listener_id, client, now)
            if why_refused(event, now) is None
        ]  # fmt: skip
        stored = sum(answer.is_new for answer in self._history.append(events)) if events else 0
        made = [never_played(row, chosen, now) for _, row in rows if isinstance(row, ImportedRule)]
        rules = [rule for rule in made if rule is not None]
        stored += sum(self._history.bring_never_plays(listener_id, rules, now)) if rules else 0
        state = "accepted" if is_it else "refused"
        self._doubts.decide(listener_id, doubt_id, state, chosen if is_it else None)
        return Decided(track_id=chosen, stored=stored)

    def _by_name(self, named: NamedTrack) -> str:
        own = named_id(named)
        if not own:
            raise InvalidInputError("without a title and an artist it cannot be kept by name")
        self._catalog.add_tracks([entry_of_named(named)], self._clock())
        return own
