"""The first steps: where the music is, one's past, one's taste; and live progress of the work."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio
import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, ServerSentEvent, ServerSentEventMessage, Template
from litestar.status_codes import HTTP_303_SEE_OTHER, HTTP_400_BAD_REQUEST
from msgspec import Meta, Struct

from segue.bootstrap import App
from segue.errors import InvalidInputError
from segue.server.auth import ADMIN, LISTENER, SegueRequest, signed_in
from segue.server.threads import in_thread, on_thread
from segue.server.web.language import ngettext
from segue.server.web.rendering import app_of, page
from segue.server.web.words import job_words, progress_of

LOOK_EVERY_S = 1.0
STREAM_S = 30.0  # then the browser asks again, so that a stopping server need not wait
_ADMIN = {"policy": ADMIN}
_OPT = {"policy": LISTENER}


class FolderForm(Struct, frozen=True):
    """Where the music is."""

    folder: Annotated[str, Meta(max_length=4_096)] = ""


_Folder = Annotated[FolderForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


class Progress(Struct, frozen=True, kw_only=True):
    """What is being done now, and what there is to play."""

    jobs: list["JobLine"]
    n_tracks: int
    words: str


class JobLine(Struct, frozen=True, kw_only=True):
    """One job in words; ``done`` and ``total`` are None while the end is not known."""

    id: str
    state: str
    words: str
    done: int | None
    total: int | None


@get("/start", opt=_OPT, include_in_schema=False)
@in_thread
def start_page(request: SegueRequest) -> Template:
    """The steps that are left, and what is going on."""
    return _start(request)


@post("/start/folder", opt=_ADMIN, include_in_schema=False)
@in_thread
def choose_folder(request: SegueRequest, data: _Folder) -> Response[Any]:
    """Scan a folder, and keep it for later scans."""
    app = app_of(request)
    try:
        folder = app.folders.add(data.folder)
    except InvalidInputError as error:
        return _start(request, given=data.folder, problem=str(error))
    app.jobs.submit("scan", {"folder": str(folder)})
    return Redirect("/start", status_code=HTTP_303_SEE_OTHER)


@post("/start/demo", opt=_ADMIN, include_in_schema=False)
@in_thread
def choose_demo(request: SegueRequest) -> Redirect:
    """Compose a small library to look around in."""
    app_of(request).jobs.submit("demo", {})
    return Redirect("/start", status_code=HTTP_303_SEE_OTHER)


@get("/live/progress", opt=_OPT, sync_to_thread=False, include_in_schema=False)
def live_progress(request: SegueRequest) -> ServerSentEvent:
    """What is being done, as it goes on (server-sent events, WHATWG HTML 9.2)."""
    return ServerSentEvent(_changes(app_of(request)), headers={"x-accel-buffering": "no"})


async def _changes(app: App) -> AsyncIterator[ServerSentEventMessage]:
    """The state at once, then every change of it, until the stream has lasted long enough."""
    told = b""
    for _ in range(int(STREAM_S / LOOK_EVERY_S)):
        now = msgspec.json.encode(await on_thread(progress, app))
        if now != told:
            told = now
            yield ServerSentEventMessage(data=now.decode(), event="progress", retry=1_000)
        await anyio.sleep(LOOK_EVERY_S)


def progress(app: App) -> Progress:
    """Jobs that wait or run, in words, and how many tracks there are."""
    active = [job for job in app.jobs.list() if job.state in ("queued", "running")]
    lines = [
        JobLine(id=job.id, state=job.state, words=job_words(job), done=done, total=total)
        for job in active
        for done, total in [progress_of(job)]
    ]
    n_tracks = app.catalog.counts().n_tracks
    some = ngettext("%(n)s track so far", "%(n)s tracks so far", n_tracks)
    return Progress(jobs=lines, n_tracks=n_tracks, words=some if lines and n_tracks else "")


def _start(request: SegueRequest, given: str = "", problem: str = "") -> Template:
    app, user = app_of(request), signed_in(request)
    now = progress(app)
    return page(
        request,
        "pages/start.html",
        status_code=HTTP_400_BAD_REQUEST if problem else 200,
        now=now,
        folders=app.folders.all() if user.role == "admin" else [],
        suggestions=app.folders.suggestions() if user.role == "admin" else [],
        given=given,
        problem=problem,
        offers_quiz=app.recommend.offers_quiz(user.id),
    )


START_HANDLERS: list[Any] = [start_page, choose_folder, choose_demo, live_progress]
