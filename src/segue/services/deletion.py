"""Deleting a listener: rows at once, then the models, then what the disk still remembers.

The account is closed and emptied while its owner waits. A job then trains the models without them,
removes every set that knew them, and writes the database file anew. Whatever is interrupted is
found again by its mark, once a minute.
"""

import time
from collections.abc import Callable, Sequence

from segue.jobs.queue import JobQueue
from segue.log import get_logger
from segue.services.library import Progress
from segue.services.training import TrainingService
from segue.store.engine import Database
from segue.store.leaving import Leaving

JOB = "forget"

_log = get_logger("deletion")


class DeletionService:
    """Deletes accounts with everything about them.

    Args:
        leaving: Accounts on their way out.
        database: The file that is written anew.
        training: The models.
        queue: Where the rest of the work waits.
        caches: Called with the id of who left: each lets go of what it keeps in memory.
        clock: Unix time (s).
    """

    def __init__(
        self,
        leaving: Leaving,
        database: Database,
        training: TrainingService,
        queue: JobQueue,
        caches: Sequence[Callable[[str], None]] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._leaving = leaving
        self._database = database
        self._training = training
        self._queue = queue
        self._caches = caches
        self._clock = clock

    def delete(self, account_id: str) -> None:
        """Delete an account and everything about it; the models follow in a job.

        When this returns no row is left. Other processes end its sessions within a second.

        Raises:
            NotFoundError: No such account.
            ConflictError: It is the last admin.
        """
        self._leaving.ask(account_id, self._clock())
        self._erase(account_id)
        self._queue.submit(JOB)

    def forget(self, progress: Progress) -> None:
        """The job: train without those who left, remove the older sets, clean the file."""
        self.resume()
        self._training.train(progress)
        progress.report(0, message="Cleaning the database")
        self._database.compact()
        _log.info("nothing is left of those who were deleted")

    def resume(self) -> bool:
        """Go on with what was interrupted; whether there was anything."""
        waiting = self._leaving.waiting()
        for account_id in waiting:
            self._erase(account_id)
        return bool(waiting)

    def look_after(self) -> None:
        """Once a minute: what was interrupted goes on, and the job follows it."""
        if self.resume():
            self._queue.submit(JOB)

    def _erase(self, account_id: str) -> None:
        while self._leaving.erase_some(account_id):
            pass
        self._leaving.finish(account_id)
        for forget in self._caches:
            forget(account_id)
