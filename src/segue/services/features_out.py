"""Features of tracks for others: as JSON lines, or into the MongoDB collection they came from."""

from collections.abc import Iterator, Mapping

import msgspec
import numpy as np
from msgspec import Struct

from segue.audio.vector import FEATURES, FEATURES_VERSION
from segue.data import described
from segue.data.imported import KnownTrack
from segue.data.vocabulary import Vocabulary
from segue.services.analysis import KIND
from segue.services.catalogue_match import CATALOGUE
from segue.store.analyses import Analyses
from segue.store.catalog import Catalog


class TrackFeatures(Struct, frozen=True, kw_only=True):
    """One track with what is known of its sound; both maps are by name, in the units of docs.

    ``heard`` is what Segue heard in the file, ``described`` what catalogues say of it.
    """

    track_id: str
    title: str
    artists: tuple[str, ...]
    album: str
    ids: Mapping[str, tuple[str, ...]]
    heard: Mapping[str, float]
    described: Mapping[str, float]


class FeatureExport:
    """Reads features of all tracks.

    Args:
        catalog: Tracks.
        analyses: What is known of their sound.
    """

    def __init__(self, catalog: Catalog, analyses: Analyses) -> None:
        self._catalog = catalog
        self._analyses = analyses

    def tracks(self) -> Iterator[TrackFeatures]:
        """Every track of whose sound something is known, in order of id."""
        known = self._catalog.known_tracks()
        ids = Vocabulary(track.id for track in known)
        nothing = np.full((len(known), 0), np.nan, np.float32)
        heard = self._analyses.vectors(KIND, ids)
        if heard is not None and heard[1] != FEATURES_VERSION:
            heard = None  # names hold for the newest version only
        said = self._analyses.vectors(described.KIND, ids)
        heard_rows = nothing if heard is None else heard[0]
        said_rows = nothing if said is None else said[0]
        for row, track in enumerate(known):
            found = _features(track, heard_rows[row].tolist(), said_rows[row].tolist())
            if found.heard or found.described:
                yield found

    def json_lines(self) -> Iterator[bytes]:
        """The same as JSON, one object a line."""
        for track in self.tracks():
            yield msgspec.json.encode(track) + b"\n"

    def of_catalogue(self, name: str) -> Iterator[tuple[str, dict[str, float]]]:
        """The catalogue's own ids and all features, of the tracks that came from it."""
        prefix = f"{name}:"
        for track in self.tracks():
            features = {f"described_{key}": v for key, v in track.described.items()} | dict(
                track.heard
            )
            for value in track.ids.get(CATALOGUE, ()):
                if value.startswith(prefix):
                    yield value.removeprefix(prefix), features


def _features(track: KnownTrack, heard: list[float], said: list[float]) -> TrackFeatures:
    ids: dict[str, tuple[str, ...]] = {}
    for scheme, value in sorted(track.ids):
        ids[scheme] = (*ids.get(scheme, ()), value)
    names = [spec.name for spec in FEATURES]
    return TrackFeatures(
        track_id=track.id,
        title=track.title,
        artists=track.artists,
        album=track.album,
        ids=ids,
        heard=_said(names, heard),
        described=_said(described.DESCRIBED, said),
    )


def _said(names: tuple[str, ...] | list[str], values: list[float]) -> dict[str, float]:
    """Finite values by name, in as many digits as float32 holds."""
    return {
        name: float(f"{value:.7g}")
        for name, value in zip(names, values, strict=False)
        if np.isfinite(value)
    }
