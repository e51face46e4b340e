"""When models are trained again: after so many new events, and at an hour of the day with news."""

import threading
import time
from collections.abc import Callable

from segue.jobs.queue import JobQueue
from segue.jobs.schedule import daily_due
from segue.services.training import TrainingService


class RetrainAfter:
    """Counts new events and starts a training after every so many."""

    def __init__(self, n_events: int, queue: JobQueue) -> None:
        self._n_events = n_events
        self._queue = queue
        self._count = 0
        self._lock = threading.Lock()

    def __call__(self, n_new: int) -> None:
        """Count ``n_new`` stored events."""
        with self._lock:
            self._count += n_new
            due = self._count >= self._n_events
            if due:
                self._count = 0
        if due:
            self._queue.submit("train")


class RetrainNightly:
    """Starts a training at an hour of the day, if there is something to learn from.

    What was due while the machine was off is done once it is on. The first set of all comes with
    the first scan, and a training that failed is not tried again before the next day.
    """

    def __init__(
        self,
        hour: int,
        training: TrainingService,
        queue: JobQueue,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._hour = hour
        self._training = training
        self._queue = queue
        self._clock = clock
        self._started_at = 0.0

    def __call__(self) -> bool:
        """Look at the clock and at the news; whether a training was started."""
        made_at, now = self._training.trained_at(), self._clock()
        if self._hour < 0 or made_at is None:
            return False
        last = max(made_at, self._started_at)
        if not daily_due(self._hour, last, now) or not self._training.has_news():
            return False
        self._started_at = now
        self._queue.submit("train")
        return True
