"""Sets of rows as sorted arrays, beside NumPy's own."""

import numpy as np
import pytest

from segue.data.sorted_rows import distinct, places_in


@pytest.mark.parametrize("n", [0, 1, 2, 500])
def test_distinct_rows_are_those_of_numpy(n):
    rows = np.random.default_rng(n).integers(0, 100, n).astype(np.int32)
    got = distinct(rows)
    assert got.tolist() == np.unique(rows).tolist()
    assert got.dtype == np.int32


@pytest.mark.parametrize("n", [0, 1, 40])
def test_places_are_those_where_the_rows_stand(n):
    rng = np.random.default_rng(n)
    rows = np.sort(rng.choice(100, n, replace=False))
    wanted = rng.integers(0, 120, 60)
    places, there = places_in(rows, wanted)
    assert there.tolist() == np.isin(wanted, rows).tolist()
    assert rows[places[there]].tolist() == wanted[there].tolist()
