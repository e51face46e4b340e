"""One import from its files to the history: read, resolve, store, batch by batch.

While one batch is written the next is read and matched. After each batch the place to go on from
is kept, so that an interrupted import resumes; since events have keys that follow from what they
say, doing a batch twice adds nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from segue.data.imported import ImportedRow
from segue.errors import InvalidInputError
from segue.services.importing.batches import Batch, BatchWriter
from segue.services.importing.chosen import chosen_sources
from segue.services.importing.lists import BroughtLists
from segue.services.importing.names import TrackNames
from segue.services.importing.reading import ReadSoFar
from segue.services.importing.report import FileRead, ImportReport, Tally
from segue.services.importing.request import ImportRequest, Position
from segue.services.importing.self_said import SelfSaid
from segue.services.importing.targets import TargetNames
from segue.services.library import Progress
from segue.services.smart_playlists import SmartPlaylistService
from segue.sources.base import Recognised, why
from segue.sources.members import open_export
from segue.store.catalog import Catalog
from segue.store.history import History
from segue.store.import_doubts import ImportDoubts
from segue.store.import_names import ImportNames
from segue.store.playlists import Playlists

BATCH_ROWS = 5_000  # others wait for their writes as long as one batch takes, about 0.2 s
START, NOTHING_YET = Position(), ImportReport()


Save = Callable[[Position, ImportReport], None]


class HistoryImport:
    """Imports into one listener's history.

    Args:
        catalog: The library that rows are matched to.
        history: Where listens are kept.
        playlists: Where playlists are kept.
        doubts: Where doubtful rows wait.
        names: What names were found to mean.
        smart: Where playlists by rules are kept.
        self_said: Where goes what listeners said of themselves.
        clock: Unix time (s).
    """

    def __init__(
        self,
        catalog: Catalog,
        history: History,
        playlists: Playlists,
        doubts: ImportDoubts,
        names: ImportNames,
        smart: SmartPlaylistService,
        self_said: SelfSaid,
        clock: Callable[[], float],
    ) -> None:
        self._catalog = catalog
        self._history = history
        self._playlists = playlists
        self._doubts = doubts
        self._names = names
        self._smart = smart
        self._self_said = self_said
        self._clock = clock

    def run(
        self,
        request: ImportRequest,
        listener_id: str,
        progress: Progress,
        *,
        begin: Position = START,
        before: ImportReport = NOTHING_YET,
        save: Save = lambda _position, _report: None,
    ) -> ImportReport:
        """Import everything; importing it again adds nothing.

        Args:
            request: What to read.
            listener_id: Whose history.
            progress: Told in words how far it is.
            begin: Where an interrupted run of the same request had come to.
            before: What that run had counted.
            save: Called with the place to go on from whenever rows became durable.

        Raises:
            InvalidInputError: Nothing of it can be read, or the request names what does not exist.
            JobCancelledError: Somebody asked to stop; what was stored stays.
        """
        with open_export([Path(path) for path in request.paths]) as export:
            found, unread = chosen_sources(export.members, request)
            tally = Tally(before)
            for file in (*export.unread, *unread):
                tally.note(file.name, 0, file.reason)
            if not found:
                raise InvalidInputError(_nothing(tally))
            run = _Run(self._writer(listener_id, tally), tally, progress, found, save)
            with ThreadPoolExecutor(1, thread_name_prefix="import") as writing:
                run.read(begin, writing)
        if not tally.counts["rows"]:
            raise InvalidInputError(_nothing(tally))
        return tally.report()

    def _writer(self, listener_id: str, tally: Tally) -> BatchWriter:
        now = self._clock()
        return BatchWriter(
            history=self._history,
            doubts=self._doubts,
            names=TrackNames(
                self._catalog, self._names, self._doubts.decisions(listener_id), now
            ),
            targets=TargetNames(self._catalog),
            lists=BroughtLists(self._playlists, self._smart, tally, listener_id, now),
            self_said=self._self_said,
            tally=tally,
            listener_id=listener_id,
            now=now,
        )  # fmt: skip


class _Run:
    """The files of one import, read in order."""

    def __init__(
        self,
        writer: BatchWriter,
        tally: Tally,
        progress: Progress,
        found: Sequence[Recognised],
        save: Save,
    ) -> None:
        self._writer = writer
        self._tally = tally
        self._found = found
        self._save = save
        self._read = ReadSoFar([one.member for one in found], progress)
        self._pending: Future[None] | None = None

    def read(self, begin: Position, writing: ThreadPoolExecutor) -> None:
        """Read and store what follows ``begin``."""
        try:
            for number, one in enumerate(self._found):
                if number >= begin.file:
                    skip = begin.row if number == begin.file else 0
                    self._read_file(number, one, skip, writing)
                self._read.done(one.member)
                if number < begin.file:
                    self._read.passed_over()
        finally:
            self._finish_pending()  # what was stored is counted, also when it is cancelled
        self._read.say(self._tally.counts["rows"], now=True)

    def _read_file(
        self, number: int, one: Recognised, n_done: int, writing: ThreadPoolExecutor
    ) -> None:
        name = one.member.name
        rows = _until_refused(one, self._read, name, self._tally)
        n_read = 0
        while batch_rows := list(islice(rows, BATCH_ROWS)):
            is_done = n_read + len(batch_rows) <= n_done
            batch = self._writer.prepare(name, one.source.name, batch_rows, is_done=is_done)
            n_read += len(batch_rows)
            if is_done:
                self._read.passed_over()
            self._finish_pending()
            self._pending = writing.submit(self._store, batch, Position(number, n_read))
            self._read.say(self._tally.counts["rows"])
        self._finish_pending()
        self._writer.lists.write()
        title = one.source.title
        self._tally.files.append(
            FileRead(file=name, source=one.source.name, title=title, rows=n_read)
        )
        self._save(Position(number + 1, 0), self._tally.report())

    def _finish_pending(self) -> None:
        """Wait for the batch that is being written."""
        work, self._pending = self._pending, None
        if work is not None:
            work.result()

    def _store(self, batch: Batch, position: Position) -> None:
        """Write a batch, then keep the place behind it; the next is read meanwhile."""
        self._writer.write(batch)
        self._writer.count(batch)
        if not batch.is_done:
            self._save(position, self._tally.report())


def _until_refused(
    one: Recognised, read: ReadSoFar, name: str, tally: Tally
) -> Iterator[ImportedRow]:
    """Rows of a file; one that cannot be read at all is noted and does not stop the others."""
    try:
        yield from one.source.read(read.opened(one.member))
    except InvalidInputError as error:
        tally.note(name, 0, why(name, error))


def _nothing(tally: Tally) -> str:
    reasons = "; ".join(f"{one.file} {one.reason}" for one in tally.problems[:3])
    return f"nothing here can be imported: {reasons}" if reasons else "there are no rows in it"
