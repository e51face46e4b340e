"""Candidates: each source names its best tracks among those that are allowed."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from msgspec import Struct

from segue.data.dataset import TrackTable
from segue.data.items import ScoredTracks, top_n
from segue.data.query import Profile, Query
from segue.errors import InvalidDataError, InvalidInputError
from segue.models.base import Recommender
from segue.pipeline.rules import Rule
from segue.types import BoolVector, FloatVector, IntVector

DEFAULT_QUOTA = 300
Timer = Callable[[], float]


class About(StrEnum):
    """Whose taste a source is asked for."""

    LISTENER = "listener"
    SEEDS = "seeds"  # the seeds stand in for the listener


class Blend(Struct, frozen=True):
    """One source in a recipe: its name, how much its ranks count, how many tracks it may name."""

    source: str
    weight: float = 1.0
    about: About = About.LISTENER
    quota: int | None = None

    @property
    def key(self) -> str:
        """Name in reports and shares: the source, and the seeds when they were asked."""
        return self.source if self.about is About.LISTENER else f"{self.source}/seeds"


def always(query: Query) -> bool:
    """For sources that need to know nothing."""
    return True


def has_taste(query: Query) -> bool:
    """True when at least one track is liked, so that a personal model has something to go by."""
    return bool((query.profile.preference > 0).any())


def liked_rows(profile: Profile) -> IntVector:
    """Tracks that count as familiar in a mix: a track that was only skipped does not."""
    return profile.track_idx[profile.preference > 0]


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
    """

    name: str
    model: Recommender | Rule
    quota: int = DEFAULT_QUOTA
    applies: Callable[[Query], bool] = always
    min_score: float = 0.0
    shares_terms: bool = False


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
    """The same query with the seeds as its profile, when the seeds are asked."""
    if whom is About.LISTENER:
        return query
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
        mixed: Give familiar tracks (heard and liked) and all others a quota each, so that the
            familiar/new control has both to choose from.

    Raises:
        InvalidDataError: A model was trained on another catalogue.
    """
    parts: list[Part] = []
    for blend in blends:
        source = sources.get(blend.source)
        asked = about(query, blend.about)
        if source is None or not source.applies(asked):
            continue
        start = timer()
        scores = scores_of(source, asked, tracks)
        quota = max(source.quota if blend.quota is None else blend.quota, 2 * query.n)
        usable = allowed & (scores > source.min_score)
        heard = liked_rows(query.profile) if mixed else None
        best = _best_of_both(scores, quota, usable, heard)
        parts.append(Part(blend.key, source, asked, blend.weight, tier, best.track_idx,
                          best.scores, timer() - start))  # fmt: skip
    return parts


def scores_of(source: Source, query: Query, tracks: TrackTable) -> FloatVector:
    """Scores of all tracks from a model or a rule, shape (n_tracks,)."""
    if isinstance(source.model, Rule):
        return source.model.score(query, tracks)
    scores = source.model.score(source.model.fold_in(query.profile))
    if len(scores) != len(tracks):
        raise InvalidDataError(
            f"source {source.name!r} scores {len(scores)} tracks, the catalogue has {len(tracks)};"
            " train it on this catalogue"
        )
    return scores


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
    scores: FloatVector, quota: int, usable: BoolVector, heard: IntVector | None
) -> ScoredTracks:
    if heard is None or not len(heard):
        return top_n(scores, quota, usable)
    known = heard[usable[heard]]
    usable[known] = False  # `usable` is this source's own copy
    new = top_n(scores, quota, usable)
    old = top_n(scores[known], quota // 2)
    rows = np.concatenate((new.track_idx, known[old.track_idx].astype(np.int32)))
    values = np.concatenate((new.scores, old.scores))
    order = np.lexsort((rows, -values))
    return ScoredTracks(rows[order], values[order])
