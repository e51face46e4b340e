"""Who likes what and how much: a checked sparse matrix, rows are listeners, columns tracks."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from segue.data.feedback import Preferences
from segue.errors import InvalidDataError
from segue.types import CsrMatrix, FloatVector, IntVector


@dataclass(frozen=True, slots=True)
class Interactions:
    """Signed preferences and the time of the newest event, on the same sparsity.

    ``user_items`` is CSR float32 of shape (n_listeners, n_tracks), rows sorted by column, without
    duplicates; ``last_listened_at`` float64 of shape (nnz,), Unix seconds, zero when unknown.
    """

    user_items: CsrMatrix
    last_listened_at: FloatVector

    @property
    def n_listeners(self) -> int:
        """Rows."""
        return int(self.user_items.shape[0])

    @property
    def n_tracks(self) -> int:
        """Columns."""
        return int(self.user_items.shape[1])

    def positive(self) -> CsrMatrix:
        """Only what is liked: entries above zero."""
        liked = self.user_items.copy()
        liked.data = np.maximum(liked.data, 0)
        liked.eliminate_zeros()
        return liked

    @classmethod
    def from_preferences(
        cls, preferences: Preferences, n_listeners: int, n_tracks: int
    ) -> "Interactions":
        """From the summed events of :func:`segue.data.feedback.preferences`."""
        return cls.from_pairs(
            preferences.listener_idx,
            preferences.track_idx,
            preferences.value,
            preferences.last_listened_at,
            shape=(n_listeners, n_tracks),
        )

    @classmethod
    def from_pairs(
        cls,
        listener_idx: IntVector,
        track_idx: IntVector,
        value: FloatVector | None = None,
        listened_at: FloatVector | None = None,
        *,
        shape: tuple[int, int],
    ) -> "Interactions":
        """From columns; repeated pairs are added up, and the newest time is kept.

        Raises:
            InvalidDataError: Lengths differ, a row or column is out of range, or a value is
                not finite.
        """
        n = len(listener_idx)
        values = np.ones(n, np.float32) if value is None else np.asarray(value, np.float32)
        times = np.zeros(n) if listened_at is None else np.asarray(listened_at, np.float64)
        _check_columns(listener_idx, track_idx, values, times, shape)
        keys = listener_idx.astype(np.int64) * shape[1] + track_idx
        unique, where = np.unique(keys, return_inverse=True)
        sums = np.bincount(where, values, len(unique)).astype(np.float32)
        newest = np.zeros(len(unique))
        np.maximum.at(newest, where, times)
        rows, columns = np.divmod(unique, max(shape[1], 1))
        indptr = np.searchsorted(rows, np.arange(shape[0] + 1))
        matrix = sparse.csr_matrix(
            (sums, columns.astype(np.int32), indptr.astype(np.int32)), shape=shape
        )
        return cls(matrix, newest)

    @classmethod
    def from_csr(cls, user_items: CsrMatrix) -> "Interactions":
        """From any SciPy sparse matrix; duplicates are added up.

        Raises:
            InvalidDataError: A value is not finite.
        """
        coo = sparse.coo_matrix(user_items)
        return cls.from_pairs(coo.row, coo.col, coo.data, shape=coo.shape)


def _check_columns(
    listener_idx: IntVector,
    track_idx: IntVector,
    values: FloatVector,
    times: FloatVector,
    shape: tuple[int, int],
) -> None:
    lengths = {len(listener_idx), len(track_idx), len(values), len(times)}
    if len(lengths) > 1:
        raise InvalidDataError(f"columns must have one length, got {sorted(lengths)}")
    for name, column, bound in (
        ("listener_idx", listener_idx, shape[0]),
        ("track_idx", track_idx, shape[1]),
    ):
        if len(column) and not (0 <= int(column.min()) and int(column.max()) < bound):
            raise InvalidDataError(
                f"{name} must lie in 0..{bound - 1}, got {column.min()}..{column.max()}"
            )
    for name, column in (("value", values), ("listened_at", times)):
        bad = np.flatnonzero(~np.isfinite(column))
        if len(bad):
            raise InvalidDataError(
                f"{name} must be finite, row {bad[0]} holds {column[bad[0]]} ({len(bad)} such rows)"
            )
