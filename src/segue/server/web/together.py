"""With others: blends, listeners like you; and the wish list, which is like a letter to oneself."""

from typing import Annotated, Any

from litestar import get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, PathParameter
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_303_SEE_OTHER
from msgspec import Struct

from segue.data.records import Credit
from segue.errors import ConflictError, InvalidInputError, NotFoundError
from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.threads import in_thread
from segue.server.web.discover_words import BLEND_PROBLEMS, NOBODY_JOINED
from segue.server.web.language import _
from segue.server.web.rendering import app_of, page
from segue.services.views import TrackView, Wish
from segue.services.wishes import wish_list
from segue.store.blends import MAX_MEMBERS, Blend
from segue.store.catalog import Catalog

LIST_LENGTH = 50
N_NEAR = 20
N_SHARED_SHOWN = 6
N_WISHES = 24
_OPT = {"policy": LISTENER}
_Id = Annotated[str, PathParameter(max_length=64)]


class BlendForm(Struct, frozen=True, kw_only=True):
    """A blend's name, and the names of those to ask with commas between."""

    name: str = ""
    invite: str = ""


class ChoiceForm(Struct, frozen=True, kw_only=True):
    """What was chosen: yes, or anything else for no."""

    on: str = ""


_Blend = Annotated[BlendForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
_Choice = Annotated[ChoiceForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/blends", opt=_OPT, include_in_schema=False)
@in_thread
def blends_page(request: SegueRequest) -> Template:
    """One's blends, invitations first, and a form for a new one."""
    return _blends(request, BlendForm(), "", 200)


@post("/blends", opt=_OPT, include_in_schema=False)
@in_thread
def make_blend(request: SegueRequest, data: _Blend) -> Template | Redirect:
    """Ask others; the form comes again where that is not possible."""
    invite = [name for part in data.invite.split(",") if (name := part.strip())]
    name = data.name.strip()
    if not name or len(invite) >= MAX_MEMBERS:
        return _blends(request, data, "name" if not name else "many", 400)
    try:
        made = app_of(request).blends.create(signed_in(request).id, name, invite)
    except NotFoundError:
        return _blends(request, data, "unknown", 400)
    except (InvalidInputError, ConflictError) as error:
        return _blends(request, data, "full" if isinstance(error, ConflictError) else "nobody", 400)
    return _to(f"/blends/{made.id}")


@get("/blends/{blend_id:str}", opt=_OPT, include_in_schema=False)
@in_thread
def blend_page(request: SegueRequest, blend_id: _Id) -> Template:
    """The list of a blend, or what it waits for."""
    listener_id = signed_in(request).id
    blends = app_of(request).blends
    blend = next((one for one in blends.of(listener_id) if one.id == blend_id), None)
    if blend is None:
        raise NotFoundError(f"no blend {blend_id!r}")
    view, waiting = None, ""
    try:
        view = blends.list(listener_id, blend_id, LIST_LENGTH)
    except ConflictError:
        waiting = _(NOBODY_JOINED)
    return page(request, "pages/blend.html", blend=blend, list=view, waiting=waiting,
                has_accepted=_has_accepted(blend, listener_id))  # fmt: skip


@post("/blends/{blend_id:str}/accept", opt=_OPT, include_in_schema=False)
@in_thread
def accept_blend(request: SegueRequest, blend_id: _Id) -> Redirect:
    """Join."""
    app_of(request).blends.accept(signed_in(request).id, blend_id)
    return _to(f"/blends/{blend_id}")


@post("/blends/{blend_id:str}/leave", opt=_OPT, include_in_schema=False)
@in_thread
def leave_blend(request: SegueRequest, blend_id: _Id) -> Redirect:
    """Decline, leave, or end one's own."""
    app_of(request).blends.leave(signed_in(request).id, blend_id)
    return _to("/blends")


@get("/like-minded", opt=_OPT, include_in_schema=False)
@in_thread
def like_minded_page(request: SegueRequest) -> Template:
    """The choice, said plainly; then who is near, what both like, and what they play."""
    app, listener_id = app_of(request), signed_in(request).id
    if not app.like_minded.is_on(listener_id):
        return page(request, "pages/like_minded.html", on=False, near=[], list=None)
    asked = app.recommend.asked(listener_id)
    near = app.like_minded.listeners(listener_id, asked.serving, asked.profile, N_NEAR)
    shown = [
        (one, app.recommend.track_views(listener_id, one.shared_track_ids[:N_SHARED_SHOWN]))
        for one in near
    ]
    view = app.recommend.list(listener_id, "like_minded", LIST_LENGTH) if near else None
    return page(request, "pages/like_minded.html", on=True, near=shown, list=view)


@post("/like-minded", opt=_OPT, include_in_schema=False)
@in_thread
def choose_to_be_seen(request: SegueRequest, data: _Choice) -> Redirect:
    """Yes or no; it holds at once."""
    app_of(request).like_minded.set(signed_in(request).id, on=data.on == "yes")
    return _to("/like-minded")


@get("/wishes", opt=_OPT, include_in_schema=False)
@in_thread
def wishes_page(request: SegueRequest) -> Template:
    """Artists and records that one does not own and would love, and why."""
    app, listener_id = app_of(request), signed_in(request).id
    found = wish_list(app.recommend, listener_id, N_WISHES)
    because = _because(request, [*found.artists, *found.records])
    return page(
        request,
        "pages/wishes.html",
        wishes=found,
        because=because,
        owned_by=_owned_by(app.catalog, found.records),
    )


def _owned_by(catalog: Catalog, records: list[Wish]) -> dict[str, Credit]:
    """The artist of each record of whom something can be played, by the record."""
    artists = {
        album.id: album.artists[0] for album in catalog.albums([one.id for one in records])
        if album.artists
    }  # fmt: skip
    details = {one.id: catalog.artist(one.id) for one in artists.values()}
    can_play = {
        id_ for id_, detail in details.items()
        if detail and any(track.has_file for track in detail.top_tracks)
    }  # fmt: skip
    return {record: artist for record, artist in artists.items() if artist.id in can_play}


def _because(request: SegueRequest, wishes: list[Wish]) -> dict[str, list[TrackView]]:
    """The tracks that each wish rests on, by its id; all are read at once."""
    ids = list(dict.fromkeys(id_ for wish in wishes for id_ in wish.because_track_ids))
    views = app_of(request).recommend.track_views(signed_in(request).id, ids)
    by_id = {view.track.id: view for view in views}
    return {
        wish.id: [by_id[id_] for id_ in wish.because_track_ids if id_ in by_id] for wish in wishes
    }


def _blends(request: SegueRequest, form: BlendForm, problem: str, status: int) -> Template:
    listener_id = signed_in(request).id
    found = app_of(request).blends.of(listener_id)
    return page(
        request, "pages/blends.html", status_code=status, form=form,
        problem=_(BLEND_PROBLEMS[problem]) if problem in BLEND_PROBLEMS else "",
        invitations=[one for one in found if not _has_accepted(one, listener_id)],
        blends=[one for one in found if _has_accepted(one, listener_id)],
    )  # fmt: skip


def _has_accepted(blend: Blend, listener_id: str) -> bool:
    return any(one.listener_id == listener_id and one.has_accepted for one in blend.members)


def _to(path: str) -> Redirect:
    return Redirect(path, status_code=HTTP_303_SEE_OTHER)


TOGETHER_PAGE_HANDLERS: list[Any] = [
    blends_page, make_blend, blend_page, accept_blend, leave_blend, like_minded_page,
    choose_to_be_seen, wishes_page,
]  # fmt: skip
