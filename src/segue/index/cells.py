"""The cells of an inverted-list index: centroids, their rows, how many to look into; on disk."""

import json
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from segue.data.mapped import mapped
from segue.errors import ArtifactError
from segue.index.files import META_FILE
from segue.rng import derived_rng
from segue.types import BoolVector, FloatMatrix, IntVector

DEPTHS: tuple[int, ...] = (10, 20, 50, 100, 200, 500, 1_000, 2_000)
N_CALIBRATION = 128  # vectors asked about when the table is measured
TRAIN_PER_CELL = 50  # as FAISS advises: 39 at least
N_ITERATIONS = 10
SPARSE_HERE = 0.8  # of the allowed share that a neighborhood must have for IVF to be trusted
CELLS_FILE = "cells.npz"
ROWS_FILE = "cell_rows.npy"
USUAL_DEPTH = 50
WORN = 2.0  # times the cells of the day when they were learned: then they are learned anew
_UNREADABLE = (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile)


class Cells:
    """The cells of an IVF index: centroids, the rows in each, and how many to look into."""

    def __init__(self, quantizer: Any, centroids: FloatMatrix, n_trained: int) -> None:
        self.quantizer = quantizer
        self.centroids = centroids
        self.n_trained = n_trained
        self.n_probes: dict[int, int] = {}
        self.n_probes_fresh = 0  # for the usual depth, when the cells were learned
        self.rows: IntVector = np.empty(0, np.int32)  # all rows, cell after cell
        self.starts: IntVector = np.zeros(len(centroids) + 1, np.int64)  # of each cell in them

    def place(self, cell_of: IntVector) -> None:
        """Take in which cell each row is in."""
        self.rows = np.argsort(cell_of.astype(np.int32), kind="stable").astype(np.int32)
        sizes = np.bincount(cell_of, minlength=len(self.centroids))
        self.starts = np.concatenate([[0], np.cumsum(sizes)])

    def cell_of(self) -> IntVector:
        """In which cell each row is, int64 (n,)."""
        found = np.empty(len(self.rows), np.int64)
        found[self.rows] = np.repeat(np.arange(len(self.centroids)), np.diff(self.starts))
        return found

    def calibrate(self, cell_of: IntVector, vectors: FloatMatrix, recall: float, seed: int) -> None:
        """Measure how many cells each depth needs."""
        n = len(cell_of)
        rng = derived_rng(seed, "index", "calibration")
        asked = rng.choice(n, min(N_CALIBRATION, n), replace=False)
        ranks = np.stack([self._ranks(vectors, cell_of, int(row)) for row in np.sort(asked)])
        found = np.cumsum(ranks.mean(axis=0), axis=1)  # (n_depths, n_cells): share by cells seen
        self.n_probes = {
            depth: int(np.searchsorted(found[at], recall - 1e-9)) + 1
            for at, depth in enumerate(DEPTHS)
        }
        self.n_probes_fresh = self.n_probes_fresh or self.n_probes[USUAL_DEPTH]

    @property
    def is_worn(self) -> bool:
        """Whether the vectors have moved so far that the cells no longer hold what is near."""
        return self.n_probes[USUAL_DEPTH] > WORN * self.n_probes_fresh

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
        before = np.concatenate([[0], np.cumsum(mask[self.rows])])
        return np.diff(before[self.starts])

    def sparse_here(self, cells: IntVector, packed: "PackedMask | None") -> bool:
        """Whether the allowed are much rarer in some cells than among all rows."""
        if packed is None:
            return False
        n_rows = int((self.starts[cells + 1] - self.starts[cells]).sum())
        if packed.allowed_in_cell is not None:
            n_allowed = int(packed.allowed_in_cell[cells].sum())
        else:
            slices = [self.rows[self.starts[c] : self.starts[c + 1]] for c in cells.tolist()]
            n_allowed = int(np.count_nonzero(packed.mask[np.concatenate(slices)]))
        return n_allowed < SPARSE_HERE * packed.n_allowed / len(self.rows) * n_rows


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


def write_cells(folder: Path, cells: Cells) -> None:
    """Write ``cells.npz`` and ``cell_rows.npy``, and into the manifest that they are there."""
    meta = json.loads((folder / META_FILE).read_text("utf-8"))
    (folder / META_FILE).write_text(json.dumps(meta | {"cells": len(cells.centroids)}), "utf-8")
    numbers = np.array([cells.n_trained, cells.n_probes_fresh], np.int64)
    np.save(folder / ROWS_FILE, cells.rows, allow_pickle=False)
    np.savez(
        folder / CELLS_FILE, centroids=cells.centroids, starts=cells.starts.astype(np.int64),
        numbers=numbers, n_probes=np.array([cells.n_probes[depth] for depth in DEPTHS], np.int64),
    )  # fmt: skip


def read_cells(faiss: Any, folder: Path, n: int, dim: int) -> Cells | None:
    """What :func:`write_cells` wrote for ``n`` rows; None where the index had no cells.

    Raises:
        ArtifactError: A file is damaged, or of other vectors.
    """
    if "cells" not in json.loads((folder / META_FILE).read_text("utf-8")):
        return None
    try:
        with (folder / CELLS_FILE).open("rb") as file, np.load(file, allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
        return _cells_of(faiss, folder, arrays, n, dim)
    except _UNREADABLE as error:
        raise ArtifactError(f"the cells in {folder} cannot be read: {error}") from error


def _cells_of(faiss: Any, folder: Path, arrays: dict[str, NDArray[Any]], n: int, dim: int) -> Cells:
    centroids, probes = arrays["centroids"], arrays["n_probes"].tolist()
    n_trained, fresh = arrays["numbers"].tolist()
    if centroids.ndim != 2 or centroids.shape[1] != dim or len(probes) != len(DEPTHS):
        raise ArtifactError(f"the cells in {folder} are not of vectors of {dim}")
    quantizer = faiss.IndexFlatIP(dim)
    quantizer.add(np.ascontiguousarray(centroids, np.float32))
    cells = Cells(quantizer, centroids, n_trained)
    cells.n_probes = {d: int(p) for d, p in zip(DEPTHS, probes, strict=True)}
    cells.n_probes_fresh = fresh
    if "cell_of" in arrays:  # an earlier release wrote it so
        cells.place(arrays["cell_of"].astype(np.int64))
    else:
        cells.starts = arrays["starts"]
        cells.rows = mapped(folder / ROWS_FILE)
    sizes = np.diff(cells.starts)
    if len(cells.rows) != n or cells.starts[-1] != n or len(sizes) != len(centroids):
        raise ArtifactError(f"the cells in {folder} are not of these {n} vectors of {dim}")
    if sizes.min() < 0 or cells.rows.dtype != np.int32:
        raise ArtifactError(f"the cells in {folder} are damaged")
    return cells
