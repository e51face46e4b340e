"""Tracks that sound alike: cosine in a robust space of sound features, corrected for hubs.

It needs no listener and no tag, only ``TrackTable.vectors["sound"]``. CSLS after Conneau et al.
2018 (arXiv:1710.04087); the space is described in :mod:`segue.models.sound_space`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models.base import Evidence, Recommender, largest_of_each
from segue.models.sound_space import hub_offsets, known_rows, unit_vectors
from segue.types import BoolVector, CsrMatrix, FloatMatrix, FloatVector, IntVector


class SoundKNN(Recommender):
    """Each track is a unit vector of how it sounds; a listener is the signed sum of their tracks.

    The likeness of tracks i and j is ``cos(i, j) - hub_i - hub_j``, where ``hub`` is how much
    nearer a track is to its neighborhood than tracks usually are to theirs. A list adds it up over
    the profile with its preferences, so that the evidence of the tracks adds up to the score. That
    sum is one product with the vectors: memory is those and nothing of size n x n.

    A track whose features are not all finite, or a library without ``vectors["sound"]``, scores 0
    and adds nothing.

    Args:
        n_components: Directions kept >= 1; 32 float32 are 128 MB a million tracks.
        shrinkage: 0 whitens fully, 1 leaves the variances of the scaled features as they are, which
            measured best; see :func:`~segue.models.sound_space.learn_space`.
        hubs: Take hubs into account; False leaves the cosine.
        seed: For the samples that large libraries are learned from.
    """

    name: ClassVar[str] = "sound"
    learns_from_listens: ClassVar[bool] = False
    dense_limit: ClassVar[int | None] = 200_000  # 3 ms at 32 components; an index beyond

    def __init__(
        self, n_components: int = 32, shrinkage: float = 1.0, hubs: bool = True, seed: int = 0
    ) -> None:
        self.n_components = n_components
        self.shrinkage = shrinkage
        self.hubs = hubs
        self.seed = seed

    def fit(self, dataset: Dataset) -> Self:
        """Learn the space from the catalogue; listeners are not looked at.

        Raises:
            InvalidInputError: A parameter is out of range.
        """
        self._check_space()
        features = dataset.tracks.vectors.get("sound")
        if features is None or not features.shape[1]:
            features = np.full((dataset.n_tracks, 1), np.nan, np.float32)
        known = known_rows(features)
        vectors = unit_vectors(features, known, self.n_components, self.shrinkage, self.seed)
        hub = np.zeros(len(known), np.float32)
        if self.hubs:
            hub = hub_offsets(vectors, known, self.seed)
        return self.from_arrays({"vectors": vectors, "hub": hub, "known": known})

    def _check_space(self) -> None:
        if self.n_components < 1:
            raise InvalidInputError(f"n_components must be at least 1, got {self.n_components}")
        if not 0 <= self.shrinkage <= 1:
            raise InvalidInputError(f"shrinkage must lie in 0..1, got {self.shrinkage}")

    def fold_in(self, profile: Profile) -> FloatVector:
        """Sums over the profile of preference times vector, hub offset and 1; float32 (d + 2,)."""
        self.require_profile(profile)
        rows = profile.track_idx[self._known[profile.track_idx]]
        preference = profile.preference[self._known[profile.track_idx]]
        return np.concatenate([
            preference @ self._vectors[rows], [preference @ self._hub[rows], preference.sum()]
        ]).astype(np.float32)  # fmt: skip

    def score(self, representation: FloatVector) -> FloatVector:
        """Summed likeness of each track to the profile, float32; 0 where nothing is known."""
        self.require_fit()
        taste, hub, total = representation[:-2], representation[-2], representation[-1]
        scores = self._vectors @ taste - (hub + total * self._hub)
        return np.where(self._known, scores, 0.0).astype(np.float32)

    def score_rows(self, representation: FloatVector, track_idx: IntVector) -> FloatVector:
        """:meth:`score` of the tracks asked for, without the others."""
        self.require_fit()
        taste, hub, total = representation[:-2], representation[-2], representation[-1]
        scores = self._vectors[track_idx] @ taste - (hub + total * self._hub[track_idx])
        return np.where(self._known[track_idx], scores, 0.0).astype(np.float32)

    def index_mask(self) -> BoolVector:
        """The tracks of which something is known, mask (n_tracks,)."""
        self.require_fit()
        return self._known

    def index_rows(self) -> tuple[IntVector, FloatMatrix]:
        """Known tracks, ascending, and ``[vector, -hub]`` of each, float32 (n, d + 1).

        With :meth:`index_query` the product is the score, but for the hubs of the profile, which
        are the same for all tracks.
        """
        self.require_fit()
        rows = np.flatnonzero(self._known)
        return rows, np.column_stack([self._vectors[rows], -self._hub[rows]]).astype(np.float32)

    def index_query(self, representation: FloatVector) -> FloatVector:
        """``[taste, total preference]``, float32 (d + 1,); see :meth:`index_rows`."""
        return np.append(representation[:-2], representation[-1]).astype(np.float32)

    def index_direction(self, direction: FloatVector) -> FloatVector:
        """``[direction, 0]``: hubs are left out; see :meth:`index_rows`."""
        return np.append(direction, 0.0).astype(np.float32)

    def score_batch(self, user_items: CsrMatrix) -> FloatMatrix:
        """Scores of several listeners at once, shape (n_rows, n_tracks), float32."""
        self.require_columns(user_items)
        rows = sparse.csr_matrix(user_items, dtype=np.float32)
        taste = np.asarray(rows @ self._vectors)
        hub, total = rows @ self._hub, rows @ self._known.astype(np.float32)
        scores = taste @ self._vectors.T - hub[:, np.newaxis] - np.outer(total, self._hub)
        scores[:, ~self._known] = 0.0
        return np.asarray(scores, np.float32)

    def contributions(self, profile: Profile, track_idx: Sequence[int] | IntVector) -> FloatMatrix:
        """Preference times likeness for each track of the profile, (n_known, n_asked), float32.

        Each column adds up to the score of its track.
        """
        self.require_profile(profile)
        asked = np.asarray(track_idx, np.int64)
        for row in asked.tolist():
            self.require_row(row)
        # in float64, so that one track asked alone and among others has the same digits
        likeness = np.asarray(self._vectors[profile.track_idx], np.float64)
        likeness = likeness @ np.asarray(self._vectors[asked], np.float64).T
        likeness -= self._hub[profile.track_idx][:, np.newaxis] + self._hub[asked]
        likeness *= self._known[profile.track_idx][:, np.newaxis] & self._known[asked]
        return np.asarray(likeness * profile.preference[:, np.newaxis], np.float32)

    def explain(self, profile: Profile, track_idx: int, n: int = 3) -> list[Evidence]:
        """The tracks of the profile that sound most like it."""
        return self.explain_many(profile, [track_idx], n)[0]

    def explain_many(
        self, profile: Profile, track_idx: Sequence[int] | IntVector, n: int = 3
    ) -> list[list[Evidence]]:
        """:meth:`explain` of several tracks in one product."""
        return largest_of_each(profile.track_idx, self.contributions(profile, track_idx).T, n)

    def to_arrays(self) -> Mapping[str, NDArray[Any] | CsrMatrix]:
        """``vectors`` (n_tracks, d) float32, ``hub`` (n_tracks,) float32, ``known`` bool."""
        return {"vectors": self._vectors, "hub": self._hub, "known": self._known}

    def from_arrays(self, arrays: Mapping[str, NDArray[Any] | CsrMatrix]) -> Self:
        """Restore; see :meth:`to_arrays`."""
        self._vectors: FloatMatrix = arrays["vectors"]
        self._hub: FloatVector = arrays["hub"]
        self._known: BoolVector = arrays["known"]
        self.n_tracks = len(self._vectors)
        return self
