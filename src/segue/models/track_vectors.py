"""One unit vector a track, from listening, from named vectors of the catalogue, or from terms.

Listening: the truncated SVD of the matrix scaled by the roots of its row and column sums, as in
spectral co-clustering (Dhillon 2001, doi:10.1145/502512.502550), so that neither a busy listener
nor a popular track decides the directions. Terms: the TF-IDF of
:class:`~segue.models.content.ContentKNN`, truncated the same way (latent semantic analysis,
Deerwester et al. 1990).
"""

from typing import Any, Literal

import numpy as np
from scipy import sparse

from segue.data.dataset import Dataset
from segue.models.content import ContentKNN
from segue.types import CsrMatrix, FloatMatrix, FloatVector

Source = Literal["auto", "listening", "vectors", "terms"]
DENSE_SIDE = 1500  # with a side up to this the SVD comes from a dense symmetric matrix of that side


def track_vectors(
    dataset: Dataset, source: Source, n_factors: int, min_listeners: int, rng: np.random.Generator
) -> FloatMatrix:
    """Unit rows, float32, shape (n_tracks, d); zero where nothing is known of a track.

    "auto" is "listening" when at least ``min_listeners`` listeners like two tracks or more; else
    "vectors" when the catalogue has any, else "terms" when it has any, else "listening".

    Args:
        dataset: What is known.
        source: What to look at.
        n_factors: Most columns of "listening" and "terms"; "vectors" keep all of theirs.
        min_listeners: See above.
        rng: Start of the sparse SVD.
    """
    chosen = _choose(dataset, min_listeners) if source == "auto" else source
    if chosen == "vectors":
        return _named_vectors(dataset)
    if chosen == "terms":
        return svd_rows(ContentKNN().fit(dataset).to_arrays()["vectors"], n_factors, rng)
    return svd_rows(scaled_by_degree(dataset.interactions.positive()).T.tocsr(), n_factors, rng)


def scaled_by_degree(likes: CsrMatrix) -> CsrMatrix:
    """``D_r^-1/2 log(1 + X) D_c^-1/2``, D_r and D_c the row and column sums; CSR float64.

    >>> scaled_by_degree(sparse.csr_matrix([[1.0, 0.0], [1.0, 1.0]])).toarray().round(3).tolist()
    [[0.707, 0.0], [0.5, 0.707]]
    """
    matrix = sparse.csr_matrix(likes, dtype=np.float64, copy=True)
    matrix.data = np.log1p(matrix.data)
    sides = [_inverse_root(np.asarray(matrix.sum(axis=axis)).reshape(-1)) for axis in (1, 0)]
    return sparse.csr_matrix(sparse.diags_array(sides[0]) @ matrix @ sparse.diags_array(sides[1]))


def svd_rows(matrix: CsrMatrix, n_factors: int, rng: np.random.Generator) -> FloatMatrix:
    """``U S`` of the truncated SVD, each row scaled to length 1, float32, (n_rows, <= n_factors).

    A row that has nothing in the kept directions stays zero.

    Args:
        matrix: CSR, shape (n_rows, n_columns).
        n_factors: Most directions, >= 1.
        rng: Start of the iteration when both sides are above ``DENSE_SIDE``.
    """
    exact = sparse.csr_matrix(matrix, dtype=np.float64)
    n_rows, n_columns = exact.shape
    if n_columns <= min(n_rows, DENSE_SIDE):
        _, basis = np.linalg.eigh((exact.T @ exact).toarray())
        rows = np.asarray(exact @ basis[:, ::-1][:, :n_factors])
    elif n_rows <= DENSE_SIDE:
        values, basis = np.linalg.eigh((exact @ exact.T).toarray())
        rows = (basis * np.sqrt(np.maximum(values, 0.0)))[:, ::-1][:, :n_factors]
    else:
        kept = min(n_factors, DENSE_SIDE)
        from scipy.sparse.linalg import svds  # not at the start of a server

        _, _, basis = svds(exact, k=kept, v0=rng.standard_normal(min(exact.shape)))
        rows = np.asarray(exact @ basis[::-1].T)
    whole = np.sqrt(np.asarray(exact.multiply(exact).sum(axis=1)).reshape(-1))
    return _unit_rows(rows, whole)


def _choose(dataset: Dataset, min_listeners: int) -> Source:
    likes = dataset.interactions.positive()
    if int(np.sum(np.diff(likes.indptr) >= 2)) >= min_listeners:
        return "listening"
    if any(np.isfinite(matrix).any() for matrix in dataset.tracks.vectors.values()):
        return "vectors"
    return "terms" if dataset.tracks.terms.nnz else "listening"


def _named_vectors(dataset: Dataset) -> FloatMatrix:
    """All named vectors side by side, each scaled to length 1 first; by name, so always alike."""
    parts = [np.zeros((dataset.n_tracks, 0), np.float32)]
    for _, matrix in sorted(dataset.tracks.vectors.items()):
        known = np.where(np.isfinite(matrix).all(axis=1, keepdims=True), matrix, 0.0)
        parts.append(_unit_rows(known, np.linalg.norm(known, axis=1)))
    joined = np.hstack(parts)
    return _unit_rows(joined, np.linalg.norm(joined, axis=1))


def _unit_rows(rows: FloatMatrix, whole: FloatVector) -> FloatMatrix:
    """Rows scaled to length 1, float32; zero where next to nothing is left of the ``whole``."""
    length = np.linalg.norm(rows, axis=1)
    kept = length > 1e-6 * whole  # what is less is rounding
    kept &= whole > 0
    scale = np.divide(1.0, length, out=np.zeros(len(rows)), where=kept)
    return (rows * scale[:, np.newaxis]).astype(np.float32)


def _inverse_root(sums: FloatVector) -> Any:
    return np.divide(1.0, np.sqrt(sums), out=np.zeros(len(sums)), where=sums > 0)
