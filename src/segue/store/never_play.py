"""What a listener never wants to hear: a track, an artist or an album, for a time or for good."""

from collections.abc import Sequence

from msgspec.structs import asdict
from sqlalchemy import delete, insert, or_, select
from sqlalchemy.engine import Connection

from segue.data.records import NeverPlayScope
from segue.errors import InvalidInputError, NotFoundError
from segue.store.history_records import NeverPlayed
from segue.store.tables import accounts, albums, artists, never_play, tracks

_TARGETS = {
    NeverPlayScope.TRACK: tracks,
    NeverPlayScope.ARTIST: artists,
    NeverPlayScope.ALBUM: albums,
}


def forbid(
    connection: Connection,
    listener_id: str,
    scope: NeverPlayScope,
    target_id: str,
    now: float,
    until: float | None,
) -> None:
    """Make or replace a rule.

    Raises:
        InvalidInputError: ``until`` lies in the past.
        NotFoundError: No such listener, track, artist or album.
    """
    if until is not None and until <= now:
        raise InvalidInputError(f"until must be later than now ({now}), got {until}")
    for table, id_ in ((accounts, listener_id), (_TARGETS[scope], target_id)):
        if connection.execute(select(table.c.id).where(table.c.id == id_)).first() is None:
            raise NotFoundError(f"there is no {table.name.removesuffix('s')} {id_!r}")
    allow(connection, listener_id, scope, target_id)
    row = {"listener_id": listener_id, "scope": scope.value, "target_id": target_id,
           "until": until, "created_at": now}  # fmt: skip
    connection.execute(insert(never_play), [row])


def bring(
    connection: Connection, listener_id: str, wanted: Sequence[NeverPlayed], now: float
) -> list[bool]:
    """Make rules that were made elsewhere, with their times; for each whether it is new.

    A rule that holds here already stays as it is, whatever its end.
    """
    held = {(one.scope, one.target_id) for one in rules(connection, listener_id, now)}
    made: list[bool] = []
    for one in wanted:
        is_new = (one.scope, one.target_id) not in held
        made.append(is_new)
        if is_new:
            held.add((one.scope, one.target_id))
            allow(connection, listener_id, NeverPlayScope(one.scope), one.target_id)  # an old one
            row = {"listener_id": listener_id, **asdict(one)}
            connection.execute(insert(never_play), [row])
    return made


def allow(connection: Connection, listener_id: str, scope: NeverPlayScope, target_id: str) -> bool:
    """Take a rule back; False when there was none."""
    statement = delete(never_play).where(
        never_play.c.listener_id == listener_id,
        never_play.c.scope == scope.value,
        never_play.c.target_id == target_id,
    )
    return connection.execute(statement).rowcount > 0


def rules(connection: Connection, listener_id: str, now: float) -> list[NeverPlayed]:
    """Rules that hold at ``now``, the newest first."""
    columns = (never_play.c.scope, never_play.c.target_id, never_play.c.until,
               never_play.c.created_at)  # fmt: skip
    statement = (
        select(*columns)
        .where(
            never_play.c.listener_id == listener_id,
            or_(never_play.c.until.is_(None), never_play.c.until > now),
        )
        .order_by(never_play.c.created_at.desc(), never_play.c.target_id)
    )
    return [NeverPlayed(**row) for row in connection.execute(statement).mappings()]
