"""Compare models on one's own listens: cut the data, fit, rank, and say how sure the order is."""

import time
from collections.abc import Callable, Sequence
from typing import Literal, get_args

import numpy as np

from segue.data.dataset import Dataset
from segue.data.interactions import Interactions
from segue.errors import InvalidDataError, InvalidInputError
from segue.evaluation.comparison import Comparison, Split, compare_models
from segue.evaluation.split import leave_last, random_per_listener
from segue.models.base import create
from segue.rng import derived_rng
from segue.services.library import Progress
from segue.services.training import TrainingService
from segue.training.local import MIN_LISTENERS_TO_COMPARE, TrainingPlan, temporal_holdout
from segue.types import CsrMatrix

SplitName = Literal["temporal", "leave-last", "random"]
RANDOM_SHARES = (0.8, 0.2)


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
    ) -> Comparison:
        """Measure models by name; none means those that training uses.

        Args:
            progress: Told which model is measured.
            models: Registered names; those of the training plan have its parameters.
            split: "temporal" asks for what came after a moment, "leave-last" for the newest track
                of each listener, "random" for a fifth of each listener's tracks. Only the first is
                what a listener meets; the others compare with published tables.
            ks: Lengths of list, >= 1; the last is the main one.
            seed: Of the random split and the resampling.

        Raises:
            InvalidInputError: No such model or split, or a length below 1.
            InvalidDataError: Too few listens to hold any out.
        """
        plan = TrainingPlan().models
        names = list(dict.fromkeys(models or plan))
        made = {name: create(name, **plan.get(name, {})) for name in names}
        if not ks or min(ks) < 1:
            raise InvalidInputError(f"the length of a list must be at least 1, got {list(ks)}")
        progress.report(0, len(made), message="Reading the library and its listens")
        cut = split_of(self._training.dataset(), split, seed)

        def report(done: int, total: int, message: str) -> None:
            progress.report(done, total, unit="models", message=message)

        return compare_models(made, cut, ks, self._timer, report, seed)


def split_of(dataset: Dataset, split: SplitName, seed: int = 0) -> Split:
    """Cut a data set; models see no event of a held-out pair of listener and track.

    Raises:
        InvalidInputError: No such split.
        InvalidDataError: Too few listens to hold any out.
    """
    if split not in get_args(SplitName):
        raise InvalidInputError(
            f"split must be one of {', '.join(get_args(SplitName))}, got {split!r}"
        )
    if split == "temporal":
        cut = temporal_holdout(dataset)
        if cut is None:
            raise InvalidDataError(
                f"fewer than {MIN_LISTENERS_TO_COMPARE} listeners have new tracks in the newest "
                "tenth of the listens; collect more, or use another split"
            )
        return Split("temporal, the newest tenth of the listens", *cut)
    liked = _liked(dataset.interactions)
    if split == "leave-last":
        return _without(dataset, leave_last(liked)[1], "the newest liked track of each listener")
    rng = derived_rng(seed, "evaluate", split)
    held_out = random_per_listener(liked.user_items, RANDOM_SHARES, rng)[1]
    return _without(dataset, held_out, "a random fifth of each listener's liked tracks")


def _liked(interactions: Interactions) -> Interactions:
    matrix = interactions.user_items
    row_of = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    keep = matrix.data > 0
    return Interactions.from_pairs(
        row_of[keep],
        matrix.indices[keep],
        matrix.data[keep],
        interactions.last_listened_at[keep],
        shape=matrix.shape,
    )


def _without(dataset: Dataset, held_out: CsrMatrix, name: str) -> Split:
    if not held_out.nnz:
        raise InvalidDataError("no listener has enough liked tracks to hold one out")
    row_of = np.repeat(np.arange(held_out.shape[0], dtype=np.int64), np.diff(held_out.indptr))
    held_keys = row_of * dataset.n_tracks + held_out.indices
    events = dataset.events
    keys = events.listener_idx.astype(np.int64) * dataset.n_tracks + events.track_idx
    seen = events.take(~np.isin(keys, held_keys))
    past = Dataset.from_events(dataset.tracks, dataset.listeners, seen, dataset.now)
    return Split(name, past, held_out)
