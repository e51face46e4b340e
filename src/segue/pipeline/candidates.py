"""Candidates: each source names its best tracks among those that are allowed."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from msgspec import Struct

from segue.data.compiled import is_compiled
from segue.data.dataset import TrackTable
from segue.data.items import ScoredTracks
from segue.data.query import Profile, Query
from segue.data.sorted_rows import distinct
from segue.data.sparse_sums import SparseScores
from segue.errors import InvalidDataError, InvalidInputError
from segue.models.base import Recommender
from segue.pipeline.kept import KeptScores, Standing
from segue.pipeline.nearest import Indexable, Nearest
from segue.pipeline.rules import Rule
from segue.types import BoolVector, FloatVector, IntVector

DEFAULT_QUOTA = 300
Timer = Callable[[], float]


class About(StrEnum):
    """Whose taste a source is asked for."""

    LISTENER = "listener"
    SEEDS = "seeds"  # the seeds stand in for the listener
    GROUP = "group"  # a part of the listener's own taste does


class Blend(Struct, frozen=True):
    """One source in a recipe: its name, how much its ranks count, how many tracks it may name."""

    source: str
    weight: float = 1.0
    about: About = About.LISTENER
    quota: int | None = None

    @property
    def key(self) -> str:
        """Name in reports and shares: the source, and who was asked when not the listener."""
        return self.source if self.about is About.LISTENER else f"{self.source}/{self.about}"


def step_of(name: str) -> Blend:
    """One step of a fallback chain: a source, after a stroke whom it is asked about.

    >>> step_of("content").about.value, step_of("alike/seeds").about.value
    ('listener', 'seeds')
    """
    source, _, whom = name.partition("/")
    return Blend(source, about=About(whom or About.LISTENER))


def always(query: Query) -> bool:
    """For sources that need to know nothing."""
    return True


def has_taste(query: Query) -> bool:
    """True when at least one track is liked, so that a personal model has something to go by."""
    return bool((query.profile.preference > 0).any())


@dataclass(frozen=True, slots=True)
class Source:
    """A model or a rule that names candidates.

    Attributes:
        name: The role that recipes call it by, e.g. "taste".
        model: What scores; a rule knows its own reason.
        quota: Tracks it may name when the recipe does not say.
        applies: Whether it has anything to say to a query.
        min_score: A score at or below it is no recommendation; 0 where the model has no evidence.
        shares_terms: Its evidence is a track with terms in common; the reason names them.
        best_first: Its tracks above ``min_score``, where they are the same for everybody.
        by_row: The same, ascending.
        nearest: An index over the tracks of the model, in a library so large that scoring all of
            them takes too long; what it finds is scored by the model.
    """

    name: str
    model: Recommender | Rule
    quota: int = DEFAULT_QUOTA
    applies: Callable[[Query], bool] = always
    min_score: float = 0.0
    shares_terms: bool = False
    best_first: ScoredTracks | None = None
    by_row: SparseScores | None = None
    nearest: Nearest | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What one source named, best first: ``track_idx`` int32 and ``scores``, shape (n,).

    ``query`` is the question it was asked (with the seeds as profile where the recipe says so);
    ``tier`` is 0 for a station's own sources and higher for each step of its fallback chain.
    """

    key: str
    source: Source
    query: Query
    weight: float
    tier: int
    track_idx: IntVector
    scores: FloatVector
    duration_s: float = 0.0

    def __len__(self) -> int:
        return len(self.track_idx)


def about(query: Query, whom: About) -> Query:
    """The same query with the seeds or the group as its profile, when they are asked."""
    if whom is About.LISTENER:
        return query
    if whom is About.GROUP:
        group = np.empty(0, np.int32) if query.group is None else query.group
        return dataclasses.replace(query, profile=query.profile.only(group))
    return dataclasses.replace(query, profile=Profile.from_weights(query.seeds))


def gather(
    query: Query,
    tracks: TrackTable,
    blends: Sequence[Blend],
    sources: Mapping[str, Source],
    allowed: BoolVector,
    timer: Timer,
    *,
    tier: int = 0,
    mixed: bool = False,
    kept: KeptScores | None = None,
) -> list[Part]:
    """Ask each source that exists and applies.

    Args:
        query: The request.
        tracks: The catalogue.
        blends: Which sources, at what weight, about whom.
        sources: By name; a blend without its source is passed over.
        allowed: Mask (n_tracks,) of tracks that may be named.
        timer: Seconds, for the time each source took.
        tier: 0, or the step of the fallback chain.
        mixed: Give familiar tracks (heard and liked; one that was only skipped is neither) and all
            others a quota each, so that the familiar/new control has both to choose from.
        kept: Scores of the same listener from the last list.

    Raises:
        InvalidDataError: A model was trained on another catalogue.
    """
    kept = kept or KeptScores(query.profile)
    heard = kept.liked(query.profile) if mixed else None
    parts: list[Part] = []
    for blend in sorted(blends, key=lambda b: _waits(sources.get(b.source), len(tracks))):
        source = sources.get(blend.source)
        asked = about(query, blend.about)
        if source is None or not source.applies(asked):
            continue
        start = timer()
        quota = max(source.quota if blend.quota is None else blend.quota, 2 * query.n)
        ask = [asked]
        if blend.about is About.SEEDS and any(weight < 0 for weight in query.seeds.values()):
            ask.append(about(dataclasses.replace(query, seeds=_positive(query)), About.SEEDS))
        if source.nearest is not None:
            found = _by_index(source, source.nearest, ask, quota, tracks, allowed, heard, kept)
        elif _waits(source, len(tracks)) and parts:
            found = _scores_of_named(source, asked, parts, kept)
        else:
            found = _named(source, asked, tracks, allowed, kept)
        if len(ask) > 1 and source.nearest is None:
            found = _lesser(found.scores, _named(source, ask[1], tracks, allowed, kept).scores)
        best = _best_of_both(found, quota, allowed, heard)
        parts.append(Part(blend.key, source, asked, blend.weight, tier, best.track_idx,
                          best.scores, timer() - start))  # fmt: skip
    return parts


def _waits(source: Source | None, n_tracks: int) -> bool:
    """Whether a source only scores what others name: in a large catalogue, if it scores all of it.

    Such scores are cheap for a few hundred tracks and milliseconds for a million.
    """
    if source is None or isinstance(source.model, Rule) or source.model.dense_limit is None:
        return False
    if source.nearest is not None:
        return False
    return n_tracks > source.model.dense_limit


def _named(
    source: Source,
    asked: Query,
    tracks: TrackTable,
    allowed: BoolVector,
    kept: KeptScores,
) -> Standing:
    """Tracks that the source scores above its least score, and its best allowed ones."""
    model = source.model
    if isinstance(model, Rule):
        scores = model.score(asked, tracks)
        rows = np.flatnonzero(allowed & (scores > source.min_score)).astype(np.int32)
        return Standing(SparseScores(rows, scores[rows]))
    _require_same(source, model.n_tracks, tracks)
    by_row = source.by_row
    if by_row is not None:
        return kept.answer(("common", source.name), asked.profile,
                           lambda: Standing(by_row, source.best_first))  # fmt: skip
    return kept.scored(source.name, model, asked.profile, source.min_score)


def _by_index(
    source: Source,
    nearest: Nearest,
    asked: Sequence[Query],
    quota: int,
    tracks: TrackTable,
    allowed: BoolVector,
    heard: IntVector | None,
    kept: KeptScores,
) -> Standing:
    """The best ``quota`` not heard and all that were, each with the least score of all queries."""
    model = source.model
    if isinstance(model, Rule) or not isinstance(model, Indexable):
        raise InvalidInputError(f"source {source.name!r} has an index, its model none to offer")
    _require_same(source, model.n_tracks, tracks)
    wanted, familiar = allowed, np.empty(0, np.int32)
    if heard is not None and len(heard):
        wanted, familiar = allowed.copy(), heard[allowed[heard]]
        wanted[heard] = False
    tastes = [kept.folded(source.name, model, query.profile) for query in asked]
    found = [nearest.best(model.index_query(taste), quota, wanted) for taste in tastes]
    rows = distinct(np.concatenate([familiar, *found]).astype(np.int32))
    scores = np.min([kept.scores_of(source.name, model, query.profile, rows) for query in asked],
                    axis=0)  # fmt: skip
    above = scores > source.min_score
    return Standing(SparseScores(rows[above], scores[above]))


def _positive(query: Query) -> dict[int, float]:
    return {row: weight for row, weight in query.seeds.items() if weight > 0}


def _lesser(a: SparseScores, b: SparseScores) -> Standing:
    """The lower score of the tracks that both hold.

    What is unlike a subtracted seed is not thereby like the others: moving away lifts nothing.
    """
    rows, in_a, in_b = np.intersect1d(a.track_idx, b.track_idx, return_indices=True)
    return Standing(SparseScores(rows, np.minimum(a.scores[in_a], b.scores[in_b])))


def _scores_of_named(
    source: Source, asked: Query, parts: Sequence[Part], kept: KeptScores
) -> Standing:
    """Scores of the tracks that other sources named, where they are above the least score."""
    model = source.model
    rows = distinct(np.concatenate([part.track_idx for part in parts]))
    if isinstance(model, Rule):
        return Standing(SparseScores(rows[:0], np.empty(0, np.float32)))
    return kept.standing_of(source.name, model, asked.profile, rows, source.min_score)


def scores_of(source: Source, query: Query, tracks: TrackTable) -> FloatVector:
    """Scores of all tracks from a model or a rule, shape (n_tracks,)."""
    if isinstance(source.model, Rule):
        return source.model.score(query, tracks)
    return source.model.score(source.model.fold_in(query.profile))


def _require_same(source: Source, n_scored: int, tracks: TrackTable) -> None:
    if n_scored != len(tracks):
        raise InvalidDataError(
            f"source {source.name!r} scores {n_scored} tracks, the catalogue has {len(tracks)};"
            " train it on this catalogue"
        )


def by_name(sources: Sequence[Source]) -> dict[str, Source]:
    """Sources under their names.

    Raises:
        InvalidInputError: Two have the same name.
    """
    table = {source.name: source for source in sources}
    if len(table) < len(sources):
        names = ", ".join(source.name for source in sources)
        raise InvalidInputError(f"each source needs its own name, got {names}")
    return table


def _best_of_both(
    found: Standing, quota: int, allowed: BoolVector, heard: IntVector | None
) -> ScoredTracks:
    """The best ``quota``; when mixed, of those not heard before, and half as many of the others."""
    if heard is None or not len(heard):
        return found.best(quota, allowed, None)
    if is_compiled(len(allowed)):
        from segue.pipeline.rank_kernels import best_of_both

        new, own = found.in_order(heard, quota, allowed)
        best = best_of_both(new.track_idx, new.scores, quota, own.track_idx, own.scores,
                            quota // 2, allowed)  # fmt: skip
        return ScoredTracks(*best)
    new = found.best(quota, allowed, heard)
    best = found.best_of(heard, quota // 2, allowed)
    rows = np.concatenate((new.track_idx, best.track_idx))
    values = np.concatenate((new.scores, best.scores))
    order = np.lexsort((rows, -values))
    return ScoredTracks(rows[order], values[order])
