"""The music map and its groups, as columns for pages and programs."""

from zlib import crc32

import numpy as np
from msgspec import Struct

from segue.data.dataset import TrackTable
from segue.errors import NotFoundError
from segue.models.music_map import MAP_MOODS, MusicMap
from segue.models.track_space import NOTHING, WORDS
from segue.services.serving import ModelServer, Profiles, Serving
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


class MapService:
    """What is drawn and listed of the map in service.

    Args:
        server: The model set in service.
        profiles: For the never-play rules of a listener.
    """

    def __init__(self, server: ModelServer, profiles: Profiles) -> None:
        self._server = server
        self._profiles = profiles

    def version_for(self, listener_id: str) -> str:
        """Changes whenever :meth:`columns` would: the model set, and what may be shown."""
        serving = self._server.current()
        shown = self._shown(listener_id, serving)
        return f"{serving.version}-{int(shown.sum())}-{crc32(shown.tobytes()):08x}"

    def columns(self, listener_id: str) -> MapColumns:
        """The map without tracks that lost their file or that the listener never wants played."""
        serving = self._server.current()
        tracks, drawn = serving.tracks, serving.music_map
        rows = np.flatnonzero(self._shown(listener_id, serving))
        genres, genre_of = main_genres(tracks)
        x, y = _steps(drawn, rows)
        return MapColumns(
            version=serving.version,
            ids=[tracks.ids[row] for row in rows.tolist()],
            x=x,
            y=y,
            genre=genre_of[rows].tolist(),
            mood=[] if drawn is None else drawn.mood_of[rows].tolist(),
            year=tracks.year[rows].tolist(),
            cluster=[] if drawn is None else drawn.cluster_of[rows].tolist(),
            genres=genres,
            moods=list(MAP_MOODS),
            clusters=[] if drawn is None else list(drawn.cluster_names),
            by_words=0 if drawn is None else int((drawn.known == WORDS).sum()),
            absent=0 if drawn is None else int((drawn.known == NOTHING).sum()),
        )

    def clusters(self, listener_id: str) -> list[ClusterView]:
        """The groups of the library, largest first; none before the first training."""
        serving = self._server.current()
        drawn = serving.music_map
        if drawn is None:
            return []
        shown = self._shown(listener_id, serving)
        found = [self._cluster(serving, drawn, shown, n) for n in range(len(drawn.cluster_names))]
        return sorted((one for one in found if one.n_tracks), key=lambda one: -one.n_tracks)

    def cluster_tracks(self, listener_id: str, number: int) -> list[str]:
        """Ids of a group's tracks, nearest to its middle first.

        Raises:
            NotFoundError: There is no such group.
        """
        serving = self._server.current()
        drawn = serving.music_map
        if drawn is None or not 0 <= number < len(drawn.cluster_names):
            raise NotFoundError(f"no group {number} on the map in service")
        rows = _nearest_middle(drawn, self._shown(listener_id, serving), number)
        return [serving.tracks.ids[row] for row in rows.tolist()]

    def _cluster(
        self, serving: Serving, drawn: MusicMap, shown: BoolVector, number: int
    ) -> ClusterView:
        rows = _nearest_middle(drawn, shown, number)
        return ClusterView(
            number=number,
            name=drawn.cluster_names[number],
            n_tracks=len(rows),
            track_ids=[serving.tracks.ids[row] for row in rows[:N_EXAMPLES].tolist()],
        )

    def _shown(self, listener_id: str, serving: Serving) -> BoolVector:
        if serving.music_map is None:
            return np.zeros(len(serving.tracks), bool)
        shown = np.isfinite(serving.music_map.places[:, 0]) & serving.tracks.owned
        for mask in (self._profiles.of(listener_id, serving)[1], self._server.hidden(serving)):
            if mask is not None:
                shown = shown & ~mask
        return shown


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
