"""One's statistics, app passwords and sessions."""

from typing import Annotated, Any

from litestar import delete, get, post
from litestar.params import JSONBody, Parameter
from litestar.status_codes import HTTP_201_CREATED, HTTP_204_NO_CONTENT
from msgspec import Meta, Struct

from segue.server.auth import LISTENER, SegueRequest, owner, signed_in
from segue.server.rest.parameters import Identifier, app_of
from segue.server.threads import in_thread
from segue.services.app_passwords import NewAppPassword
from segue.services.statistics import ListenerStatistics
from segue.store.app_tokens import MAX_NAME_LENGTH, AppToken

_OPT = {"policy": LISTENER}
Period = Annotated[
    str,
    Parameter(max_length=4, description="`4w`, `6m`, `12m`, `all`, or a year such as `2025`."),
]


class NewName(Struct, frozen=True, forbid_unknown_fields=True):
    """What the app password is for, such as the name of the app."""

    name: Annotated[str, Meta(min_length=1, max_length=MAX_NAME_LENGTH)]


class OpenSession(Struct, frozen=True, kw_only=True):
    """One signed-in browser or app; ``is_this`` marks the one that asks."""

    id: str
    client: str
    created_at: float
    seen_at: float
    is_this: bool


@get("/v1/me/statistics", opt=_OPT, tags=["account"], summary="What I played")
@in_thread
def my_statistics(request: SegueRequest, period: Period = "12m") -> ListenerStatistics:
    """Totals, the clock, months, and what you played most in a period."""
    return app_of(request).own.statistics.of(signed_in(request).id, period)


@get("/v1/me/app-passwords", opt=_OPT, tags=["account"], summary="My app passwords")
@in_thread
def app_passwords(request: SegueRequest) -> list[AppToken]:
    """What music apps and scripts sign in with; never the secrets."""
    return app_of(request).own.app_passwords.of(owner(request).id)


@post("/v1/me/app-passwords", opt=_OPT, status_code=HTTP_201_CREATED, tags=["account"],
      summary="Make an app password")  # fmt: skip
@in_thread
def make_app_password(request: SegueRequest, data: JSONBody[NewName]) -> NewAppPassword:
    """The secret is in this answer and nowhere else; send it as `Authorization: Bearer`."""
    return app_of(request).own.app_passwords.make(owner(request).id, data.name)


@delete("/v1/me/app-passwords/{token_id:str}", opt=_OPT, status_code=HTTP_204_NO_CONTENT,
        tags=["account"], summary="End an app password")  # fmt: skip
@in_thread
def end_app_password(request: SegueRequest, token_id: Identifier) -> None:
    """Whatever signs in with it is out within a second."""
    app_of(request).own.app_passwords.end(owner(request).id, token_id)


@get("/v1/me/sessions", opt=_OPT, tags=["account"], summary="Where I am signed in")
@in_thread
def my_sessions(request: SegueRequest) -> list[OpenSession]:
    """Open sessions, the newest first."""
    caller = owner(request)
    return [
        OpenSession(id=s.id, client=s.client, created_at=s.created_at, seen_at=s.seen_at,
                    is_this=s.id == caller.session_id)
        for s in app_of(request).own.app_passwords.sessions_of(caller.id)
    ]  # fmt: skip


@delete("/v1/me/sessions/{session_id:str}", opt=_OPT, status_code=HTTP_204_NO_CONTENT,
        tags=["account"], summary="End a session")  # fmt: skip
@in_thread
def end_session(request: SegueRequest, session_id: Identifier) -> None:
    """Sign one of your browsers or apps out."""
    app_of(request).own.app_passwords.end_session(owner(request).id, session_id)


ABOUT_ME_HANDLERS: list[Any] = [
    my_statistics, app_passwords, make_app_password, end_app_password, my_sessions, end_session,
]  # fmt: skip
