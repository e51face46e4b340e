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
from segue.evaluation.leaks import Periods, Split, assert_no_leak
from segue.evaluation.metrics import HitMatrix, RankedMatrix
from segue.evaluation.split import assert_no_overlap
from segue.models.base import Recommender
from segue.types import BoolVector, CsrMatrix, FloatMatrix, FloatVector, IntVector

MAX_SCORES = 32_000_000  # scores held at once, 128 MB
PART_MEASURES = ("ndcg", "recall", "hit")  # of repeats and of discoveries, each by itself


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
        """The mean of one measure, such as ``evaluation["ndcg@20"]``.

        "ndcg_ratio@k" is mean DCG over mean ideal DCG, what Yambda calls NDCG.
        """
        if name.startswith("ndcg_ratio@"):
            k = name.partition("@")[2]
            return self[f"dcg@{k}"] / self[f"ideal_dcg@{k}"]
        return figure_of(self.per_listener[name]).mean

    def summary(self) -> dict[str, Figure]:
        """Mean and standard error of every measure."""
        return {name: figure_of(values) for name, values in self.per_listener.items()}


def evaluate_split(
    model: Recommender, split: Split, ks: Sequence[int] = (10, 20), batch_size: int = 256
) -> Evaluation:
    """:func:`evaluate` of a model fitted on ``split.past``, after the whole leak check.

    Raises:
        InvalidInputError: See :func:`evaluate`.
        InvalidDataError: The split leaks, or nobody has anything held out.
    """
    assert_no_leak(split)
    return evaluate(
        model,
        split.known,
        split.held_out,
        ks,
        batch_size,
        mask_train=not split.repeats,
        candidates=split.candidates,
        artist_idx=split.past.tracks.artist_idx,
        periods=split.periods,
    )


def evaluate(
    model: Recommender,
    train: CsrMatrix,
    held_out: CsrMatrix,
    ks: Sequence[int] = (10, 20),
    batch_size: int = 256,
    *,
    mask_train: bool = True,
    known: CsrMatrix | None = None,
    candidates: BoolVector | None = None,
    artist_idx: IntVector | None = None,
    periods: Periods | None = None,
) -> Evaluation:
    """Rank all tracks for each listener from ``train`` and look for the ``held_out`` ones.

    Ties go to the lower row, so that a model of equal scores gets what the order of rows gives,
    the same each time. Memory is one batch of at most ``batch_size * n_tracks`` scores; fewer
    listeners are ranked at once where that is more than 128 MB.

    Args:
        model: Fitted on the tracks that are the columns here.
        train: CSR (n_listeners, n_tracks): the profiles to fold in.
        held_out: CSR of the same shape; entries above zero are relevant.
        ks: Cut-offs >= 1.
        batch_size: Listeners ranked at once, >= 1.
        mask_train: Leave out every track with an entry in ``known``; False where repeats count.
            When masked, a held-out track that is also in ``known`` could never be found, so the
            two are checked for overlap first. Otherwise ``periods`` has to show that what is asked
            for came later, and repeats and discoveries are also measured apart.
        known: CSR of the same shape, what each listener has heard; None takes ``train``.
        candidates: Mask (n_tracks,) of what may be ranked; None allows all.
        artist_idx: Artist of each track, -1 for none; None leaves out the measure that needs it.
        periods: What was learned from and asked for in time.

    Raises:
        InvalidInputError: No cut-off, a cut-off or batch size below 1, or repeats without periods.
        InvalidDataError: Shapes differ, a pair is on both sides of a masked ranking, periods
            overlap, or nobody has anything held out.
    """
    heard = train if known is None else known
    _check(train, held_out, heard, ks, batch_size)
    _check_leak(train, held_out, heard if mask_train else None, periods)
    n_relevant = count_relevant(held_out)
    asked = np.flatnonzero(n_relevant)
    if not len(asked):
        raise InvalidDataError("no listener has anything held out: the held-out part is empty")
    step = max(min(batch_size, MAX_SCORES // max(train.shape[1], 1)), 1)
    lists: list[RankedMatrix] = []
    deep: list[dict[str, FloatVector]] = []
    for start in range(0, len(asked), step):
        rows = asked[start : start + step]
        depth = min(max(*ks, int(n_relevant[rows].max())), train.shape[1])
        scores = model.score_batch(train[rows])
        ranked = rank_batch(scores, depth, heard[rows] if mask_train else None, candidates)
        deep.append(_deep_measures(ranked, held_out[rows], n_relevant[rows], artist_idx))
        lists.append(_to_width(ranked, max(ks)))
    ranked = np.concatenate(lists)
    values = measures(metrics.hits_of(ranked, held_out[asked]), n_relevant[asked], ks)
    values |= {name: np.concatenate([part[name] for part in deep]) for name in deep[0]}
    if not mask_train:
        values |= part_measures(ranked, held_out[asked], heard[asked], ks)
    return Evaluation(asked, values, held_out.shape[0] - len(asked), ranked)


def part_measures(
    ranked: RankedMatrix, held_out: CsrMatrix, known: CsrMatrix, ks: Sequence[int]
) -> dict[str, FloatVector]:
    """Measures of held-out tracks heard before ("repeat_...") and of new ones ("exploration_...").

    Known tracks are far easier to find, so one number over both hides how little is discovered (Li
    et al. 2023, arXiv:2109.14233). NaN for a listener with nothing held out in that part.
    """
    wanted, heard = held_out.copy(), known.copy()
    wanted.data = (np.asarray(wanted.data) > 0).astype(np.float64)
    heard.data = np.ones_like(heard.data, np.float64)
    again = wanted.multiply(heard).tocsr()
    values: dict[str, FloatVector] = {}
    for part_name, part in (("repeat", again), ("exploration", (wanted - again).tocsr())):
        n_relevant = count_relevant(part)
        rows = np.flatnonzero(n_relevant)
        found = measures(metrics.hits_of(ranked[rows], part[rows]), n_relevant[rows], ks)
        for name in (f"{measure}@{k}" for measure in PART_MEASURES for k in ks):
            values[f"{part_name}_{name}"] = np.full(len(ranked), np.nan)
            values[f"{part_name}_{name}"][rows] = found[name]
    return values


def measures(hits: HitMatrix, n_relevant: IntVector, ks: Sequence[int]) -> dict[str, FloatVector]:
    """Every measure at every cut-off, by name.

    "recall@k" divides by all held-out tracks, "recall_capped@k" by ``min(k, held out)``; the
    others are "precision@k", "ndcg@k", "dcg@k", "ideal_dcg@k", "mrr@k", "map@k", "hit@k".
    """
    values: dict[str, FloatVector] = {}
    for k in ks:
        values[f"recall@{k}"] = metrics.recall(hits, n_relevant, k)
        values[f"recall_capped@{k}"] = metrics.recall(hits, n_relevant, k, "capped")
        values[f"precision@{k}"] = metrics.precision(hits, k)
        values[f"ndcg@{k}"] = metrics.ndcg(hits, n_relevant, k)
        values[f"dcg@{k}"] = metrics.dcg(hits, k)
        values[f"ideal_dcg@{k}"] = metrics.ideal_dcg(n_relevant, k)
        values[f"mrr@{k}"] = metrics.reciprocal_rank(hits, k)
        values[f"map@{k}"] = metrics.average_precision(hits, n_relevant, k)
        values[f"hit@{k}"] = metrics.hit_rate(hits, k)
    return values


def rank_batch(
    scores: FloatMatrix,
    k: int,
    masked: CsrMatrix | None = None,
    candidates: BoolVector | None = None,
) -> RankedMatrix:
    """The ``k`` best tracks of each row, best first, shape (n_rows, k), int32; -1 fills.

    Args:
        scores: Shape (n_rows, n_tracks).
        k: List length >= 1.
        masked: CSR of the same shape; tracks with an entry are left out.
        candidates: Mask (n_tracks,) of what may be ranked; None allows all.
    """
    ranked = np.full((len(scores), k), -1, np.int32)
    allowable = np.ones(scores.shape[1], bool) if candidates is None else candidates
    allowed = allowable.copy()
    for row, row_scores in enumerate(scores):
        known = _entries(masked, row)
        allowed[known] = False
        best = top_n(row_scores, k, allowed).track_idx
        allowed[known] = allowable[known]
        ranked[row, : len(best)] = best
    return ranked


def count_relevant(held_out: CsrMatrix) -> IntVector:
    """Entries above zero of each row, shape (n_listeners,), int64."""
    row_of = np.repeat(np.arange(held_out.shape[0]), np.diff(held_out.indptr))
    return np.bincount(row_of[np.asarray(held_out.data) > 0], minlength=held_out.shape[0])


def figure_of(values: FloatVector) -> Figure:
    """Mean and standard error (sample deviation over the root of the count), NaN left out."""
    values = values[~np.isnan(values)]
    n = len(values)
    if not n:
        return Figure(float("nan"), float("nan"))
    error = float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
    return Figure(float(values.mean()), error)


def _entries(masked: CsrMatrix | None, row: int) -> IntVector:
    if masked is None:
        return np.empty(0, np.int32)  # not (): that would index everything
    return masked.indices[masked.indptr[row] : masked.indptr[row + 1]]


def _deep_measures(
    ranked: RankedMatrix, held_out: CsrMatrix, n_relevant: IntVector, artist_idx: IntVector | None
) -> dict[str, FloatVector]:
    """Measures as deep as tracks were held out: only a batch is kept that deep."""
    hits = metrics.hits_of(ranked, held_out)
    values = {"r_precision": metrics.r_precision(hits, n_relevant)}
    if artist_idx is not None:
        values["r_precision_artist"] = metrics.r_precision_with_artists(
            ranked, held_out, artist_idx
        )
    return values


def _to_width(ranked: RankedMatrix, width: int) -> RankedMatrix:
    missing = max(width - ranked.shape[1], 0)
    return np.pad(ranked[:, :width], ((0, 0), (0, missing)), constant_values=-1)


def _check(
    train: CsrMatrix, held_out: CsrMatrix, known: CsrMatrix, ks: Sequence[int], batch_size: int
) -> None:
    if not ks or min(ks) < 1 or batch_size < 1:
        raise InvalidInputError(
            f"ks and batch_size must be at least 1, got ks={list(ks)}, batch_size={batch_size}"
        )
    if train.shape != held_out.shape or known.shape != held_out.shape:
        raise InvalidDataError(
            f"train has shape {train.shape}, held_out {held_out.shape}, known {known.shape}"
        )


def _check_leak(
    train: CsrMatrix, held_out: CsrMatrix, masked: CsrMatrix | None, periods: Periods | None
) -> None:
    if periods is not None:
        periods.check()
    if masked is not None:
        assert_no_overlap(train, held_out)
        assert_no_overlap(masked, held_out)
    elif periods is None:
        raise InvalidInputError(
            "repeats count only across a cut in time, or a leak could not be told from them: give "
            "periods=Periods(learned_until, asked_from)"
        )
