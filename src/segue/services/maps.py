"""The music map and its groups, as columns for pages and programs."""

from dataclasses import dataclass
from zlib import crc32

import numpy as np
from msgspec import Struct

from segue.data.dataset import TrackTable
from segue.errors import NotFoundError
from segue.models.music_map import MAP_MOODS, MusicMap
from segue.models.track_space import NOTHING, WORDS
from segue.services.profiles import Profiles
from segue.services.serving import ModelServer, Serving
from segue.types import BoolVector, IntVector

STEPS = 65_535  # places are whole numbers 0..65535 on the longer side of the map
N_EXAMPLES = 12


class MapColumns(Struct, frozen=True, kw_only=True):
    """One entry of each column for each track on the map; -1 is none, year 0 unknown.

    ``genre``, ``mood`` and ``cluster`` are numbers of the names below. ``x`` and ``y`` lie in
    0..65535. ``by_words`` counts the tracks that were not heard and stand where their words lead;
    ``absent`` those of which nothing is known yet.
    """

    version: str | None
    ids: list[str]
    x: list[int]
    y: list[int]
    genre: list[int]
    mood: list[int]
    year: list[int]
    cluster: list[int]
    genres: list[str]
    moods: list[str]
    clusters: list[str]
    by_words: int
    absent: int


class ClusterView(Struct, frozen=True, kw_only=True):
    """One group: its name, how many tracks it has, and those nearest to its middle."""

    number: int
    name: str
    n_tracks: int
    track_ids: list[str]


class ClusterTracks(Struct, frozen=True, kw_only=True):
    """One group with all its tracks, nearest to its middle first."""

    number: int
    name: str
    track_ids: list[str]


@dataclass(frozen=True, slots=True)
class SeenMap:
    """The map as one listener sees it at one moment.

    Attributes:
        serving: The model set.
        shown: Mask (n_tracks,) of the tracks on it: those that have a place and a file, and that
            the listener does not never want played.
        genres: See :func:`main_genres`.
    """

    serving: Serving
    shown: BoolVector
    genres: tuple[list[str], IntVector]

    @property
    def version(self) -> str:
        """Changes whenever :meth:`columns` would: the model set, and what may be shown."""
        shown = self.shown
        return f"{self.serving.version}-{int(shown.sum())}-{crc32(shown.tobytes()):08x}"

    def columns(self) -> MapColumns:
        """The map as columns."""
        tracks, drawn = self.serving.tracks, self.serving.music_map
        rows = np.flatnonzero(self.shown)
        names, genre_of = self.genres
        x, y = _steps(drawn, rows)
        return MapColumns(
            version=self.serving.version,
            ids=[tracks.ids[row] for row in rows.tolist()],
            x=x,
            y=y,
            genre=genre_of[rows].tolist(),
            mood=[] if drawn is None else drawn.mood_of[rows].tolist(),
            year=tracks.year[rows].tolist(),
            cluster=[] if drawn is None else drawn.cluster_of[rows].tolist(),
            genres=names,
            moods=list(MAP_MOODS),
            clusters=[] if drawn is None else list(drawn.cluster_names),
            by_words=0 if drawn is None else int((drawn.known == WORDS).sum()),
            absent=0 if drawn is None else int((drawn.known == NOTHING).sum()),
        )

    def clusters(self) -> list[ClusterView]:
        """The groups of the library, largest first; none before the first training."""
        drawn = self.serving.music_map
        n = 0 if drawn is None else len(drawn.cluster_names)
        found = (self.cluster(number) for number in range(n))
        views = [
            ClusterView(number=one.number, name=one.name, n_tracks=len(one.track_ids),
                        track_ids=one.track_ids[:N_EXAMPLES])
            for one in found if one.track_ids
        ]  # fmt: skip
        return sorted(views, key=lambda one: -one.n_tracks)

    def cluster(self, number: int) -> ClusterTracks:
        """One group with its tracks, nearest to its middle first.

        Raises:
            NotFoundError: There is no such group.
        """
        drawn = self.serving.music_map
        if drawn is None or not 0 <= number < len(drawn.cluster_names):
            raise NotFoundError(f"no group {number} on the map in service")
        rows = _nearest_middle(drawn, self.shown, number)
        ids = self.serving.tracks.ids
        return ClusterTracks(number=number, name=drawn.cluster_names[number],
                             track_ids=[ids[row] for row in rows.tolist()])  # fmt: skip


class MapService:
    """What is drawn and listed of the map in service.

    Args:
        server: The model set in service.
        profiles: For the never-play rules of a listener.
    """

    def __init__(self, server: ModelServer, profiles: Profiles) -> None:
        self._server = server
        self._profiles = profiles
        self._genres: tuple[TrackTable, tuple[list[str], IntVector]] | None = None

    def seen_by(self, listener_id: str) -> SeenMap:
        """The map without tracks that lost their file or that the listener never wants played."""
        serving = self._server.current()
        shown = self._shown(listener_id, serving)
        return SeenMap(serving, shown, self._genres_of(serving.tracks))

    def _shown(self, listener_id: str, serving: Serving) -> BoolVector:
        if serving.music_map is None:
            return np.zeros(len(serving.tracks), bool)
        shown = np.isfinite(serving.music_map.places[:, 0]) & serving.tracks.owned
        for mask in (self._profiles.of(listener_id, serving)[1], self._server.hidden(serving)):
            if mask is not None:
                shown = shown & ~mask
        return shown

    def _genres_of(self, tracks: TrackTable) -> tuple[list[str], IntVector]:
        """Read once a model set."""
        known = self._genres
        if known is None or known[0] is not tracks:
            known = self._genres = (tracks, main_genres(tracks))
        return known[1]


def main_genres(tracks: TrackTable) -> tuple[list[str], IntVector]:
    """Genres, most frequent first, and of each track the most frequent of its own, -1 for none."""
    columns = np.array([c for c, kind in enumerate(tracks.term_kinds) if kind == "genre"], np.int64)
    counts = np.asarray((tracks.terms[:, columns] > 0).sum(axis=0)).reshape(-1)
    order = columns[np.argsort(-counts, kind="stable")]
    rank = np.full(len(tracks.term_names) + 1, len(order), np.int64)
    rank[order] = np.arange(len(order))
    best = np.full(len(tracks), len(order), np.int64)
    owner = np.repeat(np.arange(len(tracks)), np.diff(tracks.terms.indptr))
    np.minimum.at(best, owner, rank[tracks.terms.indices])
    return [str(tracks.term_names[c]) for c in order.tolist()], np.where(
        best < len(order), best, -1
    )


def _nearest_middle(drawn: MusicMap, shown: BoolVector, number: int) -> IntVector:
    rows = np.flatnonzero(shown & (drawn.cluster_of == number))
    if not len(rows):
        return rows
    away = np.linalg.norm(drawn.places[rows] - np.median(drawn.places[rows], axis=0), axis=1)
    return rows[np.argsort(away, kind="stable")]


def _steps(drawn: MusicMap | None, rows: IntVector) -> tuple[list[int], list[int]]:
    """Places of some rows as whole numbers; the frame is that of all tracks, so it stays put."""
    if drawn is None or not len(rows):
        return [], []
    low = np.nanmin(drawn.places, axis=0)
    extent = max(float((np.nanmax(drawn.places, axis=0) - low).max()), 1e-9)
    steps = np.rint((drawn.places[rows] - low) / extent * STEPS).astype(np.int64)
    return steps[:, 0].tolist(), steps[:, 1].tolist()
