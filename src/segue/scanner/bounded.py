"""A file that a parser may not read without end: bounded bytes, bounded calls.

Tags state their own sizes, so a file of 100 bytes can ask for 4 GiB, and a search for the next
frame can crawl through a film four bytes at a time (Mopidy #1569, tinytag #65).
"""

import os
from typing import BinaryIO

from segue.errors import MediaError
from segue.scanner.formats import TAG_LIMIT_BYTES

_CALLS_AT_LEAST = 50_000
_BYTES_PER_CALL = 512  # an Ogg page, the densest honest structure, is some 4 KiB in two reads


class BoundedFile:
    """``read``, ``seek`` and ``tell`` of a file of ``size_bytes``, the rest hidden.

    Raises:
        MediaError: more than 32 MiB, or far more calls than an honest file needs, were asked for.
    """

    def __init__(self, fh: BinaryIO, size_bytes: int) -> None:
        self._fh = fh
        self._size_bytes = size_bytes
        self._bytes_left = TAG_LIMIT_BYTES
        self._calls_left = _CALLS_AT_LEAST + size_bytes // _BYTES_PER_CALL
        fh.seek(0)

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes, never beyond the end."""
        self._calls_left -= 1
        if self._calls_left < 0:
            raise MediaError("no sound was found in it within a sensible number of reads")
        if size < 0 or size > _BYTES_PER_CALL:  # short reads need no look at the position
            left = max(0, self._size_bytes - self._fh.tell())
            size = left if size < 0 else min(size, left)
        if size > self._bytes_left:
            raise MediaError("its tags take more than 32 MiB")
        self._bytes_left -= size
        return self._fh.read(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move as a file does; the end is that of the view."""
        if whence == os.SEEK_END:
            return self._fh.seek(self._size_bytes + offset)
        return self._fh.seek(offset, whence)

    def tell(self) -> int:
        """Position from the start (bytes)."""
        return self._fh.tell()
