"""One vector a track from how it sounds and what is written about it, what is missing filled in.

A map needs every track in one space. Half of the vector is the robust space of
:mod:`segue.models.sound_space`, half the truncated TF-IDF of the terms (latent semantic analysis);
a track that lacks one half takes the mean of the nearest by the other half, as k-nearest-neighbor
imputation does (Troyanskaya et al. 2001, doi:10.1093/bioinformatics/17.6.520).
"""

from dataclasses import dataclass

import numpy as np

from segue.data.dataset import Dataset
from segue.models.content import ContentKNN
from segue.models.sound_space import known_rows, unit_vectors
from segue.models.track_vectors import svd_rows
from segue.rng import derived_rng
from segue.types import BoolVector, CsrMatrix, FloatMatrix, IntVector

N_DIRECTIONS = 32  # of each half
N_FILL = 10  # nearest whose mean stands for what is missing
N_DONORS = 5_000  # tracks that know both halves, drawn where there are more
BLOCK = 2_048
NOTHING, WORDS, SOUND, BOTH = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class TrackSpace:
    """``vectors`` float32 (n_tracks, d), of length 1 or 0 where nothing is known of a track.

    ``known`` uint8 (n_tracks,): 0 nothing, 1 words, 2 sound, 3 both.
    """

    vectors: FloatMatrix
    known: IntVector


def track_space(dataset: Dataset, seed: int = 0) -> TrackSpace:
    """The space of a catalogue; listeners are not looked at, so that a new track has its place."""
    tracks = dataset.tracks
    features = tracks.vectors.get("sound", np.full((len(tracks), 1), np.nan, np.float32))
    heard = known_rows(features)
    sound = unit_vectors(features, heard, N_DIRECTIONS, 1.0, seed)
    terms: CsrMatrix = ContentKNN().fit(dataset).to_arrays()["vectors"]
    rng = derived_rng(seed, "space", "words")
    words = svd_rows(terms, N_DIRECTIONS, rng) if terms.nnz else np.zeros((len(tracks), 0))
    return join_halves(sound, np.asarray(words, np.float32), seed)


def join_halves(
    sound: FloatMatrix, words: FloatMatrix, seed: int = 0, words_weight: float = 0.5
) -> TrackSpace:
    """Side by side; see the head of this file for what is missing.

    Args:
        sound: Rows of length 1, or 0 where not heard, shape (n, a).
        words: The same of the terms, shape (n, b).
        seed: Draws the tracks that lend, when there are very many.
        words_weight: Share of a cosine that is of words, 0..1.
    """
    heard, told = np.asarray(sound.any(axis=1)), np.asarray(words.any(axis=1))
    donors = np.flatnonzero(heard & told)
    if len(donors) > N_DONORS:
        rng = derived_rng(seed, "space", "donors")
        donors = np.sort(rng.choice(donors, N_DONORS, replace=False))
    if len(donors):
        words = _filled(words, heard & ~told, sound, donors)
        sound = _filled(sound, told & ~heard, words, donors)
    sides = (np.sqrt(1.0 - words_weight) * sound, np.sqrt(words_weight) * words)
    joined = np.hstack(sides).astype(np.float32)
    length = np.linalg.norm(joined, axis=1, keepdims=True)
    joined /= np.where(length > 0, length, 1.0)
    known = np.asarray(SOUND * heard + WORDS * told, np.uint8)
    return TrackSpace(joined, known)


def _filled(
    half: FloatMatrix, lacking: BoolVector, other: FloatMatrix, donors: IntVector
) -> FloatMatrix:
    """``half`` with the unit mean of the nearest donors by the ``other`` where it is lacking."""
    rows = np.flatnonzero(lacking)
    filled = half.copy()
    k = min(N_FILL, len(donors))
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        closeness = other[block] @ other[donors].T
        nearest = np.argpartition(-closeness, k - 1, axis=1)[:, :k]
        mean = half[donors[nearest]].mean(axis=1)
        length = np.linalg.norm(mean, axis=1, keepdims=True)
        filled[block] = mean / np.where(length > 0, length, 1.0)
    return filled
