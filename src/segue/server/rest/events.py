"""What a listener did: plays, skips, love, ratings, never-play; counted at once and only once."""

from typing import Annotated, Any

from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT
from msgspec import Meta, Struct

from segue.data.records import NeverPlayScope
from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.rest.parameters import (
    FROM_ZERO,
    Cursor,
    EventNumber,
    Identifier,
    ListLength,
    PageLimit,
    SearchText,
    app_of,
)
from segue.server.rest.sent_events import SentEvent
from segue.server.threads import in_thread
from segue.services.history import MAX_EVENTS_PER_REQUEST, Recorded
from segue.services.views import TrackView
from segue.store.catalog_records import Page
from segue.store.history_pages import Listen


class EventBatch(Struct, frozen=True, forbid_unknown_fields=True):
    """Events of the listener who is signed in, in any order."""

    events: Annotated[list[SentEvent], Meta(max_length=MAX_EVENTS_PER_REQUEST)]


class NeverPlayRule(Struct, frozen=True, forbid_unknown_fields=True):
    """How long: until a Unix time (s), or for good when it is left out."""

    until: Annotated[float, Meta(ge=0, le=1e11, extra_json_schema=FROM_ZERO)] | None = None


@post("/v1/events", opt={"policy": LISTENER}, status_code=HTTP_200_OK,
      tags=["events"], summary="Record events")  # fmt: skip
@in_thread
def record_events(request: SegueRequest, data: JSONBody[EventBatch]) -> Recorded:
    """Store a batch durably. A repeated idempotency key is counted once; bad ones are named."""
    events = [event.decoded() for event in data.events]
    return app_of(request).history.record(signed_in(request).id, events)


@delete(
    "/v1/events/{event_id:int}",
    opt={"policy": LISTENER},
    status_code=HTTP_204_NO_CONTENT,
    tags=["events"],
    summary="Undo an event",
)
@in_thread
def retract_event(request: SegueRequest, event_id: EventNumber) -> None:
    """Take one of your own events back; lists forget it at once."""
    app_of(request).history.retract(signed_in(request).id, event_id)


@post("/v1/events/{event_id:int}/restore", opt={"policy": LISTENER},
      status_code=HTTP_204_NO_CONTENT, tags=["events"],
      summary="Let an event count again")  # fmt: skip
@in_thread
def restore_event(request: SegueRequest, event_id: EventNumber) -> None:
    """What was undone counts again."""
    app_of(request).history.restore(signed_in(request).id, event_id)


@get("/v1/history", opt={"policy": LISTENER}, tags=["events"], summary="Your history")
@in_thread
def history(
    request: SegueRequest, cursor: Cursor = None, limit: PageLimit = 50, q: SearchText = ""
) -> Page[Listen]:
    """Plays and skips, newest first; with `q` those of tracks whose words begin so."""
    return app_of(request).history.page(signed_in(request).id, cursor, limit, q)


@put("/v1/never-play/{what:str}/{target_id:str}", opt={"policy": LISTENER},
     status_code=HTTP_204_NO_CONTENT, tags=["events"],
     summary="Never play this")  # fmt: skip
@in_thread
def never_play(
    request: SegueRequest,
    what: FromPath[NeverPlayScope],
    target_id: Identifier,
    data: JSONBody[NeverPlayRule | None] = None,
) -> None:
    """Keep a track, artist or album out of every list of yours."""
    until = data.until if data else None
    app_of(request).history.never_play(signed_in(request).id, what, target_id, until)


@delete("/v1/never-play/{what:str}/{target_id:str}", opt={"policy": LISTENER},
        status_code=HTTP_204_NO_CONTENT, tags=["events"],
        summary="Play this again")  # fmt: skip
@in_thread
def allow_again(
    request: SegueRequest, what: FromPath[NeverPlayScope], target_id: Identifier
) -> None:
    """Take a never-play back."""
    app_of(request).history.allow_again(signed_in(request).id, what, target_id)


@get("/v1/history/recent", opt={"policy": LISTENER}, tags=["events"],
     summary="Recently played")  # fmt: skip
@in_thread
def recently_played(request: SegueRequest, n: ListLength = 50) -> list[TrackView]:
    """Your tracks by the time you played them last, newest first."""
    return app_of(request).recommend.recently_played(signed_in(request).id, n)


@get("/v1/history/most-played", opt={"policy": LISTENER}, tags=["events"],
     summary="Most played")  # fmt: skip
@in_thread
def most_played(request: SegueRequest, n: ListLength = 50) -> list[TrackView]:
    """Your tracks by number of plays."""
    return app_of(request).recommend.most_played(signed_in(request).id, n)


EVENT_HANDLERS: list[Any] = [
    record_events, retract_event, restore_event, history, never_play, allow_again,
    recently_played, most_played,
]  # fmt: skip
