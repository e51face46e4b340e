"""Errors as problem details (RFC 9457) with a request id; pages get a page that says the same."""

import secrets
from collections.abc import Callable
from typing import Any

import msgspec
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.status_codes import HTTP_500_INTERNAL_SERVER_ERROR

from segue.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    NotSignedInError,
    SegueError,
    ThrottledError,
)
from segue.log import get_logger

PROBLEM_TYPE = "application/problem+json"
_STATUS: tuple[tuple[type[SegueError], int, str], ...] = (
    (InvalidInputError, 400, "That cannot be used"),
    (NotSignedInError, 401, "Not signed in"),
    (ForbiddenError, 403, "Not allowed"),
    (NotFoundError, 404, "Not found"),
    (ConflictError, 409, "Conflict"),
    (ThrottledError, 429, "Too many tries"),
)
_UNEXPECTED = "Something went wrong here. The log has the details under this request id."

_log = get_logger("server")


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One error as every door shows it."""

    title: str
    status: int
    detail: str
    code: str
    request_id: str
    type: str = "about:blank"
    errors: list[dict[str, Any]] = []


ErrorPage = Callable[[Request[Any, Any, Any], Problem], Response[Any]]
InWords = Callable[[Request[Any, Any, Any], Problem], Problem]


def problem_of(request: Request[Any, Any, Any], error: Exception) -> Problem:
    """An error in the form that is shown; unexpected ones say nothing of the inside."""
    state = request.scope.setdefault("state", {})
    # a path that no route answers never reached the middleware that makes the id
    request_id = str(state.setdefault("request_id", secrets.token_hex(8)))
    if isinstance(error, SegueError):
        for kind, status, title in _STATUS:
            if isinstance(error, kind):
                return Problem(title=title, status=status, detail=str(error), code=error.code,
                               request_id=request_id)  # fmt: skip
    if isinstance(error, RecursionError) and "deserializing" in str(error):
        return Problem(
            title="That cannot be used",
            status=400,
            detail="the body is nested too deep",
            code=InvalidInputError.code,
            request_id=request_id,
        )
    if isinstance(error, HTTPException) and error.status_code < HTTP_500_INTERNAL_SERVER_ERROR:
        return _of_framework(error, request_id)
    _log.exception("request failed", exc_info=error, path=request.url.path, request_id=request_id)
    return Problem(title="Something went wrong", status=HTTP_500_INTERNAL_SERVER_ERROR,
                   detail=_UNEXPECTED, code="internal", request_id=request_id)  # fmt: skip


def problem_response(problem: Problem, error: Exception) -> Response[Problem]:
    """The JSON response of a problem."""
    headers = {"cache-control": "no-store"}
    if isinstance(error, ThrottledError):
        headers["retry-after"] = str(max(1, round(error.retry_after_s)))
    return Response(problem, status_code=problem.status, media_type=PROBLEM_TYPE, headers=headers)


def unchanged(_request: Request[Any, Any, Any], problem: Problem) -> Problem:
    """The problem as it is, in English."""
    return problem


def exception_handler(
    error_page: ErrorPage, in_words: InWords = unchanged
) -> Callable[[Any, Exception], Response[Any]]:
    """The one handler of the application.

    Args:
        error_page: Answers browsers outside the API.
        in_words: May say a problem in the language of a listener.
    """

    def handle(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        problem = problem_of(request, error)
        wants_page = "text/html" in request.headers.get("accept", "")
        if wants_page and not request.url.path.startswith("/v1/"):
            return error_page(request, problem)
        return problem_response(in_words(request, problem), error)

    return handle


def plain_error_page(_request: Request[Any, Any, Any], problem: Problem) -> Response[Any]:
    """The page when there are no pages: one line of text."""
    return Response(
        f"{problem.title}: {problem.detail}",
        status_code=problem.status,
        media_type=MediaType.TEXT,
    )


def _of_framework(error: HTTPException, request_id: str) -> Problem:
    details: list[dict[str, Any]] = []
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        # only where and why: what was sent may be a secret
        details = [
            {key: str(item.get(key, "")) for key in ("key", "message")}
            for item in error.extra
            if isinstance(item, dict)
        ]
    codes = {400: "invalid_input", 401: "not_signed_in", 403: "forbidden", 404: "not_found",
             405: "method_not_allowed", 413: "too_large", 429: "throttled"}  # fmt: skip
    return Problem(
        title=error.detail.split(" for ", maxsplit=1)[0] or "Refused",
        status=error.status_code,
        detail=error.detail,
        code=codes.get(error.status_code, "refused"),
        request_id=request_id,
        errors=details,
    )
