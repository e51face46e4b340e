"""Parameters with their bounds, the same on every route, and the application of a request."""

from typing import Annotated, Any, Literal

from litestar import Request
from litestar.openapi.spec import OpenAPIType, Schema
from litestar.params import Parameter
from msgspec import Meta

from segue.bootstrap import App
from segue.data.affect import MOODS

MAX_PAGE = 200
MAX_ROW_ID = 2**63 - 1  # of SQLite

# Litestar 2.25 leaves out of the document a bound that is zero, and the bounds of a list's items
FROM_ZERO: dict[str, Any] = {"extra": {"minimum": 0}}


def texts(n: int, max_length: int, min_length: int = 0) -> Meta:
    """Bounds of a list of texts in a body, those of its items for the document too."""
    items = {"items": {"type": "string", "maxLength": max_length}}
    return Meta(min_length=min_length, max_length=n, extra_json_schema={"extra": items})


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

EventNumber = Annotated[int, Parameter(ge=1, le=MAX_ROW_ID, description="Number of an event.")]
Familiar = Annotated[
    float | None,
    Parameter(ge=0, le=1, schema_extra=FROM_ZERO["extra"],
              description="0 only new .. 1 only heard before."),
]  # fmt: skip
Variety = Annotated[
    float | None,
    Parameter(ge=0, le=1, schema_extra=FROM_ZERO["extra"],
              description="0 by score alone .. 1 most varied."),
]  # fmt: skip
Duration = Annotated[
    float | None,
    Parameter(ge=0, le=86_400, schema_extra=FROM_ZERO["extra"],
              description="A length in seconds; none leaves jingles and long mixes out of most "
                          "stations, 0 and 86400 let them in."),
]  # fmt: skip
Minus = Annotated[
    list[Annotated[str, Meta(max_length=64)]] | None,
    Parameter(max_items=20, schema_extra={"items": Schema(type=OpenAPIType.STRING, max_length=64)},
              description="What to move away from, named like a seed."),
]  # fmt: skip
Seeds = Annotated[
    list[Annotated[str, Meta(max_length=64)]] | None,
    Parameter(max_items=20, schema_extra={"items": Schema(type=OpenAPIType.STRING, max_length=64)},
              description="What to start from, for stations with seeds: a track id, `artist:ID`, "
                          "`album:ID` or `genre:NAME`, each with a weight if you like: "
                          "`artist:ID*0.5`."),
]  # fmt: skip
Words = Annotated[
    str | None,
    Parameter(max_length=500, description="For the station `ask`: what to look for, in words."),
]
Mix = Annotated[int, Parameter(ge=1, le=6, description="Which daily mix.")]
Week = Annotated[
    str | None,
    Parameter(max_length=8, description="The list kept for an ISO week, such as `2026-W48`."),
]
SimilarBy = Annotated[
    Literal["sound", "listeners", "both"],
    Parameter(description="What likeness means: how it sounds, who plays it, or all there is."),
]
Mood = Annotated[
    str | None,
    Parameter(max_length=32, description=f"For the station `mood`: {', '.join(MOODS)}."),
]
Genres = Annotated[
    list[Annotated[str, Meta(max_length=100)]] | None,
    Parameter(max_items=20, schema_extra={"items": Schema(type=OpenAPIType.STRING, max_length=100)},
              description="Only these genres."),
]  # fmt: skip


def app_of(request: Request[Any, Any, Any]) -> App:
    """The application that answers this request."""
    return request.app.state.segue
