"""A data frame as columns: polars, pandas, a dict of lists, or anything with columns by name.

No data frame library is imported: a frame is asked for ``columns``, a column by its name, and that
for ``to_numpy()``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segue.data.interactions import Interactions
from segue.data.vocabulary import Vocabulary
from segue.errors import InvalidDataError
from segue.types import FloatVector, IntVector


@dataclass(frozen=True, slots=True)
class FrameColumns:
    """Ids in order of first sight, and who listened to what how much."""

    listeners: Vocabulary
    tracks: Vocabulary
    interactions: Interactions


def read_frame(
    frame: Any, listener: str, track: str, weight: str | None, listened_at: str | None
) -> FrameColumns:
    """See :meth:`segue.data.dataset.Dataset.from_frame`."""
    listener_idx, listeners = _ids(_column(frame, listener), listener)
    track_idx, tracks = _ids(_column(frame, track), track)
    weights = None if weight is None else _weights(_column(frame, weight), weight)
    times = None if listened_at is None else _seconds(_column(frame, listened_at), listened_at)
    named = ((track, track_idx), (weight, weights), (listened_at, times))
    for name, column in named:
        if column is not None and len(column) != len(listener_idx):
            raise InvalidDataError(
                f"column {name!r} has {len(column)} rows, {listener!r} has {len(listener_idx)}"
            )
    if not len(listener_idx):
        raise InvalidDataError("the frame has no row; a data set needs at least one listen")
    pairs = Interactions.from_pairs(
        listener_idx, track_idx, weights, times, shape=(len(listeners), len(tracks))
    )
    return FrameColumns(listeners, tracks, pairs)


def _column(frame: Any, name: str) -> NDArray[Any]:
    columns: Sequence[Any] = list(getattr(frame, "columns", frame))
    if name not in columns:
        there = ", ".join(map(repr, columns)) or "none"
        raise InvalidDataError(f"the frame has no column {name!r}; its columns are: {there}")
    column = frame[name]
    values = column.to_numpy() if hasattr(column, "to_numpy") else np.asarray(column, object)
    if values.ndim != 1:
        raise InvalidDataError(f"column {name!r} stands in the frame {values.shape[1]} times")
    return values


def _ids(values: NDArray[Any], name: str) -> tuple[IntVector, Vocabulary]:
    """Rows and ids; strings as they are, whole numbers by their digits."""
    if values.dtype.kind in "iu":
        items: list[Any] = values.tolist()
    elif values.dtype.kind in "OUTS":
        items = list(values.tolist())
    else:
        raise InvalidDataError(
            f"ids in column {name!r} must be strings or whole numbers, got {values.dtype}; missing "
            "ids turn whole numbers into fractions: remove those rows first"
        )
    allowed = (str,) if items and isinstance(items[0], str) else (int, np.integer)
    for row, item in enumerate(items):
        if not isinstance(item, allowed) or isinstance(item, bool):
            raise InvalidDataError(
                f"ids in column {name!r} must all be strings or all whole numbers, row {row} holds "
                f"{item!r} ({type(item).__name__})"
            )
    rows: dict[Any, int] = {}
    idx = [rows.setdefault(item, len(rows)) for item in items]
    return np.array(idx, np.int32), Vocabulary(map(str, rows))


def _weights(values: NDArray[Any], name: str) -> FloatVector:
    weights = _numbers(values, name)
    below = np.flatnonzero(weights < 0)
    if len(below):
        raise InvalidDataError(
            f"column {name!r} must be at least 0, row {below[0]} holds {weights[below[0]]:g} "
            f"({len(below)} such rows); counts are never negative, and for dislikes use "
            "Dataset.from_csr"
        )
    return weights


def _seconds(values: NDArray[Any], name: str) -> FloatVector:
    if values.dtype.kind != "M":
        return _numbers(values, name)
    missing = np.flatnonzero(np.isnat(values))
    if len(missing):
        raise InvalidDataError(f"column {name!r} has no time in row {missing[0]}")
    return values.astype("datetime64[us]").astype(np.int64) / 1e6


def _numbers(values: NDArray[Any], name: str) -> FloatVector:
    try:
        numbers = values.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidDataError(f"column {name!r} must hold numbers: {error}") from error
    bad = np.flatnonzero(~np.isfinite(numbers))
    if len(bad):
        raise InvalidDataError(
            f"column {name!r} must be finite, row {bad[0]} holds {numbers[bad[0]]} "
            f"({len(bad)} such rows)"
        )
    return numbers
