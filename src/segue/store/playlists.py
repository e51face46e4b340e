"""Playlists: always asked for by an account; what is not its own looks as if it did not exist."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import bindparam, delete, func, insert, select, union_all, update
from sqlalchemy.engine import Connection

from segue.errors import ConflictError, InvalidInputError, NotFoundError
from segue.store.batches import chunks
from segue.store.engine import Database
from segue.store.folding import clean
from segue.store.ids import IdFactory, new_id
from segue.store.tables import playlist_items, playlists, tracks

MAX_NAME_LENGTH = 200
MAX_ITEMS = 10_000


class Playlist(Struct, frozen=True, kw_only=True):
    """A playlist without its items."""

    id: str
    account_id: str
    name: str
    is_shared: bool
    n_tracks: int
    created_at: float
    updated_at: float


class PlaylistItem(Struct, frozen=True):
    """One place of a playlist; a track may stand in several."""

    id: int
    track_id: str
    added_at: float


class PlaylistDetail(Struct, frozen=True):
    """A playlist with its items in order."""

    playlist: Playlist
    items: tuple[PlaylistItem, ...]


class Playlists:
    """Playlists of one database."""

    def __init__(self, db: Database, ids: IdFactory = new_id) -> None:
        self._db = db
        self._ids = ids

    def create(
        self, account_id: str, name: str, now: float, *, is_shared: bool = False
    ) -> Playlist:
        """Make an empty playlist."""
        made = Playlist(
            id=self._ids(),
            account_id=account_id,
            name=_checked_name(name),
            is_shared=is_shared,
            n_tracks=0,
            created_at=now,
            updated_at=now,
        )
        row = {field: getattr(made, field) for field in Playlist.__struct_fields__}
        self._db.write(lambda c: c.execute(insert(playlists), [row]).rowcount)
        return made

    def rename(self, account_id: str, playlist_id: str, name: str, now: float) -> None:
        """Give it another name.

        Raises:
            NotFoundError: No such playlist, or not this account's.
        """
        self._change(account_id, playlist_id, now, name=_checked_name(name))

    def share(self, account_id: str, playlist_id: str, now: float, *, is_shared: bool) -> None:
        """Let every account see it, or no other.

        Raises:
            NotFoundError: No such playlist, or not this account's.
        """
        self._change(account_id, playlist_id, now, is_shared=is_shared)

    def delete(self, account_id: str, playlist_id: str) -> None:
        """Delete it.

        Raises:
            NotFoundError: No such playlist, or not this account's.
        """

        def run(connection: Connection) -> None:
            _own(connection, account_id, playlist_id)
            connection.execute(delete(playlists).where(playlists.c.id == playlist_id))

        self._db.write(run)

    def list_for(self, account_id: str) -> list[Playlist]:
        """The account's own and all shared ones, by name."""
        own = select(playlists).where(playlists.c.account_id == account_id)
        shared = select(playlists).where(
            playlists.c.is_shared.is_(True), playlists.c.account_id != account_id
        )
        with self._db.read() as connection:
            rows = connection.execute(union_all(own, shared)).mappings()
            found = [_playlist(row) for row in rows]
        return sorted(found, key=lambda item: (item.name.casefold(), item.id))

    def get(self, account_id: str, playlist_id: str) -> PlaylistDetail:
        """A playlist that is the account's own or shared.

        Raises:
            NotFoundError: No such playlist, or not for this account.
        """
        with self._db.read() as connection:
            statement = select(playlists).where(playlists.c.id == playlist_id)
            row = connection.execute(statement).mappings().first()
            if row is None or not (row["account_id"] == account_id or row["is_shared"]):
                raise _missing(playlist_id)
            return PlaylistDetail(_playlist(row), tuple(_items(connection, playlist_id)))

    def add(
        self, account_id: str, playlist_id: str, track_ids: Sequence[str], now: float
    ) -> list[int]:
        """Put tracks at the end; the ids of their places.

        Raises:
            NotFoundError: No such playlist, or not this account's, or an unknown track.
            InvalidInputError: It would become too long.
        """
        return self._db.write(lambda c: _add(c, account_id, playlist_id, track_ids, now))

    def remove(self, account_id: str, playlist_id: str, item_ids: Sequence[int], now: float) -> int:
        """Take places out; how many were there.

        Raises:
            NotFoundError: No such playlist, or not this account's.
        """

        def run(connection: Connection) -> int:
            _own(connection, account_id, playlist_id)
            n_removed = 0
            for part in chunks(item_ids):
                statement = delete(playlist_items).where(
                    playlist_items.c.playlist_id == playlist_id, playlist_items.c.id.in_(part)
                )
                n_removed += connection.execute(statement).rowcount
            _touch(connection, playlist_id, now)
            return n_removed

        return self._db.write(run)

    def reorder(
        self, account_id: str, playlist_id: str, item_ids: Sequence[int], now: float
    ) -> None:
        """Put the places in a new order.

        Raises:
            NotFoundError: No such playlist, or not this account's.
            ConflictError: The ids are not exactly those of the playlist: it changed meanwhile.
        """

        def run(connection: Connection) -> None:
            _own(connection, account_id, playlist_id)
            if sorted(item_ids) != sorted(item.id for item in _items(connection, playlist_id)):
                raise ConflictError("the playlist has changed meanwhile; load it again")
            statement = update(playlist_items).where(playlist_items.c.id == bindparam("row_id"))
            rows = [{"row_id": id_, "position": place} for place, id_ in enumerate(item_ids)]
            if rows:
                connection.execute(statement, rows)
            _touch(connection, playlist_id, now)

        self._db.write(run)

    def _change(self, account_id: str, playlist_id: str, now: float, **values: Any) -> None:
        def run(connection: Connection) -> None:
            _own(connection, account_id, playlist_id)
            statement = update(playlists).where(playlists.c.id == playlist_id)
            connection.execute(statement.values(updated_at=now, **values))

        self._db.write(run)


def _add(
    connection: Connection,
    account_id: str,
    playlist_id: str,
    track_ids: Sequence[str],
    now: float,
) -> list[int]:
    _own(connection, account_id, playlist_id)
    _refuse_unknown(connection, track_ids)
    before = _items(connection, playlist_id)
    if len(before) + len(track_ids) > MAX_ITEMS:
        raise InvalidInputError(f"a playlist has at most {MAX_ITEMS} tracks")
    last = select(func.max(playlist_items.c.position)).where(
        playlist_items.c.playlist_id == playlist_id
    )
    start = (connection.execute(last).scalar() or 0) + 1
    rows = [
        {"playlist_id": playlist_id, "track_id": id_, "position": place, "added_at": now}
        for place, id_ in enumerate(track_ids, start)
    ]
    if rows:
        connection.execute(insert(playlist_items), rows)
    _touch(connection, playlist_id, now)
    return [item.id for item in _items(connection, playlist_id)[len(before) :]]


def _refuse_unknown(connection: Connection, track_ids: Sequence[str]) -> None:
    known: set[str] = set()
    for part in chunks(list(set(track_ids))):
        known.update(connection.execute(select(tracks.c.id).where(tracks.c.id.in_(part))).scalars())
    for track_id in track_ids:
        if track_id not in known:
            raise NotFoundError(f"there is no track {track_id!r}")


def _own(connection: Connection, account_id: str, playlist_id: str) -> None:
    statement = select(playlists.c.id).where(
        playlists.c.id == playlist_id, playlists.c.account_id == account_id
    )
    if connection.execute(statement).first() is None:
        raise _missing(playlist_id)


def _missing(playlist_id: str) -> NotFoundError:
    return NotFoundError(f"there is no playlist {playlist_id!r}")


def _touch(connection: Connection, playlist_id: str, now: float) -> None:
    n = select(func.count()).where(playlist_items.c.playlist_id == playlist_id).scalar_subquery()
    statement = update(playlists).where(playlists.c.id == playlist_id)
    connection.execute(statement.values(updated_at=now, n_tracks=n))


def _items(connection: Connection, playlist_id: str) -> list[PlaylistItem]:
    statement = (
        select(playlist_items.c.id, playlist_items.c.track_id, playlist_items.c.added_at)
        .where(playlist_items.c.playlist_id == playlist_id)
        .order_by(playlist_items.c.position, playlist_items.c.id)
    )
    return [PlaylistItem(*row) for row in connection.execute(statement)]


def _playlist(row: Any) -> Playlist:
    return Playlist(**{name: row[name] for name in Playlist.__struct_fields__})


def _checked_name(name: str) -> str:
    shown = clean(name)
    if not 1 <= len(shown) <= MAX_NAME_LENGTH:
        raise InvalidInputError(f"a playlist's name has 1..{MAX_NAME_LENGTH} letters")
    return shown
