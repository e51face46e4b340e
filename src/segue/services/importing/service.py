"""Imports as pages, the API and commands use them: send files, look, start, watch, forget."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from segue.errors import ConflictError, InvalidInputError, NotFoundError
from segue.services.importing.chosen import chosen_sources
from segue.services.importing.history import HistoryImport
from segue.services.importing.report import ImportReport
from segue.services.importing.request import ImportRequest, Position
from segue.services.importing.uploads import Upload, Uploads
from segue.services.library import Progress
from segue.sources import table
from segue.sources.grids import header_of
from segue.sources.members import open_export
from segue.store.import_runs import ImportRun, ImportRuns
from segue.store.jobs import Job, JobTable

JOB_KIND = "import"
MAX_SHOWN_FILES = 100
AS_RECOGNISED = ImportRequest()
State = Literal["open", "waiting", "running", "done", "failed", "cancelled"]
Submit = Callable[[str, Mapping[str, Any]], str]


class ImportView(Struct, frozen=True, kw_only=True):
    """One import as its listener sees it. "open" waits for files, "waiting" for its turn."""

    id: str
    state: State
    created_at: float
    files: tuple[str, ...]
    done: int = 0
    total: int | None = None
    message: str = ""
    error: str | None = None
    report: ImportReport


class FileLook(Struct, frozen=True, kw_only=True):
    """What a file was taken for; ``columns`` of a table: field to column, as guessed."""

    file: str
    size_bytes: int
    source: str = ""
    title: str = ""
    reason: str = ""  # why nobody reads it
    header: tuple[str, ...] = ()
    columns: Mapping[str, str] = {}


class ImportService:
    """Imports of all listeners.

    Args:
        runs: Where imports are kept.
        importing: Does one.
        uploads: Files that were sent.
        jobs: To see how far a job is.
        submit: Queues a job.
        on_stored: Called with the number of rows that were stored, after they are durable.
        clock: Unix time (s).
    """

    def __init__(
        self,
        runs: ImportRuns,
        importing: HistoryImport,
        uploads: Uploads,
        jobs: JobTable,
        submit: Submit,
        on_stored: Callable[[int], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._runs = runs
        self._importing = importing
        self._uploads = uploads
        self._jobs = jobs
        self._submit = submit
        self._on_stored = on_stored
        self._clock = clock

    def new(self, listener_id: str, paths: Sequence[str] = ()) -> ImportView:
        """Begin an import of paths on the server, or of files that are sent next."""
        self._uploads.forget_old()
        request = ImportRequest(paths=tuple(paths))
        return self._view(self._runs.create(listener_id, request, self._clock()))

    def upload(self, listener_id: str, import_id: str, name: str) -> Upload:
        """A file of an import to write to.

        Raises:
            NotFoundError: No such import, or somebody else's.
            ConflictError: It has started already.
        """
        self._open_run(listener_id, import_id)
        return self._uploads.begin(import_id, name)

    def look(self, listener_id: str, import_id: str) -> list[FileLook]:
        """What the files were taken for, before anything is stored.

        Raises:
            NotFoundError: No such import, or somebody else's.
        """
        run = self._runs.get(import_id, listener_id)
        paths = self._uploads.files(import_id) or [Path(path) for path in _request(run).paths]
        return look_at(ImportRequest(paths=tuple(map(str, paths))))

    def start(
        self, listener_id: str, import_id: str, request: ImportRequest = AS_RECOGNISED
    ) -> ImportView:
        """Queue an import of the files that were sent, or of paths on the server.

        Raises:
            NotFoundError: No such import, or somebody else's.
            ConflictError: It has started already.
            InvalidInputError: There are no files.
        """
        run = self._open_run(listener_id, import_id)
        sent = tuple(str(path) for path in self._uploads.files(import_id))
        paths = request.paths or _request(run).paths or sent
        if not paths:
            raise InvalidInputError("there is nothing to import; send at least one file first")
        self._runs.change(run.id, request=msgspec.structs.replace(request, paths=paths))
        self._runs.change(run.id, job_id=self._submit(JOB_KIND, {"import": run.id}))
        return self.get(listener_id, import_id)

    def run(self, import_id: str, progress: Progress, job_id: str | None = None) -> ImportReport:
        """Do an import, or go on with one that was interrupted; ``job_id`` is the job that does."""
        run = self._runs.get(import_id)
        if job_id is not None and job_id != run.job_id:  # tried again by another job
            self._runs.change(run.id, job_id=job_id)
        report = self._importing.run(
            _request(run),
            run.listener_id,
            progress,
            begin=msgspec.json.decode(run.position, type=Position),
            before=msgspec.json.decode(run.report, type=ImportReport),
            save=lambda position, so_far: self._runs.change(
                run.id, position=position, report=so_far
            ),
        )
        self._runs.change(run.id, report=report, is_done=True)
        self._uploads.forget(import_id)  # they hold more of a life than is needed any longer
        if report.stored or report.added:
            self._on_stored(report.stored)
        return report

    def run_here(
        self, listener_id: str, request: ImportRequest, progress: Progress
    ) -> ImportReport:
        """Import paths at once, without a job, for a command."""
        return self.run(self._runs.create(listener_id, request, self._clock()).id, progress)

    def get(self, listener_id: str, import_id: str) -> ImportView:
        """One import.

        Raises:
            NotFoundError: No such import, or somebody else's.
        """
        return self._view(self._runs.get(import_id, listener_id))

    def list(self, listener_id: str, limit: int = 20) -> "list[ImportView]":
        """A listener's imports, the newest first."""
        return [self._view(run) for run in self._runs.list(listener_id, limit)]

    def cancel(self, listener_id: str, import_id: str) -> ImportView:
        """Stop an import, or forget one that has not begun; what was stored stays.

        Raises:
            NotFoundError: No such import, or somebody else's.
        """
        run = self._runs.get(import_id, listener_id)
        if run.job_id is None:
            view = msgspec.structs.replace(self._view(run), state="cancelled")
            self._runs.delete(run.id)
            self._uploads.forget(run.id)
            return view
        self._jobs.request_cancel(run.job_id, self._clock())
        return self.get(listener_id, import_id)

    def forget_strays(self, _listener_id: str = "") -> None:
        """Delete files of imports that are not kept any more, such as of a listener who left."""
        for import_id in self._uploads.ids():
            try:
                self._runs.get(import_id)
            except NotFoundError:
                self._uploads.forget(import_id)

    def _open_run(self, listener_id: str, import_id: str) -> ImportRun:
        run = self._runs.get(import_id, listener_id)
        if run.job_id is not None or run.is_done:
            raise ConflictError("this import has started already; begin another one")
        return run

    def _view(self, run: ImportRun) -> ImportView:
        job = None if run.job_id is None or run.is_done else self._jobs.get(run.job_id)
        paths = _request(run).paths or [str(path) for path in self._uploads.files(run.id)]
        view = ImportView(
            id=run.id,
            state=_state(run, job),
            created_at=run.created_at,
            files=tuple(Path(path).name for path in paths),
            report=msgspec.json.decode(run.report, type=ImportReport),
        )
        if job is None:
            return view
        return msgspec.structs.replace(
            view, done=job.done, total=job.total, message=job.message, error=job.error
        )


def look_at(request: ImportRequest) -> list[FileLook]:
    """What the files of an import are taken for; nothing is stored.

    Raises:
        InvalidInputError: A path is missing, or there is no source of that name.
    """
    with open_export([Path(path) for path in request.paths]) as export:
        found, unread = chosen_sources(export.members, request)
        looks = [_look(one.member, one.source.name, one.source.title) for one in found]
    left = [
        FileLook(file=one.name, size_bytes=0, reason=one.reason)
        for one in (*export.unread, *unread)
    ]
    return (looks + left)[:MAX_SHOWN_FILES]


def _look(member: Any, source: str, title: str) -> FileLook:
    header = tuple(header_of(member)) if source == table.TABLE.name else ()
    return FileLook(
        file=member.name,
        size_bytes=member.size_bytes,
        source=source,
        title=title,
        header=header,
        columns={str(field): name for field, name in table.guess_columns(header).items()},
    )


def _request(run: ImportRun) -> ImportRequest:
    return msgspec.json.decode(run.request, type=ImportRequest)


def _state(run: ImportRun, job: Job | None) -> State:
    if run.is_done:
        return "done"
    if job is None:
        return "open"
    return "waiting" if job.state == "queued" else job.state
