"""Jobs as the database knows them: the truth about what runs, over any queue that may be lost.

A running job is held by a lease that its worker renews with each report of progress; when the lease
runs out the job is taken from it (Gray & Cheriton 1989, doi:10.1145/74850.74870) and tried again,
three times in all.
"""

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import Struct
from sqlalchemy import insert, select, tuple_, update
from sqlalchemy.engine import Connection

from segue.errors import ConflictError, NotFoundError
from segue.store.batches import checked_limit, decode_cursor, encode_cursor
from segue.store.catalog_records import Page
from segue.store.engine import Database
from segue.store.folding import clean
from segue.store.ids import IdFactory, new_id
from segue.store.tables import jobs

JobState: TypeAlias = Literal["queued", "running", "done", "failed", "cancelled"]

MAX_TRIES = 3


class Job(Struct, frozen=True, kw_only=True):
    """One job. ``total`` None means that the end is not known yet."""

    id: str
    kind: str
    params: dict[str, Any]
    state: JobState
    n_tries: int
    worker: str | None
    lease_until: float | None
    cancel_asked: bool
    done: int
    total: int | None
    unit: str
    message: str
    error: str | None
    created_at: float
    started_at: float | None
    finished_at: float | None


class JobTable:
    """The jobs of one database."""

    def __init__(self, db: Database, ids: IdFactory = new_id) -> None:
        self._db = db
        self._ids = ids

    def create(self, kind: str, params: dict[str, Any], now: float) -> Job:
        """Queue a job; ``params`` must be JSON."""
        job_id = self._ids()
        row = {"id": job_id, "kind": kind, "state": "queued", "created_at": now,
               "params": msgspec.json.encode(params).decode()}  # fmt: skip

        def run(connection: Connection) -> Job:
            connection.execute(insert(jobs), [row])
            return _get(connection, job_id)

        return self._db.write(run)

    def get(self, job_id: str) -> Job:
        """One job.

        Raises:
            NotFoundError: No such job.
        """
        with self._db.read() as connection:
            return _get(connection, job_id)

    def list(self, limit: int = 50, state: JobState | None = None) -> tuple[Job, ...]:
        """Jobs, the newest first."""
        order = (jobs.c.created_at.desc(), jobs.c.id.desc())
        statement = select(jobs).order_by(*order).limit(checked_limit(limit))
        if state is not None:
            statement = statement.where(jobs.c.state == state)
        with self._db.read() as connection:
            return tuple(_job(row) for row in connection.execute(statement).mappings())

    def page(
        self, states: Sequence[JobState], cursor: str | None = None, limit: int = 50
    ) -> Page[Job]:
        """Jobs in some states, the newest first, from the one after ``cursor`` on."""
        key = (jobs.c.created_at, jobs.c.id)
        statement = select(jobs).where(jobs.c.state.in_(states))
        if cursor is not None:
            statement = statement.where(tuple_(*key) < tuple_(*decode_cursor(cursor, float)))
        order = statement.order_by(*(column.desc() for column in key))
        with self._db.read() as connection:
            rows = connection.execute(order.limit(checked_limit(limit) + 1)).mappings()
            found = [_job(row) for row in rows]
        if len(found) <= limit:
            return Page(tuple(found), None)
        last = found[limit - 1]
        return Page(tuple(found[:limit]), encode_cursor(last.created_at, last.id))

    def claim(self, job_id: str, worker: str, now: float, lease_s: float) -> Job | None:
        """Take a queued job; None when another worker was first or it is not waiting any more."""
        statement = (
            update(jobs)
            .where(jobs.c.id == job_id, jobs.c.state == "queued")
            .values(state="running", worker=worker, n_tries=jobs.c.n_tries + 1, started_at=now,
                    lease_s=lease_s, lease_until=now + lease_s, done=0, error=None)
        )  # fmt: skip

        def run(connection: Connection) -> Job | None:
            if connection.execute(statement).rowcount != 1:
                return None
            return _get(connection, job_id)

        return self._db.write(run)

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
        """Report progress, which renews the lease; whether the job is asked to stop.

        Raises:
            ConflictError: The job is not running, or ``worker`` is given and has lost it.
        """
        values = {"done": done, "total": total, "unit": unit, "message": clean(message),
                  "lease_until": now + jobs.c.lease_s}  # fmt: skip

        def run(connection: Connection) -> bool:
            _change_running(connection, job_id, worker, values)
            asked = select(jobs.c.cancel_asked).where(jobs.c.id == job_id)
            return bool(connection.execute(asked).scalar_one())

        return self._db.write(run)

    def finish(
        self, job_id: str, now: float, *, worker: str | None = None, is_cancelled: bool = False
    ) -> None:
        """Close a running job as done, or as cancelled when it stopped because it was asked to.

        Raises:
            ConflictError: It is not running, or ``worker`` has lost it.
        """
        values = _closed("cancelled" if is_cancelled else "done", now)
        self._db.write(lambda c: _change_running(c, job_id, worker, values))

    def fail(
        self, job_id: str, error: str, now: float, *, retry: bool, worker: str | None = None
    ) -> JobState:
        """Close a running job as failed, or queue it again when tries are left; the new state.

        Raises:
            ConflictError: It is not running, or ``worker`` has lost it.
        """
        return self._db.write(lambda c: _give_up(c, job_id, worker, clean(error), now, retry))

    def request_cancel(self, job_id: str, now: float) -> JobState:
        """Cancel a queued job at once, ask a running one to stop; the state it has then.

        Raises:
            NotFoundError: No such job.
        """

        def run(connection: Connection) -> JobState:
            of_job = jobs.c.id == job_id
            waiting = update(jobs).where(of_job, jobs.c.state == "queued")
            connection.execute(waiting.values(cancel_asked=True, **_closed("cancelled", now)))
            running = update(jobs).where(of_job, jobs.c.state == "running")
            connection.execute(running.values(cancel_asked=True))
            return _get(connection, job_id).state

        return self._db.write(run)

    def stale(self, now: float) -> tuple[Job, ...]:
        """Take jobs from workers whose lease ran out: queued again, or failed after three tries.

        Returns:
            The jobs in their new state; the queued ones are to be started again.
        """
        statement = select(jobs.c.id).where(jobs.c.state == "running", jobs.c.lease_until < now)

        def run(connection: Connection) -> tuple[Job, ...]:
            ids = connection.execute(statement).scalars().all()
            for job_id in ids:
                _give_up(connection, job_id, None, "its worker has stopped", now, True)  # noqa: FBT003
            return tuple(_get(connection, job_id) for job_id in ids)

        return self._db.write(run)


def _give_up(
    connection: Connection,
    job_id: str,
    worker: str | None,
    error: str,
    now: float,
    retry: bool,
) -> JobState:
    job = _get(connection, job_id)
    state: JobState = "failed"
    if job.cancel_asked:
        state = "cancelled"  # a job that was to stop is not started again
    elif retry and job.n_tries < MAX_TRIES:
        state = "queued"
    values = _closed(state, now) | {"error": error}
    if state == "queued":
        values["finished_at"] = None
    _change_running(connection, job_id, worker, values)
    return state


def _closed(state: JobState, now: float) -> dict[str, Any]:
    return {"state": state, "finished_at": now, "worker": None, "lease_until": None}


def _change_running(
    connection: Connection, job_id: str, worker: str | None, values: dict[str, Any]
) -> None:
    statement = update(jobs).where(jobs.c.id == job_id, jobs.c.state == "running")
    if worker is not None:
        statement = statement.where(jobs.c.worker == worker)
    if connection.execute(statement.values(**values)).rowcount != 1:
        state = _get(connection, job_id).state
        raise ConflictError(f"job {job_id} is {state} and not held by this worker")


def _get(connection: Connection, job_id: str) -> Job:
    row = connection.execute(select(jobs).where(jobs.c.id == job_id)).mappings().first()
    if row is None:
        raise NotFoundError(f"there is no job {job_id!r}")
    return _job(row)


def _job(row: Any) -> Job:
    values = {name: row[name] for name in Job.__struct_fields__}
    return Job(**values | {"params": msgspec.json.decode(row["params"])})
