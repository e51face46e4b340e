"""Full ranking of the whole catalogue for every listener, in batches, one value a listener kept.

Sampled negatives are not offered: they do not keep even the order of models (Krichene & Rendle
2020, doi:10.1145/3394486.3403226).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segue.data.items import top_n
from segue.errors import InvalidDataError, InvalidInputError
from segue.evaluation import metrics
from segue.evaluation.metrics import HitMatrix, RankedMatrix
from segue.evaluation.split import assert_no_overlap
from segue.models.base import Recommender
from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector


@dataclass(frozen=True, slots=True)
class Figure:
    """Mean over listeners and its standard error (NaN for a single listener)."""

    mean: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The outcome of one model on one split.

    Attributes:
        listener_idx: Rows of the listeners who were asked, ascending.
        per_listener: Vectors along ``listener_idx`` by name, such as "ndcg@20"; see
            :func:`measures` for the names.
        n_dropped: Listeners with nothing held out, who count nowhere.
        ranked: Their lists, shape (n_asked, max(ks)), -1 where a list has ended.
    """

    listener_idx: IntVector
    per_listener: dict[str, FloatVector]
    n_dropped: int
    ranked: RankedMatrix

    def __getitem__(self, name: str) -> float:
        """The mean of one measure, such as ``evaluation["ndcg@20"]``."""
        return float(self.per_listener[name].mean())

    def summary(self) -> dict[str, Figure]:
        """Mean and standard error of every measure."""
        return {name: figure_of(values) for name, values in self.per_listener.items()}


def evaluate(
    model: Recommender,
    train: CsrMatrix,
    held_out: CsrMatrix,
    ks: Sequence[int] = (10, 20),
    batch_size: int = 256,
    *,
    mask_train: bool = True,
) -> Evaluation:
    """Rank all tracks for each listener from ``train`` and look for the ``held_out`` ones.

    Ties go to the lower row, so that a model of equal scores gets what the order of rows gives,
    the same each time. Memory is one batch of ``batch_size * n_tracks`` scores.

    Args:
        model: Fitted on the tracks that are the columns here.
        train: CSR (n_listeners, n_tracks): the profiles to fold in, and what is masked.
        held_out: CSR of the same shape; entries above zero are relevant.
        ks: Cut-offs >= 1.
        batch_size: Listeners ranked at once, >= 1.
        mask_train: Leave out every track with an entry in ``train``; False where repeats count.
            When masked, a held-out track that is also in ``train`` could never be found, so the
            two are checked for overlap first.

    Raises:
        InvalidInputError: No cut-off, or a cut-off or batch size below 1.
        InvalidDataError: Shapes differ, a pair is on both sides of a masked ranking, or nobody has
            anything held out.
    """
    if not ks or min(ks) < 1 or batch_size < 1:
        raise InvalidInputError(
            f"ks and batch_size must be at least 1, got ks={list(ks)}, batch_size={batch_size}"
        )
    if train.shape != held_out.shape:
        raise InvalidDataError(f"train has shape {train.shape}, held_out {held_out.shape}")
    if mask_train:
        assert_no_overlap(train, held_out)
    n_relevant = count_relevant(held_out)
    asked = np.flatnonzero(n_relevant)
    if not len(asked):
        raise InvalidDataError("no listener has anything held out")
    batches: list[HitMatrix] = []
    lists: list[RankedMatrix] = []
    for start in range(0, len(asked), batch_size):
        rows = asked[start : start + batch_size]
        scores = model.score_batch(train[rows])
        ranked = rank_batch(scores, max(ks), train[rows] if mask_train else None)
        lists.append(ranked)
        batches.append(metrics.hits_of(ranked, held_out[rows]))
    values = measures(np.concatenate(batches), n_relevant[asked], ks)
    return Evaluation(asked, values, held_out.shape[0] - len(asked), np.concatenate(lists))


def measures(hits: HitMatrix, n_relevant: IntVector, ks: Sequence[int]) -> dict[str, FloatVector]:
    """Every measure at every cut-off, by name.

    "recall@k" divides by all held-out tracks, "recall_capped@k" by ``min(k, held out)``; the
    others are "precision@k", "ndcg@k", "mrr@k", "map@k", "hit@k".
    """
    values: dict[str, FloatVector] = {}
    for k in ks:
        values[f"recall@{k}"] = metrics.recall(hits, n_relevant, k)
        values[f"recall_capped@{k}"] = metrics.recall(hits, n_relevant, k, "capped")
        values[f"precision@{k}"] = metrics.precision(hits, k)
        values[f"ndcg@{k}"] = metrics.ndcg(hits, n_relevant, k)
        values[f"mrr@{k}"] = metrics.reciprocal_rank(hits, k)
        values[f"map@{k}"] = metrics.average_precision(hits, n_relevant, k)
        values[f"hit@{k}"] = metrics.hit_rate(hits, k)
    return values


def rank_batch(scores: FloatMatrix, k: int, masked: CsrMatrix | None = None) -> RankedMatrix:
    """The ``k`` best tracks of each row, best first, shape (n_rows, k), int32; -1 fills.

    Args:
        scores: Shape (n_rows, n_tracks).
        k: List length >= 1.
        masked: CSR of the same shape; tracks with an entry are left out.
    """
    ranked = np.full((len(scores), k), -1, np.int32)
    allowed = np.ones(scores.shape[1], bool)
    for row, row_scores in enumerate(scores):
        known = _entries(masked, row)
        allowed[known] = False
        best = top_n(row_scores, k, allowed).track_idx
        allowed[known] = True
        ranked[row, : len(best)] = best
    return ranked


def count_relevant(held_out: CsrMatrix) -> IntVector:
    """Entries above zero of each row, shape (n_listeners,), int64."""
    row_of = np.repeat(np.arange(held_out.shape[0]), np.diff(held_out.indptr))
    return np.bincount(row_of[np.asarray(held_out.data) > 0], minlength=held_out.shape[0])


def figure_of(values: FloatVector) -> Figure:
    """Mean and standard error (sample deviation over the root of the count)."""
    n = len(values)
    error = float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
    return Figure(float(values.mean()), error)


def _entries(masked: CsrMatrix | None, row: int) -> IntVector:
    if masked is None:
        return np.empty(0, np.int32)  # not (): that would index everything
    return masked.indices[masked.indptr[row] : masked.indptr[row + 1]]
