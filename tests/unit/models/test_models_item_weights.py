"""The compiled pruned product against the whole product of scipy, sorted row by row."""

from itertools import pairwise

import numba
import numpy as np
import pytest
from scipy import sparse

from segue.models import item_weights
from segue.models.item_weights import pruned_product

N_COLUMNS = 5000  # more than the kernel gathers before it drops the smaller ones


def random_counts(shape: tuple[int, int], share: float, seed: int) -> sparse.csr_matrix:
    """Small whole numbers: their sums are exact in float32 and often equal."""
    rng = np.random.default_rng(seed)
    found = sparse.random_array(shape, density=share, rng=rng, format="csr", dtype=np.float32)
    found.data = rng.integers(1, 3, found.nnz).astype(np.float32)
    return sparse.csr_matrix(found)


def slow_product(left, right, n, row_size, column_size, shrinkage=0.0) -> np.ndarray:
    """The readable twin: everything is multiplied, then each row is sorted."""
    scaled = (left @ right).toarray() / (np.outer(row_size, column_size) + shrinkage)
    np.fill_diagonal(scaled, 0.0)
    kept = np.zeros_like(scaled)
    for row, values in enumerate(scaled):
        best = np.lexsort((np.arange(len(values)), -values))[:n]
        kept[row, best] = values[best]
    return kept


def sizes(n: int, seed: int) -> np.ndarray:
    """Powers of two, so that dividing keeps equal values equal."""
    return 2.0 ** np.random.default_rng(seed).integers(-2, 3, n)


@pytest.mark.parametrize("n", [1, 7, 300, 2000, None])
@pytest.mark.parametrize("share", [0.002, 0.02, 0.3])
def test_the_kernel_keeps_what_sorting_the_whole_product_keeps(n, share):
    left = random_counts((12, 40), max(share, 0.1), 1)
    right = random_counts((40, N_COLUMNS), share, 2)
    scale = sizes(12, 3), sizes(N_COLUMNS, 4)
    found = pruned_product(left, right, n, *scale)
    np.testing.assert_array_equal(found.toarray(), slow_product(left, right, n, *scale))
    assert (found.data > 0).all()
    assert found.has_canonical_format


def test_long_and_short_rows_go_through_both_ways_of_gathering():
    left = random_counts((12, 40), 0.5, 1).tolil()
    left[::2, 1:] = 0.0  # one list of columns, and all of them
    left[::2, 0] = 1.0
    left, right = left.tocsr(), random_counts((40, N_COLUMNS), 0.2, 2)
    costs = item_weights._products_of_rows(left, right)
    assert costs[::2].max() * 4 < N_COLUMNS < costs[1::2].min() * 4
    found = pruned_product(left, right, 5, np.ones(12), np.ones(N_COLUMNS))
    expected = slow_product(left, right, 5, np.ones(12), np.ones(N_COLUMNS))
    np.testing.assert_array_equal(found.toarray(), expected)


@pytest.mark.parametrize("n", [20, 1500])
def test_many_equal_values_in_a_long_row_go_to_the_lower_columns(n):
    right = np.ones((4, N_COLUMNS))
    right[:, 3::7] = 2.0  # more of the largest than 20, fewer than 1500
    left, right = sparse.csr_matrix(np.ones((3, 4))), sparse.csr_matrix(right)
    found = pruned_product(left, right, n, np.ones(3), np.ones(N_COLUMNS))
    expected = slow_product(left, right, n, np.ones(3), np.ones(N_COLUMNS))
    np.testing.assert_array_equal(found.toarray(), expected)


@pytest.mark.parametrize("shrinkage", [0.0, 2.5])
def test_shrinkage_and_any_sizes_divide_the_sums(shrinkage):
    likes = random_counts((60, 300), 0.1, 5)
    rng = np.random.default_rng(6)
    scale = rng.random(300) + 0.1, rng.random(300) + 0.1
    found = pruned_product(likes.T.tocsr(), likes, 20, *scale, shrinkage).toarray()
    expected = slow_product(likes.T, likes, 300, *scale, shrinkage)
    np.testing.assert_allclose(found[found > 0], expected[found > 0], rtol=1e-6)
    smallest = np.sort(expected, axis=1)[:, -20]
    np.testing.assert_allclose(np.sort(found, axis=1)[:, -20], smallest, rtol=1e-6)


def test_the_number_of_threads_changes_nothing():
    likes = random_counts((60, 300), 0.2, 8)
    scale = np.full(300, 3.0), np.full(300, 7.0)
    whole = pruned_product(likes.T.tocsr(), likes, 20, *scale)
    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        alone = pruned_product(likes.T.tocsr(), likes, 20, *scale)
    finally:
        numba.set_num_threads(before)
    np.testing.assert_array_equal(alone.toarray(), whole.toarray())


def test_columns_and_rows_of_size_zero_are_empty_and_give_nothing():
    likes = sparse.csr_matrix([[1.0, 0.0, 1.0], [1.0, 0.0, 1.0]])
    sizes_ = np.array([2.0, 0.0, 2.0])
    found = pruned_product(likes.T.tocsr(), likes, 3, sizes_, sizes_).toarray()
    assert found.tolist() == [[0.0, 0.0, 0.5], [0.0, 0.0, 0.0], [0.5, 0.0, 0.0]]


def test_a_product_with_nothing_in_it_is_empty():
    for shape in ((0, 0), (3, 3)):
        empty, ones = sparse.csr_matrix(shape), np.ones(shape[0])
        found = pruned_product(empty, empty, 3, ones, ones)
        assert found.shape == shape
        assert found.nnz == 0


@pytest.mark.parametrize("entries", [0, 30, 90])
def test_blocks_of_any_size_give_the_same_result(monkeypatch, entries):
    likes, ones = random_counts((25, 11), 0.5, 7), np.ones(11)
    whole = [pruned_product(likes.T.tocsr(), likes, n, ones, ones) for n in (None, 3)]
    monkeypatch.setattr(item_weights, "BLOCK_ENTRIES", entries)
    for n, expected in zip((None, 3), whole, strict=True):
        found = pruned_product(likes.T.tocsr(), likes, n, ones, ones)
        np.testing.assert_array_equal(found.toarray(), expected.toarray())


def test_no_block_has_more_room_than_allowed_unless_it_is_one_row(monkeypatch):
    monkeypatch.setattr(item_weights, "BLOCK_ENTRIES", 10)
    room = np.array([4, 6, 1, 25, 0, 3, 9])
    blocks = item_weights._blocks_of_rows(room)
    assert (blocks[0][0], blocks[-1][1]) == (0, 7)
    assert all(a[1] == b[0] for a, b in pairwise(blocks))
    assert all(room[a:b].sum() <= 10 or b - a == 1 for a, b in blocks)
    assert max(b - a for a, b in blocks) > 1
