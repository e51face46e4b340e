"""The library as it lies in folders, for those who keep order there themselves."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, quote

from litestar import get
from litestar.response import Template
from msgspec import Struct

from segue.errors import NotFoundError
from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.threads import in_thread
from segue.server.web import library_words
from segue.server.web.browse import TABS, tab_counts
from segue.server.web.rendering import app_of, page
from segue.services.views import TrackView

N_PLAYED = 500
_OPT = {"policy": LISTENER}


class Step(Struct, frozen=True):
    """A folder to go to: its name, and its place as it stands in an address."""

    name: str
    place: str


@get("/library/folders", opt=_OPT, include_in_schema=False)
@in_thread
def folders_page(request: SegueRequest) -> Template:
    """One folder: the way to it, the folders in it, and its tracks."""
    catalog = app_of(request).catalog
    parts = _asked(request)
    found = catalog.folder_content(_path(catalog.common_folder(), parts))
    if parts and not found.folders and not found.track_ids:
        raise NotFoundError("there is no such folder in the library")
    return page(
        request, "pages/folders.html", tab="folders", tabs=TABS, w=library_words,
        counts=tab_counts(catalog.counts()),
        way=[Step(name, _place(parts[: n + 1])) for n, name in enumerate(parts)],
        folders=[Step(name, _place((*parts, name))) for name in found.folders],
        views=_views(request, found.track_ids), is_all=found.is_all, here=_place(parts),
    )  # fmt: skip


@get("/player/queue/folder", opt=_OPT, include_in_schema=False)
@in_thread
def folder_queue(request: SegueRequest) -> list[TrackView]:
    """The first tracks of a folder and of the folders in it, for the player."""
    catalog = app_of(request).catalog
    ids = catalog.tracks_below(_path(catalog.common_folder(), _asked(request)), N_PLAYED)
    return _views(request, ids)


def _views(request: SegueRequest, track_ids: Sequence[str]) -> list[TrackView]:
    return app_of(request).recommend.track_views(signed_in(request).id, track_ids)


def _asked(request: SegueRequest) -> tuple[str, ...]:
    """Names from the common folder on; of the raw query, since a name may be no UTF-8."""
    query = request.scope["query_string"].decode("ascii", "surrogateescape")
    asked = dict(parse_qsl(query, errors="surrogateescape")).get("in", "")
    return tuple(name for name in asked.split("/") if name)


def _place(parts: tuple[str, ...]) -> str:
    return quote("/".join(parts), errors="surrogateescape")


def _path(common: str, parts: tuple[str, ...]) -> str:
    return "/".join((common.rstrip("/"), *parts))


FOLDER_HANDLERS: list[Any] = [folders_page, folder_queue]
