"""Compiled product of a sparse matrix with its own transpose, as a dense array."""

import numba

from segue.types import FloatMatrix, FloatVector, IntVector

CHUNK = 64  # rows of the result that one thread makes in a row, from either end


@numba.njit(cache=True, parallel=True)
def add_upper_gram(
    starts: IntVector,
    columns: IntVector,
    places: IntVector,
    ends: IntVector,
    rows: IntVector,
    values: FloatVector,
    gram: FloatMatrix,
) -> None:
    """Add ``Y Y'`` to the upper triangle of ``gram``, in place; the rest is left as it is.

    Row i of the result is the sum, over the entries of row i of Y, of what follows each of them in
    its column. One row of the result stays in the cache of the processor while it is made. Rows are
    independent and summed in one order, so that any number of threads gives the same result.

    Args:
        starts, columns: Y by rows (CSR), with ``places`` of each entry in the next three.
        ends, rows, values: Y by columns: column c ends before ``ends[c]``; rows rise in a column.
        gram: Shape (n, n), C order.
    """
    n = len(gram)
    n_chunks = (n + CHUNK - 1) // CHUNK
    for turn in numba.prange(n_chunks):  # pyright: ignore[reportGeneralTypeIssues]
        # the first rows are the longest ones: taken in turns from both ends, threads end together
        chunk = turn // 2 if turn % 2 == 0 else n_chunks - 1 - turn // 2
        for i in range(chunk * CHUNK, min((chunk + 1) * CHUNK, n)):
            total = gram[i]
            for entry in range(starts[i], starts[i + 1]):
                value = values[places[entry]]
                for other in range(places[entry], ends[columns[entry]]):
                    total[rows[other]] += value * values[other]
