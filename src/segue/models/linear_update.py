"""EASE and EDLAE that follow changed listeners without a new inversion.

Replacing k rows of X changes G + L by a matrix of low rank, so that P = (G + L)^-1 follows by the
identity of Woodbury (1950), as in the Dynamic EASE of Jeunen, Van Balen & Goethals 2022,
"Embarrassingly shallow auto-encoders for dynamic collaborative filtering",
doi:10.1007/s11257-021-09314-7::

    G' + L' = G + L + U' S U      P' = P - P U' (S^-1 + U P U')^-1 U P

U holds the rows before (S -1) and after (S +1) and, because the ridge of EDLAE depends on the sums
of squares, a unit row for each track whose sum changed.
"""

from collections.abc import Callable, Sequence

import numpy as np
from scipy import sparse
from scipy.linalg import solve

from segue.errors import InvalidDataError, InvalidInputError
from segue.models.linear_solve import DenseSolution, inverse_in_place, row_blocks
from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector


class LiveLinear:
    """P of an EASE or EDLAE over all tracks, float64: ``8 * n_tracks**2`` bytes.

    Made by :meth:`segue.models.linear.EASE.live`. Rounding adds up over many calls;
    :meth:`residual` says how far.

    Args:
        user_items: Preferences, CSR (n_listeners, n_tracks); only those above zero are learnt from.
        valued: What a preference counts.
        ridge_of: The ridge of each track, > 0, from the sum of its squares.
    """

    def __init__(
        self,
        user_items: CsrMatrix,
        valued: Callable[[FloatVector], FloatVector],
        ridge_of: Callable[[FloatVector], FloatVector],
    ) -> None:
        self._valued = valued
        self._ridge_of = ridge_of
        self._likes = self._liked(user_items)
        self._invert()

    @property
    def n_listeners(self) -> int:
        """Rows it has learnt from, those of listeners without a like included."""
        return int(self._likes.shape[0])

    def replace(self, listener_idx: Sequence[int] | IntVector, rows: CsrMatrix) -> None:
        """Let the listeners have these preferences from now on; an empty row forgets one.

        Costs ``O((2 k + changed) n_tracks^2)`` for k listeners, with ``changed`` the tracks whose
        sum of squares moved (0 for EASE). A change of rank above half of ``n_tracks`` is inverted
        anew, which then costs less.

        Args:
            listener_idx: Different rows >= 0; one beyond the last adds listeners up to it.
            rows: Their preferences, CSR (k, n_tracks).

        Raises:
            InvalidDataError: Shapes do not fit or a value is not finite.
            InvalidInputError: A row is negative or given twice.
        """
        asked = np.asarray(listener_idx, np.int64)
        self._check(asked, rows)
        after = self._liked(rows)
        grown = self._grown(int(asked.max(initial=-1)) + 1)
        before = grown[asked]
        self._likes = _with_rows(grown, asked, after)
        self._follow(before, after)

    def weights(self) -> FloatMatrix:
        """B of all tracks, shape (n_tracks, n_tracks), float32; copied."""
        n = len(self._precision)
        coupling = -self._precision
        np.fill_diagonal(coupling, 0.0)
        solution = DenseSolution(coupling, np.diag(self._precision))
        found = np.empty((n, n), np.float32)
        for start, stop in row_blocks(n):
            found[start:stop] = solution.rows(start, stop)
        return found

    def residual(self, track_idx: Sequence[int] | IntVector) -> float:
        """Largest entry of ``(G + L) P - I`` in size, in the columns of some tracks; 0 is exact."""
        asked = np.asarray(track_idx, np.int64)
        columns = self._precision[:, asked]
        product = self._likes.T @ (self._likes @ columns)
        product += self._ridge_of(self._square_sum)[:, np.newaxis] * columns
        product[asked, np.arange(len(asked))] -= 1.0
        return float(np.abs(product).max(initial=0.0))

    def _liked(self, user_items: CsrMatrix) -> CsrMatrix:
        likes = sparse.csr_matrix(user_items, dtype=np.float64, copy=True)
        likes.sum_duplicates()
        likes.data = np.asarray(self._valued(np.maximum(likes.data, 0.0)), np.float64)
        likes.eliminate_zeros()
        return likes

    def _invert(self) -> None:
        self._square_sum = _square_sum(self._likes)
        gram = np.ascontiguousarray((self._likes.T @ self._likes).toarray())
        self._precision = inverse_in_place(gram, self._ridge_of(self._square_sum))

    def _follow(self, before: CsrMatrix, after: CsrMatrix) -> None:
        n_tracks = len(self._precision)
        square_sum = self._square_sum + _square_sum(after) - _square_sum(before)
        step = self._ridge_of(square_sum) - self._ridge_of(self._square_sum)
        changed = np.flatnonzero(step)
        units = sparse.csr_matrix(
            (np.ones(len(changed)), (np.arange(len(changed)), changed)), (len(changed), n_tracks)
        )
        n_of = [before.shape[0], after.shape[0]]
        change = sparse.vstack([before, after, units], format="csr")
        signs = np.concatenate([np.full(n_of[0], -1.0), np.ones(n_of[1]), step[changed]])
        kept = np.diff(change.indptr) > 0
        change, signs = change[kept], signs[kept]
        if 2 * len(signs) > n_tracks:
            self._invert()
            return
        self._square_sum = square_sum
        moved = np.asarray(change @ self._precision)  # U P
        inner = np.asarray(change @ moved.T) + np.diag(1.0 / signs)
        steps = solve(inner, moved, assume_a="sym") if len(signs) else moved
        for start, stop in row_blocks(n_tracks):
            self._precision[start:stop] -= moved[:, start:stop].T @ steps

    def _grown(self, n_listeners: int) -> CsrMatrix:
        missing = max(n_listeners - self.n_listeners, 0)
        empty = sparse.csr_matrix((missing, self._likes.shape[1]))
        return sparse.vstack([self._likes, empty], format="csr")

    def _check(self, asked: IntVector, rows: CsrMatrix) -> None:
        shape = (len(asked), len(self._precision))
        if rows.shape != shape:
            raise InvalidDataError(f"rows must have shape {shape}, got {rows.shape}")
        if not np.isfinite(rows.data).all():
            raise InvalidDataError("rows must be finite")
        if len(np.unique(asked)) < len(asked) or (asked < 0).any():
            raise InvalidInputError(
                f"listener_idx must be different and at least 0, got {asked.tolist()}"
            )


def _square_sum(likes: CsrMatrix) -> FloatVector:
    sums = np.bincount(likes.indices, likes.data**2, minlength=likes.shape[1])
    return sums.astype(np.float64)  # no entry at all counts as whole numbers


def _with_rows(matrix: CsrMatrix, places: IntVector, rows: CsrMatrix) -> CsrMatrix:
    """The matrix with some of its rows replaced."""
    order = np.arange(matrix.shape[0])
    order[places] = matrix.shape[0] + np.arange(len(places))
    return sparse.vstack([matrix, rows], format="csr")[order]
