"""Lists: every station by one route, with the same controls, reasons and fallback as the pages."""

from functools import partial
from typing import Annotated, Any

from litestar import get
from litestar.params import FromQuery, Parameter

from segue.data.query import Controls
from segue.pipeline.stations import STATIONS
from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.rest.parameters import (
    Duration,
    Familiar,
    Genres,
    Identifier,
    ListLength,
    Minus,
    Mix,
    Mood,
    Seeds,
    SimilarBy,
    Variety,
    Week,
    Words,
    Year,
    app_of,
)
from segue.server.rest.served_again import ServedAgain
from segue.server.threads import in_thread, on_thread
from segue.services.views import ListView, MixView, TrackView, WishList
from segue.services.wishes import wish_list
from segue.text.said import Said, said

SLOW_NEEDS = ("words", "path")  # a pass over every word, a search for the best way


@get("/v1/recommendations/{station:str}", opt={"policy": LISTENER}, middleware=[ServedAgain()],
     tags=["recommendations"], summary="A list of a station")  # fmt: skip
async def recommendations(
    request: SegueRequest,
    station: Annotated[str, Parameter(max_length=32, description="`for_you`, `discover`, ...")],
    n: ListLength = 50,
    seed: Seeds = None,
    minus: Minus = None,
    familiar: Familiar = None,
    variety: Variety = None,
    genre: Genres = None,
    mood: Mood = None,
    words: Words = None,
    year_from: Year = None,
    year_to: Year = None,
    min_duration_s: Duration = None,
    max_duration_s: Duration = None,
    owned_only: FromQuery[bool] = True,
    allow_explicit: FromQuery[bool] = True,
    mix: Mix = 1,
    week: Week = None,
) -> ListView:
    """Tracks best first, each with its reasons; `fallback` says when taste could not fill it."""
    default = Controls()
    controls = Controls(
        familiar=familiar,
        variety=default.variety if variety is None else variety,
        owned_only=owned_only,
        allow_explicit=allow_explicit,
        genres=tuple(genre or ()),
        mood=mood,
        year_from=year_from,
        year_to=year_to,
        min_duration_s=min_duration_s,
        max_duration_s=max_duration_s,
    )
    make = partial(
        app_of(request).recommend.list,
        signed_in(request).id,
        station,
        n,
        seeds=tuple(seed or ()),
        controls=controls,
        minus=tuple(minus or ()),
        words=words or "",
        mix=mix,
        week=week,
    )
    recipe = STATIONS.get(station)
    # the others take a few milliseconds, and a thread would cost them more than it gives
    return await on_thread(make) if recipe and recipe.needs in SLOW_NEEDS else make()


@get("/v1/understood", opt={"policy": LISTENER}, sync_to_thread=False,
     tags=["recommendations"], summary="What a request in words says")  # fmt: skip
def understood(request: SegueRequest, words: Words = None) -> list[Said]:
    """The phrases of a request for the station `ask`, and the request without each of them."""
    return said(words or "")


@get("/v1/tracks/{track_id:str}/similar", opt={"policy": LISTENER}, sync_to_thread=False,
     tags=["recommendations"], summary="Similar tracks")  # fmt: skip
def similar(
    request: SegueRequest, track_id: Identifier, n: ListLength = 20, by: SimilarBy = "both"
) -> ListView:
    """Tracks that go with one track: by how they sound, by who plays them, or by both and words."""
    return app_of(request).likeness.tracks(signed_in(request).id, track_id, n, by)


@get("/v1/tracks/{track_id:str}/mine", opt={"policy": LISTENER}, sync_to_thread=False,
     tags=["recommendations"], summary="My marks on a track")  # fmt: skip
def mine(request: SegueRequest, track_id: Identifier) -> TrackView:
    """The track with your love, dislike and rating."""
    return app_of(request).recommend.track_view(signed_in(request).id, track_id)


@get("/v1/mixes", opt={"policy": LISTENER}, tags=["recommendations"],
     summary="Today's mixes")  # fmt: skip
@in_thread
def mixes(request: SegueRequest) -> list[MixView]:
    """The day's mixes by number; `daily_mix` with `mix` gives one whole."""
    return app_of(request).recommend.mixes(signed_in(request).id)


@get("/v1/wish-list", opt={"policy": LISTENER}, tags=["recommendations"],
     summary="What you do not own and would love")  # fmt: skip
@in_thread
def wishes(request: SegueRequest, n: ListLength = 20) -> WishList:
    """Artists and records, best first; the station `wish_list` has the tracks."""
    return wish_list(app_of(request).recommend, signed_in(request).id, n)


RECOMMENDATION_HANDLERS: list[Any] = [recommendations, understood, similar, mine, mixes, wishes]
