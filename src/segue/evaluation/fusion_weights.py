"""Weights of a fusion from held-out data: coordinate search on the measure itself.

NDCG has no gradient, so each weight in turn is tried at a few multiples of what it is, as in the
coordinate ascent of Metzler & Croft 2007 (doi:10.1007/s10791-006-9019-z). The members score once;
a trial is one weighted sum and one ranking.
"""

from collections.abc import Callable, Sequence

import numpy as np

from segue.data.dataset import Dataset
from segue.errors import InvalidDataError, InvalidInputError
from segue.evaluation import metrics
from segue.evaluation.harness import count_relevant, rank_batch
from segue.evaluation.split import assert_no_overlap
from segue.models.fusion import Fusion
from segue.types import CsrMatrix, FloatMatrix, FloatVector

FACTORS = (0.0, 0.5, 0.75, 1.5, 2.0)
FIRST_SHARE = 0.3  # what a weight of 0 is tried at, as a share of the sum of the others
GAIN = 1e-5  # a smaller one is not worth another weight


def fit_weights(
    model: Fusion, past: Dataset, held_out: CsrMatrix, k: int = 10, n_rounds: int = 3
) -> tuple[list[float], float]:
    """Fit the members on ``past`` and search the weights with the best NDCG@k on ``held_out``.

    Give training data less a part of it, never the test part; then set ``model.weights`` and fit
    the model again on all training data. The weights add up to 1.

    Args:
        model: A fusion; it comes back fitted on ``past`` with its weights as they were.
        past: Training data without ``held_out``.
        held_out: CSR (n_listeners, n_tracks); entries above zero are relevant.
        k: Cut-off >= 1.
        n_rounds: Passes over the members at most, >= 0; it ends sooner when nothing helps.

    Returns:
        One weight a member, and the NDCG@k on ``held_out`` with them: an optimistic figure.

    Raises:
        InvalidDataError: The two parts overlap, differ in shape, or nothing is held out.
        InvalidInputError: A parameter is out of range.
    """
    user_items = past.interactions.user_items
    if user_items.shape != held_out.shape:
        raise InvalidDataError(f"past has shape {user_items.shape}, held_out {held_out.shape}")
    assert_no_overlap(user_items, held_out)
    asked = np.flatnonzero(count_relevant(held_out))
    known, wanted = user_items[asked], held_out[asked]
    scores = model.fit(past).member_scores(known)
    return search_weights(scores, known, wanted, k, n_rounds)


def search_weights(
    scores: Sequence[FloatMatrix],
    known: CsrMatrix,
    held_out: CsrMatrix,
    k: int = 10,
    n_rounds: int = 3,
) -> tuple[list[float], float]:
    """The search of :func:`fit_weights` on scores at hand; each row has something held out.

    Begins with the best member alone. A step is taken only when the measure rises by ``GAIN``.

    Args:
        scores: What each member adds at weight 1, shape (n_rows, n_tracks) each.
        known: CSR of the same shape; its tracks are masked.
        held_out: CSR of the same shape.
        k: Cut-off >= 1.
        n_rounds: Passes at most, >= 0.

    Raises:
        InvalidDataError: Nothing is held out in some row, or there is no row.
        InvalidInputError: No member, or ``k`` or ``n_rounds`` is out of range.
    """
    if not scores or k < 1 or n_rounds < 0:
        raise InvalidInputError(
            f"give members, k >= 1 and n_rounds >= 0; got {len(scores)}, {k} and {n_rounds}"
        )
    n_relevant = count_relevant(held_out)
    if not len(n_relevant) or not n_relevant.all():
        raise InvalidDataError("every listener needs something held out")

    def measured(weights: FloatVector) -> float:
        total = np.zeros(held_out.shape, np.float32)
        for weight, of_member in zip(weights.astype(np.float32), scores, strict=True):
            if weight:
                total += weight * of_member
        hits = metrics.hits_of(rank_batch(total, k, known), held_out)
        return float(metrics.ndcg(hits, n_relevant, k).mean())

    alone = np.eye(len(scores))
    best, value = max(((row, measured(row)) for row in alone), key=lambda pair: pair[1])
    for _ in range(n_rounds):
        before = value
        for place in range(len(scores)):
            best, value = _best_along(place, best, value, measured)
        if value == before:
            break
    return (best / best.sum()).tolist(), value


def _best_along(
    place: int, weights: FloatVector, value: float, measured: Callable[[FloatVector], float]
) -> tuple[FloatVector, float]:
    """Weights and measure after trying one weight at some multiples of itself."""
    rest = weights.sum() - weights[place]
    if rest == 0:
        return weights, value  # a member alone: its weight changes no order
    now = weights[place] or FIRST_SHARE * rest
    best = weights
    for factor in (*FACTORS, 1.0):
        trial = weights.copy()
        trial[place] = factor * now
        if (trial == weights).all():
            continue
        reached = measured(trial)
        if reached > value + GAIN:
            best, value = trial, reached
    return best, value
