"""Appends events and takes them back; an event itself is never changed.

A key that was sent before is the same event: it is answered with the id it was given then.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Column, Table, func, insert, select
from sqlalchemy.engine import Connection

from segue.data.records import Event, EventKind
from segue.errors import NotFoundError
from segue.store.batches import chunks
from segue.store.feedback_state import STATEMENTS, rebuild
from segue.store.history_records import Appended
from segue.store.tables import accounts, events, retractions, tracks

MAX_KEY_LENGTH = 200
MAX_LABEL_LENGTH = 100


def append(connection: Connection, batch: Sequence[Event]) -> list[Appended]:
    """Store new events; one answer each, in order. A bad event never stops its neighbours."""
    reasons = _refusals(connection, batch)
    good = [event for event, reason in zip(batch, reasons, strict=True) if reason is None]
    known = _ids_by_key(connection, good)
    new: dict[tuple[str, str], Event] = {}
    for event in good:
        if (key := _key(event)) not in known:
            new.setdefault(key, event)
    stored = _insert(connection, list(new.values()))
    answers: list[Appended] = []
    for event, reason in zip(batch, reasons, strict=True):
        if reason is not None:
            answers.append(Appended(id=None, is_new=False, problem=reason))
        elif (id_ := stored.pop(_key(event), None)) is not None:
            known[_key(event)] = id_
            answers.append(Appended(id=id_, is_new=True))
        else:
            answers.append(Appended(id=known[_key(event)], is_new=False))
    return answers


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
    listeners = _existing(connection, accounts, {event.listener_id for event in sound})
    known_tracks = _existing(connection, tracks, {event.track_id for event in sound})
    for i, event in enumerate(batch):
        if found[i] is None and event.track_id not in known_tracks:
            found[i] = f"unknown track {event.track_id!r}"
        if found[i] is None and event.listener_id not in listeners:
            found[i] = f"unknown listener {event.listener_id!r}"
    return found


def _flaw(event: Event) -> str | None:
    """The first rule that the event breaks, in words."""
    played_s, value = event.played_s, event.value
    texts = (event.listener_id, event.track_id, event.idempotency_key, event.source, event.client)
    rules = (
        (
            not 0 < len(event.idempotency_key) <= MAX_KEY_LENGTH,
            f"idempotency_key must have 1..{MAX_KEY_LENGTH} letters",
        ),
        (
            not math.isfinite(event.listened_at),
            f"listened_at must be a Unix time in seconds, got {event.listened_at}",
        ),
        (
            played_s is not None and not 0 <= played_s < math.inf,
            f"played_s must be a length in seconds >= 0, got {played_s}",
        ),
        (
            event.kind == EventKind.RATE and not 1 <= (value or 0) <= 5,
            f"value of a rating must lie in 1..5, got {value}",
        ),
        (
            value is not None and not math.isfinite(value),
            f"value must be a finite number, got {value}",
        ),
        (
            max(len(event.source), len(event.client)) > MAX_LABEL_LENGTH,
            f"source and client must have at most {MAX_LABEL_LENGTH} letters",
        ),
        (
            any(map(_has_what_cannot_be_stored, texts)),
            "ids, keys and labels must be text without NUL and lone surrogates",
        ),
    )
    return next((reason for is_broken, reason in rules if is_broken), None)


def _has_what_cannot_be_stored(text: str) -> bool:
    return any(letter == "\x00" or "\ud800" <= letter <= "\udfff" for letter in text)


def _existing(connection: Connection, table: Table, ids: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for part in chunks(list(ids)):
        found.update(connection.execute(select(table.c.id).where(table.c.id.in_(part))).scalars())
    return found


def _ids_by_key(connection: Connection, batch: Iterable[Event]) -> dict[tuple[str, str], int]:
    of_listener: dict[str, list[str]] = {}
    for event in batch:
        of_listener.setdefault(event.listener_id, []).append(event.idempotency_key)
    key: Column[Any] = events.c.idempotency_key
    found: dict[tuple[str, str], int] = {}
    for listener_id, keys in of_listener.items():
        for part in chunks(keys):
            statement = select(key, events.c.id).where(
                events.c.listener_id == listener_id, key.in_(part)
            )
            found.update(((listener_id, row[0]), row[1]) for row in connection.execute(statement))
    return found


def _insert(connection: Connection, new: list[Event]) -> dict[tuple[str, str], int]:
    if not new:
        return {}
    last = connection.execute(select(func.max(events.c.id))).scalar() or 0
    connection.execute(insert(events), [_row(event) for event in new])
    pairs: dict[str, list[str]] = {}
    for event in new:
        if event.kind in STATEMENTS:
            pairs.setdefault(event.listener_id, []).append(event.track_id)
    for listener_id, track_ids in pairs.items():
        rebuild(connection, listener_id, track_ids)
    made = select(events.c.listener_id, events.c.idempotency_key, events.c.id)
    rows = connection.execute(made.where(events.c.id > last))  # the write lock is ours
    return {(row[0], row[1]): row[2] for row in rows}


def _row(event: Event) -> dict[str, Any]:
    return {
        "listener_id": event.listener_id,
        "track_id": event.track_id,
        "kind": event.kind.value,
        "listened_at": event.listened_at,
        "idempotency_key": event.idempotency_key,
        "played_s": event.played_s,
        "value": event.value,
        "source": event.source,
        "client": event.client,
    }
