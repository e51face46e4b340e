"""Lists of a day or a week: made once, kept, and the same until the next day or Monday.

A list is kept as it was made, so that it is there again after a restart or another training, and a
week can be looked at later. What was never to be played since, or is disliked or gone, falls out
when it is read.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo

import numpy as np

from segue.data.dataset import TrackTable
from segue.data.items import RankedList
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.pipeline.stations import Recipe
from segue.store.kept_lists import KeptLists
from segue.types import BoolVector

KEPT_LENGTH = 50
KEPT_WEEKS = 53  # of weekly lists, a year can be looked at
MIN_LIKED = 20  # liked tracks from which a week's list stands; until then each event improves it


class ScheduledLists:
    """Keeps lists under the day or ISO week in which they were made.

    Args:
        kept: Rows.
        repeat_weeks: Weeks for which no track of a weekly list comes again, 0..52.
        zone_of: The time zone of a listener, which says when their days and weeks begin.
    """

    def __init__(
        self,
        kept: KeptLists,
        repeat_weeks: int = 4,
        zone_of: Callable[[str], tzinfo] = lambda _listener_id: UTC,
    ) -> None:
        self._kept = kept
        self._repeat_weeks = repeat_weeks
        self._zone_of = zone_of

    def period_of(self, recipe: Recipe, listener_id: str, now: float) -> str:
        """The day or week of a moment for a recipe; "" for lists that are made anew each time."""
        day = self._day(listener_id, now)
        if recipe.kept == "week":
            return week_name(day)
        return day.isoformat() if recipe.kept == "day" else ""

    def draw_seed(self, listener_id: str, now: float) -> int:
        """The same draws all day long, other ones tomorrow; of each listener their own."""
        day = self._day(listener_id, now).toordinal()
        return day * 65_537 + sum(ord(c) * 31**i for i, c in enumerate(listener_id[:16])) % 65_537

    def of(
        self,
        listener_id: str,
        recipe: Recipe,
        now: float,
        make: Callable[[set[str]], list[RankedList]],
        holds: Callable[[RankedList], bool],
    ) -> list[RankedList]:
        """The lists of the present period: those kept, or new ones.

        Args:
            listener_id: Whose.
            recipe: With ``kept``.
            now: Unix time (s).
            make: Makes them without the tracks of these ids, which were shown too lately.
            holds: Whether a list is good enough to be kept.
        """
        period = self.period_of(recipe, listener_id, now)
        found = self._kept.get(listener_id, recipe.name, period)
        if found:
            return found
        made = make(self._shown_lately(listener_id, recipe, now))
        if not made or not all(holds(ranked) for ranked in made):
            return made
        return self._kept.keep(
            listener_id, recipe.name, period, made, now, self._oldest(recipe, listener_id, now)
        )

    def of_week(self, listener_id: str, recipe: Recipe, week: str) -> list[RankedList]:
        """The lists that were kept for an ISO week such as "2026-W48"; empty when there is none.

        Raises:
            InvalidInputError: The station has no weekly list, or the week is none.
        """
        if recipe.kept != "week":
            raise InvalidInputError(f"station {recipe.name!r} has no list of a week")
        return self._kept.get(listener_id, recipe.name, checked_week(week))

    def _day(self, listener_id: str, now: float) -> date:
        return datetime.fromtimestamp(now, UTC).astimezone(self._zone_of(listener_id)).date()

    def _shown_lately(self, listener_id: str, recipe: Recipe, now: float) -> set[str]:
        if recipe.kept != "week" or not self._repeat_weeks:
            return set()
        first = week_name(self._day(listener_id, now) - timedelta(weeks=self._repeat_weeks))
        this = self.period_of(recipe, listener_id, now)
        return self._kept.track_ids(listener_id, recipe.name, first, this)

    def _oldest(self, recipe: Recipe, listener_id: str, now: float) -> str:
        if recipe.kept == "week":
            return week_name(self._day(listener_id, now) - timedelta(weeks=KEPT_WEEKS))
        return self.period_of(recipe, listener_id, now)


def week_name(day: date) -> str:
    """The ISO 8601 week, which begins on Monday; names sort by time.

    >>> week_name(date(2026, 12, 31)), week_name(date(2027, 1, 3)), week_name(date(2027, 1, 4))
    ('2026-W53', '2026-W53', '2027-W01')
    """
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def checked_week(week: str) -> str:
    """The week, when there is one of this name.

    Raises:
        InvalidInputError: There is none.
    """
    try:
        year, _, number = week.partition("-W")
        return week_name(date.fromisocalendar(int(year), int(number), 1))
    except ValueError as error:
        raise InvalidInputError(f"a week looks like 2026-W48, got {week!r}") from error


def still_allowed(
    ranked: RankedList, tracks: TrackTable, profile: Profile, away: BoolVector | None
) -> RankedList:
    """A kept list without what is disliked, never to be played or gone since."""
    rows = tracks.ids.rows(place.track_id for place in ranked.tracks)
    known = profile.known
    bad = np.isin(rows, known.track_idx[known.disliked])
    if away is not None:
        bad |= (rows >= 0) & away[np.maximum(rows, 0)]
    kept = tuple(place for place, gone in zip(ranked.tracks, bad, strict=True) if not gone)
    return ranked.of(kept)
