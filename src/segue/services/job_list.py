"""Jobs as pages and APIs use them: start, watch, cancel, try again."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from segue.errors import ConflictError
from segue.jobs.queue import JobQueue
from segue.store.catalog_records import Page
from segue.store.jobs import Job, JobState, JobTable


class JobService:
    """A thin door to the queue and its table."""

    def __init__(
        self, queue: JobQueue, table: JobTable, clock: Callable[[], float] = time.time
    ) -> None:
        self._queue = queue
        self._table = table
        self._clock = clock

    def submit(self, kind: str, params: Mapping[str, Any] | None = None) -> str:
        """Queue a job; the same one waiting already is not queued twice. Returns its id."""
        return self._queue.submit(kind, params)

    def get(self, job_id: str) -> Job:
        """One job.

        Raises:
            NotFoundError: No such job.
        """
        return self._table.get(job_id)

    def list(self, limit: int = 50) -> "tuple[Job, ...]":
        """Jobs, newest first."""
        return self._table.list(limit)

    def page(
        self, states: Sequence[JobState], cursor: str | None = None, limit: int = 50
    ) -> Page[Job]:
        """Jobs in some states, the newest first.

        Raises:
            InvalidInputError: A cursor of another list.
        """
        return self._table.page(states, cursor, limit)

    def start(self, kind: str, folders: Sequence[Path] = ()) -> "list[Job]":
        """Queue a kind of work; ``scan`` is one job for each of the folders."""
        wanted: Sequence[dict[str, str]] = [{}]
        if kind == "scan":
            wanted = [{"folder": str(folder)} for folder in folders]
        return [self._table.get(self._queue.submit(kind, params)) for params in wanted]

    def cancel(self, job_id: str) -> Job:
        """Ask a job to stop; a waiting one is cancelled at once.

        Raises:
            NotFoundError: No such job.
        """
        self._table.request_cancel(job_id, self._clock())
        return self._table.get(job_id)

    def retry(self, job_id: str) -> Job:
        """Do a job that ended once more, as a new job.

        Raises:
            NotFoundError: No such job.
            ConflictError: It has not ended.
        """
        job = self._table.get(job_id)
        if job.state in ("queued", "running"):
            raise ConflictError(f"job {job_id} is {job.state}; cancel it first")
        return self._table.get(self._queue.submit(job.kind, job.params))
