"""The nearest rows of every row of a matrix: the graph under a map of the library."""

from typing import Any

import numpy as np

from segue.index.cells import learned_cells
from segue.index.faiss import import_faiss
from segue.types import FloatMatrix, IntVector

EXACT_UP_TO = 20_000  # rows up to which every pair is compared
N_PROBES = 24  # of 4 sqrt(n) cells: over 98 % of the nearest 60 on sound-like vectors


def nearest_rows(
    vectors: FloatMatrix, k: int, *, exact_up_to: int = EXACT_UP_TO, seed: int = 0
) -> tuple[IntVector, FloatMatrix]:
    """The ``k`` nearest other rows of each row by inner product, and the products.

    Args:
        vectors: Float32 rows of length 1, shape (n, d), n >= 2.
        k: >= 1; fewer columns come back where there are fewer other rows.
        exact_up_to: Rows beyond which FAISS looks only into the nearest cells (IVF-Flat).
        seed: Of the cells.

    Returns:
        Rows int32 (n, k), nearest first, never the row itself, and products float32 (n, k).
    """
    n = len(vectors)
    matrix = np.ascontiguousarray(vectors, np.float32)
    k = min(k, n - 1)
    products, rows = _index_of(matrix, exact_up_to, seed).search(matrix, k + 1)
    return _without_itself(rows, products)


def nearest_among(
    vectors: FloatMatrix,
    asked: FloatMatrix,
    k: int,
    *,
    exact_up_to: int = EXACT_UP_TO,
    seed: int = 0,
) -> tuple[IntVector, FloatMatrix]:
    """The ``k`` nearest of ``vectors`` (n, d) for each row of ``asked`` (m, d), and the products.

    Arguments and results otherwise as for :func:`nearest_rows`, shape (m, k).
    """
    index = _index_of(np.ascontiguousarray(vectors, np.float32), exact_up_to, seed)
    products, rows = index.search(np.ascontiguousarray(asked, np.float32), min(k, len(vectors)))
    _fill_empty(rows, products)
    return rows.astype(np.int32), products


def _index_of(matrix: FloatMatrix, exact_up_to: int, seed: int) -> Any:
    faiss = import_faiss()
    if len(matrix) <= exact_up_to:
        index = faiss.IndexFlatIP(matrix.shape[1])
    else:
        cells = learned_cells(faiss, matrix, seed, spherical=True)
        index = faiss.IndexIVFFlat(
            cells.quantizer, matrix.shape[1], len(cells.centroids), faiss.METRIC_INNER_PRODUCT
        )
        index.nprobe = min(N_PROBES, len(cells.centroids))
    index.add(matrix)
    return index


def _without_itself(rows: IntVector, products: FloatMatrix) -> tuple[IntVector, FloatMatrix]:
    """Drops each row's own number, or the last where equal rows crowded it out."""
    n, width = rows.shape
    own = rows == np.arange(n)[:, np.newaxis]
    own[~own.any(axis=1), -1] = True
    kept = rows[~own].reshape(n, width - 1)
    values = products[~own].reshape(n, width - 1)
    _fill_empty(kept, values)
    return kept.astype(np.int32), values


def _fill_empty(rows: IntVector, products: FloatMatrix) -> None:
    """Has a place that the cells left empty (-1) take what stands before it."""
    for column in range(1, rows.shape[1]):
        empty = rows[:, column] < 0
        rows[empty, column] = rows[empty, column - 1]
        products[empty, column] = products[empty, column - 1]
