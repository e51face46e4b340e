"""Bayesian personalised ranking by matrix factorisation (Rendle et al. 2009, arXiv:1205.2618).

Stochastic steps on triples of a listener, a track they like and one they have no like for, such
that the first scores higher: the loss of a triple is ``-ln sigmoid(u (v - w))`` plus half the
``regularization`` times the squared length of u, v and w. Dislikes are tracks without a like.

The paper has no answer for a listener who was not there in training. Here any profile is folded
into the track vectors by weighted ridge regression on its likes (target 1) and dislikes (-1).
"""

from typing import ClassVar, Self

import numpy as np

from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.models.factor_fold_in import ListenerSystem
from segue.models.factors import FactorModel, Values, require_range, require_values, valued
from segue.rng import derived_rng
from segue.types import CsrMatrix, FloatVector, IntVector


class BPR(FactorModel):
    """Pairwise ranking; few parameters, good where only the order counts.

    Args:
        n_factors: Length d of the vectors, >= 1.
        n_epochs: Passes over the likes, >= 0.
        learning_rate: Step > 0.
        regularization: L2 weight >= 0 of the vectors of a triple.
        negative_exponent: Tracks to compare with are drawn in proportion to the number of their
            listeners to this power, >= 0: 0 is uniform, as in the paper; .75 prefers popular ones.
        fold_in_regularization: Ridge > 0 of the fold-in, in units of the mean squared length of the
            track vectors. Large values add up the likes, small ones fit them.
        values: Weight of a profile's tracks in the fold-in: "given", "binary" or "log".
        init_sd: Standard deviation > 0 of the listeners' first vectors; those of tracks start at
            zero, so that tracks which nothing is known about score alike.
        seed: Of the first vectors and the triples.

    >>> from scipy import sparse
    >>> likes = sparse.csr_matrix([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> model = BPR(n_factors=2).fit(Dataset.from_csr(likes))
    >>> model.recommend(Profile.from_weights({0: 1.0}), n=1).track_idx.tolist()
    [1]
    """

    name: ClassVar[str] = "bpr"

    def __init__(
        self,
        n_factors: int = 64,
        n_epochs: int = 100,
        learning_rate: float = 0.05,
        regularization: float = 0.01,
        negative_exponent: float = 0.0,
        fold_in_regularization: float = 10.0,
        values: Values = "given",
        init_sd: float = 0.1,
        seed: int = 0,
    ) -> None:
        self.n_factors = n_factors
        self.n_epochs = n_epochs
        self.learning_rate = learning_rate
        self.regularization = regularization
        self.negative_exponent = negative_exponent
        self.fold_in_regularization = fold_in_regularization
        self.values: Values = values
        self.init_sd = init_sd
        self.seed = seed

    def fit(self, dataset: Dataset) -> Self:
        """One step a like and epoch, one after another; O(n_epochs * nnz * d).

        Raises:
            InvalidInputError: A parameter is out of range.
        """
        from segue.models.bpr_kernels import bpr_epoch

        self._check()
        likes = dataset.interactions.positive()
        likes.sort_indices()
        indptr, indices = likes.indptr.astype(np.int64), likes.indices.astype(np.int32)
        rng = derived_rng(self.seed, "bpr")
        spread = rng.standard_normal((likes.shape[0], self.n_factors))
        listeners = (self.init_sd * spread).astype(np.float32)
        tracks = np.zeros((likes.shape[1], self.n_factors), np.float32)
        for _ in range(self.n_epochs if likes.nnz else 0):
            triples = draw_triples(likes, self.negative_exponent, rng)
            bpr_epoch(
                indptr, indices, *triples, listeners, tracks, self.learning_rate,
                self.regularization,
            )  # fmt: skip
        return self._keep(tracks)

    def listener_system(self, profile: Profile) -> ListenerSystem:
        """Ridge regression of the profile on its track vectors; see :class:`ListenerSystem`."""
        value = valued(profile.preference.astype(np.float64), self.values)
        mean_square = np.trace(self._gram) / max(self.n_tracks, 1)
        # vectors of zeros score zero whatever the ridge, which must not be zero
        ridge = self.fold_in_regularization * (float(mean_square) or 1.0)
        return ListenerSystem(
            np.zeros_like(self._gram),
            self._factors[profile.track_idx].astype(np.float64),
            np.abs(value),
            np.sign(value),
            ridge,
            ridge,
        )

    def _check(self) -> None:
        require_range("n_factors", self.n_factors, 1)
        for name in ("n_epochs", "regularization", "negative_exponent"):
            require_range(name, getattr(self, name), 0)
        for name in ("learning_rate", "fold_in_regularization", "init_sd"):
            require_range(name, getattr(self, name), 0, above=True)
        require_values(self.values)


def draw_triples(
    likes: CsrMatrix, negative_exponent: float, rng: np.random.Generator
) -> tuple[IntVector, IntVector, IntVector]:
    """Listener, liked track and another track of each like, in random order, int32.

    >>> from scipy import sparse
    >>> likes = sparse.csr_matrix([[1.0, 0.0], [1.0, 1.0]])
    >>> rows, liked, other = draw_triples(likes, 0.0, np.random.default_rng(1))
    >>> sorted(zip(rows.tolist(), liked.tolist()))
    [(0, 0), (1, 0), (1, 1)]
    """
    order = rng.permutation(likes.nnz)
    owner = np.repeat(np.arange(likes.shape[0], dtype=np.int32), np.diff(likes.indptr))
    upto = np.cumsum(negative_weights(likes, negative_exponent))
    other = np.searchsorted(upto, rng.random(likes.nnz) * upto[-1], side="right")
    liked = np.asarray(likes.indices, np.int32)
    return owner[order], liked[order], other.astype(np.int32)


def negative_weights(likes: CsrMatrix, negative_exponent: float) -> FloatVector:
    """How often each track is drawn to compare with, shape (n_tracks,), not normalised."""
    n_listeners_of = np.bincount(likes.indices, minlength=likes.shape[1])
    return np.maximum(n_listeners_of, 1.0) ** negative_exponent
