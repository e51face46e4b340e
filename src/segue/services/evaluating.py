"""Compare models on one's own listens: cut the data, fit, rank, and say how sure the order is."""

import csv
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from segue.data.vocabulary import Vocabulary
from segue.errors import InvalidInputError
from segue.evaluation.comparison import Comparison, compare_models
from segue.evaluation.cuts import SplitName, split_of
from segue.evaluation.harness import Evaluation
from segue.evaluation.history import HISTORY_LENGTHS
from segue.models.base import create
from segue.services.library import Progress
from segue.services.training import TrainingService
from segue.training.local import TrainingPlan, fittable
from segue.types import FloatVector


class EvaluationService:
    """Comparisons on the data of the store; nothing is written.

    Args:
        training: Reads the data, and its plan has the parameters of the models in use.
        timer: Seconds that only grow.
    """

    def __init__(
        self, training: TrainingService, timer: Callable[[], float] = time.perf_counter
    ) -> None:
        self._training = training
        self._timer = timer

    def compare(
        self,
        progress: Progress,
        models: Sequence[str] = (),
        split: SplitName = "temporal",
        ks: Sequence[int] = (20,),
        seed: int = 0,
        *,
        repeats: bool = False,
        history: bool = False,
        vectors: Path | None = None,
    ) -> Comparison:
        """Measure models by name; none means those that training uses.

        Args:
            progress: Told which model is measured.
            models: Registered names; those of the training plan have its parameters.
            split: See :func:`segue.evaluation.cuts.split_of`. Only "temporal" is what a listener
                meets; the others compare with published tables or ask about one thing.
            ks: Lengths of list, >= 1; the last is the main one.
            seed: Of the random split and the resampling.
            repeats: Count tracks heard before too, known tracks are then not masked.
            history: Also measure new listeners by the number of their events that are known.
            vectors: Write one value a listener, model and measure to this file, .npz or .csv.

        Raises:
            InvalidInputError: No such model or split, a length below 1, or a file that cannot be
                written.
            InvalidDataError: Too few listens to hold any out.
        """
        standard = TrainingPlan()
        plan = standard.models
        if vectors is not None and vectors.suffix not in WRITERS:
            raise InvalidInputError(f"vectors are written as .npz or .csv, got {vectors.name!r}")
        chosen = [create(name, **plan.get(name, {})) for name in dict.fromkeys(models)]
        if not ks or min(ks) < 1:
            raise InvalidInputError(f"the length of a list must be at least 1, got {list(ks)}")
        progress.report(0, message="Reading the library and its listens")
        dataset = self._training.dataset()
        names = [] if models else fittable(dataset, standard)
        made = {model.name: model for model in chosen} | {n: create(n, **plan[n]) for n in names}
        cut = split_of(dataset, split, seed, repeats=repeats)

        def report(done: int, total: int, message: str) -> None:
            progress.report(done, total, unit="models", message=message)

        kept: dict[str, Evaluation] = {}
        compared = compare_models(
            made, cut, ks, self._timer, report, seed,
            history=HISTORY_LENGTHS if history else (), keep=kept.__setitem__,
        )  # fmt: skip
        if vectors is not None:
            write_vectors(vectors, kept, cut.past.listeners)
        return compared


def write_vectors(path: Path, outcomes: Mapping[str, Evaluation], ids: Vocabulary) -> None:
    """One value a listener for each model and measure.

    .npz has an array "listener" of ids and one array "MODEL/MEASURE" each, in the same order; .csv
    has them as columns. NaN (empty in .csv) is a listener without a value.

    Raises:
        InvalidInputError: The file cannot be written.
    """
    first = next(iter(outcomes.values()))
    columns = {
        f"{name}/{measure}": values
        for name, outcome in outcomes.items()
        for measure, values in outcome.per_listener.items()
    }
    try:
        WRITERS[path.suffix](path, [ids[row] for row in first.listener_idx], columns)
    except OSError as error:
        raise InvalidInputError(f"the vectors cannot be written to {path}: {error}") from error


def _write_npz(path: Path, ids: list[str], columns: Mapping[str, FloatVector]) -> None:
    arrays: dict[str, Any] = {"listener": np.array(ids, np.str_), **columns}
    np.savez_compressed(path, allow_pickle=False, **arrays)


def _write_csv(path: Path, ids: list[str], columns: Mapping[str, FloatVector]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["listener", *columns])
        for row, id_ in enumerate(ids):
            values = (float(column[row]) for column in columns.values())
            lines.writerow([id_, *("" if np.isnan(v) else repr(v) for v in values)])


WRITERS = {".npz": _write_npz, ".csv": _write_csv}
