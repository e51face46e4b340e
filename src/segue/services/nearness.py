"""Indexes over the tracks of the models in service: which engine, kept where, and what if it fails.

A model that compares a listener with every track is exact and, up to a size, quick enough: then it
needs no index. Beyond that FAISS looks into the nearest cells; its index lies on disk and is
mapped, so that a start learns nothing and reads little, and a new model set changes only what
differs. A Qdrant server serves where one is set. Whatever fails is said once and answered exactly:
a list is never empty for it.
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

import msgspec
import numpy as np

from segue.data.dataset import TrackTable
from segue.data.items import top_n
from segue.data.mapped import mapped
from segue.data.vocabulary import Vocabulary
from segue.errors import ArtifactError, SegueError
from segue.index.base import ExactIndex, Neighbors, VectorIndex
from segue.index.faiss import EXACT_UP_TO, FaissIndex
from segue.log import get_logger
from segue.models.base import Recommender
from segue.pipeline.candidates import Source
from segue.pipeline.nearest import Indexable
from segue.training.file_checks import FileEntry, check_files, entries_of, remember
from segue.types import BoolVector, FloatMatrix, FloatVector, IntVector

Engine = Literal["auto", "exact", "faiss", "qdrant"]
Chosen = Literal["exact", "faiss", "qdrant"]
ASK_AGAIN_S = 60.0  # after a failure: a server that is down is not waited for at every list
MORE, FEW = 4, 50  # of those wanted, asked for where masks are dear
DIGEST_FILE, FILES_FILE, TRACKS_FILE = "digest.txt", "files.json", "track_of.npy"

_log = get_logger("nearness")


@dataclass(frozen=True, slots=True)
class Shelf:
    """What one index is about: a model's tracks and vectors, as of one model set.

    Attributes:
        name: Of the source.
        model: Has the vectors.
        known: Mask of the set's tracks that have one, shape (n_tracks,).
        vocabulary: Ids of all tracks of the set.
        digest: Names the content.
    """

    name: str
    model: Indexable
    known: BoolVector
    vocabulary: Vocabulary
    digest: str

    @classmethod
    def of(cls, name: str, model: Indexable, tracks: TrackTable, content: str = "") -> "Shelf":
        """Of a model and the catalogue that it was trained on.

        Args:
            name: Of the source.
            model: Has the vectors.
            tracks: The catalogue.
            content: What names the content of the model and the ids; "" reads them all for it.
        """
        digest = hashlib.sha256(content.encode())
        shelf = cls(name, model, model.index_mask(), tracks.ids, "")
        if not content:
            digest.update("\n".join(shelf.ids).encode())
            digest.update(np.ascontiguousarray(shelf.vectors).tobytes())
        return replace(shelf, digest=digest.hexdigest()[:16])

    @property
    def rows(self) -> IntVector:
        """The tracks that have a vector, ascending, shape (n,)."""
        return np.flatnonzero(self.known)

    @property
    def ids(self) -> list[str]:
        """Their ids; made anew each time."""
        return [self.vocabulary[row] for row in self.rows.tolist()]

    @property
    def vectors(self) -> FloatMatrix:
        """Their vectors, float32 (n, d); put together anew each time."""
        return self.model.index_rows()[1]


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

    def given(
        self,
        sources: Sequence[Source],
        tracks: TrackTable,
        content_of: Callable[[str], str] = lambda _name: "",
    ) -> list[Source]:
        """The sources, those of models that can be indexed with their index where they need one.

        Args:
            sources: Of a model set.
            tracks: Its catalogue.
            content_of: Names the content of a model and of the ids, by the model's name; "" where
                nothing does, and then both are read for it.
        """
        return [self._given(source, tracks, content_of) for source in sources]

    def _given(
        self, source: Source, tracks: TrackTable, content_of: Callable[[str], str]
    ) -> Source:
        model = source.model
        if not isinstance(model, Recommender) or not isinstance(model, Indexable):
            return source
        if not len(tracks) or self.engine_for(len(tracks)) == "exact":
            return source
        shelf = Shelf.of(source.name, model, tracks, content_of(model.name))
        index = self._index(shelf)
        if index is None:
            return source
        kept = _track_of_in(self._folder / shelf.name, shelf, len(index))
        track_of = tracks.ids.rows(index.ids) if kept is None else kept
        return replace(source, nearest=Guarded(index, track_of, shelf, self._timer))

    def _index(self, shelf: Shelf) -> VectorIndex | None:
        """None: the model compares with every track by itself."""
        n = int(np.count_nonzero(shelf.known))
        engine = self.engine_for(n)
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
        dim = shelf.vectors.shape[1]
        if index is None or index.dim != dim:
            index = FaissIndex(dim, "inner_product", exact_up_to=self._exact_up_to)
        n_changed = _bring_up_to_date(index, shelf)
        _keep(index, folder, shelf)
        _log.info("index of nearest tracks made", of=shelf.name, tracks=len(index),
                  changed=n_changed)  # fmt: skip
        kept = self._kept(folder, shelf)  # mapped, in place of what was made in memory
        return index if kept is None or _digest_in(folder) != shelf.digest else kept

    def _kept(self, folder: Path, shelf: Shelf) -> FaissIndex | None:
        if not folder.is_dir():
            return None
        try:
            _check(folder, shelf.name)
            return FaissIndex.load(folder, exact_up_to=self._exact_up_to)
        except SegueError as error:
            _log.warning("a kept index is made anew", of=shelf.name, reason=str(error))
            return None


class Guarded:
    """An index that answers exactly by itself while its engine fails.

    Args:
        index: What is asked.
        track_of: The track of each row of the index, -1 where the set has none.
        shelf: What is compared when the index fails.
        timer: Seconds that only grow.
    """

    def __init__(
        self, index: VectorIndex, track_of: IntVector, shelf: Shelf, timer: Callable[[], float]
    ) -> None:
        self.index = index
        n = len(track_of)
        self._track_of = track_of
        self._in_order = bool(n) and np.array_equal(track_of, np.arange(n))
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
        rows, vectors = self._shelf.model.index_rows()
        scores[rows] = vectors @ query
        known = allowed & np.isfinite(scores)
        return top_n(scores, n, known).track_idx.astype(np.int32)

    def _mask(self, allowed: BoolVector) -> BoolVector:
        """``allowed`` in the order of the index, which is mostly that of the tracks."""
        n = len(self._track_of)
        if self._in_order and len(allowed) == n:
            return allowed
        mask = np.zeros(n, bool)
        there = np.flatnonzero(self._track_of >= 0)
        mask[there] = allowed[self._track_of[there]]
        return mask

    def _asked(
        self, query: FloatVector, n: int, mask: BoolVector, allowed: BoolVector
    ) -> IntVector:
        """By the index; where a mask would travel, more are asked for and picked from first."""
        if isinstance(self.index, ExactIndex):  # here no id has to be looked up
            return self._held(self._track_of[self.index.nearest_rows(query, n, mask)])
        if self.index.sends_masks and not mask.all():
            found = self._tracks(self.index.search(query, MORE * n + FEW))
            if len(kept := found[allowed[found]]) >= n:
                return kept[:n]
        return self._tracks(self.index.search(query, n, allowed=mask))

    def _tracks(self, found: Neighbors) -> IntVector:
        return self._held(self._shelf.vocabulary.rows(found.ids))

    def _held(self, rows: IntVector) -> IntVector:
        rows = rows[rows >= 0]
        return rows[self._shelf.known[rows]]


def _bring_up_to_date(index: ExactIndex, shelf: Shelf) -> int:
    """Remove what is gone, add or replace what differs; how many vectors that were."""
    track_of = shelf.vocabulary.rows(index.ids)
    stays = (track_of >= 0) & shelf.known[track_of]
    n_gone = index.remove([index.ids[row] for row in np.flatnonzero(~stays).tolist()])
    stored = index.stored()
    row_of = np.full(len(shelf.known), -1, np.int64)
    row_of[track_of[stays]] = np.arange(len(stored.ids))
    rows, vectors = shelf.model.index_rows()
    at = row_of[rows]
    differs = at < 0
    there = np.flatnonzero(~differs)
    differs[there] = (stored.vectors[at[there]] != vectors[there]).any(axis=1)
    changed = np.flatnonzero(differs)
    if len(changed):
        index.add([shelf.vocabulary[row] for row in rows[changed].tolist()], vectors[changed])
    return n_gone + len(changed)


def _keep(index: VectorIndex, folder: Path, shelf: Shelf) -> None:
    """Write beside, then rename: who reads meanwhile sees one or the other, or none."""
    working = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.part")
    working.mkdir(parents=True)
    index.save(working)
    track_of = shelf.vocabulary.rows(index.ids)
    np.save(working / TRACKS_FILE, track_of, allow_pickle=False)
    (working / DIGEST_FILE).write_text(shelf.digest, "utf-8")
    files = entries_of(working)
    (working / FILES_FILE).write_bytes(msgspec.json.encode(files))
    remember(working, files)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        working.rename(folder)
    except OSError:  # another process was quicker
        shutil.rmtree(working, ignore_errors=True)


def _check(folder: Path, name: str) -> None:
    """Refuse a folder with a file that is not what was written; earlier releases kept no sums.

    Raises:
        ArtifactError: Names the file.
    """
    path = folder / FILES_FILE
    if not path.is_file():
        return
    try:
        files = msgspec.json.decode(path.read_bytes(), type=dict[str, FileEntry])
    except (OSError, msgspec.DecodeError) as error:
        raise ArtifactError(f"{path} cannot be read: {error}") from error
    check_files(folder, name, files)


def _track_of_in(folder: Path, shelf: Shelf, n: int) -> IntVector | None:
    """The track of each row of the index that is kept there, where it is of this shelf."""
    if _digest_in(folder) != shelf.digest or not (folder / TRACKS_FILE).is_file():
        return None
    found = mapped(folder / TRACKS_FILE)
    return found if found.shape == (n,) else None


def _digest_in(folder: Path) -> str:
    try:
        return (folder / DIGEST_FILE).read_text("utf-8")
    except OSError:
        return ""
