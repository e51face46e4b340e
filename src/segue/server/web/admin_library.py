"""The library's health on a page: what is refused, gone, twice or lacks words, with what to do."""

from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.params import Parameter, PathParameter
from litestar.response import Template

from segue.errors import NotFoundError
from segue.server.auth import ADMIN, SegueRequest
from segue.server.threads import in_thread
from segue.server.web import admin_words
from segue.server.web.admin_page import admin_page
from segue.server.web.rendering import app_of
from segue.services.health import TROUBLES

N_SHOWN, N_GROUPS = 50, 20
_OPT = {"policy": ADMIN}
_Trouble = Annotated[str, PathParameter(max_length=16)]
_Id = Annotated[str, PathParameter(max_length=64)]
_Cursor = Annotated[str | None, Parameter(max_length=2_048)]


@get("/admin/library", opt=_OPT, include_in_schema=False)
@in_thread
def library_health_page(request: SegueRequest) -> Template:
    """Opens at what is worst."""
    health = app_of(request).admin.health
    worst = next((name for name in TROUBLES if health.number_of(name)), TROUBLES[0])
    return _page(request, worst)


@get("/admin/library/{trouble:str}", opt=_OPT, include_in_schema=False)
@in_thread
def trouble_page(request: SegueRequest, trouble: _Trouble) -> Template:
    """One kind of trouble."""
    if trouble not in TROUBLES:
        raise NotFoundError(f"no such trouble {trouble!r}")
    return _page(request, trouble)


@get("/parts/admin/library/{trouble:str}", opt=_OPT, include_in_schema=False)
@in_thread
def trouble_part(request: SegueRequest, trouble: _Trouble, cursor: _Cursor = None) -> Template:
    """The next stretch of it."""
    return admin_page(request, "parts/admin_library.html", **_items(request, trouble, cursor))


def _page(request: SegueRequest, trouble: str) -> Template:
    health = app_of(request).admin.health
    return admin_page(
        request, "pages/admin_library.html", counts=health.counts(),
        numbers={name: health.number_of(name) for name in TROUBLES},
        words=admin_words.TROUBLES[trouble], **_items(request, trouble, None),
    )  # fmt: skip


def _items(request: SegueRequest, trouble: str, cursor: str | None) -> dict[str, Any]:
    limit = N_GROUPS if trouble in ("copies", "alike") else N_SHOWN
    found = app_of(request).admin.health.page(trouble, cursor, limit)
    following = None
    if found.next_cursor is not None:
        following = f"/parts/admin/library/{trouble}?{urlencode({'cursor': found.next_cursor})}"
    return {"trouble": trouble, "items": found.items, "next_url": following}


@post("/admin/library/{track_id:str}/apart", opt=_OPT, include_in_schema=False)
@in_thread
def tell_apart(request: SegueRequest, track_id: _Id) -> Template:
    """Say that a track is another recording than those it sounds like."""
    app = app_of(request)
    rest = app.admin.health.tell_apart(track_id)
    told = app.catalog.track(track_id)
    return admin_page(request, "parts/admin_told_apart.html", group=rest, told=told)


@post("/admin/library/{track_id:str}/together", opt=_OPT, include_in_schema=False)
@in_thread
def put_back(request: SegueRequest, track_id: _Id) -> Template:
    """Take that back."""
    group = app_of(request).admin.health.put_back(track_id)
    return admin_page(request, "parts/admin_told_apart.html", group=group, told=None)


ADMIN_LIBRARY_HANDLERS: list[Any] = [
    library_health_page, trouble_page, trouble_part, tell_apart, put_back,
]  # fmt: skip
