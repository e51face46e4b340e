"""Item-item linear models in closed form: EASE (Steck 2019, arXiv:1905.03375) and EDLAE.

EDLAE is Steck 2020, "Autoencoders that don't overfit towards the identity" (NeurIPS 2020), its
full-rank closed form with zero diagonal: EASE with a ridge that grows with a track's popularity.

They learn from the positive part of ``user_items``: a zero diagonal regression on signed data would
learn that tracks disliked together belong together. Signs count when a list is made: a dislike
subtracts its row of weights.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from segue.data.csr import columns_of_rows
from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.data.sparse_sums import SparseScores, sum_of_rows
from segue.errors import InvalidInputError
from segue.models.base import Evidence, Recommender, largest_of_each
from segue.models.linear_solve import (
    DenseSolution,
    DualSolution,
    prune_rows,
    row_blocks,
    solve_dense,
    solve_dual,
)
from segue.models.linear_update import LiveLinear
from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector

Form = Literal["auto", "dense", "dual"]
Values = Literal["given", "binary", "log"]


class EASE(Recommender):
    """Embarrassingly shallow autoencoder: each track is regressed on all the others.

    Args:
        regularization: L2 weight > 0, in units of squared preference.
        form: "dense" inverts over tracks, "dual" over listeners; both give the same weights.
            "auto" takes the dual form when there are fewer than half as many listeners as tracks.
        n_neighbors: Keep only this many weights of each track, the largest in size, as CSR: then a
            list costs ``len(profile) * n_neighbors``. None keeps all, dense: use to 20k tracks.
        max_items: Only this many tracks, those most listened to, get weights; the others score 0.
            Bounds memory to ``4 * max_items**2`` bytes (dense form, or ``n_neighbors=None``).
        values: "given" takes preferences as they are, "binary" their sign, "log" the sign times
            log(1 + size). Applied to training data and to profiles alike.

    >>> likes = sparse.csr_matrix([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> model = EASE(regularization=1.0).fit(Dataset.from_csr(likes))
    >>> model.recommend(Profile.from_weights({0: 1.0}), n=1).track_idx.tolist()
    [1]
    """

    name: ClassVar[str] = "ease"

    def __init__(
        self,
        regularization: float = 100.0,
        form: Form = "auto",
        n_neighbors: int | None = None,
        max_items: int = 20_000,
        values: Values = "given",
    ) -> None:
        self.regularization = regularization
        self.form: Form = form
        self.n_neighbors = n_neighbors
        self.max_items = max_items
        self.values: Values = values

    def fit(self, dataset: Dataset) -> Self:
        """Solve; see :mod:`segue.models.linear_solve` for cost.

        Raises:
            InvalidInputError: A parameter is out of range.
        """
        self._check()
        likes = dataset.interactions.positive()
        likes.data = self._valued(likes.data)
        chosen = most_listened(likes, self.max_items)
        likes = likes[:, chosen]
        likes = likes[np.diff(likes.indptr) > 0]  # a listener without a row here adds nothing
        square_sum = np.asarray(likes.multiply(likes).sum(axis=0), np.float64).reshape(-1)
        ridge = self._ridge(square_sum)
        solution = (solve_dual if self._is_dual(likes) else solve_dense)(likes, ridge)
        place = np.full(dataset.n_tracks, -1, np.int32)
        place[chosen] = np.arange(len(chosen))
        weights = self._weights_of(solution, chosen, dataset.n_tracks)
        return self.from_arrays({"place": place, "weights": weights})

    def live(self, dataset: Dataset) -> LiveLinear:
        """The solution over all tracks, to follow changed listeners; see :class:`LiveLinear`.

        This model stays as it is until :meth:`adopt`. Memory is ``8 * n_tracks**2`` bytes.

        Raises:
            InvalidInputError: A parameter is out of range, ``n_neighbors`` is given, there are more
                tracks than ``max_items``, or the model is another regression than EASE or EDLAE.
        """
        self._check()
        if type(self).fit is not EASE.fit:
            raise InvalidInputError(
                f"{self.name} cannot follow changes: it learns from more, or less, than all "
                f"listening at once; fit it again"
            )
        if self.n_neighbors is not None or dataset.n_tracks > self.max_items:
            raise InvalidInputError(
                f"only dense weights of all tracks can be followed: n_neighbors must be None, got "
                f"{self.n_neighbors}, and max_items at least {dataset.n_tracks}, got "
                f"{self.max_items}"
            )
        return LiveLinear(dataset.interactions.user_items, self._valued, self._ridge)

    def adopt(self, live: LiveLinear) -> Self:
        """Serve the weights that a live solution has now; equal to fitting on its listeners."""
        weights = live.weights()
        return self.from_arrays({"place": np.arange(len(weights), dtype=np.int32),
                                 "weights": weights})  # fmt: skip

    def fold_in(self, profile: Profile) -> FloatVector:
        """The signed profile as a row x, shape (n_tracks,), float32; one entry an event."""
        self.require_profile(profile)
        row = np.zeros(self.n_tracks, np.float32)
        row[profile.track_idx] = self._entries(profile)
        return row

    def _entries(self, profile: Profile) -> FloatVector:
        """The row x where the profile has tracks, in its order, float32."""
        return np.asarray(self._valued(profile.preference), np.float32)

    def score(self, representation: FloatVector) -> FloatVector:
        """``x @ B``, reading only the rows of B where x is not zero."""
        self.require_fit()
        if sparse.issparse(self._weights):
            rows = np.flatnonzero(representation)
            scores = self._weights[rows].T @ representation[rows]
            return np.asarray(scores, np.float32)
        row = representation[self._chosen]
        rows = np.flatnonzero(row)
        scores = np.zeros(self.n_tracks, np.float32)
        scores[self._chosen] = row[rows] @ self._weights[rows]
        return scores

    def scored(self, profile: Profile) -> SparseScores:
        """The tracks that the rows of the profile hold; dense weights hold all that were chosen."""
        if not sparse.issparse(getattr(self, "_weights", None)):
            return super().scored(profile)
        self.require_profile(profile)
        value = self._entries(profile)
        known = value != 0
        return sum_of_rows(self._weights, profile.track_idx[known], value[known])

    def score_batch(self, user_items: CsrMatrix) -> FloatMatrix:
        """``X @ B`` of several listeners, shape (n_rows, n_tracks), float32."""
        self.require_columns(user_items)
        rows = sparse.csr_matrix(user_items, dtype=np.float32, copy=True)
        rows.data = self._valued(rows.data)
        if sparse.issparse(self._weights):
            return np.asarray((rows @ self._weights).toarray(), np.float32)
        scores = np.zeros(rows.shape, np.float32)
        scores[:, self._chosen] = rows[:, self._chosen] @ self._weights
        return scores

    def contributions(self, profile: Profile, track_idx: Sequence[int] | IntVector) -> FloatMatrix:
        """``x_t * B[t, track]`` for each track t of the profile, shape (n_known, n_asked), float32.

        Each column adds up to the score of its track.
        """
        self.require_profile(profile)
        asked = np.asarray(track_idx, np.int64)
        for row in asked.tolist():
            self.require_row(row)
        weights = self._submatrix(profile.track_idx, asked)
        return weights * self._valued(profile.preference)[:, np.newaxis]

    def explain(self, profile: Profile, track_idx: int, n: int = 3) -> list[Evidence]:
        """The tracks of the profile whose rows add most; see :meth:`contributions`."""
        return self.explain_many(profile, [track_idx], n)[0]

    def explain_many(
        self, profile: Profile, track_idx: Sequence[int] | IntVector, n: int = 3
    ) -> list[list[Evidence]]:
        """:meth:`explain` of several tracks in one pass over the weights."""
        parts = self.contributions(profile, track_idx)
        return largest_of_each(profile.track_idx, parts.T, n)

    def to_arrays(self) -> Mapping[str, NDArray[Any] | CsrMatrix]:
        """``place`` (n_tracks,) and ``weights``.

        ``weights`` is CSR over all tracks, or dense over the chosen ones: then ``place`` holds the
        row of each track there, -1 for the others.
        """
        return {"place": self._place, "weights": self._weights}

    def from_arrays(self, arrays: Mapping[str, NDArray[Any] | CsrMatrix]) -> Self:
        """Restore; see :meth:`to_arrays`."""
        self._place: IntVector = arrays["place"]
        self._weights: Any = arrays["weights"]
        self._chosen = np.flatnonzero(self._place >= 0)  # ascending, as the rows of `weights`
        self.n_tracks = len(self._place)
        return self

    def _check(self) -> None:
        if not self.regularization > 0:
            raise InvalidInputError(f"regularization must be above 0, got {self.regularization}")
        for name, allowed in (("form", get_args(Form)), ("values", get_args(Values))):
            if getattr(self, name) not in allowed:
                raise InvalidInputError(
                    f"{name} must be one of {', '.join(allowed)}, got {getattr(self, name)!r}"
                )
        for name, value in (("n_neighbors", self.n_neighbors), ("max_items", self.max_items)):
            if value is not None and value < 1:
                raise InvalidInputError(f"{name} must be at least 1, got {value}")

    def _ridge(self, square_sum: FloatVector) -> FloatVector:
        """The ridge of each track from the diagonal of the Gram matrix."""
        return np.full(len(square_sum), float(self.regularization))

    def _valued(self, preference: FloatVector) -> FloatVector:
        if self.values == "binary":
            return np.sign(preference)
        if self.values == "log":
            return np.sign(preference) * np.log1p(np.abs(preference))
        return preference

    def _is_dual(self, likes: CsrMatrix) -> bool:
        if self.form == "auto":
            return 2 * likes.shape[0] < likes.shape[1]
        return self.form == "dual"

    def _weights_of(
        self, solution: DenseSolution | DualSolution, chosen: IntVector, n_tracks: int
    ) -> FloatMatrix | CsrMatrix:
        n = len(chosen)
        if self.n_neighbors is None:
            weights = np.empty((n, n), np.float32)
            for start, stop in row_blocks(n):
                weights[start:stop] = solution.rows(start, stop)
            return weights
        blocks = [prune_rows(solution.rows(a, b), self.n_neighbors) for a, b in row_blocks(n)]
        return _spread(blocks, chosen, n_tracks)

    def _submatrix(self, rows: IntVector, columns: IntVector) -> FloatMatrix:
        """B at the given rows and columns, dense."""
        if sparse.issparse(self._weights):
            return columns_of_rows(self._weights, rows, columns).T
        row_places, column_places = self._place[rows], self._place[columns]
        known = np.ix_(row_places >= 0, column_places >= 0)
        result = np.zeros((len(rows), len(columns)), np.float32)
        places = np.ix_(row_places[row_places >= 0], column_places[column_places >= 0])
        result[known] = self._weights[places]
        return result


class EDLAE(EASE):
    """EASE trained as if each listen were hidden with probability ``dropout``.

    The ridge of a track is ``regularization + dropout / (1 - dropout) * sum of its squared
    preferences``; dropout 0 is EASE. Best values in the literature: .25 (MSD) to .75 (small and
    sparse data, such as hetrec2011-lastfm).

    Args:
        regularization: L2 weight > 0.
        dropout: Probability in 0..1, 1 excluded.
        form: As for :class:`EASE`.
        n_neighbors: As for :class:`EASE`.
        max_items: As for :class:`EASE`.
        values: As for :class:`EASE`.
    """

    name: ClassVar[str] = "edlae"

    def __init__(
        self,
        regularization: float = 30.0,
        dropout: float = 0.75,
        form: Form = "auto",
        n_neighbors: int | None = None,
        max_items: int = 20_000,
        values: Values = "given",
    ) -> None:
        super().__init__(regularization, form, n_neighbors, max_items, values)
        self.dropout = dropout

    def _check(self) -> None:
        super()._check()
        if not 0 <= self.dropout < 1:
            raise InvalidInputError(f"dropout must lie in 0..1, 1 excluded, got {self.dropout}")

    def _ridge(self, square_sum: FloatVector) -> FloatVector:
        return self.regularization + self.dropout / (1 - self.dropout) * square_sum


def most_listened(likes: CsrMatrix, max_items: int) -> IntVector:
    """Rows of the ``max_items`` tracks with most listeners, ascending; none without a listener.

    Ties go to the lower row.

    >>> most_listened(sparse.csr_matrix([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]]), 5).tolist()
    [0, 2]
    """
    n_listeners_of = np.bincount(likes.indices, minlength=likes.shape[1])
    order = np.argsort(-n_listeners_of, kind="stable")[:max_items]
    return np.sort(order[n_listeners_of[order] > 0]).astype(np.int32)


def _spread(blocks: Sequence[CsrMatrix], chosen: IntVector, n_tracks: int) -> CsrMatrix:
    """Blocks of rows over ``chosen`` as one CSR matrix over all tracks."""
    if not blocks:
        return sparse.csr_matrix((n_tracks, n_tracks), dtype=np.float32)
    packed = sparse.vstack(blocks, format="csr")
    row_lengths = np.zeros(n_tracks, np.int64)
    row_lengths[chosen] = np.diff(packed.indptr)
    indptr = np.concatenate(([0], np.cumsum(row_lengths)))
    columns = chosen[packed.indices]
    return sparse.csr_matrix((packed.data, columns, indptr), shape=(n_tracks, n_tracks))
