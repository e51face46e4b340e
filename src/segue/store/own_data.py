"""All that is kept about one listener, read page by page for their export.

No transaction stays open between two pages: whoever downloads slowly holds nobody up.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import Select, and_, func, or_, select, tuple_
from sqlalchemy.engine import Connection

from segue.data.imported import KnownTarget, NamedTrack
from segue.data.records import EventKind
from segue.store.batches import chunks
from segue.store.catalog_match import known_albums, known_artists
from segue.store.catalog_read import track_credits
from segue.store.engine import Database
from segue.store.history_records import FeedbackState
from segue.store.owned_rows import conditions_of
from segue.store.tables import albums, events, external_ids, feedback_state, retractions, tracks

PAGE_ROWS = 2_000
SECRET_COLUMNS = frozenset({"token_hash", "password_hash"})
_LISTENS = (EventKind.PLAY.value, EventKind.SKIP.value)
_OTHER_MARKS = (EventKind.PICK.value, EventKind.PLAYLIST_ADD.value)
_READ_TARGETS = {"artist": known_artists, "album": known_albums}


class OwnEvent(Struct, frozen=True, kw_only=True):
    """One event as it is kept; ``retracted_at`` is set where it was taken back (Unix s)."""

    id: int
    track_id: str
    kind: str
    listened_at: float
    played_s: float | None
    value: float | None
    source: str
    client: str
    idempotency_key: str
    retracted_at: float | None


class OwnData:
    """Everything of one listener in one database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def events(self, listener_id: str) -> Iterator[list[OwnEvent]]:
        """Every event in order of arrival, those taken back too."""
        last = 0
        while page := self._events(_arrived_after(listener_id, last)):
            yield page
            last = page[-1].id

    def listens(self, listener_id: str) -> Iterator[list[OwnEvent]]:
        """Plays and skips that hold, in order of time."""
        last: tuple[float, int] = (float("-inf"), 0)
        while page := self._events(_heard_after(listener_id, last)):
            yield page
            last = (page[-1].listened_at, page[-1].id)

    def statements(self, listener_id: str) -> Iterator[list[tuple[str, FeedbackState]]]:
        """Loved, disliked and rated tracks with what holds, in order of their ids."""
        last = ""
        state = feedback_state.c
        says = or_(state.loved.is_(True), state.disliked.is_(True), state.rating.is_not(None))
        while True:
            statement = (
                select(feedback_state)
                .where(state.listener_id == listener_id, state.track_id > last, says)
                .order_by(state.track_id)
                .limit(PAGE_ROWS)
            )
            with self._db.read() as connection:
                rows = connection.execute(statement).all()
            if not rows:
                return
            yield [(row.track_id, _state(row)) for row in rows]
            last = rows[-1].track_id

    def other_marks(self, listener_id: str) -> Iterator[list[OwnEvent]]:
        """Picks of artists, and tracks put into playlists, that hold, in order of arrival."""
        last = 0
        while page := self._events(_marked_after(listener_id, last)):
            yield page
            last = page[-1].id

    def targets(self, scope: str, ids: Sequence[str]) -> dict[str, KnownTarget]:
        """Artists or albums by id, as they are named elsewhere; unknown ones are left out."""
        found: dict[str, KnownTarget] = {}
        with self._db.read() as connection:
            for part in chunks(list(dict.fromkeys(ids))):
                found |= {one.id: one for one in _READ_TARGETS[scope](connection, part)}
        return found

    def names(self, track_ids: Sequence[str]) -> dict[str, NamedTrack]:
        """Tracks by id as they are named elsewhere, hidden ones too; unknown ones are left out."""
        found: dict[str, NamedTrack] = {}
        with self._db.read() as connection:
            for part in chunks(list(dict.fromkeys(track_ids))):
                found |= _named(connection, part)
        return found

    def tables(self, listener_id: str) -> list[str]:
        """Names of all tables that can hold rows of a listener, parents first."""
        return [table.name for table in conditions_of(listener_id)]

    def rows(self, listener_id: str, table_name: str) -> Iterator[dict[str, Any]]:
        """Rows of one of :meth:`tables` that belong to the listener, hashes of secrets left out."""
        table, condition = next(
            (table, condition)
            for table, condition in conditions_of(listener_id).items()
            if table.name == table_name
        )
        columns = [column for column in table.c if column.name not in SECRET_COLUMNS]
        return self._rows(select(*columns).where(condition).order_by(*table.primary_key))

    def _rows(self, statement: Select[Any]) -> Iterator[dict[str, Any]]:
        start = 0
        while True:
            with self._db.read() as connection:
                rows = connection.execute(statement.offset(start).limit(PAGE_ROWS)).mappings().all()
            yield from (dict(row) for row in rows)
            if len(rows) < PAGE_ROWS:
                return
            start += PAGE_ROWS

    def _events(self, statement: Any) -> list[OwnEvent]:
        with self._db.read() as connection:
            return [OwnEvent(**row) for row in connection.execute(statement).mappings()]


def _state(row: Any) -> FeedbackState:
    return FeedbackState(
        loved=row.loved, disliked=row.disliked, rating=row.rating, updated_at=row.updated_at
    )


def _columns() -> list[Any]:
    plain = OwnEvent.__struct_fields__[:-1]
    return [*(events.c[name] for name in plain), retractions.c.retracted_at]


def _arrived_after(listener_id: str, last: int) -> Any:
    return (
        select(*_columns())
        .outerjoin(retractions, retractions.c.event_id == events.c.id)
        .where(events.c.listener_id == listener_id, events.c.id > last)
        .order_by(events.c.id)
        .limit(PAGE_ROWS)
    )


def _heard_after(listener_id: str, last: tuple[float, int]) -> Any:
    at, id_ = events.c.listened_at, events.c.id
    return (
        select(*_columns())
        .outerjoin(retractions, retractions.c.event_id == id_)
        .where(
            events.c.listener_id == listener_id,
            at >= last[0],  # what the index can use
            tuple_(at, id_) > tuple_(*last),
            events.c.kind.in_(_LISTENS),
            retractions.c.event_id.is_(None),
        )
        .order_by(at, id_)
        .limit(PAGE_ROWS)
    )


def _marked_after(listener_id: str, last: int) -> Any:
    return _arrived_after(listener_id, last).where(
        events.c.kind.in_(_OTHER_MARKS), retractions.c.event_id.is_(None)
    )


def _named(connection: Connection, track_ids: Sequence[str]) -> dict[str, NamedTrack]:
    credit = track_credits(connection, track_ids)
    ids: dict[tuple[str, str], str] = {}
    known = external_ids.c
    schemes = select(known.entity_id, known.scheme, func.min(known.value)).where(
        and_(known.kind == "track", known.entity_id.in_(track_ids))
    )
    for id_, scheme, value in connection.execute(schemes.group_by(known.entity_id, known.scheme)):
        ids[id_, scheme] = value
    statement = (
        select(tracks.c.id, tracks.c.title, tracks.c.duration_s, albums.c.title.label("album"))
        .outerjoin(albums, albums.c.id == tracks.c.album_id)
        .where(tracks.c.id.in_(track_ids))
    )
    return {
        row.id: NamedTrack(
            title=row.title,
            artists=tuple(one.name for one in credit.get(row.id, ())),
            album=row.album or "",
            duration_s=row.duration_s,
            track_id=row.id,
            recording_mbid=ids.get((row.id, "mbid"), ""),
            isrc=ids.get((row.id, "isrc"), ""),
            spotify_id=ids.get((row.id, "spotify"), ""),
        )
        for row in connection.execute(statement)
    }
