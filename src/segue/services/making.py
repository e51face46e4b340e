"""From a listener and a request to a ranked list: the pipeline, or the list kept for the period."""

from collections.abc import Callable, Sequence

import numpy as np

from segue.data.clocks import utc_offset_s
from segue.data.items import RankedList
from segue.data.query import Controls, Query
from segue.errors import NotFoundError
from segue.models.clusters import Clusters
from segue.pipeline.build import build_list
from segue.pipeline.candidates import Source
from segue.pipeline.mixes import taste_mixes
from segue.pipeline.stations import STATIONS, Recipe
from segue.services.asked import Asked, Wanted
from segue.services.in_words import request_of
from segue.services.like_minded import LikeMindedService
from segue.services.scheduled import KEPT_LENGTH, MIN_LIKED, ScheduledLists, still_allowed
from segue.services.seeds import weights_of
from segue.types import BoolVector, IntVector

MIX = STATIONS["daily_mix"]
LIKE_MINDED = "like_minded"


class ListMaker:
    """Makes ranked lists.

    Args:
        scheduled: Lists of a day or week.
        like_minded: Gives the source of one station, when the listener consents.
    """

    def __init__(self, scheduled: ScheduledLists, like_minded: LikeMindedService) -> None:
        self._scheduled = scheduled
        self._like_minded = like_minded

    def maker_of(self, asked: Asked, recipe: Recipe, wanted: Wanted) -> Callable[[], RankedList]:
        """What makes the list, later and perhaps never; a missing consent is said now."""
        more: tuple[Source, ...] = ()
        if recipe.name == LIKE_MINDED:
            more = (self._like_minded.source(asked.listener_id, asked.serving),)
        return lambda: self._made(asked, recipe, wanted, more)

    def mixes(self, asked: Asked) -> list[RankedList]:
        """The day's mixes as they hold now."""
        lists = self._scheduled.of(
            asked.listener_id, MIX, asked.now, lambda _: self._new_mixes(asked), _is_own
        )
        tracks = asked.serving.tracks
        return [still_allowed(ranked, tracks, asked.profile, asked.away) for ranked in lists]

    def _made(
        self, asked: Asked, recipe: Recipe, wanted: Wanted, more: tuple[Source, ...]
    ) -> RankedList:
        if wanted.week is not None:
            return self._of_week(asked, recipe, wanted)
        if recipe.needs == "group":
            return self._mix(asked, wanted)
        if recipe.kept and wanted.controls == Controls() and not wanted.seeds + wanted.minus:
            return self._of_period(asked, recipe, wanted.n)
        return build(asked, recipe, wanted, more=more)

    def _mix(self, asked: Asked, wanted: Wanted) -> RankedList:
        lists = self.mixes(asked)
        if not lists:
            title = MIX.title.format(name="Daily mix")
            return RankedList(MIX.name, (), (), None, asked.serving.version, title)
        if not 1 <= wanted.mix <= len(lists):
            raise NotFoundError(f"there is no mix {wanted.mix} today, there are 1 to {len(lists)}")
        return shortened(lists[wanted.mix - 1], wanted.n)

    def _new_mixes(self, asked: Asked) -> list[RankedList]:
        models = {source.name: source.model for source in asked.serving.sources}
        clusters = models.get("clusters")
        if not isinstance(clusters, Clusters):
            return []
        parts = taste_mixes(asked.profile, clusters, asked.serving.tracks)
        made = [
            build(asked, MIX, Wanted(KEPT_LENGTH), group=part.track_idx, name=part.name)
            for part in parts
        ]
        return [ranked for ranked in made if ranked.tracks]

    def _of_period(self, asked: Asked, recipe: Recipe, n: int) -> RankedList:
        def make(lately: set[str]) -> list[RankedList]:
            rows = asked.serving.tracks.ids.rows(lately)
            stale = np.zeros(len(asked.serving.tracks), bool)
            stale[rows[rows >= 0]] = True
            return [build(asked, recipe, Wanted(KEPT_LENGTH), stale=stale if lately else None)]

        def holds(ranked: RankedList) -> bool:
            n_liked = int(np.count_nonzero(asked.profile.preference > 0))
            return n_liked >= MIN_LIKED and _is_own(ranked)

        found = self._scheduled.of(asked.listener_id, recipe, asked.now, make, holds)
        ranked = still_allowed(found[0], asked.serving.tracks, asked.profile, asked.away)
        if not ranked.tracks:  # all of it was banned since, and something else is there
            ranked = make(set())[0]
        return shortened(ranked, n)

    def _of_week(self, asked: Asked, recipe: Recipe, wanted: Wanted) -> RankedList:
        lists = self._scheduled.of_week(asked.listener_id, recipe, wanted.week or "")
        if not lists:
            raise NotFoundError(f"no list of {recipe.name!r} was kept for {wanted.week}")
        ranked = still_allowed(lists[0], asked.serving.tracks, asked.profile, asked.away)
        return shortened(ranked, wanted.n)


def build(
    asked: Asked,
    recipe: Recipe,
    wanted: Wanted,
    *,
    more: tuple[Source, ...] = (),
    group: IntVector | None = None,
    stale: BoolVector | None = None,
    name: str = "",
    weights: dict[int, float] | None = None,
    away: BoolVector | None = None,
    before: Sequence[int] = (),
) -> RankedList:
    """One list through the pipeline.

    Args:
        asked: Who asks.
        recipe: What it is made of.
        wanted: Length, seeds and controls.
        more: Sources of this request alone.
        group: Rows of a part of the taste, for the stations about it.
        stale: Mask of tracks shown too lately.
        name: For the title.
        weights: Rows to start from, in the place of the seeds.
        away: Mask of what must not be in it; that of ``asked`` when None.
        before: Rows right before the list; artists and albums are kept apart from theirs.
    """
    serving = asked.serving
    if weights is None:
        weights = weights_of(wanted.seeds, wanted.minus, serving)
    request, vector = request_of(wanted.words, serving.embed)
    query = Query(
        station=recipe.name,
        profile=asked.profile,
        n=wanted.n,
        controls=wanted.controls,
        seeds=weights,
        blocked=asked.away if away is None else away,
        now=asked.now,
        seed=asked.seed,
        group=group,
        stale=stale,
        name=name,
        asked=request,
        asked_vector=vector,
        leanings=asked.leanings,
        before=before,
        utc_offset_s=utc_offset_s(asked.zone, asked.now),
    )
    sources = (*serving.sources, *more)
    kept = None if more else asked.kept  # of the sources in service: a name stands for one model
    return build_list(query, serving.tracks, sources, recipe, ranker=serving.ranker, kept=kept)


def shortened(ranked: RankedList, n: int) -> RankedList:
    """The first ``n`` tracks of a list."""
    return ranked.of(ranked.tracks[:n])


def _is_own(ranked: RankedList) -> bool:
    """Whether taste made it: a list of which a fallback gave half or more is not kept."""
    is_own = ranked.fallback is None or ranked.is_filled_at_its_end
    return bool(ranked.tracks) and is_own
