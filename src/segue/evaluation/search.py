"""Finding parameters on the validation part: tree-structured Parzen estimators, or at random.

TPE of Bergstra et al. 2011 as Optuna has it; models that learn in epochs are measured after a
quarter, half and all of them, and a trial below the better half so far ends there (successive
halving, Li et al. 2018, arXiv:1810.05934). Random search is the baseline with the same budget
(Bergstra & Bengio 2012). The first trial of both are the defaults of the model.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args

import numpy as np
from msgspec import Struct

from segue.errors import InvalidInputError
from segue.evaluation.harness import evaluate_split
from segue.evaluation.leaks import Split
from segue.evaluation.spaces import SPACES, Range, Real, Whole
from segue.models.base import create
from segue.rng import derived_rng

Method = Literal["tpe", "random"]
Params = Mapping[str, object]
RUNGS = (1, 2, 4)  # quarters of the epochs
N_STARTUP = 10  # trials at random before the estimators begin
SECONDS = "seconds"


class Budget(Struct, frozen=True, kw_only=True):
    """How long to look: finished trials, or seconds spent in them; the first that is reached."""

    trials: int | None = None
    seconds: float | None = None

    def check(self) -> "Budget":
        """Self, or an error unless at least one is set and above zero.

        Raises:
            InvalidInputError: Which one is wrong.
        """
        given = [value for value in (self.trials, self.seconds) if value is not None]
        if not given or min(given) <= 0:
            raise InvalidInputError(
                f"a budget is a number of trials or of seconds above 0, got {self.trials} trials, "
                f"{self.seconds} seconds"
            )
        return self


class Tried(Struct, frozen=True, kw_only=True):
    """One trial. ``value`` is the last one measured, None when the model refused."""

    params: dict[str, Any]
    value: float | None
    state: Literal["complete", "pruned", "failed"]
    seconds: float


class SearchResult(Struct, frozen=True, kw_only=True):
    """What a search found on the validation part; the test part was not touched."""

    model: str
    method: Method
    metric: str
    split: str
    seed: int
    budget: Budget
    best_params: dict[str, Any]
    best_value: float
    default_value: float | None
    seconds: float
    trials: tuple[Tried, ...]


def search(
    name: str,
    split: Split,
    storage: Any,
    budget: Budget,
    timer: Callable[[], float],
    *,
    method: Method = "tpe",
    k: int = 20,
    seed: int = 0,
    base: Params | None = None,
    report: Callable[[int, float], None] = lambda _done, _best: None,
) -> SearchResult:
    """Look for the parameters with the best NDCG@k on a split.

    A search that was stopped goes on where it was when it is called again with the same storage,
    and ends with what an unbroken one would have found: each trial is drawn from the seed and the
    finished trials alone. (Where trials are stopped early, the rungs of the interrupted trial stay
    in the comparison.) Other data, ranges, seeds or base parameters begin a new search.

    Args:
        name: Registered model with a space in :data:`SPACES`.
        split: The validation split; never the test split.
        storage: An Optuna storage; in memory or in a file.
        budget: The same for every model and method that are to be compared.
        timer: Seconds that only grow.
        method: "tpe", or "random" for the baseline.
        k: Length of the lists.
        seed: Of the draws.
        base: Parameters that are not searched.
        report: Told finished trials and the best value so far.

    Raises:
        InvalidInputError: No space for the model, no such method, no budget, or no trial worked.
        InvalidDataError: The split leaks or asks for nothing.
    """
    if name not in SPACES or method not in get_args(Method):
        raise InvalidInputError(
            f"no search for model {name!r} by {method!r}; models: {', '.join(sorted(SPACES))}; "
            f"methods: {', '.join(get_args(Method))}"
        )
    budget.check()
    fixed = dict(base or {})
    study = _study(name, split, storage, method, k, seed, fixed)
    while not _is_spent(study, budget):
        study.sampler = _sampler(method, seed, len(_finished(study)))
        _try_one(study, name, split, f"ndcg@{k}", fixed, timer)
        found = _finished(study)
        report(len(found), max((t.value for t in _complete(study)), default=float("nan")))
    return _result(study, name, split, method, k, seed, budget)


def fingerprint(split: Split) -> str:
    """A short name of a split's data: the same arrays, the same name."""
    digest = hashlib.sha256(split.name.encode())
    for matrix in (split.past.interactions.user_items, split.known, split.held_out):
        for part in (matrix.indptr, matrix.indices, matrix.data):
            digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()[:16]


def _study(
    name: str, split: Split, storage: Any, method: Method, k: int, seed: int, fixed: Params
) -> Any:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    space = hashlib.sha256(repr((SPACES[name], sorted(fixed.items()))).encode()).hexdigest()[:8]
    study = optuna.create_study(
        storage=storage,
        study_name=f"{name} {method} ndcg@{k} seed {seed} data {fingerprint(split)} space {space}",
        load_if_exists=True,
        direction="maximize",
        pruner=optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=2),
    )
    if not study.get_trials(deepcopy=False):
        study.enqueue_trial(_defaults(name, fixed))
    for trial in study.get_trials(deepcopy=False):
        if trial.state == optuna.trial.TrialState.RUNNING:  # of a search that was killed
            study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
            if not _finished(study):
                study.enqueue_trial(_defaults(name, fixed))
    return study


def _try_one(
    study: Any, name: str, split: Split, metric: str, fixed: Params, timer: Callable[[], float]
) -> None:
    import optuna

    started = timer()
    trial = study.ask()
    params = {**fixed, **{key: _suggest(trial, key, r) for key, r in SPACES[name].items()}}
    states = optuna.trial.TrialState
    state, value = states.FAIL, None
    try:
        for rung, epochs in _rungs(name, params):
            model = create(name, **{**params, **epochs}).fit(split.past)
            value = evaluate_split(model, split, (int(metric.partition("@")[2]),))[metric]
            trial.report(value, rung)
            state = states.COMPLETE if rung == RUNGS[-1] else states.PRUNED
            if state == states.PRUNED and trial.should_prune():
                break
    except InvalidInputError as error:
        state, value = states.FAIL, None
        trial.set_user_attr("refused", str(error))
    trial.set_user_attr(SECONDS, timer() - started)
    study.tell(trial, value if state == states.COMPLETE else None, state=state)


def _rungs(name: str, params: Params) -> list[tuple[int, dict[str, object]]]:
    """Rung and epochs of each fit; one fit for a model that does not learn in epochs."""
    n_epochs = create(name, **params).get_params().get("n_epochs")
    if not isinstance(n_epochs, int) or n_epochs < RUNGS[-1]:
        return [(RUNGS[-1], {})]
    return [(rung, {"n_epochs": n_epochs * rung // RUNGS[-1]}) for rung in RUNGS]


def _suggest(trial: Any, key: str, among: Range) -> object:
    if isinstance(among, Real):
        return trial.suggest_float(key, among.low, among.high, log=among.log)
    if isinstance(among, Whole):
        return trial.suggest_int(key, among.low, among.high, log=among.log)
    return trial.suggest_categorical(key, among.options)


def _sampler(method: Method, seed: int, n_finished: int) -> Any:
    import optuna

    drawn = int(derived_rng(seed, "search", method, n_finished).integers(2**31))
    if method == "random":
        return optuna.samplers.RandomSampler(seed=drawn)
    return optuna.samplers.TPESampler(seed=drawn, n_startup_trials=N_STARTUP)


def _defaults(name: str, fixed: Params) -> dict[str, object]:
    given = create(name, **fixed).get_params()
    return {key: given[key] for key, among in SPACES[name].items() if among.holds(given[key])}


def _finished(study: Any) -> list[Any]:
    """Trials that ran to an end of their own: a killed one has no time."""
    return [t for t in study.get_trials(deepcopy=False) if SECONDS in t.user_attrs]


def _complete(study: Any) -> list[Any]:
    return [t for t in _finished(study) if t.state.name == "COMPLETE"]


def _is_spent(study: Any, budget: Budget) -> bool:
    found = _finished(study)
    seconds = sum(t.user_attrs[SECONDS] for t in found)
    return (budget.trials is not None and len(found) >= budget.trials) or (
        budget.seconds is not None and seconds >= budget.seconds
    )


def _result(
    study: Any, name: str, split: Split, method: Method, k: int, seed: int, budget: Budget
) -> SearchResult:
    found, complete = _finished(study), _complete(study)
    if not complete:
        refused = next((t.user_attrs["refused"] for t in found if "refused" in t.user_attrs), "")
        raise InvalidInputError(f"no trial of {name} could be measured: {refused or 'all pruned'}")
    best = max(complete, key=lambda trial: trial.value)  # of equal ones the first
    words: dict[str, Any] = {"COMPLETE": "complete", "PRUNED": "pruned", "FAIL": "failed"}
    tried = tuple(
        Tried(
            params=dict(t.params),
            value=t.value if t.value is not None else t.intermediate_values.get(t.last_step),
            state=words[t.state.name],
            seconds=t.user_attrs[SECONDS],
        )
        for t in found
    )
    return SearchResult(
        model=name, method=method, metric=f"ndcg@{k}", split=split.name, seed=seed, budget=budget,
        best_params=dict(best.params), best_value=best.value, default_value=found[0].value,
        seconds=sum(t.seconds for t in tried), trials=tried,
    )  # fmt: skip
