"""Directions in which tracks lie: the vectors of the models behind "similar", for angles."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from segue.models.base import Recommender
from segue.pipeline.candidates import Source
from segue.pipeline.nearest import Indexable, Nearest
from segue.types import BoolVector, FloatMatrix, FloatVector, IntVector

SPACES = ("sound", "alike", "content")  # in the order in which they are asked


@dataclass(frozen=True, slots=True)
class Space:
    """Unit rows of one model, dense or CSR, shape (n_tracks, d); rows of 0 are not known."""

    name: str
    vectors: Any
    index: tuple[Nearest, Indexable] | None = None  # in a library too large to compare all

    def known(self) -> BoolVector:
        """Tracks that have a direction, shape (n_tracks,)."""
        if isinstance(self.vectors, np.ndarray):
            return np.asarray(self.vectors.any(axis=1))
        return np.diff(self.vectors.indptr) > 0

    def rows(self, track_idx: IntVector | Sequence[int]) -> FloatMatrix:
        """Dense vectors of some tracks, float64 (n, d)."""
        rows = self.vectors[np.asarray(track_idx, np.int64)]
        return np.asarray(rows if isinstance(rows, np.ndarray) else rows.toarray(), np.float64)

    def cosines(self, directions: FloatMatrix, track_idx: IntVector) -> FloatMatrix:
        """Of directions (m, d) with some tracks, float64 (m, n)."""
        return np.asarray((self.vectors[track_idx] @ directions.T).T, np.float64)

    def near(
        self, points: FloatMatrix, allowed: BoolVector, n: int
    ) -> Iterator[tuple[IntVector, FloatVector]]:
        """For each point (m, d) tracks to choose from, and their cosines with it.

        All that are allowed and known, or where there is an index the ``n`` nearest of them.
        """
        if self.index is not None:
            nearest, model = self.index
            for point in points:
                rows = np.sort(nearest.best(model.index_direction(point), n, allowed))
                yield rows, self.cosines(point[np.newaxis], rows)[0]
            return
        rows = np.flatnonzero(allowed & self.known())
        yield from ((rows, line) for line in self.cosines(points, rows))


def space_of(sources: Sequence[Source], track_idx: Sequence[int]) -> Space | None:
    """The first space that knows all of some tracks: sound, else words, else terms."""
    by_name = {source.name: source for source in sources}
    for name in SPACES:
        source = by_name.get(name)
        model = None if source is None else source.model
        if source is None or not isinstance(model, Recommender):
            continue
        index = None
        if source.nearest is not None and isinstance(model, Indexable):
            index = (source.nearest, model)
        space = Space(name, model.to_arrays()["vectors"], index)
        if space.rows(track_idx).any(axis=1).all():
            return space
    return None


def angles(cosines: FloatMatrix) -> FloatMatrix:
    """Radians, 0..pi; rounding beyond 1 is taken as 1."""
    return np.arccos(np.clip(cosines, -1.0, 1.0))


def between(a: FloatVector, b: FloatVector, shares: FloatVector) -> FloatMatrix:
    """Directions at shares 0..1 of the way along the great circle from a to b, (n, d).

    Spherical linear interpolation (Shoemake 1985, doi:10.1145/325165.325242). Opposite ends have no
    one circle; then the way leads over the mean of both, which is the middle of all.

    >>> between(np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.array([0.5])).round(3).tolist()
    [[0.707, 0.707]]
    """
    angle = float(np.arccos(np.clip(a @ b, -1.0, 1.0)))
    t = shares[:, np.newaxis]
    if np.sin(angle) < 1e-6:
        return (1 - t) * a + t * b
    return (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)
