"""Splits lose nothing, repeat nothing and keep the order of time."""

import numpy as np
import pytest
from scipy import sparse

from segue.data.interactions import Interactions
from segue.errors import InvalidDataError, InvalidInputError
from segue.evaluation.split import (
    assert_no_overlap,
    global_temporal,
    leave_last,
    random_per_listener,
)


def plays(n_listeners: int = 12, n_tracks: int = 30) -> sparse.csr_matrix:
    rng = np.random.default_rng(3)
    dense = rng.random((n_listeners, n_tracks)) * (rng.random((n_listeners, n_tracks)) < 0.5)
    dense[0] = 0  # a listener without anything
    dense[1, 1:] = 0
    return sparse.csr_matrix(dense.astype(np.float32))


def test_random_parts_add_up_to_the_whole_and_do_not_overlap():
    whole = plays()
    parts = random_per_listener(whole, (0.7, 0.2, 0.1), np.random.default_rng(1))
    assert (sum(parts[1:], parts[0]) != whole).nnz == 0
    for a in range(3):
        for b in range(a):
            assert_no_overlap(parts[a], parts[b])


def test_random_parts_have_their_share_of_each_listener():
    whole = plays()
    train, validation, test = random_per_listener(whole, (0.7, 0.2, 0.1), np.random.default_rng(1))
    for row in range(whole.shape[0]):
        n = whole[row].nnz
        assert validation[row].nnz == n * 2 // 10
        assert test[row].nnz == n // 10
        assert train[row].nnz == n - n * 2 // 10 - n // 10


def test_the_same_seed_deals_the_same_parts_and_another_seed_others():
    deals = [
        random_per_listener(plays(), (0.5, 0.5), np.random.default_rng(seed))[1]
        for seed in (1, 1, 2)
    ]
    assert (deals[0] != deals[1]).nnz == 0
    assert (deals[0] != deals[2]).nnz > 0


def test_each_entry_is_held_out_about_as_often_as_its_share():
    whole = sparse.csr_matrix(np.ones((400, 10), np.float32))
    held = random_per_listener(whole, (0.8, 0.2), np.random.default_rng(0))[1]
    by_track = np.bincount(held.indices, minlength=10)
    assert (np.abs(by_track - 80) < 35).all()  # four standard deviations


@pytest.mark.parametrize("ratios", [(), (0.5, 0.4), (1.2, -0.2)])
def test_ratios_that_are_no_shares_are_refused(ratios):
    with pytest.raises(InvalidInputError, match="ratios must be"):
        random_per_listener(plays(), ratios, np.random.default_rng(0))


def timed() -> Interactions:
    rng = np.random.default_rng(8)
    whole = plays().tocoo()
    times = rng.integers(1, 12, whole.nnz).astype(float)  # few moments: ties happen
    return Interactions.from_pairs(whole.row, whole.col, whole.data, times, shape=whole.shape)


@pytest.mark.parametrize("n_last", [1, 3])
def test_leave_last_holds_out_the_newest_and_ties_go_to_the_higher_row(n_last):
    data = timed()
    train, held = leave_last(data, n_last)
    matrix = data.user_items
    for row in range(matrix.shape[0]):
        span = slice(matrix.indptr[row], matrix.indptr[row + 1])
        order = sorted(zip(data.last_listened_at[span], matrix.indices[span], strict=True))
        newest = {int(track) for _, track in order[-n_last:]} if len(order) > n_last else set()
        assert set(held[row].indices.tolist()) == newest
    assert ((train + held) != matrix).nnz == 0
    assert_no_overlap(train, held)


def test_leave_last_of_nothing_is_refused():
    with pytest.raises(InvalidInputError, match="n_last must be at least 1"):
        leave_last(timed(), 0)


def test_the_temporal_cut_leaves_the_gap_out():
    times = np.arange(100.0)
    cut = global_temporal(times, 50.0, 80.0, gap_s=5.0)
    assert np.flatnonzero(cut.train).tolist() == list(range(45))
    assert np.flatnonzero(cut.validation).tolist() == list(range(50, 75))
    assert np.flatnonzero(cut.test).tolist() == list(range(80, 100))


def test_a_temporal_cut_without_validation_is_possible():
    cut = global_temporal(np.arange(10.0), 6.0, 6.0)
    assert (cut.train.sum(), cut.validation.sum(), cut.test.sum()) == (6, 0, 4)


def test_a_temporal_cut_in_the_wrong_order_is_refused():
    with pytest.raises(InvalidInputError, match="later than test_from"):
        global_temporal(np.arange(3.0), 2.0, 1.0)
    with pytest.raises(InvalidInputError, match="gap_s must be"):
        global_temporal(np.arange(3.0), 1.0, 2.0, gap_s=-1.0)


def test_a_leak_is_found_and_named():
    train = sparse.csr_matrix(np.array([[1.0, 0, 0], [0, 1.0, 1.0]]))
    held = sparse.csr_matrix(np.array([[0, 1.0, 0], [0, 1.0, 1.0]]))
    with pytest.raises(InvalidDataError, match=r"2 pairs .* listener row 1, track row 1"):
        assert_no_overlap(train, held)
    with pytest.raises(InvalidDataError, match="shape"):
        assert_no_overlap(train, held[:1])
