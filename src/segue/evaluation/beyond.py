"""What lists are like besides right: coverage, evenness, novelty, variety, popularity, repeats.

All take ``ranked``, shape (n_listeners, n_ranked), track rows with the best first and -1 where a
list has ended, and look at the first ``k`` places. Nothing here says that a list is good: read it
next to accuracy.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from segue.errors import InvalidDataError, InvalidInputError
from segue.evaluation.metrics import RankedMatrix
from segue.types import BoolVector, CsrMatrix, FloatVector, IntVector

THIRDS = ("low", "middle", "high")


@dataclass(frozen=True, slots=True)
class RecallParts:
    """Recall of tracks heard before and of new ones; NaN where that part has nothing held out."""

    repeat: FloatVector
    exploration: FloatVector


def exposure(ranked: RankedMatrix, k: int, group_of: IntVector, n_groups: int) -> IntVector:
    """How many places each group holds in all lists together, shape (n_groups,).

    Args:
        ranked: See the module.
        k: Places looked at, >= 1.
        group_of: Group of each track: its artist, or ``arange(n_tracks)`` for tracks; -1 counts
            nowhere.
        n_groups: Number of groups.

    >>> exposure(np.array([[0, 2], [0, -1]]), 2, np.arange(3), 3).tolist()
    [2, 0, 1]
    """
    groups = group_of[_shown(ranked, k)]
    return np.bincount(groups[groups >= 0], minlength=n_groups)


def coverage(counts: IntVector) -> float:
    """Share of the groups that stand in any list, 0..1 (Ge et al. 2010, catalogue coverage).

    >>> coverage(np.array([2, 0, 1, 0]))
    0.5
    """
    return float((counts > 0).mean()) if len(counts) else 0.0


def gini(counts: IntVector) -> float:
    """Inequality of exposure: 0 all groups equal .. ``1 - 1/n`` one group has it all.

    Shani & Gunawardana 2011 (doi:10.1007/978-0-387-85820-3_8), with 1/n for the normalisation, so
    that it is half the mean difference of two groups over the mean; 0 when nothing is shown.

    >>> gini(np.array([0, 0, 0, 8]))
    0.75
    """
    n, total = len(counts), int(counts.sum())
    if not total:
        return 0.0
    weights = 2 * np.arange(1, n + 1) - n - 1
    return float(weights @ np.sort(counts) / (n * total))


def shannon(counts: IntVector) -> float:
    """Entropy of exposure in bits, 0 one group .. ``log2(n)`` all equal (same source).

    >>> shannon(np.array([3, 3, 3, 3, 0]))
    2.0
    """
    shares = counts[counts > 0] / max(int(counts.sum()), 1)
    return float(np.abs(-(shares * np.log2(shares)).sum()))


def novelty(ranked: RankedMatrix, k: int, n_heard: IntVector, n_listeners: int) -> FloatVector:
    """Mean of ``-log2 popularity`` over each list, in bits; NaN for an empty list.

    Popularity is the share of listeners who know a track (Vargas & Castells 2011,
    doi:10.1145/2043932.2043955), plus one on both sides so that an unheard track has a value:
    0 everybody knows them .. ``log2(n_listeners + 1)`` nobody does.

    Args:
        ranked: See the module.
        k: Places looked at, >= 1.
        n_heard: Listeners who know each track in the training data, shape (n_tracks,).
        n_listeners: All listeners of the training data.
    """
    bits = -np.log2((n_heard + 1) / (n_listeners + 1))
    return _mean_of_places(ranked, k, bits)


def intra_list_diversity(ranked: RankedMatrix, k: int, terms: CsrMatrix) -> FloatVector:
    """Mean of ``1 - cosine`` over the pairs of each list, 0 all alike .. 1 nothing shared.

    Ziegler et al. 2005 (doi:10.1145/1060745.1060754) on the terms of the tracks (weights >= 0). A
    track without terms shares nothing with any other; a list of fewer than two tracks is NaN.
    """
    lists = _lists(ranked, k, terms.shape[0])
    norms = np.sqrt(np.asarray(terms.multiply(terms).sum(axis=1), np.float64).ravel())
    unit = sparse.diags_array(np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0))
    sums = lists @ (unit @ terms)
    # the sum over all pairs of i with j, itself included, is the squared length of the sum
    alike = np.asarray(sums.multiply(sums).sum(axis=1)).ravel() - lists @ (norms > 0)
    n = np.diff(lists.indptr)
    pairs = (n * (n - 1)).astype(np.float64)
    mean = np.divide(alike, pairs, out=np.full(len(n), np.nan), where=pairs > 0)
    return np.clip(1.0 - mean, 0.0, 1.0)


def distinct_artists(ranked: RankedMatrix, k: int, artist_idx: IntVector) -> IntVector:
    """Different artists in each list, 0..k; every track without an artist is one of its own.

    >>> distinct_artists(np.array([[0, 1, 2]]), 3, np.array([5, 5, -1])).tolist()
    [2]
    """
    first = ranked[:, :k]
    group = np.where(artist_idx >= 0, artist_idx, -2 - np.arange(len(artist_idx)))
    artists = np.where(first >= 0, group[first], -1)
    counts = [len(np.unique(row[row != -1])) for row in artists]
    return np.array(counts, np.int64)


def mainstreaminess(user_items: CsrMatrix) -> FloatVector:
    """How much of a listener's likes is where everybody's are, 0..1, shape (n_listeners,).

    The sum over tracks of the smaller of two shares: in the listener's likes and in all likes
    (histogram intersection, Schedl & Hauger 2015). Entries above zero count once each.
    """
    liked = (user_items > 0).astype(np.float64).tocsr()
    n = np.diff(liked.indptr)
    everybody = np.asarray(liked.sum(axis=0)).ravel() / max(liked.nnz, 1)
    row_of = np.repeat(np.arange(len(n)), n)
    smaller = np.minimum(1.0 / n[row_of], everybody[liked.indices])
    return np.asarray(np.bincount(row_of, smaller, len(n)), np.float64)


def popularity_lift(ranked: RankedMatrix, k: int, user_items: CsrMatrix) -> dict[str, float]:
    """How much more popular the lists are than the profiles, for each third of listeners.

    Delta GAP of Kowald et al. 2020 (arXiv:1912.04696): (mean popularity of the lists - that of the
    profiles) over that of the profiles, each a mean over the listeners of the third. 0 is faithful,
    1 is twice as popular, the least is -1. Thirds are by :func:`mainstreaminess`, ties by row;
    listeners without a like or a list are left out, and a third without listeners is NaN.

    Args:
        ranked: See the module; row ``i`` belongs to row ``i`` of ``user_items``.
        k: Places looked at, >= 1.
        user_items: Training preferences of all listeners.
    """
    _same_rows(ranked, user_items)
    liked = (user_items > 0).astype(np.float64).tocsr()
    popularity = np.asarray(liked.sum(axis=0)).ravel() / max(liked.shape[0], 1)
    n = np.diff(liked.indptr)
    asked = np.flatnonzero((n > 0) & (ranked[:, :k] >= 0).any(axis=1))
    in_profile = (liked @ popularity)[asked] / n[asked]
    in_list = _mean_of_places(ranked[asked], k, popularity)
    order = np.argsort(mainstreaminess(user_items)[asked], kind="stable")
    lift: dict[str, float] = {}
    for name, third in zip(THIRDS, np.array_split(order, 3), strict=True):
        gap = in_profile[third].mean() if len(third) else np.nan
        lift[name] = float((in_list[third].mean() - gap) / gap) if len(third) else float("nan")
    return lift


def repeat_share(ranked: RankedMatrix, k: int, known: CsrMatrix) -> FloatVector:
    """Share of each list that the listener has heard before, 0..1; NaN for an empty list."""
    _same_rows(ranked, known)
    lists = _lists(ranked, k, known.shape[1])
    n = np.diff(lists.indptr)
    repeats = np.asarray(lists.multiply(_ones(known)).sum(axis=1)).ravel()
    return np.divide(repeats, n, out=np.full(len(n), np.nan), where=n > 0)


def recall_parts(
    ranked: RankedMatrix, k: int, held_out: CsrMatrix, known: CsrMatrix
) -> RecallParts:
    """Recall of held-out tracks that were known before, and of new ones, each by itself.

    Known tracks are far easier to find, so one number over both hides how little is discovered (Li
    et al. 2023, arXiv:2109.14233). Use lists that were ranked with ``mask_train=False``.
    """
    _same_rows(ranked, held_out)
    wanted = _ones(held_out > 0)
    again = wanted.multiply(_ones(known)).tocsr()
    lists = _lists(ranked, k, held_out.shape[1])
    return RecallParts(_found(lists, again), _found(lists, wanted - again))


def _found(lists: CsrMatrix, wanted: CsrMatrix) -> FloatVector:
    n = np.asarray(wanted.sum(axis=1)).ravel()
    hits = np.asarray(lists.multiply(wanted).sum(axis=1)).ravel()
    return np.divide(hits, n, out=np.full(len(n), np.nan), where=n > 0)


def _mean_of_places(ranked: RankedMatrix, k: int, value: FloatVector) -> FloatVector:
    lists = _lists(ranked, k, len(value))
    n = np.diff(lists.indptr)
    return np.divide(lists @ value, n, out=np.full(len(n), np.nan), where=n > 0)


def _lists(ranked: RankedMatrix, k: int, n_tracks: int) -> CsrMatrix:
    """The lists as ones in a matrix (n_listeners, n_tracks)."""
    tracks = _shown(ranked, k)
    rows = np.nonzero(ranked[:, :k] >= 0)[0]
    return sparse.csr_matrix((np.ones(len(rows)), (rows, tracks)), shape=(len(ranked), n_tracks))


def _shown(ranked: RankedMatrix, k: int) -> IntVector:
    if k < 1:
        raise InvalidInputError(f"k must be at least 1, got {k}")
    first = ranked[:, :k]
    is_shown: BoolVector = first >= 0
    return first[is_shown]


def _ones(matrix: CsrMatrix) -> CsrMatrix:
    marked = matrix.astype(np.float64).tocsr()
    marked.data = np.ones_like(marked.data)
    return marked


def _same_rows(ranked: RankedMatrix, matrix: CsrMatrix) -> None:
    if len(ranked) != matrix.shape[0]:
        raise InvalidDataError(f"ranked has {len(ranked)} rows, the matrix {matrix.shape[0]}")
