"""A sparse product row by row, only the largest values of each row kept, compiled.

Gustavson 1978, "Two fast algorithms for sparse matrices" (doi:10.1145/355791.355796): the rows of
the right matrix are added up in one dense accumulator a thread. A row is a thread's own and its
sums run in a fixed order, so that any number of threads gives the same result. Values are not
negative, so that their bits as integers have the order of the values, and a value and its column
make one key: larger is a larger value, then a lower column.
"""

from typing import NamedTuple

import numpy as np
from numba import get_num_threads, njit, prange
from numpy.typing import NDArray

from segue.types import FloatVector, IntVector

RUN = 64  # accumulator cells looked at together; most runs hold nothing large enough
SPARE = 1024  # keys gathered beyond those to keep before the smaller ones are dropped
LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)

Keys = NDArray[np.uint64]


class Factor(NamedTuple):
    """CSR arrays: ``indptr`` int64, ``indices`` uint32, ``data`` float32."""

    indptr: IntVector
    indices: IntVector
    data: FloatVector


class Scale(NamedTuple):
    """A sum of row r and column c becomes ``sum / (row[r] * column[c] + shrinkage)``, float32."""

    row: FloatVector
    column: FloatVector
    shrinkage: np.float32


def product_rows(
    left: Factor, right: Factor, scale: Scale, rows: IntVector, begins: IntVector, room: int, n: int
) -> tuple[IntVector, IntVector, FloatVector]:
    """Some rows of the product, scaled, without the diagonal, the ``n`` largest of each.

    Args:
        left: Shape (n_rows, m).
        right: Shape (m, n_columns).
        scale: Denominators, above 0.
        rows: The rows asked for, shape (n_asked,); those that cost alike should stand together, as
            threads take them in turn.
        begins: Where in the result each asked row begins, shape (n_asked,). A row takes the room of
            ``n`` entries, or of all its products where these are fewer.
        room: Entries of the result.
        n: >= 1; ties go to the lower column.

    Returns:
        How many entries each asked row has, shape (n_asked,); columns (int32, ascending in a row)
        and values (float32, above 0), shape (room,), of which the first of each row are filled.
    """
    n_columns = len(scale.column)
    n_kept = min(n, n_columns)
    n_workers = min(get_num_threads(), max(len(rows), 1))
    sums = np.zeros((n_workers, n_columns), np.float32)
    n_runs = (n_columns + RUN - 1) // RUN
    keys = np.empty((n_workers, max(n_kept + SPARE + RUN, n_runs)), np.uint64)
    maxima = np.empty((n_workers, n_runs), np.float32)
    touched = np.empty((n_workers, n_columns), np.uint32)
    n_found = np.zeros(len(rows), np.int64)
    columns, values = np.empty(room, np.int32), np.empty(room, np.float32)
    _product_rows(*left, *right, *scale, rows, begins, n_kept,
                  sums, keys, maxima, touched, n_found, columns, values)  # fmt: skip
    return n_found, columns, values


@njit(cache=True, parallel=True, fastmath={"contract"})
def _product_rows(
    left_indptr: IntVector,
    left_indices: IntVector,
    left_data: FloatVector,
    indptr: IntVector,
    indices: IntVector,
    data: FloatVector,
    row_size: FloatVector,
    column_size: FloatVector,
    shrinkage: np.float32,
    rows: IntVector,
    begins: IntVector,
    n_kept: int,
    all_sums: NDArray[np.float32],
    all_keys: Keys,
    all_maxima: NDArray[np.float32],
    all_touched: NDArray[np.uint32],
    n_found: IntVector,
    columns: IntVector,
    values: FloatVector,
) -> None:
    n_workers = len(all_sums)
    for worker in prange(n_workers):  # pyright: ignore[reportGeneralTypeIssues]
        sums, keys, touched = all_sums[worker], all_keys[worker], all_touched[worker]
        for at in range(worker, len(rows), n_workers):
            row = np.int64(rows[at])
            start, stop = left_indptr[row], left_indptr[row + 1]
            n_products = 0
            for p in range(start, stop):
                middle = np.int64(left_indices[p])
                n_products += indptr[middle + 1] - indptr[middle]
            is_long = n_products * 4 > len(column_size)  # then looking at all columns is cheaper
            n_touched = 0
            for p in range(start, stop):
                middle = np.int64(left_indices[p])
                first, end = indptr[middle], indptr[middle + 1]
                if is_long:
                    _add(left_data[p], first, end, indices, data, sums)
                else:
                    n_touched = _add_noted(left_data[p], first, end, indices, data,
                                           sums, touched, n_touched)  # fmt: skip
            if row < len(sums):
                sums[row] = 0.0
            if is_long:
                n = _gather_all(sums, row_size[row], column_size, shrinkage, n_kept, keys,
                                all_maxima[worker])  # fmt: skip
            else:
                n = _gather_touched(sums, touched[:n_touched], row_size[row], column_size,
                                    shrinkage, n_kept, keys)  # fmt: skip
            n = _keep_largest(keys, n, n_kept)
            n_found[at] = n
            _write(keys[:n], columns[begins[at] :], values[begins[at] :])


@njit(cache=True, fastmath={"contract"})
def _add(
    scale: np.float32,
    start: int,
    stop: int,
    indices: IntVector,
    data: FloatVector,
    sums: FloatVector,
) -> None:
    for q in range(start, stop):
        sums[indices[q]] += scale * data[q]


@njit(cache=True, fastmath={"contract"})
def _add_noted(
    scale: np.float32,
    start: int,
    stop: int,
    indices: IntVector,
    data: FloatVector,
    sums: FloatVector,
    touched: NDArray[np.uint32],
    n_touched: int,
) -> int:
    """As :func:`_add`, with a list of the columns that are no longer zero."""
    for q in range(start, stop):
        column = indices[q]
        if sums[column] == 0.0:
            touched[n_touched] = column
            n_touched += 1
        sums[column] += scale * data[q]
    return n_touched


@njit(cache=True, fastmath={"contract"})
def _gather_all(
    sums: FloatVector,
    row_size: np.float32,
    column_size: FloatVector,
    shrinkage: np.float32,
    n_kept: int,
    keys: Keys,
    maxima: FloatVector,
) -> int:
    """Put the keys of the largest of all sums into ``keys``, some more than asked for; clear.

    Each maximum of a run is a value of its own, so that the ``n_kept``-th largest of them is not
    above the smallest value to keep: only runs that reach it are looked at again.
    """
    _find_maxima(sums, row_size, column_size, shrinkage, maxima)
    bound = _bound_of(maxima, n_kept, keys) * np.float32(0.999999)  # rounding may differ below
    value, n = np.zeros(1, np.float32), 0
    bits = value.view(np.uint32)
    for run in range(len(maxima)):
        if maxima[run] > 0.0 and maxima[run] >= bound:
            for c in range(run * RUN, min((run + 1) * RUN, len(column_size))):
                value[0] = sums[c] / (row_size * column_size[c] + shrinkage)
                if value[0] > 0.0 and value[0] >= bound:
                    keys[n] = (np.uint64(bits[0]) << HALF) | (LOW - np.uint64(c))
                    n += 1
            if n >= n_kept + SPARE:  # many values may be equal
                n = _keep_largest(keys, n, n_kept)
    sums[:] = 0.0
    return n


@njit(cache=True, fastmath={"contract", "nnan", "nsz", "reassoc"})
def _find_maxima(
    sums: FloatVector,
    row_size: np.float32,
    column_size: FloatVector,
    shrinkage: np.float32,
    maxima: FloatVector,
) -> None:
    """The largest scaled value of each run of columns."""
    for run in range(len(maxima)):
        start = run * RUN
        # slices, whose indices are known not to be negative: the loop becomes vector code
        part, size = sums[start : start + RUN], column_size[start : start + RUN]
        largest = np.float32(0.0)
        for k in range(len(part)):
            value = part[k] / (row_size * size[k] + shrinkage)
            largest = value if value > largest else largest
        maxima[run] = largest


@njit(cache=True)
def _bound_of(maxima: FloatVector, n_kept: int, keys: Keys) -> np.float32:
    """The ``n_kept``-th largest, 0 where there are no more; ``keys`` is overwritten."""
    value, n = np.zeros(1, np.float32), len(maxima)
    if n <= n_kept:
        return value[0]
    bits = value.view(np.uint32)
    for run in range(n):
        value[0] = maxima[run]
        keys[run] = np.uint64(bits[0]) << HALF
    n = _keep_largest(keys, n, n_kept)
    bits[0] = np.uint32(_least(keys, n) >> HALF)
    return value[0]


@njit(cache=True)
def _gather_touched(
    sums: FloatVector,
    touched: NDArray[np.uint32],
    row_size: np.float32,
    column_size: FloatVector,
    shrinkage: np.float32,
    n_kept: int,
    keys: Keys,
) -> int:
    """As :func:`_gather_all` where few sums are not zero."""
    value, n = np.zeros(1, np.float32), 0
    bits = value.view(np.uint32)
    smallest = np.float32(0.0)
    for column in touched:
        value[0] = sums[column] / (row_size * column_size[column] + shrinkage)
        sums[column] = 0.0  # a column noted twice counts once
        if value[0] > 0.0 and value[0] >= smallest:
            keys[n] = (np.uint64(bits[0]) << HALF) | (LOW - np.uint64(column))
            n += 1
            if n >= n_kept + SPARE:
                n = _keep_largest(keys, n, n_kept)
                bits[0] = np.uint32(_least(keys, n) >> HALF)
                smallest = value[0]
    return n


@njit(cache=True)
def _least(keys: Keys, n: int) -> np.uint64:
    least = keys[0]
    for k in range(1, n):
        least = min(least, keys[k])
    return least


@njit(cache=True)
def _keep_largest(keys: Keys, n: int, n_kept: int) -> int:
    """Bring the ``n_kept`` largest of the first ``n`` keys to the front (Hoare 1961, FIND)."""
    if n <= n_kept:
        return n
    low, high = 0, n - 1
    while low < high:
        pivot = keys[(low + high) // 2]
        left, right = low, high
        while left <= right:
            while keys[left] > pivot:
                left += 1
            while keys[right] < pivot:
                right -= 1
            if left <= right:
                keys[left], keys[right] = keys[right], keys[left]
                left += 1
                right -= 1
        if n_kept - 1 <= right:
            high = right
        elif n_kept - 1 >= left:
            low = left
        else:
            break
    return n_kept


@njit(cache=True)
def _write(keys: Keys, columns: IntVector, values: FloatVector) -> None:
    """Turn keys into columns, ascending, and their values; ``keys`` is overwritten."""
    for k in range(len(keys)):
        keys[k] = ((LOW - (keys[k] & LOW)) << HALF) | (keys[k] >> HALF)
    keys.sort()
    bits = values.view(np.uint32)
    for k in range(len(keys)):
        columns[k] = np.int32(keys[k] >> HALF)
        bits[k] = np.uint32(keys[k] & LOW)
