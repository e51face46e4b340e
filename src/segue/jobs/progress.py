"""How far a running job is: written now and then, read by pages, and where a cancel bites."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from segue.errors import ConflictError, JobCancelledError

WRITE_EVERY_S = 0.5


class ProgressSink(Protocol):
    """Where progress is kept; :class:`segue.store.jobs.JobTable` is one."""

    def progress(
        self,
        job_id: str,
        done: int,
        total: int | None,
        unit: str,
        message: str,
        now: float,
        worker: str | None = None,
    ) -> bool:
        """Store it, renew the lease, and say whether somebody asked to cancel.

        Raises:
            ConflictError: The job is not this worker's any more.
        """
        ...


class JobProgress:
    """Given to every job. Thread-safe; renews the job's lease while it is open.

    ``report`` raises :class:`JobCancelledError` soon after a cancel was asked, so that a job which
    reports often stops often.
    """

    def __init__(
        self,
        sink: ProgressSink,
        job_id: str,
        worker: str,
        clock: Callable[[], float],
        heartbeat_s: float = 5.0,
    ) -> None:
        self.job_id = job_id
        self._worker = worker
        self._sink = sink
        self._clock = clock
        self._heartbeat_s = heartbeat_s
        self._lock = threading.Lock()
        self._state: tuple[int, int | None, str, str] = (0, None, "", "")
        self._written_at = float("-inf")
        self._cancelled = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"lease-{job_id}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closed.set()
        self._thread.join()

    def report(
        self, done: int, total: int | None = None, *, unit: str = "", message: str = ""
    ) -> None:
        """Say how far the job is; cheap to call often.

        Args:
            done: Units finished so far.
            total: Units in all, None while it is not known.
            unit: What is counted, in the plural ("files").
            message: One plain sentence about what is being done.

        Raises:
            JobCancelledError: Somebody asked to cancel this job.
        """
        with self._lock:
            message_changed = message != self._state[3]
            self._state = (done, total, unit, message)
            finished = total is not None and done >= total
            due = self._clock() - self._written_at >= WRITE_EVERY_S
            if due or finished or message_changed:
                self._write()
        self.check_cancelled()

    def check_cancelled(self) -> None:
        """Raise :class:`JobCancelledError` when somebody asked to cancel."""
        if self._cancelled.is_set():
            raise JobCancelledError("the job was cancelled")

    def should_stop(self) -> bool:
        """True when somebody asked to cancel; for code that must not raise."""
        return self._cancelled.is_set()

    def _write(self) -> None:
        done, total, unit, message = self._state
        now = self._clock()
        self._written_at = now
        try:
            asked = self._sink.progress(self.job_id, done, total, unit, message, now, self._worker)
        except ConflictError:
            asked = True  # another worker has the job: this one must not go on
        if asked:
            self._cancelled.set()

    def _beat(self) -> None:
        while not self._closed.wait(self._heartbeat_s):
            with self._lock:
                self._write()
