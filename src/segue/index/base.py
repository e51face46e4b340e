"""The protocol of every vector index, and the exact one in NumPy that all others are held to.

Ids are strings that outlive every retraining. A *row* is the place of an id in the order in which
ids were first added; removing closes the gap. Masks are given in that order (:attr:`ids`).
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple, Self, get_args

import numpy as np

from segue.errors import InvalidDataError, InvalidInputError
from segue.index.files import StoredRows, read_rows, write_rows
from segue.types import BoolVector, FloatMatrix, FloatVector, IntVector

Metric = Literal["cosine", "inner_product"]
Payload = Mapping[str, str | int]  # facts of one vector that a search may ask for
Where = Mapping[str, Collection[str | int]]  # each field must have one of these values
BLOCK_SCORES = 8_000_000  # scores held at once by the exact search: 32 MB


@dataclass(frozen=True, slots=True)
class Neighbors:
    """The nearest vectors of one query, best first; equal scores go to the lower row.

    ``ids`` and ``scores`` (float32: inner product, or cosine), n of each; fewer when the index, or
    what the filters allow, holds fewer.
    """

    ids: tuple[str, ...]
    scores: FloatVector

    def __len__(self) -> int:
        return len(self.ids)


class FoundRows(NamedTuple):
    """``rows`` int64 and ``scores`` float32 of one query, best first."""

    rows: IntVector
    scores: FloatVector


class VectorIndex(ABC):
    """Vectors under ids, searched by inner product or cosine.

    Args:
        dim: Length of every vector, >= 1.
        metric: With "cosine" vectors and queries are scaled to length 1; a vector of zeros has
            cosine 0 with everything.

    Raises:
        InvalidInputError: ``dim`` or ``metric`` is none.
    """

    sends_masks: ClassVar[bool] = False  # a mask goes over the wire as ids: ask for more instead

    def __init__(self, dim: int, metric: Metric = "cosine") -> None:
        if dim < 1:
            raise InvalidInputError(f"dim must be at least 1, got {dim}")
        if metric not in get_args(Metric):
            raise InvalidInputError(f"metric must be one of {get_args(Metric)}, got {metric!r}")
        self.dim = dim
        self.metric: Metric = metric

    @property
    @abstractmethod
    def ids(self) -> Sequence[str]:
        """All ids in row order."""

    @abstractmethod
    def add(
        self, ids: Sequence[str], vectors: FloatMatrix, payload: Sequence[Payload] | None = None
    ) -> None:
        """Add vectors, or replace those whose id is there (vector and payload; the row stays).

        Of an id given twice the last one counts. Adding the same again changes nothing.

        Args:
            ids: n of them, not empty strings.
            vectors: Shape (n, dim), finite; stored as float32.
            payload: Facts of each, for ``where``; None for none.

        Raises:
            InvalidDataError: Shapes do not agree, or a value is not finite.
        """

    @abstractmethod
    def remove(self, ids: Collection[str]) -> int:
        """Forget some ids; how many were there."""

    @abstractmethod
    def search_batch(
        self,
        queries: FloatMatrix,
        n: int,
        *,
        allowed: BoolVector | None = None,
        where: Where | None = None,
    ) -> list[Neighbors]:
        """The ``n`` nearest of each query, shape (n_queries, dim).

        Args:
            queries: Finite.
            n: >= 0.
            allowed: Mask of shape (len(self),) in row order.
            where: Each field must have one of the values; with ``allowed`` both must hold.

        Raises:
            InvalidDataError: Another ``dim``, a value that is not finite, or a mask of another
                length.
        """

    @abstractmethod
    def stored(self) -> StoredRows:
        """Everything in the index, in row order."""

    def __len__(self) -> int:
        return len(self.ids)

    def search(
        self,
        query: FloatVector,
        n: int,
        *,
        allowed: BoolVector | None = None,
        where: Where | None = None,
    ) -> Neighbors:
        """The ``n`` nearest of one query, shape (dim,); see :meth:`search_batch`."""
        return self.search_batch(np.asarray(query)[np.newaxis], n, allowed=allowed, where=where)[0]

    def save(self, folder: Path) -> None:
        """Write everything as arrays into an existing folder; any index reads it."""
        write_rows(folder, self.stored(), self.dim, self.metric)

    @classmethod
    def load(cls, folder: Path, **options: Any) -> Self:
        """An index with what :meth:`save` wrote; ``options`` go to the constructor.

        Raises:
            ArtifactError: A file is missing or damaged, or of another format.
        """
        rows, dim, metric = read_rows(folder)
        index = cls(dim, metric, **options)
        if len(rows.ids):
            index.add(rows.ids, rows.vectors, rows.payload or None)
        return index

    def prepared(self, vectors: FloatMatrix) -> FloatMatrix:
        """Float32, C order, length 1 with "cosine"; refuses what cannot be compared.

        Raises:
            InvalidDataError: Another shape, or a value that is not finite.
        """
        matrix = np.array(vectors, np.float32, order="C")
        if matrix.ndim != 2 or matrix.shape[1] != self.dim:
            raise InvalidDataError(f"vectors must have shape (n, {self.dim}), got {matrix.shape}")
        bad = np.flatnonzero(~np.isfinite(matrix).all(axis=1))
        if len(bad):
            raise InvalidDataError(
                f"vectors must be finite; {len(bad)} rows are not, the first is row {bad[0]}"
            )
        if self.metric == "cosine":
            length = np.linalg.norm(matrix.astype(np.float64), axis=1)
            matrix /= np.where(length > 0, length, 1.0).astype(np.float32)[:, np.newaxis]
        return matrix

    def checked_mask(self, allowed: BoolVector | None) -> BoolVector | None:
        """The mask, if it has one place for each row.

        Raises:
            InvalidDataError: It has not.
        """
        if allowed is not None and (allowed.shape != (len(self),) or allowed.dtype != bool):
            raise InvalidDataError(
                f"allowed must be a mask of shape ({len(self)},), got {allowed.dtype} "
                f"{allowed.shape}"
            )
        return allowed


def last_of_each(
    ids: Sequence[str], vectors: FloatMatrix, payload: Sequence[Payload] | None
) -> tuple[list[str], FloatMatrix, list[dict[str, str | int]]]:
    """The three without repeated ids: the last of each counts, at the place of the first.

    Raises:
        InvalidDataError: Lengths differ, or an id is not a string with something in it.
    """
    facts = [{}] * len(ids) if payload is None else payload
    if not len(ids) == len(vectors) == len(facts):
        raise InvalidDataError(
            f"each id needs one vector and one payload, got {len(ids)} ids, {len(vectors)} vectors"
            f" and {len(facts)} payloads"
        )
    last: dict[str, int] = {}
    for place, id_ in enumerate(ids):
        if not isinstance(id_, str) or not id_:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidDataError(f"ids must be strings that are not empty, got {id_!r}")
        last[id_] = place
    places = list(last.values())
    return list(last), vectors[places], [dict(facts[place]) for place in places]


class ExactIndex(VectorIndex):
    """Compares the query with every vector; the reference of all others, and right up to 200k.

    >>> index = ExactIndex(2)
    >>> index.add(["a", "b"], np.array([[1.0, 0.0], [3.0, 4.0]]))
    >>> found = index.search(np.array([0.0, 2.0]), 2)
    >>> found.ids, found.scores.round(1).tolist()
    (('b', 'a'), [0.800000011920929, 0.0])
    """

    def __init__(self, dim: int, metric: Metric = "cosine") -> None:
        super().__init__(dim, metric)
        self._ids: Sequence[str] = []
        self._rows_by_id: dict[str, int] | None = None  # made when something is added or removed
        self._vectors: FloatMatrix = np.empty((0, dim), np.float32)
        self._facts: dict[str, dict[str, str | int]] = {}  # of the ids that have any

    @property
    def ids(self) -> Sequence[str]:
        """All ids in row order."""
        return self._ids

    def add(
        self, ids: Sequence[str], vectors: FloatMatrix, payload: Sequence[Payload] | None = None
    ) -> None:
        """See :meth:`VectorIndex.add`; copies all vectors once, so add many at a time."""
        names, matrix, facts = last_of_each(ids, self.prepared(vectors), payload)
        row_of, n_before = self._row_of, len(self._ids)
        rows = [row_of.setdefault(id_, len(row_of)) for id_ in names]
        n_new = len(row_of) - n_before
        new = [id_ for id_, row in zip(names, rows, strict=True) if row >= n_before]
        self._ids = [*self._ids, *new]
        self._vectors = np.concatenate([self._vectors, np.empty((n_new, self.dim), np.float32)])
        self._vectors[rows] = matrix
        for id_, fact in zip(names, facts, strict=True):
            self._facts.pop(id_, None)
            if fact:
                self._facts[id_] = fact

    def remove(self, ids: Collection[str]) -> int:
        """See :meth:`VectorIndex.remove`."""
        row_of = self._row_of
        gone = {row_of[id_] for id_ in ids if id_ in row_of}
        if not gone:
            return 0
        kept = [row for row in range(len(self._ids)) if row not in gone]
        self._ids = [self._ids[row] for row in kept]
        self._rows_by_id = None
        self._vectors = self._vectors[kept]
        for id_ in ids:
            self._facts.pop(id_, None)
        return len(gone)

    def take(self, rows: StoredRows) -> None:
        """Hold what another index stored, in its order and without a copy, in place of all else."""
        self._ids, self._vectors, self._rows_by_id = rows.ids, rows.vectors, None
        facts = zip(rows.ids, rows.payload, strict=True) if rows.payload else ()
        self._facts = {id_: dict(fact) for id_, fact in facts if fact}

    @property
    def _row_of(self) -> dict[str, int]:
        if self._rows_by_id is None:
            self._rows_by_id = {id_: row for row, id_ in enumerate(self._ids)}
        return self._rows_by_id

    def search_batch(
        self,
        queries: FloatMatrix,
        n: int,
        *,
        allowed: BoolVector | None = None,
        where: Where | None = None,
    ) -> list[Neighbors]:
        """See :meth:`VectorIndex.search_batch`."""
        matrix, mask = self.prepared(queries), self._mask(allowed, where)
        if n <= 0 or not len(self):
            return [Neighbors((), np.empty(0, np.float32))] * len(matrix)
        return [self._named(found) for found in self._nearest(matrix, n, mask)]

    def nearest_rows(self, query: FloatVector, n: int, allowed: BoolVector) -> IntVector:
        """The rows of what :meth:`search` finds, int64 (n,), for who knows the order of the rows.

        Nothing is looked up by its id, which for some hundred rows takes as long as the search.
        """
        matrix, mask = self.prepared(np.asarray(query)[np.newaxis]), self.checked_mask(allowed)
        if n <= 0 or not len(self):
            return np.empty(0, np.int64)
        return self._nearest(matrix, n, mask)[0].rows

    def stored(self) -> StoredRows:
        """See :meth:`VectorIndex.stored`."""
        facts = [self._facts.get(id_, {}) for id_ in self._ids] if self._facts else []
        return StoredRows(self._ids, self._vectors, facts)

    def _mask(self, allowed: BoolVector | None, where: Where | None) -> BoolVector | None:
        mask = self.checked_mask(allowed)
        if not where:
            return mask
        facts = (self._facts.get(id_, {}) for id_ in self._ids)
        fits = [all(fact.get(field) in values for field, values in where.items()) for fact in facts]
        return np.array(fits, bool) if mask is None else mask & np.array(fits, bool)

    def _named(self, found: FoundRows) -> Neighbors:
        rows: list[int] = found.rows.tolist()
        return Neighbors(tuple(self._ids[row] for row in rows), found.scores)

    def _nearest(self, queries: FloatMatrix, n: int, mask: BoolVector | None) -> list[FoundRows]:
        rows = np.arange(len(self)) if mask is None else np.flatnonzero(mask)
        vectors = self._vectors if mask is None else self._vectors[rows]
        found: list[FoundRows] = []
        step = max(BLOCK_SCORES // max(len(rows), 1), 1)
        for start in range(0, len(queries), step):
            block = queries[start : start + step] @ vectors.T
            found.extend(best_rows(rows, scores, n) for scores in block)
        return found


def best_rows(rows: IntVector, scores: FloatVector, n: int) -> FoundRows:
    """The ``n`` best of some rows, ties to the lower row."""
    if 0 < n < len(rows):
        bound = np.partition(scores, len(scores) - n)[len(scores) - n]
        keep = scores >= bound
        rows, scores = rows[keep], scores[keep]
    best = np.lexsort((rows, -scores))[:n]
    return FoundRows(rows[best], scores[best])
