"""The music: scanning folders into the catalogue, and handing out files and covers by id."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar

from msgspec import Struct

from segue.data.records import FileStat, ScannedFile
from segue.errors import InvalidInputError, MediaError, NotFoundError
from segue.log import get_logger
from segue.scanner import covers, walk
from segue.scanner.reader import read_many
from segue.store.catalog import Catalog, ScanBatch, ScannedFileEntry, StoredFile
from segue.text.normalise import recording_key, search_words

BATCH_FILES = 500

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
        warnings: list[str] = []
        comparison = self._compare(root, warnings)
        to_read = [*comparison.added, *comparison.changed]
        _log.info("scan compared", folder=str(root), read=len(to_read), gone=len(comparison.gone))
        changed = {stat.path for stat in comparison.changed}
        counts = self._read_and_write(to_read, changed, comparison.gone, progress)
        duration_s = time.perf_counter() - started
        n_seen = len(to_read) + comparison.n_unchanged
        return ScanReport(
            folder=str(root),
            unchanged=comparison.n_unchanged,
            duration_s=round(duration_s, 3),
            files_per_second=round(n_seen / max(duration_s, 1e-9), 1),
            warnings=tuple(warnings[:100]),
            **counts,
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
        cached = self._covers_dir / f"{cover_id}-{source.stamp}-{size_px}.jpg"
        if not cached.is_file():
            try:
                covers.render_to(cached, covers.load(source.kind, Path(source.path)), size_px)
            except MediaError as error:
                raise NotFoundError(f"the cover {cover_id!r} cannot be shown: {error}") from error
        return cached

    def _compare(self, root: Path, warnings: list[str]) -> walk.Comparison:
        def on_problem(path: str, reason: str) -> None:
            warnings.append(f"{path}: {reason}")

        known = {
            path: walk.KnownFile(state.size_bytes, state.modified_ns, state.fingerprint,
                                 state.is_gone)
            for path, state in self.catalog.file_states(str(root)).items()
        }  # fmt: skip
        return walk.compare(walk.walk(root, on_problem=on_problem), known)

    def _read_and_write(
        self,
        to_read: Sequence[FileStat],
        changed: set[str],
        gone: Sequence[str],
        progress: Progress,
    ) -> dict[str, int]:
        counts = dict.fromkeys(("added", "changed", "moved", "gone", "problems"), 0)
        # The vanished are marked first: a new file with the same content then takes over the track.
        for paths in _batches(gone, BATCH_FILES):
            counts["gone"] += self.catalog.apply_scan(ScanBatch(gone=paths), now=self._clock()).gone
        done = 0
        files = read_many(to_read, self._scan_workers, should_stop=progress.should_stop)
        for batch in _batches(files, BATCH_FILES):
            entries = [entry_of(file) for file in batch]
            written = self.catalog.apply_scan(ScanBatch(read=entries), now=self._clock())
            counts["moved"] += written.moved
            counts["problems"] += sum(file.problem is not None for file in batch)
            n_changed = sum(file.stat.path in changed and file.tags is not None for file in batch)
            counts["changed"] += n_changed
            counts["added"] += sum(f.tags is not None for f in batch) - n_changed - written.moved
            done += len(batch)
            progress.report(done, len(to_read), unit="files", message="Reading tags")
        counts["gone"] -= counts["moved"]
        progress.report(done, len(to_read), unit="files", message="Reading tags")
        return counts


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


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
