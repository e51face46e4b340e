"""Zip archives read in place, with limits against those made to exhaust memory or disk.

The size of the directory is checked before it is read, the ratio and sum of sizes before anything
is unpacked; zipfile itself never unpacks more than a member's stated size. APPNOTE 6.3.10 sections
4.3 and 4.4 for the records.
"""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, BinaryIO, cast

from segue.errors import InvalidInputError
from segue.sources.base import Unread

_END = b"PK\x05\x06"
_END64 = b"PK\x06\x06"
_END64_LOCATOR = b"PK\x06\x07"
_END64_BYTES = 56
_LOCATOR_BYTES = 20
_END_BYTES = 22
_MAX_COMMENT = 65_535
_UNSET = 0xFFFFFFFF
_SMALL_BYTES = 16 << 20  # below this any ratio is harmless
_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MAX_NAME = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an export may ask for.

    Attributes:
        n_members: Files.
        unpacked_bytes: Sum of unpacked sizes of one archive.
        ratio: Unpacked by packed size, of a member over 16 MiB and of a whole archive; histories
            pack to a tenth or a thirtieth, DEFLATE reaches 1 to 1032 only on nothing at all.
        directory_bytes: The archive's list of its members.
    """

    n_members: int = 20_000
    unpacked_bytes: int = 100 << 30
    ratio: float = 200.0
    directory_bytes: int = 16 << 20


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of an archive that may be read."""

    name: str
    size_bytes: int
    position: int


def is_zip(head: bytes) -> bool:
    """Whether the bytes begin like an archive, an empty one or one in parts included."""
    return head[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


class ZipArchive:
    """One archive; several members may be read at once.

    Raises:
        InvalidInputError: It is damaged, or more than the limits allow.
    """

    def __init__(self, file: BinaryIO, name: str, limits: Limits = DEFAULT_LIMITS) -> None:
        self._name = name
        self._limits = limits
        self._file = file
        try:
            self._check_directory()
            self._zip = zipfile.ZipFile(file)
            self._infos = self._zip.infolist()
            self._check_sizes()
        except (
            zipfile.BadZipFile,
            OSError,
            ValueError,
            struct.error,
            NotImplementedError,
        ) as error:
            file.close()
            raise InvalidInputError(
                f"{name} is a damaged or incomplete zip archive ({error}); download it again"
            ) from error
        except InvalidInputError:
            file.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._zip.close()
        self._file.close()

    def entries(self) -> Iterator[Entry | Unread]:
        """Files sorted by name; folders and what the file manager adds are not mentioned."""
        order = sorted(range(len(self._infos)), key=lambda at: self._infos[at].filename)
        for position in order:
            info = self._infos[position]
            parts = info.filename.replace("\\", "/").split("/")
            if info.is_dir() or parts[0] == "__MACOSX" or parts[-1].startswith("."):
                continue
            reason = self._why_not(info, parts)
            name = _shown(info.filename)
            yield Unread(name, reason) if reason else Entry(name, info.file_size, position)

    def open(self, position: int) -> BinaryIO:
        """The bytes of one member, checked while they are read.

        Raises:
            InvalidInputError: It cannot be unpacked; also later, while it is read.
        """
        info = self._infos[position]
        try:
            raw = self._zip.open(info)
        except (zipfile.BadZipFile, OSError, ValueError, RuntimeError) as error:
            raise InvalidInputError(f"{_shown(info.filename)} is damaged: {error}") from error
        return cast("BinaryIO", io.BufferedReader(_Checked(raw, _shown(info.filename)), 1 << 16))

    def _why_not(self, info: zipfile.ZipInfo, parts: list[str]) -> str:
        if info.flag_bits & 0x1:
            return "is encrypted; unpack it with its password and give the folder"
        if stat.S_ISLNK(info.external_attr >> 16):
            return "is a link; links are not followed"
        if ".." in parts or not parts[0] or ":" in parts[0]:
            return "has a name that leads out of the archive"
        if info.compress_type not in _READABLE:
            return "is packed in a way that is not read (only DEFLATE and plain are)"
        if info.file_size > max(_SMALL_BYTES, self._limits.ratio * info.compress_size):
            return (
                f"unpacks to {info.file_size:,} bytes, more than {self._limits.ratio:g} times its "
                "packed size, which no history does"
            )
        return ""

    def _check_directory(self) -> None:
        size = _directory_bytes(self._file)
        if size > self._limits.directory_bytes:
            raise InvalidInputError(
                f"{self._name} lists its files in {size:,} bytes; at most "
                f"{self._limits.directory_bytes:,} are read"
            )

    def _check_sizes(self) -> None:
        if len(self._infos) > self._limits.n_members:
            raise InvalidInputError(
                f"{self._name} holds {len(self._infos):,} files; at most "
                f"{self._limits.n_members:,} are read"
            )
        packed = self._file.seek(0, io.SEEK_END)
        total = sum(info.file_size for info in self._infos)
        # members that share their bytes pass one by one, not in sum
        allowed = min(self._limits.unpacked_bytes, max(_SMALL_BYTES, self._limits.ratio * packed))
        if total > allowed:
            raise InvalidInputError(
                f"{self._name} would unpack to {total:,} bytes from {packed:,}; at most "
                f"{allowed:,.0f} are read"
            )


class _Checked(io.RawIOBase):
    """Turns damage that shows while unpacking into our error."""

    def __init__(self, raw: IO[bytes], name: str) -> None:
        self._raw = raw
        self._shown_name = name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        try:
            data = self._raw.read(len(buffer))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise InvalidInputError(f"{self._shown_name} is damaged: {error}") from error
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _directory_bytes(file: BinaryIO) -> int:
    end = file.seek(0, io.SEEK_END)
    start = max(0, end - _END_BYTES - _MAX_COMMENT)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or at + _END_BYTES > len(tail):
        raise zipfile.BadZipFile("its end is missing")
    size = int(struct.unpack_from("<I", tail, at + 12)[0])
    if size != _UNSET and tail[max(0, at - _LOCATOR_BYTES) : at][:4] != _END64_LOCATOR:
        return size
    # where zipfile looks for it, whatever the locator says: right before the locator
    file.seek(max(0, start + at - _LOCATOR_BYTES - _END64_BYTES))
    record = file.read(_END64_BYTES)
    if record[:4] != _END64:
        raise zipfile.BadZipFile("its end is missing")
    return int(struct.unpack_from("<Q", record, 40)[0])


def _shown(name: str) -> str:
    text = "".join(c if c.isprintable() else "?" for c in name.replace("\\", "/"))
    return text if len(text) <= _MAX_NAME else text[:_MAX_NAME] + "..."
