"""Playlists: made with their tracks, listed, read, deleted."""

from typing import Annotated, Any

from litestar import delete, get, post
from litestar.params import JSONBody
from litestar.status_codes import HTTP_201_CREATED, HTTP_204_NO_CONTENT
from msgspec import Meta, Struct

from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.rest.parameters import Identifier, app_of, texts
from segue.server.threads import in_thread
from segue.store.playlists import MAX_ITEMS, MAX_NAME_LENGTH, Playlist, PlaylistDetail

_OPT = {"policy": LISTENER}
TrackIds = Annotated[list[Annotated[str, Meta(max_length=64)]], texts(MAX_ITEMS, 64, min_length=1)]


class NewPlaylist(Struct, frozen=True, forbid_unknown_fields=True):
    """A name, and the tracks in their order; a track that comes twice is taken once."""

    name: Annotated[str, Meta(min_length=1, max_length=MAX_NAME_LENGTH)]
    track_ids: TrackIds


@get("/v1/playlists", opt=_OPT, tags=["playlists"], summary="Your playlists")
@in_thread
def playlists(request: SegueRequest) -> list[Playlist]:
    """Your own and those that others share, by name."""
    return app_of(request).playlists.of(signed_in(request).id)


@post("/v1/playlists", opt=_OPT, status_code=HTTP_201_CREATED, tags=["playlists"],
      summary="Make a playlist")  # fmt: skip
@in_thread
def make_playlist(request: SegueRequest, data: JSONBody[NewPlaylist]) -> Playlist:
    """Keep tracks under a name."""
    return app_of(request).playlists.make(signed_in(request).id, data.name, data.track_ids)


@get("/v1/playlists/{playlist_id:str}", opt=_OPT, tags=["playlists"], summary="A playlist")
@in_thread
def playlist(request: SegueRequest, playlist_id: Identifier) -> PlaylistDetail:
    """One with its places in order."""
    return app_of(request).playlists.get(signed_in(request).id, playlist_id)


@delete("/v1/playlists/{playlist_id:str}", opt=_OPT, status_code=HTTP_204_NO_CONTENT,
        tags=["playlists"], summary="Delete a playlist")  # fmt: skip
@in_thread
def delete_playlist(request: SegueRequest, playlist_id: Identifier) -> None:
    """Delete one of your own; its tracks stay in the library."""
    app_of(request).playlists.delete(signed_in(request).id, playlist_id)


PLAYLIST_HANDLERS: list[Any] = [playlists, make_playlist, playlist, delete_playlist]
