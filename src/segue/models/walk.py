"""Random walks of three steps, listener to track to listener to track: P3alpha and RP3beta.

P3alpha is Cooper, Lee, Radinsky & Sinitsky 2014 (doi:10.1145/2567948.2579244); RP3beta, which
divides by popularity, is Paudel, Christoffel, Newell & Bernstein 2016 (doi:10.1145/2955101), first
in Christoffel et al. 2015 (doi:10.1145/2792838.2800180). The last two steps are one sparse
track-by-track matrix, so that a profile never seen walks as well as a known one. It learns from
the positive part of ``user_items``; a dislike subtracts when a list is made.
"""

from typing import ClassVar, Self

import numpy as np
from scipy import sparse

from segue.data.dataset import Dataset
from segue.errors import InvalidInputError
from segue.models.item_weights import ItemWeights, check_parameters, pruned_product
from segue.types import CsrMatrix, FloatVector


class RP3beta(ItemWeights):
    """The chance to walk from a known track to another one, held back where everyone arrives.

    With ``x`` the preferences, ``p(t, v)`` the share of listener v in the plays of track t and
    ``q(v, r)`` the share of track r in the plays of listener v, one like ``x_t`` adds to track r::

        x_t ** alpha * sum over v of (p(t, v) * q(v, r)) ** alpha / n_listeners(r) ** beta

    The first step of the paper also divides by the listener's sum, which changes no order.

    Args:
        alpha: > 0; below 1 evens out the chances of a step.
        beta: >= 0; 0 is P3alpha, larger values bring up rare tracks.
        n_neighbors: Kept of each track >= 1; None keeps all.

    >>> likes = sparse.csr_matrix([[1.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
    >>> model = RP3beta(alpha=1.0, beta=1.0).fit(Dataset.from_csr(likes))
    >>> model.similar(0).track_idx.tolist(), model.similar(0).scores.tolist()
    ([1, 2], [0.25, 0.125])
    """

    name: ClassVar[str] = "rp3beta"

    def __init__(
        self, alpha: float = 0.8, beta: float = 0.4, n_neighbors: int | None = 300
    ) -> None:
        self.alpha = alpha
        self.beta = beta
        self.n_neighbors = n_neighbors

    def fit(self, dataset: Dataset) -> Self:
        """Multiply and prune row by row; costs the squared list lengths of all listeners.

        Raises:
            InvalidInputError: A parameter is out of range.
        """
        check_parameters(self.n_neighbors, beta=self.beta)
        if not 0 < self.alpha < np.inf:
            raise InvalidInputError(f"alpha must be finite and above 0, got {self.alpha}")
        likes = dataset.interactions.positive().astype(np.float64)
        n_listeners_of = np.bincount(likes.indices, minlength=dataset.n_tracks)
        held_back = np.maximum(n_listeners_of, 1.0) ** self.beta
        to_listeners = transitions(likes.T.tocsr(), self.alpha)
        to_tracks = transitions(likes, self.alpha)
        weights = pruned_product(to_listeners, to_tracks, self.n_neighbors,
                                 np.ones(dataset.n_tracks), held_back)  # fmt: skip
        return self.from_arrays({"weights": weights})

    def _valued(self, preference: FloatVector) -> FloatVector:
        return np.sign(preference) * np.abs(preference) ** np.float32(self.alpha)


def transitions(matrix: CsrMatrix, alpha: float) -> CsrMatrix:
    """Each entry over the sum of its row, to the power ``alpha``; CSR.

    >>> transitions(sparse.csr_matrix([[1.0, 3.0], [0.0, 0.0]]), 1.0).toarray().tolist()
    [[0.25, 0.75], [0.0, 0.0]]
    """
    n_of = np.diff(matrix.indptr)
    row_of = np.repeat(np.arange(matrix.shape[0]), n_of)
    sums = np.bincount(row_of, matrix.data, matrix.shape[0])
    chances = (matrix.data / sums[row_of]) ** alpha
    return sparse.csr_matrix((chances, matrix.indices, matrix.indptr), shape=matrix.shape)
