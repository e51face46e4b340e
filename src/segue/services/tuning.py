"""Search parameters of a model on one's own listens; a search that was stopped goes on."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from segue.errors import InvalidInputError
from segue.evaluation.cuts import SplitName, validation_of
from segue.evaluation.search import Budget, Method, SearchResult, search
from segue.services.library import Progress
from segue.services.training import TrainingService
from segue.training.local import TrainingPlan


class TuningService:
    """Searches on the data of the store, kept in a database of their own.

    Args:
        training: Reads the data, and its plan has the parameters of the models in use.
        folder: Where searches and results are kept; made when first needed.
        timer: Seconds that only grow.
    """

    def __init__(
        self,
        training: TrainingService,
        folder: Path,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._training = training
        self._folder = folder
        self._timer = timer

    def tune(
        self,
        progress: Progress,
        model: str,
        budget: Budget,
        method: Method = "tpe",
        split: SplitName = "temporal",
        k: int = 20,
        seed: int = 0,
    ) -> SearchResult:
        """Search on the validation part; the test part of the same cut is not touched.

        The result is also written as JSON into the folder, named after model and method.

        Raises:
            InvalidInputError: No such model, method or split, or no budget.
            InvalidDataError: Too few listens for a validation and a test part.
        """
        budget.check()
        progress.report(0, budget.trials, message="Reading the library and its listens")
        cut = validation_of(self._training.dataset(), split, seed)

        def report(done: int, best: float) -> None:
            message = f"Searching: {model}, best ndcg@{k} {best:.4f}"
            progress.report(done, budget.trials, unit="trials", message=message)

        with self._storage() as storage:
            found = search(
                model, cut, storage, budget, self._timer,
                method=method, k=k, seed=seed, base=TrainingPlan().models.get(model), report=report,
            )  # fmt: skip
        path = self._folder / f"{model}-{method}.json"
        path.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1))
        return found

    @contextmanager
    def _storage(self) -> Generator[Any]:
        from optuna.storages import RDBStorage

        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        storage = RDBStorage(f"sqlite:///{self._folder / 'searches.db'}")
        try:
            yield storage
        finally:
            storage.remove_session()
            storage.engine.dispose()


def tuned_plan(path: Path) -> TrainingPlan:
    """The training plan with the parameters of a search result in place of its own.

    Raises:
        InvalidInputError: The file cannot be read, or its model is not one that training uses.
    """
    try:
        found = msgspec.json.decode(path.read_bytes(), type=SearchResult)
    except (OSError, msgspec.MsgspecError) as error:
        raise InvalidInputError(f"{path} is no result of segue tune: {error}") from error
    plan = TrainingPlan()
    if found.model not in plan.models:
        raise InvalidInputError(
            f"training does not use {found.model}; it uses {', '.join(plan.models)}"
        )
    plan.models[found.model] = {**plan.models[found.model], **found.best_params}
    return plan
