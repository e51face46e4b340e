"""A member that says how much of it was read, so that progress can say how long it will take."""

import io
from pathlib import Path
from typing import BinaryIO, cast

from segue.sources.base import Member

AT_ONCE_BYTES = 1 << 18  # who computes beside it gets Python's lock at each read, and keeps it


class CountedMember:
    """Another member, and how many of its bytes were taken since it was opened last.

    Args:
        member: What is read; a file that a library opens by its path is not counted.
    """

    def __init__(self, member: Member) -> None:
        self._member = member
        self.n_read = 0

    @property
    def name(self) -> str:
        """As of the member."""
        return self._member.name

    @property
    def size_bytes(self) -> int:
        """As of the member."""
        return self._member.size_bytes

    @property
    def path(self) -> Path | None:
        """As of the member."""
        return self._member.path

    def head(self) -> bytes:
        """As of the member."""
        return self._member.head()

    def open(self) -> BinaryIO:
        """Its bytes from the start, counted from 0.

        Raises:
            InvalidInputError: As of the member.
        """
        self.n_read = 0
        counted = _Counted(self, self._member.open())
        return cast("BinaryIO", io.BufferedReader(counted, AT_ONCE_BYTES))

    def total_of(self, n_rows: int) -> int | None:
        """How many rows there will be, if the rest is like the beginning; None when unknown."""
        if not self.n_read or not n_rows:
            return None
        return max(n_rows, round(n_rows * self.size_bytes / self.n_read))


class _Counted(io.RawIOBase):
    def __init__(self, member: CountedMember, file: BinaryIO) -> None:
        super().__init__()
        self._counter = member
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._counter.n_read += len(data)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
