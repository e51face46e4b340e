"""The taste quiz: asks about the tracks that tell most, and stores the answers as events.

Answers are ratings and picks like any others: they are weighed by the one table, change the next
list at once, and can be taken back. What was not known is remembered by whoever asks.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Annotated

import numpy as np
from msgspec import Meta, Struct
from scipy import sparse

from segue.data.records import Credit, EventKind
from segue.errors import InvalidInputError, NotFoundError
from segue.models.base import Recommender
from segue.models.stars import StarsModel
from segue.models.user_knn import UserKNN
from segue.pipeline.quiz import (
    MAX_KINDS,
    QuizBoard,
    askable,
    board_of_genres,
    board_of_listeners,
    next_question,
)
from segue.rng import derived_rng
from segue.services.asked import Asked
from segue.services.history import HistoryService, NewEvent
from segue.services.recommend import RecommendService
from segue.services.serving import Serving
from segue.services.views import ListView, TrackView
from segue.types import BoolVector, IntVector

DEFAULT_N = 5
MAX_N = 20
SHOWN_FIRST = 3  # tracks of the list right after the quiz; more on demand
MAX_ASKED_FOR_ONE = 4  # questions for each answer wanted; then nobody is asked any further
TRACKS_OF_PICK = 3  # that stand for an artist who was picked
SOURCE = "quiz"
MAX_CELLS = 40_000_000  # of scores at once: 160 MB, 40 listeners in a catalogue of a million
N_BOARDS = 2  # the set in service, and the one that is about to be
MIN_LISTENERS = 10  # with fewer, genres tell more


class QuizAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Stars for a track that was asked about; none means "I do not know it"."""

    track_id: Annotated[str, Meta(min_length=1, max_length=64)]
    stars: Annotated[float, Meta(ge=1, le=5)] | None = None


class QuizView(Struct, frozen=True, kw_only=True):
    """Where the quiz is: the question, or the list when it is done."""

    n: int
    n_answered: int
    question: TrackView | None
    list: ListView | None


class QuizService:
    """Asks and stores.

    Args:
        recommend: Lists and the listener's moment.
        history: Where answers go.
        clock: Unix time (s).
    """

    def __init__(
        self,
        recommend: RecommendService,
        history: HistoryService,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._recommend = recommend
        self._history = history
        self._clock = clock
        self._lock = threading.Lock()
        self._boards: tuple[tuple[Serving, QuizBoard], ...] = ()  # of the newest sets

    def prepare(self, serving: Serving) -> None:
        """Make the board of a model set before anybody asks for it: some tens of milliseconds.

        The set in service keeps its own board meanwhile, and nobody waits for it.
        """
        board = make_board(serving)
        with self._lock:
            self._boards = ((serving, board), *self._boards)[:N_BOARDS]

    def ask(
        self, listener_id: str, n: int = DEFAULT_N, asked: Sequence[str] = (), n_list: int = 3
    ) -> QuizView:
        """The next question, or the list when enough is answered or nothing is left to ask.

        Args:
            listener_id: Who is asked.
            n: Answers wanted, 1..20.
            asked: Tracks asked about in this quiz so far, answered or not known.
            n_list: Length of the list at the end.
        """
        _check_n(n)
        moment = self._recommend.asked(listener_id)
        board = self._board_of(moment.serving)
        stars = _stars_of(moment)
        given = set(moment.serving.tracks.ids.rows(asked).tolist()) & set(stars)
        question = None
        if len(given) < n and len(set(asked)) < MAX_ASKED_FOR_ONE * n:
            barred = _barred(board, moment, asked)
            row = next_question(board, stars, barred)
            question = None if row is None else moment.serving.tracks.ids[row]
        view = None if question is None else self._recommend.track_view(listener_id, question)
        done = self._recommend.list(listener_id, "for_you", n_list) if question is None else None
        return QuizView(n=n, n_answered=len(given), question=view, list=done)

    def answer(self, listener_id: str, answers: Sequence[QuizAnswer]) -> int:
        """Store ratings; how many. What is not known is no event.

        Raises:
            NotFoundError: No such track.
        """
        now = self._clock()
        events = [
            NewEvent(track_id=one.track_id, kind=EventKind.RATE, value=one.stars, listened_at=now,
                     idempotency_key=f"quiz-{one.track_id}-{now:.3f}", source=SOURCE)
            for one in answers
            if one.stars is not None
        ]  # fmt: skip
        return self._store(listener_id, events)

    def pick(self, listener_id: str, artist_ids: Sequence[str]) -> int:
        """Store that artists were picked, on their best known tracks; how many tracks.

        Raises:
            NotFoundError: No such artist.
        """
        serving, now = self._recommend.asked(listener_id).serving, self._clock()
        events: list[NewEvent] = []
        for artist_id in dict.fromkeys(artist_ids):
            rows = _tracks_of_artist(serving, artist_id)
            if not len(rows):
                raise NotFoundError(f"no artist {artist_id!r} in what the models know yet")
            ids = [serving.tracks.ids[row] for row in rows[:TRACKS_OF_PICK].tolist()]
            events += [NewEvent(track_id=id_, kind=EventKind.PICK, listened_at=now, source=SOURCE,
                                idempotency_key=f"pick-{id_}") for id_ in ids]  # fmt: skip
        return self._store(listener_id, events)

    def artists(self, listener_id: str, n: int = 24) -> list[Credit]:
        """Artists to pick from, the best known first."""
        serving = self._recommend.asked(listener_id).serving
        tracks, found = serving.tracks, dict[int, str]()  # one track of each artist
        for row in _best_known_first(serving).tolist():
            artist = int(tracks.artist_idx[row])
            if artist >= 0 and tracks.owned[row] and artist not in found:
                found[artist] = tracks.ids[row]
                if len(found) == n:
                    break
        views = self._recommend.track_views(listener_id, list(found.values()))
        return [view.track.artists[0] for view in views if view.track.artists]

    def predicted(self, listener_id: str, track_ids: Sequence[str]) -> dict[str, float]:
        """Stars that the listener would give, 1..5, where ratings were learnt from; by track id."""
        moment = self._recommend.asked(listener_id)
        model = next((s.model for s in moment.serving.sources if s.name == "stars"), None)
        known = [id_ for id_ in track_ids if id_ in moment.serving.tracks.ids]
        if not isinstance(model, StarsModel) or not known:
            return {}
        stars = model.predict(moment.profile, moment.serving.tracks.ids.rows(known))
        return {id_: round(float(one), 2) for id_, one in zip(known, stars, strict=True)}

    def expected_error(self) -> tuple[float | None, int]:
        """Root mean squared error of predicted stars by cross-validation, and of how many."""
        for source in self._recommend.serving().sources:
            if isinstance(source.model, StarsModel):
                error = source.model.expected_error
                return (float(error.rmse) if error.n_ratings else None), error.n_ratings
        return None, 0

    def _store(self, listener_id: str, events: Sequence[NewEvent]) -> int:
        if not events:
            return 0
        recorded = self._history.record(listener_id, events)
        if recorded.refused:
            raise NotFoundError(recorded.refused[0].reason)
        return recorded.stored

    def _board_of(self, serving: Serving) -> QuizBoard:
        """The board of a model set, made here when it was not prepared."""
        board = next((board for whose, board in self._boards if whose is serving), None)
        if board is None:
            self.prepare(serving)
            return self._board_of(serving)
        return board


def make_board(serving: Serving) -> QuizBoard:
    """Real listeners where there are enough and a model to complete them by, else genres."""
    tracks = serving.tracks
    questions = askable(tracks, _best_known_first(serving))
    models = {source.name: source.model for source in serving.sources}
    listeners, taste = models.get("listeners"), models.get("taste")
    if not isinstance(listeners, UserKNN) or not isinstance(taste, Recommender):
        return board_of_genres(tracks, questions)
    likes = sparse.csr_matrix(listeners.to_arrays()["likes"])
    active = np.flatnonzero(np.diff(likes.indptr) > 0)
    if len(active) < MIN_LISTENERS:
        return board_of_genres(tracks, questions)
    n_kinds = max(1, min(MAX_KINDS, MAX_CELLS // max(len(tracks), 1)))
    if len(active) > n_kinds:
        rng = derived_rng(0, "quiz", "kinds")
        active = np.sort(rng.choice(active, n_kinds, replace=False))
    return board_of_listeners(likes, active, taste.score_batch(likes[active]), questions)


def _best_known_first(serving: Serving) -> IntVector:
    """All rows, those most played here first, then in an order drawn once."""
    order = derived_rng(0, "quiz", "order").permutation(len(serving.tracks))
    played = np.zeros(len(serving.tracks))
    for source in serving.sources:
        if source.name == "popularity" and source.best_first is not None:
            played[source.best_first.track_idx] = source.best_first.scores
    return order[np.argsort(-played[order], kind="stable")].astype(np.int32)


def _tracks_of_artist(serving: Serving, artist_id: str) -> IntVector:
    artist = serving.tracks.artist_ids.get(artist_id)
    if artist is None:
        return np.empty(0, np.int32)
    first = _best_known_first(serving)
    return first[serving.tracks.artist_idx[first] == artist]


def _stars_of(asked: Asked) -> dict[int, float]:
    known = asked.profile.known
    rated = ~np.isnan(known.rating)
    return dict(zip(known.track_idx[rated].tolist(), known.rating[rated].tolist(), strict=True))


def _barred(board: QuizBoard, asked: Asked, ids: Sequence[str]) -> BoolVector:
    """What is not asked: asked before, rated, disliked, never to be played, gone."""
    known = asked.profile.known
    said = known.track_idx[known.disliked | ~np.isnan(known.rating)]
    rows = np.concatenate((asked.serving.tracks.ids.rows(ids), said))
    barred = np.isin(board.track_idx, rows)
    return barred if asked.away is None else barred | asked.away[board.track_idx]


def _check_n(n: int) -> None:
    if not 1 <= n <= MAX_N:
        raise InvalidInputError(f"n must lie in 1..{MAX_N}, got {n}")
