"""One's own pages that change something: what one says of oneself, privacy, apps and devices."""

from collections.abc import Mapping
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, PathParameter
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_303_SEE_OTHER

from segue.bootstrap import App
from segue.data.affect import MOODS
from segue.errors import ConflictError, ForbiddenError, InvalidInputError, ThrottledError
from segue.server.auth import (
    FORGET_IN_BROWSER,
    LISTENER,
    SegueRequest,
    delete_caller,
    expired_cookie,
    owner,
    signed_in,
)
from segue.server.threads import in_thread
from segue.server.web import you_words
from segue.server.web.language import LANGUAGES, _
from segue.server.web.rendering import page
from segue.services.own_words import MAX_TEXTS
from segue.services.zones import zone_names
from segue.store.own_words import OwnWords

_OPT = {"policy": LISTENER}
_Form = Annotated[dict[str, Any], Body(media_type=RequestEncodingType.URL_ENCODED)]
_Id = Annotated[str, PathParameter(max_length=64)]
_SHOWN = (ConflictError, ForbiddenError, InvalidInputError, ThrottledError)
_STATUS: dict[type[Exception], int] = {ConflictError: 409, ForbiddenError: 403, ThrottledError: 429}


@get("/you/profile", opt=_OPT, sync_to_thread=False, include_in_schema=False)
def profile_page(request: SegueRequest) -> Template:
    """What one says of oneself, and what each is used for."""
    return _profile(request)


@post("/you/profile", opt=_OPT, include_in_schema=False)
@in_thread
def keep_profile(request: SegueRequest, data: _Form) -> Response[Any]:
    """Keep it all; what is left empty is forgotten."""
    app, caller = _app(request), signed_in(request)
    try:
        said = OwnWords(
            emotions=tuple(texts_of(data, "emotions"))[:MAX_TEXTS],
            tags=you_words.listed(text_of(data, "tags")),
            bio=text_of(data, "bio"),
            age=_age(text_of(data, "age")),
        )
        app.own_words.say(caller.id, said)
        name = text_of(data, "name").strip()
        if name and name != caller.name:
            app.accounts.rename(caller.id, name)
            if request.auth:
                request.app.state.sessions.forget(request.auth)
    except _SHOWN as error:
        return _profile(request, error)
    return Redirect("/you/profile?kept=yes", status_code=HTTP_303_SEE_OTHER)


@post("/you/language", opt=_OPT, include_in_schema=False)
@in_thread
def keep_language(request: SegueRequest, data: _Form) -> Redirect:
    """Keep the language of the pages; "" is what the browser asks for."""
    code = text_of(data, "language")
    if code and code not in LANGUAGES:
        raise InvalidInputError(f"language must be one of {', '.join(LANGUAGES)}, or empty")
    _app(request).accounts.speak(signed_in(request).id, code)
    if request.auth:
        request.app.state.sessions.forget(request.auth)
    return Redirect("/you/profile", status_code=HTTP_303_SEE_OTHER)


@post("/you/time-zone", opt=_OPT, include_in_schema=False)
@in_thread
def keep_time_zone(request: SegueRequest, data: _Form) -> Redirect:
    """Keep the time zone; "" is that of the server."""
    _app(request).own.zones.keep(signed_in(request).id, text_of(data, "time_zone"))
    if request.auth:
        request.app.state.sessions.forget(request.auth)
    return Redirect("/you/profile", status_code=HTTP_303_SEE_OTHER)


@get("/you/privacy", opt=_OPT, sync_to_thread=False, include_in_schema=False)
def privacy_page(request: SegueRequest) -> Template:
    """Who sees what, and taking or deleting everything."""
    return _privacy(request)


@post("/you/delete", opt=_OPT, include_in_schema=False)
@in_thread
def delete_everything(request: SegueRequest, data: _Form) -> Response[Any]:
    """Delete the account after its password was said again, and go to the door."""
    try:
        delete_caller(request, text_of(data, "password")[:1_024])
    except _SHOWN as error:
        return _privacy(request, error)
    return Redirect("/sign-in", status_code=HTTP_303_SEE_OTHER, headers=FORGET_IN_BROWSER,
                    cookies=[expired_cookie(_app(request).settings)])  # fmt: skip


@get("/you/devices", opt=_OPT, sync_to_thread=False, include_in_schema=False)
def devices_page(request: SegueRequest) -> Template:
    """App passwords and sessions."""
    return _devices(request)


@post("/you/app-passwords", opt=_OPT, include_in_schema=False)
@in_thread
def make_app_password(request: SegueRequest, data: _Form) -> Response[Any]:
    """Make one and show its secret, this once."""
    try:
        made = _app(request).own.app_passwords.make(owner(request).id, text_of(data, "name"))
    except _SHOWN as error:
        return _devices(request, problem=error)
    return _devices(request, made=made)


@post("/you/app-passwords/{token_id:str}/end", opt=_OPT, include_in_schema=False)
@in_thread
def end_app_password(request: SegueRequest, token_id: _Id) -> Redirect:
    """End one."""
    _app(request).own.app_passwords.end(owner(request).id, token_id)
    return Redirect("/you/devices", status_code=HTTP_303_SEE_OTHER)


@post("/you/sessions/{session_id:str}/end", opt=_OPT, include_in_schema=False)
@in_thread
def end_session(request: SegueRequest, session_id: _Id) -> Redirect:
    """Sign one browser or app out; "others" means all but this one."""
    passwords, caller = _app(request).own.app_passwords, owner(request)
    if session_id == "others":
        passwords.end_other_sessions(caller)
    else:
        passwords.end_session(caller.id, session_id)
    return Redirect("/you/devices", status_code=HTTP_303_SEE_OTHER)


def text_of(form: Mapping[str, Any], name: str) -> str:
    """A field of a form; "" when it is missing, the last when there are several."""
    found = texts_of(form, name)
    return found[-1] if found else ""


def texts_of(form: Mapping[str, Any], name: str) -> list[str]:
    """All values of a field."""
    value = form.get(name)
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _age(text: str) -> int | None:
    known = dict(you_words.AGE_BANDS)
    if text not in known:
        raise InvalidInputError("choose an age from the list")
    return int(text) if text else None


def _profile(request: SegueRequest, problem: Exception | None = None) -> Template:
    said = _app(request).own_words.of(signed_in(request).id)
    return page(
        request, "pages/profile.html", said=said, moods=list(MOODS), bands=you_words.AGE_BANDS,
        band=you_words.band_of(said.age), w=you_words, languages=_languages(),
        zones=_zones(),
        language=signed_in(request).language, kept="kept" in request.query_params,
        problem=str(problem) if problem else "", status_code=_status(problem),
    )  # fmt: skip


def _zones() -> list[tuple[str, str]]:
    return [("", _("That of this server")), *((name, zone_words(name)) for name in zone_names())]


def zone_words(name: str) -> str:
    """A zone as one reads it.

    >>> zone_words("America/Argentina/Buenos_Aires")
    'America, Argentina, Buenos Aires'
    """
    return name.replace("_", " ").replace("/", ", ")


def _languages() -> list[tuple[str, str]]:
    return [("", _("As your browser asks")), *((code, one.name) for code, one in LANGUAGES.items())]


def _privacy(request: SegueRequest, problem: Exception | None = None) -> Template:
    app, caller = _app(request), signed_in(request)
    return page(
        request, "pages/privacy.html", like_minded=app.like_minded.is_on(caller.id),
        blends=app.blends.of(caller.id), w=you_words,
        problem=str(problem) if problem else "", status_code=_status(problem),
    )  # fmt: skip


def _devices(request: SegueRequest, made: Any = None, problem: Exception | None = None) -> Template:
    app, caller = _app(request), owner(request)
    local = app.own.statistics.local_of(caller.id)
    return page(
        request, "pages/devices.html", made=made, w=you_words, local=local,
        tokens=app.own.app_passwords.of(caller.id), this=caller.session_id,
        sessions=app.own.app_passwords.sessions_of(caller.id),
        problem=str(problem) if problem else "", status_code=_status(problem),
    )  # fmt: skip


def _status(problem: Exception | None) -> int:
    return 200 if problem is None else _STATUS.get(type(problem), 400)


def _app(request: SegueRequest) -> App:
    return request.app.state.segue


ACCOUNT_HANDLERS: list[Any] = [
    profile_page, keep_profile, keep_language, keep_time_zone, privacy_page, delete_everything,
    devices_page, make_app_password, end_app_password, end_session,
]  # fmt: skip
