"""Chosen rows of a CSR matrix."""

import numpy as np
import pytest
from scipy import sparse

from segue.data.csr import columns_of_rows, row_entries


@pytest.fixture
def matrix():
    rng = np.random.default_rng(3)
    return sparse.csr_matrix(rng.random((30, 20)) * (rng.random((30, 20)) < 0.2), dtype=np.float32)


@pytest.mark.parametrize("rows", [[], [4], [7, 2, 7, 29, 0], list(range(30))])
def test_the_entries_are_those_of_a_slice_in_its_order(matrix, rows):
    entries = row_entries(matrix, np.array(rows, np.int64))
    sliced = matrix[rows] if rows else matrix[:0]
    assert entries.columns.tolist() == sliced.indices.tolist()
    assert matrix.data[entries.at].tolist() == sliced.data.tolist()
    assert entries.n_of.tolist() == np.diff(sliced.indptr).tolist()
    assert entries.owner.tolist() == sliced.tocoo().row.tolist()


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("columns", [[], [3], [19, 0, 5, 11], list(range(20))])
def test_columns_of_rows_are_the_dense_block_turned_over(matrix, columns, compiled):
    rows = np.array([5, 1, 28, 5])
    got = columns_of_rows(matrix, rows, np.array(columns, np.int64), compiled=compiled)
    dense = matrix.toarray()
    assert got.tolist() == dense[np.ix_(rows, np.array(columns, int))].T.tolist()


def test_the_compiled_columns_are_the_plain_ones_where_slots_of_the_table_collide():
    rng = np.random.default_rng(6)
    wide = sparse.random(40, 70_000, density=0.01, format="csr", random_state=6, dtype=np.float32)
    columns = np.sort(rng.choice(70_000, 5_000, replace=False))
    rows = rng.integers(0, 40, 30)
    plain = columns_of_rows(wide, rows, columns, compiled=False)
    assert np.count_nonzero(plain) > 1_000
    np.testing.assert_array_equal(columns_of_rows(wide, rows, columns, compiled=True), plain)


def test_half_floats_are_never_compiled():
    half = type("Half", (), {"data": np.array([0.5], np.float16), "indices": np.array([2]),
                             "indptr": np.array([0, 1]), "shape": (1, 3)})()  # fmt: skip
    assert columns_of_rows(half, np.array([0]), np.array([2]), compiled=True).tolist() == [[0.5]]
