"""How good lists are after the first 1, 5, 20 and 100 events of a listener the model never saw."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.feedback import preferences
from segue.data.interactions import Interactions
from segue.errors import InvalidDataError, InvalidInputError
from segue.evaluation.cuts import without_listeners
from segue.evaluation.harness import count_relevant, evaluate
from segue.evaluation.leaks import Split, assert_no_leak
from segue.models.base import Recommender
from segue.rng import derived_rng
from segue.types import CsrMatrix, FloatVector, IntVector

HISTORY_LENGTHS = (1, 5, 20, 100)
MAX_LISTENERS = 500


def quality_by_history(
    model: Recommender,
    split: Split,
    k: int,
    lengths: Sequence[int] = HISTORY_LENGTHS,
    seed: int = 0,
) -> dict[int, FloatVector]:
    """NDCG@k of listeners new to the model, when only their newest events are known.

    Half of the listeners with something held out, at most 500, are taken away and the model is
    fitted again on the others; a fit on everybody would keep what the short profile hides. All
    that a listener has ever heard is masked at every length, so that only the profile differs.

    Args:
        model: Fitted again here; unusable for the whole split afterwards.
        split: Its profiles are cut short; it needs at least two listeners with something held out.
        k: Length of the lists, >= 1.
        lengths: Numbers of events >= 1; a listener with fewer has all of them counted.
        seed: Of the choice of listeners.

    Returns:
        One vector along the same listeners for each length.

    Raises:
        InvalidInputError: A length below 1.
        InvalidDataError: Fewer than two listeners, or the split leaks.
    """
    assert_no_leak(split)
    asked = np.flatnonzero(count_relevant(split.held_out))
    if len(asked) < 2:
        raise InvalidDataError(f"{len(asked)} listeners cannot be cut into old and new ones")
    rng = derived_rng(seed, "history", "listeners")
    new = np.sort(rng.permutation(asked)[: min(len(asked) // 2, MAX_LISTENERS)])
    model.fit(without_listeners(split.past, new))
    found: dict[int, FloatVector] = {}
    for length in lengths:
        result = evaluate(
            model,
            newest_profiles(split.past, length, seed)[new],
            split.held_out[new],
            (k,),
            mask_train=not split.repeats,
            known=split.known[new],
            candidates=split.candidates,
            periods=split.periods,
        )
        found[length] = result.per_listener[f"ndcg@{k}"]
    return found


def newest_profiles(past: Dataset, n_events: int, seed: int = 0) -> CsrMatrix:
    """Preferences from the newest ``n_events`` events of each listener, weighed as always.

    Ties in time go to the later row. Data without events takes that many entries instead, by time
    of the newest listen, those of equal (or unknown) time in random order.

    Raises:
        InvalidInputError: ``n_events`` is below 1.
    """
    if n_events < 1:
        raise InvalidInputError(f"n_events must be at least 1, got {n_events}")
    events, shape = past.events, (past.n_listeners, past.n_tracks)
    if len(events):
        order = np.lexsort((np.arange(len(events)), events.listened_at, events.listener_idx))
        kept = order[_is_newest(events.listener_idx[order], n_events)]
        summed = preferences(events.take(kept), past.now)
        return Interactions.from_preferences(summed, *shape).user_items
    matrix = past.interactions.user_items
    row_of = np.repeat(np.arange(shape[0]), np.diff(matrix.indptr))
    draw = derived_rng(seed, "history", "order").random(matrix.nnz)
    order = np.lexsort((draw, past.interactions.last_listened_at, row_of))
    kept = order[_is_newest(row_of[order], n_events)]
    pairs = (matrix.data[kept], (row_of[kept], matrix.indices[kept]))
    return sparse.csr_matrix(pairs, shape=shape)


def _is_newest(group: IntVector, n: int) -> IntVector:
    """Rows of the last ``n`` of each group; groups are together."""
    ends = np.searchsorted(group, group, side="right")
    return np.flatnonzero(ends - np.arange(len(group)) <= n)
