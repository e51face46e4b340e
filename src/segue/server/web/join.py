"""The page behind an invitation: choose a name and a password, or only a new password."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_303_SEE_OTHER
from msgspec import Struct

from segue.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    SegueError,
    ThrottledError,
)
from segue.server.auth import PUBLIC, SegueRequest, client_of, session_cookie
from segue.server.threads import in_thread
from segue.server.web import admin_words
from segue.server.web.rendering import app_of, page
from segue.services.invitations import Door
from segue.services.passwords import MIN_LENGTH

_OPT = {"policy": PUBLIC}
_STATUS: dict[type[SegueError], int] = {
    ConflictError: 409, InvalidInputError: 400, ForbiddenError: 403, NotFoundError: 404,
    ThrottledError: 429,
}  # fmt: skip


class JoinForm(Struct, frozen=True, kw_only=True):
    """What is chosen, and the token of the link."""

    token: str = ""
    name: str = ""
    password: str = ""


@get("/join", opt=_OPT, include_in_schema=False)
@in_thread
def join_page(
    request: SegueRequest, token: Annotated[str, Parameter(max_length=128)] = ""
) -> Template:
    """The form, or why the link opens nothing."""
    return _page(request, JoinForm(token=token))


@post("/join", opt=_OPT, include_in_schema=False)
@in_thread
def join(
    request: SegueRequest,
    data: Annotated[JoinForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:
    """Use the link up, and go in."""
    app = app_of(request)
    try:
        account = app.admin.invitations.use(data.token, data.name, data.password, _address(request))
    except tuple(_STATUS) as error:
        return _page(request, data, error)
    token = app.accounts.open_session(account, client_of(request))
    cookie = session_cookie(token, app.settings)
    return Redirect("/", status_code=HTTP_303_SEE_OTHER, cookies=[cookie])


def _page(request: SegueRequest, form: JoinForm, error: SegueError | None = None) -> Template:
    door: Door | None = None
    try:
        door = app_of(request).admin.invitations.look(form.token, _address(request))
    except tuple(_STATUS) as closed:
        error = closed
    return page(
        request, "pages/join.html", status_code=_STATUS[type(error)] if error else 200, door=door,
        token=form.token, name=form.name, problem=str(error) if error else "", w=admin_words,
        password_length=MIN_LENGTH,
    )  # fmt: skip


def _address(request: SegueRequest) -> str:
    return request.client.host if request.client else "unknown"


JOIN_HANDLERS: list[Any] = [join_page, join]
