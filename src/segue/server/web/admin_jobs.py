"""Long work on a page: what runs, what waits, what came of it; start it, stop it, try it again."""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from litestar import get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter, PathParameter
from litestar.response import Template
from msgspec import Struct

from segue.errors import ConflictError, SegueError
from segue.server.auth import ADMIN, SegueRequest
from segue.server.threads import in_thread
from segue.server.web.admin_page import admin_page
from segue.server.web.language import _
from segue.server.web.rendering import app_of
from segue.store.jobs import JobState

N_ENDED, N_FAILED, N_WAITING = 20, 10, 50
ENDED: tuple[JobState, ...] = ("done", "cancelled")
_OPT = {"policy": ADMIN}
_Id = Annotated[str, PathParameter(max_length=64)]
_Cursor = Annotated[str | None, Parameter(max_length=512)]


class StartForm(Struct, frozen=True):
    """Which work is to begin."""

    kind: Literal["analyse", "evaluate", "scan", "train"]


@get("/admin/jobs", opt=_OPT, include_in_schema=False)
@in_thread
def jobs_page(request: SegueRequest) -> Template:
    """All of it."""
    return admin_page(request, "pages/admin_jobs.html", **_state(request))


@get("/parts/admin/jobs", opt=_OPT, include_in_schema=False)
@in_thread
def jobs_part(request: SegueRequest) -> Template:
    """The lists alone; the page asks for them when a job begins or ends."""
    return _part(request)


@get("/parts/admin/jobs/ended", opt=_OPT, include_in_schema=False)
@in_thread
def ended_part(request: SegueRequest, cursor: _Cursor = None) -> Template:
    """Earlier ones that ended."""
    return admin_page(request, "parts/admin_jobs_ended.html", **_ended(request, cursor))


@post("/admin/jobs", opt=_OPT, include_in_schema=False)
@in_thread
def begin_job(
    request: SegueRequest,
    data: Annotated[StartForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Template:
    """Start one kind of work, and show the lists."""
    app = app_of(request)
    folders = app.folders.all()
    if data.kind == "scan" and not folders:
        return _part(request, _("no folder is chosen yet; the first steps ask for one"))
    app.jobs.start(data.kind, folders)
    return _part(request)


@post("/admin/jobs/{job_id:str}/stop", opt=_OPT, include_in_schema=False)
@in_thread
def stop_job(request: SegueRequest, job_id: _Id) -> Template:
    """Ask one to stop."""
    app_of(request).jobs.cancel(job_id)
    return _part(request)


@post("/admin/jobs/{job_id:str}/again", opt=_OPT, include_in_schema=False)
@in_thread
def job_again(request: SegueRequest, job_id: _Id) -> Template:
    """Do one that ended once more."""
    try:
        app_of(request).jobs.retry(job_id)
    except ConflictError as error:
        return _part(request, str(error))
    return _part(request)


def _part(request: SegueRequest, problem: SegueError | str = "") -> Template:
    return admin_page(request, "parts/admin_jobs.html", problem=str(problem), **_state(request))


def _state(request: SegueRequest) -> dict[str, Any]:
    jobs = app_of(request).jobs
    return {
        "running": jobs.page(("running",), limit=N_WAITING).items,
        "waiting": jobs.page(("queued",), limit=N_WAITING).items[::-1],
        "failed": jobs.page(("failed",), limit=N_FAILED).items,
        **_ended(request, None),
    }


def _ended(request: SegueRequest, cursor: str | None) -> dict[str, Any]:
    found = app_of(request).jobs.page(ENDED, cursor, N_ENDED)
    following = None
    if found.next_cursor is not None:
        following = f"/parts/admin/jobs/ended?{urlencode({'cursor': found.next_cursor})}"
    return {"ended": found.items, "next_url": following}


ADMIN_JOB_HANDLERS: list[Any] = [
    jobs_page, jobs_part, ended_part, begin_job, stop_job, job_again,
]  # fmt: skip
