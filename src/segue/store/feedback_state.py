"""The statements (love, dislike, rating) that hold for a listener and a track.

A projection of the events, rebuilt for the touched pairs inside the transaction that touches them:
an event that arrives late (an offline phone) must not overrule one that was made later. The rule is
that of :mod:`segue.data.feedback`: by time, then by order of arrival, the last one holds.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from segue.data.records import EventKind
from segue.store.batches import chunks
from segue.store.history_records import FeedbackState
from segue.store.tables import events, feedback_state, retractions

STATEMENTS = frozenset(
    {
        EventKind.LOVE,
        EventKind.UNLOVE,
        EventKind.DISLIKE,
        EventKind.UNDISLIKE,
        EventKind.RATE,
        EventKind.UNRATE,
    }
)


def state_after(statements: Iterable[tuple[str, float | None, float]]) -> FeedbackState | None:
    """What holds after (kind, value, time) in order; None when nothing was ever said.

    >>> state_after([("love", None, 1.0), ("rate", 4.0, 2.0), ("unlove", None, 3.0)])
    FeedbackState(loved=False, disliked=False, rating=4.0, updated_at=3.0)
    """
    loved = disliked = False
    rating: float | None = None
    at: float | None = None
    for kind, value, at in statements:  # noqa: B007 - the time of the last is wanted
        if kind in (EventKind.LOVE, EventKind.UNLOVE):
            loved = kind == EventKind.LOVE
        elif kind in (EventKind.DISLIKE, EventKind.UNDISLIKE):
            disliked = kind == EventKind.DISLIKE
        else:
            rating = value if kind == EventKind.RATE else None
    if at is None:
        return None
    return FeedbackState(loved=loved, disliked=disliked, rating=rating, updated_at=at)


def rebuild(connection: Connection, listener_id: str, track_ids: Sequence[str]) -> None:
    """Bring the states of one listener's tracks in line with the events."""
    kinds = [kind.value for kind in STATEMENTS]
    for part in chunks(list(dict.fromkeys(track_ids))):
        statement = (
            select(events.c.track_id, events.c.kind, events.c.value, events.c.listened_at)
            .where(
                events.c.listener_id == listener_id,
                events.c.track_id.in_(part),
                events.c.kind.in_(kinds),
                not_retracted(),
            )
            .order_by(events.c.listened_at, events.c.id)
        )
        said: dict[str, list[tuple[str, float | None, float]]] = {}
        for track_id, kind, value, at in connection.execute(statement):
            said.setdefault(track_id, []).append((kind, value, at))
        mine = feedback_state.c.listener_id == listener_id
        connection.execute(delete(feedback_state).where(mine, feedback_state.c.track_id.in_(part)))
        rows = [_row(listener_id, track_id, state_after(all_)) for track_id, all_ in said.items()]
        if rows:
            connection.execute(insert(feedback_state), rows)


def not_retracted() -> Any:
    """Condition on ``events``: the event was not taken back."""
    return ~select(retractions.c.event_id).where(retractions.c.event_id == events.c.id).exists()


def _row(listener_id: str, track_id: str, state: FeedbackState | None) -> dict[str, Any]:
    state = state or FeedbackState()
    return {
        "listener_id": listener_id,
        "track_id": track_id,
        "loved": state.loved,
        "disliked": state.disliked,
        "rating": state.rating,
        "updated_at": state.updated_at,
    }
