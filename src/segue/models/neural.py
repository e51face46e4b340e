"""Neural matrix factorisation of implicit feedback, trained with Keras, served without it.

He, Liao, Zhang, Nie, Hu and Chua 2017, "Neural collaborative filtering", arXiv:1708.05031: two
vectors a pair and a logit, learned from likes against sampled tracks by cross-entropy::

    "dot"     logit = p . q + b_u + b_i
    "neumf"   logit = h . [p * q, MLP(p', q')]

The paper has no answer for a listener who was not there in training. Here what a track says about
its listeners is learned after the network, as one matrix M: the ridge regression of the listeners'
vectors on their profiles, so that the vectors of anybody are a sum over the tracks they know.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, ClassVar, Self, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models.factors import Values, require_range, require_values, valued
from segue.models.leave_out import LeaveOneOutRecommender
from segue.models.neural_training import Form, Shape, Weights, ndcg_at_20, train
from segue.rng import derived_rng
from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector

_CHECKED_LISTENERS = 1000  # as many listeners as early stopping asks at most
_PATIENCE = 3  # checks without a better one


class Neural(LeaveOneOutRecommender):
    """Neural matrix factorisation; needs ``segue[neural]`` to fit, and only NumPy afterwards.

    Args:
        form: "dot" or "neumf".
        n_factors: Length of each vector, >= 1.
        n_hidden: Width of the first layer of "neumf", >= 1; each further one is half as wide.
        n_layers: Layers, >= 1.
        n_epochs: Passes over the likes, >= 0; at most, with early stopping.
        n_negatives: Tracks drawn beside each like, anew each epoch, >= 1.
        learning_rate: Of Adam, > 0.
        regularization: Weight >= 0 of the squared length of the vectors of an example.
        batch_size: Examples a step, >= 1; below 8,192, Adam's pass over the tables rules.
        validation_share: Share of each listener's likes, 0..0.5, that early stopping looks for
            (NDCG@20, with the listener folded in); the network is then trained on all likes for as
            many epochs as were best. 0 trains once, for ``n_epochs``.
        check_every: Epochs between two looks, >= 1.
        fold_in_regularization: Ridge > 0 of M.
        values: Scale of a profile's preferences: "given", "binary" or "log".
        init_sd: Standard deviation > 0 of the listeners' first vectors; those of tracks are zero.
        seed: Of everything random.
    """

    name: ClassVar[str] = "neural"

    def __init__(
        self,
        form: Form = "dot",
        n_factors: int = 64,
        n_hidden: int = 64,
        n_layers: int = 2,
        n_epochs: int = 100,
        n_negatives: int = 8,
        learning_rate: float = 0.005,
        regularization: float = 0.01,
        batch_size: int = 8192,
        validation_share: float = 0.1,
        check_every: int = 5,
        fold_in_regularization: float = 1.0,
        values: Values = "binary",
        init_sd: float = 0.1,
        seed: int = 0,
    ) -> None:
        self.form: Form = form
        self.n_factors = n_factors
        self.n_hidden = n_hidden
        self.n_layers = n_layers
        self.n_epochs = n_epochs
        self.n_negatives = n_negatives
        self.learning_rate = learning_rate
        self.regularization = regularization
        self.batch_size = batch_size
        self.validation_share = validation_share
        self.check_every = check_every
        self.fold_in_regularization = fold_in_regularization
        self.values: Values = values
        self.init_sd = init_sd
        self.seed = seed

    def fit(self, dataset: Dataset) -> Self:
        """O(n_epochs * n_negatives * nnz * weights of a pair), twice with early stopping.

        Raises:
            InvalidInputError: A parameter is out of range.
            MissingExtraError: Keras or JAX is not installed.
            ConfigurationError: Keras runs on another backend than JAX.
        """
        self._check()
        likes = dataset.interactions.positive()
        likes.sort_indices()
        profiles = sparse.csr_matrix(dataset.interactions.user_items, copy=True)
        n_epochs = self._best_epochs(likes) if self.validation_share else self.n_epochs
        weights = next(islice(self._training(likes), n_epochs, None))
        return self.keep(weights, profiles, n_epochs)

    @property
    def n_epochs_trained(self) -> int:
        """Epochs that early stopping found best."""
        self.require_fit()
        return int(self._arrays["n_epochs_trained"][0])

    def fold_in(self, profile: Profile) -> FloatVector:
        """Vectors of a listener, float32: the sum over the profile of value times row of M."""
        self.require_profile(profile)
        value = scaled(valued(profile.preference.astype(np.float64), self.values))
        rows = np.asarray(self._arrays["listener_map"][profile.track_idx], np.float64)
        return (value @ rows).astype(np.float32)

    def score(self, representation: FloatVector) -> FloatVector:
        """The logit of each track by a forward pass in NumPy, shape (n_tracks,), float32."""
        self.require_fit()
        return forward(self.form, self._arrays, np.asarray(representation, np.float32))

    def score_rows(self, representation: FloatVector, track_idx: IntVector) -> FloatVector:
        """The same for some tracks, one by one: products round as the number of rows has it."""
        self.require_fit()
        listener = np.asarray(representation, np.float32)
        found = np.empty(len(track_idx), np.float32)
        for place, row in enumerate(track_idx.tolist()):
            one = {key: value[row : row + 1] if key in _OF_TRACKS else value
                   for key, value in self._arrays.items()}  # fmt: skip
            found[place] = forward(self.form, one, listener)[0]
        return found

    def score_batch(self, user_items: CsrMatrix) -> FloatMatrix:
        """Scores of several listeners, folded in by one product, shape (n_rows, n_tracks)."""
        self.require_columns(user_items)
        vectors = self._scaled_rows(user_items) @ np.asarray(self._arrays["listener_map"])
        scores = np.empty((len(vectors), self.n_tracks), np.float32)
        for row, vector in enumerate(vectors.astype(np.float32)):
            scores[row] = self.score(vector)
        return scores

    def counted_tracks(self, profile: Profile, asked: IntVector) -> IntVector:
        """All tracks of the profile."""
        return profile.track_idx

    def to_arrays(self) -> Mapping[str, NDArray[Any] | CsrMatrix]:
        """The network's side of the tracks, its layers, ``listener_map`` (M) and the epochs."""
        return self._arrays

    def from_arrays(self, arrays: Mapping[str, NDArray[Any] | CsrMatrix]) -> Self:
        """Restore; see :meth:`to_arrays`."""
        wanted = {*_OF_TRACKS[:1], "listener_map", "n_epochs_trained"}
        wanted |= {"bias_track"} if self.form == "dot" else {"mlp_track", "out_kernel", "out_bias"}
        if self.form == "neumf":
            wanted |= {f"hidden_{layer}_{part}" for layer in range(self.n_layers)
                       for part in ("kernel", "bias")}  # fmt: skip
        self._arrays: dict[str, NDArray[Any]] = {name: np.asarray(arrays[name]) for name in wanted}
        self.n_tracks = len(self._arrays["gmf_track"])
        return self

    def keep(self, weights: Weights, profiles: CsrMatrix, n_epochs: int) -> Self:
        """Take over the weights of a network, and learn M from the profiles it learned from."""
        plain = {key.removesuffix("/embeddings").replace("/", "_"): value
                 for key, value in weights.items()}  # fmt: skip
        second = "bias" if self.form == "dot" else "mlp"
        listeners = np.hstack([plain.pop(f"{name}_listener") for name in ("gmf", second)])
        known = self._scaled_rows(profiles)
        plain["listener_map"] = ridge_map(known, listeners, self.fold_in_regularization)
        return self.from_arrays({**plain, "n_epochs_trained": np.array([n_epochs])})

    def mean_ndcg(self, known: CsrMatrix, held_out: CsrMatrix, asked: IntVector) -> float:
        """NDCG@20 of the listeners asked, folded in from ``known``, which is left out."""
        values = [
            ndcg_at_20(scores, known[row].indices, held_out[row].indices)
            for start in range(0, len(asked), 100)
            for row, scores in zip(
                asked[start : start + 100],
                self.score_batch(known[asked[start : start + 100]]),
                strict=True,
            )
        ]
        return float(np.mean(values))

    def _training(self, likes: CsrMatrix) -> Iterator[Weights]:
        """The weights after 0, 1, 2... epochs."""
        n_listeners, n_tracks = likes.shape
        shape = Shape(
            self.form, n_listeners, n_tracks, self.n_factors, self.n_hidden, self.n_layers,
            self.learning_rate, self.regularization,
        )  # fmt: skip
        rng = derived_rng(self.seed, "neural")
        return train(likes, shape, self.init_sd, self.n_negatives, self.batch_size, rng)

    def _best_epochs(self, likes: CsrMatrix) -> int:
        kept, held_out = held_out_likes(
            likes, self.validation_share, derived_rng(self.seed, "held")
        )
        asked = np.flatnonzero(np.diff(held_out.indptr))[:_CHECKED_LISTENERS]
        if not len(asked):
            return self.n_epochs
        best, best_at, judge = -1.0, 0, type(self)(**self.get_params())
        for n, weights in enumerate(islice(self._training(kept), self.n_epochs + 1)):
            if n % self.check_every:
                continue
            value = judge.keep(weights, kept, n).mean_ndcg(kept, held_out, asked)
            if value > best:
                best, best_at = value, n
            elif n >= best_at + _PATIENCE * self.check_every:
                break
        return best_at

    def _scaled_rows(self, user_items: CsrMatrix) -> CsrMatrix:
        rows = sparse.csr_matrix(user_items, dtype=np.float64, copy=True)
        rows.data = valued(rows.data, self.values)
        total = np.asarray(abs(rows).sum(axis=1)).ravel()
        return sparse.csr_matrix(sparse.diags_array(1 / np.sqrt(np.where(total, total, 1))) @ rows)

    def _check(self) -> None:
        if self.form not in get_args(Form):
            raise InvalidInputError(f"form must be dot or neumf, got {self.form!r}")
        for name in ("n_factors", "n_hidden", "n_layers", "n_negatives", "batch_size",
                     "check_every"):  # fmt: skip
            require_range(name, getattr(self, name), 1)
        for name in ("n_epochs", "regularization", "validation_share"):
            require_range(name, getattr(self, name), 0)
        if self.validation_share > 0.5:
            raise InvalidInputError(
                f"validation_share must be at most 0.5, got {self.validation_share}"
            )
        for name in ("learning_rate", "fold_in_regularization", "init_sd"):
            require_range(name, getattr(self, name), 0, above=True)
        require_values(self.values)


_OF_TRACKS = ("gmf_track", "mlp_track", "bias_track")


def forward(form: Form, arrays: Mapping[str, NDArray[Any]], listener: FloatVector) -> FloatVector:
    """Logits of one listener for every row of the tracks' arrays, float32."""
    width = arrays["gmf_track"].shape[1]
    if form == "dot":
        return arrays["gmf_track"] @ listener[:width] + arrays["bias_track"][:, 0] + listener[width]
    out = arrays["out_kernel"][:, 0]
    logit = arrays["gmf_track"] @ (listener[:width] * out[:width]) + arrays["out_bias"][0]
    kernel = arrays["hidden_0_kernel"]
    hidden = arrays["mlp_track"] @ kernel[width:]
    hidden = np.maximum(hidden + listener[width:] @ kernel[:width] + arrays["hidden_0_bias"], 0)
    layer = 1
    while f"hidden_{layer}_kernel" in arrays:
        below = hidden @ arrays[f"hidden_{layer}_kernel"] + arrays[f"hidden_{layer}_bias"]
        hidden = np.maximum(below, 0)
        layer += 1
    return logit + hidden @ out[width:]


def scaled(value: FloatVector) -> FloatVector:
    """A profile over the root of its total size: more likes say more, but less than each alone.

    >>> scaled(np.array([1.0, -1.0, 1.0, 1.0])).tolist()
    [0.5, -0.5, 0.5, 0.5]
    """
    return value / np.sqrt(np.abs(value).sum() or 1.0)


def ridge_map(
    profiles: CsrMatrix, vectors: FloatMatrix, ridge: float, n_steps: int = 30
) -> FloatMatrix:
    """``(X'X + ridge I)^-1 X' vectors`` by conjugate gradients for all columns at once, float32.

    O(n_steps * nnz * columns): neither side's square is built, whatever the size of the catalogue.
    """
    residual = profiles.T @ vectors.astype(np.float64)
    found, direction = np.zeros_like(residual), residual.copy()
    size = (residual**2).sum(axis=0)
    for _ in range(n_steps):
        image = profiles.T @ (profiles @ direction) + ridge * direction
        along = (direction * image).sum(axis=0)
        step = size / np.where(along > 0, along, 1)
        found += step * direction
        residual -= step * image
        new_size = (residual**2).sum(axis=0)
        direction = residual + new_size / np.where(size > 0, size, 1) * direction
        size = new_size
    return found.astype(np.float32)


def held_out_likes(
    likes: CsrMatrix, share: float, rng: np.random.Generator
) -> tuple[CsrMatrix, CsrMatrix]:
    """Likes kept and held out: of each listener the ``share``, rounded down."""
    n = np.diff(likes.indptr)
    row = np.repeat(np.arange(likes.shape[0]), n)
    order = np.lexsort((rng.random(likes.nnz), row))
    place = np.empty(likes.nnz, np.int64)
    place[order] = np.arange(likes.nnz) - likes.indptr[row]
    out = place < np.floor(share * n + 1e-9)[row]
    parts: list[CsrMatrix] = []
    for keep in (~out, out):
        entries = (likes.data[keep], (row[keep], likes.indices[keep]))
        parts.append(sparse.csr_matrix(entries, shape=likes.shape))
    return parts[0], parts[1]
