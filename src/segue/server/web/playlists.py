"""Playlists that were saved: a list of them, and one to play."""

from typing import Annotated, Any

from litestar import get, post
from litestar.params import PathParameter
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_303_SEE_OTHER

from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.threads import in_thread
from segue.server.web.home import different_sleeves
from segue.server.web.rendering import app_of, page
from segue.services.views import TrackView
from segue.store.playlists import PlaylistDetail

N_SHOWN = 500
N_COVERS = 4
_OPT = {"policy": LISTENER}
_Id = Annotated[str, PathParameter(max_length=64)]


@get("/playlists", opt=_OPT, include_in_schema=False)
@in_thread
def playlists_page(request: SegueRequest) -> Template:
    """One's own playlists and those that others share."""
    found = app_of(request).playlists.of(signed_in(request).id)
    covers = {one.id: different_sleeves(_views(request, one.id, 12), N_COVERS) for one in found}
    return page(request, "pages/playlists.html", playlists=found, covers=covers)


@get("/playlists/{playlist_id:str}", opt=_OPT, include_in_schema=False)
@in_thread
def playlist_page(request: SegueRequest, playlist_id: _Id) -> Template:
    """One playlist."""
    caller = signed_in(request)
    found = app_of(request).playlists.get(caller.id, playlist_id).playlist
    views = _views(request, playlist_id, N_SHOWN)
    return page(
        request, "pages/playlist.html", playlist=found, views=views,
        is_own=found.account_id == caller.id, covers=different_sleeves(views, N_COVERS),
        length_s=sum(view.track.duration_s or 0.0 for view in views),
    )  # fmt: skip


@get("/player/queue/playlist/{playlist_id:str}", opt=_OPT, include_in_schema=False)
@in_thread
def playlist_queue(request: SegueRequest, playlist_id: _Id) -> list[TrackView]:
    """Its tracks for the player."""
    return _views(request, playlist_id, N_SHOWN)


@post("/playlists/{playlist_id:str}/delete", opt=_OPT, include_in_schema=False)
@in_thread
def delete_playlist(request: SegueRequest, playlist_id: _Id) -> Redirect:
    """Delete one of one's own."""
    app_of(request).playlists.delete(signed_in(request).id, playlist_id)
    return Redirect("/playlists", status_code=HTTP_303_SEE_OTHER)


def _views(request: SegueRequest, playlist_id: str, n: int) -> list[TrackView]:
    app, listener_id = app_of(request), signed_in(request).id
    detail: PlaylistDetail = app.playlists.get(listener_id, playlist_id)
    return app.recommend.track_views(listener_id, [item.track_id for item in detail.items[:n]])


PLAYLIST_PAGE_HANDLERS: list[Any] = [
    playlists_page, playlist_page, playlist_queue, delete_playlist,
]  # fmt: skip
