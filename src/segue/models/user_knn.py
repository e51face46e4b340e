"""Listeners like you: user-based nearest neighbours, with the shared tracks as evidence.

After Herlocker, Konstan, Borchers & Riedl 1999 (doi:10.1145/312624.312682); asymmetric cosine after
Aiolli 2013 (doi:10.1145/2507157.2507189). The training rows are the model: nothing is solved. It
learns from the positive part of ``user_items``; a dislike in a profile subtracts.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from segue.data.compiled import is_compiled
from segue.data.csr import columns_of_rows
from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.data.sparse_sums import SparseScores, sum_of_rows
from segue.errors import InvalidInputError
from segue.models.base import Evidence, Recommender, largest_of_each
from segue.models.item_weights import Values, check_parameters, valued
from segue.models.last_profile import LastProfile
from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector

BLOCK_CELLS = 4_000_000  # similarities held at once: bounds the memory of a batch


class UserKNN(Recommender):
    """The nearest listeners, by what they share with the profile, say what to play.

    With ``x`` the signed profile and ``v`` the likes of a listener, both by ``values``::

        s(x, v)  = x . v / (|v| ** (2 - 2 * alpha) + shrinkage)
        score(r) = sum over the n_neighbors listeners with the largest |s| of s(x, v) * v_r

    The length of the profile is left out of the cosine: it is the same for all listeners, so the
    order stays, while each like adds and each dislike subtracts. A listener who likes what the
    profile dislikes counts against the other tracks they like. All listeners equal to the last one
    kept are kept too, so that no list depends on the order of listeners.

    Args:
        n_neighbors: Listeners who count >= 1; None takes all of them.
        shrinkage: >= 0, in units of preference: holds back listeners of few tracks.
        alpha: 0..1; 0.5 is the cosine, larger values trust listeners of many tracks more.
        values: "given" takes preferences as they are, "binary" their sign, "log" the sign times
            log(1 + size). Applied to training data and to profiles alike.

    >>> likes = sparse.csr_matrix([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> model = UserKNN().fit(Dataset.from_csr(likes))
    >>> model.recommend(Profile.from_weights({0: 1.0}), n=1).track_idx.tolist()
    [1]
    """

    name: ClassVar[str] = "user_knn"

    def __init__(
        self,
        n_neighbors: int | None = 100,
        shrinkage: float = 0.0,
        alpha: float = 0.5,
        values: Values = "given",
    ) -> None:
        self.n_neighbors = n_neighbors
        self.shrinkage = shrinkage
        self.alpha = alpha
        self.values: Values = values

    def fit(self, dataset: Dataset) -> Self:
        """Keep the listeners' likes, once by listener and once by track; O(likes).

        Raises:
            InvalidInputError: A parameter is out of range.
        """
        check_parameters(self.n_neighbors, self.values, shrinkage=self.shrinkage)
        if not 0 <= self.alpha <= 1:
            raise InvalidInputError(f"alpha must lie in 0..1, got {self.alpha}")
        likes = dataset.interactions.positive()
        likes.data = valued(likes.data, self.values)
        square_sum = np.asarray(likes.multiply(likes).sum(axis=1), np.float64).reshape(-1)
        size = square_sum ** (1 - self.alpha) + self.shrinkage
        scaled = sparse.diags_array(1 / np.where(square_sum > 0, size, 1.0)) @ likes
        by_track = sparse.csr_matrix(scaled.T, dtype=np.float64)
        return self.from_arrays({"likes": likes, "by_track": by_track})

    def fold_in(self, profile: Profile) -> FloatVector:
        """The signed profile as a row x, shape (n_tracks,), float32; one entry an event."""
        self.require_profile(profile)
        row = np.zeros(self.n_tracks, np.float32)
        row[profile.track_idx] = valued(profile.preference, self.values)
        return row

    def score(self, representation: FloatVector) -> FloatVector:
        """What the nearest listeners play; reads the listeners of the profile's tracks."""
        self.require_fit()
        row = sparse.csr_matrix(representation[np.newaxis], dtype=np.float32)
        return np.asarray((self._nearest(row) @ self._likes).toarray()[0], np.float32)

    def scored(self, profile: Profile) -> SparseScores:
        """What the nearest listeners play."""
        rows, similarity = self._near(profile)
        return sum_of_rows(self._likes, rows, similarity)

    def score_batch(self, user_items: CsrMatrix) -> FloatMatrix:
        """Scores of several listeners, shape (n_rows, n_tracks), float32."""
        self.require_columns(user_items)
        rows = sparse.csr_matrix(user_items, dtype=np.float32, copy=True)
        rows.data = valued(rows.data, self.values)
        scores = np.empty(rows.shape, np.float32)
        for start, stop in self._blocks(rows.shape[0]):
            scores[start:stop] = (self._nearest(rows[start:stop]) @ self._likes).toarray()
        return scores

    def contributions(self, profile: Profile, track_idx: Sequence[int] | IntVector) -> FloatMatrix:
        """What each track of the profile adds, shape (n_known, n_asked), float32.

        That is the score less the score without that track, neighbours found anew. With
        ``n_neighbors=None`` each column adds up to the score of its track.
        """
        row = sparse.csr_matrix(self.fold_in(profile)[np.newaxis])
        asked = np.asarray(track_idx, np.int64)
        for track in asked.tolist():
            self.require_row(track)
        known, n_known = profile.track_idx, len(profile.track_idx)
        full = self._scores_of(row, asked)
        parts = np.empty((n_known, len(asked)), np.float32)
        for start, stop in self._blocks(n_known):
            without = np.repeat(row.toarray(), stop - start, axis=0)
            without[np.arange(stop - start), known[start:stop]] = 0.0
            parts[start:stop] = full - self._scores_of(sparse.csr_matrix(without), asked)
        return parts

    def explain(self, profile: Profile, track_idx: int, n: int = 3) -> list[Evidence]:
        """The tracks of the profile, shared with listeners of the track, that add most."""
        return self.explain_many(profile, [track_idx], n)[0]

    def explain_many(
        self, profile: Profile, track_idx: Sequence[int] | IntVector, n: int = 3
    ) -> list[list[Evidence]]:
        """:meth:`explain` of several tracks; the neighbours are found once for all of them."""
        return largest_of_each(profile.track_idx, self.contributions(profile, track_idx).T, n)

    def evidence(
        self, profile: Profile, track_idx: Sequence[int] | IntVector, n: int = 3
    ) -> list[list[Evidence]]:
        """What each track adds through the listeners who count now; exact when all of them do."""
        self.require_profile(profile)
        asked = np.asarray(track_idx, np.int32)
        near = self._near(profile)[0]
        shared = columns_of_rows(self._by_track, profile.track_idx, near)
        played = columns_of_rows(self._likes, near, asked)
        value = valued(profile.preference, self.values)
        return largest_of_each(profile.track_idx, (played @ shared) * value, n)

    def neighbors(self, profile: Profile) -> tuple[IntVector, FloatVector]:
        """Rows of the listeners who count for a profile, and their similarity; best first."""
        rows, similarity = self._near(profile)
        order = np.lexsort((rows, -similarity))
        return rows[order], similarity[order]

    def to_arrays(self) -> Mapping[str, NDArray[Any] | CsrMatrix]:
        """``likes`` CSR (n_listeners, n_tracks); ``by_track`` CSR, its transpose over the sizes."""
        return {"likes": self._likes, "by_track": self._by_track}

    def from_arrays(self, arrays: Mapping[str, NDArray[Any] | CsrMatrix]) -> Self:
        """Restore; see :meth:`to_arrays`."""
        self._likes: CsrMatrix = arrays["likes"]
        self._last_near: LastProfile[tuple[IntVector, FloatVector]] = LastProfile()
        self._by_track: CsrMatrix = arrays["by_track"]
        self.n_tracks = int(self._by_track.shape[0])
        return self

    def _near(self, profile: Profile) -> tuple[IntVector, FloatVector]:
        """:meth:`_nearest` of one profile: listeners ascending, and their similarity, float32.

        Found once for a profile: a list asks for scores, and then for the evidence behind them.
        """
        self.require_profile(profile)
        return self._last_near.of(profile, self._find_near)

    def _find_near(self, profile: Profile) -> tuple[IntVector, FloatVector]:
        value = valued(profile.preference, self.values).astype(np.float32)
        weights = value.astype(np.float64)  # as for `_nearest`: equal listeners stay equal
        found = sum_of_rows(self._by_track, profile.track_idx, weights,
                            compiled=is_compiled(self.n_tracks))  # fmt: skip
        rows, similarity = found.track_idx, found.scores
        size = np.abs(similarity)
        least = np.float32(0)
        if self.n_neighbors is not None and len(size) > self.n_neighbors:
            least = np.partition(size, len(size) - self.n_neighbors)[len(size) - self.n_neighbors]
        counts = (size >= least) & (size > 0)
        return rows[counts], similarity[counts]

    def _nearest(self, rows: CsrMatrix) -> CsrMatrix:
        """Similarity to the listeners who count, CSR (n_rows, n_listeners), float32.

        Summed in float64 and rounded, so that listeners who are equal stay equal at the cut.
        """
        similarity = sparse.csr_matrix(rows.astype(np.float64) @ self._by_track, dtype=np.float32)
        similarity.eliminate_zeros()
        for start, stop in zip(similarity.indptr, similarity.indptr[1:], strict=False):
            if self.n_neighbors is not None and stop - start > self.n_neighbors:
                size = np.abs(similarity.data[start:stop])
                at = stop - start - self.n_neighbors
                similarity.data[start:stop][size < np.partition(size, at)[at]] = 0.0
        similarity.eliminate_zeros()
        similarity.sort_indices()  # sums of one row come out the same in any batch
        return similarity

    def _scores_of(self, rows: CsrMatrix, asked: IntVector) -> FloatMatrix:
        """Scores of the asked tracks only, shape (n_rows, n_asked), float32."""
        near = self._nearest(rows)
        listeners = np.unique(near.indices)
        likes = columns_of_rows(self._likes, listeners, asked).T
        return np.asarray(near[:, listeners] @ likes, np.float32)

    def _blocks(self, n_rows: int) -> list[tuple[int, int]]:
        step = max(1, BLOCK_CELLS // max(*self._likes.shape, 1))
        return [(start, min(start + step, n_rows)) for start in range(0, n_rows, step)]
