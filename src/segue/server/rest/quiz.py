"""The taste quiz, and the stars that somebody would give."""

from typing import Annotated, Any

from litestar import get, post
from litestar.openapi.spec import OpenAPIType, Schema
from litestar.params import JSONBody, Parameter
from litestar.status_codes import HTTP_200_OK
from msgspec import Meta, Struct

from segue.data.records import Credit
from segue.server.auth import LISTENER, SegueRequest, signed_in
from segue.server.rest.parameters import app_of, texts
from segue.server.threads import in_thread
from segue.services.quiz import DEFAULT_N, MAX_N, SHOWN_FIRST, QuizAnswer, QuizView

N_ARTISTS = 24
_OPT = {"policy": LISTENER}
_N = Annotated[int, Parameter(ge=1, le=MAX_N, description="Answers wanted.")]
_Shown = Annotated[int, Parameter(ge=1, le=200, description="Length of the list at the end.")]
_Ids = Annotated[
    list[Annotated[str, Meta(max_length=64)]] | None,
    Parameter(max_items=100,
              schema_extra={"items": Schema(type=OpenAPIType.STRING, max_length=64)}),
]  # fmt: skip


class Answers(Struct, frozen=True, forbid_unknown_fields=True):
    """Answers of the quiz; leave `stars` out for a track that you do not know."""

    answers: Annotated[list[QuizAnswer], Meta(max_length=100)]


class PickedArtists(Struct, frozen=True, forbid_unknown_fields=True):
    """Artists that you like."""

    artist_ids: Annotated[list[Annotated[str, Meta(max_length=64)]], texts(50, 64)]


class Stored(Struct, frozen=True):
    """How many events were stored; they are ordinary ones and can be taken back."""

    stored: int


class Predicted(Struct, frozen=True):
    """Stars by track id, and how far off they are on average, where that is known."""

    stars: dict[str, float]
    rmse: float | None
    n_ratings: int


@get("/v1/quiz", opt=_OPT, tags=["quiz"], summary="The next question, or the list")
@in_thread
def quiz(
    request: SegueRequest, n: _N = DEFAULT_N, asked: _Ids = None, n_list: _Shown = SHOWN_FIRST
) -> QuizView:
    """The track whose answer tells most now; name in `asked` what was asked before."""
    return app_of(request).quiz.ask(signed_in(request).id, n, tuple(asked or ()), n_list)


@post("/v1/quiz/answers", opt=_OPT, status_code=HTTP_200_OK, tags=["quiz"],
      summary="Answer")  # fmt: skip
@in_thread
def answer_quiz(request: SegueRequest, data: JSONBody[Answers]) -> Stored:
    """Store ratings 1 to 5; they change every list at once."""
    return Stored(app_of(request).quiz.answer(signed_in(request).id, data.answers))


@get("/v1/quiz/artists", opt=_OPT, tags=["quiz"], summary="Artists to pick from")
@in_thread
def quiz_artists(request: SegueRequest) -> list[Credit]:
    """The best known artists here."""
    return app_of(request).quiz.artists(signed_in(request).id, N_ARTISTS)


@post("/v1/quiz/artists", opt=_OPT, status_code=HTTP_200_OK, tags=["quiz"],
      summary="Pick artists")  # fmt: skip
@in_thread
def pick_artists(request: SegueRequest, data: JSONBody[PickedArtists]) -> Stored:
    """Say which artists you like, in the place of ratings."""
    return Stored(app_of(request).quiz.pick(signed_in(request).id, data.artist_ids))


@get("/v1/predicted-ratings", opt=_OPT, tags=["quiz"], summary="Stars you would give")
@in_thread
def predicted_ratings(request: SegueRequest, track: _Ids = None) -> Predicted:
    """Predicted stars of tracks, with the error found by cross-validation."""
    app, listener_id = app_of(request), signed_in(request).id
    rmse, n = app.quiz.expected_error()
    return Predicted(app.quiz.predicted(listener_id, tuple(track or ())), rmse, n)


QUIZ_HANDLERS: list[Any] = [quiz, answer_quiz, quiz_artists, pick_artists, predicted_ratings]
