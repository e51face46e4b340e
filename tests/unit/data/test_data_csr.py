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


@pytest.mark.parametrize("columns", [[], [3], [19, 0, 5, 11]])
def test_columns_of_rows_are_the_dense_block_turned_over(matrix, columns):
    rows = np.array([5, 1, 28, 5])
    got = columns_of_rows(matrix, rows, np.array(columns, np.int64))
    dense = matrix.toarray()
    assert got.tolist() == dense[np.ix_(rows, np.array(columns, int))].T.tolist()
