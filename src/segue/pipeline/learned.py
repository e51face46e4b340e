"""Learned fusion: boosted trees order the candidates, and say which source each owes its place to.

LambdaMART (Burges 2010, MSR-TR-2010-82) is trained in :mod:`segue.training.ranker` on a later slice
of time than the sources; here it only scores. Scores and ranks of sources may only raise a track
(monotone constraints), so taking evidence away never lifts what it supported.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segue.data.compiled import is_compiled
from segue.data.dataset import TrackTable
from segue.data.mapped import mapped
from segue.data.query import Query
from segue.errors import ArtifactError
from segue.pipeline.candidates import Part
from segue.pipeline.kept import KeptScores
from segue.pipeline.rank import Ranking
from segue.pipeline.ranking_features import candidate_rows, feature_names
from segue.pipeline.trees import TreeEnsemble
from segue.types import FloatMatrix, IntVector

FORMAT_VERSION = 1
META_FILE = "ranker.json"
POOL = 400  # candidates that are looked at, the best of the fusion it replaces


@dataclass(frozen=True, slots=True)
class Placed:
    """A ranking in learned order, and the leaves that each track reached.

    ``track_idx`` of the tracks that the trees looked at, ascending, (n_seen,), and their
    ``leaves``, (n_seen, n_trees).
    """

    ranking: Ranking
    track_idx: IntVector
    leaves: IntVector


@dataclass(frozen=True, slots=True)
class LearnedRanker:
    """Trees over the rows of :mod:`segue.pipeline.ranking_features`.

    Attributes:
        trees: One column a name of ``feature_names(sources)``.
        sources: Keys of parts that have columns; others do not count.
        popularity: log(1 + plays) of each track in three windows, float32 (n_tracks, 3).
        least_known: Tracks with an event of a listener, below which the fusion orders new tracks:
            fewer than nearly all had whom it was taught on.
    """

    trees: TreeEnsemble
    sources: tuple[str, ...]
    popularity: FloatMatrix
    least_known: int = 0
    _leaf_sources: NDArray[np.float32] = field(init=False)  # what a leaf owes to each source

    def __post_init__(self) -> None:
        n = 2 * len(self.sources)  # the first columns: score and rank of each source
        of_sources = self.trees.leaf_parts[:, :, 0:n:2] + self.trees.leaf_parts[:, :, 1:n:2]
        object.__setattr__(self, "_leaf_sources", of_sources)

    def knows(self, query: Query) -> bool:
        """Whether the listener has a history like those it was taught on."""
        return len(query.profile.known) >= self.least_known

    def order(
        self, ranking: Ranking, parts: list[Part], query: Query, tracks: TrackTable
    ) -> Ranking:
        """:meth:`place`, with the shares of every candidate that was looked at."""
        placed = self.place(ranking, parts, query, tracks)
        return self.shared(placed.ranking, placed, parts)

    def place(
        self,
        ranking: Ranking,
        parts: list[Part],
        query: Query,
        tracks: TrackTable,
        kept: KeptScores | None = None,
    ) -> "Placed":
        """The best ``POOL`` candidates of the station's own sources in learned order.

        What came after them, and what a fallback named, keeps its place behind. Scores are those
        of the fusion, given out again in the new order, so that what follows (variety, mix) sees
        the same scale; shares are still those of the fusion: see :meth:`shared`. ``kept`` holds
        what was made of the same profile for the last list.
        """
        n_own = int(np.count_nonzero(ranking.tier == 0))
        head = np.arange(min(n_own, POOL))
        if len(head) < 2:
            return Placed(ranking, ranking.track_idx[:0], np.empty((0, self.trees.n_trees), int))
        chosen = ranking.track_idx[head]
        compiled = is_compiled(len(tracks))
        if compiled:
            from segue.pipeline.ranking_compiled import compiled_rows

            rows = compiled_rows(query, tracks, chosen, parts, self.sources, self.popularity, kept)
        else:
            rows = candidate_rows(query, tracks, chosen, parts, self.sources, self.popularity)
        leaves, values = self.trees.place(rows, compiled=compiled)
        order = np.lexsort((chosen, -values))
        ascending = np.argsort(chosen)
        positions = np.concatenate((order, np.arange(len(head), len(ranking))))
        placed = Ranking(
            ranking.track_idx[positions], ranking.scores, ranking.shares[positions], ranking.tier
        )
        return Placed(placed, chosen[ascending], leaves[ascending])

    def shared(self, ranking: Ranking, placed: "Placed", parts: list[Part]) -> Ranking:
        """The ranking with the shares that the trees gave, for those tracks that they looked at.

        Asked for the tracks of the finished list alone, it costs an eighth of what it would for
        all candidates.
        """
        if not len(placed.track_idx) or not len(ranking):
            return ranking
        at = np.searchsorted(placed.track_idx, ranking.track_idx)
        at = np.minimum(at, len(placed.track_idx) - 1)
        seen = np.flatnonzero(placed.track_idx[at] == ranking.track_idx)
        shares = ranking.shares.copy()
        shares[seen] = self._shares(placed.leaves[at[seen]], parts, ranking.shares[seen])
        return Ranking(ranking.track_idx, ranking.scores, shares, ranking.tier)

    def _shares(self, leaves: IntVector, parts: list[Part], fused: FloatMatrix) -> FloatMatrix:
        """What each part added to each track that reached these leaves, rows sum to 1.

        Only a part that named the track, and only what raised it; where no part did, the shares of
        the fusion stand.
        """
        added = self.trees.sum_of(self._leaf_sources, leaves)
        shares = np.zeros_like(fused)
        for column, part in enumerate(parts):
            if part.key in self.sources:
                worth = added[:, self.sources.index(part.key)]
                shares[:, column] = np.where(fused[:, column] > 0, np.maximum(worth, 0.0), 0.0)
        total = shares.sum(axis=1, keepdims=True)
        return np.where(total > 0, shares / np.where(total > 0, total, 1.0), fused)

    def save(self, folder: Path) -> None:
        """Write ``ranker.json`` and one ``.npy`` per array into an existing, empty folder."""
        meta = {"format": FORMAT_VERSION, "sources": list(self.sources),
                "least_known": self.least_known}  # fmt: skip
        (folder / META_FILE).write_text(json.dumps(meta, indent=1), "utf-8")
        for name, array in (self.trees.to_arrays() | {"popularity": self.popularity}).items():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)


def load_ranker(folder: Path) -> LearnedRanker:
    """Read a ranker written by :meth:`LearnedRanker.save`.

    Raises:
        ArtifactError: A file is missing or damaged, or of another format.
    """
    try:
        meta = json.loads((folder / META_FILE).read_text("utf-8"))
        if meta["format"] != FORMAT_VERSION:
            raise ArtifactError(f"{folder} has format {meta['format']}, this is {FORMAT_VERSION}")
        arrays = {
            path.stem: np.load(path, allow_pickle=False)
            for path in folder.glob("*.npy")
            if path.stem != "popularity"
        }
        popularity = mapped(folder / "popularity.npy")
        sources = tuple(str(name) for name in meta["sources"])
        least_known = int(meta.get("least_known", 0))  # rankers of before had none
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"the ranker in {folder} cannot be read: {error}") from error
    trees = TreeEnsemble.from_arrays(arrays)
    if trees.n_features != len(feature_names(sources)):
        raise ArtifactError(f"the ranker in {folder} is of another code version; train again")
    return LearnedRanker(trees, sources, popularity, least_known)
