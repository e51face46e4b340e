"""Ways into the music: the page that shows them all, moods, and the groups of the library."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from litestar import get, post
from litestar.params import JSONBody, PathParameter
from litestar.response import Template
from litestar.status_codes import HTTP_200_OK
from msgspec import Meta, Struct

from segue.data.affect import MOODS
from segue.data.query import Controls
from segue.errors import NotFoundError
from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.threads import in_thread
from segue.server.web.discover_words import EXAMPLES, WAYS, mood_sleeves, way_dots
from segue.server.web.home import different_sleeves
from segue.server.web.music_names import credits_of, music_name
from segue.server.web.rendering import app_of, page
from segue.services.maps import ClusterView
from segue.services.views import ListView, TrackView

N_DISCOVERIES = 12
N_GROUPS = 12
N_GROUP_COVERS = 4
LIST_LENGTH = 50
MOST_QUEUED = 500
_OPT = {"policy": LISTENER}
_Number = Annotated[int, PathParameter(ge=0, le=1_000)]
_Mood = Annotated[str, PathParameter(max_length=32)]


class Chosen(Struct, frozen=True, forbid_unknown_fields=True):
    """Tracks that were chosen on a page."""

    track_ids: Annotated[list[Annotated[str, Meta(max_length=64)]], Meta(max_length=MOST_QUEUED)]


@dataclass(frozen=True, slots=True)
class GroupSleeve:
    """A group of the library on a shelf, with tracks whose covers differ."""

    number: int
    name: str
    n_tracks: int
    first: list[TrackView]


@get("/discover", opt=_OPT, include_in_schema=False)
@in_thread
def discover_page(request: SegueRequest) -> Template:
    """Everything that helps to find music, covers first."""
    app, listener_id = app_of(request), signed_in(request).id
    discoveries = app.recommend.list(listener_id, "discover", LIST_LENGTH)
    groups = app.maps.seen_by(listener_id).clusters()
    return page(
        request,
        "pages/discover.html",
        discoveries=discoveries,
        n_discoveries=N_DISCOVERIES,
        covers=different_sleeves(discoveries.tracks, 12),
        moods=mood_sleeves(),
        groups=group_sleeves(request, groups[:N_GROUPS]),
        n_groups=len(groups),
        ways=WAYS,
        way_dots=way_dots(),
        examples=EXAMPLES,
    )


@get("/groups", opt=_OPT, include_in_schema=False)
@in_thread
def groups_page(request: SegueRequest) -> Template:
    """All groups of the library."""
    groups = app_of(request).maps.seen_by(signed_in(request).id).clusters()
    return page(request, "pages/groups.html", groups=group_sleeves(request, groups))


@get("/groups/{number:int}", opt=_OPT, include_in_schema=False)
@in_thread
def group_page(request: SegueRequest, number: _Number) -> Template:
    """One group, its most typical tracks first."""
    app, listener_id = app_of(request), signed_in(request).id
    group = app.maps.seen_by(listener_id).cluster(number)
    if not group.track_ids:
        raise NotFoundError(f"group {number} has no track that may play")
    views = app.recommend.track_views(listener_id, group.track_ids[:LIST_LENGTH])
    return page(request, "pages/group.html", group=group, views=views,
                name=music_name(group.name, credits_of(views)),
                covers=different_sleeves(views, N_GROUP_COVERS))  # fmt: skip


@get("/player/queue/group/{number:int}", opt=_OPT, include_in_schema=False)
@in_thread
def group_queue(request: SegueRequest, number: _Number) -> list[TrackView]:
    """The tracks of a group for the player, the most typical first."""
    app, listener_id = app_of(request), signed_in(request).id
    ids = app.maps.seen_by(listener_id).cluster(number).track_ids
    return app.recommend.track_views(listener_id, ids[:MOST_QUEUED])


@post("/player/queue/tracks", opt=_OPT, status_code=HTTP_200_OK, include_in_schema=False)
@in_thread
def chosen_queue(request: SegueRequest, data: JSONBody[Chosen]) -> list[TrackView]:
    """Tracks by their ids for the player, in the order asked."""
    return app_of(request).recommend.track_views(signed_in(request).id, data.track_ids)


@get("/moods/{mood:str}", opt=_OPT, include_in_schema=False)
@in_thread
def mood_page(request: SegueRequest, mood: _Mood) -> Template:
    """The list of one mood or activity."""
    return page(request, "pages/mood.html", list=_of_mood(request, mood), mood=mood,
                moods=mood_sleeves())  # fmt: skip


@get("/player/queue/mood/{mood:str}", opt=_OPT, include_in_schema=False)
@in_thread
def mood_queue(request: SegueRequest, mood: _Mood) -> list[TrackView]:
    """The tracks of a mood for the player."""
    return _of_mood(request, mood).tracks


def _of_mood(request: SegueRequest, mood: str) -> ListView:
    if mood not in MOODS:
        raise NotFoundError(f"no mood {mood!r}; there are: {', '.join(MOODS)}")
    controls = Controls(mood=mood)
    return app_of(request).recommend.list(
        signed_in(request).id, "mood", LIST_LENGTH, controls=controls
    )


def group_sleeves(request: SegueRequest, groups: Sequence[ClusterView]) -> list[GroupSleeve]:
    """Groups as they stand on a shelf; all their tracks are read at once."""
    ids = [id_ for group in groups for id_ in group.track_ids]
    views = app_of(request).recommend.track_views(signed_in(request).id, ids)
    by_id = {view.track.id: view for view in views}
    sleeves: list[GroupSleeve] = []
    for group in groups:
        shown = [by_id[i] for i in group.track_ids if i in by_id]
        name = music_name(group.name, credits_of(shown))
        first = different_sleeves(shown, N_GROUP_COVERS)
        sleeves.append(GroupSleeve(group.number, name, group.n_tracks, first))
    return sleeves


DISCOVER_HANDLERS: list[Any] = [
    discover_page, groups_page, group_page, group_queue, chosen_queue, mood_page, mood_queue,
]  # fmt: skip
