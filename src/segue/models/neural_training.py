"""Training of the neural models: Keras 3 on JAX, one compiled scan an epoch; plain arrays come out.

Keras describes the network and its optimiser (both called without state), NumPy draws the first
weights, the order and the negatives, so that a seed gives one result. What was compiled is kept
for data of the same shape.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module
from itertools import repeat
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from segue.errors import ConfigurationError, MissingExtraError
from segue.types import BoolVector, CsrMatrix, FloatVector, IntVector

Form = Literal["dot", "neumf"]
Weights = dict[str, NDArray[np.float32]]


class Shape(NamedTuple):
    """All that decides what is compiled."""

    form: Form
    n_listeners: int
    n_tracks: int
    n_factors: int
    n_hidden: int
    n_layers: int
    learning_rate: float
    regularization: float

    @property
    def widths(self) -> list[int]:
        """Of the layers, each half as wide as the one before (He et al. 2017, section 3.3)."""
        return [max(self.n_hidden // 2**layer, 1) for layer in range(self.n_layers)]


class Batches(NamedTuple):
    """Examples of one epoch, all shape (n_batches, batch_size); padding has weight 0."""

    listener: NDArray[np.int32]
    track: NDArray[np.int32]
    label: NDArray[np.float32]
    weight: NDArray[np.float32]


def import_keras() -> Any:
    """Keras on JAX, without a file written to the home folder.

    Raises:
        MissingExtraError: Keras or JAX is not installed.
        ConfigurationError: Keras was started on, or is set to, another backend.
    """
    loaded = sys.modules.get("keras")
    if loaded is None:
        loaded = _import_without_a_home()
    if loaded.backend.backend() != "jax":
        raise ConfigurationError(
            f"Keras runs on {loaded.backend.backend()!r}, neural models are trained on 'jax': "
            "unset KERAS_BACKEND, or set it to jax, and start again"
        )
    return loaded


def _import_without_a_home() -> Any:
    os.environ.setdefault("KERAS_BACKEND", "jax")
    with tempfile.TemporaryDirectory(prefix="segue-keras-") as folder:
        is_ours = "KERAS_HOME" not in os.environ
        os.environ.setdefault("KERAS_HOME", folder)
        try:
            import_module("jax")
            return import_module("keras")
        except ImportError as error:
            raise MissingExtraError(
                f"neural models are trained with Keras and JAX ({error}): "
                "pip install 'segue[neural]'"
            ) from error
        finally:
            if is_ours:
                del os.environ["KERAS_HOME"]


def network(shape: Shape) -> Any:
    """The Keras model: listener and track in, logit and squared length of the vectors out."""
    keras = import_keras()
    listener = keras.Input((), dtype="int32", name="listener_idx")
    track = keras.Input((), dtype="int32", name="track_idx")

    def vectors(name: str, width: int) -> tuple[Any, Any]:
        sides = (("listener", listener, shape.n_listeners), ("track", track, shape.n_tracks))
        found = [keras.layers.Embedding(n, width, name=f"{name}_{side}")(rows)
                 for side, rows, n in sides]  # fmt: skip
        return found[0], found[1]

    u, v = vectors("gmf", shape.n_factors)
    product = keras.layers.Multiply()([u, v])
    used = [u, v]
    if shape.form == "dot":
        biases = vectors("bias", 1)
        logit = keras.ops.sum(product, axis=-1, keepdims=True) + biases[0] + biases[1]
        used += biases
    else:
        below, above = vectors("mlp", shape.n_factors)
        used += [below, above]
        hidden = keras.layers.Concatenate()([below, above])
        for layer, width in enumerate(shape.widths):
            hidden = keras.layers.Dense(width, activation="relu", name=f"hidden_{layer}")(hidden)
        joined = keras.layers.Concatenate()([product, hidden])
        logit = keras.layers.Dense(1, name="out")(joined)
    penalty = sum(keras.ops.sum(keras.ops.square(vector), axis=-1) for vector in used)
    return keras.Model([listener, track], [keras.ops.squeeze(logit, -1), penalty])


@lru_cache(maxsize=4)
def compiled(shape: Shape) -> tuple[tuple[str, ...], Callable[..., Any], Callable[..., Any]]:
    """Names of the weights, the first state of Adam for given weights, and one epoch.

    The epoch takes and gives (weights, state), and takes :class:`Batches`; it also gives the mean
    loss. The loss of an example is the cross-entropy of its logit plus ``regularization`` times the
    squared lengths of its vectors.
    """
    keras = import_keras()
    jax: Any = import_module("jax")
    model = network(shape)
    adam = keras.optimizers.Adam(shape.learning_rate)
    adam.build(model.trainable_variables)
    first = [np.asarray(variable.value) for variable in adam.variables]

    def loss(weights: Any, batch: Any) -> Any:
        (logit, penalty), _ = model.stateless_call(weights, [], [batch.listener, batch.track])
        entropy = jax.nn.softplus(logit) - batch.label * logit
        total = batch.weight @ (entropy + shape.regularization * penalty)
        return total / jax.numpy.maximum(batch.weight.sum(), 1.0)

    def step(state: Any, batch: Any) -> Any:
        weights, memory = state
        value, gradient = jax.value_and_grad(loss)(weights, batch)
        return adam.stateless_apply(memory, gradient, weights), value

    def epoch(state: Any, batches: Any) -> Any:
        state, values = jax.lax.scan(step, state, batches)
        return state, values.mean()

    def start() -> Any:
        return [jax.numpy.asarray(array) for array in first]

    names = tuple(variable.path for variable in model.trainable_variables)
    return names, start, jax.jit(epoch)


def first_weights(shape: Shape, init_sd: float, rng: np.random.Generator) -> Weights:
    """Listeners normal, tracks and biases zero, layers uniform (Glorot & Bengio 2010)."""
    weights: Weights = {}

    def add(name: str, *size: int, sd: float = 0.0) -> None:
        weights[name] = (sd * rng.standard_normal(size)).astype(np.float32)

    second = ("bias", 1) if shape.form == "dot" else ("mlp", shape.n_factors)
    for name, width in (("gmf", shape.n_factors), second):
        sd = 0.0 if name == "bias" else init_sd
        add(f"{name}_listener/embeddings", shape.n_listeners, width, sd=sd)
        add(f"{name}_track/embeddings", shape.n_tracks, width)
    if shape.form == "neumf":
        ends = [2 * shape.n_factors, *shape.widths]
        layers = [(f"hidden_{i}", ends[i], ends[i + 1]) for i in range(shape.n_layers)]
        for name, below, above in (*layers, ("out", shape.n_factors + ends[-1], 1)):
            bound = np.sqrt(6 / (below + above))
            weights[f"{name}/kernel"] = rng.uniform(-bound, bound, (below, above)).astype(
                np.float32
            )
            add(f"{name}/bias", above)
    return weights


def train(
    likes: CsrMatrix,
    shape: Shape,
    init_sd: float,
    n_negatives: int,
    batch_size: int,
    rng: np.random.Generator,
) -> Iterator[Weights]:
    """The weights after 0, 1, 2... epochs, without end; ``likes`` is CSR with sorted columns."""
    drawn = first_weights(shape, init_sd, rng)
    if not likes.nnz:
        yield from repeat(drawn)
    names, start, epoch = compiled(shape)
    state: Any = ([drawn[name] for name in names], start())
    while True:
        yield {name: np.array(value) for name, value in zip(names, state[0], strict=True)}
        state, _ = epoch(state, draw_batches(likes, n_negatives, batch_size, rng))


def draw_batches(
    likes: CsrMatrix, n_negatives: int, batch_size: int, rng: np.random.Generator
) -> Batches:
    """Every like once and ``n_negatives`` tracks drawn uniformly beside it, in random order.

    A drawn track that the listener likes has weight 0. Within a batch, rows ascend by track: sums
    over equal tracks are then equal to the last bit, and the tables are walked in order.
    """
    owner = np.repeat(np.arange(likes.shape[0]), np.diff(likes.indptr))
    others = rng.integers(likes.shape[1], size=(n_negatives, likes.nnz))
    listener = np.tile(owner, n_negatives + 1)
    track = np.concatenate([np.asarray(likes.indices, np.int64), others.ravel()])
    label = np.arange(len(track)) < likes.nnz
    weight = label | ~is_liked(likes, listener, track)
    size = min(batch_size, 1 << max(len(track) - 1, 1).bit_length())
    n_batches = -(-len(track) // size)
    order = np.full(n_batches * size, -1)
    order[: len(track)] = rng.permutation(len(track))
    order = order.reshape(n_batches, size)
    keys = np.where(order < 0, -1, track[order] * likes.shape[0] + listener[order])
    order = np.take_along_axis(order, np.argsort(keys, axis=1, kind="stable"), axis=1)
    return Batches(
        listener[order].astype(np.int32),
        track[order].astype(np.int32),
        label[order].astype(np.float32),
        (weight[order] & (order >= 0)).astype(np.float32),
    )


def is_liked(likes: CsrMatrix, listener: IntVector, track: IntVector) -> BoolVector:
    """Whether each pair has an entry; columns ascend within each row."""
    owner = np.repeat(np.arange(likes.shape[0]), np.diff(likes.indptr))
    keys = owner * likes.shape[1] + np.asarray(likes.indices, np.int64)
    asked = listener * likes.shape[1] + track
    at = np.minimum(np.searchsorted(keys, asked), max(len(keys) - 1, 0))
    return keys[at] == asked


def ndcg_at_20(scores: FloatVector, known: IntVector, held_out: IntVector) -> float:
    """NDCG@20 of one listener, known tracks left out (Järvelin & Kekäläinen 2002).

    >>> ndcg_at_20(np.array([3.0, 2.0, 1.0]), np.array([0]), np.array([1]))
    1.0
    """
    left = np.array(scores, np.float64)
    left[known] = -np.inf
    best = np.argsort(-left, kind="stable")[:20]
    worth = 1 / np.log2(np.arange(2, len(best) + 2))
    return float(worth[np.isin(best, held_out)].sum() / worth[: len(held_out)].sum())
