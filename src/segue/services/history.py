"""What listeners did: events of every door are checked once, here, and durable at return."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from segue.data.records import Event, EventKind, NeverPlayScope
from segue.errors import InvalidInputError
from segue.store.catalog import Catalog
from segue.store.catalog_records import Page
from segue.store.history import History
from segue.store.history_pages import Listen

MAX_EVENTS_PER_REQUEST = 1_000
EARLIEST_LISTEN = 1_009_843_200.0  # 2002-01-01: the bound that ListenBrainz uses, too
MAX_CLOCK_AHEAD_S = 600.0
MAX_PLAYED_S = 86_400.0
LATEST_WRITABLE = 1e11  # year 5138; the true bound is the clock
MAX_ID = 64
MAX_KEY = 128


def documented(**bounds: float) -> Meta:
    """Bounds for the API's document that decoding does not enforce."""
    return Meta(extra_json_schema={"extra": bounds})


class NewEvent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One event as a client sends it; the listener is the one who is signed in.

    The bounds are in the API's document and looked at by :func:`why_refused`, event by event: were
    they rules of decoding, one bad event would stop the whole batch.
    """

    track_id: Annotated[str, documented(minLength=1, maxLength=MAX_ID)]
    kind: EventKind
    listened_at: Annotated[float, documented(minimum=EARLIEST_LISTEN, maximum=LATEST_WRITABLE)]
    idempotency_key: Annotated[str, documented(minLength=1, maxLength=MAX_KEY)]
    played_s: Annotated[float, documented(minimum=0, maximum=MAX_PLAYED_S)] | None = None
    value: Annotated[float, documented(minimum=1, maximum=5)] | None = None
    source: Annotated[str, documented(minLength=1, maxLength=MAX_ID)] = "player"
    client: Annotated[str, documented(minLength=1, maxLength=MAX_ID)] = "segue"


class Refusal(Struct, frozen=True):
    """An event that was not stored: its place in the request and why."""

    index: int
    reason: str


class Recorded(Struct, frozen=True, kw_only=True):
    """What became of a batch. Everything but the refused is on stable storage."""

    stored: int
    repeated: int
    refused: tuple[Refusal, ...]


class HistoryService:
    """Events and never-play rules of listeners.

    Args:
        history: Append-only events.
        catalog: To turn ids into tracks for pages.
        clock: Unix time (s).
        on_stored: Called with the number of new events, after they are durable.
    """

    def __init__(
        self,
        history: History,
        catalog: Catalog,
        clock: Callable[[], float] = time.time,
        on_stored: Callable[[int], None] = lambda _n: None,
    ) -> None:
        self._history = history
        self._catalog = catalog
        self._clock = clock
        self.on_stored = on_stored

    def record(self, listener_id: str, events: Sequence[NewEvent | str]) -> Recorded:
        """Store a batch; one bad event never stops the rest.

        Args:
            listener_id: Whose events.
            events: In any order; a string stands for one that could not be decoded, and says why.

        Raises:
            InvalidInputError: More than 1,000 events at once.
        """
        if len(events) > MAX_EVENTS_PER_REQUEST:
            raise InvalidInputError(
                f"at most {MAX_EVENTS_PER_REQUEST} events at once, got {len(events)}"
            )
        now = self._clock()
        refused: list[Refusal] = []
        good: list[tuple[int, Event]] = []
        for index, event in enumerate(events):
            reason = event if isinstance(event, str) else why_refused(event, now)
            if reason or isinstance(event, str):
                refused.append(Refusal(index, reason or ""))
            else:
                good.append((index, Event(listener_id=listener_id, **_fields(event))))
        appended = self._history.append([event for _, event in good])
        for (index, _), outcome in zip(good, appended, strict=True):
            if outcome.problem:
                refused.append(Refusal(index, outcome.problem))
        stored = sum(outcome.is_new for outcome in appended)
        if stored:
            self.on_stored(stored)
        repeated = len(events) - stored - len(refused)
        ordered = tuple(sorted(refused, key=lambda refusal: refusal.index))
        return Recorded(stored=stored, repeated=repeated, refused=ordered)

    def never_play(
        self, listener_id: str, scope: NeverPlayScope, target_id: str, until: float | None = None
    ) -> None:
        """Keep a track, artist or album out of every list, for good or until a time."""
        self._history.never_play(listener_id, scope, target_id, until=until, now=self._clock())

    def allow_again(self, listener_id: str, scope: NeverPlayScope, target_id: str) -> None:
        """Take a never-play back; nothing happens when there is none."""
        self._history.allow_again(listener_id, scope, target_id)

    def restore(self, listener_id: str, event_id: int) -> None:
        """Let an event that was taken back count again; nothing happens when it was not.

        Raises:
            NotFoundError: No such event, or another listener's.
        """
        self._history.pages.restore(listener_id, event_id)

    def listen(self, listener_id: str, event_id: int) -> Listen:
        """One play or skip that holds.

        Raises:
            NotFoundError: No such listen, or another listener's.
        """
        return self._history.pages.one(listener_id, event_id)

    def page(
        self, listener_id: str, cursor: str | None = None, limit: int = 50, words: str = ""
    ) -> Page[Listen]:
        """Plays and skips, newest first, those of tracks with all of the words.

        Raises:
            InvalidInputError: A cursor of another list, or a limit outside 1..200.
        """
        return self._history.pages.page(listener_id, cursor, limit, words)

    def retract(self, listener_id: str, event_id: int) -> None:
        """Undo one event of one's own.

        Raises:
            NotFoundError: No such event, or another listener's.
        """
        self._history.retract(listener_id, event_id, now=self._clock())


def why_refused(event: NewEvent | Event, now: float) -> str | None:
    """Why an event cannot be stored, in words, or None when it can."""
    if not EARLIEST_LISTEN <= event.listened_at <= now + MAX_CLOCK_AHEAD_S:
        return (
            f"listened_at {event.listened_at:.0f} must be Unix seconds between 2002 and now "
            "(10 minutes ahead are allowed)"
        )
    if event.played_s is not None and not 0 <= event.played_s <= MAX_PLAYED_S:
        return f"played_s must lie in 0..{MAX_PLAYED_S:.0f}, got {event.played_s}"
    if event.kind is EventKind.RATE and not (event.value is not None and 1 <= event.value <= 5):
        return f"a rating has a value in 1..5, got {event.value}"
    if not (
        0 < len(event.idempotency_key) <= MAX_KEY
        and 0 < len(event.source) <= MAX_ID
        and 0 < len(event.client) <= MAX_ID
        and 0 < len(event.track_id) <= MAX_ID
    ):
        return _odd_length(event)
    return None


def _odd_length(event: NewEvent | Event) -> str:
    limits = {"idempotency_key": MAX_KEY, "source": MAX_ID, "client": MAX_ID, "track_id": MAX_ID}
    lengths = {name: len(getattr(event, name)) for name in limits}
    name = next(name for name, limit in limits.items() if not 1 <= lengths[name] <= limit)
    return f"{name} has 1 to {limits[name]} characters, got {lengths[name]}"


def _fields(event: NewEvent) -> Mapping[str, Any]:
    return msgspec.structs.asdict(event)
