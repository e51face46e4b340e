"""Long work: what runs, how far it is, starting it and stopping it."""

from typing import Annotated, Any, Literal

from litestar import delete, get, post
from litestar.params import JSONBody
from litestar.status_codes import HTTP_202_ACCEPTED
from msgspec import Meta, Struct

from segue.server.auth import ADMIN, SegueRequest
from segue.server.rest.parameters import Identifier, PageLimit, app_of
from segue.server.threads import in_thread
from segue.store.jobs import Job


class NewJob(Struct, frozen=True, forbid_unknown_fields=True):
    """What to do: ``scan`` all folders, ``analyse`` what was not heard yet, ``train`` on
    everything, ``evaluate`` the models on the newest listens, compose a ``demo``.
    """

    kind: Annotated[
        Literal["analyse", "demo", "evaluate", "scan", "train"], Meta(description="What to do.")
    ]


@get("/v1/jobs", opt={"policy": ADMIN}, tags=["jobs"],
     summary="Jobs, newest first")  # fmt: skip
@in_thread
def list_jobs(request: SegueRequest, limit: PageLimit = 50) -> tuple[Job, ...]:
    """Jobs with their progress."""
    return app_of(request).jobs.list(limit)


@get("/v1/jobs/{job_id:str}", opt={"policy": ADMIN}, tags=["jobs"],
     summary="One job")  # fmt: skip
@in_thread
def get_job(request: SegueRequest, job_id: Identifier) -> Job:
    """One job with its progress."""
    return app_of(request).jobs.get(job_id)


@post("/v1/jobs", opt={"policy": ADMIN}, status_code=HTTP_202_ACCEPTED,
      tags=["jobs"], summary="Start a job")  # fmt: skip
@in_thread
def start_job(request: SegueRequest, data: JSONBody[NewJob]) -> list[Job]:
    """Queue the work and answer at once; one job a folder for ``scan``."""
    app = app_of(request)
    return app.jobs.start(data.kind, app.folders.all())


@delete(
    "/v1/jobs/{job_id:str}",
    opt={"policy": ADMIN},
    status_code=HTTP_202_ACCEPTED,
    tags=["jobs"],
    summary="Cancel a job",
)
@in_thread
def cancel_job(request: SegueRequest, job_id: Identifier) -> Job:
    """Ask a job to stop; it does so at its next step."""
    return app_of(request).jobs.cancel(job_id)


@post(
    "/v1/jobs/{job_id:str}/retry",
    opt={"policy": ADMIN},
    status_code=HTTP_202_ACCEPTED,
    tags=["jobs"],
    summary="Try a job again",
)
@in_thread
def retry_job(request: SegueRequest, job_id: Identifier) -> Job:
    """Do a job that ended once more, as a new one."""
    return app_of(request).jobs.retry(job_id)


JOB_HANDLERS: list[Any] = [list_jobs, get_job, start_job, cancel_job, retry_job]
