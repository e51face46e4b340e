"""Browse and search what is in the library, in pages that end with a cursor."""

from typing import Annotated, Any

from litestar import get
from litestar.params import Parameter

from segue.data.records import Track
from segue.errors import NotFoundError
from segue.server.auth import LISTENER, SegueRequest
from segue.server.rest.parameters import (
    Cursor,
    Genre,
    Identifier,
    PageLimit,
    SearchText,
    Year,
    app_of,
)
from segue.server.threads import in_thread
from segue.store.catalog_records import (
    Album,
    AlbumDetail,
    Artist,
    ArtistDetail,
    CatalogCounts,
    Page,
    SearchResult,
)
from segue.store.catalog_records import Genre as GenreCount

_OPT = {"policy": LISTENER}
_ArtistFilter = Annotated[str | None, Parameter(max_length=64, description="Only this artist.")]


@get("/v1/tracks", opt=_OPT, tags=["library"], summary="Tracks by title")
@in_thread
def list_tracks(
    request: SegueRequest,
    cursor: Cursor = None,
    limit: PageLimit = 50,
    artist_id: _ArtistFilter = None,
    genre: Genre = None,
    year: Year = None,
) -> Page[Track]:
    """Tracks in order of their title."""
    return app_of(request).catalog.tracks_page(
        cursor=cursor, limit=limit, artist_id=artist_id, genre=genre, year=year
    )


@get("/v1/tracks/{track_id:str}", opt=_OPT, tags=["library"],
     summary="One track")  # fmt: skip
@in_thread
def get_track(request: SegueRequest, track_id: Identifier) -> Track:
    """A track by its id."""
    track = app_of(request).catalog.track(track_id)
    if track is None:
        raise NotFoundError(f"no track {track_id!r}")
    return track


@get("/v1/albums", opt=_OPT, tags=["library"], summary="Albums by title")
@in_thread
def list_albums(
    request: SegueRequest,
    cursor: Cursor = None,
    limit: PageLimit = 50,
    artist_id: _ArtistFilter = None,
    genre: Genre = None,
    year: Year = None,
) -> Page[Album]:
    """Albums in order of their title."""
    return app_of(request).catalog.albums_page(
        cursor=cursor, limit=limit, artist_id=artist_id, genre=genre, year=year
    )


@get("/v1/albums/{album_id:str}", opt=_OPT, tags=["library"],
     summary="One album")  # fmt: skip
@in_thread
def get_album(request: SegueRequest, album_id: Identifier) -> AlbumDetail:
    """An album with its tracks in order."""
    album = app_of(request).catalog.album(album_id)
    if album is None:
        raise NotFoundError(f"no album {album_id!r}")
    return album


@get("/v1/artists", opt=_OPT, tags=["library"], summary="Artists by name")
@in_thread
def list_artists(
    request: SegueRequest, cursor: Cursor = None, limit: PageLimit = 50, genre: Genre = None
) -> Page[Artist]:
    """Artists in order of their name."""
    return app_of(request).catalog.artists_page(cursor=cursor, limit=limit, genre=genre)


@get("/v1/artists/{artist_id:str}", opt=_OPT, tags=["library"],
     summary="One artist")  # fmt: skip
@in_thread
def get_artist(request: SegueRequest, artist_id: Identifier) -> ArtistDetail:
    """An artist with albums and the tracks played most."""
    artist = app_of(request).catalog.artist(artist_id)
    if artist is None:
        raise NotFoundError(f"no artist {artist_id!r}")
    return artist


@get("/v1/genres", opt=_OPT, tags=["library"], summary="Genres")
@in_thread
def list_genres(request: SegueRequest) -> list[GenreCount]:
    """Genres with the number of tracks of each."""
    return app_of(request).catalog.genres()


@get("/v1/search", opt=_OPT, tags=["library"], summary="Search")
@in_thread
def search(request: SegueRequest, q: SearchText, limit: PageLimit = 20) -> SearchResult:
    """Artists, albums and tracks that fit the words, tolerant of spelling."""
    return app_of(request).catalog.search(q, limit)


@get("/v1/library", opt=_OPT, tags=["library"], summary="How much there is")
@in_thread
def library_counts(request: SegueRequest) -> CatalogCounts:
    """Numbers of tracks, artists and albums."""
    return app_of(request).catalog.counts()


LIBRARY_HANDLERS: list[Any] = [
    list_tracks, get_track, list_albums, get_album, list_artists, get_artist, list_genres, search,
    library_counts,
]  # fmt: skip
