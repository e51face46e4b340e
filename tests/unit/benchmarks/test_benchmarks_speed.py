"""What the speed benchmarks compute themselves: equal losses, epochs, shares, lists of peers."""

import numpy as np
import pytest
from benchmarks.peers import factors, recommenders
from benchmarks.speed import big_data, s1_als
from scipy import sparse

from segue.models.als import ALS, entries_of
from segue.synthetic.listeners import ndcg_at_k


@pytest.fixture(scope="module")
def likes() -> sparse.csr_matrix:
    return big_data.make(big_data.Size(300, 400, 6000), np.random.default_rng(3))


def test_the_matrix_has_the_pairs_asked_for_each_once(likes):
    assert likes.shape == (300, 400)
    assert likes.nnz == 6000
    assert likes.has_canonical_format
    assert set(likes.data.tolist()) == {1.0}


def test_s1_gives_both_sides_one_loss(likes):
    """The rows of implicit (Hu et al. 2008, written out) are ours in another unit of length."""
    a, r = factors.ALPHA, factors.REGULARIZATION
    fixed = np.random.default_rng(4).normal(0, 0.1, (400, 6))
    theirs = []
    for row in likes[:20]:
        known = fixed[row.indices]
        matrix = fixed.T @ fixed + (a - 1) * known.T @ known + r * np.eye(6)
        theirs.append(np.linalg.solve(matrix, a * known.sum(axis=0)))
    unit = np.sqrt(a / (a - 1))  # scores of implicit aim at its square, ours at 1
    model = ALS(6, solver="cholesky", **s1_als.LOSS)
    ours = np.zeros((20, 6), np.float32)
    model.half_step(entries_of(likes[:20], model.alpha), (fixed / unit).astype(np.float32), ours)
    np.testing.assert_allclose(ours * unit, theirs, rtol=1e-3, atol=1e-4)


def test_s1_begins_like_implicit():
    first = ALS(s1_als.N_FACTORS, **s1_als.FIRST)._first("tracks", 500)
    assert first.min() >= 0
    assert first.max() == pytest.approx(0.01, rel=1e-3)


def test_an_epoch_is_the_difference_of_two_fits_over_the_epochs_between():
    found = s1_als.per_epoch([(3.0, 2.0), (13.0, 7.0)], 6)
    assert found == {"seconds": 2.0, "cpu": 1.0}


def test_s1_holds_out_a_tenth_of_a_share_of_the_listeners(likes):
    train, held_out = s1_als.split_of(likes, 0.5)
    assert train.shape == held_out.shape == (150, 400)
    np.testing.assert_array_equal((train + held_out).toarray(), likes[:150].toarray())
    assert 0.05 < held_out.nnz / likes[:150].nnz < 0.15


def test_s1_ndcg_is_that_of_a_plain_loop(likes):
    _, held_out = s1_als.split_of(likes, 1.0)
    ranked = np.array([np.random.default_rng(n).permutation(400)[:10] for n in range(40)], np.int32)
    values = [ndcg_at_k(ranked[n], held_out[n].indices, 10) for n in range(40) if held_out[n].nnz]
    assert s1_als.ndcg(ranked, held_out) == pytest.approx(np.mean(values))


def test_lists_of_peers_lose_what_is_known_and_end_in_minus_one():
    known = sparse.csr_matrix(([1.0, 1.0], ([0, 0], [3, 5])), (2, 20))
    lists = np.array([[3, 1, 5, 2, -1], [9, 8, -1, -1, -1]])
    kept = recommenders.without(lists, known)
    assert kept.shape == (2, recommenders.K)
    assert kept[0, :3].tolist() == [1, 2, -1]
    assert kept[1, :3].tolist() == [9, 8, -1]


def test_the_best_by_factors_are_those_of_sorting_all_products():
    rng = np.random.default_rng(6)
    left, right = rng.normal(size=(300, 5)), rng.normal(size=(40, 5))
    train = sparse.random(300, 40, 0.1, format="csr", random_state=1)
    scores = np.where(train.toarray() > 0, -np.inf, left @ right.T)
    expected = np.argsort(-scores, axis=1, kind="stable")[:, :7]
    found = recommenders.best_by_factors(train, left, right, 7)
    np.testing.assert_array_equal(found, expected)


def test_as_many_more_are_asked_for_as_the_longest_row_can_hide():
    assert recommenders.longest(sparse.csr_matrix([[0, 1, 1.0], [0, 0, 0], [1.0, 0, 0]])) == 2
