"""Listeners and invitations: who is here, in which role, since when; ask in, close, remove."""

from collections.abc import Callable
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter, PathParameter, QueryParameter
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_303_SEE_OTHER
from msgspec import Struct

from segue.errors import ConflictError, ForbiddenError, InvalidInputError, ThrottledError
from segue.server.auth import ADMIN, SegueRequest, owner
from segue.server.threads import in_thread
from segue.server.web.admin_page import admin_page
from segue.server.web.rendering import app_of
from segue.services.invitations import DEFAULT_DAYS, NewInvitation

N_SHOWN, N_INVITATIONS = 50, 50
_OPT = {"policy": ADMIN}
_Id = Annotated[str, PathParameter(max_length=64)]
_Words = Annotated[str, QueryParameter(name="q", max_length=64)]
_Cursor = Annotated[str | None, Parameter(max_length=512)]
_Form = RequestEncodingType.URL_ENCODED
_SHOWN = (ConflictError, ForbiddenError, InvalidInputError, ThrottledError)
_STATUS: dict[type[Exception], int] = {ConflictError: 409, ForbiddenError: 403, ThrottledError: 429}


class InvitationForm(Struct, frozen=True):
    """Whom to ask in."""

    role: Literal["listener", "admin"] = "listener"
    note: str = ""
    days: Literal["1", "7", "30"] = "7"


class ChangeForm(Struct, frozen=True):
    """What is to become of an account; ``password`` is the administrator's own."""

    change: Literal["close", "open", "listener", "admin", "password", "remove"]
    password: str = ""


@get("/admin/listeners", opt=_OPT, include_in_schema=False)
@in_thread
def listeners_page(request: SegueRequest, words: _Words = "") -> Template:
    """Everybody, and the links that are open."""
    return _listeners(request, words)


@get("/parts/admin/listeners", opt=_OPT, include_in_schema=False)
@in_thread
def listeners_part(request: SegueRequest, words: _Words = "", cursor: _Cursor = None) -> Template:
    """The next stretch of them."""
    return admin_page(request, "parts/admin_listeners.html", **_people(request, words, cursor))


@post("/admin/invitations", opt=_OPT, include_in_schema=False)
@in_thread
def make_invitation(
    request: SegueRequest, data: Annotated[InvitationForm, Body(media_type=_Form)]
) -> Template:
    """Make a link and show it, this once."""
    invitations = app_of(request).admin.invitations
    try:
        made = invitations.invite(owner(request).id, data.role, data.note, int(data.days))
    except _SHOWN as error:
        return _listeners(request, "", problem=error)
    return _listeners(request, "", made=made)


@post("/admin/invitations/{invitation_id:str}/end", opt=_OPT, include_in_schema=False)
@in_thread
def end_invitation(request: SegueRequest, invitation_id: _Id) -> Redirect:
    """Take a link back."""
    app_of(request).admin.invitations.revoke(invitation_id)
    return Redirect("/admin/listeners", status_code=HTTP_303_SEE_OTHER)


@get("/admin/listeners/{account_id:str}", opt=_OPT, include_in_schema=False)
@in_thread
def listener_page(request: SegueRequest, account_id: _Id) -> Template:
    """One account, and what can be done with it."""
    return _listener(request, account_id)


@post("/admin/listeners/{account_id:str}", opt=_OPT, include_in_schema=False)
@in_thread
def change_listener(
    request: SegueRequest,
    account_id: _Id,
    data: Annotated[ChangeForm, Body(media_type=_Form)],
) -> Response[Any]:
    """Change one account; a new password comes as a link, which is shown once."""
    app, caller = app_of(request), owner(request)
    people = app.admin.people
    address = request.client.host if request.client else "unknown"
    changes: dict[str, Callable[[], None]] = {
        "close": lambda: people.close(caller, account_id, closed=True),
        "open": lambda: people.close(caller, account_id, closed=False),
        "listener": lambda: people.set_role(caller, account_id, "listener"),
        "admin": lambda: people.set_role(caller, account_id, "admin"),
        "remove": lambda: people.remove(caller, account_id, data.password[:1_024], address),
    }
    try:
        if data.change == "password":
            account = app.accounts.get(account_id)
            made = app.admin.invitations.password_link(caller.id, account)
            return _listener(request, account_id, made=made)
        changes[data.change]()
    except _SHOWN as error:
        return _listener(request, account_id, problem=error)
    back = "/admin/listeners" + ("" if data.change == "remove" else f"/{account_id}")
    return Redirect(back, status_code=HTTP_303_SEE_OTHER)


def _listeners(
    request: SegueRequest,
    words: str,
    made: NewInvitation | None = None,
    problem: Exception | None = None,
) -> Template:
    links = app_of(request).admin.invitations.list(N_INVITATIONS)
    return admin_page(
        request, "pages/admin_listeners.html", status_code=_status(problem),
        link=_link(request, made), problem=str(problem) if problem else "",
        open_links=[one for one in links if one.state == "open"],
        closed_links=[one for one in links if one.state != "open"],
        days=DEFAULT_DAYS, **_people(request, words.strip(), None),
    )  # fmt: skip


def _people(request: SegueRequest, words: str, cursor: str | None) -> dict[str, Any]:
    found = app_of(request).admin.people.page(words, cursor, N_SHOWN)
    following = None
    if found.next_cursor is not None:
        asked = {"cursor": found.next_cursor} | ({"q": words} if words else {})
        following = f"/parts/admin/listeners?{urlencode(asked)}"
    return {"people": found.items, "q": words, "next_url": following}


def _listener(
    request: SegueRequest,
    account_id: str,
    made: NewInvitation | None = None,
    problem: Exception | None = None,
) -> Template:
    app = app_of(request)
    person = app.admin.people.get(account_id)
    return admin_page(
        request, "pages/admin_listener.html", status_code=_status(problem), person=person,
        lately=app.own.statistics.of(account_id, "all"), link=_link(request, made),
        problem=str(problem) if problem else "",
    )  # fmt: skip


def _link(request: SegueRequest, made: NewInvitation | None) -> str:
    """The whole address of a link, as the administrator's browser reaches this server."""
    return "" if made is None else f"{str(request.base_url).rstrip('/')}{made.path}"


def _status(problem: Exception | None) -> int:
    return 200 if problem is None else _STATUS.get(type(problem), 400)


ADMIN_LISTENER_HANDLERS: list[Any] = [
    listeners_page, listeners_part, listener_page, change_listener, make_invitation,
    end_invitation,
]  # fmt: skip
