"""The files of an import while they are read: how far, and how long still."""

import time
from collections.abc import Callable, Sequence

from segue.services.durations import about
from segue.services.library import Progress
from segue.sources.base import Member
from segue.sources.counted import CountedMember

REPORT_EVERY_S = 0.25


class ReadSoFar:
    """Bytes read of all members, said to whoever watches.

    Args:
        members: All that will be read.
        progress: Told in words.
        timer: Seconds that only grow.
    """

    def __init__(
        self,
        members: Sequence[Member],
        progress: Progress,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._total = sum(member.size_bytes for member in members)
        self._n_members = len(members)
        self._progress = progress
        self._timer = timer
        self._started = timer()
        self._said_at = float("-inf")
        self._begun = 0  # bytes that were passed over: what an earlier run had done
        self._before = 0  # bytes of the members that are done
        self._here: CountedMember | None = None
        self._nth = 0

    def opened(self, member: Member) -> CountedMember:
        """The next member, whose reading is counted from here on."""
        self._nth += 1
        self._here = CountedMember(member)
        return self._here

    def done(self, member: Member) -> None:
        """The member was read to its end, by whatever way."""
        self._before += member.size_bytes
        self._here = None

    def passed_over(self) -> None:
        """What was read until now was done by an earlier run: it tells nothing of the rate."""
        self._started, self._begun = self._timer(), self._n_done()

    def say(self, n_rows: int, *, now: bool = False) -> None:
        """Report, a few times a second at most.

        Raises:
            JobCancelledError: Somebody asked to stop.
        """
        at = self._timer()
        if not now and at - self._said_at < REPORT_EVERY_S:
            return
        self._said_at = at
        name, done = self._here.name if self._here else "", self._n_done()
        which = f" ({self._nth} of {self._n_members} files)" if self._n_members > 1 else ""
        text = f"Reading {name}{which}: {n_rows:,} rows" if name else f"{n_rows:,} rows read"
        elapsed_s = at - self._started
        if self._begun < done < self._total and elapsed_s > 1:
            text += f", {about((self._total - done) * elapsed_s / (done - self._begun))} left"
        self._progress.report(done, self._total, unit="bytes", message=text)

    def _n_done(self) -> int:
        here = self._here.n_read if self._here else 0
        return min(self._before + here, self._total)
