"""Sets of rows as sorted arrays: a sort of some thousand integers beats NumPy's hashing of them."""

import numpy as np

from segue.types import IntVector


def distinct(rows: IntVector) -> IntVector:
    """Each row once, ascending, in the type given.

    >>> distinct(np.array([4, 1, 4], np.int32)).tolist()
    [1, 4]
    """
    ordered = np.sort(rows)
    first = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def places_in(rows: IntVector, wanted: IntVector) -> tuple[IntVector, np.ndarray]:
    """Where wanted rows stand in ascending ``rows``, and whether they do; both (n_wanted,).

    >>> places, there = places_in(np.array([1, 4]), np.array([4, 2]))
    >>> places[there].tolist(), there.tolist()
    ([1], [True, False])
    """
    if not len(rows):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), bool)
    places = np.minimum(np.searchsorted(rows, wanted), len(rows) - 1)
    return places, rows[places] == wanted
