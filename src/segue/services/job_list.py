"""Jobs as pages and APIs use them: start, watch, cancel, try again."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from segue.errors import NotFoundError
from segue.jobs.queue import JobQueue
from segue.store.jobs import Job, JobTable


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

    def get(self, job_id: str) -> Job | None:
        """One job, or None."""
        return self._table.get(job_id)

    def list(self, limit: int = 50) -> "list[Job]":
        """Jobs, newest first."""
        return self._table.list(limit)

    def active(self) -> "list[Job]":
        """Jobs that wait or run."""
        return self._table.active()

    def cancel(self, job_id: str) -> None:
        """Ask a job to stop.

        Raises:
            NotFoundError: No such job.
        """
        self._require(job_id)
        self._table.request_cancel(job_id, now=self._clock())

    def retry(self, job_id: str) -> None:
        """Queue a failed or cancelled job again.

        Raises:
            NotFoundError: No such job.
        """
        self._require(job_id)
        self._queue.retry(job_id)

    def _require(self, job_id: str) -> None:
        if self._table.get(job_id) is None:
            raise NotFoundError(f"no job {job_id!r}")
