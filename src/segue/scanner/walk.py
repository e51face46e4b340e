"""Music folders: which files are there, and what changed since the last look.

A rescan costs one stat for each file: only files whose size or time, or whose lyrics beside them,
changed are opened, and once those that were read before a scan knew all that it reads now. A disk
that is not mounted looks like an empty folder, so an empty folder never means "all gone".
"""

# ruff: noqa: PTH100, PTH116, PTH120, PTH118, PTH119
# Paths stay strings here: a Path for each of a million files would cost more than its stat.

import os
import stat as stat_bits
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from segue.data.records import READING, FileStat, ScannedFile
from segue.errors import NotFoundError
from segue.scanner.credits import DISC_FOLDER
from segue.scanner.formats import AUDIO_SUFFIXES, pick_folder_image, suffix_of
from segue.scanner.sidecars import sidecars, with_lyrics

IGNORE_MARK = ".segueignore"
_SYSTEM_FOLDERS = frozenset(
    ("@eadir", "#recycle", "$recycle.bin", "lost+found", "system volume information")
)

OnProblem = Callable[[str, str], None]


class KnownFile(Struct, frozen=True):
    """A file as the catalogue knows it from the last scan."""

    size_bytes: int
    modified_ns: int
    fingerprint: str = ""
    is_gone: bool = False
    lyrics_ns: int = 0
    reading: int = READING


class Comparison(Struct, frozen=True, kw_only=True):
    """What a walk found against what was known; ``problem`` set means: mark nothing as gone."""

    added: tuple[FileStat, ...] = ()
    changed: tuple[FileStat, ...] = ()
    outdated: tuple[FileStat, ...] = ()  # unchanged, but read by a scan that knew less
    returned: tuple[str, ...] = ()  # paths that were gone and are back unchanged
    unchanged: int = 0
    gone: tuple[str, ...] = ()
    problem: str | None = None


class Move(Struct, frozen=True):
    """One file that lies elsewhere now; its track keeps its id and history."""

    old_path: str
    new_path: str


def walk(
    root: Path, on_problem: OnProblem | None = None, covers: dict[str, str] | None = None
) -> Iterator[FileStat]:
    """Every audio file below ``root``, folder by folder in order of names.

    Links to folders are followed once, after all real folders; hidden folders and folders that
    hold a file named ``.segueignore`` are skipped.

    Args:
        root: the music folder.
        on_problem: called with (path, reason) for what cannot be used; the path is printable.
        covers: filled with folder -> path of its cover image, before files of it are yielded.

    Raises:
        NotFoundError: ``root`` is not there or cannot be listed: perhaps a disk is not mounted.
    """
    report = on_problem or _ignore_problem
    start = os.path.abspath(root)
    try:
        with os.scandir(start):
            pass
    except OSError as error:
        raise NotFoundError(
            f"the music folder {_printable(start)} cannot be listed ({error.strerror}); "
            "if it is on another disk, check that it is mounted"
        ) from error
    folders, links = [start], deque[str]()
    seen: set[tuple[int, int]] = set()
    while folders or links:
        folder = folders.pop() if folders else links.popleft()
        entries = _entries(folder, seen, report)
        names = [entry.name for entry in entries]
        if IGNORE_MARK in names:
            continue
        image = pick_folder_image(names)
        if covers is not None and image:
            covers[folder] = os.path.join(folder, image)
        elif covers and DISC_FOLDER.match(_name(folder)) and os.path.dirname(folder) in covers:
            covers[folder] = covers[os.path.dirname(folder)]  # "CD 2" shares the album's image
        below: list[str] = []
        words = sidecars(entries)
        for entry in entries:
            if entry.is_dir():
                if not _is_skipped(entry.name):
                    (links if entry.is_symlink() else below).append(entry.path)
            elif suffix_of(entry.name) in AUDIO_SUFFIXES and not entry.name.startswith("."):
                found = _stat(entry, report)
                if found:
                    yield with_lyrics(found, words)
        folders.extend(reversed(below))


def compare(
    stats: Iterable[FileStat], known: Mapping[str, KnownFile], unread: Collection[str] = ()
) -> Comparison:
    """What is new, changed, back or gone; a file is unchanged if size and time are.

    Args:
        stats: from :func:`walk` of the same folders that ``known`` is about.
        known: path -> file of the last scan.
        unread: paths that the walk reported; nothing at or below them counts as gone.
    """
    added: list[FileStat] = []
    changed: list[FileStat] = []
    outdated: list[FileStat] = []
    returned: list[str] = []
    unchanged, present = 0, set[str]()
    for stat in stats:
        present.add(stat.path)
        before = known.get(stat.path)
        if before is None:
            added.append(stat)
        elif _state(before) != _state(stat):
            changed.append(stat)
        elif before.is_gone:
            returned.append(stat.path)
        elif before.reading < READING:
            outdated.append(stat)
        else:
            unchanged += 1
    expected = [path for path, file in known.items() if not file.is_gone]
    problem = None
    if expected and not present:
        problem = (
            f"the folder is empty, but {len(expected)} files were there at the last scan; nothing "
            "is marked as gone: check that its disk is mounted"
        )
    gone = () if problem else _gone(expected, present, unread)
    return Comparison(
        added=tuple(added),
        changed=tuple(changed),
        outdated=tuple(outdated),
        returned=tuple(returned),
        unchanged=unchanged,
        gone=gone,
        problem=problem,
    )


def match_moved(gone: Mapping[str, KnownFile], read: Iterable[ScannedFile]) -> tuple[Move, ...]:
    """Newly read files that are gone files in another place: the fingerprints are equal.

    Each file takes part in one move at most; among copies the same file name goes first.

    Args:
        gone: path -> file, of this scan or of earlier ones.
        read: the files that were new in this scan, read.
    """
    waiting: dict[str, list[str]] = defaultdict(list)
    for path in sorted(gone):
        if gone[path].fingerprint:
            waiting[gone[path].fingerprint].append(path)
    candidates = [file for file in read if file.fingerprint in waiting]
    candidates.sort(key=lambda file: file.stat.path)
    moves: dict[str, str] = {}
    for same_name in (True, False):
        for file in candidates:
            new_path = file.stat.path
            old_paths = waiting[file.fingerprint]
            fits = [old for old in old_paths if not same_name or _name(old) == _name(new_path)]
            if new_path not in moves and fits:
                moves[new_path] = fits[0]
                old_paths.remove(fits[0])
    return tuple(Move(old, new) for new, old in sorted(moves.items()))


def _state(file: KnownFile | FileStat) -> tuple[int, int, int]:
    return file.size_bytes, file.modified_ns, file.lyrics_ns


def _gone(expected: list[str], present: set[str], unread: Collection[str]) -> tuple[str, ...]:
    hidden = tuple(path.rstrip(os.sep) + os.sep for path in unread)
    unjudged = frozenset(unread)
    return tuple(
        path
        for path in expected
        if path not in present and path not in unjudged and not path.startswith(hidden)
    )


def _entries(
    folder: str, seen: set[tuple[int, int]], report: OnProblem
) -> list["os.DirEntry[str]"]:
    """Entries in order of names; none for a folder that was seen already (a loop of links)."""
    try:
        status = os.stat(folder)
        if (status.st_dev, status.st_ino) in seen:
            return []
        seen.add((status.st_dev, status.st_ino))
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except OSError as error:
        report(_printable(folder), f"the folder cannot be listed: {error.strerror}")
        return []
    kept: list[os.DirEntry[str]] = []
    for entry in entries:
        if _is_utf8(entry.name):
            kept.append(entry)
        elif suffix_of(entry.name) in AUDIO_SUFFIXES or entry.is_dir():
            report(_printable(entry.path), "its name is not valid UTF-8: rename it")
    return kept


def _stat(entry: "os.DirEntry[str]", report: OnProblem) -> FileStat | None:
    try:
        status = entry.stat()
    except OSError as error:
        reason = "the link leads nowhere" if entry.is_symlink() else f"{error.strerror}"
        report(entry.path, reason)
        return None
    if not stat_bits.S_ISREG(status.st_mode):
        report(entry.path, "it is not a regular file but a pipe, socket or device")
        return None
    return FileStat(entry.path, status.st_size, status.st_mtime_ns)


def _is_skipped(name: str) -> bool:
    return name.startswith(".") or name.lower() in _SYSTEM_FOLDERS


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _printable(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _name(path: str) -> str:
    return os.path.basename(path)


def _ignore_problem(_path: str, _reason: str) -> None:
    return
