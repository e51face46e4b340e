"""What a catalogue from elsewhere measured of a track, as one vector in a fixed order.

Spotify's audio features (Web API reference, "Get Track's Audio Features") and how much a track is
played there. It is kept beside what Segue hears itself, never in its place.
"""

from collections.abc import Mapping

import numpy as np

from segue.types import FloatVector

KIND = "described"  # of the analyses that hold such vectors
VERSION = 1  # raised whenever the same row of a catalogue would give another vector
DESCRIBED: tuple[str, ...] = (
    "danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness",
    "instrumentalness", "liveness", "valence", "tempo", "time_signature", "popularity",
)  # fmt: skip
DESCRIBED_INDEX: Mapping[str, int] = {name: at for at, name in enumerate(DESCRIBED)}


def described_vector(features: Mapping[str, float], popularity: float | None = None) -> FloatVector:
    """Values in the order of :data:`DESCRIBED`, float32; NaN where nothing is said.

    Args:
        features: By name; names that are not in :data:`DESCRIBED` are passed over.
        popularity: 0..1.

    >>> float(described_vector({"tempo": 120.0})[DESCRIBED_INDEX["tempo"]])
    120.0
    """
    said = dict(features) if popularity is None else {**features, "popularity": popularity}
    return np.array([said.get(name, np.nan) for name in DESCRIBED], np.float32)


def named_values(vector: FloatVector) -> dict[str, float]:
    """What is said in a vector of this form, by name."""
    pairs = zip(DESCRIBED, vector.tolist(), strict=True)
    return {name: value for name, value in pairs if value == value}  # noqa: PLR0124 - not NaN
