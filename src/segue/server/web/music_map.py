"""The music map: a place to look at and play from, and the same as a list."""

from typing import Any

import numpy as np
from litestar import get
from litestar.response import Template

from segue.models.track_space import NOTHING, WORDS
from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.threads import in_thread
from segue.server.web.discover import group_sleeves
from segue.server.web.discover_words import MAP_COLOURS
from segue.server.web.rendering import app_of, page


@get("/map", opt={"policy": LISTENER}, include_in_schema=False)
@in_thread
def map_page(request: SegueRequest) -> Template:
    """The frame of the map; its script asks for the points."""
    seen = app_of(request).maps.seen_by(signed_in(request).id)
    drawn = seen.serving.music_map
    known = np.empty(0) if drawn is None else drawn.known
    groups = group_sleeves(request, seen.clusters())
    return page(
        request,
        "pages/map.html",
        n_tracks=int(seen.shown.sum()),
        n_by_words=int((known == WORDS).sum()),
        n_absent=int((known == NOTHING).sum()),
        groups=groups,
        group_names={group.number: group.name for group in groups},
        colours=MAP_COLOURS,
    )


MAP_PAGE_HANDLERS: list[Any] = [map_page]
