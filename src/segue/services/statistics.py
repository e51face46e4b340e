"""One listener's own statistics: totals, the clock, the months, what is played most, what is new.

Counted over all plays as columns, which are kept: by the database each count of a million plays
takes a second, and a page has ten of them.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import partial
from threading import Lock

import numpy as np
from msgspec import Struct

from segue.errors import InvalidInputError
from segue.services.plays import KeptPlays, Plays
from segue.services.zoned import zoned
from segue.store.history import History
from segue.store.history_records import HistoryMark
from segue.store.statistics import (
    EVER,
    CountedArtist,
    CountedGenre,
    CountedTrack,
    Links,
    Statistics,
)
from segue.types import FloatVector, IntVector

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
        store: Reads plays.
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
        self._plays = KeptPlays(store, history)
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
        made = self._count(self._plays.of(listener_id, mark), period, since, until, zone)
        with self._lock:
            self._kept[listener_id, period] = (mark, day, zone, made)
            self._kept.move_to_end((listener_id, period))
            while len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return made

    def forget(self, listener_id: str) -> None:
        """Let go of what is kept of a listener."""
        self._plays.forget(listener_id)
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
        self, plays: Plays, period: str, since: float, until: float, zone: tzinfo
    ) -> ListenerStatistics:
        some = plays.within(since, until)
        about = self._store.described(some.track_ids)
        n_plays, last_at = _of_tracks(some)
        clock = zoned(some.at, zone)
        first_at = some.first_at[some.first_at >= since]
        months = _months(clock.month, zoned(first_at, zone).month)
        by_artist, last_of_artist = _over_links(about.artists, n_plays, last_at)
        top = _top(by_artist, last_of_artist, about.artists.ids, N_TOP)
        unheard = np.isnan(some.played_s)
        heard_s = np.where(unheard, about.duration_s[some.track], some.played_s)
        return ListenerStatistics(
            period=period,
            since=since,
            until=None if until == EVER else until,
            n_plays=len(some.at),
            heard_s=float(heard_s.sum()),
            n_tracks=int(np.count_nonzero(n_plays)),
            n_artists=int(np.count_nonzero(by_artist)),
            n_new_tracks=len(first_at),
            n_days=len(np.unique(clock.day)),
            by_hour=np.bincount(clock.hour, minlength=24).tolist(),
            by_weekday=np.bincount(clock.weekday, minlength=7).tolist(),
            months=months,
            top_artists=[
                CountedArtist(id=id_, name=about.artists.names[row], n_plays=n, last_listened_at=at)
                for row, id_, n, at in _told(top, about.artists.ids, by_artist, last_of_artist)
            ],
            top_tracks=[
                CountedTrack(id=id_, n_plays=n, last_listened_at=at)
                for _, id_, n, at in _told(
                    _top(n_plays, last_at, some.track_ids, N_TOP), some.track_ids, n_plays, last_at
                )
            ],
            top_genres=_top_genres(about.genres, n_plays),
            artists_over_time=[
                _over_time(about.artists, row, some, clock.month) for row in top[:N_OVER_TIME]
            ],
            years=_years(plays, zone),
        )


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


def _of_tracks(plays: Plays) -> tuple[IntVector, FloatVector]:
    """Plays of each track, and when the last of them began; 0 where there is none."""
    n_plays = np.bincount(plays.track, minlength=len(plays.track_ids))
    last_at = np.zeros(len(plays.track_ids))
    last_at[plays.track] = plays.at  # of several values the last one stays
    return n_plays, last_at


def _over_links(
    links: Links, n_plays: IntVector, last_at: FloatVector
) -> tuple[IntVector, FloatVector]:
    """The same of what tracks link to."""
    n = np.bincount(links.to, n_plays[links.of], minlength=len(links.ids)).astype(np.int64)
    last = np.zeros(len(links.ids))
    np.maximum.at(last, links.to, last_at[links.of])
    return n, last


def _top(n_plays: IntVector, last_at: FloatVector, ids: Sequence[str], n: int) -> list[int]:
    """Positions by plays, ties by the newer play, then by id; those without a play left out."""
    enough = max(1, int(np.partition(n_plays, -n)[-n])) if len(n_plays) > n else 1
    rows = np.flatnonzero(n_plays >= enough).tolist()
    return sorted(rows, key=lambda row: (-n_plays[row], -last_at[row], ids[row]))[:n]


def _told(
    rows: Sequence[int], ids: Sequence[str], n_plays: IntVector, last_at: FloatVector
) -> Iterator[tuple[int, str, int, float]]:
    """Position, id, plays and time of the last play."""
    return ((row, ids[row], int(n_plays[row]), float(last_at[row])) for row in rows)


def _top_genres(genres: Links, n_plays: IntVector) -> list[CountedGenre]:
    counts, _ = _over_links(genres, n_plays, np.zeros(len(n_plays)))
    found = [
        CountedGenre(name=name, n_plays=n)
        for name, n in zip(genres.names, counts.tolist(), strict=True)
        if n
    ]
    return sorted(found, key=lambda one: (-one.n_plays, one.name))[:N_TOP]


def _over_time(artists: Links, row: int, plays: Plays, month: IntVector) -> ArtistOverTime:
    of = artists.of[artists.to == row]
    times = np.bincount(of, minlength=len(plays.track_ids))[plays.track]
    counts = np.bincount(month - month.min(), times)
    return ArtistOverTime(
        id=artists.ids[row], name=artists.names[row], n_plays=counts.astype(np.int64).tolist()
    )


def _years(plays: Plays, zone: tzinfo) -> list[int]:
    if not len(plays.at):
        return []
    first, last = (local(float(at), zone).year for at in plays.at[[0, -1]])
    return list(range(last, first - 1, -1))


def _months(month: IntVector, month_of_new: IntVector) -> list[Month]:
    """Every month from the first to the last with a play, empty ones in between too."""
    if not len(month):
        return []
    first = int(month.min())
    n_plays = np.bincount(month - first)
    n_new = np.bincount(month_of_new - first, minlength=len(n_plays))
    return [
        Month(month=f"{1970 + number // 12:04}-{number % 12 + 1:02}", n_plays=n, n_new_tracks=new)
        for number, n, new in zip(
            range(first, first + len(n_plays)), n_plays.tolist(), n_new.tolist(), strict=True
        )
    ]
