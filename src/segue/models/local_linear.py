"""What SLIM and the sparse EASE share: a regression for each track on its strongest neighbours.

The Gram matrix is never held: its rows pass by in blocks to find the neighbours, and each
neighbourhood's own part is computed from the listening again, exactly.
"""

from abc import abstractmethod
from typing import NamedTuple, Self

import numpy as np
from scipy import sparse

from segue.data.dataset import Dataset
from segue.models.linear import EASE, most_listened
from segue.models.linear_solve import row_blocks
from segue.models.local_kernels import local_gram
from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector


class LocalLinear(EASE):
    """Base: finds neighbourhoods, asks :meth:`solve_local` for the weights of each, keeps CSR.

    Lists, evidence and storage are those of :class:`~segue.models.linear.EASE` with sparse weights.
    """

    @abstractmethod
    def solve_local(self, gram: FloatMatrix, right: FloatVector, ridge: FloatVector) -> FloatVector:
        """Weights of the neighbours of one track, shape (n_hood,).

        Args:
            gram: X'X among the neighbours, shape (n_hood, n_hood).
            right: X'X between the neighbours and the track, shape (n_hood,).
            ridge: Of each neighbour, > 0, shape (n_hood,).
        """

    def fit(self, dataset: Dataset) -> Self:
        """One small system a track; a neighbourhood costs the listens of all who know it.

        Raises:
            InvalidInputError: A parameter is out of range.
        """
        self._check()
        likes = dataset.interactions.positive()
        likes.data = self._valued(likes.data)
        chosen = most_listened(likes, self.max_items)
        likes = sparse.csr_matrix(likes[:, chosen], dtype=np.float64)
        square_sum = np.asarray(likes.multiply(likes).sum(axis=0), np.float64).reshape(-1)
        ridge = self._ridge(square_sum)
        hoods = self._hoods(likes, ridge)
        weights = self._local_weights(likes, ridge, hoods)
        place = np.full(dataset.n_tracks, -1, np.int32)
        place[chosen] = np.arange(len(chosen))
        shape = (dataset.n_tracks, dataset.n_tracks)
        rows, columns = chosen[weights.row], chosen[weights.col]
        spread = sparse.csr_matrix((weights.data, (rows, columns)), shape, np.float32)
        return self.from_arrays({"place": place, "weights": spread})

    def _hoods(self, likes: CsrMatrix, ridge: FloatVector) -> list[IntVector]:
        """The neighbours of each track, ascending."""
        return strongest_neighbors(likes, ridge, self.n_neighbors)

    def _local_weights(
        self, likes: CsrMatrix, ridge: FloatVector, hoods: list[IntVector]
    ) -> CsrMatrix:
        """B as COO: column ``track`` holds the weights of its neighbours."""
        by_track = likes.tocsc()
        solved: list[FloatVector] = []
        for track, hood in enumerate(hoods):
            # the track itself comes last, so that its column is the right-hand side
            gram = local_gram(by_track, np.append(hood, np.int32(track)))
            inner = gram[:-1, :-1]
            solved.append(self.solve_local(inner, gram[:-1, -1], ridge[hood]))
        n = len(hoods)
        columns = np.repeat(np.arange(n), [len(hood) for hood in hoods])
        rows = np.concatenate(hoods) if n else np.empty(0, np.int32)
        data = np.concatenate(solved) if n else np.empty(0)
        kept = data != 0
        return sparse.coo_matrix((data[kept], (rows[kept], columns[kept])), shape=(n, n))


def strongest_neighbors(
    likes: CsrMatrix, ridge: FloatVector, n_neighbors: int | None
) -> list[IntVector]:
    """For each track the neighbours that would explain most of it alone, ascending, int32.

    A single neighbour i with weight ``g_ij / (g_ii + ridge_i)`` lowers the loss of track j by
    ``g_ij^2 / (g_ii + ridge_i)``; ties go to the lower row. None takes every other track.

    >>> likes = sparse.csr_matrix([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
    >>> [hood.tolist() for hood in strongest_neighbors(likes, np.ones(3), 1)]
    [[1], [0], [0]]
    """
    n = likes.shape[1]
    if n_neighbors is None:
        return [np.delete(np.arange(n, dtype=np.int32), track) for track in range(n)]
    square_sum = np.asarray(likes.multiply(likes).sum(axis=0), np.float64).reshape(-1)
    scale = 1.0 / np.sqrt(square_sum + ridge)
    tracks = likes.T.tocsr()
    hoods: list[IntVector] = []
    for start, stop in row_blocks(n):
        gram = sparse.csr_matrix(tracks[start:stop] @ likes)
        for row in range(stop - start):
            span = slice(gram.indptr[row], gram.indptr[row + 1])
            others = gram.indices[span] != start + row
            columns, strength = gram.indices[span][others], gram.data[span][others]
            order = np.lexsort((columns, -strength * scale[columns]))[:n_neighbors]
            hoods.append(np.sort(columns[order]).astype(np.int32))
    return hoods


def strongest_pairs(
    likes: CsrMatrix, ridge: FloatVector, n_pairs: int, most: int
) -> list[IntVector]:
    """Neighbours of each track, ascending, int32, ``n_pairs`` in all, where they explain most.

    The measure is that of :func:`strongest_neighbors`, compared over all tracks: a track that many
    know has more to be explained and gets more neighbours. At most ``2 * n_pairs`` pairs and one
    block are held at once.

    Args:
        likes: X >= 0, CSR (n_listeners, n_tracks), float64.
        ridge: > 0, shape (n_tracks,).
        n_pairs: Pairs kept >= 1; ties go to the lower track, then the lower neighbour.
        most: Neighbours of one track at most, >= 1.

    >>> likes = sparse.csr_matrix([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
    >>> [hood.tolist() for hood in strongest_pairs(likes, np.ones(3), 3, 9)]
    [[1, 2], [0], []]
    """
    n = likes.shape[1]
    square_sum = np.asarray(likes.multiply(likes).sum(axis=0), np.float64).reshape(-1)
    scale = 1.0 / np.sqrt(square_sum + ridge)
    tracks = likes.T.tocsr()
    pool = Pairs(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))
    for start, stop in row_blocks(n):
        block = sparse.csr_matrix(tracks[start:stop] @ likes)
        owner = np.repeat(np.arange(start, stop, dtype=np.int32), np.diff(block.indptr))
        strength = block.data * scale[block.indices]
        strength[block.indices == owner] = 0.0
        found = Pairs(owner, block.indices, strength).strongest(n_pairs, most)
        pool = pool.joined(found).strongest(n_pairs, most)
    order = np.lexsort((pool.neighbor, pool.owner))
    cuts = np.searchsorted(pool.owner[order], np.arange(1, n))
    return np.split(pool.neighbor[order].astype(np.int32), cuts) if n else []


class Pairs(NamedTuple):
    """A track, one of its neighbours, and how strong that is, by column."""

    owner: IntVector
    neighbor: IntVector
    strength: FloatVector

    def strongest(self, n_pairs: int, most: int) -> "Pairs":
        """The strongest above zero, ``most`` of one owner at most."""
        pairs = self.take(np.flatnonzero(self.strength > 0))
        pairs = pairs.take(np.lexsort((pairs.neighbor, -pairs.strength, pairs.owner)))
        place = np.arange(len(pairs.owner)) - np.searchsorted(pairs.owner, pairs.owner)
        pairs = pairs.take(np.flatnonzero(place < most))
        return pairs.take(np.lexsort((pairs.neighbor, pairs.owner, -pairs.strength))[:n_pairs])

    def joined(self, other: "Pairs") -> "Pairs":
        """These, then the others."""
        return Pairs(
            np.concatenate([self.owner, other.owner]),
            np.concatenate([self.neighbor, other.neighbor]),
            np.concatenate([self.strength, other.strength]),
        )

    def take(self, rows: IntVector) -> "Pairs":
        """Some of them, in the order given."""
        return Pairs(self.owner[rows], self.neighbor[rows], self.strength[rows])
