"""Signing in and out, making accounts, and who one is."""

from typing import Annotated, Any

from litestar import Response, delete, get, post
from litestar.params import JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED, HTTP_204_NO_CONTENT
from msgspec import Meta, Struct

from segue.server.auth import (
    LISTENER,
    PUBLIC,
    SegueRequest,
    client_of,
    expired_cookie,
    session_cookie,
    signed_in,
)
from segue.server.rest.parameters import app_of
from segue.server.threads import in_thread
from segue.services.accounts import Caller
from segue.store.accounts import Account

Name = Annotated[str, Meta(min_length=1, max_length=64)]
Password = Annotated[str, Meta(min_length=1, max_length=128)]


class Credentials(Struct, frozen=True, forbid_unknown_fields=True):
    """A name and its password."""

    name: Name
    password: Password


class SetupClaim(Struct, frozen=True, forbid_unknown_fields=True):
    """The one-time token printed at first start, and the first administrator to make."""

    token: Annotated[str, Meta(min_length=1, max_length=128)]
    name: Name
    password: Password


class Me(Struct, frozen=True):
    """The account of the session."""

    id: str
    name: str
    role: str


class SignedIn(Struct, frozen=True):
    """A new session; send ``token`` as ``Authorization: Bearer`` where there are no cookies."""

    account: Me
    token: str


@post("/v1/session", opt={"policy": PUBLIC}, status_code=HTTP_201_CREATED,
      tags=["account"], summary="Sign in")  # fmt: skip
@in_thread
def sign_in(request: SegueRequest, data: JSONBody[Credentials]) -> Response[SignedIn]:
    """Open a session; the cookie is set for browsers, the token is for everything else."""
    app = app_of(request)
    address = request.client.host if request.client else "unknown"
    account, token = app.accounts.sign_in(data.name, data.password, address, client_of(request))
    cookie = session_cookie(token, app.settings)
    return Response(SignedIn(me_of(account), token), cookies=[cookie])


@delete(
    "/v1/session",
    opt={"policy": LISTENER},
    status_code=HTTP_204_NO_CONTENT,
    tags=["account"],
    summary="Sign out",
)
@in_thread
def sign_out(request: SegueRequest) -> Response[None]:
    """End this session."""
    app = app_of(request)
    app.accounts.sign_out(signed_in(request))
    if request.auth:
        request.app.state.sessions.forget(request.auth)
    return Response(None, status_code=HTTP_204_NO_CONTENT, cookies=[expired_cookie(app.settings)])


@post("/v1/accounts", opt={"policy": PUBLIC}, status_code=HTTP_201_CREATED,
      tags=["account"], summary="Sign up")  # fmt: skip
@in_thread
def sign_up(request: SegueRequest, data: JSONBody[Credentials]) -> Response[SignedIn]:
    """Make a listener's account, where the administrator leaves sign-up open."""
    app = app_of(request)
    account = app.accounts.sign_up(data.name, data.password)
    token = app.accounts.open_session(account, client_of(request))
    return Response(
        SignedIn(me_of(account), token),
        status_code=HTTP_201_CREATED,
        cookies=[session_cookie(token, app.settings)],
    )


@post("/v1/setup", opt={"policy": PUBLIC}, status_code=HTTP_201_CREATED,
      tags=["account"], summary="Make the first administrator")  # fmt: skip
@in_thread
def claim_setup(request: SegueRequest, data: JSONBody[SetupClaim]) -> Response[SignedIn]:
    """Use the one-time token that was printed at first start."""
    app = app_of(request)
    account = app.accounts.claim_setup(data.token, data.name, data.password)
    token = app.accounts.open_session(account, client_of(request))
    return Response(
        SignedIn(me_of(account), token),
        status_code=HTTP_201_CREATED,
        cookies=[session_cookie(token, app.settings)],
    )


@get("/v1/me", opt={"policy": LISTENER}, status_code=HTTP_200_OK, sync_to_thread=False,
     tags=["account"], summary="Who am I")  # fmt: skip
def me(request: SegueRequest) -> Me:
    """The account of this session."""
    return me_of(signed_in(request))


def me_of(account: Account | Caller) -> Me:
    """What an account may see of itself."""
    return Me(account.id, account.name, account.role)


SESSION_HANDLERS: list[Any] = [sign_in, sign_out, sign_up, claim_setup, me]
