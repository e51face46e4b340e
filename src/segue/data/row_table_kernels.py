"""A compiled table from rows to places: open addressing, multiplicative hashing, in cache.

Where a table as long as the catalogue would cost more than the rows themselves. The slow twin is a
dict.
"""

import numba
import numpy as np

from segue.types import IntVector


@numba.njit(cache=True, nogil=True)
def slot(key: int, bits: int) -> int:
    """The highest ``bits`` of the lower half of a product (Knuth 6.4)."""
    return ((key * 2654435769) & 0xFFFFFFFF) >> (32 - bits)


@numba.njit(cache=True, nogil=True)
def table_of(rows: IntVector, room: int) -> tuple[IntVector, IntVector, int]:
    """Different rows >= 0 and their places: keys (-1 is free), places, and bits of the size.

    ``room`` are slots for each row, at least 2: more of them are read faster and filled slower.
    """
    bits = 4
    while (1 << bits) < room * len(rows):
        bits += 1
    keys, places = np.full(1 << bits, -1, np.int32), np.empty(1 << bits, np.int32)
    for place in range(len(rows)):
        at = slot(rows[place], bits)
        while keys[at] >= 0:
            at = (at + 1) & ((1 << bits) - 1)
        keys[at] = rows[place]
        places[at] = place
    return keys, places, bits


@numba.njit(cache=True, nogil=True)
def place_of(keys: IntVector, places: IntVector, bits: int, row: int) -> int:
    """The place of a row in a table of :func:`table_of`, or -1."""
    at = slot(row, bits)
    while keys[at] >= 0:
        if keys[at] == row:
            return places[at]
        at = (at + 1) & ((1 << bits) - 1)
    return -1
