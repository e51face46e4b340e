"""Clusters of tracks and of a listener's taste, by k-means: the groups behind daily mixes.

A listener is not one point between their tastes but one point for each of them, as in PinnerSage
(Pal et al. 2020, arXiv:2007.03634) and ComiRec (Cen et al. 2020, arXiv:2005.09347).
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Self, get_args

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models.kmeans import k_means
from segue.models.leave_out import LeaveOneOutRecommender
from segue.models.track_vectors import Source, track_vectors
from segue.rng import derived_rng
from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector


class TasteCluster(Struct, frozen=True):
    """One group of a listener's own liked tracks.

    ``track_idx`` int32, nearest to the centroid first; ``weight`` the share of the listener's
    liking, 0..1; ``centroid`` the mean of the vectors by liking, float32, shape (d,).
    """

    track_idx: IntVector
    weight: float
    centroid: FloatVector


class Clusters(LeaveOneOutRecommender):
    """Closeness to the listener's own centroids, one for each cluster that they like or dislike.

    All tracks are put into ``k`` clusters of unit vectors. The liked tracks of a listener within
    one cluster have the mass m, the sum of their preferences, and the centroid u, the mean of their
    vectors by preference, scaled to length 1; the same for the disliked ones, with -m::

        score(i) = sum over groups of m * exp(sharpness * (cos(i, u) - 1))

    A track of which nothing is known is in no cluster and scores 0.

    Args:
        k: Clusters of all tracks, >= 1; fewer when fewer tracks differ.
        n_factors: Directions kept of listening or terms, >= 1.
        source: "listening", "vectors" (those named in the catalogue), "terms", or "auto": see
            :func:`~segue.models.track_vectors.track_vectors` for the rule.
        min_listeners: Listeners of two tracks or more from which "auto" trusts listening, >= 0.
        sharpness: >= 0; the larger, the less a group counts for tracks that are not near it.
        max_iterations: Rounds of k-means at most, >= 1.
        seed: Draws the start of k-means.

    >>> from scipy import sparse
    >>> likes = sparse.csr_matrix([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]])
    >>> model = Clusters(k=2).fit(Dataset.from_csr(likes))
    >>> model.recommend(Profile.from_weights({2: 1.0}), n=1).track_idx.tolist()
    [3]
    """

    name: ClassVar[str] = "clusters"

    def __init__(
        self,
        k: int = 100,
        n_factors: int = 64,
        source: Source = "auto",
        min_listeners: int = 20,
        sharpness: float = 2.0,
        max_iterations: int = 50,
        seed: int = 0,
    ) -> None:
        self.k = k
        self.n_factors = n_factors
        self.source: Source = source
        self.min_listeners = min_listeners
        self.sharpness = sharpness
        self.max_iterations = max_iterations
        self.seed = seed

    def fit(self, dataset: Dataset) -> Self:
        """Make the vectors and cluster them: an SVD, then O(n_tracks k d) a round.

        Raises:
            InvalidInputError: A parameter is out of range.
        """
        self._check()
        svd_rng = derived_rng(self.seed, self.name, "svd")
        vectors = track_vectors(dataset, self.source, self.n_factors, self.min_listeners, svd_rng)
        known = np.flatnonzero(vectors.any(axis=1))
        start_rng = derived_rng(self.seed, self.name, "start")
        found = k_means(vectors[known], self.k, start_rng, None, self.max_iterations)
        cluster_of = np.full(dataset.n_tracks, -1, np.int32)
        cluster_of[known] = found.assigned
        return self.from_arrays(
            {"vectors": vectors, "centroids": found.centroids, "cluster_of": cluster_of}
        )

    @property
    def cluster_of(self) -> IntVector:
        """The cluster of each track, -1 for none, int32, shape (n_tracks,); read only."""
        self.require_fit()
        return self._cluster_of

    @property
    def centroids(self) -> FloatMatrix:
        """Means of the clusters, float32, shape (<= k, d); read only."""
        self.require_fit()
        return self._centroids

    def taste_clusters(self, profile: Profile, k: int) -> list[TasteCluster]:
        """The listener's liked tracks in at most ``k`` groups, the most liked group first.

        k-means on the vectors of these tracks alone, weighed by preference. Tracks in no cluster
        are left out.

        Args:
            profile: May be empty: then there is no group.
            k: >= 1.

        Raises:
            InvalidInputError: ``k`` is below 1, or a row of the profile is not one of this model.
        """
        self.require_profile(profile)
        kept = (profile.preference > 0) & (self._cluster_of[profile.track_idx] >= 0)
        tracks, liking = profile.track_idx[kept], profile.preference[kept].astype(np.float64)
        points = self._vectors[tracks]
        found = k_means(points, k, derived_rng(self.seed, self.name, "taste"), liking)
        groups: list[TasteCluster] = []
        for number, centroid in enumerate(found.centroids):
            member = np.flatnonzero(found.assigned == number)
            distance = np.linalg.norm(points[member] - centroid, axis=1)
            nearest = member[np.lexsort((tracks[member], distance))]
            if len(member):
                share = float(liking[member].sum() / liking.sum())
                groups.append(TasteCluster(tracks[nearest], share, centroid))
        return sorted(groups, key=lambda group: (-group.weight, int(group.track_idx[0])))

    def fold_in(self, profile: Profile) -> FloatVector:
        """Groups one after the other, each its signed mass and its unit centroid, float32."""
        self.require_profile(profile)
        cluster = self._cluster_of[profile.track_idx]
        liking = profile.preference.astype(np.float64)
        kept = np.flatnonzero((cluster >= 0) & (liking != 0))
        keys = 2 * cluster[kept] + (liking[kept] < 0)
        _, group = np.unique(keys, return_inverse=True)
        n_groups = int(group.max(initial=-1)) + 1
        sums = np.zeros((n_groups, self._vectors.shape[1]))
        own = self._vectors[profile.track_idx[kept]] * np.abs(liking[kept])[:, np.newaxis]
        np.add.at(sums, group, own)
        length = np.linalg.norm(sums, axis=1, keepdims=True)
        mass = np.bincount(group, liking[kept], n_groups)
        units = np.divide(sums, length, out=np.zeros_like(sums), where=length > 0)
        return np.column_stack([mass, units]).astype(np.float32).reshape(-1)

    def score(self, representation: FloatVector) -> FloatVector:
        """Signed closeness to the groups, float32; O(n_tracks d) a group."""
        self.require_fit()
        cosines = self._vectors @ self._groups(representation)[1].T
        return self._closeness(cosines, np.arange(self.n_tracks), representation)

    def score_rows(self, representation: FloatVector, track_idx: IntVector) -> FloatVector:
        """``score(representation)[track_idx]`` from these track_idx alone."""
        vectors, units = self._vectors[track_idx], self._groups(representation)[1]
        cosines = np.einsum("nd,gd->ng", vectors, units)  # a BLAS product rounds by its shape
        return self._closeness(cosines, track_idx, representation)

    def counted_tracks(self, profile: Profile, asked: IntVector) -> IntVector:
        """The tracks of the profile that stand in a cluster, ascending."""
        return profile.track_idx[self._cluster_of[profile.track_idx] >= 0]

    def to_arrays(self) -> Mapping[str, NDArray[Any] | CsrMatrix]:
        """``vectors`` (n_tracks, d), ``centroids`` (<= k, d), ``cluster_of`` (n_tracks,)."""
        return {
            "vectors": self._vectors,
            "centroids": self._centroids,
            "cluster_of": self._cluster_of,
        }

    def from_arrays(self, arrays: Mapping[str, NDArray[Any] | CsrMatrix]) -> Self:
        """Restore; see :meth:`to_arrays`."""
        self._vectors: FloatMatrix = arrays["vectors"]
        self._centroids: FloatMatrix = arrays["centroids"]
        self._cluster_of: IntVector = arrays["cluster_of"]
        self.n_tracks = len(self._cluster_of)
        return self

    def _groups(self, representation: FloatVector) -> tuple[FloatVector, FloatMatrix]:
        """Signed masses and unit centroids."""
        groups = representation.reshape(-1, self._vectors.shape[1] + 1)
        return groups[:, 0], groups[:, 1:]

    def _closeness(
        self, cosines: FloatMatrix, rows: IntVector, representation: FloatVector
    ) -> FloatVector:
        near = np.exp(self.sharpness * (cosines - 1.0))
        near = np.einsum("ng,g->n", near, self._groups(representation)[0])
        return np.where(self._cluster_of[rows] >= 0, near, 0.0).astype(np.float32)

    def _check(self) -> None:
        for name, least in (
            ("k", 1),
            ("n_factors", 1),
            ("max_iterations", 1),
            ("min_listeners", 0),
        ):
            if getattr(self, name) < least:
                raise InvalidInputError(
                    f"{name} must be at least {least}, got {getattr(self, name)}"
                )
        if self.source not in get_args(Source):
            raise InvalidInputError(
                f"source must be one of {', '.join(get_args(Source))}, got {self.source!r}"
            )
        if not 0 <= self.sharpness < np.inf:
            raise InvalidInputError(f"sharpness must be finite and >= 0, got {self.sharpness}")
