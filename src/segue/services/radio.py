"""Sessions of a radio: an endless queue that follows what is skipped and finished as it happens.

The events themselves go to the history, as always, and count there for the long-term taste. A
session reads them and hears them in the request too; each counts once. Its state is a row, so that
a restart or another process goes on where it was.
"""

import time
from collections.abc import Callable, Sequence
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta, Struct

from segue.data.feedback import UNKNOWN_DURATION_S, played_fractions
from segue.data.query import Controls, Query
from segue.data.records import EventKind
from segue.errors import InvalidInputError, StoreError
from segue.pipeline.stations import Recipe
from segue.pipeline.stations import station as recipe_of
from segue.pipeline.steering import (
    Happened,
    RadioState,
    after,
    handed_out,
    outcome_of,
    pulls,
    steered,
)
from segue.pipeline.titles import title_of
from segue.services.asked import Asked, Wanted, either
from segue.services.history import MAX_ID, MAX_PLAYED_S, documented
from segue.services.making import build
from segue.services.recommend import RecommendService
from segue.services.seeds import weights_of
from segue.services.views import ListView
from segue.store.history import History
from segue.store.radio_sessions import RadioSessions
from segue.types import BoolVector

STATIONS_WITH_SESSIONS = ("radio", "my_radio")
MAX_AT_ONCE = 50
MAX_GAP = max(Controls().artist_gap, Controls().album_gap)


class Told(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happened to a track of the session, in the words of an event."""

    track_id: Annotated[str, Meta(min_length=1, max_length=MAX_ID)]
    kind: EventKind
    played_s: Annotated[float, documented(minimum=0, maximum=MAX_PLAYED_S)] | None = None


class SessionView(Struct, frozen=True, kw_only=True):
    """A session and the tracks that come next in it."""

    id: str
    station: str
    title: str
    next: ListView


class RadioService:
    """Radio sessions of listeners.

    Args:
        sessions: Their states.
        history: What listeners did.
        recommend: The moment of a listener, and how a list is shown.
        clock: Unix time (s).
    """

    def __init__(
        self,
        sessions: RadioSessions,
        history: History,
        recommend: RecommendService,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._sessions = sessions
        self._history = history
        self._recommend = recommend
        self._clock = clock

    def begin(
        self,
        listener_id: str,
        station: str = "radio",
        seeds: Sequence[str] = (),
        minus: Sequence[str] = (),
        n: int = 10,
    ) -> SessionView:
        """Begin a session.

        Args:
            listener_id: Whose.
            station: "radio", which needs seeds, or "my_radio", which starts from their taste.
            seeds: See :func:`~segue.services.seeds.weights_of`.
            minus: The same, to move away from.
            n: Tracks at once, 1..50.

        Raises:
            InvalidInputError: No such station, a value out of range, or a seed is missing.
            NotFoundError: A seed is not in the library.
        """
        if station not in STATIONS_WITH_SESSIONS:
            names = " or ".join(STATIONS_WITH_SESSIONS)
            raise InvalidInputError(f"a session is of the station {names}, got {station!r}")
        newest = self._history.newest_event_id(listener_id)
        state = RadioState(station=station, seeds=tuple(seeds), minus=tuple(minus),
                           since_event=newest)  # fmt: skip
        state, view = self._go_on(self._recommend.asked(listener_id), state, n)
        id_ = self._sessions.create(listener_id, _encoded(state), self._clock())
        return SessionView(id=id_, station=station, title=view.title, next=view)

    def go_on(
        self, listener_id: str, session_id: str, happened: Sequence[Told] = (), n: int = 10
    ) -> SessionView:
        """What comes next, given what happened since.

        What the history holds already need not be told again.

        Raises:
            NotFoundError: No such session of this listener.
        """
        state = _decoded(self._sessions.get(listener_id, session_id))
        asked = self._recommend.asked(listener_id)
        told = [
            (one.track_id, one.kind, one.played_s)
            for one in happened
            if one.track_id in state.given
        ]
        since, newest = self._from_history(listener_id, state)
        state = after(state, _outcomes(asked, [*since, *told]))
        state = msgspec.structs.replace(state, since_event=newest)
        state, view = self._go_on(asked, state, n)
        self._sessions.change(listener_id, session_id, _encoded(state), self._clock())
        return SessionView(id=session_id, station=state.station, title=view.title, next=view)

    def end(self, listener_id: str, session_id: str) -> None:
        """Forget a session."""
        self._sessions.delete(listener_id, session_id)

    def _from_history(
        self, listener_id: str, state: RadioState
    ) -> tuple[list[tuple[str, EventKind, float | None]], int]:
        """What was done since with the tracks of the session, and the newest event of all."""
        given = set(state.given)
        events = self._history.events_of(listener_id, state.since_event)
        told = [(one.track_id, one.kind, one.played_s) for one in events if one.track_id in given]
        return told, max((one.id for one in events), default=state.since_event)

    def _go_on(self, asked: Asked, state: RadioState, n: int) -> tuple[RadioState, ListView]:
        if not 1 <= n <= MAX_AT_ONCE:
            raise InvalidInputError(f"n must lie in 1..{MAX_AT_ONCE}, got {n}")
        recipe = recipe_of(state.station)
        seeds = weights_of(state.seeds, state.minus, asked.serving)
        ranked = build(
            asked, recipe, Wanted(n), weights=session_weights(asked, state, seeds),
            away=either(asked.away, played_mask(asked, state.given)),
            before=rows_before(asked, state.given),
        )  # fmt: skip
        view = self._recommend.view(asked, ranked, recipe, Wanted(n, state.seeds))
        view = msgspec.structs.replace(view, title=_title(asked, recipe, seeds))
        return handed_out(state, [place.track_id for place in ranked.tracks]), view


def session_weights(asked: Asked, state: RadioState, seeds: dict[int, float]) -> dict[int, float]:
    """The seeds of a session (rows) and what pulls in it, as weighted rows."""
    ids = asked.serving.tracks.ids
    pulled = {
        row: pull
        for track_id, pull in pulls(state.happened).items()
        if (row := ids.get(track_id)) is not None
    }
    return steered(seeds, pulled)


def played_mask(asked: Asked, given: Sequence[str]) -> BoolVector:
    """Mask of the tracks that were handed out, in all their versions."""
    tracks = asked.serving.tracks
    rows = tracks.ids.rows(given)
    return np.isin(tracks.recording_idx, tracks.recording_idx[rows[rows >= 0]])


def rows_before(asked: Asked, given: Sequence[str]) -> list[int]:
    """Rows of what was handed out last, for the gaps; what left the set counts no more."""
    rows = asked.serving.tracks.ids.rows(given[-MAX_GAP:])
    return rows[rows >= 0].tolist()


def _outcomes(asked: Asked, told: Sequence[tuple[str, EventKind, float | None]]) -> list[Happened]:
    tracks = asked.serving.tracks
    found: list[Happened] = []
    for track_id, kind, played_s in told:
        row = tracks.ids.get(track_id)
        length = UNKNOWN_DURATION_S if row is None else float(tracks.duration_s[row])
        share = None
        if played_s is not None:
            share = float(played_fractions(np.array([played_s]), np.array([length]))[0])
        outcome = outcome_of(kind, share)
        if outcome is not None:
            found.append(Happened(track_id, outcome))
    return found


def _title(asked: Asked, recipe: Recipe, seeds: dict[int, float]) -> str:
    query = Query(recipe.name, asked.profile, 1, seeds=seeds, now=asked.now)
    return title_of(query, recipe, asked.serving.tracks)


def _encoded(state: RadioState) -> str:
    return msgspec.json.encode(state).decode()


def _decoded(text: str) -> RadioState:
    try:
        return msgspec.json.decode(text, type=RadioState)
    except msgspec.MsgspecError as error:
        raise StoreError(f"a session cannot be read: {error}") from error
