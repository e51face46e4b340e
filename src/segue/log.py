"""One structured event per request or job, as JSON lines or for a person, with secrets removed."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

REDACTED = "[removed]"
_SECRET_WORDS = ("password", "token", "secret", "cookie", "authorization", "api_key")


def remove_secrets(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace the value of every field whose name says that it is a secret.

    >>> remove_secrets(None, "info", {"event": "login", "password": "x"})["password"]
    '[removed]'
    """
    for field in event:
        if any(word in field.lower() for word in _SECRET_WORDS):
            event[field] = REDACTED
    return event


def configure_logging(level: str = "info", form: Literal["json", "console"] = "console") -> None:
    """Send every event to standard error; called once by each process entry point."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            remove_secrets,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    if not root.handlers and logging.lastResort is not None:
        # with a handler there, a library's basicConfig changes nothing: only warnings are heard
        root.addHandler(logging.lastResort)


def get_logger(name: str) -> Any:
    """A logger that carries the name of its room."""
    return structlog.get_logger(room=name)
