"""Several models on one split: accuracy with intervals, what the lists are like, and the cost."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from segue.data.dataset import Dataset
from segue.errors import InvalidInputError
from segue.evaluation import beyond
from segue.evaluation.harness import PART_MEASURES, Evaluation, evaluate_split
from segue.evaluation.history import quality_by_history
from segue.evaluation.intervals import holm, mean_bootstrap, ratio_bootstrap, sign_flip_p
from segue.evaluation.leaks import Split
from segue.models.base import Recommender
from segue.rng import derived_rng
from segue.types import CsrMatrix, FloatVector

MEASURES = ("ndcg", "ndcg_ratio", "recall", "recall_capped", "precision", "mrr", "map", "hit")
PARTS = ("repeat", "exploration")


class Estimate(Struct, frozen=True):
    """A mean over listeners and the bounds of its 95 % interval."""

    mean: float
    low: float
    high: float


class ModelResult(Struct, frozen=True, kw_only=True):
    """One model. ``accuracy`` and ``beyond`` are by name, such as "ndcg@20" and "coverage@20".

    ``p_best`` is Holm's adjusted p-value of the difference from the best model in the main measure,
    None for the best itself; a value of ``beyond`` is None when it is not defined here.
    "ndcg_ratio@k" is mean DCG over mean ideal DCG (Yambda's NDCG), "ndcg@k" the listeners' mean;
    "recall_capped@k" divides by ``min(k, held out)``; "repeat_..." and "exploration_..." are there
    where repeats count. ``history`` is NDCG@k by the number of events known of new listeners.
    """

    name: str
    accuracy: dict[str, Estimate]
    beyond: dict[str, float | None]
    fit_s: float
    rank_s: float
    size_bytes: int
    p_best: float | None = None
    history: dict[int, Estimate] = {}


class Comparison(Struct, frozen=True, kw_only=True):
    """All models on one split, the best in ``ndcg@k`` first."""

    split: str
    k: int
    ks: tuple[int, ...]
    n_tracks: int
    n_listeners: int
    n_held_out: int
    n_dropped: int
    models: tuple[ModelResult, ...]


def compare_models(
    models: Mapping[str, Recommender],
    split: Split,
    ks: Sequence[int],
    timer: Callable[[], float],
    report: Callable[[int, int, str], None] = lambda _done, _total, _message: None,
    seed: int = 0,
    *,
    history: Sequence[int] = (),
    keep: Callable[[str, Evaluation], None] = lambda _name, _outcome: None,
) -> Comparison:
    """Fit and rank each model on one split.

    Args:
        models: Unfitted models by the name to show.
        split: Training data and targets; ``held_out`` has the shape of its interactions.
        ks: Cut-offs >= 1; the last one is the main one.
        timer: Seconds that only grow, for the costs.
        report: Told how many models are done, of how many, and what comes next.
        seed: Of the resampling.
        history: Numbers of events to cut profiles to; each model is then fitted once more.
        keep: Given the name and the outcome of each model, with one value a listener.

    Raises:
        InvalidInputError: No model or no cut-off.
        InvalidDataError: The split leaks, or nobody has anything held out.
    """
    if not models or not ks:
        raise InvalidInputError("name at least one model and one cut-off")
    k = ks[-1]
    outcomes: dict[str, Evaluation] = {}
    results: list[ModelResult] = []
    for done, (name, model) in enumerate(models.items()):
        report(done, len(models), f"Measuring: {name}")
        outcomes[name], result = _measure(name, model, split, ks, timer, seed)
        keep(name, outcomes[name])
        results.append(replace(result, history=_by_history(model, split, k, history, seed)))
    results.sort(key=lambda result: -result.accuracy[f"ndcg@{k}"].mean)
    values = [outcomes[result.name].per_listener[f"ndcg@{k}"] for result in results]
    first = outcomes[results[0].name]
    return Comparison(
        split=split.name,
        k=k,
        ks=tuple(ks),
        n_tracks=split.past.n_tracks,
        n_listeners=len(first.listener_idx),
        n_held_out=int((split.held_out > 0).sum()),
        n_dropped=first.n_dropped,
        models=_with_p(results, values, seed),
    )


def lists_beyond(
    outcome: Evaluation, past: Dataset, k: int, known: CsrMatrix | None = None
) -> dict[str, float | None]:
    """Every measure of :mod:`segue.evaluation.beyond`, by name; ``known`` as in :class:`Split`."""
    ranked, tracks = outcome.ranked, past.tracks
    train = (past.interactions.user_items if known is None else known)[outcome.listener_idx]
    liked = past.interactions.positive()
    n_heard = np.asarray((liked > 0).sum(axis=0)).ravel()
    shown = beyond.exposure(ranked, k, np.arange(past.n_tracks), past.n_tracks)
    artists = beyond.exposure(ranked, k, tracks.artist_idx, len(tracks.artist_ids))
    lift = beyond.popularity_lift(ranked, k, train)
    found = {
        "coverage": beyond.coverage(shown),
        "gini": beyond.gini(shown),
        "shannon": beyond.shannon(shown),
        "artist_coverage": beyond.coverage(artists),
        "artist_gini": beyond.gini(artists),
        "artist_shannon": beyond.shannon(artists),
        "novelty": _mean(beyond.novelty(ranked, k, n_heard, past.n_listeners)),
        "diversity": _mean(beyond.intra_list_diversity(ranked, k, tracks.terms)),
        "repeat_share": _mean(beyond.repeat_share(ranked, k, train)),
        "distinct_artists": float(beyond.distinct_artists(ranked, k, tracks.artist_idx).mean()),
    } | {f"popularity_lift_{third}": value for third, value in lift.items()}
    return {f"{n}@{k}": None if np.isnan(value) else value for n, value in found.items()}


def _measure(
    name: str,
    model: Recommender,
    split: Split,
    ks: Sequence[int],
    timer: Callable[[], float],
    seed: int,
) -> tuple[Evaluation, ModelResult]:
    started = timer()
    model.fit(split.past)
    fitted = timer()
    outcome = evaluate_split(model, split, ks)
    ranked = timer()
    return outcome, ModelResult(
        name=name,
        accuracy=estimates(outcome, ks, seed),
        beyond=lists_beyond(outcome, split.past, ks[-1], split.known),
        fit_s=fitted - started,
        rank_s=ranked - fitted,
        size_bytes=size_bytes(model),
    )


def estimates(outcome: Evaluation, ks: Sequence[int], seed: int = 0) -> dict[str, Estimate]:
    """Every measure that the outcome has, with its interval over the listeners who have a value."""
    found: dict[str, Estimate] = {}
    parts = [f"{part}_{measure}" for part in PARTS for measure in PART_MEASURES]
    named = [f"{measure}@{k}" for k in ks for measure in (*MEASURES, *parts)]
    for measure in (*named, "r_precision", "r_precision_artist"):
        # one stream for all models, so that the same listeners are drawn
        rng, (_, _, k) = derived_rng(seed, measure), measure.partition("@")
        if measure.startswith("ndcg_ratio"):
            values = (outcome.per_listener[f"dcg@{k}"], outcome.per_listener[f"ideal_dcg@{k}"])
            bounds = ratio_bootstrap(*values, rng)
        elif measure not in outcome.per_listener:
            continue
        else:
            values = outcome.per_listener[measure]
            values = values[~np.isnan(values)]
            if not len(values):
                continue
            bounds = mean_bootstrap(values, rng)
        found[measure] = Estimate(bounds.difference, bounds.low, bounds.high)
    return found


def _by_history(
    model: Recommender, split: Split, k: int, lengths: Sequence[int], seed: int
) -> dict[int, Estimate]:
    if not lengths:
        return {}
    found = quality_by_history(model, split, k, lengths, seed)
    bounds = {n: mean_bootstrap(v, derived_rng(seed, "history", n)) for n, v in found.items()}
    return {n: Estimate(b.difference, b.low, b.high) for n, b in bounds.items()}


def size_bytes(model: Recommender) -> int:
    """Bytes of the fitted arrays, as they are served."""
    total = 0
    for value in model.to_arrays().values():
        parts = (value,) if isinstance(value, np.ndarray) else (
            value.data, value.indices, value.indptr)  # fmt: skip
        total += sum(int(part.nbytes) for part in parts)
    return total


def _with_p(
    results: Sequence[ModelResult], values: Sequence[FloatVector], seed: int
) -> tuple[ModelResult, ...]:
    raw = [sign_flip_p(values[0], v, derived_rng(seed, "flip", i)) for i, v in
           enumerate(values[1:])]  # fmt: skip
    adjusted = holm(np.array(raw, np.float64)).tolist()
    named = zip(results, (None, *adjusted), strict=True)
    return tuple(replace(result, p_best=p) for result, p in named)


def _mean(values: FloatVector) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
