"""Jinja2 environment of the pages: autoescape on, no undefined names, versioned static files."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template import TemplateConfig

from segue.bootstrap import App
from segue.server.auth import SegueRequest
from segue.server.web import words

WEB_DIR = Path(__file__).parent
STATIC_DIR = WEB_DIR / "static"


@cache
def static_version() -> str:
    """A hash of all static files: part of their address, so that they may be cached for ever."""
    digest = hashlib.blake2b(digest_size=6)
    for path in sorted(STATIC_DIR.rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(STATIC_DIR)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


FIRST_STYLES = ("tokens", "base", "components", "controls", "figures", "pages", "player")


@cache
def stylesheets() -> tuple[str, ...]:
    """All of our style sheets, in the order of the cascade: the common ones, then those of pages.

    Boosted links swap only the page, so every page brings all of them.
    """
    found = {path.stem for path in (STATIC_DIR / "css").glob("*.css")}
    return (*FIRST_STYLES, *sorted(found - set(FIRST_STYLES)))


def static_root() -> str:
    """The path below which static files are served."""
    return f"/static/{static_version()}"


def environment() -> Environment:
    """The environment with the filters of :mod:`segue.server.web.words`."""
    jinja = Environment(
        loader=FileSystemLoader(WEB_DIR / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: tuple[Callable[..., str], ...] = (
        words.clock, words.spoken_length, words.grouped, words.names, words.titled,
        words.sentence, words.job_words, words.size_words,
    )  # fmt: skip
    jinja.filters.update({function.__name__: function for function in filters})
    root = static_root()

    def static(name: str) -> str:
        return f"{root}/{name}"

    names: dict[str, Any] = {
        "static": static,
        "stylesheets": stylesheets,
        "cover_url": words.cover_url,
        "player_json": words.player_json,
    }
    jinja.globals.update(names)
    return jinja


def template_config() -> TemplateConfig[JinjaTemplateEngine]:
    """What the application is given to render pages."""
    return TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment()))


def page(
    request: SegueRequest, template: str, /, *, status_code: int = 200, **context: Any
) -> Template:
    """One rendered template, with the account that is signed in as ``user`` (or None)."""
    return Template(
        template,
        context={"user": request.scope.get("user"), **context},
        status_code=status_code,
        media_type="text/html",
    )


def app_of(request: SegueRequest) -> App:
    """The application that answers this request."""
    return request.app.state.segue
