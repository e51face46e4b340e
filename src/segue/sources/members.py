"""The files of an export: given alone, in a folder or in a zip archive, opened without unpacking.

Nothing is ever written to disk, so a member's name is only shown. A zip archive may lie anywhere in
a folder, but not inside another archive. What cannot be opened is listed with the reason.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from segue.errors import InvalidInputError
from segue.sources.archives import DEFAULT_LIMITS, Limits, ZipArchive, is_zip
from segue.sources.base import HEAD_BYTES, Member, Unread, why

MAX_DEPTH = 16


@dataclass(frozen=True, slots=True, eq=False)
class FileMember:
    """A file on disk; a link is followed only where ``may_be_link``: a person named it."""

    name: str
    path: Path
    size_bytes: int
    may_be_link: bool = False

    def open(self) -> BinaryIO:
        """Its bytes from the start.

        Raises:
            InvalidInputError: It is gone, may not be read, or is not a plain file any more.
        """
        flags = os.O_RDONLY | os.O_NONBLOCK | (0 if self.may_be_link else os.O_NOFOLLOW)
        try:
            file = os.fdopen(os.open(self.path, flags), "rb")
        except OSError as error:
            raise InvalidInputError(f"{self.name} cannot be opened: {error.strerror}") from error
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            file.close()
            raise InvalidInputError(f"{self.name} is not a plain file")
        return file

    def head(self) -> bytes:
        """Its first :data:`HEAD_BYTES` bytes."""
        return _head(self)


@dataclass(frozen=True, slots=True, eq=False)
class ZipMember:
    """A file in a zip archive, unpacked while it is read."""

    name: str
    size_bytes: int
    archive: ZipArchive = field(repr=False)
    position: int
    path: None = None

    def open(self) -> BinaryIO:
        """Its bytes from the start.

        Raises:
            InvalidInputError: The archive is closed or damaged.
        """
        return self.archive.open(self.position)

    def head(self) -> bytes:
        """Its first :data:`HEAD_BYTES` bytes."""
        return _head(self)


@dataclass(frozen=True, slots=True)
class Export:
    """The members of an export, and what of it could not be opened. Close it, or use ``with``."""

    members: tuple[Member, ...]
    unread: tuple[Unread, ...] = ()
    archives: tuple[ZipArchive, ...] = ()

    def close(self) -> None:
        """Close the archives; members in them cannot be opened any more."""
        for archive in self.archives:
            archive.close()

    def __enter__(self) -> "Export":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_export(paths: Path | Sequence[Path], limits: Limits = DEFAULT_LIMITS) -> Export:
    """The members of one export, sorted by name within each path given.

    Args:
        paths: Files, folders and zip archives that were exported together.
        limits: On the number of members and on unpacking.

    Raises:
        InvalidInputError: A path is missing, or there is more than the limits allow.
    """
    found = _Found(limits)
    try:
        for path in [paths] if isinstance(paths, Path) else paths:
            found.add_given(path)
    except BaseException:
        for archive in found.archives:
            archive.close()
        raise
    return Export(tuple(found.members), tuple(found.unread), tuple(found.archives))


class _Found:
    """What has been found so far."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.members: list[Member] = []
        self.unread: list[Unread] = []
        self.archives: list[ZipArchive] = []

    def add_given(self, path: Path) -> None:
        try:
            mode = path.stat().st_mode
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise InvalidInputError(f"{path} cannot be opened: {why}") from error
        if stat.S_ISDIR(mode):
            for inner in self._walk(path, MAX_DEPTH):
                self._add_file(inner, inner.relative_to(path).as_posix(), may_be_link=False)
        else:
            self._add_file(path, path.name, may_be_link=True)

    def _walk(self, folder: Path, depth: int) -> Iterator[Path]:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self.unread.append(Unread(folder.name, f"cannot be opened: {error.strerror}"))
            return
        for entry in entries:
            if entry.name.startswith("."):
                continue  # of the file manager, not of the export
            if entry.is_symlink():
                self.unread.append(Unread(entry.name, "is a link; links are not followed"))
            elif entry.is_dir(follow_symlinks=False):
                if depth == 0:
                    raise InvalidInputError(f"{folder} has folders more than {MAX_DEPTH} deep")
                yield from self._walk(Path(entry.path), depth - 1)
            else:
                yield Path(entry.path)

    def _add_file(self, path: Path, name: str, *, may_be_link: bool) -> None:
        status = path.stat() if may_be_link else path.lstat()
        if not stat.S_ISREG(status.st_mode):
            self.unread.append(Unread(name, "is not a plain file"))
            return
        member = FileMember(name, path, status.st_size, may_be_link)
        try:
            head = member.head()
        except InvalidInputError as error:
            self.unread.append(Unread(name, why(name, error)))
            return
        if is_zip(head):
            self._add_archive(member)
        else:
            self._add(member)

    def _add_archive(self, file: FileMember) -> None:
        try:
            archive = ZipArchive(file.open(), file.name, self.limits)
        except InvalidInputError as error:
            self.unread.append(Unread(file.name, why(file.name, error)))
            return
        self.archives.append(archive)
        for entry in archive.entries():
            if isinstance(entry, Unread):
                self.unread.append(entry)
                continue
            member = ZipMember(entry.name, entry.size_bytes, archive, entry.position)
            try:
                if is_zip(member.head()):
                    self.unread.append(Unread(member.name, "is an archive inside an archive; unpack"
                        " the outer one and give the folder"))  # fmt: skip
                else:
                    self._add(member)
            except InvalidInputError as error:
                self.unread.append(Unread(member.name, why(member.name, error)))

    def _add(self, member: Member) -> None:
        if len(self.members) >= self.limits.n_members:
            raise InvalidInputError(
                f"the export has more than {self.limits.n_members:,} files; give the folder or "
                "the files that hold your listens"
            )
        self.members.append(member)


@lru_cache(maxsize=4)  # many sources look at the same head, one member after the other
def _head(member: FileMember | ZipMember) -> bytes:
    with member.open() as file:
        return file.read(HEAD_BYTES)
