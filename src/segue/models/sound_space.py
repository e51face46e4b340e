"""A space in which the cosine of two sound vectors means how alike they sound, without hubs.

Whitening: features come in any unit and many say the same, so they are scaled robustly, clipped,
and turned into uncorrelated directions whose variances are shrunk towards each other (the linear
shrinkage of Ledoit & Wolf 2004, doi:10.1016/S0047-259X(03)00096-4, with a given intensity).

Hubness: in many dimensions some tracks are near to far too many others (Radovanovic et al. 2010,
JMLR 11). CSLS (Conneau et al. 2018, arXiv:1710.04087) takes off a pair's cosine how near both are
to their own neighborhood.
"""

from dataclasses import dataclass

import numpy as np

from segue.rng import derived_rng
from segue.types import BoolVector, FloatMatrix, FloatVector, IntVector

N_LEARN = 50_000  # tracks from which medians and covariances are learned
N_REFERENCE = 4_096  # tracks among which neighborhoods are looked for
N_NEIGHBORS = 50  # with 10, mates of one album are all of a neighborhood, and hubs grow
CLIP = 5.0  # robust standard deviations: beyond is a broken measurement or as good as one
BLOCK_ROWS = 16_384
_IQR_OF_NORMAL = 1.349  # interquartile range of a normal distribution of standard deviation 1


@dataclass(frozen=True, slots=True)
class SoundSpace:
    """A map from features to directions: ``(clip((x - median) / scale) - mean) @ basis``.

    ``columns`` are the features that vary, shape (m,); ``median``, ``scale``, ``mean`` (m,);
    ``basis`` (m, d).
    """

    columns: IntVector
    median: FloatVector
    scale: FloatVector
    mean: FloatVector
    basis: FloatMatrix

    def unit_rows(self, features: FloatMatrix) -> FloatMatrix:
        """Features (n, n_features) as vectors of length 1 or, in the middle of all, 0; float32."""
        directions = (self._scaled(features) - self.mean) @ self.basis
        length = np.linalg.norm(directions, axis=1, keepdims=True)
        return (directions / np.where(length > 1e-9, length, 1.0)).astype(np.float32)

    def _scaled(self, features: FloatMatrix) -> FloatMatrix:
        return _scaled(features[:, self.columns], self.median, self.scale)


def learn_space(features: FloatMatrix, n_components: int, shrinkage: float) -> SoundSpace:
    """From finite features (n, n_features), n >= 1.

    Args:
        features: Any units.
        n_components: Directions kept at most, those that vary most.
        shrinkage: 0 gives every direction the same variance, 1 leaves variances as they are.
    """
    values = np.asarray(features, np.float64)
    columns = np.flatnonzero(np.ptp(values, axis=0) > 0)
    values = values[:, columns]
    low, median, high = np.percentile(values, (25, 50, 75), axis=0)
    spread = (high - low) / _IQR_OF_NORMAL
    scale = np.where(spread > 0, spread, values.std(axis=0))  # more than half are equal
    values = _scaled(values, median, scale)
    mean = values.mean(axis=0)
    centred = values - mean
    variances, directions = np.linalg.eigh(centred.T @ centred / len(values))
    kept = np.argsort(-variances, kind="stable")[:n_components]
    kept = kept[variances[kept] > 1e-12 * variances.max(initial=0.0)]
    average = variances.mean() if len(variances) else 0.0
    shrunk = (1 - shrinkage) * variances[kept] + shrinkage * average
    basis = directions[:, kept] / np.sqrt(shrunk)
    return SoundSpace(columns, median, scale, mean, basis)


def known_rows(features: FloatMatrix) -> BoolVector:
    """Where every feature of a row is finite, shape (n,)."""
    known = np.empty(len(features), bool)
    for start in range(0, len(features), BLOCK_ROWS):
        block = features[start : start + BLOCK_ROWS]
        known[start : start + BLOCK_ROWS] = np.isfinite(block).all(axis=1)
    return known


def unit_vectors(
    features: FloatMatrix, known: BoolVector, n_components: int, shrinkage: float, seed: int
) -> FloatMatrix:
    """All rows in the space of a sample of them, float32 (n, d); zeros where not ``known``.

    Memory beyond the result is bounded by the sample and one block.
    """
    rows = np.flatnonzero(known)
    if not len(rows):
        return np.zeros((len(features), 0), np.float32)
    rng = derived_rng(seed, "sound", "learn")
    learned = rows if len(rows) <= N_LEARN else np.sort(rng.choice(rows, N_LEARN, replace=False))
    space = learn_space(features[learned], n_components, shrinkage)
    vectors = np.zeros((len(features), space.basis.shape[1]), np.float32)
    for start in range(0, len(rows), BLOCK_ROWS):
        block = rows[start : start + BLOCK_ROWS]
        vectors[block] = space.unit_rows(np.asarray(features[block], np.float64))
    return vectors


def hub_offsets(vectors: FloatMatrix, known: BoolVector, seed: int) -> FloatVector:
    """Half of how much nearer than usual each row's neighborhood is, float32 (n,); 0 if unknown.

    The neighborhood of a row is the mean cosine with its ``N_NEIGHBORS`` nearest of at most
    ``N_REFERENCE`` rows drawn, itself left out. ``cos(i, j) - offset_i - offset_j`` then ranks as
    CSLS, ``2 cos(i, j) - r_i - r_j``, does; the mean of all neighborhoods is taken off, so that the
    scores of a listener with many tracks do not sink as a whole.
    """
    rows = np.flatnonzero(known)
    offsets = np.zeros(len(vectors), np.float32)
    n_neighbors = min(N_NEIGHBORS, len(rows) - 1)
    if n_neighbors < 1:
        return offsets
    rng = derived_rng(seed, "sound", "reference")
    drawn = rows if len(rows) <= N_REFERENCE else rng.choice(rows, N_REFERENCE, replace=False)
    place = np.full(len(vectors), -1, np.int64)
    place[drawn] = np.arange(len(drawn))
    reference = np.ascontiguousarray(vectors[drawn].T)
    for start in range(0, len(rows), BLOCK_ROWS // 8):
        block = rows[start : start + BLOCK_ROWS // 8]
        cosines = vectors[block] @ reference
        own = np.flatnonzero(place[block] >= 0)
        cosines[own, place[block[own]]] = -np.inf
        nearest = np.partition(cosines, cosines.shape[1] - n_neighbors, axis=1)[:, -n_neighbors:]
        offsets[block] = nearest.mean(axis=1)
    offsets[rows] = (offsets[rows] - offsets[rows].mean(dtype=np.float64)) / 2
    return offsets


def _scaled(values: FloatMatrix, median: FloatVector, scale: FloatVector) -> FloatMatrix:
    return np.clip((values - median) / scale, -CLIP, CLIP)
