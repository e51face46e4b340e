"""One thread that writes: work of many callers in one transaction, answered after its commit.

Group commit (Gawlick & Kinkade 1985; DeWitt et al. 1984, doi:10.1145/602259.602261): the flush to
disk costs milliseconds, so everybody who waits shares one. Each piece of work has its own
SAVEPOINT: one that fails is undone alone.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from segue.errors import StoreError
from segue.store.connections import in_transaction

T = TypeVar("T")

MAX_BATCH = 256  # pieces of work in one transaction
MAX_BATCH_S = 0.2  # after this long no more work joins: those who wait get their answer


@dataclass(frozen=True, slots=True)
class _Work:
    run: Callable[[Connection], Any]
    future: "Future[Any]"


class Writer:
    """The queue and its thread; the thread starts with the first work."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: SimpleQueue[_Work | None] = SimpleQueue()
        self._gate = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(self, run: Callable[[Connection], T]) -> "Future[T]":
        """Queue work; its future is resolved only once the work is durable.

        Raises:
            StoreError: The database is closed, or the caller is itself work of this writer,
                which would wait for itself.
        """
        future: Future[T] = Future()
        with self._gate:
            if self._closed:
                raise StoreError("the database is closed; nothing more can be written")
            if threading.current_thread() is self._thread:
                raise StoreError("work of the writer may not queue work and wait for it")
            self._queue.put(_Work(run, future))
            if self._thread is None:
                # daemon: nothing that was acknowledged can be lost by stopping it
                self._thread = threading.Thread(target=self._loop, name="segue-writer", daemon=True)
                self._thread.start()
        return future

    def close(self) -> None:
        """Finish everything queued, then stop. May be called twice."""
        with self._gate:
            self._closed = True
            thread, self._thread = self._thread, None
            if thread is not None:
                self._queue.put(None)
        if thread is not None:
            thread.join()
        self._engine.dispose()

    def _loop(self) -> None:
        while (first := self._queue.get()) is not None:
            self._commit_batch(first)

    def _commit_batch(self, first: _Work) -> None:
        """Run ``first`` and whatever waits behind it in one transaction, then answer all."""
        batch: list[_Work] = []
        outcomes: list[tuple[Any, Exception | None]] = []
        try:
            with self._engine.connect() as connection, connection.begin():
                for work in self._drain(first):
                    batch.append(work)
                    outcomes.append(_run_alone(connection, work))
        except Exception as error:  # the one boundary of a batch: everybody in it must be told
            self._engine.dispose()  # after a failed flush the connection is not trusted again
            for work in batch or [first]:
                if not work.future.cancelled():
                    work.future.set_exception(_as_store_error(error, "nothing was written"))
            return
        for work, (result, problem) in zip(batch, outcomes, strict=True):
            if problem is None:
                work.future.set_result(result)
            else:
                work.future.set_exception(problem)

    def _drain(self, first: _Work) -> Iterator[_Work]:
        """``first`` and what is queued behind it, as far as one transaction should reach."""
        ends_at = time.monotonic() + MAX_BATCH_S
        work: _Work | None = first
        for _ in range(MAX_BATCH - 1):
            if work.future.set_running_or_notify_cancel():
                yield work
            if time.monotonic() > ends_at:
                return
            try:
                work = self._queue.get_nowait()
            except Empty:
                return
            if work is None:
                self._queue.put(None)  # the sign to stop is for the loop
                return
        if work.future.set_running_or_notify_cancel():
            yield work


def _run_alone(connection: Connection, work: _Work) -> tuple[Any, Exception | None]:
    """Run in a savepoint; a failure undoes this work alone.

    Raises:
        StoreError: SQLite has ended the whole transaction (disk full, I/O error), so that what
            earlier work wrote is lost too.
    """
    try:
        with connection.begin_nested():
            return work.run(connection), None
    except Exception as error:  # whatever the caller's function raises is the caller's
        if not in_transaction(connection):
            raise _as_store_error(error, "the transaction was lost") from error
        return None, _as_store_error(error, "the write was refused")


def _as_store_error(error: Exception, what: str) -> Exception:
    """SQLAlchemy's errors as ours; every other error as it is."""
    if not isinstance(error, SQLAlchemyError):
        return error
    cause = getattr(error, "orig", None) or error
    wrapped = StoreError(f"{what}: {cause}")
    wrapped.__cause__ = error
    return wrapped
