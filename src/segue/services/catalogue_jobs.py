"""The job that imports a catalogue from a path on the server, and the report that it leaves."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from segue.errors import InvalidInputError, NotFoundError
from segue.jobs.progress import JobProgress
from segue.jobs.queue import JobQueue
from segue.services.catalogues import CatalogueReport, CatalogueService

KIND = "catalogue"
FOLDER = "reports"


def register_catalogue_job(queue: JobQueue, catalogues: CatalogueService, data_dir: Path) -> None:
    """Have the queue import catalogues; what is new is learned from afterwards."""

    def run(params: Mapping[str, Any], progress: JobProgress) -> None:
        report = catalogues.files(
            [Path(params["path"])],
            progress,
            playlists=params.get("playlists", "leave"),
            account_id=params.get("account_id", ""),
        )
        _keep(report, data_dir, progress.job_id)
        progress.report(report.rows, report.rows, unit="rows", message=report.in_words())
        if report.added or report.completed or report.placed:
            queue.submit("train")

    queue.register(KIND, run)


def checked_path(text: str) -> str:
    """An absolute path of something that is there, before a job is made of it.

    Raises:
        InvalidInputError: It is relative, or nothing is there that can be read.
    """
    path = Path(text)
    try:
        if path.is_absolute() and path.exists():
            return str(path)
    except (OSError, ValueError):
        pass
    raise InvalidInputError("path must be the absolute path of a file or folder on this server")


def report_of(job_id: str, data_dir: Path) -> CatalogueReport:
    """The report of a job that has ended.

    Raises:
        NotFoundError: It has left none: no such job, another kind, or it is not done.
    """
    path = _path(job_id, data_dir)
    if path is None or not path.is_file():
        raise NotFoundError("this job has left no report; it may not be done yet")
    return msgspec.json.decode(path.read_bytes(), type=CatalogueReport)


def _keep(report: CatalogueReport, data_dir: Path, job_id: str) -> None:
    path = _path(job_id, data_dir)
    assert path is not None
    path.parent.mkdir(parents=True, exist_ok=True)
    working = path.with_suffix(".part")
    working.write_bytes(msgspec.json.encode(report))
    working.replace(path)


def _path(job_id: str, data_dir: Path) -> Path | None:
    """Where a report lies; None for what is no id, so that no name leads elsewhere."""
    return data_dir / FOLDER / f"{job_id}.json" if job_id.isalnum() and job_id.isascii() else None
