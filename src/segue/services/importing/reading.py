"""The files of an import while they are read: how far, and how long still."""

import io
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO, cast

from segue.services.durations import about
from segue.services.library import Progress
from segue.sources.base import Member

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
        self._before = 0  # bytes of the members that are done
        self._here = 0
        self._nth = 0
        self._name = ""

    def opened(self, member: Member) -> "CountedMember":
        """The next member, whose reading is counted from here on."""
        self._nth += 1
        self._name = member.name
        self._here = 0
        return CountedMember(member, self._count)

    def done(self, member: Member) -> None:
        """The member was read to its end, by whatever way."""
        self._before += member.size_bytes
        self._here = 0

    def say(self, n_rows: int, *, now: bool = False) -> None:
        """Report, a few times a second at most.

        Raises:
            JobCancelledError: Somebody asked to stop.
        """
        at = self._timer()
        if not now and at - self._said_at < REPORT_EVERY_S:
            return
        self._said_at = at
        done = min(self._before + self._here, self._total)
        which = f" ({self._nth} of {self._n_members} files)" if self._n_members > 1 else ""
        text = f"Reading {self._name}{which}: {n_rows:,} rows"
        elapsed_s = at - self._started
        if 0 < done < self._total and elapsed_s > 1:
            text += f", {about((self._total - done) * elapsed_s / done)} left"
        self._progress.report(done, self._total, unit="bytes", message=text)

    def _count(self, position: int) -> None:
        self._here = position


class CountedMember:
    """A member that says how far it was read."""

    def __init__(self, member: Member, tell: Callable[[int], None]) -> None:
        self._member = member
        self._tell = tell

    @property
    def name(self) -> str:
        """As the member's."""
        return self._member.name

    @property
    def size_bytes(self) -> int:
        """As the member's."""
        return self._member.size_bytes

    @property
    def path(self) -> Path | None:
        """As the member's."""
        return self._member.path

    def open(self) -> BinaryIO:
        """Its bytes, counted as they are read."""
        counted = io.BufferedReader(_Counted(self._member.open(), self._tell), 1 << 16)
        return cast("BinaryIO", counted)

    def head(self) -> bytes:
        """As the member's."""
        return self._member.head()


class _Counted(io.RawIOBase):
    def __init__(self, file: BinaryIO, tell: Callable[[int], None]) -> None:
        self._file = file
        self._told = tell
        self._n_read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._n_read += len(data)
        self._told(self._n_read)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
