"""The job queue: rows in the database are the truth, huey (SQLite) carries only their ids.

A job is claimed with a lease, so it runs once at a time; a worker that dies stops renewing its
lease, and the job is queued again. A job that was killed or failed unexpectedly three times is
left as failed. Handlers must therefore be safe to run again from the start.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from huey import SqliteHuey, crontab

from segue.errors import ConflictError, InvalidInputError, JobCancelledError, SegueError
from segue.jobs.progress import JobProgress
from segue.jobs.serializer import JsonSerializer
from segue.log import get_logger
from segue.store.jobs import Job, JobTable

LEASE_S = 30.0
RETRY_AFTER_S = 5
MAX_WAITING = 200
LOOK_EVERY_S = 0.5  # for work, where a process waits for it
Handler = Callable[[Mapping[str, Any], JobProgress], None]

_log = get_logger("jobs")


class JobQueue:
    """Submit from any process; run in a worker process.

    Args:
        table: Rows of the jobs.
        path: SQLite file of the queue; it may be deleted, waiting jobs are found in the table.
        clock: Unix time (s).
    """

    def __init__(self, table: JobTable, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._clock = clock
        self._handlers: dict[str, Handler] = {}
        self._checks: list[Callable[[], object]] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        self._huey = SqliteHuey(
            "segue", filename=str(path), serializer=JsonSerializer(), results=False, timeout=15
        )
        self._run_task = self._huey.task(name="run_job")(self.run)
        self._huey.periodic_task(crontab(minute="*"), name="recover")(self.recover)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Registered kinds of jobs."""
        return tuple(self._handlers)

    def register(self, kind: str, handler: Handler) -> None:
        """Name the function that does a kind of job."""
        self._handlers[kind] = handler

    def every_minute(self, name: str, check: Callable[[], object]) -> None:
        """Have the worker process call a function once a minute, such as to see what is due.

        Where no worker runs because there is nothing to do, :meth:`look` calls it.
        """
        self._checks.append(check)
        self._huey.periodic_task(crontab(minute="*"), name=name)(check)

    def submit(self, kind: str, params: Mapping[str, Any] | None = None) -> str:
        """Queue a job and return its id. The same one waiting already is returned instead.

        Raises:
            InvalidInputError: No such kind.
        """
        if kind not in self._handlers:
            raise InvalidInputError(f"no job {kind!r}; there are: {', '.join(self.kinds)}")
        wanted = dict(params or {})
        for job in self._waiting():
            if job.kind == kind and job.params == wanted:
                return job.id
        job_id = self._table.create(kind, wanted, self._clock()).id
        self._run_task(job_id)
        return job_id

    def look(self) -> None:
        """Call what :meth:`every_minute` was given: for whoever starts a worker only for work."""
        for check in self._checks:
            check()

    def has_work(self) -> bool:
        """Whether a job waits or runs, also one whose worker is gone."""
        return any(self._table.list(1, state) for state in ("queued", "running"))

    def wait_until_idle(self, idle_s: float, stopping: threading.Event) -> bool:
        """Wait until there has been no work for a time (s); False when ``stopping`` came before."""
        idle_since = time.monotonic()
        while not stopping.wait(LOOK_EVERY_S):
            if self.has_work():
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since >= idle_s:
                return True
        return False

    def recover(self) -> list[str]:
        """Queue again what waits without a message and what lost its worker; returns the ids."""
        self._table.stale(self._clock())
        waiting = [job.id for job in self._waiting()]
        for job_id in waiting:
            self._run_task(job_id)
        return waiting

    def run(self, job_id: str) -> None:
        """Run one job here and now, unless another worker has it."""
        worker = f"{socket.gethostname()}:{os.getpid()}"
        job = self._table.claim(job_id, worker, self._clock(), LEASE_S)
        if job is None:
            return
        log = _log.bind(job=job.id, kind=job.kind, attempt=job.n_tries)
        try:
            with JobProgress(self._table, job.id, worker, self._clock) as progress:
                self._handlers[job.kind](job.params, progress)
            self._table.finish(job.id, self._clock(), worker=worker)
            log.info("job done", **_timings(job, self._clock()))
        except JobCancelledError:
            self._end_cancelled(job, worker)
            log.info("job cancelled")
        except SegueError as error:
            self._end_failed(job, worker, str(error), retry=False)
            log.warning("job failed", reason=str(error))
        except Exception as error:
            self._end_failed(job, worker, f"{type(error).__name__}: {error}", retry=True)
            log.exception("job broke")

    def _waiting(self) -> Sequence[Job]:
        return self._table.list(MAX_WAITING, "queued")

    def _end_cancelled(self, job: Job, worker: str) -> None:
        with suppress(ConflictError):  # it was taken from this worker: its new holder ends it
            self._table.finish(job.id, self._clock(), worker=worker, is_cancelled=True)

    def _end_failed(self, job: Job, worker: str, error: str, *, retry: bool) -> None:
        with suppress(ConflictError):
            state = self._table.fail(job.id, error, self._clock(), retry=retry, worker=worker)
            if state == "queued":
                self._run_task.schedule((job.id,), delay=RETRY_AFTER_S)

    def run_worker(self, n_workers: int) -> None:
        """Run jobs until a signal ends this process (SIGTERM or SIGINT finish what is running)."""
        self.recover()
        consumer = self._huey.create_consumer(
            workers=n_workers, worker_type="thread", initial_delay=0.05, max_delay=0.5
        )
        consumer.run()


def _timings(job: Job, now: float) -> dict[str, float]:
    return {"waited_s": round((job.started_at or now) - job.created_at, 3),
            "ran_s": round(now - (job.started_at or now), 3)}  # fmt: skip
