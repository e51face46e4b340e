"""Training on this machine: which models a set holds, and how good they are on the newest listens.

Scores are measured by leaving out the newest part of time: models learn from what came before and
are asked for what came after (global temporal split; tracks heard before are masked, so this is the
discovery side of listening). The published models then learn from everything. A model is fitted
only where that can change it: one of the catalogue alone once, one that the set in service has with
the same parameters not again for the comparison, and nothing for a ranker without moments to learn.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from msgspec import Struct, field
from threadpoolctl import threadpool_limits

from segue.data.dataset import Dataset
from segue.evaluation.cuts import (
    HELD_OUT_SHARE,
    MIN_LISTENERS_TO_COMPARE,
    for_some_listeners,
    holdout_after,
    newest_cut,
)
from segue.evaluation.harness import evaluate_split
from segue.evaluation.leaks import Split
from segue.models.base import Recommender, create
from segue.pipeline.learned import LearnedRanker
from segue.pipeline.stations import TASTE_BLEND
from segue.training.compare import Comparison, compare
from segue.training.ranker import (
    RankerOutcome,
    RankerPlan,
    Slice,
    bounds_of,
    learn_ranker,
    moments,
    waiting,
)
from segue.training.term_weights import weighed

METRIC = "ndcg@20"
MAX_MEASURED = 1_000  # listeners, drawn at random: each model ranks the whole catalogue for each
# the products of one list are small: on a busy machine threads of BLAS wait for each other
ONE_THREAD: Final[dict[str, Any]] = {"limits": 1, "user_api": "blas"}
_HEARD = ("sound",)  # models of what was heard: nothing to learn before the first analysis
_TOO_FEW = f"no scores: fewer than {MIN_LISTENERS_TO_COMPARE} listeners to compare on"

# Terms weigh so much that a household of a few listeners hears of tracks that none of them knows
# (`benchmarks HOUSEHOLDS`); where there are listeners to choose by, they may weigh less.
# Albums and words would add rows, which cost time; so would tags that few tracks carry.
COLLECTIVE: dict[str, object] = {
    "genre_weight": 10.0, "tag_weight": 10.0, "artist_weight": 10.0, "decade_weight": 3.0,
    "album_weight": 0.0, "word_weight": 0.0, "max_terms": 4_000, "n_neighbors": 200,
    "max_items": 20_000,
}  # fmt: skip

Params = Mapping[str, object]
Report = Callable[[int, int, str], None]


def _standard_models() -> dict[str, dict[str, object]]:
    return {
        "popularity": {"half_life_days": 60.0},
        "content": {},
        "collective": dict(COLLECTIVE),
        "edlae": {"n_neighbors": 200, "max_items": 20_000},  # listening alone
        "bridge": {"n_factors": 64, "n_epochs": 10},  # iALS that also knows unplayed tracks
        "memory": {},
        "session_knn": {},
        "user_knn": {},
        "sound": {},
        "alike": {},
        "knowledge": {},
        "clusters": {"k": 50, "max_iterations": 20},
        "svd": {"n_folds": 5},
    }


class TrainingPlan(Struct, frozen=True, kw_only=True):
    """Which models a set holds and with which parameters, by registered name."""

    models: dict[str, dict[str, object]] = field(default_factory=_standard_models)
    # need a listener with a liked track to be fitted
    personal: tuple[str, ...] = (
        "collective", "edlae", "bridge", "memory", "session_knn", "user_knn", "clusters",
    )  # fmt: skip
    # no part of the learned order of lists: neither measured nor fitted on earlier times
    aside: tuple[str, ...] = ("edlae", "knowledge", "clusters", "svd")
    min_ratings: int = 20  # from which stars are predicted
    ranker: RankerPlan | None = field(default_factory=RankerPlan)  # None: rank fusion only


@dataclass(frozen=True, slots=True)
class Trained:
    """Fitted models by name, scores by "<model>.<metric>", and what a reader should know.

    ``intervals`` are the 95 % bounds of those scores that have them.

    ``params`` are those of the models; ``comparison`` is with the set in service, None where it has
    the same models and parameters or there are too few listeners to compare on.
    """

    models: dict[str, Recommender]
    scores: dict[str, float] = dataclasses.field(default_factory=dict[str, float])
    notes: tuple[str, ...] = ()
    ranker: LearnedRanker | None = None
    params: Mapping[str, Params] = dataclasses.field(default_factory=dict[str, Params])
    comparison: Comparison | None = None
    intervals: dict[str, tuple[float, float]] = dataclasses.field(
        default_factory=dict[str, tuple[float, float]]
    )


def train_set(
    dataset: Dataset,
    plan: TrainingPlan | None = None,
    report: Report = lambda _done, _total, _message: None,
    in_service: Mapping[str, Params] | None = None,
) -> Trained:
    """Measure on the newest listens, then fit every model of the plan on all of the data.

    Args:
        dataset: Everything.
        plan: Which models with which parameters.
        report: Steps done, steps in all, and what is being done.
        in_service: Models and parameters of the set in service: fitted on the same past, it is
            asked for the same later listens.
    """
    plan = plan or TrainingPlan()
    past = newest_cut(dataset)
    params = trained_params(dataset, dataset if past is None else past, plan)
    tried = {name: values for name, values in params.items() if name not in plan.aside}
    total = len(params) + 2
    report(0, total, "Measuring on the newest listens")
    if past is None or not params:
        models = _fit_all(dataset, params, report=report, total=total)
        return Trained(models, {}, (_TOO_FEW,), params=params)
    earlier = _fit_all(past, tried)
    split = holdout_after(past, dataset)
    scores, intervals = ({}, {}) if split is None else measure(earlier, split)
    notes = (_TOO_FEW,) if split is None else ()
    before = {name: values for name, values in (in_service or {}).items()
              if name not in plan.aside}  # fmt: skip
    comparison = None if split is None else _compare(earlier, tried, before, split)
    report(1, total, "Learning how to rank")
    outcome = _learn_ranker(dataset, past, earlier, tried, plan)
    models = _fit_all(dataset, params, earlier, report, total)
    trained = Trained(
        models, scores, notes, params=params, comparison=comparison, intervals=intervals
    )
    if outcome is None:
        return trained
    return dataclasses.replace(
        trained,
        scores=scores | outcome.scores,
        intervals=intervals | outcome.intervals,
        notes=(*notes, outcome.note),
        ranker=outcome.ranker,
    )


def trained_params(
    dataset: Dataset, past: Dataset, plan: TrainingPlan
) -> dict[str, dict[str, object]]:
    """Parameters of the models that are fitted; terms are weighed on the past, unless they were
    chosen otherwise than :data:`COLLECTIVE`.

    Args:
        dataset: Says which models are fitted.
        past: What may be looked at to choose.
        plan: All models and their parameters.
    """
    params = {name: plan.models[name] for name in fittable(dataset, plan)}
    if params.get("collective") == COLLECTIVE:
        params["collective"] = weighed(past, COLLECTIVE)
    return params


def measure(
    earlier: Mapping[str, Recommender], split: Split
) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    """Scores of models fitted on the past of a split, by "<model>.<metric>", and their bounds."""
    split = for_some_listeners(split, MAX_MEASURED)
    found = {name: evaluate_split(model, split, ks=(20,)) for name, model in earlier.items()}
    scores = {f"{name}.{METRIC}": round(one[METRIC], 5) for name, one in found.items()}
    bounds = {
        f"{name}.{METRIC}": bounds_of(one.per_listener[METRIC])
        for name, one in found.items()
        if not np.isnan(one.per_listener[METRIC]).all()
    }
    return scores, bounds


def _compare(
    earlier: Mapping[str, Recommender],
    params: Mapping[str, Params],
    in_service: Mapping[str, Params],
    split: Split,
) -> Comparison | None:
    """With the models of the set in service; only those that are set otherwise are fitted."""
    if not in_service or in_service == params:
        return None
    same = {name: earlier[name] for name in in_service if params.get(name) == in_service[name]}
    others = {name: values for name, values in in_service.items() if name not in same}
    old = same | _fit_all(split.past, others)
    with threadpool_limits(**ONE_THREAD):
        return compare(earlier, old, split)


def _learn_ranker(
    dataset: Dataset,
    past: Dataset,
    earlier: Mapping[str, Recommender],
    params: Mapping[str, Params],
    plan: TrainingPlan,
) -> RankerOutcome | None:
    """Learn on the tenth of the listening before the newest one, judge on the newest."""
    first = newest_cut(dataset, 2 * HELD_OUT_SHARE)
    if plan.ranker is None or first is None:
        return None
    n_moments = len(moments(dataset.events, first.now, past.now, plan.ranker))
    if n_moments < plan.ranker.min_moments:  # nor will more of them have a liked candidate
        return waiting(n_moments, plan.ranker)
    learn = Slice(first, _fit_all(first, params, earlier), first.now, past.now)
    judge = Slice(past, earlier, past.now, dataset.now)
    with threadpool_limits(**ONE_THREAD):
        return learn_ranker(dataset, learn, judge, TASTE_BLEND, plan.ranker)


def _fit_all(
    dataset: Dataset,
    params: Mapping[str, Params],
    fitted: Mapping[str, Recommender] | None = None,
    report: Report = lambda _done, _total, _message: None,
    total: int = 0,
) -> dict[str, Recommender]:
    """Every model on this data; of ``fitted``, those that learn from the catalogue alone stay."""
    models: dict[str, Recommender] = {}
    for done, (name, values) in enumerate(params.items(), start=2):
        report(done, total, f"Learning: {name}")
        known = (fitted or {}).get(name)
        if known is None or known.learns_from_listens:
            known = create(name, **values).fit(dataset)
        models[name] = known
    report(total, total, "Learned")
    return models


def fittable(dataset: Dataset, plan: TrainingPlan) -> list[str]:
    """Names of the plan's models that this data says something to."""
    anything_liked = dataset.interactions.positive().nnz > 0
    names = [name for name in plan.models if anything_liked or name not in plan.personal]
    n_rated = int(np.count_nonzero(~np.isnan(dataset.events.value)))
    names = [name for name in names if name != "svd" or n_rated >= plan.min_ratings]
    return [name for name in names if name not in _HEARD or "sound" in dataset.tracks.vectors]
