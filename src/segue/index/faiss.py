"""Nearest vectors with FAISS: exact up to 200,000, inverted lists of whole vectors beyond.

IVF-Flat (Jegou, Douze & Schmid 2011, doi:10.1109/TPAMI.2010.57; Douze et al. 2024,
arXiv:2401.08281) cuts the space into ``4 sqrt(n)`` cells and looks into the nearest few. How many
is measured, not guessed: for a sample of the vectors the exact neighbors are found, and the table
``n_probes`` says how many cells hold the wanted share of the nearest 10, 20, 50 .. 2,000.

A filter that lets a share s pass makes the n-th allowed vector about the (n / s)-th of all, so it
is looked up at that depth. Deeper than the table, which is s below 2.5 % for lists of 50, the
allowed vectors are compared one by one: measured at 1M x 64, IVF with 8 cells finds 97 % at s =
10 % and 24 % at s = 1 %. The same is done when the cells looked at hold far fewer allowed vectors
than s promises, because then the filter is about the query's neighborhood itself.
"""

import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segue.errors import InvalidInputError
from segue.index.base import ExactIndex, Metric, Neighbors, Payload
from segue.rng import derived_rng
from segue.types import BoolVector, FloatMatrix, IntVector

EXACT_UP_TO = 200_000
DEPTHS = (10, 20, 50, 100, 200, 500, 1_000, 2_000)
N_CALIBRATION = 128  # vectors asked about when the table is measured
TRAIN_PER_CELL = 50  # as FAISS advises: 39 at least
N_ITERATIONS = 10
SPARSE_HERE = 0.8  # of the allowed share that a neighborhood must have for IVF to be trusted


def import_faiss() -> Any:
    """The module; a third of a second, so it is imported where it is needed.

    SWIG's wrapper types lack ``__module__``, which Python reports as a DeprecationWarning at
    import; only that message is silenced, and only here.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message=r"builtin type \w+ has no __module__", category=DeprecationWarning
        )
        import faiss

        return faiss


class FaissIndex(ExactIndex):
    """Exact search with FAISS kernels for small sets, calibrated IVF-Flat for large ones.

    A mask that is read-only (``mask.flags.writeable = False``) is counted and packed once and not
    at every search: give filters that come back like that, and never write to them again.

    Memory is twice the vectors once there are cells (row order for exact answers, cell order for
    the lists): 512 MB for 1M x 64. Every ``add`` or ``remove`` then lays the lists anew, so change
    many at a time; cells are learned anew when the set has doubled.

    Args:
        dim: Length of every vector.
        metric: "cosine" or "inner_product".
        recall: Share of the nearest that has to be found, 0..1; the table aims half the rest
            above it.
        exact_up_to: Number of vectors up to which every one is compared.
        seed: For the sample, the cells and the calibration.
    """

    def __init__(
        self,
        dim: int,
        metric: Metric = "cosine",
        *,
        recall: float = 0.98,
        exact_up_to: int = EXACT_UP_TO,
        seed: int = 0,
    ) -> None:
        super().__init__(dim, metric)
        if not 0 < recall <= 1:
            raise InvalidInputError(f"recall must lie in 0..1 and not be 0, got {recall}")
        self._faiss = import_faiss()
        self._recall = recall
        self._exact_up_to = exact_up_to
        self._seed = seed
        self._flat: Any = None
        self._ivf: Any = None
        self._cells: Cells | None = None
        self._kept: PackedMask | None = None

    @property
    def n_probes(self) -> dict[int, int]:
        """Cells looked at by depth; empty when the search is exact."""
        return {} if self._cells is None else dict(self._cells.n_probes)

    def add(
        self, ids: Sequence[str], vectors: FloatMatrix, payload: Sequence[Payload] | None = None
    ) -> None:
        """See :meth:`VectorIndex.add <segue.index.base.VectorIndex.add>`."""
        super().add(ids, vectors, payload)
        self._lay()

    def remove(self, ids: Collection[str]) -> int:
        """See :meth:`VectorIndex.remove <segue.index.base.VectorIndex.remove>`."""
        n_gone = super().remove(ids)
        if n_gone:
            self._lay()
        return n_gone

    def _lay(self) -> None:
        """Give FAISS what changed."""
        faiss, n = self._faiss, len(self)
        self._flat = self._ivf = self._kept = None
        if n <= self._exact_up_to or n < 2:
            self._cells = None
            self._flat = faiss.IndexFlatIP(self.dim)
            self._flat.add(self._vectors)
            return
        if self._cells is None or not self._cells.n_trained // 2 <= n <= 2 * self._cells.n_trained:
            self._cells = learned_cells(
                faiss, self._vectors, self._seed, spherical=self.metric == "cosine"
            )
        cells = self._cells
        self._ivf = faiss.IndexIVFFlat(
            cells.quantizer, self.dim, len(cells.centroids), faiss.METRIC_INNER_PRODUCT
        )
        _, cell_of = cells.quantizer.search(self._vectors, 1)
        cell_of = np.ascontiguousarray(cell_of.ravel())
        pointer = faiss.swig_ptr
        rows = np.arange(n)
        self._ivf.add_core(n, pointer(self._vectors), pointer(rows), pointer(cell_of))
        cells.settle(cell_of, self._vectors, (1 + self._recall) / 2, self._seed)

    def _nearest(self, queries: FloatMatrix, n: int, mask: BoolVector | None) -> list[Neighbors]:
        if self._cells is None:
            return self._flat_nearest(queries, n, mask)
        packed = None if mask is None else self._pack(mask, self._cells)
        n_allowed = len(self) if packed is None else packed.n_allowed
        n_probe = self._cells.probes(n * len(self) / max(n_allowed, 1))
        if n_probe is None:
            return super()._nearest(queries, n, mask)
        return self._ivf_nearest(queries, n, packed, n_probe)

    def _pack(self, mask: BoolVector, cells: "Cells") -> "PackedMask":
        """For FAISS; kept for the last mask that cannot be written to."""
        if self._kept is not None and self._kept.mask is mask:
            return self._kept
        stays = not mask.flags.writeable and mask.base is None
        packed = PackedMask(
            mask=mask,
            n_allowed=int(np.count_nonzero(mask)),
            bits=np.packbits(mask, bitorder="little"),
            allowed_in_cell=cells.allowed_in_each(mask) if stays else None,
        )
        if stays:
            self._kept = packed
        return packed

    def _flat_nearest(
        self, queries: FloatMatrix, n: int, mask: BoolVector | None
    ) -> list[Neighbors]:
        if mask is not None:
            return super()._nearest(queries, n, mask)  # gathers; FAISS would test every bit
        depth = min(n + 1, len(self))
        scores, rows = self._flat.search(queries, depth)
        return [
            # FAISS breaks a tie at the end as it likes: then the reference answers
            super(FaissIndex, self)._nearest(queries[at : at + 1], n, mask)[0]
            if depth > n and scores[at, n] == scores[at, n - 1]
            else self._named(rows[at], scores[at], n)
            for at in range(len(queries))
        ]

    def _ivf_nearest(
        self, queries: FloatMatrix, n: int, packed: "PackedMask | None", n_probe: int
    ) -> list[Neighbors]:
        assert self._cells is not None
        faiss = self._faiss
        options: dict[str, Any] = {"nprobe": n_probe}
        if packed is not None:
            options["sel"] = faiss.IDSelectorBitmap(len(packed.bits), faiss.swig_ptr(packed.bits))
        near, cells = self._cells.quantizer.search(queries, n_probe)
        scores = np.empty((len(queries), n), np.float32)
        rows = np.empty((len(queries), n), np.int64)
        pointer, pairs = faiss.swig_ptr, False  # ids are wanted, not pairs of cell and place
        # the Python wrapper of this call takes no filter
        self._ivf.search_preassigned_c(
            len(queries), pointer(queries), n, pointer(cells), pointer(near), pointer(scores),
            pointer(rows), pairs, faiss.SearchParametersIVF(**options),
        )  # fmt: skip
        found: list[Neighbors] = []
        for at in range(len(queries)):
            if rows[at, -1] < 0 or self._cells.sparse_here(cells[at], packed):
                mask = None if packed is None else packed.mask
                found += super()._nearest(queries[at : at + 1], n, mask)
            else:
                found.append(self._named(rows[at], scores[at], n))
        return found


class Cells:
    """The cells of an IVF index: centroids, the rows in each, and how many to look into."""

    def __init__(self, quantizer: Any, centroids: FloatMatrix, n_trained: int) -> None:
        self.quantizer = quantizer
        self.centroids = centroids
        self.n_trained = n_trained
        self.n_probes: dict[int, int] = {}
        self._rows: IntVector = np.empty(0, np.int64)
        self._starts: IntVector = np.zeros(len(centroids) + 1, np.int64)

    def settle(self, cell_of: IntVector, vectors: FloatMatrix, recall: float, seed: int) -> None:
        """Take in which cell each row is in, and measure how many cells each depth needs."""
        n = len(cell_of)
        self._rows = np.argsort(cell_of.astype(np.int32), kind="stable")
        sizes = np.bincount(cell_of, minlength=len(self.centroids))
        self._starts = np.concatenate([[0], np.cumsum(sizes)])
        rng = derived_rng(seed, "index", "calibration")
        asked = rng.choice(n, min(N_CALIBRATION, n), replace=False)
        ranks = np.stack([self._ranks(vectors, cell_of, int(row)) for row in np.sort(asked)])
        found = np.cumsum(ranks.mean(axis=0), axis=1)  # (n_depths, n_cells): share by cells seen
        self.n_probes = {
            depth: int(np.searchsorted(found[at], recall - 1e-9)) + 1
            for at, depth in enumerate(DEPTHS)
        }

    def _ranks(self, vectors: FloatMatrix, cell_of: IntVector, row: int) -> FloatMatrix:
        """Share of a row's nearest of each depth in its 1st, 2nd, .. nearest cell."""
        scores = vectors @ vectors[row]
        scores[row] = -np.inf  # a query is not itself in the index
        depth = min(DEPTHS[-1], len(scores) - 1)
        best = np.argpartition(-scores, depth - 1)[:depth]
        best = best[np.argsort(-scores[best])]
        order = np.argsort(-(self.centroids @ vectors[row]), kind="stable")
        rank_of_cell = np.empty(len(order), np.int64)
        rank_of_cell[order] = np.arange(len(order))
        ranks = rank_of_cell[cell_of[best]]
        return np.stack([
            np.bincount(ranks[:d], minlength=len(order)) / min(d, depth) for d in DEPTHS
        ])  # fmt: skip

    def probes(self, depth: float) -> int | None:
        """Cells to look into for that many nearest; None when comparing all is the better way."""
        for known, n_probe in self.n_probes.items():
            if depth <= known:
                return n_probe
        return None

    def allowed_in_each(self, mask: BoolVector) -> IntVector:
        """How many rows of each cell the mask allows, shape (n_cells,)."""
        before = np.concatenate([[0], np.cumsum(mask[self._rows])])
        return np.diff(before[self._starts])

    def sparse_here(self, cells: IntVector, packed: "PackedMask | None") -> bool:
        """Whether the allowed are much rarer in some cells than among all rows."""
        if packed is None:
            return False
        n_rows = int((self._starts[cells + 1] - self._starts[cells]).sum())
        if packed.allowed_in_cell is not None:
            n_allowed = int(packed.allowed_in_cell[cells].sum())
        else:
            slices = [self._rows[self._starts[c] : self._starts[c + 1]] for c in cells.tolist()]
            n_allowed = int(np.count_nonzero(packed.mask[np.concatenate(slices)]))
        return n_allowed < SPARSE_HERE * packed.n_allowed / len(self._rows) * n_rows


@dataclass(frozen=True, slots=True)
class PackedMask:
    """A mask as FAISS reads it: ``bits`` uint8, lowest first, and how many it allows where."""

    mask: BoolVector
    n_allowed: int
    bits: NDArray[np.uint8]
    allowed_in_cell: IntVector | None


def learned_cells(faiss: Any, vectors: FloatMatrix, seed: int, *, spherical: bool) -> Cells:
    """K-means on a sample: ``4 sqrt(n)`` cells, of length 1 when ``spherical``."""
    n = len(vectors)
    n_cells = min(max(round(4 * sqrt(n)), 1), n)
    n_sample = min(n, TRAIN_PER_CELL * n_cells)
    sample = np.sort(derived_rng(seed, "index", "cells").choice(n, n_sample, replace=False))
    means = faiss.Kmeans(
        vectors.shape[1], n_cells, niter=N_ITERATIONS, seed=seed + 1, spherical=spherical,
        min_points_per_centroid=1, max_points_per_centroid=TRAIN_PER_CELL,
    )  # fmt: skip
    means.train(np.ascontiguousarray(vectors[sample]))
    quantizer = faiss.IndexFlatIP(vectors.shape[1])
    quantizer.add(means.centroids)
    return Cells(quantizer, means.centroids, n)
