"""Where tracks lie in the planted space of taste, and how popular each one is.

A track's vector is the sum of a part from its genres and tags, one from its artist, one from its
album and one of its own, scaled to length 1. A mode of taste with centre c picks track t with
probability proportional to exp(sharpness * <c, z_t> + mainstreaminess * log_popularity_t), a
multinomial logit (McFadden 1974).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segue.data.dataset import TrackTable
from segue.errors import InvalidDataError
from segue.rng import derived_rng
from segue.synthetic.listener_params import ListenerParams
from segue.types import FloatMatrix, FloatVector, IntVector

TERM_WEIGHTS = {"genre": 1.0, "tag": 0.5}  # the artist stands in artist_idx
N_BLOCKS = 40  # invented genres of artists that have no term
TRACKS_PER_INVENTED_ARTIST = 12
_CALIBRATION_TRACKS = 65_536
_CALIBRATION_CENTRES = 8


@dataclass(frozen=True, slots=True)
class TasteSpace:
    """The planted space of one catalogue.

    Attributes:
        vectors: Unit vectors of tracks, float32 (n_dimensions, n_tracks): one row a dimension, so
            that one product gives the affinity of all tracks.
        log_popularity: Natural logarithm of the share of plays by popularity alone, float32.
        cumulative_popularity: Running sum of those shares, float64, for draws.
        sharpness: Inverse temperature of choice, > 0, calibrated to ``breadth_tracks``.
    """

    vectors: FloatMatrix
    log_popularity: FloatVector
    cumulative_popularity: FloatVector
    sharpness: float

    @property
    def n_tracks(self) -> int:
        """Number of tracks."""
        return self.vectors.shape[1]

    def logits(self, centres: FloatMatrix, mainstreaminess: float) -> FloatMatrix:
        """Log-odds of each mode's choice, float32, shape (n_modes, n_tracks)."""
        centres32 = (self.sharpness * centres).astype(np.float32)
        pull = np.float32(mainstreaminess) * self.log_popularity
        return centres32 @ self.vectors + pull


def make_taste_space(tracks: TrackTable, seed: int, params: ListenerParams) -> TasteSpace:
    """Place every track; the same table and seed always give the same space.

    Raises:
        InvalidDataError: The catalogue is empty.
    """
    if not len(tracks):
        raise InvalidDataError("the catalogue has no tracks; listeners need at least one")
    rng = derived_rng(seed, "taste space")
    vectors = _track_vectors(tracks, params, rng)
    log_popularity = _log_popularity(_artists(tracks), params.popularity_exponent, rng)
    sharpness = _calibrated_sharpness(vectors, log_popularity, params, rng)
    cumulative = np.cumsum(np.exp(log_popularity.astype(np.float64)))
    return TasteSpace(np.ascontiguousarray(vectors.T), log_popularity, cumulative, sharpness)


def _artists(tracks: TrackTable) -> IntVector:
    """Artist of each track; tracks without one share invented artists of neighbouring rows."""
    artist = np.asarray(tracks.artist_idx, np.int64)
    invented = len(tracks.artist_ids) + np.arange(len(tracks)) // TRACKS_PER_INVENTED_ARTIST
    return np.where(artist >= 0, artist, invented)


def _track_vectors(
    tracks: TrackTable, params: ListenerParams, rng: np.random.Generator
) -> NDArray[np.float32]:
    d = params.n_dimensions
    artist = _artists(tracks)
    n_artists = int(artist.max()) + 1
    album = np.asarray(tracks.album_idx, np.int64)
    n_albums = len(tracks.album_ids)
    own_share = max(1.0 - params.genre_share - params.artist_share - params.album_share, 0.0)
    total = np.sqrt(params.genre_share) * _genre_vectors(tracks, artist, d, rng)
    total += np.sqrt(params.artist_share) * _normal(rng, n_artists, d)[artist]
    of_album = np.where((album >= 0)[:, None], _normal(rng, n_albums + 1, d)[album], 0.0)
    total += np.sqrt(params.album_share) * of_album
    total += np.sqrt(own_share) * _normal(rng, len(tracks), d)
    return _unit(total.astype(np.float32))


def _genre_vectors(
    tracks: TrackTable, artist: IntVector, d: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Part from genres and tags, mean square 1 a dimension; a block of the artist without terms."""
    weights = np.array([TERM_WEIGHTS.get(kind, 0.0) for kind in tracks.term_kinds], np.float32)
    block = rng.integers(N_BLOCKS, size=int(artist.max()) + 1)
    from_block = _normal(rng, N_BLOCKS, d)[block[artist]]
    if not weights.any():
        return from_block
    of_term = _normal(rng, len(weights), d) * weights[:, None]
    summed = np.asarray(tracks.terms @ of_term, np.float32)
    described = np.linalg.norm(summed, axis=1) > 0
    return np.where(described[:, None], _unit(summed) * np.float32(np.sqrt(d)), from_block)


def _normal(rng: np.random.Generator, n: int, d: int) -> NDArray[np.float32]:
    return rng.standard_normal((n, d), dtype=np.float32)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.maximum(length, 1e-12)).astype(np.float32)


def _log_popularity(
    artist: IntVector, exponent: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Zipf by rank; half of what decides the rank is the artist."""
    fame = rng.standard_normal(int(artist.max()) + 1)[artist] + rng.standard_normal(len(artist))
    rank = np.empty(len(artist))
    rank[np.argsort(-fame, kind="stable")] = np.arange(1, len(artist) + 1)
    log_weight = -exponent * np.log(rank)
    return (log_weight - np.log(np.exp(log_weight).sum())).astype(np.float32)


def perplexity(logits: FloatMatrix) -> FloatVector:
    """Effective number of tracks of each row: exp of the entropy of its softmax.

    >>> perplexity(np.log(np.array([[0.5, 0.5, 1e-30]]))).round(6).tolist()
    [2.0]
    """
    shifted = logits - logits.max(axis=1, keepdims=True)
    weight = np.exp(shifted)
    total = weight.sum(axis=1)
    return np.exp(np.log(total) - (weight * shifted).sum(axis=1) / total)


def _calibrated_sharpness(
    vectors: NDArray[np.float32],
    log_popularity: FloatVector,
    params: ListenerParams,
    rng: np.random.Generator,
) -> float:
    """The sharpness at which an average listener's mode is ``breadth_tracks`` wide (bisection)."""
    n = len(vectors)
    rows = rng.permutation(n)[:_CALIBRATION_TRACKS]
    breadth = min(params.breadth_tracks, max(n / 4, 1.0)) * len(rows) / n
    a, b = params.mainstreaminess
    pull = a / (a + b) * log_popularity[rows]
    centres = vectors[rng.choice(rows, _CALIBRATION_CENTRES)]
    affinity = centres @ vectors[rows].T
    low, high = 0.0, 200.0
    for _ in range(24):
        middle = (low + high) / 2
        wide = np.exp(np.log(perplexity(middle * affinity + pull)).mean()) > breadth
        low, high = (middle, high) if wide else (low, middle)
    return (low + high) / 2
