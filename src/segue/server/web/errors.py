"""What a browser sees when something fails: a page in the usual frame, or the door."""

from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.response import Redirect
from litestar.status_codes import HTTP_401_UNAUTHORIZED, HTTP_404_NOT_FOUND
from msgspec import structs

from segue.server.problems import Problem
from segue.server.web.language import DEFAULT, _, later, speak, spoken
from segue.server.web.rendering import page
from segue.server.web.sentences import known, told
from segue.server.web.speaking import language_of
from segue.server.web.words import whole

_ASKED_BY_PAGE = "segue-page"  # a header that static/js/api.js sets
_TITLES = {
    403: later("That is not yours to open"),
    404: later("There is no such page here"),
    429: later("A little slower, please"),
    500: later("Something went wrong here"),
}
_KINDS = {
    400: later("That cannot be used."),
    403: later("That is not yours to change."),
    404: later("That is not there any more."),
    409: later("That was changed meanwhile. Look at it again."),
    413: later("That is too much at once."),
    429: later("A little slower, please"),
}
_OTHERWISE = later("That did not work. Try again in a moment.")


def error_page(request: Request[Any, Any, Any], problem: Problem) -> Response[Any]:
    """The page for a problem; who is not signed in is led to the door and back again."""
    speak(language_of(request.scope))  # what never reached the middleware has none yet
    if problem.status == HTTP_401_UNAUTHORIZED:
        return to_door(request)
    words = problem.detail
    if problem.status == HTTP_404_NOT_FOUND:
        words = _("It may have moved, or its files are gone from your library.")
    return page(
        request,
        "pages/error.html",
        status_code=problem.status,
        title=_(_TITLES[problem.status]) if problem.status in _TITLES else told(problem.title),
        words=words,
    )


def problem_in_words(request: Request[Any, Any, Any], problem: Problem) -> Problem:
    """What a page shows of a problem that one of its scripts met; others read English.

    Instead of a detail that nobody translated, one sentence says what kind of problem it is.
    """
    if _ASKED_BY_PAGE not in request.headers:
        return problem
    speak(language_of(request.scope))
    if spoken() == DEFAULT or known(problem.detail):
        return structs.replace(problem, detail=whole(problem.detail))
    return structs.replace(problem, detail=_(_KINDS.get(problem.status, _OTHERWISE)))


def to_door(request: Request[Any, Any, Any]) -> Response[Any]:
    """To the sign-in page; htmx must be told to leave the page, it follows redirects inside it."""
    if request.headers.get("hx-request"):
        return Response(None, status_code=200, headers={"hx-redirect": "/sign-in"})
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    suffix = "" if wanted == "/" else f"?next={quote(wanted, safe='')}"
    return Redirect(f"/sign-in{suffix}", status_code=303)
