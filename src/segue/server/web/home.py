"""The home page and its parts that come again by themselves: For you, and what is being done."""

from datetime import datetime
from typing import Any

from litestar import get
from litestar.response import Template

from segue.bootstrap import App
from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.threads import in_thread
from segue.server.web.rendering import page
from segue.server.web.words import greeting
from segue.services.views import TrackView

N_FOR_YOU = 12
N_HERO_COVERS = 3
_OPT = {"policy": LISTENER}


@get("/", opt=_OPT, include_in_schema=False)
@in_thread
def home_page(request: SegueRequest) -> Template:
    """One large thing, then rows whose titles are sentences."""
    home = _app(request).recommend.home(signed_in(request).id)
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
        greeting=greeting(datetime.now().astimezone()),
    )


@get("/parts/for-you", opt=_OPT, include_in_schema=False)
@in_thread
def for_you_part(request: SegueRequest) -> Template:
    """The list For you anew, after the listener said something."""
    listener_id = signed_in(request).id
    for_you = _app(request).recommend.list(listener_id, "for_you", 30)
    return page(request, "parts/for_you.html", for_you=for_you, n_for_you=N_FOR_YOU)


@get("/parts/jobs", opt=_OPT, include_in_schema=False)
@in_thread
def jobs_part(request: SegueRequest) -> Template:
    """The jobs that wait or run; nothing when there is none."""
    jobs = [job for job in _app(request).jobs.list() if job.state in ("queued", "running")]
    return page(request, "parts/jobs.html", jobs=jobs)


def different_sleeves(views: list[TrackView], n: int) -> list[TrackView]:
    """The first tracks that come from different albums."""
    by_album: dict[str, TrackView] = {}
    for view in views:
        by_album.setdefault(view.track.album_id or view.track.id, view)
    return list(by_album.values())[:n]


def _app(request: SegueRequest) -> App:
    return request.app.state.segue


HOME_HANDLERS: list[Any] = [home_page, for_you_part, jobs_part]
