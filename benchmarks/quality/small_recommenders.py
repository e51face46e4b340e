"""What small recommenders of listens usually do, written out, to compare with.

Each takes the training matrix, parameters and a generator, and scores every track for every
listener, float32 (n_listeners, n_tracks). None of them is Segue's.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import svds

from segue.models.kmeans import k_means
from segue.types import CsrMatrix, FloatMatrix

Score = Callable[[CsrMatrix, Mapping[str, Any], np.random.Generator], FloatMatrix]


def favourites_of_neighbours(
    train: CsrMatrix, params: Mapping[str, Any], rng: np.random.Generator
) -> FloatMatrix:
    """Favourites shared with others, mixed with those of the listener's k-means cluster.

    ``mix`` of the number of listeners who play a track along with the own ones, and the rest of the
    track's popularity in the cluster, both on a scale of 0..1 for each listener.
    """
    together = np.asarray((train @ (train.T @ train)).todense())
    left, lengths, _ = svds(train.astype(np.float64), 32, v0=np.ones(min(train.shape)))
    cluster = k_means(left * lengths, params["k"], rng).assigned
    members = sparse.csr_matrix(
        (np.ones(len(cluster), np.float32), (cluster, np.arange(len(cluster))))
    )
    popularity = np.asarray((members @ train).todense())[cluster]
    mix = params["mix"]
    return (mix * _to_one(together) + (1 - mix) * _to_one(popularity)).astype(np.float32)


def alike_listeners(
    train: CsrMatrix, params: Mapping[str, Any], rng: np.random.Generator
) -> FloatMatrix:
    """Tracks of the ``n_neighbors`` listeners with the largest cosine, weighed by it."""
    lengths = np.sqrt(np.maximum(train.power(2).sum(axis=1), 1e-12))
    unit = sparse.csr_matrix(train.multiply(1 / lengths))
    cosine = np.asarray((unit @ unit.T).todense())
    np.fill_diagonal(cosine, 0.0)
    n = min(params["n_neighbors"], len(cosine) - 1)
    lowest = np.partition(cosine, -n, axis=1)[:, -n, np.newaxis]
    kept = sparse.csr_matrix(np.where(cosine >= lowest, cosine, 0.0))
    return np.asarray((kept @ train).todense(), np.float32)


def dot_product(
    train: CsrMatrix, params: Mapping[str, Any], rng: np.random.Generator
) -> FloatMatrix:
    """Embeddings whose dot product is 1 at listens and 0 at drawn pairs: squared error, Adam."""
    sizes, d = train.shape, params["n_factors"]
    row, column = train.nonzero()
    sides = [rng.normal(0, 0.1, (size, d)).astype(np.float32) for size in sizes]
    moments = [(np.zeros_like(side), np.zeros_like(side)) for side in sides]
    for step in range(1, params["n_steps"] + 1):
        drawn = rng.integers(0, sizes, (params["zeros"] * train.nnz, 2))
        rows = np.concatenate((row, drawn[:, 0]))
        columns = np.concatenate((column, drawn[:, 1]))
        error = np.einsum("pd,pd->p", sides[0][rows], sides[1][columns])
        error[: train.nnz] -= 1
        errors = sparse.csr_matrix((error, (rows, columns)), sizes)
        slopes = (errors @ sides[1], errors.T @ sides[0])
        for side, slope, moment in zip(sides, slopes, moments, strict=True):
            _adam(side, slope + params["regularization"] * side, moment, step, params["rate"])
    return sides[0] @ sides[1].T


def _adam(
    x: FloatMatrix,
    slope: FloatMatrix,
    moment: tuple[FloatMatrix, FloatMatrix],
    step: int,
    rate: float,
) -> None:
    """One step in place (Kingma and Ba 2015, arXiv:1412.6980)."""
    first, second = moment
    first += 0.1 * (slope - first)
    second += 0.001 * (slope**2 - second)
    x -= rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)


def _to_one(scores: FloatMatrix) -> FloatMatrix:
    return scores / np.maximum(scores.max(axis=1, keepdims=True), 1e-12)


SMALL: dict[str, Score] = {
    "small co-favourites + k-means": favourites_of_neighbours,
    "small user-user cosine": alike_listeners,
    "small dot product": dot_product,
}
