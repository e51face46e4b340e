"""Millions of made-up listens put into the store at once: what an import would check is known here.

The same rows as :meth:`segue.store.history.History.import_events` would store, without looking for
each whether its track, its listener and its key exist: indexes are made after the rows.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from benchmarks.speed.bulk import in_bulk, insert_rows
from segue.data.dataset import TrackTable
from segue.data.feedback import UNKNOWN_DURATION_S, EventColumns
from segue.data.records import EVENT_KINDS, EventKind
from segue.store.engine import Database
from segue.store.feedback_state import STATEMENTS, rebuild

_COLUMNS = ("listener_id", "track_id", "kind", "listened_at", "idempotency_key", "played_s",
            "value", "source", "client")  # fmt: skip


def store_events(
    database: Database, tracks: TrackTable, histories: Iterable[tuple[str, EventColumns]]
) -> int:
    """Store the whole history of each listener, and the statements that hold after it.

    Args:
        database: Nobody else writes to it, and it has no event.
        tracks: The catalogue that the columns count in.
        histories: Id of a listener and all of their events in order, once for each listener.

    Returns:
        How many events there are.
    """
    said: dict[str, list[str]] = {}
    with in_bulk(database.path, ["events"]) as connection:
        n = insert_rows(connection, "events", _COLUMNS, _rows(tracks, histories, said))
    for listener_id, track_ids in said.items():
        database.write(lambda c, who=listener_id, rows=track_ids: rebuild(c, who, rows))
    return n


def _rows(
    tracks: TrackTable,
    histories: Iterable[tuple[str, EventColumns]],
    said: dict[str, list[str]],
) -> Iterator[tuple[str | float | None, ...]]:
    """One row an event; ``said`` takes in which tracks each listener states something about."""
    ids = list(tracks.ids)
    known = np.nan_to_num(np.asarray(tracks.duration_s, np.float64))
    duration_s = np.where(known > 0, known, UNKNOWN_DURATION_S)
    for listener_id, events in histories:
        played_s = (events.played_fraction * duration_s[events.track_idx]).tolist()
        columns = zip(events.track_idx.tolist(), events.kind.tolist(), events.listened_at.tolist(),
                      played_s, events.value.tolist(), strict=True)  # fmt: skip
        for number, (track, code, at, played, value) in enumerate(columns):
            kind = EVENT_KINDS[code]
            if kind in STATEMENTS:
                said.setdefault(listener_id, []).append(ids[track])
            yield (listener_id, ids[track], kind.value, at, f"synthetic-{number:07d}",
                   None if np.isnan(played) else played,
                   value if kind is EventKind.RATE else None, "synthetic", "segue")  # fmt: skip
