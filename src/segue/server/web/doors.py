"""Coming in and going out: sign in, sign up, the first administrator, sign out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter, QueryParameter
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_303_SEE_OTHER
from msgspec import Struct

from segue.bootstrap import App
from segue.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    NotSignedInError,
    SegueError,
    ThrottledError,
)
from segue.server.auth import (
    PUBLIC,
    SegueRequest,
    client_of,
    expired_cookie,
    session_cookie,
)
from segue.server.threads import in_thread
from segue.server.web.language import later
from segue.server.web.rendering import page
from segue.services.passwords import MIN_LENGTH
from segue.store.accounts import Account

_OPT = {"policy": PUBLIC}
# The forms are shown without a thread: Litestar 2.25 wraps a threaded handler twice when a second
# method is registered on its path, and the page would be a coroutine. Checking a password is slow
# on purpose and keeps its thread; it is registered last.
_Next = Annotated[str, QueryParameter(name="next", max_length=2_000)]
_SHOWN = (ConflictError, ForbiddenError, InvalidInputError, NotFoundError, NotSignedInError,
          ThrottledError)  # fmt: skip
_STATUS: dict[type[SegueError], int] = {
    ConflictError: 409,
    ForbiddenError: 403,
    NotSignedInError: 401,
    ThrottledError: 429,
}


class DoorForm(Struct, frozen=True, kw_only=True):
    """What the forms send; ``token`` only with the first administrator."""

    name: str = ""
    password: str = ""
    token: str = ""
    next: str = "/"


_Form = Annotated[DoorForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


@dataclass(frozen=True, slots=True)
class DoorWords:
    """The words of one door."""

    title: str
    headline: str
    lead: str
    button: str


_WORDS = {
    "sign-in": DoorWords(
        later("Sign in"),
        later("Your records, and what to play after them"),
        later(
            "Segue plays the music you own, learns what you love, "
            "and says why it chose what comes next."
        ),
        later("Sign in"),
    ),
    "sign-up": DoorWords(
        later("Make an account"),
        later("A shelf of your own"),
        later("Your taste, your lists and your history belong to you. Nobody else here sees them."),
        later("Begin"),
    ),
    "welcome": DoorWords(
        later("Welcome"),
        later("Let us put up the shelf"),
        later("You are the first one here. Make your account; you will look after this server."),
        later("Begin"),
    ),
}


@get("/sign-in", opt=_OPT, sync_to_thread=False, include_in_schema=False)
def sign_in_page(request: SegueRequest, wanted: _Next = "/") -> Response[Any]:
    """The sign-in form; the setup form while there is no administrator."""
    if request.user is not None:
        return Redirect(safe_path(wanted), status_code=HTTP_303_SEE_OTHER)
    if _app(request).accounts.needs_setup():
        return Redirect("/welcome", status_code=HTTP_303_SEE_OTHER)
    return _door(request, "sign-in", DoorForm(next=wanted))


@post("/sign-in", opt=_OPT, include_in_schema=False)
@in_thread
def sign_in(request: SegueRequest, data: _Form) -> Response[Any]:
    """Check the password and open a session."""

    def enter() -> str:
        address = request.client.host if request.client else "unknown"
        return _app(request).accounts.sign_in(
            data.name, data.password, address, client_of(request)
        )[1]

    return _through(request, "sign-in", data, enter)


@get("/sign-up", opt=_OPT, sync_to_thread=False, include_in_schema=False)
def sign_up_page(request: SegueRequest) -> Response[Any]:
    """The form for a new listener, where visitors may make accounts."""
    if not _app(request).accounts.sign_up_is_open:
        return Redirect("/sign-in", status_code=HTTP_303_SEE_OTHER)
    return _door(request, "sign-up", DoorForm())


@post("/sign-up", opt=_OPT, include_in_schema=False)
@in_thread
def sign_up(request: SegueRequest, data: _Form) -> Response[Any]:
    """Make a listener's account and open a session."""
    accounts = _app(request).accounts

    def enter() -> str:
        return accounts.open_session(accounts.sign_up(data.name, data.password), client_of(request))

    return _through(request, "sign-up", data, enter)


@get("/welcome", opt=_OPT, sync_to_thread=False, include_in_schema=False)
def welcome_page(
    request: SegueRequest, token: Annotated[str, Parameter(max_length=128)] = ""
) -> Response[Any]:
    """The form for the first administrator, while there is none."""
    if not _app(request).accounts.needs_setup():
        return Redirect("/sign-in", status_code=HTTP_303_SEE_OTHER)
    return _door(request, "welcome", DoorForm(token=token))


@post("/welcome", opt=_OPT, include_in_schema=False)
@in_thread
def welcome(request: SegueRequest, data: _Form) -> Response[Any]:
    """Use the one-time token and make the first administrator."""
    accounts = _app(request).accounts

    def enter() -> str:
        account: Account = accounts.claim_setup(data.token, data.name, data.password)
        return accounts.open_session(account, client_of(request))

    return _through(request, "welcome", data, enter, "/start")


@post("/sign-out", opt=_OPT, include_in_schema=False)
@in_thread
def sign_out(request: SegueRequest) -> Response[Any]:
    """End this session."""
    app = _app(request)
    if request.user is not None:
        app.accounts.sign_out(request.user)
    if request.auth:
        request.app.state.sessions.forget(request.auth)
    return Redirect(
        "/sign-in", status_code=HTTP_303_SEE_OTHER, cookies=[expired_cookie(app.settings)]
    )


def safe_path(wanted: str) -> str:
    """A path on this server, or the home page; never another site's address.

    >>> safe_path("/albums/a1"), safe_path("//evil.example"), safe_path("https://evil.example")
    ('/albums/a1', '/', '/')
    """
    plain = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if plain and wanted.isprintable() else "/"


def _through(
    request: SegueRequest, kind: str, form: DoorForm, enter: Callable[[], str], first: str = ""
) -> Response[Any]:
    try:
        token = enter()
    except _SHOWN as error:
        return _door(request, kind, form, error)
    cookie = session_cookie(token, _app(request).settings)
    return Redirect(first or safe_path(form.next), status_code=HTTP_303_SEE_OTHER, cookies=[cookie])


def _door(
    request: SegueRequest, kind: str, form: DoorForm, error: SegueError | None = None
) -> Template:
    accounts = _app(request).accounts
    other: tuple[str, str, str] | None = None
    if kind == "sign-in" and accounts.sign_up_is_open:
        other = (later("New here?"), "/sign-up", later("Make an account"))
    elif kind == "sign-up":
        other = (later("You have an account?"), "/sign-in", later("Sign in"))
    return page(
        request,
        "pages/door.html",
        status_code=200 if error is None else _STATUS.get(type(error), 400),
        kind=kind,
        action=f"/{kind}",
        words=_WORDS[kind],
        problem=str(error) if error else "",
        name=form.name,
        token=form.token,
        next=safe_path(form.next),
        other=other,
        password_length=MIN_LENGTH,
    )


def _app(request: SegueRequest) -> App:
    return request.app.state.segue


DOOR_HANDLERS: list[Any] = [
    sign_in_page, sign_in, sign_up_page, sign_up, welcome_page, welcome, sign_out,
]  # fmt: skip
