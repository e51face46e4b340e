"""Lists that stay the same for a day or a week: kept whole, one row each, with their reasons."""

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from segue.data.items import RankedList
from segue.errors import StoreError
from segue.store.engine import Database
from segue.store.list_tables import kept_lists


class KeptLists:
    """Lists of listeners by station and period, such as "discover" of "2026-W48"."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, listener_id: str, station: str, period: str) -> list[RankedList]:
        """The lists of one period in order of their number; empty when none was kept.

        Raises:
            StoreError: A row cannot be read.
        """
        with self._db.read() as connection:
            return _read(connection, listener_id, station, period)

    def keep(
        self,
        listener_id: str,
        station: str,
        period: str,
        lists: list[RankedList],
        now: float,
        oldest: str,
    ) -> list[RankedList]:
        """Keep the lists of a period; where another process was first, its lists hold.

        Args:
            listener_id: Whose; without an account nothing is kept.
            station: Name of the recipe.
            period: Sorts by time as text.
            lists: In order.
            now: Unix time (s).
            oldest: Periods before this one are forgotten.

        Returns:
            The lists that hold for the period from now on.
        """
        rows = [
            {"listener_id": listener_id, "station": station, "period": period, "number": number,
             "content": msgspec.json.encode(ranked).decode(), "made_at": now}
            for number, ranked in enumerate(lists, start=1)
        ]  # fmt: skip

        def run(connection: Connection) -> list[RankedList]:
            kept = _read(connection, listener_id, station, period)
            if kept or not rows:
                return kept
            mine = kept_lists.c.listener_id == listener_id
            connection.execute(
                delete(kept_lists).where(
                    mine, kept_lists.c.station == station, kept_lists.c.period < oldest
                )
            )
            connection.execute(insert(kept_lists), rows)
            return lists

        return self._db.write(run)

    def track_ids(self, listener_id: str, station: str, first: str, before: str) -> set[str]:
        """Tracks in the lists of the periods from ``first`` on and before ``before``."""
        statement = select(kept_lists.c.content).where(
            kept_lists.c.listener_id == listener_id,
            kept_lists.c.station == station,
            kept_lists.c.period >= first,
            kept_lists.c.period < before,
        )
        with self._db.read() as connection:
            contents = list(connection.execute(statement).scalars())
        return {track.track_id for content in contents for track in _decoded(content).tracks}


def _read(connection: Connection, listener_id: str, station: str, period: str) -> list[RankedList]:
    statement = (
        select(kept_lists.c.content)
        .where(
            kept_lists.c.listener_id == listener_id,
            kept_lists.c.station == station,
            kept_lists.c.period == period,
        )
        .order_by(kept_lists.c.number)
    )
    return [_decoded(content) for content in connection.execute(statement).scalars()]


def _decoded(content: str) -> RankedList:
    try:
        return msgspec.json.decode(content, type=RankedList)
    except msgspec.MsgspecError as error:
        raise StoreError(f"a kept list cannot be read: {error}") from error
