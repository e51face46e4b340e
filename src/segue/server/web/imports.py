"""Bring your past: drop files, see what they are, watch them come in, decide what is doubtful."""

from typing import Annotated, Any

from litestar import get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, PathParameter
from litestar.response import Template
from msgspec import Struct

from segue.errors import SegueError
from segue.server.auth import ADMIN, LISTENER, SegueRequest, signed_in
from segue.server.threads import in_thread
from segue.server.web.import_words import DOORS, FIELD_WORDS, report_words
from segue.server.web.rendering import app_of, page
from segue.services.importing.request import ImportRequest
from segue.services.importing.service import FileLook

N_IMPORTS, N_DOUBTS = 10, 10
_OPT = {"policy": LISTENER}
_Id = Annotated[str, PathParameter(max_length=64)]
_Doubt = Annotated[int, PathParameter(ge=1, le=2**63 - 1)]
_Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


class PathForm(Struct, frozen=True):
    """A folder or file on the server."""

    path: str = ""


class DoubtForm(Struct, frozen=True):
    """What a doubtful name is: "yes" the track shown, else none of the library."""

    is_it: str = "no"


@get("/import", opt=_OPT, include_in_schema=False)
@in_thread
def import_page(request: SegueRequest) -> Template:
    """The page, with what was imported so far."""
    return page(request, "pages/import.html", doors=DOORS, **_state(request))


@get("/parts/imports", opt=_OPT, include_in_schema=False)
@in_thread
def imports_part(request: SegueRequest) -> Template:
    """Imports that wait, run or are done; comes again while one is not done."""
    return page(request, "parts/imports.html", **_state(request))


@get("/import/{import_id:str}/look", opt=_OPT, include_in_schema=False)
@in_thread
def look_part(request: SegueRequest, import_id: _Id) -> Template:
    """What the files of an import were taken for."""
    return _look(request, import_id)


@post("/import/path", opt={"policy": ADMIN}, include_in_schema=False)
@in_thread
def look_at_path(
    request: SegueRequest,
    data: Annotated[PathForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Template:
    """What lies on the server under a path; for administrators."""
    imports = app_of(request).imports
    return _look(request, imports.new(signed_in(request).id, [data.path.strip()]).id)


@post("/import/{import_id:str}/start", opt=_OPT, include_in_schema=False)
@in_thread
def start_import(request: SegueRequest, import_id: _Id, data: _Form) -> Template:
    """Start it, with the columns that were chosen, and show it among the others."""
    columns = {
        name.removeprefix("column-"): value
        for name, value in data.items() if name.startswith("column-") and value
    }  # fmt: skip
    wanted = ImportRequest(columns=columns, person=data.get("person", "")[:200])
    try:
        app_of(request).imports.start(signed_in(request).id, import_id, wanted)
    except SegueError as error:
        return page(request, "parts/imports.html", problem=str(error), **_state(request))
    return page(request, "parts/imports.html", **_state(request))


@post("/import/{import_id:str}/stop", opt=_OPT, include_in_schema=False)
@in_thread
def stop_import(request: SegueRequest, import_id: _Id) -> Template:
    """Stop it, or leave the files that were sent."""
    app_of(request).imports.cancel(signed_in(request).id, import_id)
    return page(request, "parts/imports.html", **_state(request))


@post("/import/doubts/{number:int}", opt=_OPT, include_in_schema=False)
@in_thread
def decide(
    request: SegueRequest,
    number: _Doubt,
    data: Annotated[DoubtForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Template:
    """Decide about one doubtful name, and show those that are left."""
    app_of(request).doubts.decide(signed_in(request).id, number, is_it=data.is_it == "yes")
    return page(request, "parts/import_doubts.html", **_doubts(request))


def _look(request: SegueRequest, import_id: str) -> Template:
    app, listener_id = app_of(request), signed_in(request).id
    problem, looks = "", list[FileLook]()
    try:
        looks = app.imports.look(listener_id, import_id)
    except SegueError as error:
        problem = str(error)
    tables = [look for look in looks if look.header]
    return page(
        request, "parts/import_look.html", import_id=import_id, looks=looks, problem=problem,
        can_start=any(look.source for look in looks),
        table=tables[0] if len(tables) == len(looks) == 1 else None, fields=FIELD_WORDS,
    )  # fmt: skip


def _state(request: SegueRequest) -> dict[str, Any]:
    views = app_of(request).imports.list(signed_in(request).id, N_IMPORTS)
    shown = [view for view in views if view.state != "open"]
    busy = any(view.state in ("waiting", "running") for view in shown)
    words = {view.id: report_words(view.report) for view in shown}
    return {"imports": shown, "busy": busy, "report_words": words, **_doubts(request)}


def _doubts(request: SegueRequest) -> dict[str, Any]:
    doubts, listener_id = app_of(request).doubts, signed_in(request).id
    return {"doubts": doubts.waiting(listener_id, limit=N_DOUBTS),
            "n_doubts": doubts.count(listener_id)}  # fmt: skip


IMPORT_PAGE_HANDLERS: list[Any] = [
    import_page, imports_part, look_at_path, look_part, start_import, stop_import, decide,
]  # fmt: skip
