"""Ranking metrics, each defined once, as one value a listener.

All take ``hits``, shape (n_listeners, n_ranked), True where the track at that place (best first)
is a held-out one, and most take ``n_relevant``, shape (n_listeners,), how many tracks were held
out (at least 1; the harness drops and counts the listeners who have none). A list shorter than
``k`` counts as filled with misses. Relevance is binary. Means over listeners are the caller's.

Definitions follow Krichene & Rendle 2020 (doi:10.1145/3394486.3403226) and, for the two recall
denominators, Liang et al. 2018 (arXiv:1802.05814) against He et al. 2020 (arXiv:2002.02126).
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from segue.errors import InvalidDataError, InvalidInputError
from segue.types import CsrMatrix, FloatVector, IntVector

HitMatrix = NDArray[np.bool_]  # shape (n_listeners, n_ranked)
RankedMatrix = NDArray[np.integer[Any]]  # shape (n_listeners, n_ranked), -1 fills short lists
Denominator = Literal["relevant", "capped"]


def hits_of(ranked: RankedMatrix, held_out: CsrMatrix) -> HitMatrix:
    """Where the ranked tracks are held-out ones.

    Args:
        ranked: Track rows, best first, -1 where the list has ended.
        held_out: CSR (n_listeners, n_tracks); an entry above zero is relevant.

    Raises:
        InvalidDataError: The two have different numbers of rows.
    """
    n_listeners, n_tracks = held_out.shape
    if len(ranked) != n_listeners:
        raise InvalidDataError(f"ranked has {len(ranked)} rows, held_out has {n_listeners}")
    row_of = np.repeat(np.arange(n_listeners, dtype=np.int64), np.diff(held_out.indptr))
    relevant = np.asarray(held_out.data) > 0
    wanted = (row_of * n_tracks + held_out.indices)[relevant]
    keys = np.arange(n_listeners, dtype=np.int64)[:, np.newaxis] * n_tracks + ranked
    return np.isin(keys, wanted) & (ranked >= 0)


def recall(
    hits: HitMatrix, n_relevant: IntVector, k: int, denominator: Denominator = "relevant"
) -> FloatVector:
    """Share of the held-out tracks among the first ``k``.

    ``denominator`` "relevant" divides by all held-out tracks (LightGCN, RecBole), "capped" by
    ``min(k, held out)``, so that a perfect list always scores 1 (Liang et al.).

    >>> recall(np.array([[True, False]]), np.array([4]), 2).tolist()
    [0.25]
    >>> recall(np.array([[True, False]]), np.array([4]), 2, "capped").tolist()
    [0.5]
    """
    if denominator not in {"relevant", "capped"}:
        raise InvalidInputError(f"denominator must be relevant or capped, got {denominator!r}")
    _check(hits, n_relevant, k)
    possible = n_relevant if denominator == "relevant" else np.minimum(n_relevant, k)
    return hits[:, :k].sum(axis=1) / possible


def precision(hits: HitMatrix, k: int) -> FloatVector:
    """Held-out tracks among the first ``k``, over ``k``, also when the list is shorter."""
    _check_k(k)
    return hits[:, :k].sum(axis=1) / k


def r_precision(hits: HitMatrix, n_relevant: IntVector) -> FloatVector:
    """Precision at as many places as tracks were held out, 0..1 (Manning et al. 2008, 8.4).

    Rank at least ``n_relevant.max()`` places: a shorter list counts as filled with misses.

    >>> r_precision(np.array([[True, False, True]]), np.array([2])).tolist()
    [0.5]
    """
    _check(hits, n_relevant, 1)
    within = np.arange(hits.shape[1]) < n_relevant[:, np.newaxis]
    return (hits & within).sum(axis=1) / n_relevant


def r_precision_with_artists(
    ranked: RankedMatrix, held_out: CsrMatrix, artist_idx: IntVector
) -> FloatVector:
    """R-precision with a quarter of a hit for each artist found, 0..1.25.

    Of the first places, as many as tracks were held out: (found tracks + 0.25 * found artists)
    over held-out tracks, different artists counted once each, those of found tracks too (the
    measure of the Million Playlist Dataset challenge, Zamani et al. 2018, arXiv:1810.01520).

    Args:
        ranked: Track rows, best first, -1 where a list has ended; a shorter list than tracks were
            held out counts as filled with misses.
        held_out: CSR (n_listeners, n_tracks); an entry above zero is relevant; none gives NaN.
        artist_idx: Artist of each track, -1 for none, which is never found.

    >>> from scipy import sparse
    >>> held = sparse.csr_matrix([[1.0, 0, 1.0, 0]])
    >>> r_precision_with_artists(np.array([[0, 1]]), held, np.array([5, 6, 6, 7])).tolist()
    [0.75]
    """
    values = np.full(len(ranked), np.nan)
    for row in range(len(ranked)):
        span = slice(held_out.indptr[row], held_out.indptr[row + 1])
        wanted = held_out.indices[span][held_out.data[span] > 0]
        if not len(wanted):
            continue
        first = ranked[row, : len(wanted)]
        first = first[first >= 0]
        artists = np.intersect1d(artist_idx[first], artist_idx[wanted])
        n_found = len(np.intersect1d(first, wanted)) + 0.25 * int((artists >= 0).sum())
        values[row] = n_found / len(wanted)
    return values


def hit_rate(hits: HitMatrix, k: int) -> FloatVector:
    """1 when any of the first ``k`` is a held-out track, else 0."""
    _check_k(k)
    return np.asarray(hits[:, :k].any(axis=1).astype(np.float64))


def reciprocal_rank(hits: HitMatrix, k: int) -> FloatVector:
    """1 over the place (from 1) of the first hit among the first ``k``, else 0; its mean is MRR."""
    _check_k(k)
    first = hits[:, :k]
    if not first.size:
        return np.zeros(len(hits))
    return np.asarray(first.any(axis=1) / (first.argmax(axis=1) + 1.0))


def average_precision(hits: HitMatrix, n_relevant: IntVector, k: int) -> FloatVector:
    """Mean of the precision at each hit among the first ``k``, over ``min(k, held out)``.

    Its mean over listeners is MAP@k.
    """
    _check(hits, n_relevant, k)
    first = hits[:, :k]
    precision_at = np.cumsum(first, axis=1) / np.arange(1, first.shape[1] + 1)
    return (precision_at * first).sum(axis=1) / np.minimum(n_relevant, k)


def dcg(hits: HitMatrix, k: int) -> FloatVector:
    """Sum of ``1 / log2(1 + place)`` over the hits among the first ``k`` places (from 1)."""
    _check_k(k)
    first = hits[:, :k]
    return first @ _discounts(first.shape[1])


def ideal_dcg(n_relevant: IntVector, k: int) -> FloatVector:
    """The DCG of a list that begins with all held-out tracks, cut at ``k``."""
    _check_k(k)
    sums = np.concatenate(([0.0], np.cumsum(_discounts(k))))
    return sums[np.minimum(n_relevant, k)]


def ndcg(hits: HitMatrix, n_relevant: IntVector, k: int) -> FloatVector:
    """Per-listener DCG over ideal DCG; report its mean ("mean of ratios", the usual one).

    >>> ndcg(np.array([[True, False]]), np.array([1]), 2).tolist()
    [1.0]
    """
    _check(hits, n_relevant, k)
    return dcg(hits, k) / ideal_dcg(n_relevant, k)


def ndcg_ratio_of_means(hits: HitMatrix, n_relevant: IntVector, k: int) -> float:
    """Mean DCG over mean ideal DCG, one number: what the Yambda benchmark calls NDCG.

    Listeners with many held-out tracks weigh more; never compare it with :func:`ndcg`.
    """
    _check(hits, n_relevant, k)
    return float(dcg(hits, k).mean() / ideal_dcg(n_relevant, k).mean())


def _discounts(n: int) -> FloatVector:
    return 1.0 / np.log2(np.arange(2, n + 2))


def _check(hits: HitMatrix, n_relevant: IntVector, k: int) -> None:
    _check_k(k)
    if len(hits) != len(n_relevant):
        raise InvalidDataError(f"hits has {len(hits)} rows, n_relevant has {len(n_relevant)}")
    if len(n_relevant) and n_relevant.min() < 1:
        raise InvalidDataError(
            "n_relevant must be at least 1: drop listeners with nothing held out"
        )


def _check_k(k: int) -> None:
    if k < 1:
        raise InvalidInputError(f"k must be at least 1, got {k}")
