"""Training on this machine: which models a set holds, and how good they are on the newest listens.

Scores are measured by leaving out the newest part of time: models learn from what came before and
are asked for what came after (global temporal split; tracks heard before are masked, so this is the
discovery side of listening). The published models then learn from everything.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from msgspec import Struct, field

from segue.data.dataset import Dataset
from segue.evaluation.cuts import MIN_LISTENERS_TO_COMPARE, temporal_holdout
from segue.evaluation.harness import evaluate_split
from segue.models.base import Recommender, create

METRIC = "ndcg@20"

Params = Mapping[str, object]
Report = Callable[[int, int, str], None]


def _standard_models() -> dict[str, dict[str, object]]:
    return {
        "popularity": {"half_life_days": 60.0},
        "content": {},
        "edlae": {"n_neighbors": 200, "max_items": 20_000},
    }


class TrainingPlan(Struct, frozen=True, kw_only=True):
    """Which models a set holds and with which parameters, by registered name."""

    models: dict[str, dict[str, object]] = field(default_factory=_standard_models)
    personal: tuple[str, ...] = ("edlae",)  # need a listener with a liked track to be fitted


@dataclass(frozen=True, slots=True)
class Trained:
    """Fitted models by name, scores by "<model>.<metric>", and what a reader should know."""

    models: dict[str, Recommender]
    scores: dict[str, float] = dataclasses.field(default_factory=dict[str, float])
    notes: tuple[str, ...] = ()


def train_set(
    dataset: Dataset,
    plan: TrainingPlan | None = None,
    report: Report = lambda _done, _total, _message: None,
) -> Trained:
    """Measure on the newest listens, then fit every model of the plan on all of the data."""
    plan = plan or TrainingPlan()
    names = _fittable(dataset, plan)
    total = len(names) + 1
    report(0, total, "Measuring on the newest listens")
    scores, notes = measure(dataset, {name: plan.models[name] for name in names})
    models: dict[str, Recommender] = {}
    for done, name in enumerate(names, start=1):
        report(done, total, f"Learning: {name}")
        models[name] = create(name, **plan.models[name]).fit(dataset)
    report(total, total, "Learned")
    return Trained(models, scores, notes)


def measure(
    dataset: Dataset, models: Mapping[str, Params]
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Scores of each model on the newest tenth of the listening time, and notes when none."""
    split = temporal_holdout(dataset)
    if split is None:
        return {}, (f"no scores: fewer than {MIN_LISTENERS_TO_COMPARE} listeners to compare on",)
    scores: dict[str, float] = {}
    for name, params in models.items():
        result = evaluate_split(create(name, **params).fit(split.past), split, ks=(20,))
        scores[f"{name}.{METRIC}"] = round(result[METRIC], 5)
    return scores, ()


def _fittable(dataset: Dataset, plan: TrainingPlan) -> list[str]:
    anything_liked = dataset.interactions.positive().nnz > 0
    return [name for name in plan.models if anything_liked or name not in plan.personal]
