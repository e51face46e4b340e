"""The catalogue: everything there is to hear, from files or known by name only."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.engine import Connection

from segue.data.dataset import TrackTable
from segue.data.imported import KnownTarget, KnownTrack
from segue.data.records import Track
from segue.store import catalog_folders, catalog_pages, catalog_read
from segue.store.batches import checked_limit, chunks
from segue.store.catalog_counters import settle, tally
from segue.store.catalog_folders import FolderContent
from segue.store.catalog_match import known_albums, known_artists, known_paths, known_tracks
from segue.store.catalog_pages import Order
from segue.store.catalog_records import (
    Album,
    AlbumDetail,
    Artist,
    ArtistDetail,
    CatalogCounts,
    FileProblem,
    FileState,
    Genre,
    Page,
    ScanBatch,
    ScanCounts,
    SearchResult,
    StoredFile,
    TrackEntry,
)
from segue.store.catalog_scan import apply_scan
from segue.store.catalog_tags import cleaned
from segue.store.catalog_tracks import TrackWrite, write_tracks
from segue.store.catalog_years import YearCount, all_years
from segue.store.engine import Database
from segue.store.ids import IdFactory, new_id
from segue.store.search import search
from segue.store.tables import files, tracks
from segue.store.training_table import track_table

N_TOP_TRACKS = 10


class Catalog:
    """Tracks, artists, albums, genres and files of one database."""

    def __init__(self, db: Database, ids: IdFactory = new_id) -> None:
        self._db = db
        self._ids = ids

    def file_states(self, root: str) -> dict[str, FileState]:
        """What is known of every file below a folder, gone ones included, by path."""
        with self._db.read() as connection:
            return catalog_read.file_states(connection, root)

    def apply_scan(self, batch: ScanBatch, now: float) -> ScanCounts:
        """Take in one step of a scan, all of it or nothing.

        A few hundred to a few thousand files a batch are best: others write between batches.
        """
        return self._db.write(lambda c: apply_scan(c, batch, now, self._ids))

    def add_tracks(self, entries: Sequence[TrackEntry], now: float) -> list[str]:
        """Take in tracks without a file; their ids, in the order given.

        An entry whose own id is known replaces what is stored of that track, unless a file says
        what the track is: tags of a file are never overwritten.
        """
        return self._db.write(lambda c: _add_tracks(c, entries, now, self._ids))

    def problems(self, after: int = 0, limit: int = 50) -> list[FileProblem]:
        """Files that cannot be used, those whose id follows ``after``."""
        with self._db.read() as connection:
            return catalog_read.problems(connection, after, checked_limit(limit))

    def counts(self) -> CatalogCounts:
        """How much there is."""
        with self._db.read() as connection:
            return catalog_read.counts(connection)

    def version(self) -> int:
        """A number that grows with every change; equal numbers mean an equal catalogue."""
        with self._db.read() as connection:
            return catalog_read.version(connection)

    def track(self, track_id: str) -> Track | None:
        """One visible track."""
        return next(iter(self.tracks((track_id,))), None)

    def tracks(self, track_ids: Sequence[str]) -> list[Track]:
        """Visible tracks in the order asked; unknown and hidden ones are left out."""
        with self._db.read() as connection:
            return catalog_read.tracks_by_id(connection, track_ids)

    def albums(self, album_ids: Sequence[str]) -> list[Album]:
        """Albums that have a visible track, in the order asked; unknown ones are left out."""
        with self._db.read() as connection:
            return catalog_read.albums_by_id(connection, album_ids)

    def artists(self, artist_ids: Sequence[str]) -> list[Artist]:
        """Artists in the order asked; unknown ones are left out."""
        with self._db.read() as connection:
            return catalog_read.artists_by_id(connection, artist_ids)

    def playable(self, track_ids: Iterable[str]) -> set[str]:
        """Those of the tracks whose file is there."""
        with self._db.read() as connection:
            return catalog_read.playable(connection, track_ids)

    def hidden_track_ids(self) -> list[str]:
        """Tracks that lost their file: known, listened to, but not to be played now."""
        with self._db.read() as connection:
            return catalog_read.hidden_track_ids(connection)

    def tracks_page(
        self,
        *,
        cursor: str | None = None,
        limit: int = 50,
        order: Order = "title",
        artist_id: str | None = None,
        genre: str | None = None,
        year: int | None = None,
    ) -> Page[Track]:
        """Visible tracks by title or newest first; ``limit`` is 1..200."""
        with self._db.read() as connection:
            return catalog_pages.tracks_page(
                connection, cursor=cursor, limit=limit, order=order,
                artist_id=artist_id, genre=genre, year=year,
            )  # fmt: skip

    def tracks_window(
        self,
        start: int,
        *,
        limit: int = 50,
        order: Order = "title",
        genre: str | None = None,
        year: int | None = None,
    ) -> list[Track]:
        """Visible tracks from the one numbered ``start`` on (from 0); ``limit`` is 1..200."""
        with self._db.read() as connection:
            return catalog_pages.tracks_window(
                connection, start, limit=limit, order=order, genre=genre, year=year
            )

    def n_tracks(self, genre: str | None = None, year: int | None = None) -> int:
        """Visible tracks of a genre and a year, of all where neither is given."""
        with self._db.read() as connection:
            return catalog_pages.n_tracks(connection, genre, year)

    def common_folder(self) -> str:
        """The deepest folder that all files of the library lie in; empty without any."""
        with self._db.read() as connection:
            return catalog_folders.common_folder(connection)

    def folder_content(self, folder: str) -> FolderContent:
        """Folders and tracks in a folder itself; nothing where there is no such folder."""
        with self._db.read() as connection:
            return catalog_folders.folder_content(connection, folder)

    def tracks_below(self, folder: str, limit: int) -> list[str]:
        """Ids of tracks in a folder and the folders in it, in the order of their paths."""
        with self._db.read() as connection:
            return catalog_folders.tracks_below(connection, folder, limit)

    def albums_page(
        self,
        *,
        cursor: str | None = None,
        limit: int = 50,
        order: Order = "title",
        artist_id: str | None = None,
        genre: str | None = None,
        year: int | None = None,
    ) -> Page[Album]:
        """Albums that have a visible track, by title or newest first; ``limit`` is 1..200."""
        with self._db.read() as connection:
            return catalog_pages.albums_page(
                connection, cursor=cursor, limit=limit, order=order,
                artist_id=artist_id, genre=genre, year=year,
            )  # fmt: skip

    def artists_page(
        self, *, cursor: str | None = None, limit: int = 50, genre: str | None = None
    ) -> Page[Artist]:
        """Artists that have a visible track, by name; ``limit`` is 1..200."""
        with self._db.read() as connection:
            return catalog_pages.artists_page(connection, cursor=cursor, limit=limit, genre=genre)

    def genres(self) -> list[Genre]:
        """Genres of visible tracks, the largest first."""
        with self._db.read() as connection:
            return catalog_read.all_genres(connection)

    def years(self) -> list[YearCount]:
        """Years of visible tracks, the newest first."""
        with self._db.read() as connection:
            return all_years(connection)

    def album(self, album_id: str) -> AlbumDetail | None:
        """An album with its visible tracks; None when it has none."""
        with self._db.read() as connection:
            found = catalog_read.albums_by_id(connection, (album_id,))
            ids = catalog_read.track_ids_of_album(connection, album_id)
            tracks_ = tuple(catalog_read.tracks_by_id(connection, ids))
        return AlbumDetail(found[0], tracks_) if found else None

    def artist(self, artist_id: str) -> ArtistDetail | None:
        """An artist with albums and the tracks that are played most."""
        with self._db.read() as connection:
            found = catalog_read.artists_by_id(connection, (artist_id,))
            if not found:
                return None
            album_ids = catalog_read.album_ids_of_artist(connection, artist_id)
            plays = catalog_read.plays_of_top_tracks(connection, artist_id, N_TOP_TRACKS)
            return ArtistDetail(
                found[0],
                tuple(catalog_read.albums_by_id(connection, album_ids)),
                tuple(catalog_read.tracks_by_id(connection, list(plays))),
                any(plays.values()),
            )

    def file_of_track(self, track_id: str) -> StoredFile | None:
        """The file to play, None when there is none at present."""
        with self._db.read() as connection:
            return catalog_read.file_of_track(connection, track_id)

    def cover_source(self, cover_id: str) -> tuple[Literal["folder", "embedded"], str] | None:
        """Where the picture of a track or album lies, and the path of the image or audio file."""
        with self._db.read() as connection:
            return catalog_read.cover_source(connection, cover_id)

    def tracks_with(self, scheme: str, value: str) -> list[str]:
        """Ids of tracks that carry an external id (scheme mbid, isrc or spotify)."""
        with self._db.read() as connection:
            return catalog_read.by_external_id(connection, "track", scheme, value)

    def search(self, query: str, limit: int = 20) -> SearchResult:
        """Artists, albums and tracks for any text, tolerant of accents and spelling."""
        with self._db.read() as connection:
            return search(connection, query, limit)

    def known_tracks(self) -> list[KnownTrack]:
        """All tracks by their names and ids, hidden ones too, for the matching of imports."""
        with self._db.read() as connection:
            return known_tracks(connection)

    def known_artists(self) -> list[KnownTarget]:
        """All artists by their names, for the matching of imports."""
        with self._db.read() as connection:
            return known_artists(connection)

    def known_albums(self) -> list[KnownTarget]:
        """All albums by their titles and artists, for the matching of imports."""
        with self._db.read() as connection:
            return known_albums(connection)

    def known_paths(self) -> list[tuple[str, str]]:
        """Paths of files and the tracks they hold, files that are gone included."""
        with self._db.read() as connection:
            return known_paths(connection)

    def track_table(self) -> TrackTable:
        """The visible catalogue as arrays, for training."""
        with self._db.read() as connection:
            return track_table(connection)


def _add_tracks(
    connection: Connection, entries: Sequence[TrackEntry], now: float, ids: IdFactory
) -> list[str]:
    own = [entry.id or ids() for entry in entries]
    known = _known_tracks(connection, own)
    writes: dict[str, TrackWrite] = {}
    flags: dict[str, Any] = {"is_visible": True, "has_file": False, "has_cover": False}
    for id_, entry in zip(own, entries, strict=True):
        if known.get(id_) is not True:
            writes[id_] = TrackWrite(
                track_id=id_,
                is_new=id_ not in known,
                tags=cleaned(entry.tags),
                recording_key=entry.recording_key,
                search_words=entry.search_words,
                flags=flags,
                external_ids=entry.external_ids,
            )
    before = tally(connection, list(writes))
    write_tracks(connection, list(writes.values()), ids, now)
    settle(connection, list(writes), before)
    return own


def _known_tracks(connection: Connection, track_ids: Sequence[str]) -> dict[str, bool]:
    """Known ids, and whether a file (there or gone) says what the track is."""
    known: dict[str, bool] = {}
    for part in chunks(track_ids):
        statement = (
            select(tracks.c.id, files.c.id.is_not(None))
            .outerjoin(files, files.c.track_id == tracks.c.id)
            .where(tracks.c.id.in_(part))
        )
        known.update((row[0], bool(row[1])) for row in connection.execute(statement))
    return known
