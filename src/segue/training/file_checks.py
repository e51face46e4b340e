"""Whether the files of a version are what was written, without reading gigabytes at every start.

A checksum finds three things. A torn or interrupted write, or a file that was cut: its size tells,
and that is looked at for every file at every load. A file that something wrote to: the system then
stamps it with another time. And a byte that changed by itself on the disk, which nothing announces:
only reading everything finds that, so it is done in the background (:func:`find_damage`).

So a file is read in full at a load only where its *stamp* (size, times, inode) is not that of the
moment when its checksum was last found right; small files and the head of every file, which says
type and shape of an array, are read each time. See ADR 10.
"""

import hashlib
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from segue.errors import ArtifactError

SEEN_FILE = "seen.json"
HEAD_BYTES = 4_096
SMALL_BYTES = 65_536  # files to this size are read at every load
BLOCK_BYTES = 1 << 20
REST_SHARE = 4.0  # the reader in the background rests so many times as long as it reads


class FileEntry(Struct, frozen=True):
    """Size and checksum of one file of a version."""

    size_bytes: int
    sha256: str


class Seen(Struct, frozen=True):
    """How a file looked when its checksum was last found right; ``head_sha256`` of its first 4 KiB.

    ``changed_ns`` is the time of the last change of its inode, which no program can set.
    """

    modified_ns: int
    changed_ns: int
    inode: int
    head_sha256: str


def entries_of(folder: Path) -> dict[str, FileEntry]:
    """Size and checksum of every file under a folder, by its path in there."""
    return {
        str(path.relative_to(folder)): FileEntry(path.stat().st_size, sha256_of(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def check_files(
    folder: Path, version: str, files: Mapping[str, FileEntry], *, thorough: bool = False
) -> None:
    """Refuse a version with a file that is missing, cut, or not what was written; see the head.

    What had to be read in full and was right is remembered beside it.

    Args:
        folder: Of the version.
        version: Its name.
        files: What its manifest says.
        thorough: Read every file in full, whatever is remembered.

    Raises:
        ArtifactError: Names the file.
    """
    seen = {} if thorough else _read_seen(folder)
    news = False
    for name, entry in files.items():
        path = folder / name
        _check_size(path, version, name, entry)
        if _looks_as_seen(path, entry, seen.get(name)):
            continue
        if sha256_of(path) != entry.sha256:
            raise ArtifactError(f"{version}/{name} does not match its checksum")
        news = news or entry.size_bytes > SMALL_BYTES
    if news:
        remember(folder, files)


def find_damage(
    folder: Path, version: str, files: Mapping[str, FileEntry], go_on: Callable[[], bool],
    rest_share: float = REST_SHARE,
) -> str | None:  # fmt: skip
    """Read everything, at leisure; what is wrong in words, None where nothing is.

    A version that is removed meanwhile is not damaged.

    Args:
        folder: Of the version.
        version: Its name.
        files: What its manifest says.
        go_on: Asked now and then; the reading ends when it says no.
        rest_share: Seconds of rest for each second of reading.
    """
    for name, entry in files.items():
        try:
            digest = _sha256_at_leisure(folder / name, go_on, rest_share)
        except OSError as error:
            there = folder.is_dir()
            return f"{version}/{name} cannot be read: {error}" if there else None
        if digest is None:
            return None
        if digest != entry.sha256:
            return f"{version}/{name} does not match its checksum any more"
    return None


def remember(folder: Path, files: Mapping[str, FileEntry]) -> None:
    """Keep how the larger files look now that they were found right.

    Where that cannot be written, the next load reads them again.
    """
    seen = {
        name: _seen_now(folder / name)
        for name, entry in files.items()
        if entry.size_bytes > SMALL_BYTES
    }
    working = folder / f".{SEEN_FILE}.{os.getpid()}"
    try:
        working.write_bytes(msgspec.json.encode(seen))
        working.replace(folder / SEEN_FILE)
    except OSError:
        with suppress(OSError):
            working.unlink(missing_ok=True)


def forget(folder: Path) -> None:
    """Have the next load read every file of a version, where that can be had."""
    with suppress(OSError):
        (folder / SEEN_FILE).unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_size(path: Path, version: str, name: str, entry: FileEntry) -> None:
    if not path.is_file() or path.stat().st_size != entry.size_bytes:
        raise ArtifactError(f"{version}/{name} is missing or cut short")


def _looks_as_seen(path: Path, entry: FileEntry, seen: Seen | None) -> bool:
    return entry.size_bytes > SMALL_BYTES and seen is not None and _seen_now(path) == seen


def _seen_now(path: Path) -> Seen:
    stat = path.stat()
    with path.open("rb") as file:
        head = hashlib.sha256(file.read(HEAD_BYTES)).hexdigest()
    return Seen(stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino, head)


def _read_seen(folder: Path) -> dict[str, Seen]:
    try:
        return msgspec.json.decode((folder / SEEN_FILE).read_bytes(), type=dict[str, Seen])
    except (OSError, msgspec.DecodeError):
        return {}


def _sha256_at_leisure(path: Path, go_on: Callable[[], bool], rest_share: float) -> str | None:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while True:
            began = time.perf_counter()
            block = file.read(BLOCK_BYTES)
            if not block:
                return digest.hexdigest()
            digest.update(block)
            if not go_on():
                return None
            time.sleep(rest_share * (time.perf_counter() - began))
