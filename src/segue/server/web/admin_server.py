"""The server itself on pages: at a glance, settings in words, storage."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import PathParameter
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_303_SEE_OTHER

from segue.server.auth import ADMIN, SegueRequest
from segue.server.threads import in_thread
from segue.server.web import admin_server_words
from segue.server.web.admin_page import admin_page
from segue.server.web.rendering import app_of
from segue.server.web.setting_words import SETTING_WORDS
from segue.server.web.start import progress
from segue.services.settings_list import settings_list

_OPT = {"policy": ADMIN}
_Part = Annotated[str, PathParameter(max_length=16)]
N_LOOKED_AT = 200


@get("/admin", opt=_OPT, include_in_schema=False)
@in_thread
def glance_page(request: SegueRequest) -> Template:
    """One line a page: what is well, and what needs somebody."""
    app = app_of(request)
    manifests = app.training.manifests()
    current = next((manifest for manifest, live in manifests if live), None)
    failed = app.jobs.page(("failed",), limit=N_LOOKED_AT).items
    recent = [job for job in failed if (job.finished_at or 0.0) > _week_ago(request)]
    open_links = [one for one in app.admin.invitations.list(N_LOOKED_AT) if one.state == "open"]
    return admin_page(
        request, "pages/admin.html", s=admin_server_words, counts=app.admin.health.counts(),
        current=current, n_failed=len(recent), now=progress(app), n_links=len(open_links),
        n_accounts=sum(1 for one in app.accounts.all() if one.password_hash),
        measured=app.admin.measures.of("4w"), folders=app.folders.all(),
    )  # fmt: skip


@get("/admin/settings", opt=_OPT, include_in_schema=False)
@in_thread
def settings_page(request: SegueRequest) -> Template:
    """Every setting in words, and how to change one."""
    settings = app_of(request).settings
    views = {view.name: view for view in settings_list(settings)}
    return admin_page(
        request, "pages/admin_settings.html", s=admin_server_words, views=views,
        words=SETTING_WORDS, groups=admin_server_words.SETTING_GROUPS, file=settings.file,
    )  # fmt: skip


@get("/admin/storage", opt=_OPT, sync_to_thread=False, include_in_schema=False)
def storage_page(request: SegueRequest) -> Template:
    """The page at once; its sizes come when every file was looked at."""
    return admin_page(request, "pages/admin_storage.html", s=admin_server_words)


@get("/parts/admin/storage", opt=_OPT, include_in_schema=False)
@in_thread
def storage_part(request: SegueRequest) -> Template:
    """The sizes."""
    return _sizes(request)


@post("/admin/storage/{part:str}/remove", opt=_OPT, include_in_schema=False)
@in_thread
def remove_part(request: SegueRequest, part: _Part) -> Response[Any]:
    """Let go of one part that is made again when it is needed."""
    app_of(request).admin.storage.remove(part)
    if request.headers.get("hx-request"):
        return _sizes(request)
    return Redirect("/admin/storage", status_code=HTTP_303_SEE_OTHER)


def _sizes(request: SegueRequest) -> Template:
    report = app_of(request).admin.storage.report()
    return admin_page(request, "parts/admin_storage.html", s=admin_server_words, report=report)


def _week_ago(request: SegueRequest) -> float:
    return app_of(request).own.statistics.now() - 7 * 86_400.0


ADMIN_SERVER_HANDLERS: list[Any] = [
    glance_page, settings_page, storage_page, storage_part, remove_part,
]  # fmt: skip
