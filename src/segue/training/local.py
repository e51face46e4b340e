"""Training on this machine: which models a set holds, and how good they are on the newest listens.

Scores are measured by leaving out the newest part of time: models learn from what came before and
are asked for what came after (global temporal split; tracks heard before are masked, so this is the
discovery side of listening). The published models then learn from everything.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from msgspec import Struct, field

from segue.data.dataset import Dataset
from segue.evaluation.cuts import (
    HELD_OUT_SHARE,
    MIN_LISTENERS_TO_COMPARE,
    newest_cut,
    temporal_holdout,
)
from segue.evaluation.harness import evaluate_split
from segue.models.base import Recommender, create
from segue.pipeline.learned import LearnedRanker
from segue.pipeline.stations import TASTE_BLEND
from segue.training.ranker import RankerOutcome, RankerPlan, Slice, learn_ranker

METRIC = "ndcg@20"
_HEARD = ("sound",)  # models of what was heard: nothing to learn before the first analysis
_TOO_FEW = f"no scores: fewer than {MIN_LISTENERS_TO_COMPARE} listeners to compare on"

Params = Mapping[str, object]
Report = Callable[[int, int, str], None]


def _standard_models() -> dict[str, dict[str, object]]:
    return {
        "popularity": {"half_life_days": 60.0},
        "content": {},
        "edlae": {"n_neighbors": 200, "max_items": 20_000},
        "bridge": {"n_factors": 64, "n_epochs": 10},  # iALS that also knows unplayed tracks
        "memory": {},
        "session_knn": {},
        "user_knn": {},
        "sound": {},
        "knowledge": {},
        "clusters": {"k": 50, "max_iterations": 20},
        "svd": {"n_folds": 5},
    }


class TrainingPlan(Struct, frozen=True, kw_only=True):
    """Which models a set holds and with which parameters, by registered name."""

    models: dict[str, dict[str, object]] = field(default_factory=_standard_models)
    # need a listener with a liked track to be fitted
    personal: tuple[str, ...] = ("edlae", "bridge", "memory", "session_knn", "user_knn", "clusters")
    # no part of the learned order of lists: neither measured nor fitted on earlier times
    aside: tuple[str, ...] = ("knowledge", "clusters", "svd")
    min_ratings: int = 20  # from which stars are predicted
    ranker: RankerPlan | None = field(default_factory=RankerPlan)  # None: rank fusion only


@dataclass(frozen=True, slots=True)
class Trained:
    """Fitted models by name, scores by "<model>.<metric>", and what a reader should know."""

    models: dict[str, Recommender]
    scores: dict[str, float] = dataclasses.field(default_factory=dict[str, float])
    notes: tuple[str, ...] = ()
    ranker: LearnedRanker | None = None


def train_set(
    dataset: Dataset,
    plan: TrainingPlan | None = None,
    report: Report = lambda _done, _total, _message: None,
) -> Trained:
    """Measure on the newest listens, then fit every model of the plan on all of the data."""
    plan = plan or TrainingPlan()
    params = {name: plan.models[name] for name in fittable(dataset, plan)}
    tried = {name: values for name, values in params.items() if name not in plan.aside}
    total = len(params) + 2
    report(0, total, "Measuring on the newest listens")
    past = newest_cut(dataset)
    if past is None or not params:
        return Trained(_fit_all(dataset, params, report, total), {}, (_TOO_FEW,))
    earlier = _fit_all(past, tried)
    scores, notes = measure(earlier, dataset)
    report(1, total, "Learning how to rank")
    outcome = _learn_ranker(dataset, past, earlier, tried, plan)
    models = _fit_all(dataset, params, report, total)
    if outcome is None:
        return Trained(models, scores, notes)
    return Trained(models, scores | outcome.scores, (*notes, outcome.note), outcome.ranker)


def measure(
    earlier: Mapping[str, Recommender], dataset: Dataset
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Scores of models fitted on all but the newest tenth, and a note when there are none."""
    split = temporal_holdout(dataset)
    if split is None:
        return {}, (_TOO_FEW,)
    scores: dict[str, float] = {}
    for name, model in earlier.items():
        result = evaluate_split(model, split, ks=(20,))
        scores[f"{name}.{METRIC}"] = round(result[METRIC], 5)
    return scores, ()


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
    learn = Slice(first, _fit_all(first, params), first.now, past.now)
    judge = Slice(past, earlier, past.now, dataset.now)
    return learn_ranker(dataset, learn, judge, TASTE_BLEND, plan.ranker)


def _fit_all(
    dataset: Dataset,
    params: Mapping[str, Params],
    report: Report = lambda _done, _total, _message: None,
    total: int = 0,
) -> dict[str, Recommender]:
    models: dict[str, Recommender] = {}
    for done, (name, values) in enumerate(params.items(), start=2):
        report(done, total, f"Learning: {name}")
        models[name] = create(name, **values).fit(dataset)
    report(total, total, "Learned")
    return models


def fittable(dataset: Dataset, plan: TrainingPlan) -> list[str]:
    """Names of the plan's models that this data says something to."""
    anything_liked = dataset.interactions.positive().nnz > 0
    names = [name for name in plan.models if anything_liked or name not in plan.personal]
    n_rated = int(np.count_nonzero(~np.isnan(dataset.events.value)))
    names = [name for name in names if name != "svd" or n_rated >= plan.min_ratings]
    return [name for name in names if name not in _HEARD or "sound" in dataset.tracks.vectors]
