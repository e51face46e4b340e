"""Parameters with their bounds, the same on every route, and the application of a request."""

from typing import Annotated, Any

from litestar import Request
from litestar.params import Parameter

from segue.bootstrap import App

MAX_PAGE = 200

Identifier = Annotated[str, Parameter(min_length=1, max_length=64, description="An id of Segue's.")]
PageLimit = Annotated[int, Parameter(ge=1, le=MAX_PAGE, description="Entries on a page.")]
Cursor = Annotated[
    str | None,
    Parameter(max_length=512, description="`next_cursor` of the page before; none for the first."),
]
ListLength = Annotated[int, Parameter(ge=1, le=200, description="Tracks wanted.")]
Genre = Annotated[str | None, Parameter(max_length=100, description="Only this genre.")]
Year = Annotated[int | None, Parameter(ge=1000, le=2100, description="A year of release.")]
SearchText = Annotated[str, Parameter(max_length=200, description="Words to look for.")]


def app_of(request: Request[Any, Any, Any]) -> App:
    """The application that answers this request."""
    return request.app.state.segue
