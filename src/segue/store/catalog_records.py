"""What the catalogue gives and takes: files as scanned, artists, albums, pages, search results."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from msgspec import Struct

from segue.data.records import Credit, FileStat, ScannedFile, Track, TrackTags

T = TypeVar("T")


class FileState(Struct, frozen=True):
    """What is known of one file, for the comparison with the folder."""

    path: str
    size_bytes: int
    modified_ns: int
    fingerprint: str
    track_id: str | None
    is_gone: bool
    problem: str | None
    lyrics_ns: int = 0
    reading: int = 0


class ScannedFileEntry(Struct, frozen=True, kw_only=True):
    """One file that was read. ``recording_key`` is equal for versions of one recording;
    ``search_words`` are further spellings by which it should be found.
    """

    file: ScannedFile
    recording_key: str = ""
    search_words: str = ""


class ScanBatch(Struct, frozen=True, kw_only=True):
    """One step of a scan. Put all moves of a scan in one batch: files may have swapped names."""

    read: Sequence[ScannedFileEntry] = ()
    moved: Sequence[tuple[str, FileStat]] = ()  # (old path, the file at its new path)
    gone: Sequence[str] = ()


class ScanCounts(Struct, frozen=True, kw_only=True):
    """What a batch changed; ``added_track_ids`` are the new tracks."""

    n_added: int = 0
    n_changed: int = 0
    n_moved: int = 0
    n_gone: int = 0
    n_problems: int = 0
    added_track_ids: tuple[str, ...] = ()


class TrackEntry(Struct, frozen=True, kw_only=True):
    """A track without a file; ``external_ids`` are (scheme, value): mbid, isrc or spotify."""

    tags: TrackTags
    recording_key: str = ""
    search_words: str = ""
    id: str | None = None
    external_ids: tuple[tuple[str, str], ...] = ()


class FileProblem(Struct, frozen=True):
    """A file that cannot be used, and why in words. ``id`` is the place to page on from."""

    id: int
    path: str
    problem: str


class StoredFile(Struct, frozen=True, kw_only=True):
    """The file behind a track."""

    path: str
    size_bytes: int
    modified_ns: int
    suffix: str  # lower case, with the dot
    duration_s: float | None = None
    bitrate_kbps: float | None = None
    sample_rate_hz: int | None = None
    channels: int | None = None


class Artist(Struct, frozen=True, kw_only=True):
    """An artist and how many visible tracks are credited to them."""

    id: str
    name: str
    n_tracks: int = 0
    cover_id: str | None = None


class Album(Struct, frozen=True, kw_only=True):
    """An album; ``artists`` are in order of credit."""

    id: str
    title: str
    artists: tuple[Credit, ...] = ()
    year: int | None = None
    n_tracks: int = 0
    duration_s: float = 0.0
    cover_id: str | None = None
    added_at: float = 0.0


class AlbumDetail(Struct, frozen=True):
    """An album with its tracks in disc and track order."""

    album: Album
    tracks: tuple[Track, ...]


class ArtistDetail(Struct, frozen=True):
    """An artist with albums (oldest first) and the tracks played most by everyone, if any was."""

    artist: Artist
    albums: tuple[Album, ...]
    top_tracks: tuple[Track, ...]
    is_played: bool = False


class Genre(Struct, frozen=True):
    """A genre and its number of visible tracks."""

    name: str
    n_tracks: int


class CatalogCounts(Struct, frozen=True, kw_only=True):
    """The size of the catalogue: visible tracks, those of them with a file, and the rest."""

    n_tracks: int
    n_files: int
    n_artists: int
    n_albums: int
    n_genres: int
    n_problems: int
    duration_s: float


class SearchResult(Struct, frozen=True, kw_only=True):
    """What was found, best first; ``corrected`` is the spelling that was searched instead."""

    artists: tuple[Artist, ...] = ()
    albums: tuple[Album, ...] = ()
    tracks: tuple[Track, ...] = ()
    genres: tuple[Genre, ...] = ()
    corrected: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a long list; ``next_cursor`` is None on the last."""

    items: tuple[T, ...]
    next_cursor: str | None
