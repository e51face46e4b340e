"""A listener's history as it is looked through: newest first, by words, taken back and restored."""

from typing import Any

from msgspec import Struct
from sqlalchemy import and_, delete, or_, select, tuple_
from sqlalchemy.engine import Connection

from segue.data.records import EventKind
from segue.errors import NotFoundError
from segue.store.batches import checked_limit, decode_cursor, encode_cursor
from segue.store.catalog_records import Page
from segue.store.engine import Database
from segue.store.feedback_state import rebuild
from segue.store.folding import words_of
from segue.store.tables import events, retractions, search_entries

MAX_WORDS = 8


class Listen(Struct, frozen=True, kw_only=True):
    """One play or skip of the history."""

    id: int
    track_id: str
    is_skip: bool
    listened_at: float
    played_s: float | None
    source: str
    client: str


class HistoryPages:
    """Listens of one database, page by page."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def page(
        self, listener_id: str, cursor: str | None = None, limit: int = 50, words: str = ""
    ) -> Page[Listen]:
        """Plays and skips that hold, newest first.

        Args:
            listener_id: Whose.
            cursor: ``next_cursor`` of the page before.
            limit: 1..200.
            words: Each must begin a word of the title, the credits or the album.
        """
        checked_limit(limit)
        of = events.c
        newest_first = (of.listened_at.desc(), of.id.desc())
        statement = _listens(listener_id).order_by(*newest_first).limit(limit + 1)
        if cursor is not None:
            at, id_ = decode_cursor(cursor, float)
            statement = statement.where(
                of.listened_at <= at, tuple_(of.listened_at, of.id) < tuple_(at, _number(id_))
            )
        if words.strip():
            statement = statement.where(of.track_id.in_(_tracks_with(words)))
        with self._db.read() as connection:
            rows = [Listen(**row) for row in connection.execute(statement).mappings()]
        if len(rows) <= limit:
            return Page(tuple(rows), None)
        last = rows[limit - 1]
        return Page(tuple(rows[:limit]), encode_cursor(last.listened_at, str(last.id)))

    def one(self, listener_id: str, event_id: int) -> Listen:
        """One play or skip that holds.

        Raises:
            NotFoundError: No such listen, or somebody else's.
        """
        with self._db.read() as connection:
            found = connection.execute(_listens(listener_id).where(events.c.id == event_id))
            row = found.mappings().first()
        if row is None:
            raise NotFoundError(f"there is no listen {event_id} in this history")
        return Listen(**row)

    def restore(self, listener_id: str, event_id: int) -> bool:
        """Let an event that was taken back count again; False when it was not taken back.

        Raises:
            NotFoundError: No such event, or somebody else's.
        """

        def run(connection: Connection) -> bool:
            mine = and_(events.c.id == event_id, events.c.listener_id == listener_id)
            track_id = connection.execute(select(events.c.track_id).where(mine)).scalar()
            if track_id is None:
                raise NotFoundError(f"there is no event {event_id} in this history")
            gone = delete(retractions).where(retractions.c.event_id == event_id)
            if not connection.execute(gone).rowcount:
                return False
            rebuild(connection, listener_id, [track_id])
            return True

        return self._db.write(run)


def _listens(listener_id: str) -> Any:
    of = events.c
    taken_back = select(retractions.c.event_id).where(retractions.c.listener_id == listener_id)
    is_skip = (of.kind == EventKind.SKIP.value).label("is_skip")
    return select(
        of.id, of.track_id, is_skip, of.listened_at, of.played_s, of.source, of.client
    ).where(
        of.listener_id == listener_id,
        of.kind.in_((EventKind.PLAY.value, EventKind.SKIP.value)),
        of.id.not_in(taken_back),
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _tracks_with(words: str) -> Any:
    """Tracks in whose name or credits every word begins some word; nothing is a wildcard."""
    found = [
        or_(column.startswith(word, autoescape=True), column.contains(f" {word}", autoescape=True))
        for word in words_of(words)[:MAX_WORDS]
        for column in (search_entries.c.name + " " + search_entries.c.words,)
    ]
    return select(search_entries.c.entity_id).where(search_entries.c.kind == "track", *found)
