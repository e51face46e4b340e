"""Playlists: a list of them, one to play, and one's own to change."""

from typing import Annotated, Any

from litestar import get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, PathParameter
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_303_SEE_OTHER
from msgspec import Struct

from segue.errors import NotFoundError
from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.threads import in_thread
from segue.server.web import playlist_words
from segue.server.web.home import different_sleeves
from segue.server.web.rendering import app_of, page
from segue.services.views import TrackView

N_SHOWN = 500
N_COVERS = 4
_OPT = {"policy": LISTENER}


class EditForm(Struct, frozen=True, kw_only=True):
    """A name, and whether everybody here sees it."""

    name: str = ""
    is_shared: str = ""


_Form = Annotated[EditForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
_Id = Annotated[str, PathParameter(max_length=64)]


@get("/playlists", opt=_OPT, include_in_schema=False)
@in_thread
def playlists_page(request: SegueRequest) -> Template:
    """One's own playlists and those that others share."""
    found = app_of(request).playlists.of(signed_in(request).id)
    covers = {one.id: different_sleeves(_views(request, one.id, 12), N_COVERS) for one in found}
    by_rules = app_of(request).own.smart_playlists.by_rules(found)
    return page(request, "pages/playlists.html", playlists=found, covers=covers, by_rules=by_rules)


@get("/playlists/{playlist_id:str}", opt=_OPT, include_in_schema=False)
@in_thread
def playlist_page(request: SegueRequest, playlist_id: _Id) -> Template:
    """One playlist."""
    caller = signed_in(request)
    found = app_of(request).playlists.get(caller.id, playlist_id).playlist
    views = _views(request, playlist_id, N_SHOWN)
    return page(
        request, "pages/playlist.html", playlist=found, views=views,
        rules=app_of(request).own.smart_playlists.rules_of(caller.id, playlist_id),
        w=playlist_words, is_own=found.account_id == caller.id,
        covers=different_sleeves(views, N_COVERS),
        length_s=sum(view.track.duration_s or 0.0 for view in views),
    )  # fmt: skip


@get("/player/queue/playlist/{playlist_id:str}", opt=_OPT, include_in_schema=False)
@in_thread
def playlist_queue(request: SegueRequest, playlist_id: _Id) -> list[TrackView]:
    """Its tracks for the player."""
    return _views(request, playlist_id, N_SHOWN)


@get("/playlists/{playlist_id:str}/edit", opt=_OPT, include_in_schema=False)
@in_thread
def edit_page(request: SegueRequest, playlist_id: _Id) -> Template:
    """Name, sharing and order of one of one's own; one by rules is changed by its rules."""
    app, caller = app_of(request), signed_in(request)
    detail = app.playlists.get(caller.id, playlist_id)
    if detail.playlist.account_id != caller.id:
        raise NotFoundError(f"no playlist {playlist_id!r} to edit")
    ids = [item.track_id for item in detail.items]
    views = {view.track.id: view for view in app.recommend.track_views(caller.id, ids)}
    named = app.own.data.names([id_ for id_ in ids if id_ not in views])
    return page(
        request, "pages/playlist_edit.html", playlist=detail.playlist, items=detail.items,
        views=views, named=named, has_rules=bool(app.own.smart_playlists.by_rules([
            detail.playlist])),
    )  # fmt: skip


@post("/playlists/{playlist_id:str}/edit", opt=_OPT, include_in_schema=False)
@in_thread
def keep_edits(request: SegueRequest, playlist_id: _Id, data: _Form) -> Redirect:
    """Keep name and sharing."""
    service, caller = app_of(request).playlists, signed_in(request)
    service.rename(caller.id, playlist_id, data.name)
    service.share(caller.id, playlist_id, is_shared=data.is_shared == "yes")
    return Redirect(f"/playlists/{playlist_id}", status_code=HTTP_303_SEE_OTHER)


@post("/playlists/{playlist_id:str}/delete", opt=_OPT, include_in_schema=False)
@in_thread
def delete_playlist(request: SegueRequest, playlist_id: _Id) -> Redirect:
    """Delete one of one's own."""
    app_of(request).playlists.delete(signed_in(request).id, playlist_id)
    return Redirect("/playlists", status_code=HTTP_303_SEE_OTHER)


def _views(request: SegueRequest, playlist_id: str, n: int) -> list[TrackView]:
    app, listener_id = app_of(request), signed_in(request).id
    ids = app.own.smart_playlists.track_ids(listener_id, playlist_id)
    return app.recommend.track_views(listener_id, ids[:n])


PLAYLIST_PAGE_HANDLERS: list[Any] = [
    playlists_page, playlist_page, playlist_queue, edit_page, keep_edits, delete_playlist,
]  # fmt: skip
