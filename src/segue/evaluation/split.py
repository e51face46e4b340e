"""Cutting listening into what a model may see and what it is asked for.

A global cut in time is the honest one; random and leave-last cuts exist to compare with published
tables (Meng et al. 2020, doi:10.1145/3383313.3418479; Ji et al. 2023, doi:10.1145/3569930, on what
leaks when each listener is cut alone).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from segue.data.interactions import Interactions
from segue.errors import InvalidDataError, InvalidInputError
from segue.types import BoolVector, CsrMatrix, FloatVector, IntVector


@dataclass(frozen=True, slots=True)
class TemporalCut:
    """Masks over events, all shape (n_events,); events in a gap are in none of them."""

    train: BoolVector
    validation: BoolVector
    test: BoolVector


@dataclass(frozen=True, slots=True)
class ListenerHoldOut:
    """Rows to learn from and rows to ask; both matrices are (len(asked_rows), n_tracks)."""

    train_rows: IntVector
    asked_rows: IntVector
    fold_in: CsrMatrix
    held_out: CsrMatrix


@dataclass(frozen=True, slots=True)
class ColdTracks:
    """Mask of the cold tracks, and the entries of the others and of them, of one shape."""

    cold: BoolVector
    train: CsrMatrix
    held_out: CsrMatrix


def random_per_listener(
    user_items: CsrMatrix, ratios: Sequence[float], rng: np.random.Generator
) -> list[CsrMatrix]:
    """Deal the entries of each listener at random into parts of the given shares.

    Each part after the first takes ``floor(share * entries)``; the first takes what is left, so
    that nobody loses all training data to rounding.

    Args:
        user_items: CSR (n_listeners, n_tracks).
        ratios: Shares > 0 that add up to 1, training first, such as ``(0.8, 0.1, 0.1)``.
        rng: Source of the draws.

    Returns:
        One matrix of the same shape for each ratio; they do not overlap and add up to the whole.

    Raises:
        InvalidInputError: Ratios are not above zero or do not add up to 1.
    """
    shares = np.asarray(ratios, np.float64)
    if not len(shares) or (shares <= 0).any() or abs(shares.sum() - 1) > 1e-9:
        raise InvalidInputError(f"ratios must be above 0 and add up to 1, got {list(ratios)}")
    n_entries = np.diff(user_items.indptr)
    row_of = np.repeat(np.arange(user_items.shape[0]), n_entries)
    place = _places(row_of, rng.random(user_items.nnz), user_items.indptr)
    part = np.zeros(user_items.nnz, np.int64)
    taken = np.zeros(user_items.shape[0], np.int64)
    for number, share in enumerate(shares[1:], start=1):
        stop = taken + np.floor(share * n_entries + 1e-9).astype(np.int64)
        part[(place >= taken[row_of]) & (place < stop[row_of])] = number
        taken = stop
    return [_take(user_items, part == number) for number in range(len(shares))]


def leave_last(interactions: Interactions, n_last: int = 1) -> tuple[CsrMatrix, CsrMatrix]:
    """Hold out the newest ``n_last`` tracks of each listener who has more than that.

    Ties in time go to the higher row; a listener with ``n_last`` tracks or fewer is all training.

    Returns:
        Training and held-out matrices of the same shape.

    Raises:
        InvalidInputError: ``n_last`` is below 1.
    """
    if n_last < 1:
        raise InvalidInputError(f"n_last must be at least 1, got {n_last}")
    matrix = interactions.user_items
    n_entries = np.diff(matrix.indptr)
    row_of = np.repeat(np.arange(matrix.shape[0]), n_entries)
    place = _places(row_of, interactions.last_listened_at, matrix.indptr)
    held = (place >= (n_entries - n_last)[row_of]) & (n_entries > n_last)[row_of]
    return _take(matrix, ~held), _take(matrix, held)


def global_temporal(
    listened_at: FloatVector,
    validation_from: float,
    test_from: float,
    gap_s: float = 0.0,
) -> TemporalCut:
    """Cut all events at the same moments, leaving out ``gap_s`` seconds before each cut.

    The gap keeps one sitting from standing on both sides (Yambda uses 30 minutes). With
    ``validation_from == test_from`` there is no validation part.

    Args:
        listened_at: Unix seconds, shape (n_events,).
        validation_from: First moment of the validation part.
        test_from: First moment of the test part, not earlier.
        gap_s: Seconds >= 0.

    Raises:
        InvalidInputError: The moments are in the wrong order or the gap is negative.

    >>> cut = global_temporal(np.array([0.0, 9.0, 10.0, 20.0]), 10.0, 20.0, gap_s=5.0)
    >>> cut.train.tolist(), cut.validation.tolist(), cut.test.tolist()
    ([True, False, False, False], [False, False, True, False], [False, False, False, True])
    """
    if gap_s < 0:
        raise InvalidInputError(f"gap_s must be at least 0, got {gap_s}")
    if validation_from > test_from:
        raise InvalidInputError(
            f"validation_from {validation_from} is later than test_from {test_from}"
        )
    inside = (listened_at >= validation_from) & (listened_at < test_from - gap_s)
    return TemporalCut(listened_at < validation_from - gap_s, inside, listened_at >= test_from)


def hold_out_listeners(
    user_items: CsrMatrix, n_held_out: int, rng: np.random.Generator, fold_in_share: float = 0.8
) -> ListenerHoldOut:
    """Keep whole listeners from the model, and show it a part of each to find the rest.

    Strong generalisation as in Liang et al. 2018 (arXiv:1802.05814): ``fold_in_share`` of a
    held-out listener's entries, drawn at random, are the profile; the rest is what is asked for.

    Raises:
        InvalidInputError: No listener would be left on one side, or the share is not within 0..1.
    """
    n_listeners = int(user_items.shape[0])
    if not 1 <= n_held_out < n_listeners or not 0 < fold_in_share < 1:
        raise InvalidInputError(
            f"n_held_out must lie in 1..{n_listeners - 1} and fold_in_share within 0..1, "
            f"got {n_held_out} and {fold_in_share}"
        )
    order = rng.permutation(n_listeners)
    asked, train_rows = np.sort(order[:n_held_out]), np.sort(order[n_held_out:])
    shares = (fold_in_share, 1 - fold_in_share)
    fold_in, held_out = random_per_listener(user_items[asked], shares, rng)
    return ListenerHoldOut(train_rows, asked, fold_in, held_out)


def cold_tracks(user_items: CsrMatrix, share: float, rng: np.random.Generator) -> ColdTracks:
    """Take every entry of a random ``share`` of the tracks away from training.

    What is asked for then are tracks that nobody has heard: only what is known of a track besides
    listening can find them. Rank among the cold ones alone, or all of them sink.

    Raises:
        InvalidInputError: The share leaves no track on one side.
    """
    n_tracks = int(user_items.shape[1])
    n_cold = int(share * n_tracks + 1e-9)
    if not 1 <= n_cold < n_tracks:
        raise InvalidInputError(f"share {share} of {n_tracks} tracks leaves one side empty")
    cold = np.zeros(n_tracks, bool)
    cold[rng.choice(n_tracks, n_cold, replace=False)] = True
    is_cold = cold[user_items.indices]
    return ColdTracks(cold, _take(user_items, ~is_cold), _take(user_items, is_cold))


def assert_no_overlap(train: CsrMatrix, held_out: CsrMatrix) -> None:
    """Raise when a pair of listener and track is on both sides.

    Raises:
        InvalidDataError: Shapes differ, or pairs overlap: then how many, and the first.
    """
    if train.shape != held_out.shape:
        raise InvalidDataError(f"train has shape {train.shape}, held_out {held_out.shape}")
    both = np.intersect1d(_pair_keys(train), _pair_keys(held_out))
    if len(both):
        row, column = divmod(int(both[0]), train.shape[1])
        raise InvalidDataError(
            f"{len(both)} pairs stand in both train and held_out, the first is listener row {row}, "
            f"track row {column}"
        )


def _places(row_of: IntVector, key: FloatVector, indptr: IntVector) -> IntVector:
    """Place of each entry within its own row when that is sorted by ``key``, from 0."""
    order = np.lexsort((np.arange(len(key)), key, row_of))
    place = np.empty(len(key), np.int64)
    place[order] = np.arange(len(key)) - np.asarray(indptr, np.int64)[row_of]
    return place


def _take(matrix: CsrMatrix, keep: BoolVector) -> CsrMatrix:
    counted = np.concatenate(([0], np.cumsum(keep)))
    indptr = counted[matrix.indptr]
    parts = (matrix.data[keep], matrix.indices[keep], indptr)
    return sparse.csr_matrix(parts, shape=matrix.shape)


def _pair_keys(matrix: CsrMatrix) -> IntVector:
    row_of = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))
    return np.unique(row_of * matrix.shape[1] + matrix.indices)
