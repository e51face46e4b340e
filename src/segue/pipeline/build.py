"""One list from one request: filters, candidates, rank, versions, order, reasons.

Every stage reports what it took out, so that a short or empty list explains itself. While the
filters allow a single track the list is not empty: the recipe's fallback chain fills it, and the
list names the step that did.
"""

import dataclasses
import time
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from segue.data.compiled import is_compiled
from segue.data.dataset import TrackTable
from segue.data.items import RankedList, RankedTrack, StageReport, main_filler
from segue.data.query import Query
from segue.errors import InvalidInputError
from segue.pipeline.calibrate import GenreMix, genre_mix
from segue.pipeline.candidates import (
    Part,
    Source,
    Timer,
    by_name,
    gather,
    has_taste,
    scores_of,
    step_of,
)
from segue.pipeline.controls import (
    Heard,
    allowed_tracks,
    n_recordings,
    one_of_each_recording,
    only_of_station,
    only_usual_length,
)
from segue.pipeline.diversify import Order, arrange
from segue.pipeline.explain import explain
from segue.pipeline.kept import KeptScores
from segue.pipeline.learned import LearnedRanker, Placed
from segue.pipeline.path_list import ends_of, path_tracks
from segue.pipeline.rank import Ranking, damped, drawn, fuse
from segue.pipeline.rules import RULES
from segue.pipeline.stations import Recipe, station
from segue.pipeline.titles import title_of
from segue.types import BoolVector

COLD_START = "cold_start"
ANY_LENGTH = "any_length"
SHOWN_AGAIN = "shown_again"


def build_list(
    query: Query,
    tracks: TrackTable,
    sources: Sequence[Source],
    recipe: Recipe | None = None,
    *,
    ranker: LearnedRanker | None = None,
    timer: Timer = time.perf_counter,
    model_version: str | None = None,
    kept: KeptScores | None = None,
) -> RankedList:
    """The list that a query asks for; the same query gives the same list.

    What is wished for has no file, so a station of missing tracks overrules ``owned_only``.

    Args:
        query: Rows, seeds and masks of the same catalogue as ``tracks``.
        tracks: The catalogue.
        sources: Models under the names that recipes use
            (:func:`~segue.pipeline.stations.standard_sources`); rules that are missing are added.
        recipe: Default: the recipe of ``query.station``.
        ranker: Orders the candidates of recipes that are ``learned``; None leaves the fused order.
        timer: Seconds, for the durations in the reports; nothing else depends on it.
        model_version: Passed on in the answer.
        kept: What the same sources said of the same profile before; None asks them anew.

    Raises:
        InvalidInputError: No such station, a control is out of range, or the station needs seeds,
            genres, a mood or words and has none.
    """
    recipe = recipe or station(query.station)
    _check(query, recipe, tracks)
    if recipe.missing:
        controls = msgspec.structs.replace(query.controls, owned_only=False)
        query = dataclasses.replace(query, controls=controls)
    run = _Run(query, tracks, timer, kept or KeptScores(query.profile))
    if recipe.needs == "path":
        allowed = run.filter(recipe)
        ranked, report, fallback = path_tracks(query, tracks, sources, allowed, timer)
        fallback = fallback or (ANY_LENGTH if run.is_any_length else None)
        stages = (*run.stages, report)
        seeds = tuple(tracks.ids[row] for row in query.seeds)
        title = title_of(query, recipe, tracks)
        return RankedList(recipe.name, ranked, stages, fallback, model_version, title, seeds)
    ranking, parts = run.ranked(recipe, sources, ranker)
    ranking = drawn(ranking, recipe.draw, query.seed)
    ranking = run.order(ranking, recipe)
    ranked = run.explained(run.shares(ranking, parts), parts, recipe)
    fallback = main_filler(ranked)
    if fallback is None and ranked and _is_cold(query, recipe):
        fallback = COLD_START
    if fallback is None and ranked and (run.is_any_length or run.is_shown_again):
        fallback = SHOWN_AGAIN if run.is_shown_again else ANY_LENGTH
    seeds = tuple(tracks.ids[row] for row in query.seeds)
    title = title_of(query, recipe, tracks)
    return RankedList(recipe.name, ranked, tuple(run.stages), fallback, model_version, title, seeds)


def _check(query: Query, recipe: Recipe, tracks: TrackTable) -> None:
    query.controls.check()
    if recipe.needs == "seeds" and not any(weight > 0 for weight in query.seeds.values()):
        raise InvalidInputError(f"station {recipe.name!r} needs at least one seed with weight > 0")
    if recipe.needs == "path":
        ends_of(query)
    if recipe.needs == "genres" and not query.controls.genres:
        raise InvalidInputError(f"station {recipe.name!r} needs at least one genre in its controls")
    if recipe.needs == "mood" and query.controls.mood is None:
        raise InvalidInputError(f"station {recipe.name!r} needs a mood in its controls")
    if recipe.needs == "words" and query.asked is None:
        raise InvalidInputError(f"station {recipe.name!r} needs words: say what to look for")
    if recipe.needs == "group" and query.group is None:
        raise InvalidInputError(f"station {recipe.name!r} needs a group: a part of the taste")
    for row in query.seeds:
        if not 0 <= row < len(tracks):
            raise InvalidInputError(f"seeds must be rows in 0..{len(tracks) - 1}, got {row}")


def _is_cold(query: Query, recipe: Recipe) -> bool:
    return bool(recipe.cold) and not has_taste(query)


def _ranker_for(query: Query, recipe: Recipe, ranker: LearnedRanker | None) -> LearnedRanker | None:
    """The ranker where the recipe wants it and, among new tracks alone, it knows such listeners.

    What it was taught is mostly what people return to: for listeners with a short history that
    helps where they may hear something again, and is worse than the fusion where they may not.
    """
    if ranker is None or not recipe.learned:
        return None
    return ranker if recipe.heard is not Heard.NEVER or ranker.knows(query) else None


@dataclass(frozen=True, slots=True)
class _Ranked:
    """What the stages before the order came to."""

    ranking: Ranking
    parts: list[Part]
    learned: tuple[LearnedRanker, Placed] | None
    stages: list[StageReport]
    is_any_length: bool
    is_shown_again: bool


def _question(query: Query, recipe: Recipe) -> Hashable:
    """All that the ranking depends on but the profile, the time and the masks; None: ask anew."""
    if not (query.group is None and query.stale is None and query.asked is None):
        return None
    controls = msgspec.structs.replace(query.controls, variety=0.0, artist_gap=0, album_gap=0)
    seeds = tuple(sorted(query.seeds.items()))
    return recipe, query.n, controls, seeds, query.seed, query.utc_offset_s


class _Run:
    """The stages of one request, each with its report."""

    def __init__(self, query: Query, tracks: TrackTable, timer: Timer, kept: KeptScores) -> None:
        self._query = query
        self._kept = kept
        self._tracks = tracks
        self._timer = timer
        self.stages: list[StageReport] = []
        self.is_any_length = False  # the rule of the usual length had to be lifted
        self.is_shown_again = False  # everything left had been shown lately
        self._learned: tuple[LearnedRanker, Placed] | None = None

    def ranked(
        self, recipe: Recipe, sources: Sequence[Source], ranker: LearnedRanker | None
    ) -> tuple[Ranking, list[Part]]:
        """Filtered, named and ranked candidates, one of each recording, and what named them.

        What only orders them (variety, gaps) is not asked about, so that turning it finds the
        ranking of a moment ago.
        """
        question = _question(self._query, recipe)
        last = self._kept.last_ranking(question, self._query)
        if isinstance(last, _Ranked):
            self.stages += last.stages
            self.is_any_length, self.is_shown_again = last.is_any_length, last.is_shown_again
            self._learned = last.learned
            return last.ranking, last.parts
        allowed = self.filter(recipe)
        parts = self.candidates(recipe, allowed, sources)
        ranking = self.versions(self.rank(parts, _ranker_for(self._query, recipe, ranker)))
        took_no_time = [msgspec.structs.replace(stage, duration_ms=0.0) for stage in self.stages]
        made = _Ranked(ranking, parts, self._learned, took_no_time, self.is_any_length,
                       self.is_shown_again)  # fmt: skip
        self._kept.keep_ranking(question, self._query, made)
        return ranking, parts

    def filter(self, recipe: Recipe) -> BoolVector:
        start = self._timer()
        allowed, removed = allowed_tracks(self._query, self._tracks, recipe.heard)
        if recipe.usual_length:
            allowed, n_unusual, self.is_any_length = only_usual_length(
                self._query, self._tracks, allowed
            )
            removed |= {"unusual_length": n_unusual} if n_unusual else {}
        allowed, more, self.is_shown_again = only_of_station(
            self._query, self._tracks, allowed, missing=recipe.missing
        )
        removed |= more
        self._report("filters", len(self._tracks), int(np.count_nonzero(allowed)), removed, start)
        return allowed

    def candidates(
        self, recipe: Recipe, allowed: BoolVector, sources: Sequence[Source]
    ) -> list[Part]:
        table = {rule.name: Source(rule.name, rule) for rule in RULES} | by_name(sources)
        if not self.stages[-1].n_out:
            return []
        cold = _is_cold(self._query, recipe)
        blends = recipe.cold if cold else recipe.blend
        mixed = self._familiar(recipe) is not None
        own = self._belonging(recipe, allowed, table)
        parts = gather(self._query, self._tracks, blends, table, own, self._timer, mixed=mixed,
                       kept=self._kept)  # fmt: skip
        parts = [part for part in parts if len(part)]
        n_own = int(np.count_nonzero(own))
        for part in parts:
            self._report_part(part, n_own)
        return self._fall_back(recipe, allowed, table, parts)

    def _belonging(
        self, recipe: Recipe, allowed: BoolVector, table: Mapping[str, Source]
    ) -> BoolVector:
        """Of the allowed tracks those that the deciding source names, when the recipe has one."""
        if not recipe.only:
            return allowed
        start = self._timer()
        source = table.get(recipe.only)
        if source is None or not source.applies(self._query):
            own = np.zeros_like(allowed)
        else:
            own = allowed & (scores_of(source, self._query, self._tracks) > source.min_score)
        n_allowed, n_own = self.stages[-1].n_out, int(np.count_nonzero(own))
        removed = {"not_named": n_allowed - n_own} if n_own < n_allowed else {}
        self._report(f"only:{recipe.only}", n_allowed, n_own, removed, start)
        return own

    def _fall_back(
        self, recipe: Recipe, allowed: BoolVector, table: Mapping[str, Source], parts: list[Part]
    ) -> list[Part]:
        """Ask the steps of the chain in turn, each for recordings not named so far."""
        wanted = self._query.n if recipe.fill else 1
        n_found = self._n_recordings(parts)
        for tier, name in enumerate(recipe.fallback, start=1):
            while n_found < wanted:
                left = allowed & ~self._named(parts)
                more = gather(self._query, self._tracks, [step_of(name)], table, left, self._timer,
                              tier=tier, kept=self._kept)  # fmt: skip
                if not more or not len(more[0]):
                    break
                self._report_part(more[0], int(np.count_nonzero(left)))
                parts = parts + more
                n_found = self._n_recordings(parts)
        return parts

    def rank(self, parts: list[Part], ranker: LearnedRanker | None) -> Ranking:
        start = self._timer()
        compiled = is_compiled(len(self._tracks))
        ranking = fuse(parts, compiled=compiled)
        if ranker is not None and has_taste(self._query):
            placed = ranker.place(ranking, parts, self._query, self._tracks, self._kept)
            self._learned, ranking = (ranker, placed), placed.ranking
        ranking = damped(ranking, self._query.profile, compiled=compiled)
        named = sum(len(part) for part in parts)
        twice = named - len(ranking)
        self._report("rank", named, len(ranking), {"named_twice": twice} if twice else {}, start)
        return ranking

    def versions(self, ranking: Ranking) -> Ranking:
        start = self._timer()
        kept = one_of_each_recording(ranking, self._tracks)
        gone = len(ranking) - len(kept)
        removed = {"other_version": gone} if gone else {}
        self._report("versions", len(ranking), len(kept), removed, start)
        return kept

    def order(self, ranking: Ranking, recipe: Recipe) -> Ranking:
        start = self._timer()
        controls, profile = self._query.controls, self._query.profile
        calibrated = recipe.calibrated and not controls.genres
        order = arrange(
            ranking,
            self._tracks,
            self._query.n,
            variety=controls.variety if recipe.variety is None else recipe.variety,
            artist_gap=controls.artist_gap,
            album_gap=controls.album_gap,
            mix=self._genre_mix() if calibrated else None,
            familiar=self._familiar(recipe),
            heard=self._kept.liked(profile),
            before=self._query.before,
        )
        over = len(ranking) - len(order.places)
        removed = {"list_full": over} if over else {}
        self._report("order", len(ranking), len(order.places), removed, start)
        self._report_relaxed(order)
        return ranking.take(order.places)

    def _genre_mix(self) -> GenreMix | None:
        profile = self._query.profile
        return self._kept.answer("genre_mix", profile, lambda: genre_mix(profile, self._tracks))

    def shares(self, ranking: Ranking, parts: list[Part]) -> Ranking:
        """What each source gave to the tracks of the list, when the order was learned."""
        if self._learned is None:
            return ranking
        ranker, placed = self._learned
        return ranker.shared(ranking, placed, parts)

    def explained(
        self, ranking: Ranking, parts: list[Part], recipe: Recipe
    ) -> tuple[RankedTrack, ...]:
        start = self._timer()
        reasons = explain(ranking, parts, self._query, self._tracks, self._kept, recipe.leads)
        ids, keys = self._tracks.ids, [part.key for part in parts]
        ranked = tuple(
            RankedTrack(
                track_id=ids[row],
                score=score,
                reasons=why,
                source_scores=_by_key(keys, shares),
                filled_by=step_of(recipe.fallback[tier - 1]).source if tier else None,
            )
            for row, score, shares, tier, why in zip(
                ranking.track_idx.tolist(), ranking.scores.tolist(), ranking.shares.tolist(),
                ranking.tier.tolist(), reasons, strict=True,
            )
        )  # fmt: skip
        self._report("explain", len(ranking), len(ranked), {}, start)
        return ranked

    def _familiar(self, recipe: Recipe) -> float | None:
        """The share heard before to aim for; None when a filter or nothing decides it."""
        share = self._query.controls.familiar
        share = recipe.familiar if share is None else share
        decided = share is None or share in (0.0, 1.0) or self._query.profile.is_empty
        return None if decided else share

    def _n_recordings(self, parts: list[Part]) -> int:
        rows = [part.track_idx for part in parts]
        return n_recordings(self._tracks, np.concatenate(rows)) if rows else 0

    def _named(self, parts: list[Part]) -> BoolVector:
        rows = np.concatenate([np.empty(0, np.int32), *(part.track_idx for part in parts)])
        return np.isin(self._tracks.recording_idx, self._tracks.recording_idx[rows])

    def _report_part(self, part: Part, n_in: int) -> None:
        prefix = "fallback" if part.tier else "candidates"
        out = len(part)
        removed = {"not_named": n_in - out} if n_in > out else {}
        took_ms = 1e3 * part.duration_s
        self.stages.append(
            StageReport(stage=f"{prefix}:{part.key}", n_in=n_in, n_out=out, removed=removed,
                        duration_ms=took_ms)
        )  # fmt: skip

    def _report_relaxed(self, order: Order) -> None:
        for rule, n in order.relaxed.items():
            self.stages.append(StageReport(stage=f"relaxed:{rule}", n_in=n, n_out=n))

    def _report(
        self, stage: str, n_in: int, n_out: int, removed: dict[str, int], start: float
    ) -> None:
        took_ms = 1e3 * (self._timer() - start)
        self.stages.append(
            StageReport(stage=stage, n_in=n_in, n_out=n_out, removed=removed, duration_ms=took_ms)
        )


def _by_key(keys: Sequence[str], shares: Sequence[float]) -> dict[str, float]:
    """Shares above zero by source; a source that was asked twice has one sum."""
    sums: dict[str, float] = {}
    for key, share in zip(keys, shares, strict=True):
        if share > 0:
            sums[key] = sums.get(key, 0.0) + share
    return sums
