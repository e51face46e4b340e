"""Two ways to a list of one's own making: a radio from several seeds, a path between two tracks."""

from typing import Annotated, Any

import msgspec
from litestar import get
from litestar.params import Parameter, QueryParameter
from litestar.response import Template
from msgspec import Meta

from segue.errors import InvalidInputError, NotFoundError
from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.threads import in_thread
from segue.server.web.language import _, later
from segue.server.web.rendering import app_of, page
from segue.server.web.seeds import SeedView, seeds_named
from segue.services.seeds import MAX_SEEDS
from segue.services.views import ListView

STEPS = (5, 8, 12, 20, 30)
DEFAULT_STEPS = 12
_OPT = {"policy": LISTENER}
_Seeds = Annotated[
    list[Annotated[str, Meta(max_length=128)]] | None,
    QueryParameter(name="seed", max_items=MAX_SEEDS),
]
_From = Annotated[str, QueryParameter(name="from", max_length=64)]
_To = Annotated[str, QueryParameter(name="to", max_length=64)]
_N = Annotated[int, Parameter(ge=2, le=100)]
SAME = later("Choose two different tracks: the way from one to itself has no steps.")
UNKNOWN = later(
    "One of these tracks is too new: nothing has been learned about it yet. "
    "It can be used after the next training."
)


@get("/radio", opt=_OPT, include_in_schema=False)
@in_thread
def radio_page(request: SegueRequest, seeds: _Seeds = None) -> Template:
    """The radio builder; ``seed`` in the address puts seeds into it."""
    found = seeds_named(app_of(request), seeds or ())
    return page(request, "pages/radio.html", max_seeds=MAX_SEEDS,
                seeds_json=msgspec.json.encode(found).decode())  # fmt: skip


@get("/path", opt=_OPT, include_in_schema=False)
@in_thread
def path_page(
    request: SegueRequest, start: _From = "", end: _To = "", n: _N = DEFAULT_STEPS
) -> Template:
    """Two tracks to choose, and the way between them once they are chosen."""
    ends = [_end(request, start), _end(request, end)]
    way, problem = None, ""
    if all(ends):
        way, problem = _way(request, start, end, n)
    return page(request, "pages/path.html", ends=ends, n=n, steps=STEPS, way=way, problem=problem)


def _way(request: SegueRequest, start: str, end: str, n: int) -> tuple[ListView | None, str]:
    """The list, or what stands in its way."""
    try:
        recommend = app_of(request).recommend
        return recommend.list(signed_in(request).id, "path", n, seeds=(start, end)), ""
    except InvalidInputError:
        return None, _(SAME)
    except NotFoundError:
        return None, _(UNKNOWN)


def _end(request: SegueRequest, track_id: str) -> SeedView | None:
    if not track_id or ":" in track_id:
        return None
    return next(iter(seeds_named(app_of(request), [track_id])), None)


WAY_HANDLERS: list[Any] = [radio_page, path_page]
