"""Jinja2 environment of the pages: autoescape on, no undefined names, versioned static files."""

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar.datastructures import CacheControlHeader
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template import TemplateConfig
from markupsafe import Markup, escape

from segue.bootstrap import App
from segue.server.auth import SegueRequest
from segue.server.web import discover_words, language, lengths, music_names, sentences, words
from segue.server.web.language import LOCALE_DIR, spoken

WEB_DIR = Path(__file__).parent
STATIC_DIR = WEB_DIR / "static"
FOR_EVER = CacheControlHeader(public=True, max_age=31_536_000, immutable=True)


@cache
def static_version() -> str:
    """A hash of static files and catalogues: part of their address, so that they may be kept."""
    digest = hashlib.blake2b(digest_size=6)
    for path in sorted(STATIC_DIR.rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(STATIC_DIR)).encode())
            digest.update(path.read_bytes())
    for path in sorted(LOCALE_DIR.rglob("*.po")):  # the words of scripts are made from these
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
        extensions=["jinja2.ext.i18n"],
    )
    jinja.policies["ext.i18n.trimmed"] = True
    filters: tuple[Callable[..., str], ...] = (
        words.clock, lengths.spoken_length, language.grouped, words.names, words.titled,
        words.sentence, words.job_words, words.size_words, sentences.told, music_names.music_name,
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
        "mood_title": discover_words.mood_title,
        "told_options": told_options,
        "words_script": words_script,
        "manifest_url": manifest_url,
        "spoken": spoken,
        "_": _escaping(language._),
        "gettext": _escaping(language._),
        "pgettext": _escaping(language.pgettext),
        "ngettext": _escaping(language.ngettext),
    }
    jinja.globals.update(names)
    jinja.newstyle_gettext = True  # pyright: ignore[reportAttributeAccessIssue]  ``trans`` asks
    return jinja


def _escaping(translate: Callable[..., str]) -> Callable[..., Markup]:
    """The same for templates: messages are ours and may hold marks, values are escaped."""

    def translated(*message: Any, **values: Any) -> Markup:
        escaped = {name: escape(value) for name, value in values.items()}
        return Markup(translate(*message, **escaped))  # noqa: S704  values are escaped

    return translated


def manifest_url(code: str) -> str:
    """Address of the manifest of the installed player in a language."""
    return f"/manifest/{code}-{static_version()}.webmanifest"


def told_options(options: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Options of a field, their words in the language of the page."""
    return [(value, language._(told)) for value, told in options]


def words_script(code: str) -> str:
    """Address of the words of scripts in a language; they may be cached for ever."""
    return f"/words/{code}-{static_version()}.js"


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
        headers={"content-language": spoken(), "vary": "Accept-Language, Cookie"},
    )


def app_of(request: SegueRequest) -> App:
    """The application that answers this request."""
    return request.app.state.segue
