"""The ASGI application: every door on one Litestar, behind one policy, one error form, one CSP."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from litestar import Litestar, Router, get
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from segue import __version__
from segue.bootstrap import App
from segue.server.auth import (
    LISTENER,
    PUBLIC,
    SessionCache,
    SessionMiddleware,
    check_policies,
    require_policy,
)
from segue.server.docs import DOCS_HANDLERS
from segue.server.problems import exception_handler
from segue.server.rest import REST_HANDLERS
from segue.server.rest.media import AS_IT_IS
from segue.server.rest.sent_events import SentEventSchema, decode_sent_event, is_sent_event
from segue.server.security import SecurityMiddleware, add_headers
from segue.server.web import (
    LanguageMiddleware,
    error_page,
    problem_in_words,
    template_config,
    web_handlers,
)

MAX_BODY_BYTES = 1_000_000


@get("/health", opt={"policy": PUBLIC}, sync_to_thread=False, tags=["operate"], summary="Alive")
def health() -> dict[str, str]:
    """Says only that the process answers."""
    return {"status": "ok"}


def create_app(app: App, on_ready: Callable[[], None] | None = None) -> Litestar:
    """The web application over a wired :class:`~segue.bootstrap.App`.

    Args:
        app: Services and settings.
        on_ready: Called once, when everything that answers requests is in memory.

    Raises:
        ConfigurationError: A route declares no policy.
    """
    litestar = Litestar(
        route_handlers=[health, *REST_HANDLERS, *DOCS_HANDLERS, *web_handlers()],
        guards=[require_policy],
        middleware=[SecurityMiddleware(_hosts(app)), SessionMiddleware, LanguageMiddleware()],
        before_send=[add_headers],
        exception_handlers={Exception: exception_handler(error_page, problem_in_words)},
        compression_config=CompressionConfig(
            backend="gzip",
            minimum_size=2_048,
            gzip_compress_level=4,
            exclude_opt_key=AS_IT_IS,
        ),
        openapi_config=_openapi(),
        request_max_body_size=MAX_BODY_BYTES,
        state=State({"segue": app, "sessions": SessionCache(app.accounts), "on_ready": on_ready}),
        template_config=template_config(),
        type_decoders=[(is_sent_event, decode_sent_event)],
        plugins=[SentEventSchema()],
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
    app.models.start_watching()
    if litestar.state.on_ready is not None:
        litestar.state.on_ready()
    try:
        yield
    finally:
        app.models.stop_watching()
        app.close()


def _hosts(app: App) -> frozenset[str]:
    return frozenset(name.strip("[]").lower() for name in
                     (*app.settings.allowed_hosts, app.settings.host))  # fmt: skip


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Segue",
        version=__version__,
        description="The recommender for music people own or run themselves.",
        render_plugins=(JsonRenderPlugin(),),
        openapi_router=Router(
            "/docs/schema", route_handlers=[], opt={"policy": LISTENER}, include_in_schema=False
        ),
        use_handler_docstrings=True,
        components=Components(
            security_schemes={
                "session": SecurityScheme(type="http", scheme="bearer"),
            }
        ),
    )
