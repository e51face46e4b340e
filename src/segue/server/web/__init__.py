"""The web player: pages, their fragments, and everything static. Knows nothing of other doors."""

from segue.server.web.errors import error_page, problem_in_words
from segue.server.web.rendering import template_config
from segue.server.web.routes import web_handlers
from segue.server.web.speaking import LanguageMiddleware

__all__ = [
    "LanguageMiddleware", "error_page", "problem_in_words", "template_config", "web_handlers",
]  # fmt: skip
