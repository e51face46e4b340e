"""A listener's past: send the files of an export, see what they are, import, decide doubts."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import anyio.to_thread
from litestar import delete, get, post
from litestar.openapi.spec import Schema
from litestar.openapi.spec.media_type import OpenAPIMediaType
from litestar.openapi.spec.operation import Operation
from litestar.openapi.spec.request_body import RequestBody
from litestar.params import JSONBody, Parameter
from litestar.status_codes import HTTP_202_ACCEPTED
from msgspec import Meta, Struct

from segue.errors import ForbiddenError
from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.rest.parameters import MAX_ROW_ID, Identifier, PageLimit, app_of, texts
from segue.server.threads import in_thread
from segue.services.importing.request import ImportRequest
from segue.services.importing.review import Decided, DoubtView
from segue.services.importing.service import FileLook, ImportView
from segue.services.importing.uploads import Upload

WRITE_BYTES = 1 << 20
MAX_PATH, MAX_PATHS = 4_096, 20
_OPT = {"policy": LISTENER}
_FileName = Annotated[str, Parameter(min_length=1, max_length=255, description="Its name, shown.")]
_Doubt = Annotated[int, Parameter(ge=1, le=MAX_ROW_ID, description="Number of a doubtful name.")]
_After = Annotated[int, Parameter(ge=0, le=MAX_ROW_ID, description="Those that follow this one.",
                                  schema_extra={"minimum": 0})]  # fmt: skip


class StartImport(Struct, frozen=True, forbid_unknown_fields=True):
    """How to read the files; all of it may be left out.

    ``paths`` are on the server instead of files that were sent; for administrators only.
    """

    source: Annotated[str, Meta(max_length=64)] = ""
    columns: dict[Annotated[str, Meta(max_length=64)], Annotated[str, Meta(max_length=200)]] = {}
    person: Annotated[str, Meta(max_length=200)] = ""
    paths: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=MAX_PATH)]], texts(MAX_PATHS, MAX_PATH)
    ] = []


class Decision(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether it is the track shown; ``track_id`` where it is another one of the library."""

    is_it: bool
    track_id: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


@dataclass
class BytesOperation(Operation):
    """An operation whose body is a file as it is."""

    def __post_init__(self) -> None:
        content = {"application/octet-stream": OpenAPIMediaType(schema=Schema())}
        self.request_body = RequestBody(content=content, required=True)


@get("/v1/imports", opt=_OPT, tags=["imports"], summary="My imports, newest first")
@in_thread
def list_imports(request: SegueRequest, limit: PageLimit = 20) -> list[ImportView]:
    """Imports with their progress and report."""
    return app_of(request).imports.list(signed_in(request).id, limit)


@post("/v1/imports", opt=_OPT, tags=["imports"], summary="Begin an import")
@in_thread
def new_import(request: SegueRequest) -> ImportView:
    """Begin an import; send its files next, then start it."""
    return app_of(request).imports.new(signed_in(request).id)


@get("/v1/imports/{import_id:str}", opt=_OPT, tags=["imports"], summary="One import")
@in_thread
def get_import(request: SegueRequest, import_id: Identifier) -> ImportView:
    """How far it is, and what became of the rows so far."""
    return app_of(request).imports.get(signed_in(request).id, import_id)


@post(
    "/v1/imports/{import_id:str}/files",
    opt=_OPT,
    tags=["imports"],
    summary="Send a file",
    request_max_body_size=None,
    operation_class=BytesOperation,
    status_code=HTTP_202_ACCEPTED,
)
async def send_file(request: SegueRequest, import_id: Identifier, name: _FileName) -> ImportView:
    """The body is the file as it is; it is written to disk while it comes in."""
    app, listener_id = app_of(request), signed_in(request).id
    in_pool = anyio.to_thread.run_sync
    upload = await in_pool(partial(app.imports.upload, listener_id, import_id, name))
    await _receive(request, upload)
    return await in_pool(partial(app.imports.get, listener_id, import_id))


async def _receive(request: SegueRequest, upload: Upload) -> None:
    with upload:
        waiting = bytearray()
        async for chunk in request.stream():
            waiting += chunk
            if len(waiting) >= WRITE_BYTES:
                await anyio.to_thread.run_sync(upload.write, bytes(waiting))
                waiting.clear()
        await anyio.to_thread.run_sync(upload.write, bytes(waiting))


@get("/v1/imports/{import_id:str}/look", opt=_OPT, tags=["imports"],
     summary="What the files are")  # fmt: skip
@in_thread
def look_at_import(request: SegueRequest, import_id: Identifier) -> list[FileLook]:
    """What each file was taken for, and the columns of tables as guessed; nothing is stored."""
    return app_of(request).imports.look(signed_in(request).id, import_id)


@post("/v1/imports/{import_id:str}/start", opt=_OPT, status_code=HTTP_202_ACCEPTED,
      tags=["imports"], summary="Start an import")  # fmt: skip
@in_thread
def start_import(
    request: SegueRequest, import_id: Identifier, data: JSONBody[StartImport]
) -> ImportView:
    """Queue it and answer at once; importing the same again adds nothing."""
    account = signed_in(request)
    if data.paths and account.role != "admin":
        raise ForbiddenError("only an administrator may import files that lie on the server")
    wanted = ImportRequest(
        paths=tuple(data.paths), source=data.source, columns=data.columns, person=data.person
    )
    return app_of(request).imports.start(account.id, import_id, wanted)


@delete("/v1/imports/{import_id:str}", opt=_OPT, status_code=HTTP_202_ACCEPTED,
        tags=["imports"], summary="Stop an import")  # fmt: skip
@in_thread
def stop_import(request: SegueRequest, import_id: Identifier) -> ImportView:
    """Stop it at its next step, or forget one that has not begun; what was stored stays."""
    return app_of(request).imports.cancel(signed_in(request).id, import_id)


@get("/v1/import-doubts", opt=_OPT, tags=["imports"], summary="Doubtful names")
@in_thread
def list_doubts(request: SegueRequest, after: _After = 0, limit: PageLimit = 50) -> list[DoubtView]:
    """Names in imports that may mean a track of the library, with that track."""
    return app_of(request).doubts.waiting(signed_in(request).id, after, limit)


@post("/v1/import-doubts/{number:int}", opt=_OPT, status_code=200, tags=["imports"],
      summary="Decide about a doubtful name")  # fmt: skip
@in_thread
def decide(request: SegueRequest, number: _Doubt, data: JSONBody[Decision]) -> Decided:
    """Say what it means; the listens that waited are stored, and later imports follow it."""
    return app_of(request).doubts.decide(
        signed_in(request).id, number, is_it=data.is_it, track_id=data.track_id
    )


IMPORT_HANDLERS: list[Any] = [
    list_imports, new_import, get_import, send_file, look_at_import, start_import, stop_import,
    list_doubts, decide,
]  # fmt: skip
