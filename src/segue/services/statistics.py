"""One listener's own statistics: totals, the clock, the months, what is played most, what is new.

The database counts by the quarter of an hour; a zone's clock and calendar are laid over that here,
so that summer time falls where it should.
"""

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import partial
from threading import Lock

from msgspec import Struct

from segue.errors import InvalidInputError
from segue.store.history import History
from segue.store.history_records import HistoryMark
from segue.store.statistics import (
    EVER,
    SLOT_S,
    CountedArtist,
    CountedGenre,
    CountedTrack,
    Slot,
    Statistics,
)

PERIODS = {"4w": 28, "6m": 182, "12m": 365}  # days; "all" and years beside them
N_TOP = 20
N_OVER_TIME = 5
MAX_KEPT = 200


class Month(Struct, frozen=True, kw_only=True):
    """One month of listening: plays, and tracks that were played for the first time."""

    month: str  # "2026-11"
    n_plays: int
    n_new_tracks: int


class ArtistOverTime(Struct, frozen=True, kw_only=True):
    """An artist and plays in each of the months of the answer."""

    id: str
    name: str
    n_plays: list[int]


class ListenerStatistics(Struct, frozen=True, kw_only=True):
    """What one listener played in a period. Hours and days are those of their own clock."""

    period: str
    since: float
    until: float | None
    n_plays: int
    heard_s: float
    n_tracks: int
    n_artists: int
    n_new_tracks: int
    n_days: int  # with a play
    by_hour: list[int]  # 24, from midnight
    by_weekday: list[int]  # 7, from Monday
    months: list[Month]
    top_artists: list[CountedArtist]
    top_tracks: list[CountedTrack]
    top_genres: list[CountedGenre]
    artists_over_time: list[ArtistOverTime]
    years: list[int]  # with a play, the newest first


_Kept = tuple[HistoryMark, date, tzinfo, ListenerStatistics]


class StatisticsService:
    """Statistics of listeners, counted again only when their history changed.

    Args:
        store: Counts.
        history: Says whether anything changed.
        zone_of: The time zone of a listener.
        clock: Unix time (s).
    """

    def __init__(
        self,
        store: Statistics,
        history: History,
        zone_of: Callable[[str], tzinfo] = lambda _listener_id: UTC,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._history = history
        self._zone_of = zone_of
        self._clock = clock
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
        self._lock = Lock()

    def of(self, listener_id: str, period: str = "12m") -> ListenerStatistics:
        """Statistics of a period.

        Args:
            listener_id: Whose.
            period: "4w", "6m", "12m" (back from now), "all", or a year such as "2025".

        Raises:
            InvalidInputError: No such period.
        """
        now, zone = self._clock(), self._zone_of(listener_id)
        since, until = bounds(period, now, zone)
        mark, day = self._history.mark(listener_id), local(now, zone).date()
        with self._lock:
            kept = self._kept.get((listener_id, period))
        if kept is not None and kept[:3] == (mark, day, zone):
            return kept[3]
        made = self._count(listener_id, period, since, until, zone)
        with self._lock:
            self._kept[listener_id, period] = (mark, day, zone, made)
            self._kept.move_to_end((listener_id, period))
            while len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return made

    def forget(self, listener_id: str) -> None:
        """Let go of what is kept of a listener."""
        with self._lock:
            for key in [key for key in self._kept if key[0] == listener_id]:
                del self._kept[key]

    def now(self) -> float:
        """This moment, Unix s."""
        return self._clock()

    def local_of(self, listener_id: str) -> Callable[[float], datetime]:
        """What gives a moment (Unix s) on the clock of a listener."""
        return partial(local, zone=self._zone_of(listener_id))

    def _count(
        self, listener_id: str, period: str, since: float, until: float, zone: tzinfo
    ) -> ListenerStatistics:
        store = self._store
        slots = store.slots(listener_id, since, until)
        clocks = [local(slot.number * SLOT_S, zone) for slot in slots]
        new = [
            (local(n * SLOT_S, zone), count)
            for n, count in store.first_slots(listener_id)
            if since <= n * SLOT_S < until
        ]
        months = _months(clocks, slots, new)
        top = store.top_artists(listener_id, N_TOP, since, until)
        n_tracks, n_artists = store.n_heard(listener_id, since, until)
        return ListenerStatistics(
            period=period,
            since=since,
            until=None if until == EVER else until,
            n_plays=sum(slot.n_plays for slot in slots),
            heard_s=sum(slot.heard_s for slot in slots),
            n_tracks=n_tracks,
            n_artists=n_artists,
            n_new_tracks=sum(count for _, count in new),
            n_days=len({at.date() for at in clocks}),
            by_hour=_counted((at.hour for at in clocks), slots, 24),
            by_weekday=_counted((at.weekday() for at in clocks), slots, 7),
            months=months,
            top_artists=top,
            top_tracks=store.top_tracks(listener_id, N_TOP, since, until),
            top_genres=store.top_genres(listener_id, N_TOP, since, until),
            artists_over_time=self._over_time(
                listener_id, top[:N_OVER_TIME], months, since, until, zone
            ),
            years=self._years(listener_id, zone),
        )

    def _over_time(
        self,
        listener_id: str,
        top: Sequence[CountedArtist],
        months: Sequence[Month],
        since: float,
        until: float,
        zone: tzinfo,
    ) -> list[ArtistOverTime]:
        counts: Counter[tuple[str, str]] = Counter()
        ids = [artist.id for artist in top]
        for artist_id, number, n in self._store.slots_of_artists(listener_id, ids, since, until):
            counts[artist_id, _month(local(number * SLOT_S, zone))] += n
        return [
            ArtistOverTime(id=artist.id, name=artist.name,
                           n_plays=[counts[artist.id, one.month] for one in months])
            for artist in top
        ]  # fmt: skip

    def _years(self, listener_id: str, zone: tzinfo) -> list[int]:
        span = self._store.span(listener_id)
        if span is None:
            return []
        first, last = (local(at, zone).year for at in span)
        return list(range(last, first - 1, -1))


def bounds(period: str, now: float, zone: tzinfo) -> tuple[float, float]:
    """Begin and end of a period (Unix s); days begin at midnight of the zone.

    Raises:
        InvalidInputError: No such period.
    """
    if period == "all":
        return 0.0, EVER
    if period in PERIODS:
        day = local(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return (day - timedelta(days=PERIODS[period] - 1)).timestamp(), EVER
    if period.isascii() and period.isdigit() and 1970 < int(period) < 2200:
        year = int(period)
        first, after = (datetime(one, 1, 1, tzinfo=zone) for one in (year, year + 1))
        return first.timestamp(), after.timestamp()
    known = ", ".join((*PERIODS, "all"))
    raise InvalidInputError(f"period must be {known} or a year, got {period[:20]!r}")


def local(at: float, zone: tzinfo) -> datetime:
    """A moment (Unix s) on the clock of a zone."""
    return datetime.fromtimestamp(at, zone)


def _counted(places: Iterable[int], slots: Sequence[Slot], n: int) -> list[int]:
    counts = [0] * n
    for place, slot in zip(places, slots, strict=True):
        counts[place] += slot.n_plays
    return counts


def _month(at: datetime) -> str:
    return f"{at.year:04}-{at.month:02}"


def _months(
    clocks: Sequence[datetime], slots: Sequence[Slot], new: Sequence[tuple[datetime, int]]
) -> list[Month]:
    """Every month from the first to the last with a play, empty ones in between too."""
    if not clocks:
        return []
    plays: Counter[str] = Counter()
    firsts: Counter[str] = Counter()
    for at, slot in zip(clocks, slots, strict=True):
        plays[_month(at)] += slot.n_plays
    for at, count in new:
        firsts[_month(at)] += count
    names: list[str] = []
    year, month = clocks[0].year, clocks[0].month
    while (year, month) <= (clocks[-1].year, clocks[-1].month):
        names.append(f"{year:04}-{month:02}")
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return [Month(month=m, n_plays=plays[m], n_new_tracks=firsts[m]) for m in names]
