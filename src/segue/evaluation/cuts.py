"""The cuts of a whole data set: by time, by newest track, at random, by listener, by track.

Each leaves a :class:`~segue.evaluation.leaks.Split` whose past was summed anew from the events that
are left, so that no statistic remembers what is asked for.
"""

from dataclasses import replace
from typing import Literal, get_args

import numpy as np
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.interactions import Interactions
from segue.errors import InvalidDataError, InvalidInputError
from segue.evaluation.leaks import Split
from segue.evaluation.split import (
    cold_tracks,
    global_temporal,
    hold_out_listeners,
    leave_last,
    random_per_listener,
)
from segue.rng import derived_rng
from segue.types import BoolVector, CsrMatrix, IntVector

SplitName = Literal["temporal", "leave-last", "random", "listeners", "cold"]
MIN_LISTENERS_TO_COMPARE = 20  # below it the standard error of NDCG exceeds any real difference
HELD_OUT_SHARE = 0.1
GAP_S = 1800.0  # one sitting does not stand on both sides of the cut (Yambda, arXiv:2505.22238)
RANDOM_SHARES = (0.8, 0.2)


def split_of(dataset: Dataset, split: SplitName, seed: int = 0, *, repeats: bool = False) -> Split:
    """Cut a data set; models see no event of what is held out.

    Args:
        dataset: All of the data.
        split: "temporal" asks for what came after a moment, "leave-last" for the newest liked track
            of each listener, "random" for a fifth of each listener's, "listeners" for a fifth of
            the tracks of listeners whom the model never saw, "cold" for tracks nobody was heard
            with (ranked among themselves).
        seed: Of the draws.
        repeats: Count tracks heard before too; only with "temporal".

    Raises:
        InvalidInputError: No such split, or repeats without a cut in time.
        InvalidDataError: Too few listens to hold any out.
    """
    if split not in get_args(SplitName):
        raise InvalidInputError(
            f"split must be one of {', '.join(get_args(SplitName))}, got {split!r}"
        )
    if split == "temporal":
        cut = temporal_holdout(dataset, repeats=repeats)
        if cut is None:
            raise InvalidDataError(
                f"fewer than {MIN_LISTENERS_TO_COMPARE} listeners have "
                f"{'' if repeats else 'new '}tracks in the newest tenth of the listens; collect "
                "more, or use another split"
            )
        return cut
    if repeats:
        raise InvalidInputError(f"repeats need the split temporal, got {split!r}")
    liked = _liked(dataset.interactions)
    rng = derived_rng(seed, "evaluate", split)
    if split == "listeners":
        return _new_listeners(dataset, liked.user_items, rng)
    if split == "cold":
        return _cold(dataset, liked.user_items, rng)
    if split == "leave-last":
        return _without(dataset, leave_last(liked)[1], "the newest liked track of each listener")
    held_out = random_per_listener(liked.user_items, RANDOM_SHARES, rng)[1]
    return _without(dataset, held_out, "a random fifth of each listener's liked tracks")


def validation_of(dataset: Dataset, split: SplitName, seed: int = 0) -> Split:
    """The same cut once more on what is left of the first one, whose test part is not touched.

    Raises:
        InvalidInputError: No such split.
        InvalidDataError: Too few listens for two cuts.
    """
    inner = split_of(split_of(dataset, split, seed).past, split, seed + 1)
    return replace(inner, name=f"validation: {inner.name}, cut from before the test part")


def temporal_holdout(
    dataset: Dataset,
    share: float = HELD_OUT_SHARE,
    gap_s: float = GAP_S,
    *,
    repeats: bool = False,
    min_listeners: int = MIN_LISTENERS_TO_COMPARE,
) -> Split | None:
    """The data before a moment and the liked tracks after it; None when too few have any.

    The moment leaves ``share`` of the events after it, and the ``gap_s`` seconds before it are in
    no part. Targets are tracks that a listener liked after it; without ``repeats`` only those that
    the listener had no event with before. Dates of tracks are limited to the moment.
    ``min_listeners`` with any are enough; who pools many small households needs fewer of each.
    """
    past = newest_cut(dataset, share, gap_s)
    if past is None:
        return None
    return holdout_after(past, dataset, repeats=repeats, min_listeners=min_listeners)


def holdout_after(
    past: Dataset,
    dataset: Dataset,
    *,
    repeats: bool = False,
    min_listeners: int = MIN_LISTENERS_TO_COMPARE,
) -> Split | None:
    """:func:`temporal_holdout` for a past that is cut already, by :func:`newest_cut`."""
    times, moment = dataset.events.listened_at, past.now
    later_events = dataset.events.take(times >= moment)
    later = Dataset.from_events(past.tracks, dataset.listeners, later_events, dataset.now)
    wanted = later.interactions.positive()
    wanted.data = np.ones_like(wanted.data)
    if not repeats:
        seen = dataset.events.take(times < moment)  # also what was heard within the gap
        wanted = _only_new(wanted, seen.listener_idx, seen.track_idx)
    if int((np.diff(wanted.indptr) > 0).sum()) < min_listeners:
        return None
    name = "temporal, the newest tenth of the listens" + (", repeats counted" if repeats else "")
    return Split(name, past, wanted, repeats=repeats, cut_at=moment)


def newest_cut(
    dataset: Dataset, share: float = HELD_OUT_SHARE, gap_s: float = GAP_S
) -> Dataset | None:
    """What was known before the newest ``share`` of the events; None when nothing was."""
    times = dataset.events.listened_at
    if len(times) < 2:
        return None
    past = past_of(dataset, float(np.quantile(times, 1.0 - share)), gap_s)
    return past if len(past.events) else None


def past_of(dataset: Dataset, moment: float, gap_s: float = GAP_S) -> Dataset:
    """What was known ``gap_s`` seconds before a moment (Unix s), at which it is asked."""
    cut = global_temporal(dataset.events.listened_at, moment, moment, gap_s)
    tracks = replace(dataset.tracks, added_at=np.minimum(dataset.tracks.added_at, moment))
    return Dataset.from_events(tracks, dataset.listeners, dataset.events.take(cut.train), moment)


def for_some_listeners(split: Split, n: int) -> Split:
    """The split with what is held out of at most ``n`` listeners, the same ones each time."""
    asked = np.flatnonzero(np.diff(split.held_out.indptr))
    if len(asked) <= n:
        return split
    stays = np.zeros(split.held_out.shape[0], bool)
    stays[derived_rng(0, "measure", "listeners").choice(asked, n, replace=False)] = True
    held_out = split.held_out.copy()
    held_out.data = np.where(stays[_row_of(held_out)], held_out.data, 0.0)
    held_out.eliminate_zeros()
    return replace(split, held_out=held_out)


def without_listeners(dataset: Dataset, listener_idx: IntVector) -> Dataset:
    """The data set as if these listeners had never listened; rows keep their numbers."""
    gone = np.zeros(dataset.n_listeners, bool)
    gone[listener_idx] = True
    if len(dataset.events):
        left = dataset.events.take(~gone[dataset.events.listener_idx])
        return Dataset.from_events(dataset.tracks, dataset.listeners, left, dataset.now)
    matrix = dataset.interactions.user_items
    keep = ~gone[_row_of(matrix)]
    return replace(dataset, interactions=_kept(dataset.interactions, keep))


def _only_new(wanted: CsrMatrix, listener_idx: IntVector, track_idx: IntVector) -> CsrMatrix:
    n_tracks = wanted.shape[1]
    heard = np.unique(listener_idx.astype(np.int64) * n_tracks + track_idx)
    keep = ~np.isin(_row_of(wanted) * n_tracks + wanted.indices, heard)
    coo = (wanted.data[keep], (_row_of(wanted)[keep], wanted.indices[keep]))
    return sparse.csr_matrix(coo, shape=wanted.shape)


def _new_listeners(dataset: Dataset, liked: CsrMatrix, rng: np.random.Generator) -> Split:
    n = dataset.n_listeners
    if n < 2:
        raise InvalidDataError(f"{n} listeners cannot be cut in two; use another split")
    cut = hold_out_listeners(liked, max(n // 5, 1), rng)
    _require_any(cut.held_out)
    return Split(
        "a fifth of the listeners unseen, a fifth of their liked tracks asked for",
        without_listeners(dataset, cut.asked_rows),
        _in_rows(cut.held_out, cut.asked_rows, n),
        profiles=_in_rows(cut.fold_in, cut.asked_rows, n),
    )


def _cold(dataset: Dataset, liked: CsrMatrix, rng: np.random.Generator) -> Split:
    if dataset.n_tracks < 5:
        raise InvalidDataError(f"{dataset.n_tracks} tracks leave no fifth of them to hold out")
    cut = cold_tracks(liked, 0.2, rng)
    _require_any(cut.held_out)
    if len(dataset.events):
        left = dataset.events.take(~cut.cold[dataset.events.track_idx])
        past = Dataset.from_events(dataset.tracks, dataset.listeners, left, dataset.now)
    else:
        warm = ~cut.cold[dataset.interactions.user_items.indices]
        past = replace(dataset, interactions=_kept(dataset.interactions, warm))
    name = "a random fifth of the tracks unheard, ranked among themselves"
    return Split(name, past, cut.held_out, candidates=cut.cold)


def _liked(interactions: Interactions) -> Interactions:
    return _kept(interactions, interactions.user_items.data > 0)


def _kept(interactions: Interactions, keep: BoolVector) -> Interactions:
    matrix = interactions.user_items
    return Interactions.from_pairs(
        _row_of(matrix)[keep],
        matrix.indices[keep],
        matrix.data[keep],
        interactions.last_listened_at[keep],
        shape=matrix.shape,
    )


def _without(dataset: Dataset, held_out: CsrMatrix, name: str) -> Split:
    _require_any(held_out)
    held_keys = _row_of(held_out) * dataset.n_tracks + held_out.indices
    events = dataset.events
    if not len(events):
        matrix = dataset.interactions.user_items
        keep = ~np.isin(_row_of(matrix) * dataset.n_tracks + matrix.indices, held_keys)
        past = replace(dataset, interactions=_kept(dataset.interactions, keep))
        return Split(name, past, held_out)
    keys = events.listener_idx.astype(np.int64) * dataset.n_tracks + events.track_idx
    seen = events.take(~np.isin(keys, held_keys))
    past = Dataset.from_events(dataset.tracks, dataset.listeners, seen, dataset.now)
    return Split(name, past, held_out)


def _require_any(held_out: CsrMatrix) -> None:
    if not held_out.nnz:
        raise InvalidDataError("no listener has enough liked tracks to hold one out")


def _in_rows(matrix: CsrMatrix, rows: IntVector, n_rows: int) -> CsrMatrix:
    coo = matrix.tocoo()
    return sparse.csr_matrix((coo.data, (rows[coo.row], coo.col)), shape=(n_rows, matrix.shape[1]))


def _row_of(matrix: CsrMatrix) -> IntVector:
    return np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))
