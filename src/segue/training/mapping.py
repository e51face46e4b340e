"""Draws the map of a library: one space, its neighbor graph, places, groups and their names."""

from collections.abc import Mapping

import numpy as np

from segue.audio.vector import FEATURE_INDEX
from segue.data.dataset import Dataset, TrackTable
from segue.index.neighbors import nearest_among, nearest_rows
from segue.models.cluster_names import TRAITS, name_clusters
from segue.models.layout import N_NEAREST, lay_out
from segue.models.moods import TrackMoods
from segue.models.music_map import (
    EarlierMap,
    MusicMap,
    cluster_tracks,
    moods_of,
    traits_of,
)
from segue.models.track_space import NOTHING, TrackSpace, track_space
from segue.rng import derived_rng
from segue.types import FloatMatrix, FloatVector, IntVector

MAX_LAID_OUT = 100_000  # tracks; further ones stand beside their nearest of these
N_BESIDE = 5
BESIDE_SHARPNESS = 50.0  # a cosine lower by 0.02 counts a third
MIN_SHARED = 0.5  # share of today's tracks on the earlier map from which it is built upon


def draw_map(dataset: Dataset, earlier: EarlierMap | None = None, seed: int = 0) -> MusicMap:
    """The map of a catalogue; listeners are not looked at.

    Args:
        dataset: Terms, and sound where it was heard.
        earlier: The map in service: places and group numbers stay near it.
        seed: Of everything that is drawn.
    """
    tracks = dataset.tracks
    space = track_space(dataset, seed)
    before = None if earlier is None else earlier.rows_of(tracks)
    cluster_of = cluster_tracks(space, _earlier_clusters(earlier, before), seed)
    sound = heard_traits(tracks)
    moods = TrackMoods.of(tracks, _columns(tracks))
    return MusicMap(
        places=_places(space, _earlier_places(earlier, before), seed),
        known=space.known,
        cluster_of=cluster_of,
        cluster_names=tuple(name_clusters(tracks, cluster_of, traits_of(moods, sound))),
        mood_of=moods_of(moods),
        tempo_bpm=sound.get("tempo_bpm", np.full(len(tracks), np.nan)).astype(np.float32),
    )


def heard_traits(tracks: TrackTable) -> Mapping[str, FloatVector]:
    """The named features that stand for traits, (n_tracks,), NaN where not heard."""
    sound = tracks.vectors.get("sound")
    traits: dict[str, FloatVector] = {
        name: np.asarray(sound[:, column], np.float64)
        for name, column in _columns(tracks).items()
        if sound is not None and name in TRAITS
    }
    if "tempo_bpm" in traits:  # 0 is no rhythm, not a very slow one
        traits["tempo_bpm"] = np.where(traits["tempo_bpm"] > 0, traits["tempo_bpm"], np.nan)
    return traits


def _columns(tracks: TrackTable) -> Mapping[str, int]:
    """Columns by name when the vectors are our own features; an embedding has no names."""
    sound = tracks.vectors.get("sound")
    ours = sound is not None and sound.shape[1] == len(FEATURE_INDEX)
    return {name: FEATURE_INDEX[name] for name in TRAITS} if ours else {}


def _places(space: TrackSpace, start: FloatMatrix | None, seed: int) -> FloatMatrix:
    places = np.full((len(space.known), 2), np.nan, np.float32)
    rows = np.flatnonzero(space.known != NOTHING)
    if len(rows) < 2:
        places[rows] = 0.0
        return places
    drawn = rows
    if len(rows) > MAX_LAID_OUT:
        chosen = derived_rng(seed, "map", "laid out").choice(rows, MAX_LAID_OUT, replace=False)
        drawn = np.sort(chosen)
    vectors = space.vectors[drawn]
    nearest, _ = nearest_rows(vectors, N_NEAREST, seed=seed)
    places[drawn] = lay_out(vectors, nearest, None if start is None else start[drawn])
    others = np.setdiff1d(rows, drawn, assume_unique=True)
    if len(others):
        places[others] = _among(space.vectors[others], vectors, places[drawn], seed)
    return places


def _among(
    vectors: FloatMatrix, laid_out: FloatMatrix, places: FloatMatrix, seed: int
) -> FloatMatrix:
    """Places of further tracks: the mean of their nearest that are laid out, by how near.

    The nearest of all counts most, so that a track stands beside it and not between two groups.
    """
    nearest, closeness = nearest_among(laid_out, vectors, N_BESIDE, seed=seed)
    weights = np.exp(BESIDE_SHARPNESS * (closeness - closeness[:, :1]))
    weights /= weights.sum(axis=1, keepdims=True)
    return np.einsum("nk,nkd->nd", weights, places[nearest]).astype(np.float32)


def _earlier_places(earlier: EarlierMap | None, before: IntVector | None) -> FloatMatrix | None:
    """Where today's tracks stood; None when too few of them did."""
    if earlier is None or before is None or not len(before):
        return None
    places = np.full((len(before), 2), np.nan, np.float32)
    places[before >= 0] = earlier.map.places[before[before >= 0]]
    return places if np.isfinite(places[:, 0]).mean() >= MIN_SHARED else None


def _earlier_clusters(earlier: EarlierMap | None, before: IntVector | None) -> IntVector | None:
    if earlier is None or before is None:
        return None
    clusters = np.full(len(before), -1, np.int64)
    clusters[before >= 0] = earlier.map.cluster_of[before[before >= 0]]
    return clusters
