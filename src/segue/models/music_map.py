"""The map of a library as arrays: a place, a group and a mood for each track, and group names."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from segue.data.affect import MOODS
from segue.data.dataset import TrackTable
from segue.data.vocabulary import Vocabulary
from segue.errors import ArtifactError
from segue.models.kmeans import k_means
from segue.models.moods import TrackMoods
from segue.models.track_space import NOTHING, TrackSpace
from segue.rng import derived_rng
from segue.types import FloatMatrix, FloatVector, IntVector

MAP_MOODS = ("calm", "happy", "sad", "energetic")  # the four corners of valence and arousal
CLEAR_MOOD = 0.5  # score from which a track counts as of a mood
MOST_CLUSTERS = 40
_ARRAYS = ("places", "known", "cluster_of", "mood_of", "tempo_bpm")
_NAMES_FILE = "names.json"


@dataclass(frozen=True, slots=True)
class MusicMap:
    """One map.

    Attributes:
        places: float32 (n_tracks, 2); NaN for a track of which nothing is known: it is absent.
        known: uint8 (n_tracks,), what the place rests on: 0 nothing, 1 words, 2 sound, 3 both.
        cluster_of: int16 (n_tracks,), -1 for none.
        cluster_names: One for each cluster.
        mood_of: int8 (n_tracks,), an index into :data:`MAP_MOODS`, -1 for none.
        tempo_bpm: float32 (n_tracks,), NaN where not heard.
    """

    places: FloatMatrix
    known: IntVector
    cluster_of: IntVector
    cluster_names: tuple[str, ...]
    mood_of: IntVector
    tempo_bpm: FloatVector

    def save(self, folder: Path) -> None:
        """Write one ``.npy`` an array and the names into an existing, empty folder."""
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name), allow_pickle=False)
        (folder / _NAMES_FILE).write_text(json.dumps(self.cluster_names), "utf-8")


def load_map(folder: Path) -> MusicMap:
    """Read what :meth:`MusicMap.save` wrote.

    Raises:
        ArtifactError: A file is missing or damaged.
    """
    try:
        arrays = {name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in _ARRAYS}
        names = json.loads((folder / _NAMES_FILE).read_text("utf-8"))
        lengths = {len(array) for array in arrays.values()}
        if len(lengths) != 1 or not all(isinstance(name, str) for name in names):
            raise ValueError("the arrays do not belong together")
        return MusicMap(cluster_names=tuple(names), **arrays)
    except (OSError, EOFError, ValueError, TypeError) as error:
        raise ArtifactError(f"the map in {folder} cannot be read: {error}") from error


@dataclass(frozen=True, slots=True)
class EarlierMap:
    """A map of before and the ids of its rows."""

    ids: Vocabulary
    map: MusicMap

    def rows_of(self, tracks: TrackTable) -> IntVector:
        """The row that each of today's tracks had, -1 for new ones."""
        return self.ids.rows(tracks.ids)


def n_clusters(n_tracks: int) -> int:
    """How many groups a library is told in: 3 of 10 tracks, 6 of 100, 24 of 10,000, at most 40.

    >>> [n_clusters(n) for n in (1, 10, 100, 1000, 10_000, 1_000_000)]
    [1, 3, 6, 12, 24, 40]
    """
    return int(min(max(round(1.5 * n_tracks**0.3), 1), MOST_CLUSTERS, max(n_tracks, 1)))


def cluster_tracks(space: TrackSpace, earlier: IntVector | None, seed: int = 0) -> IntVector:
    """The group of each track, int16, -1 where nothing is known; largest first, as before if any.

    Args:
        space: The same vectors as the map's.
        earlier: The group that each track had before, -1 for none: a group that holds mostly the
            tracks of an earlier one keeps its number, so that colors stay.
        seed: Draws the start of k-means.
    """
    rows = np.flatnonzero(space.known != NOTHING)
    cluster_of = np.full(len(space.known), -1, np.int16)
    if not len(rows):
        return cluster_of
    rng = derived_rng(seed, "map", "clusters")
    found = k_means(space.vectors[rows], n_clusters(len(rows)), rng).assigned
    by_size = np.argsort(-np.bincount(found), kind="stable")
    numbers = np.empty(len(by_size), np.int16)
    numbers[by_size] = np.arange(len(by_size))
    cluster_of[rows] = numbers[found]
    return cluster_of if earlier is None else renumbered(cluster_of, earlier)


def renumbered(cluster_of: IntVector, earlier: IntVector) -> IntVector:
    """Groups under the numbers of the earlier groups that share most tracks with them.

    The assignment that keeps most tracks under their number (Kuhn 1955, by SciPy).

    >>> renumbered(np.array([0, 0, 1, 1], np.int16), np.array([1, 1, 0, -1])).tolist()
    [1, 1, 0, 0]
    """
    from scipy.optimize import linear_sum_assignment

    k = int(cluster_of.max(initial=-1)) + 1
    both = (cluster_of >= 0) & (earlier >= 0) & (earlier < k)
    shared = np.zeros((k, k))
    np.add.at(shared, (cluster_of[both], earlier[both]), 1.0)
    now, before = linear_sum_assignment(-shared)
    numbers = np.full(k + 1, -1, np.int16)  # the last place stands for no group
    numbers[now] = before
    return numbers[cluster_of]


def moods_of(moods: TrackMoods) -> IntVector:
    """The best of the four moods of each track, int8, -1 where none is clear."""
    scores = np.stack([moods.score(name) for name in MAP_MOODS])
    best = scores.argmax(axis=0).astype(np.int8)
    return np.where(scores.max(axis=0) >= CLEAR_MOOD, best, np.int8(-1)).astype(np.int8)


def traits_of(moods: TrackMoods, sound: Mapping[str, FloatVector]) -> Mapping[str, FloatVector]:
    """Values for the names of groups: what was heard, and mood from words where it was not."""
    facts = {name: np.asarray(values, np.float64) for name, values in moods.facts.items()}
    return facts | {name: np.asarray(values, np.float64) for name, values in sound.items()}


assert set(MAP_MOODS) <= set(MOODS)
