"""Playlists: made with their tracks or by rules, changed, listed, read, written, deleted."""

from typing import Annotated, Any

from litestar import Response, delete, get, patch, post, put
from litestar.params import JSONBody, Parameter
from litestar.status_codes import HTTP_201_CREATED, HTTP_204_NO_CONTENT
from msgspec import Meta, Struct

from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.rest.parameters import MAX_ROW_ID, Identifier, app_of, texts
from segue.server.threads import in_thread
from segue.store.playlists import MAX_ITEMS, MAX_NAME_LENGTH, Playlist, PlaylistDetail

_OPT = {"policy": LISTENER}
TrackIds = Annotated[list[Annotated[str, Meta(max_length=64)]], texts(MAX_ITEMS, 64, min_length=1)]


Form = Annotated[str, Parameter(max_length=4, description="`m3u8`, `xspf` or `jspf`.")]
PLACE = {"type": "integer", "minimum": 1, "maximum": MAX_ROW_ID}
PlaceIds = Annotated[
    list[Annotated[int, Meta(ge=1, le=MAX_ROW_ID)]],
    Meta(max_length=MAX_ITEMS, extra_json_schema={"extra": {"items": PLACE}}),
]


class PlaylistChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change; what is left out stays."""

    name: Annotated[str, Meta(min_length=1, max_length=MAX_NAME_LENGTH)] | None = None
    is_shared: bool | None = None


class MoreTracks(Struct, frozen=True, forbid_unknown_fields=True):
    """Tracks for the end of a playlist."""

    track_ids: TrackIds


class Places(Struct, frozen=True, forbid_unknown_fields=True):
    """Places of a playlist by their ids."""

    item_ids: PlaceIds


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


@patch("/v1/playlists/{playlist_id:str}", opt=_OPT, status_code=HTTP_204_NO_CONTENT,
       tags=["playlists"], summary="Rename or share a playlist")  # fmt: skip
@in_thread
def change_playlist(
    request: SegueRequest, playlist_id: Identifier, data: JSONBody[PlaylistChange]
) -> None:
    """Shared means that everybody on this server sees it; only you change it."""
    service, caller = app_of(request).playlists, signed_in(request)
    if data.name is not None:
        service.rename(caller.id, playlist_id, data.name)
    if data.is_shared is not None:
        service.share(caller.id, playlist_id, is_shared=data.is_shared)


@post("/v1/playlists/{playlist_id:str}/tracks", opt=_OPT, status_code=HTTP_204_NO_CONTENT,
      tags=["playlists"], summary="Add to a playlist")  # fmt: skip
@in_thread
def add_tracks(request: SegueRequest, playlist_id: Identifier, data: JSONBody[MoreTracks]) -> None:
    """Put tracks at the end of one of your own."""
    app_of(request).playlists.add(signed_in(request).id, playlist_id, data.track_ids)


@post("/v1/playlists/{playlist_id:str}/remove", opt=_OPT, status_code=HTTP_204_NO_CONTENT,
      tags=["playlists"], summary="Take out of a playlist")  # fmt: skip
@in_thread
def remove_places(request: SegueRequest, playlist_id: Identifier, data: JSONBody[Places]) -> None:
    """Take places out of one of your own, by the ids of the places."""
    app_of(request).playlists.remove(signed_in(request).id, playlist_id, data.item_ids)


@put("/v1/playlists/{playlist_id:str}/order", opt=_OPT, status_code=HTTP_204_NO_CONTENT,
     tags=["playlists"], summary="Reorder a playlist")  # fmt: skip
@in_thread
def reorder(request: SegueRequest, playlist_id: Identifier, data: JSONBody[Places]) -> None:
    """All its places in their new order; 409 when it changed meanwhile."""
    app_of(request).playlists.reorder(signed_in(request).id, playlist_id, data.item_ids)


@get("/v1/playlists/{playlist_id:str}/file/{form:str}", opt=_OPT, tags=["playlists"],
     summary="A playlist as a file")  # fmt: skip
@in_thread
def playlist_file(request: SegueRequest, playlist_id: Identifier, form: Form) -> Response[bytes]:
    """M3U8, XSPF or JSPF, for other programs."""
    files = app_of(request).own.playlist_files
    name, media_type, content = files.write(signed_in(request).id, playlist_id, form)
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


PLAYLIST_HANDLERS: list[Any] = [
    playlists, make_playlist, playlist, delete_playlist, change_playlist, add_tracks,
    remove_places, reorder, playlist_file,
]  # fmt: skip
