"""The history: what every listener did, append-only, and what follows from it."""

from collections.abc import Iterable, Sequence
from itertools import islice

from segue.data.feedback import EventColumns
from segue.data.records import Event, NeverPlayScope
from segue.data.vocabulary import Vocabulary
from segue.store import history_read, history_write, never_play
from segue.store.batches import checked_limit
from segue.store.engine import Database
from segue.store.history_pages import HistoryPages
from segue.store.history_records import (
    Appended,
    FeedbackState,
    HistoryMark,
    ImportCounts,
    ListenerColumns,
    NeverPlayed,
    Played,
)
from segue.types import FloatVector

MAX_LISTED = 1_000
IMPORT_BATCH = 2_000  # events in one transaction of an import: listens in between wait less
N_PROBLEMS_SHOWN = 20


class History:
    """Events, statements and never-play rules of one database."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.pages = HistoryPages(db)

    def append(self, events: Sequence[Event]) -> list[Appended]:
        """Store events for good; one answer each, in order.

        When this returns, new events are on stable storage. A key sent before is answered with the
        id of then. An event that cannot be stored (unknown track or listener, a value out of
        range) is refused alone, with the reason in ``problem``.
        """
        return self._db.write(lambda connection: history_write.append(connection, events))

    def import_events(self, events: Iterable[Event]) -> ImportCounts:
        """Store many events in batches; may be repeated after an interruption."""
        source = iter(events)
        n_new = n_known = n_refused = 0
        problems: list[str] = []
        while batch := list(islice(source, IMPORT_BATCH)):
            for answer in self.append(batch):
                n_new += answer.is_new
                n_known += answer.problem is None and not answer.is_new
                if answer.problem is not None:
                    n_refused += 1
                    if len(problems) < N_PROBLEMS_SHOWN:
                        problems.append(answer.problem)
        return ImportCounts(
            n_new=n_new, n_known=n_known, n_refused=n_refused, problems=tuple(problems)
        )

    def retract(self, listener_id: str, event_id: int, now: float) -> bool:
        """Take an event back without deleting it; False when it was taken back before.

        Raises:
            NotFoundError: No such event, or somebody else's.
        """
        return self._db.write(
            lambda connection: history_write.retract(connection, listener_id, event_id, now)
        )

    def events_of(
        self, listener_id: str, after_id: int = 0, limit: int | None = None
    ) -> list[Event]:
        """A listener's events in order of arrival, those after ``after_id``."""
        with self._db.read() as connection:
            return history_read.events_of(connection, listener_id, after_id, limit)

    def columns_of(
        self, listener_id: str, tracks: Vocabulary, duration_s: FloatVector, after_id: int = 0
    ) -> ListenerColumns:
        """The same as columns for a catalogue: a tenth of the time that single events take.

        Args:
            listener_id: Whose.
            tracks: Rows of the columns.
            duration_s: Of each track, NaN where unknown.
            after_id: Only events that arrived later.
        """
        with self._db.read() as connection:
            return history_read.columns_of(connection, listener_id, tracks, duration_s, after_id)

    def page(self, listener_id: str, before_id: int | None = None, limit: int = 50) -> list[Event]:
        """A listener's events, the newest arrival first; page on from the last id."""
        with self._db.read() as connection:
            return history_read.page(connection, listener_id, before_id, checked_limit(limit))

    def newest_event_id(self, listener_id: str) -> int:
        """Id of the event that arrived last, 0 when there is none."""
        with self._db.read() as connection:
            return history_read.newest_event_id(connection, listener_id)

    def revision(self) -> int:
        """Differs from an earlier one whenever anything in the database changed since."""
        return self._db.revision()

    def mark(self, listener_id: str) -> HistoryMark:
        """Differs from an earlier mark whenever events were added or taken back since."""
        with self._db.read() as connection:
            return history_read.mark(connection, listener_id)

    def mark_of_all(self) -> HistoryMark:
        """Differs from an earlier mark whenever any event was added or taken back since."""
        with self._db.read() as connection:
            return history_read.mark_of_all(connection)

    def n_departed(self) -> int:
        """How many listeners deleted their account so far; grows with each."""
        with self._db.read() as connection:
            return history_read.n_departed(connection)

    def listener_ids_with_events(self) -> list[str]:
        """Everyone who has an event, ascending."""
        with self._db.read() as connection:
            return history_read.listeners_with_events(connection)

    def recently_played(self, listener_id: str, n: int = 50) -> list[str]:
        """Tracks by their last play, newest first, each once."""
        with self._db.read() as connection:
            return history_read.recently_played(
                connection, listener_id, checked_limit(n, MAX_LISTED)
            )

    def most_played(self, listener_id: str, n: int = 50, since: float = 0.0) -> list[Played]:
        """Tracks by number of plays since a Unix time."""
        with self._db.read() as connection:
            return history_read.most_played(
                connection, listener_id, checked_limit(n, MAX_LISTED), since
            )

    def feedback_of(self, listener_id: str, track_ids: Iterable[str]) -> dict[str, FeedbackState]:
        """Statements that hold, for those of the tracks that have any."""
        with self._db.read() as connection:
            return history_read.feedback_of(connection, listener_id, list(track_ids))

    def loved(self, listener_id: str, n: int = 50) -> list[str]:
        """Loved tracks, the newest statement first."""
        with self._db.read() as connection:
            return history_read.loved(connection, listener_id, checked_limit(n, MAX_LISTED))

    def event_columns(
        self, listeners: Vocabulary, tracks: Vocabulary, duration_s: FloatVector
    ) -> EventColumns:
        """Everyone's events as columns, for training; unknown listeners and tracks left out.

        Args:
            listeners: Rows of listeners.
            tracks: Rows of tracks.
            duration_s: Length of each track, shape (n_tracks,), NaN when unknown.
        """
        with self._db.read() as connection:
            return history_read.event_columns(connection, listeners, tracks, duration_s)

    def never_play(
        self,
        listener_id: str,
        scope: NeverPlayScope,
        target_id: str,
        now: float,
        until: float | None = None,
    ) -> None:
        """Never play a track, artist or album again, or not before ``until`` (Unix s).

        Raises:
            NotFoundError: No such listener or target.
            InvalidInputError: ``until`` lies in the past.
        """
        self._db.write(
            lambda connection: never_play.forbid(
                connection, listener_id, scope, target_id, now, until
            )
        )

    def bring_never_plays(
        self, listener_id: str, wanted: Sequence[NeverPlayed], now: float
    ) -> list[bool]:
        """Make never-play rules with their times; for each whether it is new, durable at return."""
        return self._db.write(lambda c: never_play.bring(c, listener_id, wanted, now))

    def allow_again(self, listener_id: str, scope: NeverPlayScope, target_id: str) -> bool:
        """Take a never-play rule back; False when there was none."""
        return self._db.write(
            lambda connection: never_play.allow(connection, listener_id, scope, target_id)
        )

    def never_played_targets(self, listener_id: str, now: float) -> list[NeverPlayed]:
        """Rules that hold at ``now``."""
        with self._db.read() as connection:
            return never_play.rules(connection, listener_id, now)
