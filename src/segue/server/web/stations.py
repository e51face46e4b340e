"""Pages of lists: the day's mixes, any station by name, and the taste quiz."""

from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter, PathParameter
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_303_SEE_OTHER
from msgspec import Struct, structs

from segue.bootstrap import App
from segue.errors import NotFoundError
from segue.pipeline.stations import STATIONS
from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.threads import in_thread
from segue.server.web.language import _
from segue.server.web.music_names import credits_of, music_name
from segue.server.web.rendering import page
from segue.services.quiz import DEFAULT_N, MAX_ASKED_FOR_ONE, MAX_N, SHOWN_FIRST, QuizAnswer
from segue.services.views import TrackView

PAGE_LENGTH = 50
N_QUIZ_ARTISTS = 24
MAX_ASKED_TEXT = 23 * MAX_ASKED_FOR_ONE * MAX_N
_OPT = {"policy": LISTENER}
_Number = Annotated[int, PathParameter(ge=1, le=6)]
_Name = Annotated[str, PathParameter(max_length=32)]
_Asked = Annotated[str, Parameter(max_length=MAX_ASKED_TEXT)]
_Show = Annotated[int, Parameter(ge=1, le=200)]


class QuizForm(Struct, frozen=True, kw_only=True):
    """One answer, and what was asked before it, ids with commas between; no stars: not known."""

    track_id: str = ""
    stars: int | None = None
    asked: str = ""


class ConsentForm(Struct, frozen=True, kw_only=True):
    """What was chosen: yes, or anything else for no."""

    like_minded: str = ""


_Answer = Annotated[QuizForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
_Consent = Annotated[ConsentForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/mixes/{number:int}", opt=_OPT, include_in_schema=False)
@in_thread
def mix_page(request: SegueRequest, number: _Number) -> Template:
    """One of the day's mixes."""
    view = _app(request).recommend.list(signed_in(request).id, "daily_mix", PAGE_LENGTH, mix=number)
    view = structs.replace(view, title=music_name(view.title, credits_of(view.tracks)))
    return page(
        request, "pages/list.html", list=view, kind=_("Daily mix"), note=_("Other ones tomorrow")
    )


@get("/player/queue/mix/{number:int}", opt=_OPT, include_in_schema=False)
@in_thread
def mix_queue(request: SegueRequest, number: _Number) -> list[TrackView]:
    """The tracks of a mix for the player."""
    recommend = _app(request).recommend
    return recommend.list(signed_in(request).id, "daily_mix", PAGE_LENGTH, mix=number).tracks


@get("/lists/{station:str}", opt=_OPT, include_in_schema=False)
@in_thread
def list_page(request: SegueRequest, station: _Name) -> Template:
    """A station that needs nothing but a listener."""
    recipe = STATIONS.get(station)
    if recipe is None or recipe.needs:
        raise NotFoundError(f"no list {station!r}")
    view = _app(request).recommend.list(signed_in(request).id, station, PAGE_LENGTH)
    note = _("New on Monday") if recipe.kept == "week" else ""
    return page(request, "pages/list.html", list=view, kind=_("List"), note=note)


@get("/quiz", opt=_OPT, include_in_schema=False)
@in_thread
def quiz_page(request: SegueRequest, asked: _Asked = "", show: _Show = SHOWN_FIRST) -> Template:
    """A question, or the list when enough is answered."""
    quiz, listener_id = _app(request).quiz, signed_in(request).id
    ids = tuple(filter(None, asked.split(",")))
    view = quiz.ask(listener_id, DEFAULT_N, ids, show)
    artists = [] if ids or view.question is None else quiz.artists(listener_id, N_QUIZ_ARTISTS)
    return page(request, "pages/quiz.html", quiz=view, asked=asked, artists=artists, show=show)


@post("/quiz/answer", opt=_OPT, include_in_schema=False)
@in_thread
def quiz_answer(request: SegueRequest, data: _Answer) -> Redirect:
    """Store one answer and go to the next question."""
    if data.track_id and data.stars is not None:
        answer = QuizAnswer(track_id=data.track_id, stars=min(max(data.stars, 1), 5))
        _app(request).quiz.answer(signed_in(request).id, [answer])
    asked = ",".join(filter(None, (data.asked, data.track_id)))[:MAX_ASKED_TEXT]
    return Redirect(f"/quiz?{urlencode({'asked': asked})}", status_code=HTTP_303_SEE_OTHER)


@post("/quiz/artists/{artist_id:str}", opt=_OPT, include_in_schema=False)
@in_thread
def quiz_pick(
    request: SegueRequest, artist_id: Annotated[str, PathParameter(max_length=64)]
) -> Redirect:
    """Pick one artist; the questions then know it."""
    _app(request).quiz.pick(signed_in(request).id, [artist_id])
    return Redirect("/lists/for_you", status_code=HTTP_303_SEE_OTHER)


@post("/you/like-minded", opt=_OPT, include_in_schema=False)
@in_thread
def choose_like_minded(request: SegueRequest, data: _Consent) -> Redirect:
    """Turn "listeners like you" on or off."""
    _app(request).like_minded.set(signed_in(request).id, on=data.like_minded == "yes")
    return Redirect("/you/privacy", status_code=HTTP_303_SEE_OTHER)


def _app(request: SegueRequest) -> App:
    return request.app.state.segue


STATION_HANDLERS: list[Any] = [
    mix_page, mix_queue, list_page, quiz_page, quiz_answer, quiz_pick, choose_like_minded,
]  # fmt: skip
