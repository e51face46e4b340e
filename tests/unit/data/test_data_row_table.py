"""The compiled table of rows, against a dict."""

import numpy as np
import pytest

from segue.data.row_table_kernels import place_of, table_of


@pytest.mark.parametrize("room", [2, 4])
@pytest.mark.parametrize("n", [0, 1, 8, 9, 500])
def test_each_row_is_found_at_its_place_and_no_other(n, room):
    rng = np.random.default_rng(n)
    # runs of neighbours and of equal low bits: what a bad hash puts into one slot
    pool = np.unique(
        np.concatenate([np.arange(400), 1024 * np.arange(400), rng.integers(0, 2**31 - 1, 400)])
    )
    rows = rng.choice(pool, n, replace=False).astype(np.int32)
    keys, places, bits = table_of(rows, room)
    assert len(keys) == 1 << bits >= room * n
    known = {row: place for place, row in enumerate(rows.tolist())}
    for row in pool.tolist():
        assert place_of(keys, places, bits, row) == known.get(row, -1)
