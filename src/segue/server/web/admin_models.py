"""Versions of the models on a page: what each learned from, its scores, which one is in service."""

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

from litestar import Response, get, post
from litestar.params import PathParameter
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_303_SEE_OTHER, HTTP_404_NOT_FOUND, HTTP_409_CONFLICT

from segue.errors import ArtifactError, NotFoundError, SegueError
from segue.server.auth import ADMIN, SegueRequest
from segue.server.threads import in_thread
from segue.server.web import admin_words
from segue.server.web.admin_page import admin_page
from segue.server.web.rendering import app_of
from segue.server.web.start import progress
from segue.training.artifacts import Manifest

_OPT = {"policy": ADMIN}
_Version = Annotated[str, PathParameter(max_length=64)]


class Version(NamedTuple):
    """One model set on disk as it is shown; ``scores`` are rows of bars, the best first."""

    manifest: Manifest
    in_service: bool
    size_bytes: int
    scores: list[tuple[str, float, str]]


@get("/admin/models", opt=_OPT, include_in_schema=False)
@in_thread
def models_page(request: SegueRequest) -> Template:
    """Those that can be put in service, and what is remembered of earlier ones."""
    return _page(request)


@post("/admin/models/train", opt=_OPT, include_in_schema=False)
@in_thread
def train_now(request: SegueRequest) -> Redirect:
    """Learn from everything, as soon as what runs now is done."""
    app_of(request).jobs.start("train")
    return _back()


@post("/admin/models/rollback", opt=_OPT, include_in_schema=False)
@in_thread
def roll_back(request: SegueRequest) -> Response[Any]:
    """Put the version before the one in service back."""
    return _changed(request, app_of(request).training.rollback)


@post("/admin/models/{version:str}/publish", opt=_OPT, include_in_schema=False)
@in_thread
def publish_version(request: SegueRequest, version: _Version) -> Response[Any]:
    """Put one version in service, whatever its scores."""
    return _changed(request, lambda: app_of(request).training.publish(version))


def _changed(request: SegueRequest, change: Callable[[], object]) -> Response[Any]:
    try:
        change()
    except (ArtifactError, NotFoundError) as error:
        return _page(request, error)
    return _back()


def _page(request: SegueRequest, problem: SegueError | None = None) -> Template:
    app = app_of(request)
    kept = [
        Version(
            manifest, in_service, sum(entry.size_bytes for entry in manifest.files.values()),
            _rows(manifest),
        )
        for manifest, in_service in app.training.manifests()
    ]  # fmt: skip
    there = {one.manifest.version for one in kept}
    return admin_page(
        request, "pages/admin_models.html", kept=kept, now=progress(app),
        status_code=_status(problem), problem=str(problem) if problem else "",
        earlier=[one for one in app.training.known_versions() if one.version not in there],
        can_go_back=any(
            one.in_service and other.manifest.version < one.manifest.version
            for one in kept for other in kept
        ),
    )  # fmt: skip


def _rows(manifest: Manifest) -> list[tuple[str, float, str]]:
    ordered = sorted(manifest.scores.items(), key=lambda item: -item[1])
    return [
        (
            admin_words.score_name(name),
            value,
            admin_words.score_words(value, manifest.intervals.get(name)),
        )
        for name, value in ordered
    ]


def _back() -> Redirect:
    return Redirect("/admin/models", status_code=HTTP_303_SEE_OTHER)


def _status(problem: SegueError | None) -> int:
    if problem is None:
        return 200
    return HTTP_404_NOT_FOUND if isinstance(problem, NotFoundError) else HTTP_409_CONFLICT


ADMIN_MODEL_HANDLERS: list[Any] = [models_page, train_now, roll_back, publish_version]
