"""Tracks that the same listeners play: item-based nearest neighbours.

Cosine after Sarwar et al. 2001 (doi:10.1145/371920.372071), shrinkage after Bell & Koren 2007,
asymmetric cosine after Aiolli 2013 (doi:10.1145/2507157.2507189, winner of the Million Song
Dataset Challenge), BM25 after Robertson & Zaragoza 2009 with tracks as documents and listeners as
their words. It learns from the positive part of ``user_items``; a dislike subtracts when a list
is made.
"""

from typing import ClassVar, Literal, Self, get_args

import numpy as np
from scipy import sparse

from segue.data.dataset import Dataset
from segue.errors import InvalidInputError
from segue.models.item_weights import (
    ItemWeights,
    Values,
    check_choice,
    check_parameters,
    pruned_product,
    valued,
)
from segue.types import CsrMatrix, FloatVector

Weighting = Literal["none", "tfidf", "bm25"]
BM25_K1 = 1.2  # how soon more plays stop to count; the usual values of Robertson & Zaragoza
BM25_B = 0.75  # how much a track with many plays is held back


class ItemKNN(ItemWeights):
    """Each track knows its nearest tracks by co-listening.

    With ``a_t`` the weighted listeners of track t, one like of t adds to track r::

        a_t . a_r / (|a_t| ** (2 * alpha) * |a_r| ** (2 - 2 * alpha) + shrinkage)

    Args:
        n_neighbors: Kept of each track >= 1; None keeps all.
        shrinkage: >= 0, in units of squared weight (listeners when ``values="binary"``): holds
            back pairs that few listeners share.
        alpha: Share 0..1 of the known track in the denominator. 0.5 is the cosine; above it
            popular tracks are favoured, at 1 by the share of t's listeners who play r.
        weighting: "tfidf" and "bm25" make listeners who play everything count less.
        values: "given" takes preferences as they are, "binary" their sign, "log" the sign times
            log(1 + size). Applied to training data and to profiles alike.

    >>> likes = sparse.csr_matrix([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [1.0, 0.0, 1.0]])
    >>> model = ItemKNN().fit(Dataset.from_csr(likes))
    >>> [f"{score:.3f}" for score in model.similar(0).scores]
    ['0.816', '0.577']
    """

    name: ClassVar[str] = "item_knn"

    def __init__(
        self,
        n_neighbors: int | None = 100,
        shrinkage: float = 0.0,
        alpha: float = 0.5,
        weighting: Weighting = "none",
        values: Values = "given",
    ) -> None:
        self.n_neighbors = n_neighbors
        self.shrinkage = shrinkage
        self.alpha = alpha
        self.weighting: Weighting = weighting
        self.values: Values = values

    def fit(self, dataset: Dataset) -> Self:
        """Multiply and prune row by row; costs the squared list lengths of all listeners.

        Raises:
            InvalidInputError: A parameter is out of range.
        """
        check_parameters(self.n_neighbors, self.values, shrinkage=self.shrinkage)
        check_choice("weighting", self.weighting, get_args(Weighting))
        if not 0 <= self.alpha <= 1:
            raise InvalidInputError(f"alpha must lie in 0..1, got {self.alpha}")
        likes = dataset.interactions.positive()
        likes.data = valued(likes.data, self.values)
        weighted = weighted_listeners(likes, self.weighting)
        square_sum = np.asarray(weighted.multiply(weighted).sum(axis=0)).reshape(-1)
        known_size, other_size = square_sum**self.alpha, square_sum ** (1 - self.alpha)
        weights = pruned_product(weighted.T.tocsr(), weighted, self.n_neighbors,
                                 known_size, other_size, self.shrinkage)  # fmt: skip
        return self.from_arrays({"weights": weights})

    def _valued(self, preference: FloatVector) -> FloatVector:
        return valued(preference, self.values)


def weighted_listeners(likes: CsrMatrix, weighting: Weighting) -> CsrMatrix:
    """``likes`` (n_listeners, n_tracks) reweighted, CSR float64.

    A listener of ``n_l`` of ``n`` tracks has ``idf = ln(1 + n / n_l)``; with ``x`` the preference
    and ``len_t`` the sum of a track's preferences over its mean, "tfidf" is ``sqrt(x) * idf`` and
    "bm25" is ``idf * x * (K1 + 1) / (x + K1 * (1 - B + B * len_t))``.

    >>> likes = sparse.csr_matrix([[1.0, 1.0], [0.0, 1.0]])
    >>> weighted_listeners(likes, "tfidf").toarray().round(3).tolist()
    [[0.693, 0.693], [0.0, 1.099]]
    """
    weighted = sparse.csr_matrix(likes, dtype=np.float64, copy=True)
    if weighting == "none" or not weighted.nnz:
        return weighted
    n_of_listener = np.diff(weighted.indptr)
    idf = np.log1p(weighted.shape[1] / np.maximum(n_of_listener, 1))
    inverse_frequency = np.repeat(idf, n_of_listener)
    if weighting == "tfidf":
        weighted.data = np.sqrt(weighted.data) * inverse_frequency
        return weighted
    plays_of_track = np.bincount(weighted.indices, weighted.data, weighted.shape[1])
    length = (plays_of_track / plays_of_track.mean())[weighted.indices]
    saturation = weighted.data + BM25_K1 * (1 - BM25_B + BM25_B * length)
    weighted.data = inverse_frequency * weighted.data * (BM25_K1 + 1) / saturation
    return weighted
