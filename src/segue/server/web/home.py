"""The home page and its parts that come again by themselves: For you, and what is being done."""

from datetime import datetime
from typing import Annotated, Any

from litestar import get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Template
from litestar.status_codes import HTTP_200_OK
from msgspec import Meta, Struct

from segue.bootstrap import App
from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.threads import in_thread
from segue.server.web.discover_words import mood_sleeves
from segue.server.web.newness import controls_of, newness_cookie, newness_of
from segue.server.web.rendering import page
from segue.server.web.start import progress
from segue.server.web.words import greeting
from segue.services.views import TrackView

N_FOR_YOU = 12
N_HERO_COVERS = 3
_OPT = {"policy": LISTENER}


class TurnForm(Struct, frozen=True):
    """How new the list shall be, 0..100."""

    newness: Annotated[int, Meta(ge=0, le=100)]


_Turned = Annotated[TurnForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/", opt=_OPT, include_in_schema=False)
@in_thread
def home_page(request: SegueRequest) -> Template:
    """One large thing, then rows whose titles are sentences."""
    newness = newness_of(request)
    home = _app(request).recommend.home(signed_in(request).id, controls_of(newness))
    tracks = home.hero.tracks
    return page(
        request,
        "pages/home.html",
        home=home,
        n_tracks=home.counts.n_tracks,
        for_you=home.hero,
        n_for_you=N_FOR_YOU,
        first=tracks[0] if tracks else None,
        hero_covers=different_sleeves(tracks, N_HERO_COVERS),
        greeting=greeting(_local_now(request)),
        newness=newness,
        moods=mood_sleeves(),
        now=progress(_app(request)),
    )


def _local_now(request: SegueRequest) -> datetime:
    """This moment on the listener's clock."""
    statistics = _app(request).own.statistics
    return statistics.local_of(signed_in(request).id)(statistics.now())


@get("/parts/for-you", opt=_OPT, include_in_schema=False)
@in_thread
def for_you_part(request: SegueRequest) -> Template:
    """The list For you anew, after the listener said something."""
    return _for_you(request, newness_of(request))


@post("/parts/for-you", opt=_OPT, status_code=HTTP_200_OK, include_in_schema=False)
@in_thread
def turn_for_you(request: SegueRequest, data: _Turned) -> Template:
    """The list For you with more or less that is new; the choice is kept for the radio too."""
    part = _for_you(request, data.newness)
    part.cookies = [newness_cookie(data.newness)]
    return part


def _for_you(request: SegueRequest, newness: int) -> Template:
    for_you = _app(request).recommend.list(
        signed_in(request).id, "for_you", 30, controls=controls_of(newness)
    )
    return page(
        request, "parts/for_you.html", for_you=for_you, n_for_you=N_FOR_YOU, newness=newness
    )


def different_sleeves(views: list[TrackView], n: int) -> list[TrackView]:
    """The first tracks that come from different albums."""
    by_album: dict[str, TrackView] = {}
    for view in views:
        by_album.setdefault(view.track.album_id or view.track.id, view)
    return list(by_album.values())[:n]


def _app(request: SegueRequest) -> App:
    return request.app.state.segue


HOME_HANDLERS: list[Any] = [home_page, for_you_part, turn_for_you]
