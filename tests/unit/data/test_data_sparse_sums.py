from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy import sparse

from segue.data import compiled, sparse_sums
from segue.data.sparse_sums import SparseScores, sum_by_column, sum_of_rows, warm
from segue.data.sparse_sums_kernels import BLOCK


@pytest.fixture(params=["dense", "compiled"])
def way(request, monkeypatch):
    """Both ways of adding up, on small data."""
    monkeypatch.setattr(compiled, "DENSE_LIMIT", 10**9 if request.param == "dense" else 0)


def test_sums_of_rows_are_those_of_the_dense_product(way):
    rng = np.random.default_rng(2)
    matrix = sparse.random(40, 300, density=0.05, format="csr", random_state=2)
    rows = rng.choice(40, 12, replace=False)
    weights = rng.normal(size=12)
    found = sum_of_rows(matrix, rows, weights)
    dense = weights @ matrix.toarray()[rows]
    np.testing.assert_array_equal(found.track_idx, np.flatnonzero(dense))
    np.testing.assert_allclose(found.scores, dense[found.track_idx], rtol=1e-6)
    assert found.track_idx.dtype == np.int32
    assert found.scores.dtype == np.float32


def test_a_column_whose_values_cancel_is_not_there(way):
    found = sum_by_column(np.array([4, 1, 4]), np.array([1.0, 2.0, -1.0]), 6)
    assert (found.track_idx.tolist(), found.scores.tolist()) == ([1], [2.0])


def test_nothing_adds_up_to_nothing(way):
    assert len(sum_by_column(np.empty(0, np.int32), np.empty(0), 5)) == 0
    assert len(sum_of_rows(sparse.csr_matrix((3, 4)), np.array([0, 2]), np.ones(2))) == 0
    warm(5)


def test_a_dense_vector_keeps_what_is_not_zero():
    found = SparseScores.of_dense(np.array([0.0, -2.0, 0.5]))
    assert (found.track_idx.tolist(), found.scores.tolist()) == ([1, 2], [-2.0, 0.5])


def test_the_compiled_sums_are_the_plain_ones_to_the_bit_again_and_again():
    rng = np.random.default_rng(3)
    matrix = sparse.random(200, 5_000, density=0.02, format="csr", random_state=3, dtype=np.float32)
    for _ in range(5):  # the room is left as it was found
        rows = rng.permutation(200)[:50]
        weights = rng.normal(size=50).astype(np.float32)
        plain = sum_of_rows(matrix, rows, weights, compiled=False)
        found = sum_of_rows(matrix, rows, weights, compiled=True)
        np.testing.assert_array_equal(found.track_idx, plain.track_idx)
        np.testing.assert_array_equal(found.scores, plain.scores)
        assert found.scores.dtype == plain.scores.dtype


@pytest.mark.parametrize("n_columns", [BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 70])
def test_sums_over_several_blocks_of_columns_are_the_plain_ones_to_the_bit(n_columns):
    rng = np.random.default_rng(n_columns)
    rows, columns = rng.integers(0, 30, 20_000), rng.integers(0, n_columns, 20_000)
    columns[:4] = (0, n_columns - 1, min(BLOCK, n_columns - 1), BLOCK - 2)
    values = rng.normal(size=20_000).astype(np.float32)
    matrix = sparse.csr_matrix((values, (rows, columns)), shape=(30, n_columns))
    for n in (1, 4, 30):
        chosen, weights = rng.permutation(30)[:n], rng.normal(size=n)
        weights[-1] = 0.0 if n > 4 else weights[-1]
        plain = sum_of_rows(matrix, chosen, weights, compiled=False)
        found = sum_of_rows(matrix, chosen, weights, compiled=True)
        np.testing.assert_array_equal(found.track_idx, plain.track_idx)
        np.testing.assert_array_equal(found.scores, plain.scores)


@pytest.mark.parametrize("seed", range(5))
def test_rows_whose_columns_do_not_ascend_are_added_up_too(seed):
    """Also one that only falls back at its very end, or into an earlier block."""
    rng = np.random.default_rng(seed)
    n_columns, n = 2 * BLOCK + 9, 40
    indices = np.concatenate([
        np.sort(rng.choice(n_columns, n, replace=False)),
        rng.choice(n_columns, n, replace=False),
        [*np.sort(rng.choice(np.arange(5, n_columns), n - 1, replace=False)), 2],
    ]).astype(np.int32)  # fmt: skip
    matrix = sparse.csr_matrix((rng.normal(size=3 * n), indices, [0, n, 2 * n, 3 * n]),
                               shape=(3, n_columns))  # fmt: skip
    for rows in ([0], [1], [2], [0, 2], [2, 1, 0]):
        weights = rng.normal(size=len(rows))
        plain = sum_of_rows(matrix, np.array(rows), weights, compiled=False)
        found = sum_of_rows(matrix, np.array(rows), weights, compiled=True)
        np.testing.assert_array_equal(found.track_idx, plain.track_idx)
        np.testing.assert_array_equal(found.scores, plain.scores)


def test_threads_add_up_in_rooms_of_their_own(monkeypatch):
    monkeypatch.setattr(compiled, "DENSE_LIMIT", 0)
    rooms = []

    def add(seed):
        rng = np.random.default_rng(seed)
        columns, values = rng.integers(0, 9_000, 4_000).astype(np.int32), rng.normal(size=4_000)
        rooms.append(id(sparse_sums._room(9_000)[0]))
        expected = np.bincount(columns, values, 9_000)
        for _ in range(50):
            found = sum_by_column(columns, values, 9_000)
            np.testing.assert_array_equal(found.scores, expected[found.track_idx].astype("f4"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(4)))
    assert len(rooms) == 4


def test_a_thread_keeps_room_for_a_few_sizes_only(monkeypatch):
    monkeypatch.setattr(compiled, "DENSE_LIMIT", 0)
    for size in range(1, 3 * sparse_sums.MAX_ROOMS):
        warm(size)
    assert len(sparse_sums._rooms.by_size) <= sparse_sums.MAX_ROOMS
