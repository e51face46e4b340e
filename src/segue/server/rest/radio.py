"""Sessions of a radio: an endless queue that follows what is skipped and finished."""

from typing import Annotated, Any

from litestar import delete, post
from litestar.params import JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED, HTTP_204_NO_CONTENT
from msgspec import Meta, Struct

from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.rest.parameters import Identifier, app_of, texts
from segue.server.threads import in_thread
from segue.services.radio import MAX_AT_ONCE, SessionView, Told

SeedNames = Annotated[list[Annotated[str, Meta(max_length=128)]], texts(20, 128)]
AtOnce = Annotated[int, Meta(ge=1, le=MAX_AT_ONCE, description="Tracks wanted.")]


class NewSession(Struct, frozen=True, forbid_unknown_fields=True):
    """What a session starts from; `my_radio` needs no seeds, `radio` does."""

    station: Annotated[str, Meta(max_length=32)] = "radio"
    seeds: SeedNames = []
    minus: SeedNames = []
    n: AtOnce = 10


class Since(Struct, frozen=True, forbid_unknown_fields=True):
    """What happened to tracks of the session; what went to `/v1/events` need not be told again."""

    happened: Annotated[list[Told], Meta(max_length=200)] = []
    n: AtOnce = 10


@post("/v1/sessions", opt={"policy": LISTENER}, status_code=HTTP_201_CREATED,
      tags=["recommendations"], summary="Begin a radio")  # fmt: skip
@in_thread
def begin_session(request: SegueRequest, data: JSONBody[NewSession]) -> SessionView:
    """Begin an endless queue and get its first tracks."""
    return app_of(request).radio.begin(
        signed_in(request).id, data.station, data.seeds, data.minus, data.n
    )


@post("/v1/sessions/{session_id:str}/next", opt={"policy": LISTENER}, status_code=HTTP_200_OK,
      tags=["recommendations"], summary="What comes next")  # fmt: skip
@in_thread
def next_of_session(
    request: SegueRequest, session_id: Identifier, data: JSONBody[Since]
) -> SessionView:
    """More tracks: away from what was skipped, towards what was finished, nothing twice."""
    return app_of(request).radio.go_on(signed_in(request).id, session_id, data.happened, data.n)


@delete("/v1/sessions/{session_id:str}", opt={"policy": LISTENER},
        status_code=HTTP_204_NO_CONTENT, tags=["recommendations"],
        summary="End a radio")  # fmt: skip
@in_thread
def end_session(request: SegueRequest, session_id: Identifier) -> None:
    """Forget a session."""
    app_of(request).radio.end(signed_in(request).id, session_id)


RADIO_HANDLERS: list[Any] = [begin_session, next_of_session, end_session]
