"""What models with one sparse track-by-track matrix share: scores, exact evidence, pruned products.

Scores are ``x @ W``: each track of the profile brings its row of ``W``. A subclass makes ``W`` in
``fit`` and passes it to :meth:`ItemWeights.from_arrays`.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from segue.data.csr import columns_of_rows
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models.base import Evidence, Recommender, largest_of_each
from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector

if TYPE_CHECKING:
    from segue.models.item_weights_kernels import Factor

Values = Literal["given", "binary", "log"]
BLOCK_ENTRIES = 8_000_000  # room for results of one block of rows: 64 MB


class ItemWeights(Recommender):
    """Base of models whose whole fitted state is ``W``, CSR (n_tracks, n_tracks), float32."""

    def fold_in(self, profile: Profile) -> FloatVector:
        """The signed profile as a row x, shape (n_tracks,), float32; one entry an event."""
        self.require_profile(profile)
        row = np.zeros(self.n_tracks, np.float32)
        row[profile.track_idx] = self._valued(profile.preference)
        return row

    def score(self, representation: FloatVector) -> FloatVector:
        """``x @ W``, reading only the rows of W where x is not zero."""
        self.require_fit()
        rows = np.flatnonzero(representation)
        return np.asarray(self._weights[rows].T @ representation[rows], np.float32)

    def score_batch(self, user_items: CsrMatrix) -> FloatMatrix:
        """``X @ W`` of several listeners, shape (n_rows, n_tracks), float32."""
        self.require_columns(user_items)
        rows = sparse.csr_matrix(user_items, dtype=np.float32, copy=True)
        rows.data = self._valued(rows.data)
        return np.asarray((rows @ self._weights).toarray(), np.float32)

    def contributions(self, profile: Profile, track_idx: Sequence[int] | IntVector) -> FloatMatrix:
        """``x_t * W[t, track]`` for each track t of the profile, shape (n_known, n_asked), float32.

        Each column adds up to the score of its track.
        """
        self.require_profile(profile)
        asked = np.asarray(track_idx, np.int64)
        for row in asked.tolist():
            self.require_row(row)
        weights = columns_of_rows(self._weights, profile.track_idx, asked).T
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
        """``weights``: CSR (n_tracks, n_tracks), row t is what one like of t adds."""
        return {"weights": self._weights}

    def from_arrays(self, arrays: Mapping[str, NDArray[Any] | CsrMatrix]) -> Self:
        """Restore; see :meth:`to_arrays`."""
        self._weights: CsrMatrix = arrays["weights"]
        self.n_tracks = int(self._weights.shape[0])
        return self

    def _valued(self, preference: FloatVector) -> FloatVector:
        """What a preference counts in a profile; as given unless a subclass says otherwise."""
        return preference


def valued(preference: FloatVector, values: Values) -> FloatVector:
    """Preferences as "given", their "binary" sign, or the "log": sign times log(1 + size).

    >>> valued(np.array([3.0, -2.0]), "binary").tolist()
    [1.0, -1.0]
    """
    if values == "binary":
        return np.sign(preference)
    if values == "log":
        return np.sign(preference) * np.log1p(np.abs(preference))
    return preference


def pruned_product(
    left: CsrMatrix,
    right: CsrMatrix,
    n_neighbors: int | None,
    row_size: FloatVector,
    column_size: FloatVector,
    shrinkage: float = 0.0,
) -> CsrMatrix:
    """``left @ right`` without its diagonal, scaled, the largest values of each row; float32.

    The sum at row r and column c is divided by ``row_size[r] * column_size[c] + shrinkage``. No
    more is held than the result and one dense row a thread. Sums are in float32.

    Args:
        left: CSR (n, m), not negative.
        right: CSR (m, k), not negative.
        n_neighbors: Kept of each row, ties to the lower column; None keeps all above zero.
        row_size: Shape (n,), not negative; where a row or column is empty its size may be 0.
        column_size: Shape (k,), not negative.
        shrinkage: >= 0.

    >>> ones = sparse.csr_matrix(np.ones((2, 2)))
    >>> pruned_product(ones, ones, None, np.array([4.0, 2.0]), np.ones(2)).toarray().tolist()
    [[0.0, 0.5], [1.0, 0.0]]
    """
    from segue.models.item_weights_kernels import Scale, product_rows

    n_columns = right.shape[1]
    factors = _factor_of(left), _factor_of(right)
    scale = Scale(_divisors(row_size), _divisors(column_size), np.float32(shrinkage))
    n_kept = max(n_columns, 1) if n_neighbors is None else n_neighbors
    cost = _products_of_rows(left, right)
    room = np.minimum(cost, min(n_kept, n_columns))
    counts: list[IntVector] = [np.zeros(1, np.int64)]
    columns: list[IntVector] = [np.empty(0, np.int32)]
    values: list[FloatVector] = [np.empty(0, np.float32)]
    for start, stop in _blocks_of_rows(room):
        begins = np.cumsum(room[start:stop]) - room[start:stop]
        order = np.argsort(-cost[start:stop], kind="stable")
        n_found, column, value = product_rows(*factors, scale, start + order, begins[order],
                                              int(room[start:stop].sum()), n_kept)  # fmt: skip
        count = np.zeros(stop - start, np.int64)
        count[order] = n_found
        filled = np.arange(len(column)) < np.repeat(begins + count, room[start:stop])
        counts.append(count)
        columns.append(column[filled])
        values.append(value[filled])
    parts = np.concatenate(values), np.concatenate(columns), np.cumsum(np.concatenate(counts))
    return sparse.csr_matrix(parts, shape=(left.shape[0], n_columns))


def check_parameters(n_neighbors: int | None, values: str = "given", **not_negative: float) -> None:
    """Raise :class:`InvalidInputError` unless the parameters that such models share are in range.

    ``not_negative`` holds further ones by name, which must be finite and at least 0.
    """
    if n_neighbors is not None and n_neighbors < 1:
        raise InvalidInputError(f"n_neighbors must be at least 1 or None, got {n_neighbors}")
    check_choice("values", values, get_args(Values))
    for name, value in not_negative.items():
        if not 0 <= value < np.inf:
            raise InvalidInputError(f"{name} must be finite and at least 0, got {value}")


def check_choice(name: str, given: str, allowed: Sequence[str]) -> None:
    """Raise :class:`InvalidInputError` unless ``given`` is one of ``allowed``."""
    if given not in allowed:
        raise InvalidInputError(f"{name} must be one of {', '.join(allowed)}, got {given!r}")


def _factor_of(matrix: CsrMatrix) -> "Factor":
    from segue.models.item_weights_kernels import Factor

    return Factor(matrix.indptr.astype(np.int64), matrix.indices.astype(np.uint32),
                  matrix.data.astype(np.float32))  # fmt: skip


def _divisors(size: FloatVector) -> FloatVector:
    return np.where(size > 0, size, 1.0).astype(np.float32)  # at 0 there is nothing to divide


def _products_of_rows(left: CsrMatrix, right: CsrMatrix) -> IntVector:
    """How many multiplications each row of ``left @ right`` takes."""
    up_to_entry = np.concatenate(
        ([0], np.cumsum(np.diff(right.indptr)[left.indices], dtype=np.int64))
    )
    return np.diff(up_to_entry[left.indptr])


def _blocks_of_rows(room: IntVector) -> list[tuple[int, int]]:
    """Consecutive ``(start, stop)`` of one row, or of at most ``BLOCK_ENTRIES`` entries."""
    up_to_row = np.concatenate(([0], np.cumsum(room)))
    blocks: list[tuple[int, int]] = []
    start, n_rows = 0, len(room)
    while start < n_rows:
        fits = int(np.searchsorted(up_to_row, up_to_row[start] + BLOCK_ENTRIES, side="right")) - 1
        stop = min(max(fits, start + 1), n_rows)
        blocks.append((start, stop))
        start = stop
    return blocks
