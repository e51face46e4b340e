"""What every answer carries and every request must pass, whichever door it came through.

Cross-site writes are refused by Fetch Metadata with the Origin header as fallback (OWASP
Cross-Site Request Forgery Prevention, 2026); headers follow the Mozilla HTTP Observatory.
"""

import secrets
from typing import Any
from urllib.parse import urlsplit

import structlog
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from segue.errors import ForbiddenError, InvalidInputError

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), usb=(), autoplay=(self)"),
)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_QUERY_BYTES = 4_096
MAX_QUERY_PARAMETERS = 100


class SecurityMiddleware(ASGIMiddleware):
    """Request id; refusal of unknown hosts, cross-site writes and giant queries."""

    scopes = (ScopeType.HTTP, ScopeType.ASGI)

    def __init__(self, hosts: frozenset[str]) -> None:
        self._hosts = hosts

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Pass a request on, or refuse it before anything reads it."""
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        refuse_unknown_host(scope, self._hosts)
        refuse_cross_site(scope)
        refuse_giant_query(scope)
        await next_app(scope, receive, send)


async def add_headers(message: Message, scope: Scope) -> None:
    """Litestar ``before_send`` hook: the security headers on every answer, errors included."""
    if message["type"] != "http.response.start":
        return
    headers = message.setdefault("headers", [])
    present = {bytes(name).lower() for name, _ in headers}
    own: list[tuple[bytes, bytes]] = [
        *HEADERS,
        (b"x-request-id", str(scope.get("state", {}).get("request_id", "")).encode()),
        (b"cache-control", b"no-store"),
    ]
    message["headers"] = [*headers, *(pair for pair in own if pair[0] not in present)]


def refuse_unknown_host(scope: Any, hosts: frozenset[str]) -> None:
    """Raise :class:`InvalidInputError` unless the Host header names this server.

    Another name that leads here is DNS rebinding: a page elsewhere would count as same-origin. The
    framework's own check does not allow for ports.
    """
    given = header_of(scope, b"host")
    try:
        name = urlsplit(f"//{given}").hostname
    except ValueError:
        name = None
    if name not in hosts:
        raise InvalidInputError(
            f"this server is not called {given[:100]!r}; its names are in the setting allowed_hosts"
        )


def header_of(scope: Any, name: bytes) -> str:
    """A request header, empty when it is absent; the first when it is repeated."""
    for key, value in scope["headers"]:
        if bytes(key).lower() == name:
            return bytes(value).decode("latin-1")
    return ""


def refuse_cross_site(scope: Any) -> None:
    """Raise :class:`ForbiddenError` for a write that another site's page sends.

    A request without either header comes from no browser page (a command line, an application).
    """
    if scope.get("method", "GET") in SAFE_METHODS:
        return
    site = header_of(scope, b"sec-fetch-site")
    if site in ("same-origin", "none"):
        return
    if site:
        raise ForbiddenError(f"a page of another site ({site}) may not change anything here")
    origin = header_of(scope, b"origin")
    if origin and urlsplit(origin).netloc != header_of(scope, b"host"):
        raise ForbiddenError("a page of another site may not change anything here")


def refuse_giant_query(scope: Any) -> None:
    """Raise :class:`InvalidInputError` for a query string no honest client sends."""
    query: bytes = scope.get("query_string", b"")
    if len(query) > MAX_QUERY_BYTES or query.count(b"&") >= MAX_QUERY_PARAMETERS:
        raise InvalidInputError(
            f"a query has at most {MAX_QUERY_BYTES} bytes and {MAX_QUERY_PARAMETERS} parameters"
        )
