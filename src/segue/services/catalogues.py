"""Catalogues from elsewhere: tracks nobody need own, and what is known of those that are here."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from msgspec import Struct

from segue.data.described import described_vector
from segue.data.imported import CatalogueRow, RowProblem
from segue.data.records import TrackTags
from segue.errors import InvalidInputError
from segue.log import get_logger
from segue.services.catalogue_match import CATALOGUE, CatalogueFinder
from segue.services.catalogue_playlists import PlaylistKeeper
from segue.services.library import Progress
from segue.sources.catalogues import Catalogue, catalogue_of, mapped
from segue.sources.counted import CountedMember
from segue.sources.members import open_export
from segue.store.catalog import Catalog
from segue.store.catalogue_rows import CatalogueRows, CatalogueTrack
from segue.store.ids import new_id
from segue.text.normalise import recording_key, search_words

BATCH_ROWS = 500
MAX_LISTED = 100  # rows with a reason in a report

Rows = Iterable[CatalogueRow | RowProblem]
_log = get_logger("catalogues")


class FileRow(Struct, frozen=True):
    """A row of a file, and what is to be said of it."""

    file: str
    row: int
    reason: str


class CatalogueReport(Struct, frozen=True, kw_only=True):
    """What became of every row: ``rows = added + completed + known + refused``.

    Attributes:
        rows: Read.
        added: New tracks.
        completed: Something was added to a track that was there.
        known: Everything was known.
        refused: Could not be used; ``problems`` says why, at most 100.
        doubtful: Of those added, tracks that may be there under other words; see ``doubts``.
        playlists, placed: Playlists that were named, and tracks that were put in them.
        unread: Files that nobody reads.
    """

    rows: int = 0
    added: int = 0
    completed: int = 0
    known: int = 0
    refused: int = 0
    doubtful: int = 0
    playlists: int = 0
    placed: int = 0
    problems: tuple[FileRow, ...] = ()
    doubts: tuple[FileRow, ...] = ()
    unread: tuple[FileRow, ...] = ()
    duration_s: float = 0.0
    rows_per_second: float = 0.0

    def in_words(self) -> str:
        """One sentence for a person."""
        words = (
            f"{self.rows:,} rows: {self.added:,} tracks added, {self.completed:,} completed, "
            f"{self.known:,} known already, {self.refused:,} refused"
        )
        if self.doubtful:
            words += f"; {self.doubtful:,} of those added may be here under other words"
        if self.placed:
            words += f"; {self.placed:,} places in {self.playlists:,} playlists"
        return words


class CatalogueService:
    """Imports catalogues; doing it again adds nothing, going on after an end changes nothing.

    Args:
        catalog: Tracks as they are looked for.
        rows: Where rows are written.
        keeper: Makes what keeps playlists, for an account and how.
        clock: Unix time (s).
        timer: Seconds that only grow.
    """

    def __init__(
        self,
        catalog: Catalog,
        rows: CatalogueRows,
        keeper: Callable[[str, str], PlaylistKeeper],
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._catalog = catalog
        self._rows = rows
        self._keeper = keeper
        self._clock = clock
        self._timer = timer

    def files(
        self,
        paths: Sequence[Path],
        progress: Progress,
        *,
        columns: dict[str, str] | None = None,
        playlists: str = "leave",
        account_id: str = "",
    ) -> CatalogueReport:
        """Import files, folders and zip archives; what is no catalogue is listed as unread.

        Args:
            paths: What was exported together.
            progress: Told how many rows were read.
            columns: Of a table, by field; guessed when None.
            playlists: "leave" them, "keep" them for the account, or "learn" from them; see
                :class:`~segue.services.catalogue_playlists.PlaylistKeeper`.
            account_id: Who the playlists are kept for.

        Raises:
            InvalidInputError: Nothing can be read, or a choice is unknown.
            JobCancelledError: Somebody asked to stop; what was written stays.
        """
        run = self._run(progress, playlists, account_id)
        with open_export(list(paths)) as export:
            for gone in export.unread:
                run.unread.append(FileRow(gone.name, 0, gone.reason))
            for member in map(CountedMember, export.members):
                try:
                    form = _form_of(member, columns)
                except InvalidInputError as error:
                    run.unread.append(FileRow(member.name, 0, str(error)))
                    continue
                origin = Path(member.name).stem if form.name == "catalogue-table" else ""
                run.take(form.read(member), member.name, origin, member)
        report = run.report()
        if not report.rows and report.unread:
            raise InvalidInputError(report.unread[0].reason)
        return report

    def stream(
        self,
        rows: Rows,
        name: str,
        progress: Progress,
        *,
        playlists: str = "leave",
        account_id: str = "",
    ) -> CatalogueReport:
        """Import rows from anywhere, such as a MongoDB collection; ``name`` tells their ids apart.

        Raises:
            InvalidInputError: A choice is unknown.
            JobCancelledError: Somebody asked to stop; what was written stays.
        """
        run = self._run(progress, playlists, account_id)
        run.take(rows, name, name, None)
        return run.report()

    def _run(self, progress: Progress, playlists: str, account_id: str) -> "_Run":
        keeper = self._keeper(playlists, account_id)
        progress.report(0, message="Looking through what is here")
        finder = CatalogueFinder(self._catalog.known_tracks())
        return _Run(self._rows, finder, keeper, progress, self._clock, self._timer)


class _Run:
    """One import while it goes on."""

    def __init__(
        self,
        rows: CatalogueRows,
        finder: CatalogueFinder,
        keeper: PlaylistKeeper,
        progress: Progress,
        clock: Callable[[], float],
        timer: Callable[[], float],
    ) -> None:
        self._rows = rows
        self._finder = finder
        self._keeper = keeper
        self._progress = progress
        self._clock = clock
        self._timer = timer
        self._started = timer()
        self._counts = dict.fromkeys(
            ("rows", "added", "completed", "known", "refused", "doubtful"), 0
        )
        self._problems: list[FileRow] = []
        self._doubts: list[FileRow] = []
        self.unread: list[FileRow] = []

    def take(self, rows: Rows, file: str, origin: str, member: CountedMember | None) -> None:
        """All rows of one file, in batches."""
        before = self._counts["rows"]
        source: Iterator[CatalogueRow | RowProblem] = iter(rows)
        while batch := list(islice(source, BATCH_ROWS)):
            self._write(batch, file, origin)
            done = self._counts["rows"]
            total = None if member is None else member.total_of(done - before)
            self._progress.report(done, None if total is None else before + total,
                                  unit="rows", message=f"Importing {file}")  # fmt: skip

    def _write(self, batch: list[CatalogueRow | RowProblem], file: str, origin: str) -> None:
        tracks: list[CatalogueTrack] = []
        placed: list[tuple[str, str]] = []
        for row in batch:
            self._counts["rows"] += 1
            made = row if isinstance(row, RowProblem) else self._track(row, file, origin)
            if isinstance(made, RowProblem):
                self._counts["refused"] += 1
                _note(self._problems, FileRow(file, made.row, made.reason))
                continue
            tracks.append(made)
            if isinstance(row, CatalogueRow):
                placed += ((name, made.track_id) for name in row.playlists)
        for change in self._rows.write(tracks, self._clock()):
            self._counts[change] += 1
        self._keeper.place(placed)

    def _track(self, row: CatalogueRow, file: str, origin: str) -> CatalogueTrack | RowProblem:
        ids = ids_of(row, origin)
        found = self._finder.find(row, ids)
        if found.track_id is not None:
            self._finder.learn(found.track_id, ids)
            return written_form(row, ids, found.track_id, is_new=False)
        if not row.track.title:
            return RowProblem(row.row, "it names a track that is not here and has no title")
        if found.doubt:
            self._counts["doubtful"] += 1
            _note(self._doubts, FileRow(file, row.row, found.doubt))
        track_id = new_id()
        self._finder.add(track_id, row, ids)
        return written_form(row, ids, track_id, is_new=True)

    def report(self) -> CatalogueReport:
        """What became of all rows."""
        duration_s = self._timer() - self._started
        made = CatalogueReport(
            **self._counts,
            playlists=self._keeper.n_playlists,
            placed=self._keeper.n_placed,
            problems=tuple(self._problems),
            doubts=tuple(self._doubts),
            unread=tuple(self.unread[:MAX_LISTED]),
            duration_s=round(duration_s, 3),
            rows_per_second=round(self._counts["rows"] / max(duration_s, 1e-9), 1),
        )
        _log.info("catalogue imported", rows=made.rows, added=made.added, refused=made.refused)
        return made


def _note(listed: list[FileRow], said: FileRow) -> None:
    if len(listed) < MAX_LISTED:
        listed.append(said)


def _form_of(member: CountedMember, columns: dict[str, str] | None) -> Catalogue:
    return catalogue_of(member) if columns is None else mapped(columns)


def ids_of(row: CatalogueRow, origin: str) -> list[tuple[str, str]]:
    """(scheme, value) of all ids of a row, the catalogue's own first.

    Args:
        row: A row.
        origin: What tells the ids of one catalogue from those of another; "" where they do it.
    """
    track = row.track
    ids: list[tuple[str, str]] = []
    if row.external_id and row.external_id != track.spotify_id:
        own = f"{origin}:{row.external_id}" if origin else row.external_id
        ids.append((CATALOGUE, own))
    pairs = (("spotify", track.spotify_id), ("mbid", track.recording_mbid), ("isrc", track.isrc))
    return ids + [(scheme, value) for scheme, value in pairs if value]


def written_form(
    row: CatalogueRow, ids: Sequence[tuple[str, str]], track_id: str, *, is_new: bool
) -> CatalogueTrack:
    """What the store takes of a row; the emotion is a tag."""
    track = row.track
    vector = described_vector(row.features, row.popularity)
    tags = TrackTags(
        title=track.title,
        artists=track.artists,
        album=track.album,
        genres=row.genres,
        tags=(*row.tags, row.emotion) if row.emotion else row.tags,
        year=row.year,
        duration_s=track.duration_s,
        recording_mbid=track.recording_mbid or None,
        isrc=track.isrc or None,
        explicit=row.explicit,
    )
    return CatalogueTrack(
        track_id=track_id,
        is_new=is_new,
        tags=tags,
        recording_key=recording_key(track.title, track.artists, track.duration_s),
        search_words=search_words(track.title, track.artists, track.album),
        external_ids=tuple(pair for pair in ids if pair[0] in (CATALOGUE, "spotify")),
        lyrics=row.lyrics,
        described=vector if (vector == vector).any() else None,  # noqa: PLR0124 - not all NaN
    )
