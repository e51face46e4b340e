"""How good the lists are on a page: what became of what was played, and the offline comparison."""

from typing import Annotated, Any

from litestar import get, post
from litestar.params import Parameter
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_303_SEE_OTHER

from segue.server.auth import ADMIN, SegueRequest
from segue.server.threads import in_thread
from segue.server.web import admin_measure_words
from segue.server.web.admin_page import admin_page
from segue.server.web.rendering import app_of
from segue.server.web.start import progress

_OPT = {"policy": ADMIN}
_Window = Annotated[str, Parameter(max_length=4)]


@get("/admin/measures", opt=_OPT, include_in_schema=False)
@in_thread
def measures_page(request: SegueRequest, window: _Window = "4w") -> Template:
    """Both."""
    app = app_of(request)
    return admin_page(
        request, "pages/admin_measures.html", window=window, found=app.admin.measures.of(window),
        report=app.admin.report.newest(), now=progress(app), m=admin_measure_words,
    )  # fmt: skip


@post("/admin/measures/evaluate", opt=_OPT, include_in_schema=False)
@in_thread
def evaluate_now(request: SegueRequest) -> Redirect:
    """Compare the models on kept-back listens, as soon as what runs now is done."""
    app_of(request).jobs.start("evaluate")
    return Redirect("/admin/measures#evaluation", status_code=HTTP_303_SEE_OTHER)


ADMIN_MEASURE_HANDLERS: list[Any] = [measures_page, evaluate_now]
