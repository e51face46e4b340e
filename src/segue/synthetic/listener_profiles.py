"""Who a synthetic listener says they are: a name, an age band, moods, loosely tied to the taste."""

import numpy as np
from msgspec import Struct

from segue.data.dataset import TrackTable
from segue.rng import derived_rng
from segue.types import FloatMatrix, FloatVector, IntVector

MOODS = (
    "calm", "energetic", "happy", "melancholic", "dark", "romantic", "dreamy", "focused",
    "nostalgic", "angry", "hopeful", "playful",
)  # fmt: skip
AGE_BANDS = ("18-24", "25-34", "35-44", "45-54", "55-64", "65+")
_AGE_BAND_STARTS = np.array([25, 35, 45, 55, 65])
_FORMATIVE_AGE_YEARS = 23.5  # songs of that age stay favourites (Holbrook & Schindler 1989)
_AGE_NOISE_YEARS = 8.0
_MOOD_NOISE = 0.15
_FIRST_NAMES = (
    "Ada", "Ben", "Chidi", "Dara", "Elif", "Farid", "Grace", "Hana", "Ivo", "Jun", "Kemi", "Lena",
    "Mateo", "Nora", "Oskar", "Priya", "Quinn", "Rosa", "Sami", "Tomás", "Uma", "Vera", "Wen",
    "Xenia", "Yusuf", "Zoë",
)  # fmt: skip


class ListenerProfile(Struct, frozen=True, kw_only=True):
    """What a listener tells of themselves.

    ``favourite_genres`` are terms of kind genre of the tracks that their modes started from;
    ``age_band`` is one of :data:`AGE_BANDS`, ``favourite_moods`` two of :data:`MOODS`.
    """

    name: str
    age_band: str
    favourite_moods: tuple[str, ...]
    favourite_genres: tuple[str, ...]


def make_profile(
    tracks: TrackTable,
    seed_tracks: IntVector,
    taste: FloatVector,
    mood_axes: FloatMatrix,
    this_year: int,
    rng: np.random.Generator,
) -> ListenerProfile:
    """A profile for the listener whose modes started at ``seed_tracks``.

    Args:
        seed_tracks: Rows of tracks, heaviest mode first.
        taste: Weighted mean of mode centres, shape (n_dimensions,).
        mood_axes: Directions of :data:`MOODS`, shape (n_moods, n_dimensions).
        this_year: Year from which ages are counted.
    """
    first = _FIRST_NAMES[rng.integers(len(_FIRST_NAMES))]
    likes = mood_axes @ taste + rng.normal(0, _MOOD_NOISE, len(mood_axes))
    return ListenerProfile(
        name=f"{first} {chr(ord('A') + int(rng.integers(26)))}.",
        age_band=_age_band(np.asarray(tracks.year)[seed_tracks], this_year, rng),
        favourite_moods=tuple(MOODS[mood] for mood in np.argsort(-likes)[:2]),
        favourite_genres=_genres(tracks, seed_tracks),
    )


def mood_directions(seed: int, n_dimensions: int) -> FloatMatrix:
    """One unit direction of the space of taste for each mood, shape (n_moods, n_dimensions)."""
    axes = derived_rng(seed, "moods").standard_normal((len(MOODS), n_dimensions))
    return axes / np.linalg.norm(axes, axis=1, keepdims=True)


def _age_band(years: IntVector, this_year: int, rng: np.random.Generator) -> str:
    noise = rng.normal(0, _AGE_NOISE_YEARS)
    known = years[years > 0]
    age = this_year - known.mean() + _FORMATIVE_AGE_YEARS if len(known) else rng.uniform(18, 75)
    return AGE_BANDS[int(np.searchsorted(_AGE_BAND_STARTS, age + noise, side="right"))]


def _genres(tracks: TrackTable, seed_tracks: IntVector) -> tuple[str, ...]:
    """Genres of the seed tracks, each once, at most four."""
    terms = tracks.terms
    names: dict[str, None] = {}
    for track in seed_tracks:
        columns: list[int] = terms.indices[terms.indptr[track] : terms.indptr[track + 1]].tolist()
        for term in columns:
            if tracks.term_kinds[term] == "genre":
                names[tracks.term_names[term]] = None
    return tuple(names)[:4]
