"""Tracks alike in sound and in words together: one space, and what is missing of a track filled in.

Half of a vector is how a track sounds (:mod:`segue.models.sound_space`), half what is written about
it: the vector of its document, or where there is none the terms. A track that was not heard yet, or
of which nothing is written, takes the mean of its nearest by the other half
(:mod:`segue.models.track_space`), so that new music has neighbors before anybody has analysed it.
"""

from typing import Self

import numpy as np

from segue.data.dataset import Dataset
from segue.errors import InvalidInputError
from segue.models.content import ContentKNN
from segue.models.sound import SoundKNN
from segue.models.sound_space import N_LEARN, hub_offsets, known_rows, unit_vectors
from segue.models.track_space import join_halves
from segue.models.track_vectors import svd_rows
from segue.rng import derived_rng
from segue.types import CsrMatrix, FloatMatrix


class AlikeKNN(SoundKNN):
    """:class:`~segue.models.sound.SoundKNN` in the joint space of sound and words.

    Args:
        n_components: Directions of sound >= 1.
        shrinkage: Of the whitening of sound, 0..1.
        hubs: Take hubs into account; False leaves the cosine.
        seed: For the samples that large libraries are learned from.
        n_words: Directions of words >= 1.
        words_weight: Share of the cosine that is of words, 0..1; a half measured best.
    """

    name = "alike"

    def __init__(
        self,
        n_components: int = 32,
        shrinkage: float = 1.0,
        hubs: bool = True,
        seed: int = 0,
        n_words: int = 32,
        words_weight: float = 0.5,
    ) -> None:
        super().__init__(n_components, shrinkage, hubs, seed)
        self.n_words = n_words
        self.words_weight = words_weight

    def fit(self, dataset: Dataset) -> Self:
        """Learn the space from the catalogue; listeners are not looked at.

        Raises:
            InvalidInputError: A parameter is out of range.
        """
        self._check_space()
        if self.n_words < 1 or not 0 <= self.words_weight <= 1:
            raise InvalidInputError(
                f"n_words must be at least 1 and words_weight in 0..1, got {self.n_words} and "
                f"{self.words_weight}"
            )
        vectors = join_halves(
            self._sound(dataset), self._words(dataset), self.seed, self.words_weight
        ).vectors
        known = np.asarray(vectors.any(axis=1))
        hub = np.zeros(len(known), np.float32)
        if self.hubs:
            hub = hub_offsets(vectors, known, self.seed)
        return self.from_arrays({"vectors": vectors, "hub": hub, "known": known})

    def _sound(self, dataset: Dataset) -> FloatMatrix:
        features = dataset.tracks.vectors.get("sound")
        if features is None or not features.shape[1]:
            return np.zeros((dataset.n_tracks, 0), np.float32)
        heard = known_rows(features)
        return unit_vectors(features, heard, self.n_components, self.shrinkage, self.seed)

    def _words(self, dataset: Dataset) -> FloatMatrix:
        text = dataset.tracks.vectors.get("text")
        if text is not None and text.shape[1]:
            return principal_rows(text, self.n_words, self.seed)
        terms: CsrMatrix = ContentKNN().fit(dataset).to_arrays()["vectors"]
        if not terms.nnz:
            return np.zeros((dataset.n_tracks, 0), np.float32)
        rng = derived_rng(self.seed, "alike", "terms")
        return np.asarray(svd_rows(terms, self.n_words, rng), np.float32)


def principal_rows(vectors: FloatMatrix, n_components: int, seed: int) -> FloatMatrix:
    """Rows in their directions of most variance, of length 1, float32; 0 where not finite.

    The mean is taken off first: documents of one kind share most of their words' direction, and
    that says nothing about which of them are alike (Mu & Viswanath 2018, arXiv:1702.01417).

    Args:
        vectors: Shape (n, d), a row of NaN where nothing is known.
        n_components: Directions kept at most, >= 1.
        seed: Of the sample that very many rows are learned from.
    """
    rows = np.flatnonzero(known_rows(vectors))
    if not len(rows):
        return np.zeros((len(vectors), 0), np.float32)
    rng = derived_rng(seed, "alike", "learn")
    learned = rows if len(rows) <= N_LEARN else np.sort(rng.choice(rows, N_LEARN, replace=False))
    sample = np.asarray(vectors[learned], np.float64)
    mean = sample.mean(axis=0)
    variances, directions = np.linalg.eigh((sample - mean).T @ (sample - mean) / len(sample))
    kept = np.argsort(-variances, kind="stable")[:n_components]
    found = np.zeros((len(vectors), len(kept)), np.float32)
    found[rows] = (vectors[rows] - mean) @ directions[:, kept]
    length = np.linalg.norm(found, axis=1, keepdims=True)
    return found / np.where(length > 1e-6, length, 1.0).astype(np.float32)
