"""The music map, the groups of the library, and what is like an artist or an album."""

from typing import Annotated, Any

from litestar import Response, get
from litestar.params import Parameter, PathParameter

from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.rest.parameters import Identifier, SimilarBy, app_of
from segue.server.threads import in_thread
from segue.services.likeness import LikeAlbum, LikeArtist
from segue.services.maps import ClusterTracks, ClusterView, MapColumns

_OPT = {"policy": LISTENER}
_Number = Annotated[int, PathParameter(ge=0, le=1_000, description="Number of a group.")]
_Few = Annotated[int, Parameter(ge=1, le=50, description="Entries wanted.")]


@get("/v1/map", opt=_OPT, tags=["map"], summary="The music map")
@in_thread
def music_map(request: SegueRequest) -> Response[MapColumns]:
    """Every track of the map as columns; answers 304 while the `ETag` you hold is the newest."""
    seen = app_of(request).maps.seen_by(signed_in(request).id)
    tag = f'W/"{seen.version}"'
    headers = {"etag": tag, "cache-control": "private, no-cache", "vary": "authorization, cookie"}
    held = [one.strip() for one in request.headers.get("if-none-match", "").split(",")]
    if tag in held:
        return Response(None, status_code=304, headers=headers)  # pyright: ignore
    return Response(seen.columns(), headers=headers)


@get("/v1/clusters", opt=_OPT, tags=["map"], summary="Groups of the library")
@in_thread
def clusters(request: SegueRequest) -> list[ClusterView]:
    """Groups of tracks that go together, each with a name, largest first."""
    return app_of(request).maps.seen_by(signed_in(request).id).clusters()


@get("/v1/clusters/{number:int}", opt=_OPT, tags=["map"], summary="One group of the library")
@in_thread
def cluster(request: SegueRequest, number: _Number) -> ClusterTracks:
    """All its tracks, those nearest to its middle first."""
    return app_of(request).maps.seen_by(signed_in(request).id).cluster(number)


@get("/v1/artists/{artist_id:str}/similar", opt=_OPT, tags=["recommendations"],
     summary="Similar artists")  # fmt: skip
@in_thread
def similar_artists(
    request: SegueRequest, artist_id: Identifier, n: _Few = 12, by: SimilarBy = "both"
) -> list[LikeArtist]:
    """Artists whose tracks go with this artist's, nearest first, each with a reason."""
    return app_of(request).likeness.artists(signed_in(request).id, artist_id, n, by)


@get("/v1/albums/{album_id:str}/similar", opt=_OPT, tags=["recommendations"],
     summary="Similar albums")  # fmt: skip
@in_thread
def similar_albums(
    request: SegueRequest, album_id: Identifier, n: _Few = 12, by: SimilarBy = "both"
) -> list[LikeAlbum]:
    """Albums whose tracks go with this album's, nearest first, each with a reason."""
    return app_of(request).likeness.albums(signed_in(request).id, album_id, n, by)


MAP_HANDLERS: list[Any] = [music_map, clusters, cluster, similar_artists, similar_albums]
