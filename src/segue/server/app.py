"""The ASGI application: every door on one Litestar, behind one policy, one error form, one CSP."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, get
from litestar.config.allowed_hosts import AllowedHostsConfig
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ControllerRouterHandler

from segue import __version__
from segue.bootstrap import App
from segue.server.auth import (
    PUBLIC,
    SessionCache,
    SessionMiddleware,
    check_policies,
    require_policy,
)
from segue.server.problems import ErrorPage, exception_handler, plain_error_page
from segue.server.rest import REST_HANDLERS
from segue.server.security import SecurityMiddleware, add_headers

MAX_BODY_BYTES = 1_000_000


@get("/health", opt={"policy": PUBLIC}, sync_to_thread=False, tags=["operate"], summary="Alive")
def health() -> dict[str, str]:
    """Says only that the process answers."""
    return {"status": "ok"}


def create_app(
    app: App,
    pages: Sequence[ControllerRouterHandler] = (),
    error_page: ErrorPage = plain_error_page,
    plugins: Sequence[Any] = (),
    template_config: Any = None,
) -> Litestar:
    """The web application over a wired :class:`~segue.bootstrap.App`.

    Args:
        app: Services and settings.
        pages: Handlers of the web player.
        error_page: What a browser sees when something fails.
        plugins: Litestar plugins of the pages.
        template_config: Litestar template configuration of the pages.

    Raises:
        ConfigurationError: A route declares no policy.
    """
    litestar = Litestar(
        route_handlers=[health, *REST_HANDLERS, *pages],
        guards=[require_policy],
        middleware=[SecurityMiddleware(), SessionMiddleware],
        before_send=[add_headers],
        exception_handlers={Exception: exception_handler(error_page)},
        allowed_hosts=AllowedHostsConfig(
            allowed_hosts=list(_host_patterns(app)), www_redirect=False
        ),
        compression_config=CompressionConfig(
            backend="gzip", minimum_size=2_048, gzip_compress_level=4
        ),
        openapi_config=_openapi(),
        request_max_body_size=MAX_BODY_BYTES,
        state=State({"segue": app, "sessions": SessionCache(app.accounts)}),
        plugins=list(plugins),
        template_config=template_config,
        lifespan=[_lifespan],
        logging_config=None,
        debug=False,
    )
    check_policies(litestar)
    return litestar


@asynccontextmanager
async def _lifespan(litestar: Litestar) -> AsyncGenerator[None]:
    app: App = litestar.state.segue
    app.models.current()  # the first listener does not wait for the models
    try:
        yield
    finally:
        app.close()


def _host_patterns(app: App) -> Sequence[str]:
    return sorted({*app.settings.allowed_hosts, app.settings.host})


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Segue",
        version=__version__,
        description="The recommender for music people own or run themselves.",
        path="/docs/schema",
        render_plugins=(),
        use_handler_docstrings=True,
        components=Components(
            security_schemes={
                "session": SecurityScheme(type="http", scheme="bearer"),
            }
        ),
    )
