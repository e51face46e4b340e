"""Learning to rank: LambdaMART on a later slice of listening than its sources have seen.

The listening is cut in three by time. Sources fitted on the first part name candidates at moments
of the second, and what the listener went on to like are the labels (LambdaMART, Burges 2010,
MSR-TR-2010-82, by LightGBM). Sources fitted on the first two parts name candidates at moments of
the third, where the learned order has to beat the fusion that it replaces, or it is not used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC

import numpy as np
from msgspec import Struct, structs

from segue.data.clocks import utc_offset_s
from segue.data.dataset import Dataset
from segue.data.feedback import SECONDS_PER_DAY, EventColumns, preferences
from segue.data.query import Profile, Query
from segue.evaluation import metrics
from segue.evaluation.intervals import Interval, mean_bootstrap, paired_bootstrap
from segue.models.base import Recommender
from segue.pipeline.candidates import Blend, Part, by_name, gather
from segue.pipeline.learned import POOL, LearnedRanker
from segue.pipeline.rank import fuse
from segue.pipeline.ranking_features import (
    candidate_rows,
    feature_names,
    is_rising,
    popularity_windows,
)
from segue.pipeline.stations import standard_sources
from segue.pipeline.trees import MAX_LEAVES, from_nodes
from segue.rng import derived_rng
from segue.types import FloatMatrix, FloatVector, IntVector

K = 20
SHORTEST = 0.05  # share of the moments learned from whose histories count as too short


class RankerPlan(Struct, frozen=True, kw_only=True):
    """How the ranker is learned.

    Attributes:
        min_moments: Moments with a liked candidate that are needed to learn from: the least
            amount at which every seed of `benchmarks RANKER` gained.
        max_moments: At most so many are learned from, drawn at random.
        max_judged: At most so many are judged on.
        moments_per_listener: Sessions of one listener in a slice that are asked about.
        horizon_days: What is liked within this time after a moment is relevant.
        session_gap_minutes: A session begins after such a pause.
        n_trees, learning_rate, min_rows_in_leaf, l2: Of LightGBM.
        seed: Of the draws and of LightGBM.
    """

    min_moments: int = 50
    max_moments: int = 2_000
    max_judged: int = 1_000
    moments_per_listener: int = 12
    horizon_days: float = 7.0
    session_gap_minutes: float = 30.0
    n_trees: int = 100
    learning_rate: float = 0.08
    min_rows_in_leaf: int = 50
    l2: float = 5.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Slice:
    """Sources fitted on the events before ``start``, asked at moments in ``start..stop``."""

    past: Dataset
    models: Mapping[str, Recommender]
    start: float
    stop: float


@dataclass(frozen=True, slots=True)
class Moment:
    """One question: who asks when, and what they liked soon after (grades 1 or 2 by row)."""

    listener_idx: int
    now: float
    liked: IntVector
    grade: IntVector


@dataclass(frozen=True, slots=True)
class RankerOutcome:
    """The ranker when it won, how both orders did on the last slice, and why when it is None.

    ``intervals`` are the 95 % bounds of the scores.
    """

    ranker: LearnedRanker | None
    scores: dict[str, float]
    note: str
    gain: Interval | None = None
    intervals: dict[str, tuple[float, float]] = field(
        default_factory=dict[str, tuple[float, float]]
    )


def learn_ranker(
    dataset: Dataset,
    learn: Slice,
    judge: Slice,
    blend: Sequence[Blend],
    plan: RankerPlan | None = None,
) -> RankerOutcome:
    """Learn on one slice, judge on a later one.

    Args:
        dataset: Everything; the published popularity windows come from it.
        learn: The slice to learn from.
        judge: A slice that begins where ``learn`` stops or later.
        blend: The sources and weights of the fusion that is to be replaced.
        plan: How.
    """
    plan = plan or RankerPlan()
    sources = tuple(b.key for b in blend if b.source in _source_names(learn.models))
    asked = _ask(dataset, learn, blend, plan, sources)
    taught = [case for case in asked if case.grade.any()]
    if len(taught) < plan.min_moments:
        return waiting(len(taught), plan)
    trees = from_nodes(_boost(taught, sources, plan), len(feature_names(sources)))
    windows = popularity_windows(dataset.events, dataset.n_tracks, dataset.now)
    fewer = structs.replace(plan, max_moments=plan.max_judged)
    judged = _ask(dataset, judge, blend, fewer, sources)
    if len(judged) < 2:
        return RankerOutcome(None, {}, "learned fusion waits: nothing to judge it on")
    least = int(np.quantile([case.n_known for case in taught], SHORTEST))
    return _judged(LearnedRanker(trees, sources, windows, least), judged, plan.seed)


def waiting(n_moments: int, plan: RankerPlan) -> RankerOutcome:
    """No ranker yet: too few moments to learn from."""
    note = f"learned fusion waits: {n_moments} of {plan.min_moments} moments to learn"
    return RankerOutcome(None, {}, note)


def _judged(ranker: LearnedRanker, cases: Sequence["_Case"], seed: int) -> RankerOutcome:
    """Compare with the fused order, which is the order in which candidates stand."""
    fused = np.array([_ndcg(case, -np.arange(len(case.rows), dtype=np.float64)) for case in cases])
    learned = np.array([_ndcg(case, ranker.trees.predict(case.rows)) for case in cases])
    gain = paired_bootstrap(learned, fused, derived_rng(seed, "ranker", "judge"))
    scores = {
        f"learned_fusion.ndcg@{K}": round(float(learned.mean()), 5),
        f"rank_fusion.ndcg@{K}": round(float(fused.mean()), 5),
    }
    interval = f"{gain.difference:+.4f} ({gain.low:+.4f}..{gain.high:+.4f})"
    said = f"{interval} ndcg@{K}, {len(cases)} moments"
    intervals = {
        name: bounds_of(values, seed) for name, values in zip(scores, (learned, fused), strict=True)
    }
    if gain.difference <= 0:
        lost = f"learned fusion lost to rank fusion: {said}"
        return RankerOutcome(None, scores, lost, gain, intervals)
    return RankerOutcome(ranker, scores, f"learned fusion won: {said}", gain, intervals)


def bounds_of(values: FloatVector, seed: int = 0) -> tuple[float, float]:
    """The 95 % bootstrap interval of a mean, NaN left out, in the digits of a score.

    The same draws for every model, so that scores of one training differ by the models alone.
    """
    known = values[~np.isnan(values)]
    found = mean_bootstrap(known, derived_rng(seed, "scores"))
    return round(found.low, 5), round(found.high, 5)


def gain_by_moments(
    dataset: Dataset,
    learn: Slice,
    judge: Slice,
    blend: Sequence[Blend],
    amounts: Sequence[int],
    plan: RankerPlan | None = None,
) -> dict[int, Interval]:
    """What rankers that were taught on so many moments gain over the fusion, all judged alike.

    For choosing ``min_moments``: amounts that the first slice does not have are left out.

    Args:
        dataset: As for :func:`learn_ranker`.
        learn: As there; the moments are drawn from all that it has.
        judge: As there.
        blend: As there.
        amounts: Numbers of moments with a liked candidate, >= 1.
        plan: As there; its ``min_moments`` does not count, its seed draws the moments.
    """
    plan = plan or RankerPlan()
    sources = tuple(b.key for b in blend if b.source in _source_names(learn.models))
    taught = [case for case in _ask(dataset, learn, blend, plan, sources) if case.grade.any()]
    judged = _ask(dataset, judge, blend, plan, sources)
    windows = popularity_windows(dataset.events, dataset.n_tracks, dataset.now)
    found: dict[int, Interval] = {}
    for amount in amounts:
        if amount > len(taught):
            continue
        rng = derived_rng(plan.seed, "ranker", "amount", amount)
        drawn = [taught[i] for i in rng.choice(len(taught), amount, replace=False).tolist()]
        trees = from_nodes(_boost(drawn, sources, plan), len(feature_names(sources)))
        outcome = _judged(LearnedRanker(trees, sources, windows), judged, plan.seed)
        if outcome.gain is not None:
            found[amount] = outcome.gain
    return found


@dataclass(frozen=True, slots=True)
class _Case:
    """The candidates of one moment: their rows and grades; how much was to find, and was known."""

    rows: FloatMatrix
    grade: IntVector
    n_liked: int
    n_known: int


def _ask(
    dataset: Dataset, part: Slice, blend: Sequence[Blend], plan: RankerPlan, sources: Sequence[str]
) -> list[_Case]:
    """Candidates and rows at each moment of a slice, with what is known at that moment only."""
    table = by_name(standard_sources(part.models))
    windows = popularity_windows(part.past.events, part.past.n_tracks, part.past.now)
    by_listener = _rows_by_listener(dataset.events)
    cases: list[_Case] = []
    for moment in moments(dataset.events, part.start, part.stop, plan):
        own = dataset.events.take(by_listener[moment.listener_idx])
        profile = Profile.from_columns(own.take(own.listened_at < moment.now), moment.now)
        zone = dataset.zones.get(dataset.listeners[moment.listener_idx], UTC)
        offset_s = utc_offset_s(zone, moment.now)
        query = Query("for_you", profile, K, now=moment.now, utc_offset_s=offset_s)
        allowed = np.ones(part.past.n_tracks, bool)
        allowed[profile.known.track_idx[profile.known.disliked]] = False
        parts = [p for p in gather(query, part.past.tracks, blend, table, allowed, _no_timer,
                                   mixed=True) if len(p)]  # fmt: skip
        cases.append(_case(query, part, parts, windows, moment, sources))
    return cases


def _case(
    query: Query,
    part: Slice,
    parts: list[Part],
    windows: FloatMatrix,
    moment: Moment,
    sources: Sequence[str],
) -> _Case:
    chosen = fuse(parts).track_idx[:POOL]
    rows = candidate_rows(query, part.past.tracks, chosen, parts, sources, windows)
    place = np.minimum(np.searchsorted(moment.liked, chosen), len(moment.liked) - 1)
    grade = np.where(moment.liked[place] == chosen, moment.grade[place], 0)
    return _Case(rows, grade, len(moment.liked), len(query.profile.known))


def moments(events: EventColumns, start: float, stop: float, plan: RankerPlan) -> list[Moment]:
    """Beginnings of sessions in ``start..stop`` after which something was liked.

    Every listener gives at most ``moments_per_listener``, drawn at random, all of them together at
    most ``max_moments``.
    """
    rng = derived_rng(plan.seed, "ranker", "moments", int(start))
    found: list[Moment] = []
    for listener, rows in _rows_by_listener(events).items():
        own = events.take(rows)
        begins = _session_starts(own.listened_at, 60.0 * plan.session_gap_minutes)
        inside = begins[(begins >= start) & (begins < stop)]
        if len(inside) > plan.moments_per_listener:
            inside = np.sort(rng.choice(inside, plan.moments_per_listener, replace=False))
        for now in inside.tolist():
            until = min(now + plan.horizon_days * SECONDS_PER_DAY, stop)
            soon = own.take((own.listened_at >= now) & (own.listened_at < until))
            liked, grade = liked_soon(soon, until)
            if len(liked):
                found.append(Moment(listener, now, liked, grade))
    if len(found) > plan.max_moments:
        kept = np.sort(rng.choice(len(found), plan.max_moments, replace=False))
        found = [found[i] for i in kept.tolist()]
    return found


def liked_soon(events: EventColumns, now: float) -> tuple[IntVector, IntVector]:
    """Rows liked in some events of one listener, ascending, and how much: 1, or 2 when strongly.

    Strongly is loved, rated four or more, or finished twice.
    """
    found = preferences(events, now)
    strongly = found.loved | (found.rating >= 4) | (found.n_finished >= 2)
    keep = found.value > 0
    return found.track_idx[keep], np.where(strongly, 2, 1)[keep]


def _session_starts(times: FloatVector, gap_s: float) -> FloatVector:
    ordered = np.sort(times)
    return ordered[np.diff(ordered, prepend=-np.inf) > gap_s]


def _rows_by_listener(events: EventColumns) -> dict[int, IntVector]:
    order = np.argsort(events.listener_idx, kind="stable")
    who, first = np.unique(events.listener_idx[order], return_index=True)
    groups = np.split(order, first[1:])
    return dict(zip(who.tolist(), groups, strict=False))


def _boost(
    cases: Sequence[_Case], sources: Sequence[str], plan: RankerPlan
) -> list[Mapping[str, object]]:
    """Fit LambdaMART; the roots of its trees as nested nodes."""
    import lightgbm

    names = feature_names(sources)
    data = lightgbm.Dataset(
        np.concatenate([case.rows for case in cases]),
        np.concatenate([case.grade for case in cases]),
        group=[len(case.rows) for case in cases],
        feature_name=[name.replace(":", "_") for name in names],
        free_raw_data=True,
    )
    params = {
        "objective": "lambdarank",
        "num_leaves": MAX_LEAVES,
        "learning_rate": plan.learning_rate,
        "min_data_in_leaf": plan.min_rows_in_leaf,
        "lambda_l2": plan.l2,
        "feature_fraction": 0.8,
        "lambdarank_truncation_level": 2 * K,
        "monotone_constraints": [int(is_rising(name)) for name in names],
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 2,
        "seed": plan.seed,
        "verbosity": -1,
    }
    booster = lightgbm.train(params, data, num_boost_round=plan.n_trees)
    return [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]


def _ndcg(case: _Case, scores: FloatVector) -> float:
    """NDCG@20, a liked track being relevant whatever its grade; ties go to the better fused."""
    order = np.argsort(-np.asarray(scores, np.float64), kind="stable")
    hits = (case.grade[order] > 0)[np.newaxis]
    return float(metrics.ndcg(hits, np.array([case.n_liked]), K)[0])


def _source_names(models: Mapping[str, Recommender]) -> set[str]:
    return {source.name for source in standard_sources(models)}


def _no_timer() -> float:
    return 0.0
