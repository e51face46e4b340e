"""One's own pages that are looked at: the front, history, statistics, a year in review."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from litestar import get, post
from litestar.params import FromQuery, Parameter, PathParameter, QueryParameter
from litestar.response import Template

from segue.bootstrap import App
from segue.data.imported import NamedTrack
from segue.errors import NotFoundError
from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.threads import in_thread
from segue.server.web import you_words
from segue.server.web.language import _, later
from segue.server.web.rendering import page
from segue.services.statistics import ListenerStatistics
from segue.services.views import TrackView
from segue.store.history_pages import Listen

N_SHOWN = 50
N_TOP = 10
_OPT = {"policy": LISTENER}
_Cursor = Annotated[str | None, Parameter(max_length=512)]
_Words = Annotated[str, QueryParameter(name="q", max_length=200)]
_Period = Annotated[str, Parameter(max_length=4)]
_Year = Annotated[int, PathParameter(ge=1970, le=2199)]
_EventId = Annotated[int, PathParameter(ge=1, le=2**63 - 1)]
_Day = Annotated[str, Parameter(max_length=10)]
_EMPTY = {
    "played": (
        later("Nothing played yet"),
        later("What you play will be listed here, newest first."),
    ),
    "most": (
        later("Nothing played yet"),
        later("What you come back to will rise to the top here."),
    ),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One listen as it is shown; ``day`` stands above the first of a day."""

    listen: Listen
    view: TrackView | None
    named: NamedTrack
    at: datetime
    day: str


@get("/you", opt=_OPT, include_in_schema=False)
@in_thread
def you_page(
    request: SegueRequest, show: FromQuery[Literal["played", "most"]] = "played"
) -> Template:
    """The front: how much lately, and what."""
    app, listener_id = _app(request), signed_in(request).id
    views = (
        app.recommend.recently_played(listener_id, N_SHOWN)
        if show == "played"
        else app.recommend.most_played(listener_id, N_SHOWN)
    )
    return page(request, "pages/you.html", show=show, views=views, empty=_EMPTY[show],
                lately=app.own.statistics.of(listener_id, "4w"), w=you_words)  # fmt: skip


@get("/you/history", opt=_OPT, include_in_schema=False)
@in_thread
def history_page(request: SegueRequest, words: _Words = "") -> Template:
    """Everything played, by day, newest first, to be searched and put right."""
    rows, next_url = _rows(request, words, None, "")
    return page(request, "pages/history.html", rows=rows, next_url=next_url, q=words.strip(),
                w=you_words)  # fmt: skip


@get("/parts/history", opt=_OPT, include_in_schema=False)
@in_thread
def history_part(
    request: SegueRequest, words: _Words = "", cursor: _Cursor = None, day: _Day = ""
) -> Template:
    """The next stretch of the history."""
    rows, next_url = _rows(request, words, cursor, day)
    return page(request, "parts/history.html", rows=rows, next_url=next_url, q=words.strip(),
                w=you_words)  # fmt: skip


@post("/you/history/{event_id:int}/remove", opt=_OPT, include_in_schema=False)
@in_thread
def remove_listen(request: SegueRequest, event_id: _EventId) -> Template:
    """Take a listen out; its place says so and offers to undo it."""
    _app(request).history.retract(signed_in(request).id, event_id)
    return page(request, "parts/listen_removed.html", event_id=event_id)


@post("/you/history/{event_id:int}/restore", opt=_OPT, include_in_schema=False)
@in_thread
def restore_listen(request: SegueRequest, event_id: _EventId) -> Template:
    """Put it back where it was."""
    app, listener_id = _app(request), signed_in(request).id
    app.history.restore(listener_id, event_id)
    listen = app.history.listen(listener_id, event_id)
    (row,) = _told(request, [listen], "always")
    return page(request, "parts/history.html", rows=[row], next_url=None, q="", w=you_words)


@get("/you/statistics", opt=_OPT, include_in_schema=False)
@in_thread
def statistics_page(request: SegueRequest, period: _Period = "12m") -> Template:
    """Plots and top lists of a period."""
    app, listener_id = _app(request), signed_in(request).id
    found = app.own.statistics.of(listener_id, period)
    return page(request, "pages/statistics.html", found=found, period=period, w=you_words,
                views=_top_views(request, found), tabs=you_words.PERIOD_TABS)  # fmt: skip


@get("/you/year/{year:int}", opt=_OPT, include_in_schema=False)
@in_thread
def year_page(request: SegueRequest, year: _Year) -> Template:
    """A year in review, also as a picture to share."""
    found = _app(request).own.statistics.of(signed_in(request).id, str(year))
    if not found.n_plays:
        raise NotFoundError(f"nothing was played in {year}")
    return page(request, "pages/year.html", year=year, found=found, w=you_words,
                views=_top_views(request, found))  # fmt: skip


def _top_views(request: SegueRequest, found: ListenerStatistics) -> list[tuple[TrackView, int]]:
    """The tracks played most that are in the library, with their plays."""
    counted = {track.id: track.n_plays for track in found.top_tracks[:N_TOP]}
    views = _app(request).recommend.track_views(signed_in(request).id, list(counted))
    return [(view, counted[view.track.id]) for view in views]


def _rows(
    request: SegueRequest, words: str, cursor: str | None, last_day: str
) -> tuple[list[Row], str | None]:
    found = _app(request).history.page(signed_in(request).id, cursor, N_SHOWN, words)
    rows = _told(request, found.items, last_day)
    if found.next_cursor is None or not rows:
        return rows, None
    asked = {"cursor": found.next_cursor, "day": rows[-1].at.date().isoformat()}
    asked |= {"q": words.strip()} if words.strip() else {}
    return rows, f"/parts/history?{urlencode(asked)}"


def _told(request: SegueRequest, listens: Sequence[Listen], last_day: str) -> list[Row]:
    """Listens with their tracks; ``last_day`` stands above already ("always": say none)."""
    app, ids = _app(request), [listen.track_id for listen in listens]
    views = {v.track.id: v for v in app.recommend.track_views(signed_in(request).id, ids)}
    names = app.own.data.names([id_ for id_ in ids if id_ not in views])
    local = app.own.statistics.local_of(signed_in(request).id)
    today = local(app.own.statistics.now()).date()
    rows: list[Row] = []
    for listen in listens:
        at = local(listen.listened_at)
        day = "" if last_day in ("always", _iso(at.date())) else you_words.day_words(
            at.date(), today)  # fmt: skip
        last_day = last_day if last_day == "always" else _iso(at.date())
        named = names.get(listen.track_id, NamedTrack(title=_("A track that is gone")))
        rows.append(Row(listen, views.get(listen.track_id), named, at, day))
    return rows


def _iso(day: date) -> str:
    return day.isoformat()


def _app(request: SegueRequest) -> App:
    return request.app.state.segue


YOU_HANDLERS: list[Any] = [
    you_page, history_page, history_part, remove_listen, restore_listen, statistics_page,
    year_page,
]  # fmt: skip
