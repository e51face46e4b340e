"""Tracks that share terms: genre, tag, artist, album, decade, word, weighted by TF-IDF.

The vector-space model of Salton & Buckley 1988 (doi:10.1016/0306-4573(88)90021-0) on binary terms,
with a profile vector after Rocchio 1971. It needs no listener at all, so it answers from the first
minute and for tracks that nobody has played.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from segue.data.csr import row_entries
from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models.base import Evidence, Recommender, largest_of_each
from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector

KINDS = ("genre", "tag", "artist", "album", "decade", "word")


class ContentKNN(Recommender):
    """Each track is a unit vector of its terms; a listener is the signed sum of their tracks.

    A term that stands at ``df`` of ``n`` tracks weighs ``kind_weight * ln(1 + n / df)``. For one
    seed the score is the cosine. For a profile it is the cosine times the length of the profile
    vector: that length is the same for all tracks, so the order is that of the cosine, while every
    like adds, every dislike subtracts, and the evidence adds up to the score exactly.

    The default weights are a cautious start: terms that say how music sounds count in full, those
    that every artist's own work shares (artist, album) less, since they are so rare that their
    inverse frequency would drown all others. Set a weight to 0 to leave a kind out.

    Args:
        genre_weight: Weight >= 0 of terms of kind "genre".
        tag_weight: Of kind "tag", and of any kind not named here.
        artist_weight: Of kind "artist".
        album_weight: Of kind "album".
        decade_weight: Of kind "decade".
        word_weight: Of kind "word" (words of the title or a description).
    """

    name: ClassVar[str] = "content"
    learns_from_listens: ClassVar[bool] = False
    dense_limit: ClassVar[int | None] = 200_000  # 1 ms at ten terms a track

    def __init__(
        self,
        genre_weight: float = 1.0,
        tag_weight: float = 1.0,
        artist_weight: float = 0.5,
        album_weight: float = 0.25,
        decade_weight: float = 0.5,
        word_weight: float = 0.25,
    ) -> None:
        self.genre_weight = genre_weight
        self.tag_weight = tag_weight
        self.artist_weight = artist_weight
        self.album_weight = album_weight
        self.decade_weight = decade_weight
        self.word_weight = word_weight

    def fit(self, dataset: Dataset) -> Self:
        """Weigh and normalise the terms of the catalogue; listeners are not looked at.

        Raises:
            InvalidInputError: A weight is negative or not finite.
        """
        table = dataset.tracks
        weights = self._kind_weights()
        kind_weight = np.array([weights.get(kind, self.tag_weight) for kind in table.term_kinds])
        self._vectors = tfidf_vectors(table.terms, kind_weight)
        self._terms = np.array(list(table.term_names), dtype=np.str_)
        self.n_tracks = dataset.n_tracks
        return self

    def fold_in(self, profile: Profile) -> FloatVector:
        """Signed sum of the vectors of the profile's tracks, shape (n_terms,), float32."""
        self.require_profile(profile)
        vectors = self._vectors[profile.track_idx]
        return np.asarray(vectors.T @ profile.preference, np.float32)

    def score(self, representation: FloatVector) -> FloatVector:
        """Dot product of each track with the profile vector, float32."""
        self.require_fit()
        return np.asarray(self._vectors @ representation, np.float32)

    def score_rows(self, representation: FloatVector, track_idx: IntVector) -> FloatVector:
        """Dot product with the vectors of the tracks asked for."""
        self.require_fit()
        return np.asarray(self._vectors[track_idx] @ representation, np.float32)

    def score_batch(self, user_items: CsrMatrix) -> FloatMatrix:
        """Scores of several listeners at once, shape (n_rows, n_tracks), float32."""
        self.require_columns(user_items)
        profiles = sparse.csr_matrix(user_items, dtype=np.float32) @ self._vectors
        return np.asarray((profiles @ self._vectors.T).toarray(), np.float32)

    def closeness(self, track_idx: IntVector, groups: Sequence[IntVector]) -> FloatMatrix:
        """Cosine of each track with the mean vector of each group, float32 (n_asked, n_groups).

        A group without a term in it is close to nothing: its column is zero.
        """
        self.require_fit()
        asked = row_entries(self._vectors, track_idx)
        weights, owner = np.asarray(self._vectors.data)[asked.at], asked.owner
        columns = [
            np.bincount(owner, weights * direction[asked.columns], len(track_idx))
            for direction in self.directions(groups).T
        ]
        return np.stack(columns, axis=1).astype(np.float32)

    @property
    def vectors(self) -> CsrMatrix:
        """CSR float32 (n_tracks, n_terms), rows of length 1 or 0; read-only."""
        self.require_fit()
        return self._vectors

    def directions(self, groups: Sequence[IntVector]) -> FloatMatrix:
        """The mean vector of each group at length 1 or 0, float64 (n_terms, n_groups)."""
        return np.stack([self._direction(group) for group in groups], axis=1)

    def _direction(self, rows: IntVector) -> FloatVector:
        entries = row_entries(self._vectors, rows)
        values = np.asarray(self._vectors.data)[entries.at]
        sums = np.bincount(entries.columns, values, len(self._terms))
        return sums / max(float(np.linalg.norm(sums)), 1e-12)

    def contributions(self, profile: Profile, track_idx: Sequence[int] | IntVector) -> FloatMatrix:
        """Preference times cosine for each track of the profile, (n_known, n_asked), float32.

        Each column adds up to the score of its track.
        """
        self.require_profile(profile)
        asked = np.asarray(track_idx, np.int64)
        for row in asked.tolist():
            self.require_row(row)
        shared = self._vectors[profile.track_idx] @ self._vectors[asked].T
        return np.asarray(shared.toarray(), np.float32) * profile.preference[:, np.newaxis]

    def explain(self, profile: Profile, track_idx: int, n: int = 3) -> list[Evidence]:
        """The tracks of the profile that add most; :meth:`explain_terms` says through what."""
        return self.explain_many(profile, [track_idx], n)[0]

    def explain_many(
        self, profile: Profile, track_idx: Sequence[int] | IntVector, n: int = 3
    ) -> list[list[Evidence]]:
        """:meth:`explain` of several tracks in one sparse product."""
        parts = self.contributions(profile, track_idx)
        return largest_of_each(profile.track_idx, parts.T, n)

    def explain_terms(self, profile: Profile, track_idx: int, n: int = 3) -> list[Evidence]:
        """The terms of the track that add most to its score, largest first.

        With ``n`` of all terms and none below zero, they add up to the score.
        """
        self.require_row(track_idx)
        vector = self._vectors[track_idx]
        added = vector.data * self.fold_in(profile)[vector.indices]
        order = np.lexsort((vector.indices, -added))[: max(n, 0)]
        return [
            Evidence(contribution=float(added[i]), term=str(self._terms[vector.indices[i]]))
            for i in order
            if added[i] > 0
        ]

    def to_arrays(self) -> Mapping[str, NDArray[Any] | CsrMatrix]:
        """``vectors`` CSR (n_tracks, n_terms) of unit rows, and ``terms`` (n_terms,) of names."""
        return {"vectors": self._vectors, "terms": self._terms}

    def from_arrays(self, arrays: Mapping[str, NDArray[Any] | CsrMatrix]) -> Self:
        """Restore; see :meth:`to_arrays`."""
        self._vectors: CsrMatrix = arrays["vectors"]
        self._terms: NDArray[np.str_] = arrays["terms"]
        self.n_tracks = int(self._vectors.shape[0])
        return self

    def _kind_weights(self) -> dict[str, float]:
        weights = {kind: float(getattr(self, f"{kind}_weight")) for kind in KINDS}
        for kind, weight in weights.items():
            if not 0 <= weight < np.inf:
                raise InvalidInputError(f"{kind}_weight must be finite and >= 0, got {weight}")
        return weights


def tfidf_vectors(terms: CsrMatrix, kind_weight: FloatVector) -> CsrMatrix:
    """Rows of ``kind_weight * ln(1 + n / df)`` at each term, scaled to length 1; CSR float32.

    Rows without a term of any weight stay zero.

    Args:
        terms: CSR (n_tracks, n_terms); anything above zero counts as present.
        kind_weight: >= 0, shape (n_terms,).

    >>> tfidf_vectors(sparse.csr_matrix([[1.0, 1.0], [0.0, 1.0]]), np.ones(2)).toarray()[1].tolist()
    [0.0, 1.0]
    """
    present = sparse.csr_matrix(terms, dtype=np.float32, copy=True)
    present.sum_duplicates()
    present.data = (present.data > 0).astype(np.float32)
    present.eliminate_zeros()
    n_tracks, n_terms = present.shape
    df = np.bincount(present.indices, minlength=n_terms)
    weight = kind_weight * np.log1p(n_tracks / np.maximum(df, 1))
    values = weight[present.indices]
    row_of = np.repeat(np.arange(n_tracks), np.diff(present.indptr))
    length = np.sqrt(np.bincount(row_of, values**2, n_tracks))
    present.data = (values / np.where(length > 0, length, 1.0)[row_of]).astype(np.float32)
    present.eliminate_zeros()
    return present
