"""Catalogues of an administrator: imported from a path on the server, as a job."""

from typing import Annotated, Any, Literal

from litestar import get, post
from litestar.params import JSONBody
from litestar.status_codes import HTTP_202_ACCEPTED
from msgspec import Meta, Struct

from segue.server.auth import ADMIN, SegueRequest, signed_in
from segue.server.rest.parameters import Identifier, app_of
from segue.server.threads import in_thread
from segue.services.catalogue_jobs import KIND, checked_path, report_of
from segue.services.catalogues import CatalogueReport
from segue.store.jobs import Job


class CatalogueFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A catalogue on the server, and what becomes of the playlists it names.

    ``leave`` them, ``keep`` them as yours, or ``learn`` from each as from a listener.
    """

    path: Annotated[str, Meta(min_length=1, max_length=4096, description="Absolute path.")]
    playlists: Literal["leave", "keep", "learn"] = "leave"


@post("/v1/catalogues", opt={"policy": ADMIN}, status_code=HTTP_202_ACCEPTED,
      tags=["catalogues"], summary="Import a catalogue")  # fmt: skip
@in_thread
def import_catalogue(request: SegueRequest, data: JSONBody[CatalogueFile]) -> Job:
    """Queue the import of a file, folder or zip archive and answer at once."""
    app = app_of(request)
    params = {"path": checked_path(data.path), "playlists": data.playlists}
    if data.playlists == "keep":
        params["account_id"] = signed_in(request).id
    return app.jobs.get(app.jobs.submit(KIND, params))


@get("/v1/catalogues/{job_id:str}", opt={"policy": ADMIN}, tags=["catalogues"],
     summary="What became of a catalogue")  # fmt: skip
@in_thread
def catalogue_report(request: SegueRequest, job_id: Identifier) -> CatalogueReport:
    """Rows read, added, completed and refused, with reasons; once the job is done."""
    return report_of(job_id, app_of(request).settings.data_dir)


CATALOGUE_HANDLERS: list[Any] = [import_catalogue, catalogue_report]
