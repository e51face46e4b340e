"""One's own time zone: whose clock says when a day begins and what hour it is."""

from typing import Annotated, Any

from litestar import get, put
from litestar.params import JSONBody
from msgspec import Meta, Struct

from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.rest.parameters import app_of
from segue.server.threads import in_thread
from segue.services.zones import MAX_NAME_LENGTH

_OPT = {"policy": LISTENER}


class MyTimeZone(Struct, frozen=True):
    """A name of the IANA database such as `Europe/Berlin`; empty is the zone of the server."""

    time_zone: str


class NewTimeZone(Struct, frozen=True, forbid_unknown_fields=True):
    """The zone to keep; with `only_first`, one that is known already stays."""

    time_zone: Annotated[str, Meta(max_length=MAX_NAME_LENGTH)]
    only_first: bool = False


@get("/v1/me/time-zone", opt=_OPT, sync_to_thread=False, tags=["account"],
     summary="My time zone")  # fmt: skip
def my_time_zone(request: SegueRequest) -> MyTimeZone:
    """Days, weeks and hours of your lists and statistics follow it."""
    return MyTimeZone(signed_in(request).time_zone)


@put("/v1/me/time-zone", opt=_OPT, tags=["account"], summary="Keep my time zone")
@in_thread
def keep_time_zone(request: SegueRequest, data: JSONBody[NewTimeZone]) -> MyTimeZone:
    """The answer is what holds now; a browser reports its own with `only_first`."""
    keep = app_of(request).own.zones.keep
    name = keep(signed_in(request).id, data.time_zone, only_first=data.only_first)
    if request.auth:
        request.app.state.sessions.forget(request.auth)
    return MyTimeZone(name)


TIME_ZONE_HANDLERS: list[Any] = [my_time_zone, keep_time_zone]
