"""What models with one sparse track-by-track matrix share: scores, exact evidence, pruned products.

Scores are ``x @ W``: each track of the profile brings its row of ``W``. A subclass makes ``W`` in
``fit`` and passes it to :meth:`ItemWeights.from_arrays`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from segue.data.csr import columns_of_rows
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models.base import Evidence, Recommender, largest_of_each
from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector

Values = Literal["given", "binary", "log"]
Adjust = Callable[[IntVector, IntVector, FloatVector], FloatVector]
BLOCK_PRODUCTS = 2_000_000  # multiplications in one block: bounds its memory to about 100 MB


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
    left: CsrMatrix, right: CsrMatrix, n_neighbors: int | None, adjust: Adjust
) -> CsrMatrix:
    """``left @ right`` without its diagonal, adjusted, the largest values of each row; float32.

    Blocks of rows are multiplied and pruned one after the other, so that memory is bounded by the
    result and one block (``BLOCK_PRODUCTS``) and not by the whole product.

    Args:
        left: CSR (n, m), not negative.
        right: CSR (m, n), not negative.
        n_neighbors: Kept of each row, ties to the lower column; None keeps all above zero.
        adjust: Gets rows, columns and values of the entries, shape (n_entries,) each; returns
            their new values.

    >>> ones = sparse.csr_matrix(np.ones((2, 2)))
    >>> pruned_product(ones, ones, None, lambda rows, columns, data: data / 4).toarray().tolist()
    [[0.0, 0.5], [0.5, 0.0]]
    """
    blocks: list[CsrMatrix] = []
    for start, stop in _blocks_of_rows(left, right):
        block = sparse.csr_matrix(left[start:stop] @ right)
        rows = np.repeat(np.arange(start, stop), np.diff(block.indptr))
        block.data = adjust(rows, block.indices, block.data).astype(np.float32)
        block.data[rows == block.indices] = 0.0
        block.sort_indices()
        block.eliminate_zeros()
        blocks.append(block if n_neighbors is None else largest_of_rows(block, n_neighbors))
    if not blocks:
        return sparse.csr_matrix((left.shape[0], right.shape[1]), dtype=np.float32)
    return sparse.vstack(blocks, format="csr")


def largest_of_rows(matrix: CsrMatrix, n: int) -> CsrMatrix:
    """The ``n`` largest stored values of each row; ties go to the lower column.

    Args:
        matrix: CSR with sorted columns.
        n: >= 1.

    >>> largest_of_rows(sparse.csr_matrix([[1.0, 3.0, 1.0], [0.0, 2.0, 0.0]]), 2).toarray().tolist()
    [[1.0, 3.0, 0.0], [0.0, 2.0, 0.0]]
    """
    kept = np.ones(matrix.nnz, bool)
    for row in np.flatnonzero(np.diff(matrix.indptr) > n).tolist():
        start, stop = int(matrix.indptr[row]), int(matrix.indptr[row + 1])
        kept[start:stop] = _are_largest(matrix.data[start:stop], n)
    owners = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))[kept]
    indptr = np.concatenate(([0], np.cumsum(np.bincount(owners, minlength=matrix.shape[0]))))
    return sparse.csr_matrix((matrix.data[kept], matrix.indices[kept], indptr), shape=matrix.shape)


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


def _are_largest(values: FloatVector, n: int) -> NDArray[np.bool_]:
    threshold = np.partition(values, len(values) - n)[len(values) - n]
    kept = values > threshold
    ties = np.flatnonzero(values == threshold)
    kept[ties[: n - int(kept.sum())]] = True
    return kept


def _blocks_of_rows(left: CsrMatrix, right: CsrMatrix) -> list[tuple[int, int]]:
    """Consecutive ``(start, stop)`` of one row, or of at most ``BLOCK_PRODUCTS`` products."""
    entry_costs = np.diff(right.indptr)[left.indices]
    up_to_entry = np.concatenate(([0], np.cumsum(entry_costs, dtype=np.int64)))
    up_to_row = up_to_entry[left.indptr]
    blocks: list[tuple[int, int]] = []
    start, n_rows = 0, left.shape[0]
    while start < n_rows:
        fits = int(np.searchsorted(up_to_row, up_to_row[start] + BLOCK_PRODUCTS, side="right")) - 1
        stop = min(max(fits, start + 1), n_rows)
        blocks.append((start, stop))
        start = stop
    return blocks
