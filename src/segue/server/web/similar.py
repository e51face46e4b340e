"""What is like a track, an artist or an album: two shelves that come when one scrolls to them."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from litestar import get
from litestar.params import FromQuery, PathParameter
from litestar.response import Template

from segue.bootstrap import App
from segue.errors import NotFoundError
from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.threads import in_thread
from segue.server.web.discover_words import SIMILAR_TITLES
from segue.server.web.language import _
from segue.server.web.rendering import app_of, page
from segue.server.web.sleeves import album_sleeve, artist_sleeve
from segue.services.likeness import ABOUT_SEEDS, By

N_SHOWN = 12
_OPT = {"policy": LISTENER}
_Kind = Annotated[Literal["track", "artist", "album"], PathParameter()]
_Id = Annotated[str, PathParameter(max_length=64)]
Found = tuple[list[Any], str]  # what stands on the shelf, and under which heading


@get("/parts/similar/{kind:str}/{thing_id:str}", opt=_OPT, include_in_schema=False)
@in_thread
def similar_part(
    request: SegueRequest, kind: _Kind, thing_id: _Id, by: FromQuery[Literal["sound", "listeners"]]
) -> Template:
    """One shelf; nothing at all where nothing is known."""
    try:
        items, heading = _FINDERS[kind](app_of(request), signed_in(request).id, thing_id, by)
    except NotFoundError:  # newer than the model set in service, or not there
        items, heading = [], by
    return page(request, "parts/similar.html", kind=kind, by=by, items=items,
                title=_(SIMILAR_TITLES[heading]))  # fmt: skip


def _tracks(app: App, listener_id: str, track_id: str, by: By) -> Found:
    found = app.likeness.tracks(listener_id, track_id, N_SHOWN, by)
    if found.fallback not in ABOUT_SEEDS:
        return [], by  # what stands in for likeness says nothing about it
    return found.tracks, "words" if found.fallback == "alike" else by


def _artists(app: App, listener_id: str, artist_id: str, by: By) -> Found:
    found = app.likeness.artists(listener_id, artist_id, N_SHOWN, by)
    return [artist_sleeve(one.artist) for one in found], by


def _albums(app: App, listener_id: str, album_id: str, by: By) -> Found:
    found = app.likeness.albums(listener_id, album_id, N_SHOWN, by)
    return [album_sleeve(one.album) for one in found], by


_FINDERS: dict[str, Callable[[App, str, str, By], Found]] = {
    "track": _tracks,
    "artist": _artists,
    "album": _albums,
}

SIMILAR_HANDLERS: list[Any] = [similar_part]
