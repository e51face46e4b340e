"""Indexes over the tracks of the models in service: which engine, kept where, and what if it fails.

A model that compares a listener with every track is exact and, up to a size, quick enough: then it
needs no index. Beyond that FAISS looks into the nearest cells; its index lies on disk, so that a
start learns nothing, and a new model set changes only what differs. A Qdrant server serves where
one is set. Whatever fails is said once and answered exactly: a list is never empty for it.
"""

import hashlib
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from segue.data.dataset import TrackTable
from segue.data.items import top_n
from segue.data.vocabulary import Vocabulary
from segue.errors import ArtifactError, SegueError
from segue.index.base import Neighbors, VectorIndex
from segue.index.faiss import EXACT_UP_TO, FaissIndex
from segue.log import get_logger
from segue.models.base import Recommender
from segue.pipeline.candidates import Source
from segue.pipeline.nearest import Indexable
from segue.types import BoolVector, FloatMatrix, FloatVector, IntVector

Engine = Literal["auto", "exact", "faiss", "qdrant"]
Chosen = Literal["exact", "faiss", "qdrant"]
ASK_AGAIN_S = 60.0  # after a failure: a server that is down is not waited for at every list
MORE, FEW = 4, 50  # of those wanted, asked for where masks are dear
DIGEST_FILE = "digest.txt"

_log = get_logger("nearness")


@dataclass(frozen=True, slots=True)
class Shelf:
    """What one index is about: a model's tracks and vectors, as of one model set.

    ``rows`` (n,) ascending are tracks of the set, ``vectors`` float32 (n, d) theirs; ``digest``
    names their content.
    """

    name: str
    ids: Sequence[str]
    rows: IntVector
    vectors: FloatMatrix
    digest: str

    @classmethod
    def of(cls, name: str, model: Indexable, tracks: TrackTable) -> "Shelf":
        """Of a model and the catalogue that it was trained on."""
        rows, vectors = model.index_rows()
        ids = [tracks.ids[row] for row in rows.tolist()]
        digest = hashlib.sha256("\n".join(ids).encode())
        digest.update(np.ascontiguousarray(vectors).tobytes())
        return cls(name, ids, rows, vectors, digest.hexdigest()[:16])


Remote = Callable[[Shelf], VectorIndex]  # an index in a server that holds exactly this


class Nearness:
    """Gives the sources of a model set their indexes.

    Args:
        folder: Where indexes are kept that are slow to make.
        engine: See the setting ``neighbor_index``.
        remote: Makes or finds the index in a server; None where no server is set.
        exact_up_to: Tracks up to which "auto" compares with every one.
        timer: Seconds that only grow.
    """

    def __init__(
        self,
        folder: Path,
        engine: Engine = "auto",
        remote: Remote | None = None,
        exact_up_to: int = EXACT_UP_TO,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._engine: Engine = engine
        self._remote = remote
        self._exact_up_to = exact_up_to
        self._timer = timer

    def engine_for(self, n: int) -> Chosen:
        """Which engine answers about ``n`` tracks, while nothing fails."""
        if self._engine != "auto":
            return self._engine
        if self._remote is not None:
            return "qdrant"
        return "exact" if n <= self._exact_up_to else "faiss"

    def given(self, sources: Sequence[Source], tracks: TrackTable) -> list[Source]:
        """The sources, those of models that can be indexed with their index where they need one."""
        return [self._given(source, tracks) for source in sources]

    def _given(self, source: Source, tracks: TrackTable) -> Source:
        model = source.model
        if not isinstance(model, Recommender) or not isinstance(model, Indexable):
            return source
        if not len(tracks) or self.engine_for(len(tracks)) == "exact":
            return source
        shelf = Shelf.of(source.name, model, tracks)
        index = self._index(shelf)
        if index is None:
            return source
        track_of = tracks.ids.rows(list(index.ids))
        return replace(source, nearest=Guarded(index, track_of, tracks.ids, shelf, self._timer))

    def _index(self, shelf: Shelf) -> VectorIndex | None:
        """None: the model compares with every track by itself."""
        n, engine = len(shelf.ids), self.engine_for(len(shelf.ids))
        if engine == "qdrant":
            try:
                if self._remote is None:
                    raise ArtifactError("no server is set; set qdrant_url")
                return self._remote(shelf)
            except SegueError as error:
                engine = "exact" if n <= self._exact_up_to else "faiss"
                _log.error("nearest tracks are looked for here", engine=engine, reason=str(error))
        return None if engine == "exact" or n < 1 else self._local(shelf)

    def _local(self, shelf: Shelf) -> VectorIndex:
        """The kept index where it is of these vectors; else brought up to date and kept."""
        folder = self._folder / shelf.name
        index = self._kept(folder, shelf)
        if index is not None and _digest_in(folder) == shelf.digest:
            return index
        if index is None:
            index = FaissIndex(shelf.vectors.shape[1], "inner_product",
                               exact_up_to=self._exact_up_to)  # fmt: skip
        n_changed = _bring_up_to_date(index, shelf)
        _keep(index, folder, shelf.digest)
        _log.info("index of nearest tracks made", of=shelf.name, tracks=len(index),
                  changed=n_changed)  # fmt: skip
        return index

    def _kept(self, folder: Path, shelf: Shelf) -> FaissIndex | None:
        if not folder.is_dir():
            return None
        try:
            index = FaissIndex.load(folder, exact_up_to=self._exact_up_to)
        except SegueError as error:
            _log.warning("a kept index is made anew", of=shelf.name, reason=str(error))
            return None
        return index if index.dim == shelf.vectors.shape[1] else None


class Guarded:
    """An index that answers exactly by itself while its engine fails.

    Args:
        index: What is asked.
        track_of: The track of each row of the index, -1 where the set has none.
        ids: Of all tracks of the set.
        shelf: What is compared when the index fails.
        timer: Seconds that only grow.
    """

    def __init__(
        self,
        index: VectorIndex,
        track_of: IntVector,
        ids: Vocabulary,
        shelf: Shelf,
        timer: Callable[[], float],
    ) -> None:
        self.index = index
        self._there = np.flatnonzero(track_of >= 0)
        self._track_of = track_of[self._there]
        n = len(track_of)
        self._n_rows, self._in_order = n, np.array_equal(track_of, np.arange(n))
        self._ids, self._holds = ids, np.zeros(len(ids), bool)
        self._holds[shelf.rows] = True
        self._shelf = shelf
        self._timer = timer
        self._lock = threading.Lock()  # FAISS keeps the last mask, and clients one connection
        self._resting_until = float("-inf")

    def best(self, query: FloatVector, n: int, allowed: BoolVector) -> IntVector:
        """See :class:`segue.pipeline.nearest.Nearest`."""
        if self._timer() >= self._resting_until:
            try:
                with self._lock:
                    return self._asked(query, n, self._mask(allowed), allowed)
            except SegueError as error:
                self._resting_until = self._timer() + ASK_AGAIN_S
                _log.error("an index fails, all tracks are compared", of=self._shelf.name,
                           reason=str(error))  # fmt: skip
        scores = np.full(len(allowed), -np.inf, np.float32)
        scores[self._shelf.rows] = self._shelf.vectors @ query
        known = allowed & np.isfinite(scores)
        return top_n(scores, n, known).track_idx.astype(np.int32)

    def _mask(self, allowed: BoolVector) -> BoolVector:
        """``allowed`` in the order of the index, which is mostly that of the tracks."""
        if self._in_order and len(allowed) == self._n_rows:
            return allowed
        mask = np.zeros(self._n_rows, bool)
        mask[self._there] = allowed[self._track_of]
        return mask

    def _asked(
        self, query: FloatVector, n: int, mask: BoolVector, allowed: BoolVector
    ) -> IntVector:
        """By the index; where a mask would travel, more are asked for and picked from first."""
        if self.index.sends_masks and not mask.all():
            found = self._tracks(self.index.search(query, MORE * n + FEW))
            if len(kept := found[allowed[found]]) >= n:
                return kept[:n]
        return self._tracks(self.index.search(query, n, allowed=mask))

    def _tracks(self, found: Neighbors) -> IntVector:
        rows = self._ids.rows(found.ids)
        rows = rows[rows >= 0]
        return rows[self._holds[rows]]


def _bring_up_to_date(index: VectorIndex, shelf: Shelf) -> int:
    """Remove what is gone, add or replace what differs; how many vectors that were."""
    gone = set(index.ids).difference(shelf.ids)
    n_gone = index.remove(gone)
    stored = index.stored()
    row_of = {id_: row for row, id_ in enumerate(stored.ids)}
    at = np.array([row_of.get(id_, -1) for id_ in shelf.ids], np.int64)
    differs = at < 0
    there = np.flatnonzero(~differs)
    differs[there] = (stored.vectors[at[there]] != shelf.vectors[there]).any(axis=1)
    changed = np.flatnonzero(differs)
    if len(changed):
        index.add([shelf.ids[row] for row in changed.tolist()], shelf.vectors[changed])
    return n_gone + len(changed)


def _keep(index: VectorIndex, folder: Path, digest: str) -> None:
    """Write beside, then rename: who reads meanwhile sees one or the other, or none."""
    working = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.part")
    working.mkdir(parents=True)
    index.save(working)
    (working / DIGEST_FILE).write_text(digest, "utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        working.rename(folder)
    except OSError:  # another process was quicker
        shutil.rmtree(working, ignore_errors=True)


def _digest_in(folder: Path) -> str:
    try:
        return (folder / DIGEST_FILE).read_text("utf-8")
    except OSError:
        return ""
