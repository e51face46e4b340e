"""Appends events and takes them back; an event itself is never changed.

A key that was sent before is the same event: it is answered with the id it was given then. So is
a listen that came by another door before (:mod:`segue.store.same_listen`).
"""

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, func, insert, select
from sqlalchemy.engine import Connection

from segue.data.records import Event, EventKind
from segue.errors import NotFoundError
from segue.store.batches import chunks
from segue.store.feedback_state import STATEMENTS, rebuild
from segue.store.history_records import Appended
from segue.store.same_listen import SameListens
from segue.store.tables import accounts, events, retractions, tracks

_KINDS = {kind: kind.value for kind in EventKind}  # ``value`` itself is slow to look up
MAX_KEY_LENGTH = 200
MAX_LABEL_LENGTH = 100
_CANNOT_BE_STORED = re.compile("[\\x00\\ud800-\\udfff]")

# Built once: to build a statement, and to look up its compiled form, takes longer than to run it.
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_ACCOUNTS = select(accounts.c.id).where(accounts.c.id.in_(_IDS))
_TRACKS = select(tracks.c.id).where(tracks.c.id.in_(_IDS))
_BY_KEY = select(events.c.idempotency_key, events.c.id).where(
    events.c.listener_id == bindparam("listener_id"), events.c.idempotency_key.in_(_IDS)
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
    good = [event for event, reason in zip(batch, reasons, strict=True) if reason is None]
    known = _ids_by_key(connection, good)
    new, again = _told_apart(connection, good, known)
    stored = _insert(connection, new)
    known |= {key: stored[first] for key, first in again.items()}
    answers: list[Appended] = []
    for event, reason in zip(batch, reasons, strict=True):
        if reason is not None:
            answers.append(Appended(id=None, is_new=False, problem=reason))
            continue
        key = _key(event)
        id_ = stored.pop(key, None)
        if id_ is None:
            answers.append(Appended(id=known[key], is_new=False))
        else:
            known[key] = id_
            answers.append(Appended(id=id_, is_new=True))
    return answers


def _told_apart(
    connection: Connection, good: Sequence[Event], known: dict[tuple[str, str], int]
) -> tuple[dict[tuple[str, str], Event], dict[tuple[str, str], tuple[str, str]]]:
    """Events to store by key, and keys that report again what another key of the batch does.

    ``known`` takes in the keys that report again what is stored.
    """
    fresh = [event for event in good if _key(event) not in known]
    same = SameListens(connection, fresh)
    new: dict[tuple[str, str], Event] = {}
    again: dict[tuple[str, str], tuple[str, str]] = {}
    for event in fresh:
        key = _key(event)
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


def _key(event: Event) -> tuple[str, str]:
    return event.listener_id, event.idempotency_key


def _refusals(connection: Connection, batch: Sequence[Event]) -> list[str | None]:
    """Why each event cannot be stored, None for those that can."""
    found = [_flaw(event) for event in batch]
    sound = [event for event, flaw in zip(batch, found, strict=True) if flaw is None]
    listeners = _existing(connection, _ACCOUNTS, {event.listener_id for event in sound})
    known_tracks = _existing(connection, _TRACKS, {event.track_id for event in sound})
    for i, event in enumerate(batch):
        if found[i] is None and event.track_id not in known_tracks:
            found[i] = f"unknown track {event.track_id!r}"
        if found[i] is None and event.listener_id not in listeners:
            found[i] = f"unknown listener {event.listener_id!r}"
    return found


def _flaw(event: Event) -> str | None:
    """A rule that the event breaks, in words; None when it breaks none."""
    return _flaw_of_texts(event) or _flaw_of_numbers(event)


def _flaw_of_texts(event: Event) -> str | None:
    if not 0 < len(event.idempotency_key) <= MAX_KEY_LENGTH:
        return f"idempotency_key must have 1..{MAX_KEY_LENGTH} letters"
    if max(len(event.source), len(event.client)) > MAX_LABEL_LENGTH:
        return f"source and client must have at most {MAX_LABEL_LENGTH} letters"
    texts = (event.listener_id, event.track_id, event.idempotency_key, event.source, event.client)
    text = "".join(texts)
    if not (text.isascii() and text.isprintable()) and _CANNOT_BE_STORED.search(text):
        return "ids, keys and labels must be text without NUL and lone surrogates"
    return None


def _flaw_of_numbers(event: Event) -> str | None:
    played_s, value = event.played_s, event.value
    if not math.isfinite(event.listened_at):
        return f"listened_at must be a Unix time in seconds, got {event.listened_at}"
    if played_s is not None and not 0 <= played_s < math.inf:
        return f"played_s must be a length in seconds >= 0, got {played_s}"
    if event.kind is EventKind.RATE and not 1 <= (value or 0) <= 5:
        return f"value of a rating must lie in 1..5, got {value}"
    if value is not None and not math.isfinite(value):
        return f"value must be a finite number, got {value}"
    return None


def _existing(connection: Connection, statement: Select[Any], ids: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for part in chunks(list(ids)):
        found.update(connection.execute(statement, {"ids": part}).scalars())
    return found


def _ids_by_key(connection: Connection, batch: Iterable[Event]) -> dict[tuple[str, str], int]:
    of_listener: dict[str, list[str]] = {}
    for event in batch:
        of_listener.setdefault(event.listener_id, []).append(event.idempotency_key)
    found: dict[tuple[str, str], int] = {}
    for listener_id, keys in of_listener.items():
        for part in chunks(keys):
            rows = connection.execute(_BY_KEY, {"listener_id": listener_id, "ids": part})
            found.update(((listener_id, row[0]), row[1]) for row in rows)
    return found


def _insert(
    connection: Connection, new: dict[tuple[str, str], Event]
) -> dict[tuple[str, str], int]:
    """Ids of the new events by their keys."""
    rows = [_row(event) for event in new.values()]
    if not rows:
        return {}
    if len(rows) == 1:
        made = connection.execute(_INSERT, rows[0]).inserted_primary_key
        ids = [] if made is None else [int(made[0])]
    else:
        last = connection.execute(_LAST_ID).scalar() or 0
        connection.execute(_INSERT, rows)
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


def _row(event: Event) -> dict[str, Any]:
    return {
        "listener_id": event.listener_id,
        "track_id": event.track_id,
        "kind": _KINDS[event.kind],
        "listened_at": event.listened_at,
        "idempotency_key": event.idempotency_key,
        "played_s": event.played_s,
        "value": event.value,
        "source": event.source,
        "client": event.client,
    }
