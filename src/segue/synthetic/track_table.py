"""A made-up catalogue of any size, for benchmarks and tests: no sound, only the table."""

import numpy as np
from scipy import sparse

from segue.data.dataset import TrackTable
from segue.data.vocabulary import Vocabulary
from segue.errors import InvalidInputError
from segue.rng import derived_rng
from segue.types import CsrMatrix, FloatVector, IntVector

N_ROOT_GENRES = 8
N_CHILD_GENRES = 4  # of each root: 8 + 32 = 40 genres
N_GENRES = N_ROOT_GENRES * (1 + N_CHILD_GENRES)
TRACKS_PER_ARTIST = 25
TRACKS_PER_ALBUM = 10
FIRST_YEAR, LAST_YEAR = 1960, 2024
_ARTIST_EXPONENT = 0.9
_ARTIST_OFFSET = 0.01  # of the number of artists (Mandelbrot); keeps the largest one human
_MEDIAN_DURATION_S = 215.0
_N_WORDS = 4096
_SYLLABLES = (
    "ba", "ce", "do", "fi", "ga", "hu", "jo", "ka", "li", "ma", "no", "pe", "ra", "su", "ti", "vo",
)  # fmt: skip


def make_catalogue(n_tracks: int, seed: int) -> TrackTable:
    """A catalogue with Zipf-like artists, albums of about ten tracks and a tree of 40 genres.

    Terms are genres (leaf and root), decades and artists. Ids are "track-0000001" and so on.

    Raises:
        InvalidInputError: ``n_tracks`` is below 1.

    >>> table = make_catalogue(100, seed=1)
    >>> len(table), table.ids[0], len(table.term_names) >= 40
    (100, 'track-0000001', True)
    """
    if n_tracks < 1:
        raise InvalidInputError(f"n_tracks must be at least 1, got {n_tracks}")
    rng = derived_rng(seed, "catalogue")
    artist_idx, position = _artists(n_tracks, rng)
    album_idx, album_of_artist = _albums(artist_idx, position, rng)
    n_artists, n_albums = int(artist_idx[-1]) + 1, int(album_idx[-1]) + 1
    debut = rng.integers(FIRST_YEAR, LAST_YEAR - 4, n_artists)
    year = np.minimum(debut[artist_idx] + 2 * album_of_artist, LAST_YEAR)
    words = _words(rng)
    artists = _pairs_of_words(words, n_artists, rng)
    terms, names, kinds = _terms(artist_idx, year, artists, rng)
    return TrackTable(
        ids=Vocabulary([f"track-{i:07d}" for i in range(1, n_tracks + 1)]),
        titles=_pairs_of_words(words, n_tracks, rng),
        artists=[artists[a] for a in artist_idx.tolist()],
        artist_idx=artist_idx,
        album_idx=album_idx,
        artist_ids=Vocabulary([f"artist-{i:06d}" for i in range(1, n_artists + 1)]),
        album_ids=Vocabulary([f"album-{i:06d}" for i in range(1, n_albums + 1)]),
        recording_idx=np.arange(n_tracks, dtype=np.int32),
        year=year.astype(np.int16),
        duration_s=_durations(n_tracks, rng),
        added_at=np.zeros(n_tracks),
        owned=np.ones(n_tracks, bool),
        explicit=rng.random(n_tracks) < 0.08,
        terms=terms,
        term_names=names,
        term_kinds=kinds,
    )


def _artists(n_tracks: int, rng: np.random.Generator) -> tuple[IntVector, IntVector]:
    """Artist of each track (rows of one artist follow each other) and position within it."""
    n_artists = max(n_tracks // TRACKS_PER_ARTIST, 1)
    rank = np.arange(1, n_artists + 1) + _ARTIST_OFFSET * n_artists
    share = rank**-_ARTIST_EXPONENT
    sizes = 1 + rng.multinomial(n_tracks - n_artists, share / share.sum())
    artist_idx = np.repeat(np.arange(n_artists, dtype=np.int32), sizes)
    position = np.arange(n_tracks) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return artist_idx, position


def _albums(
    artist_idx: IntVector, position: IntVector, rng: np.random.Generator
) -> tuple[IntVector, IntVector]:
    """Album of each track, and the number of that album within its artist."""
    low, high = TRACKS_PER_ALBUM - 2, TRACKS_PER_ALBUM + 3
    size = rng.integers(low, high, int(artist_idx[-1]) + 1)[artist_idx]
    album_of_artist = position // size
    starts = position % size == 0
    return (np.cumsum(starts) - 1).astype(np.int32), album_of_artist


def _durations(n_tracks: int, rng: np.random.Generator) -> FloatVector:
    spread = np.exp(rng.normal(0, 0.3, n_tracks))
    return np.clip(_MEDIAN_DURATION_S * spread, 45, 1200).astype(np.float32)


def _words(rng: np.random.Generator) -> list[str]:
    syllables = rng.integers(len(_SYLLABLES), size=(_N_WORDS, 3)).tolist()
    return ["".join(_SYLLABLES[s] for s in word).capitalize() for word in syllables]


def _pairs_of_words(words: list[str], n: int, rng: np.random.Generator) -> list[str]:
    first, second = rng.integers(len(words), size=(2, n)).tolist()
    return [f"{words[a]} {words[b]}" for a, b in zip(first, second, strict=True)]


def genre_names() -> list[str]:
    """Roots "genre-1".."genre-8", then their children "genre-1.1".."genre-8.4"."""
    roots = [f"genre-{r}" for r in range(1, N_ROOT_GENRES + 1)]
    return roots + [f"{root}.{c}" for root in roots for c in range(1, N_CHILD_GENRES + 1)]


def _terms(
    artist_idx: IntVector, year: IntVector, artists: list[str], rng: np.random.Generator
) -> tuple[CsrMatrix, list[str], list[str]]:
    """Four terms a track: root genre, leaf genre, decade, artist; columns in that order."""
    n_leaves = N_GENRES - N_ROOT_GENRES
    popular = rng.dirichlet(np.full(n_leaves, 2.0))
    leaf_of_artist = rng.choice(n_leaves, len(artists), p=popular)
    strays = rng.random(len(artist_idx)) < 0.1  # an artist is not all of one genre
    leaf = np.where(strays, rng.integers(n_leaves, size=len(strays)), leaf_of_artist[artist_idx])
    decades = [f"{decade}s" for decade in range(FIRST_YEAR, LAST_YEAR + 1, 10)]
    columns = np.stack([
        leaf // N_CHILD_GENRES,
        N_ROOT_GENRES + leaf,
        N_GENRES + (year - FIRST_YEAR) // 10,
        N_GENRES + len(decades) + artist_idx,
    ], axis=1)  # fmt: skip
    names = genre_names() + decades + artists
    kinds = ["genre"] * N_GENRES + ["decade"] * len(decades) + ["artist"] * len(artists)
    n = len(artist_idx)
    ones = np.ones(columns.size, np.float32)
    indptr = np.arange(0, columns.size + 1, columns.shape[1])
    matrix: CsrMatrix = sparse.csr_matrix((ones, columns.ravel(), indptr), shape=(n, len(names)))
    return matrix, names, kinds
