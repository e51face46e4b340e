"""Who is asking, and whether they may: one place for every door.

Every route declares a policy in its ``opt``; a route without one stops the server from starting.
A session token comes in the cookie of the web player or as ``Authorization: Bearer``.
"""

import time
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from litestar import Litestar, Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.handlers import BaseRouteHandler
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult

from segue.errors import ConfigurationError, ForbiddenError, NotSignedInError
from segue.services.accounts import AccountService, Caller
from segue.services.app_passwords import require_session
from segue.settings import Settings

COOKIE = "segue_session"
SECURE_COOKIE = "__Host-segue_session"
# what the player keeps in the browser: events on their way, the queue (W3C Clear Site Data)
FORGET_IN_BROWSER = {"clear-site-data": '"storage"'}
CACHE_S = 1.0  # a revoked session ends within this time
_MAX_CACHED = 4096

Connection = ASGIConnection[Any, Caller | None, str | None, Any]
SegueRequest = Request[Caller | None, str | None, Any]


class Policy(StrEnum):
    """Who may call a route."""

    PUBLIC = "public"
    LISTENER = "listener"  # any account that is signed in
    ADMIN = "admin"


PUBLIC = Policy.PUBLIC
LISTENER = Policy.LISTENER
ADMIN = Policy.ADMIN


class SessionMiddleware(AbstractAuthenticationMiddleware):
    """Puts the account of the session, or None, into ``request.user``."""

    async def authenticate_request(self, connection: Connection) -> AuthenticationResult:
        """Look the token up; an unknown one is the same as none."""
        token = token_of(connection)
        sessions: SessionCache = connection.app.state.sessions
        return AuthenticationResult(user=sessions.account_of(token) if token else None, auth=token)


class SessionCache:
    """Accounts of the tokens seen in the last second, so that a page's many requests read once."""

    def __init__(
        self, accounts: AccountService, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._accounts = accounts
        self._timer = timer
        self._known: dict[str, tuple[float, Caller | None]] = {}

    def account_of(self, token: str) -> Caller | None:
        """The account of a session token, or None."""
        now = self._timer()
        known = self._known.get(token)
        if known is not None and now < known[0]:
            return known[1]
        if len(self._known) >= _MAX_CACHED:
            self._known.clear()
        account = self._accounts.of_session(token)
        self._known[token] = (now + CACHE_S, account)
        return account

    def forget(self, token: str) -> None:
        """A signed-out token is unknown at once in this process."""
        self._known.pop(token, None)


def token_of(connection: Connection) -> str | None:
    """The session token of a request, from the header or the cookie."""
    header = connection.headers.get("authorization", "")
    if header.lower().startswith("bearer "):
        return header[7:].strip() or None
    return connection.cookies.get(SECURE_COOKIE) or connection.cookies.get(COOKIE)


async def require_policy(connection: Connection, handler: BaseRouteHandler) -> None:
    """Guard of the whole application; a coroutine, since Litestar runs other guards on a thread.

    Raises:
        NotSignedInError: The route needs an account.
        ForbiddenError: The route needs an administrator.
    """
    policy = handler.opt.get("policy")
    if policy is PUBLIC or _is_automatic(handler):
        return
    account = connection.scope.get("user")
    if account is None:
        raise NotSignedInError("sign in first")
    if policy is LISTENER:
        return
    if policy is not ADMIN or account.role != "admin":
        raise ForbiddenError("only an administrator may do this")


def check_policies(app: Litestar) -> None:
    """Refuse to start when a route has no policy.

    Raises:
        ConfigurationError: Names the routes without one.
    """
    undeclared = sorted(
        {
            f"{route.path} ({handler.handler_name})"
            for route in app.routes
            for handler in _handlers_of(route)
            if handler.opt.get("policy") not in tuple(Policy) and not _is_automatic(handler)
        }
    )
    if undeclared:
        raise ConfigurationError(f"routes without a policy: {', '.join(undeclared)}")


def session_cookie(token: str, settings: Settings) -> Cookie:
    """The cookie that carries a session."""
    return Cookie(
        key=SECURE_COOKIE if settings.secure_cookie else COOKIE,
        value=token,
        path="/",
        httponly=True,
        secure=settings.secure_cookie,
        samesite="lax",
        max_age=settings.session_max_days * 86_400,
    )


def expired_cookie(settings: Settings) -> Cookie:
    """The cookie that ends a session in the browser."""
    return Cookie(
        key=SECURE_COOKIE if settings.secure_cookie else COOKIE,
        value="",
        path="/",
        httponly=True,
        secure=settings.secure_cookie,
        samesite="lax",
        max_age=0,
    )


def client_of(request: SegueRequest) -> str:
    """What a session is known by to its owner: the program that signs in, as it names itself."""
    return request.headers.get("user-agent", "")[:200]


def signed_in(request: SegueRequest) -> Caller:
    """The account of a request on a route that needs one."""
    if request.user is None:
        raise NotSignedInError("sign in first")
    return request.user


def owner(request: SegueRequest) -> Caller:
    """The account of a request that it made itself, not an app of its.

    Raises:
        ForbiddenError: It came with an app password.
    """
    caller = signed_in(request)
    require_session(caller)
    return caller


def delete_caller(request: SegueRequest, password: str) -> None:
    """Delete the account of a request, after its password was said again.

    Raises:
        ForbiddenError: It is not the password.
        ThrottledError: Too many tries.
        ConflictError: It is the last admin.
    """
    app, caller = request.app.state.segue, owner(request)
    app.accounts.confirm(caller, password, request.client.host if request.client else "unknown")
    app.own.deletion.delete(caller.id)
    if request.auth:
        request.app.state.sessions.forget(request.auth)


def _is_automatic(handler: Any) -> bool:
    """Whether it is the framework's answer to OPTIONS, which says only which methods there are."""
    return getattr(handler, "http_methods", None) == {"OPTIONS"}


def _handlers_of(route: Any) -> list[Any]:
    handlers: list[Any] = list(getattr(route, "route_handlers", ()))
    return handlers or [route.route_handler]
