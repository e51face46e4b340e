"""Which artist, album, genre or tag a name means; makes those that are new.

An artist is its MusicBrainz id, else its folded name; an album is its release id, else folded title
and folded album artist. A row that was known by name only adopts the id when one is seen; a name
without an id goes to the row that has the name already.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.engine import Connection

from segue.store.batches import chunks
from segue.store.ids import IdFactory


class Wanted(NamedTuple):
    """A thing that tags speak of: ``key`` are its folded names, ``row`` what to insert if new."""

    key: tuple[str, ...]
    mbid: str | None
    row: dict[str, Any]


def resolve(
    connection: Connection,
    table: Table,
    key_columns: tuple[str, ...],
    wanted: Iterable[Wanted],
    ids: IdFactory,
    now: float,
) -> tuple[dict[tuple[tuple[str, ...], str | None], str], dict[str, Wanted]]:
    """Ids of all wanted artists or albums, by (key, mbid), and those that were made, by id."""
    distinct = {(item.key, item.mbid): item for item in wanted}
    by_mbid, nameless, by_key = _known(connection, table, key_columns, distinct.values())
    found: dict[tuple[tuple[str, ...], str | None], str] = {}
    made: dict[str, Wanted] = {}
    adopted: dict[str, str] = {}
    # those with an id first: a name alone then finds them
    for (key, mbid), item in sorted(distinct.items(), key=lambda pair: pair[0][1] is None):
        id_ = by_mbid.get(mbid) if mbid else None
        if id_ is None and (without := nameless.get(key)) is not None:
            id_ = without
            if mbid:
                adopted[id_] = mbid
                del nameless[key]
        if id_ is None and not mbid:
            id_ = by_key.get(key)
        if id_ is None:
            id_ = ids()
            made[id_] = item
            if not mbid:
                nameless[key] = id_
        by_key.setdefault(key, id_)
        if mbid:
            by_mbid[mbid] = id_
        found[key, mbid] = id_
    _write(connection, table, made, adopted, now)
    return found, made


def _known(
    connection: Connection, table: Table, key_columns: tuple[str, ...], wanted: Iterable[Wanted]
) -> tuple[dict[str, str], dict[tuple[str, ...], str], dict[tuple[str, ...], str]]:
    """Ids by mbid, ids by key of rows without an mbid, ids by key of any row (oldest first)."""
    items = list(wanted)
    columns: Any = (table.c.id, table.c.mbid, *(table.c[name] for name in key_columns))
    by_mbid: dict[str, str] = {}
    for part in chunks([item.mbid for item in items if item.mbid]):
        statement = select(table.c.mbid, table.c.id).where(table.c.mbid.in_(part))
        by_mbid.update((row[0], row[1]) for row in connection.execute(statement))
    nameless: dict[tuple[str, ...], str] = {}
    by_key: dict[tuple[str, ...], str] = {}
    for part in chunks(list({item.key[0] for item in items})):
        statement = select(*columns).where(table.c[key_columns[0]].in_(part))
        for id_, mbid, *names in connection.execute(
            statement.order_by(table.c.added_at, table.c.id)
        ):
            key = tuple(names)
            by_key.setdefault(key, id_)
            if mbid is None:
                nameless.setdefault(key, id_)
    return by_mbid, nameless, by_key


def _write(
    connection: Connection,
    table: Table,
    made: dict[str, Wanted],
    adopted: dict[str, str],
    now: float,
) -> None:
    if adopted:
        of_old = {key: value for key, value in adopted.items() if key not in made}
        statement = update(table).where(table.c.id == bindparam("row_id"))
        rows = [{"row_id": id_, "mbid": mbid} for id_, mbid in of_old.items()]
        if rows:
            connection.execute(statement, rows)
    if made:
        connection.execute(
            insert(table),
            [
                {"id": id_, "mbid": adopted.get(id_, item.mbid), "added_at": now} | item.row
                for id_, item in made.items()
            ],
        )


def resolve_terms(
    connection: Connection, table: Table, names: Iterable[tuple[str, str]]
) -> dict[str, int]:
    """Row numbers of genres or tags by folded name; ``names`` are (folded, as shown)."""
    shown: dict[str, str] = {}
    for folded, name in names:
        shown.setdefault(folded, name)
    found = _term_rows(connection, table, list(shown))
    missing = [name for name in shown if name not in found]
    if missing:
        rows = [{"sort_name": name, "name": shown[name]} for name in missing]
        connection.execute(insert(table), rows)
        found |= _term_rows(connection, table, missing)
    return found


def _term_rows(connection: Connection, table: Table, folded: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in chunks(folded):
        statement = select(table.c.sort_name, table.c.id).where(table.c.sort_name.in_(part))
        found.update((row[0], row[1]) for row in connection.execute(statement))
    return found


def link_rows(
    per_track: Iterable[tuple[str, Iterable[int | str]]], owner: str, column: str
) -> list[dict[str, Any]]:
    """Rows of a link table in order of credit, each target once for an owner.

    >>> link_rows([("t1", ["a", "b", "a"])], "track_id", "artist_id")[1]
    {'track_id': 't1', 'position': 1, 'artist_id': 'b'}
    """
    return [
        {owner: owner_id, "position": position, column: target}
        for owner_id, targets in per_track
        for position, target in enumerate(dict.fromkeys(targets))
    ]
