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
from pathlib import Path
from typing import Any, Self

import numpy as np

from segue.errors import InvalidInputError
from segue.index.base import ExactIndex, FoundRows, Metric, Payload, best_rows
from segue.index.cells import Cells, PackedMask, learned_cells, read_cells, write_cells
from segue.index.files import read_rows
from segue.index.mapped_lists import has_lists, mapped_lists, write_lists
from segue.types import BoolVector, FloatMatrix, IntVector

EXACT_UP_TO = 200_000


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
    many at a time. Only what changed looks for its cell; cells are learned anew when the set has
    doubled, or when the vectors have moved so far that twice as many must be looked into. ``save``
    keeps cells and lists, so that ``load`` learns and measures nothing, and maps both: of an index
    that was loaded, only what is asked for is in memory.

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
        self._lists: Any = None  # mapped; FAISS holds no reference of its own
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
        cell_of = np.full(len(self), -1, np.int64)
        before = self._cell_of
        cell_of[: len(before)] = before
        cell_of[[self._row_of[id_] for id_ in ids]] = -1
        self._lay(cell_of)

    def remove(self, ids: Collection[str]) -> int:
        """See :meth:`VectorIndex.remove <segue.index.base.VectorIndex.remove>`."""
        gone = [row for id_ in set(ids) if (row := self._row_of.get(id_)) is not None]
        n_gone = super().remove(ids)
        if n_gone:
            before = self._cell_of
            self._lay(np.delete(before, gone) if len(before) else before)
        return n_gone

    def save(self, folder: Path) -> None:
        """See :meth:`VectorIndex.save <segue.index.base.VectorIndex.save>`; the cells as well."""
        super().save(folder)
        if self._cells is not None:
            write_cells(folder, self._cells)
            write_lists(folder, self._vectors, self._cells.rows, self._cells.starts)

    @classmethod
    def load(cls, folder: Path, **options: Any) -> Self:
        """See :meth:`VectorIndex.load <segue.index.base.VectorIndex.load>`."""
        rows, dim, metric = read_rows(folder)
        index = cls(dim, metric, **options)
        index.take(rows)
        n = len(index)
        kept = read_cells(index._faiss, folder, n, dim)
        lists = None
        if kept is not None and has_lists(folder):
            lists = mapped_lists(index._faiss, folder, kept.starts, dim)
        if kept is None or n <= index._exact_up_to:
            index._lay(np.full(n, -1, np.int64))
            return index
        index._cells = kept
        if lists is None:  # an earlier release kept none
            index._fill(kept)
        else:
            index._take_lists(kept, lists)
        return index

    @property
    def _cell_of(self) -> IntVector:
        """In which cell each row is; empty where there are none."""
        return np.empty(0, np.int64) if self._cells is None else self._cells.cell_of()

    def _lay(self, cell_of: IntVector) -> None:
        """Give FAISS what changed: rows whose cell is -1, or all where cells are learned anew."""
        n = len(self)
        self._flat = self._ivf = self._lists = self._kept = None
        if n <= self._exact_up_to or n < 2:
            self._cells = None
            self._flat = self._faiss.IndexFlatIP(self.dim)
            self._flat.add(self._vectors)
            return
        cells = self._cells
        if cells is not None and cells.n_trained // 2 <= n <= 2 * cells.n_trained:
            self._settle(cells, cell_of)
        if self._cells is None or cells is None or self._cells_do_not_fit(cells, n):
            self._cells = learned_cells(
                self._faiss, self._vectors, self._seed, spherical=self.metric == "cosine"
            )
            self._settle(self._cells, np.full(n, -1, np.int64))
        self._fill(self._cells)

    def _cells_do_not_fit(self, cells: Cells, n: int) -> bool:
        return not cells.n_trained // 2 <= n <= 2 * cells.n_trained or cells.is_worn

    def _settle(self, cells: Cells, cell_of: IntVector) -> None:
        """Find the cells of rows that have none, and measure."""
        homeless = np.flatnonzero(cell_of < 0)
        if len(homeless):
            _, found = cells.quantizer.search(self._vectors[homeless], 1)
            cell_of = cell_of.copy()
            cell_of[homeless] = found.ravel()
        cells.place(cell_of)
        cells.calibrate(cell_of, self._vectors, (1 + self._recall) / 2, self._seed)

    def _fill(self, cells: Cells) -> None:
        faiss, n = self._faiss, len(self)
        self._ivf = self._empty_ivf(cells)
        pointer = faiss.swig_ptr
        vectors = np.ascontiguousarray(self._vectors)
        rows, cell_of = np.arange(n), cells.cell_of()
        self._ivf.add_core(n, pointer(vectors), pointer(rows), pointer(cell_of))

    def _take_lists(self, cells: Cells, lists: Any) -> None:
        self._lists = lists
        self._ivf = self._empty_ivf(cells)
        self._ivf.replace_invlists(lists, False)  # noqa: FBT003 (not its own to delete)
        self._ivf.ntotal = len(self)

    def _empty_ivf(self, cells: Cells) -> Any:
        faiss = self._faiss
        return faiss.IndexIVFFlat(
            cells.quantizer, self.dim, len(cells.centroids), faiss.METRIC_INNER_PRODUCT
        )

    def _nearest(self, queries: FloatMatrix, n: int, mask: BoolVector | None) -> list[FoundRows]:
        if self._cells is None:
            return self._flat_nearest(queries, n, mask)
        packed = None if mask is None else self._pack(mask, self._cells)
        n_allowed = len(self) if packed is None else packed.n_allowed
        n_probe = self._cells.probes(n * len(self) / max(n_allowed, 1))
        if n_probe is None:
            return super()._nearest(queries, n, mask)
        return self._ivf_nearest(queries, n, packed, n_probe)

    def _pack(self, mask: BoolVector, cells: Cells) -> PackedMask:
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
    ) -> list[FoundRows]:
        if mask is not None:
            return super()._nearest(queries, n, mask)  # gathers; FAISS would test every bit
        depth = min(n + 1, len(self))
        scores, rows = self._flat.search(queries, depth)
        return [
            # FAISS breaks a tie at the end as it likes: then the reference answers
            super(FaissIndex, self)._nearest(queries[at : at + 1], n, mask)[0]
            if depth > n and scores[at, n] == scores[at, n - 1]
            else best_rows(rows[at], scores[at], n)
            for at in range(len(queries))
        ]

    def _ivf_nearest(
        self, queries: FloatMatrix, n: int, packed: PackedMask | None, n_probe: int
    ) -> list[FoundRows]:
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
        found: list[FoundRows] = []
        for at in range(len(queries)):
            if rows[at, -1] < 0 or self._cells.sparse_here(cells[at], packed):
                mask = None if packed is None else packed.mask
                found += super()._nearest(queries[at : at + 1], n, mask)
            else:
                found.append(best_rows(rows[at], scores[at], n))
        return found
