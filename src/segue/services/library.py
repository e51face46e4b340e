"""The music: scanning folders into the catalogue, and handing out files and covers by id."""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar

from msgspec import Struct

from segue.data.records import FileStat, ScannedFile
from segue.errors import InvalidInputError, MediaError, NotFoundError
from segue.log import get_logger
from segue.scanner import covers, walk
from segue.scanner.reader import read_many
from segue.store.catalog import Catalog
from segue.store.catalog_records import ScanBatch, ScanCounts, ScannedFileEntry, StoredFile
from segue.text.normalise import recording_key, search_words

BATCH_FILES = 500
MAX_WARNINGS = 100
MAX_RENAMED = 20_000  # files held in memory to find renames among them
MAX_PICTURE_BYTES = 20 << 20

Item = TypeVar("Item")

_log = get_logger("library")


class Progress(Protocol):
    """What a scan tells while it runs; :class:`segue.jobs.progress.JobProgress` is one."""

    def report(
        self, done: int, total: int | None = None, *, unit: str = "", message: str = ""
    ) -> None:
        """Say how far the work is; may raise to cancel it."""
        ...

    def should_stop(self) -> bool:
        """True when it was cancelled."""
        ...


class ScanReport(Struct, frozen=True, kw_only=True):
    """What one scan found. Counts are files; rates are files per second of wall time."""

    folder: str
    added: int = 0
    changed: int = 0
    moved: int = 0
    gone: int = 0
    unchanged: int = 0
    read_again: int = 0  # unchanged, but an earlier version of Segue had read less of them
    problems: int = 0
    duration_s: float = 0.0
    files_per_second: float = 0.0
    warnings: tuple[str, ...] = ()


class LibraryService:
    """Scan folders, serve files and covers by id.

    Args:
        catalog: The store of tracks and files.
        covers_dir: Cache of rendered covers; may be deleted at any time.
        scan_workers: Processes that read tags.
        clock: Unix time (s).
    """

    def __init__(
        self,
        catalog: Catalog,
        covers_dir: Path,
        scan_workers: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.catalog = catalog
        self._covers_dir = covers_dir
        self._scan_workers = scan_workers
        self._clock = clock

    def scan(self, folder: Path, progress: Progress) -> ScanReport:
        """Bring the catalogue up to date with a folder.

        Phases: walk and compare (one stat a file), read new and changed files in worker processes,
        write in batches. Each batch is durable, so an interrupted scan goes on where it stopped.

        Raises:
            InvalidInputError: The folder is missing, or holds nothing although it used to.
            JobCancelledError: Somebody asked to stop; what was read stays.
        """
        started = time.perf_counter()
        root = folder.expanduser().resolve()
        if not root.is_dir():
            raise InvalidInputError(f"{root} is not a folder that can be read")
        progress.report(0, message=f"Looking through {root}")
        found = self._walk(root)
        _log.info("scan compared", folder=str(root), new=len(found.added), gone=len(found.gone))
        total = self._write_gone(found.gone)
        total = _sum(total, self._read_and_write(root, found, progress))
        again = self._write(self._read(root, found.outdated, found, progress), found, progress,
                            len(found.to_read))  # fmt: skip
        progress.report(found.n_to_read, found.n_to_read, unit="files", message="Reading tags")
        duration_s = time.perf_counter() - started
        n_seen = found.n_to_read + found.n_unchanged
        return ScanReport(
            folder=str(root),
            added=total.n_added,
            changed=total.n_changed,
            moved=total.n_moved,
            gone=max(0, total.n_gone - total.n_moved),  # some moved ones were gone long ago
            unchanged=found.n_unchanged,
            read_again=len(found.outdated),
            problems=total.n_problems + again.n_problems,
            duration_s=round(duration_s, 3),
            files_per_second=round(n_seen / max(duration_s, 1e-9), 1),
            warnings=tuple(found.warnings[:MAX_WARNINGS]),
        )

    def file_of(self, track_id: str) -> StoredFile:
        """The audio file of a track.

        Raises:
            NotFoundError: No such track, or it has no file.
        """
        stored = self.catalog.file_of_track(track_id)
        if stored is None:
            raise NotFoundError(f"no playable track {track_id!r}")
        return stored

    def cover(self, cover_id: str, size_px: int) -> Path:
        """Path of a cover as JPEG in one of the fixed sizes, rendered at first use.

        Raises:
            NotFoundError: No such cover, or its picture cannot be read.
            InvalidInputError: The size is not one of the fixed sizes.
        """
        if size_px not in covers.COVER_SIZES_PX:
            sizes = ", ".join(map(str, covers.COVER_SIZES_PX))
            raise InvalidInputError(f"covers come in {sizes} pixels, not {size_px}")
        source = self.catalog.cover_source(cover_id)
        if source is None:
            raise NotFoundError(f"no cover {cover_id!r}")
        kind, path = source[0], Path(source[1])
        try:
            stamp = path.stat().st_mtime_ns
            cached = self._covers_dir / f"{cover_id}-{stamp:x}-{size_px}.jpg"
            if not cached.is_file():
                _write_whole(cached, covers.render_cover(_picture(kind, path), size_px))
        except (OSError, MediaError) as error:
            _log.warning("cover cannot be shown", cover=cover_id, reason=str(error))
            # the reason names a path of the server's, which is nobody's business outside
            raise NotFoundError(f"the cover {cover_id!r} cannot be shown") from error
        return cached

    def _walk(self, root: Path) -> "_Found":
        """Walk and compare: one stat a file."""
        warnings: list[str] = []
        unread: list[str] = []
        images: dict[str, str] = {}

        def on_problem(path: str, reason: str) -> None:
            unread.append(path)
            warnings.append(f"{path}: {reason}")

        known = {
            path: walk.KnownFile(
                size_bytes=state.size_bytes,
                modified_ns=state.modified_ns,
                fingerprint=state.fingerprint,
                is_gone=state.is_gone,
                lyrics_ns=state.lyrics_ns,
                reading=state.reading,
            )
            for path, state in self.catalog.file_states(str(root)).items()
        }
        stats = {stat.path: stat for stat in walk.walk(root, on_problem, images)}
        compared = walk.compare(stats.values(), known, unread)
        if compared.problem:
            raise InvalidInputError(f"{root}: {compared.problem}")
        left = (*(stat.path for stat in compared.changed), *compared.gone)
        back = tuple(stats[path] for path in compared.returned)
        return _Found(
            to_read=(*compared.added, *compared.changed, *back),
            added=compared.added,
            outdated=compared.outdated,
            gone=compared.gone,
            n_unchanged=compared.unchanged,
            images=images,
            warnings=warnings,
            left={path: known[path] for path in left} if compared.changed else {},
        )

    def _write_gone(self, gone: Sequence[str]) -> ScanCounts:
        """Mark the vanished before anything new is read: a file with the content of a vanished
        one then takes over its track and history.
        """
        total = ScanCounts()
        for paths in _batches(gone, BATCH_FILES):
            total = _sum(total, self.catalog.apply_scan(ScanBatch(gone=paths), self._clock()))
        return total

    def _read_and_write(self, root: Path, found: "_Found", progress: Progress) -> ScanCounts:
        files, total = self._read(root, found.to_read, found, progress), ScanCounts()
        if found.left and len(found.to_read) <= MAX_RENAMED:
            total, files = self._follow_renames(list(files), found)
        return _sum(total, self._write(files, found, progress, total.n_moved))

    def _read(
        self, root: Path, stats: Sequence[FileStat], found: "_Found", progress: Progress
    ) -> Iterable[ScannedFile]:
        return read_many(stats, self._scan_workers, progress.should_stop, root=str(root),
                         covers=found.images)  # fmt: skip

    def _write(
        self, files: Iterable[ScannedFile], found: "_Found", progress: Progress, done: int
    ) -> ScanCounts:
        """Take read files in, batch by batch; ``done`` were read before."""
        total = ScanCounts()
        for batch in _batches(files, BATCH_FILES):
            entries = [entry_of(file) for file in batch]
            total = _sum(total, self.catalog.apply_scan(ScanBatch(read=entries), self._clock()))
            done += len(batch)
            progress.report(done, found.n_to_read, unit="files", message="Reading tags")
        return total

    def _follow_renames(
        self, files: list[ScannedFile], found: "_Found"
    ) -> tuple[ScanCounts, list[ScannedFile]]:
        """Move tracks along with files that took each other's names; the rest is still to write.

        A name that is known and has other content would keep its track, and with it the listens of
        another song.
        """
        whole = [file for file in files if file.tags]
        renamed = {
            move.new_path: move.old_path
            for move in walk.match_moved(found.left, whole)
            if move.new_path != move.old_path
        }
        moved = [(renamed[f.stat.path], f.stat) for f in files if f.stat.path in renamed]
        rest = [file for file in files if file.stat.path not in renamed]
        if not moved:
            return ScanCounts(), rest
        return self.catalog.apply_scan(ScanBatch(moved=moved), self._clock()), rest


@dataclass(frozen=True, slots=True)
class _Found:
    """What the walk of one folder gave."""

    to_read: tuple[FileStat, ...]
    added: tuple[FileStat, ...]
    outdated: tuple[FileStat, ...]
    gone: tuple[str, ...]
    n_unchanged: int
    images: dict[str, str]
    warnings: list[str]
    left: dict[str, walk.KnownFile]  # names whose content is elsewhere now, or nowhere

    @property
    def n_to_read(self) -> int:
        """Files that are opened."""
        return len(self.to_read) + len(self.outdated)


def _sum(one: ScanCounts, other: ScanCounts) -> ScanCounts:
    return ScanCounts(
        n_added=one.n_added + other.n_added,
        n_changed=one.n_changed + other.n_changed,
        n_moved=one.n_moved + other.n_moved,
        n_gone=one.n_gone + other.n_gone,
        n_problems=one.n_problems + other.n_problems,
    )


def entry_of(file: ScannedFile) -> ScannedFileEntry:
    """A read file with the keys that search and "one recording once" need."""
    if file.tags is None:
        return ScannedFileEntry(file=file, recording_key="", search_words="")
    tags = file.tags
    return ScannedFileEntry(
        file=file,
        recording_key=recording_key(tags.title, tags.artists, tags.duration_s),
        search_words=search_words(tags.title, tags.artists, tags.album),
    )


def _picture(kind: str, path: Path) -> bytes:
    if kind == "folder":
        if path.stat().st_size > MAX_PICTURE_BYTES:
            raise MediaError(f"the picture is larger than {MAX_PICTURE_BYTES} bytes")
        return path.read_bytes()
    embedded = covers.embedded_image(path)
    if embedded is None:
        raise MediaError("the file has no picture any more")
    return embedded


def _write_whole(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    working = path.with_suffix(f".{secrets.token_hex(4)}.part")
    working.write_bytes(content)
    working.replace(path)


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
