"""Years of release, for browsing."""

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from segue.store.tables import tracks


class YearCount(Struct, frozen=True):
    """A year and its visible tracks."""

    year: int
    n_tracks: int


def all_years(connection: Connection) -> list[YearCount]:
    """Years of visible tracks, the newest first."""
    statement = (
        select(tracks.c.year, func.count())
        .where(tracks.c.is_visible, tracks.c.year.is_not(None))
        .group_by(tracks.c.year)
        .order_by(tracks.c.year.desc())
    )
    return [YearCount(row[0], row[1]) for row in connection.execute(statement)]
