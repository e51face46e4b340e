"""Appends events and takes them back; an event itself is never changed.

A key that was sent before is the same event: it is answered with the id it was given then. So is
a listen that came by another door before (:mod:`segue.store.same_listen`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Select, bindparam, func, insert, select
from sqlalchemy.engine import Connection

from segue.data.records import Event
from segue.errors import NotFoundError
from segue.store.batches import as_list, in_list
from segue.store.event_flaws import flaws
from segue.store.event_rows import COLUMNS, insert_many, row_of
from segue.store.feedback_state import STATEMENTS, rebuild
from segue.store.history_records import Appended
from segue.store.same_listen import SameListens
from segue.store.tables import accounts, events, retractions, tracks

Key: TypeAlias = tuple[str, str]  # of a listener, and idempotency key

# Built once: to build a statement, and to look up its compiled form, takes longer than to run it.
_ACCOUNTS = select(accounts.c.id).where(in_list(accounts.c.id))
_TRACKS = select(tracks.c.id).where(in_list(tracks.c.id))
_BY_KEY = select(events.c.idempotency_key, events.c.id).where(
    events.c.listener_id == bindparam("listener_id"), in_list(events.c.idempotency_key)
)
_INSERT = insert(events)
_LAST_ID = select(func.max(events.c.id))
_SPAN_AFTER = select(func.min(events.c.id), func.max(events.c.id)).where(
    events.c.id > bindparam("last")
)
_IDS_AFTER = select(events.c.id).where(events.c.id > bindparam("last")).order_by(events.c.id)


def append(connection: Connection, batch: Sequence[Event]) -> list[Appended]:
    """Store new events; one answer each, in order. A bad event never stops its neighbours."""
    reasons = _refusals(connection, batch)
    good = {
        i: (event.listener_id, event.idempotency_key)
        for i, event in enumerate(batch)
        if reasons[i] is None
    }
    known = _ids_by_key(connection, good.values())
    new, again = _told_apart(connection, batch, good, known)
    stored = _insert(connection, new)
    known |= {key: stored[first] for key, first in again.items()}
    answers: list[Appended] = []
    for i, reason in enumerate(reasons):
        if reason is not None:
            answers.append(Appended(id=None, is_new=False, problem=reason))
            continue
        key = good[i]
        id_ = stored.pop(key, None)
        if id_ is None:
            answers.append(Appended(id=known[key], is_new=False))
        else:
            known[key] = id_
            answers.append(Appended(id=id_, is_new=True))
    return answers


def _told_apart(
    connection: Connection, batch: Sequence[Event], good: Mapping[int, Key], known: dict[Key, int]
) -> tuple[dict[Key, Event], dict[Key, Key]]:
    """Events to store by key, and keys that report again what another key of the batch does.

    ``known`` takes in the keys that report again what is stored.
    """
    fresh = [(key, batch[i]) for i, key in good.items() if key not in known]
    same = SameListens(connection, [event for _, event in fresh])
    new: dict[Key, Event] = {}
    again: dict[Key, Key] = {}
    for key, event in fresh:
        if key in new or key in again or key in known:
            continue
        heard = same.find(event)
        if heard is None:
            new[key] = event
            same.add(event)
        elif heard.id is not None:
            known[key] = heard.id
        else:
            again[key] = (event.listener_id, heard.key)
    return new, again


def retract(connection: Connection, listener_id: str, event_id: int, now: float) -> bool:
    """Take one event of the listener back; False when it was taken back before.

    Raises:
        NotFoundError: No such event, or somebody else's.
    """
    statement = select(events.c.track_id).where(
        events.c.id == event_id, events.c.listener_id == listener_id
    )
    track_id = connection.execute(statement).scalar()
    if track_id is None:
        raise NotFoundError(f"there is no event {event_id} in this history")
    done = select(retractions.c.event_id).where(retractions.c.event_id == event_id)
    if connection.execute(done).first() is not None:
        return False
    row = {"event_id": event_id, "listener_id": listener_id, "retracted_at": now}
    connection.execute(insert(retractions), [row])
    rebuild(connection, listener_id, [track_id])
    return True


def _refusals(connection: Connection, batch: Sequence[Event]) -> list[str | None]:
    """Why each event cannot be stored, None for those that can."""
    found = flaws(batch)
    sound = [event for event, flaw in zip(batch, found, strict=True) if flaw is None]
    listeners = _existing(connection, _ACCOUNTS, {event.listener_id for event in sound})
    known_tracks = _existing(connection, _TRACKS, {event.track_id for event in sound})
    for i, event in enumerate(batch):
        if found[i] is None and event.track_id not in known_tracks:
            found[i] = f"unknown track {event.track_id!r}"
        if found[i] is None and event.listener_id not in listeners:
            found[i] = f"unknown listener {event.listener_id!r}"
    return found


def _existing(connection: Connection, statement: Select[Any], ids: Iterable[str]) -> set[str]:
    return set(connection.execute(statement, {"ids": as_list(ids)}).scalars())


def _ids_by_key(connection: Connection, keys: Iterable[Key]) -> dict[Key, int]:
    of_listener: dict[str, list[str]] = {}
    for listener_id, key in keys:
        of_listener.setdefault(listener_id, []).append(key)
    found: dict[Key, int] = {}
    for listener_id, wanted in of_listener.items():
        rows = connection.execute(_BY_KEY, {"listener_id": listener_id, "ids": as_list(wanted)})
        found.update(((listener_id, row[0]), row[1]) for row in rows)
    return found


def _insert(connection: Connection, new: Mapping[Key, Event]) -> dict[Key, int]:
    """Ids of the new events by their keys."""
    if not new:
        return {}
    rows = [row_of(event) for event in new.values()]
    if len(rows) == 1:
        made = connection.execute(
            _INSERT, dict(zip(COLUMNS, rows[0], strict=True))
        ).inserted_primary_key
        ids = [] if made is None else [int(made[0])]
    else:
        last = connection.execute(_LAST_ID).scalar() or 0
        insert_many(connection, rows)
        # the write lock is ours and ids only grow, so these are our rows in order
        ids = _ids_after(connection, last, len(rows))
    pairs: dict[str, list[str]] = {}
    for event in new.values():
        if event.kind in STATEMENTS:
            pairs.setdefault(event.listener_id, []).append(event.track_id)
    for listener_id, track_ids in pairs.items():
        rebuild(connection, listener_id, track_ids)
    return dict(zip(new, ids, strict=True))


def _ids_after(connection: Connection, last: int, n: int) -> Sequence[int]:
    """Ids of the ``n`` rows after ``last``; without reading each where none was left out."""
    first, newest = connection.execute(_SPAN_AFTER, {"last": last}).one()
    if newest - first + 1 == n:
        return range(first, newest + 1)
    return list(connection.execute(_IDS_AFTER, {"last": last}).scalars())
