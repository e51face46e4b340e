"""BPR against the gradient of its loss by finite differences and a plain Python twin."""

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models.bpr import BPR, draw_triples, negative_weights
from segue.models.bpr_kernels import bpr_epoch, is_among

RATE, RIDGE = 0.1, 0.05


def some_likes(seed: int = 4) -> sparse.csr_matrix:
    rng = np.random.default_rng(seed)
    likes = sparse.csr_matrix((rng.random((12, 8)) < 0.4).astype(np.float32))
    likes.sort_indices()
    return likes


def some_factors(n_rows: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n_rows, 3)).astype(np.float32)


def run_epoch(likes, triples, listeners, tracks) -> int:
    indptr, indices = likes.indptr.astype(np.int64), likes.indices.astype(np.int32)
    return bpr_epoch(indptr, indices, *triples, listeners, tracks, RATE, RIDGE)


def triple_loss(parameters: np.ndarray) -> float:
    u, v, w = parameters.reshape(3, 3)
    return np.log1p(np.exp(-u @ (v - w))) + RIDGE / 2 * (parameters**2).sum()


def twin_epoch(likes, triples, listeners, tracks) -> int:
    dense, n_steps = likes.toarray(), 0
    for row, liked, other in zip(*triples, strict=True):
        if dense[row, other] > 0:
            continue
        u, v, w = listeners[row].copy(), tracks[liked].copy(), tracks[other].copy()
        pull = 1 - 1 / (1 + np.exp(-u @ (v - w)))
        listeners[row] = u + RATE * (pull * (v - w) - RIDGE * u)
        tracks[liked] = v + RATE * (pull * u - RIDGE * v)
        tracks[other] = w + RATE * (-pull * u - RIDGE * w)
        n_steps += 1
    return n_steps


def test_a_step_goes_down_the_gradient_of_the_loss():
    likes = sparse.csr_matrix([[1.0, 0.0]])
    listeners, tracks = some_factors(1, 1), some_factors(2, 2)
    before = np.vstack([listeners, tracks]).astype(float).ravel()
    triples = tuple(np.array([i], np.int32) for i in (0, 0, 1))
    assert run_epoch(likes, triples, listeners, tracks) == 1
    step = np.vstack([listeners, tracks]).ravel() - before
    tiny = 1e-5 * np.eye(9)
    gradient = [(triple_loss(before + e) - triple_loss(before - e)) / 2e-5 for e in tiny]
    np.testing.assert_allclose(step, -RATE * np.array(gradient), rtol=1e-4, atol=1e-6)


def test_an_epoch_is_its_slow_twin():
    likes, triples = some_likes(), draw_triples(some_likes(), 0.5, np.random.default_rng(3))
    fast, slow = (([some_factors(12, 5), some_factors(8, 6)]) for _ in range(2))
    n_steps = run_epoch(likes, triples, *fast)
    assert n_steps == twin_epoch(likes, triples, *slow)
    assert 0 < n_steps < likes.nnz
    for a, b in zip(fast, slow, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_a_sorted_slice_is_searched_right():
    columns = np.array([9, 1, 4, 6, 0], np.int32)
    found = [c for c in range(10) if is_among(columns, 1, 4, c)]
    assert found == [1, 4, 6]
    assert not is_among(columns, 2, 2, 4)


def test_each_like_is_drawn_once_an_epoch_in_another_order():
    likes, rng = some_likes(), np.random.default_rng(1)
    first, second = draw_triples(likes, 0.0, rng), draw_triples(likes, 0.0, rng)
    for rows, liked, _ in (first, second):
        assert sorted(zip(rows, liked, strict=True)) == sorted(zip(*likes.nonzero(), strict=True))
    assert first[0].tolist() != second[0].tolist()


def test_negatives_are_drawn_uniformly_or_by_popularity():
    likes = sparse.csr_matrix(np.tri(200, 4, dtype=np.float32))
    likes = sparse.vstack([likes, sparse.csr_matrix(np.eye(4)[[0] * 300])]).tocsr()
    popularity = np.array([500, 199, 198, 197], float)
    for exponent in (0.0, 1.0):
        np.testing.assert_allclose(negative_weights(likes, exponent), popularity**exponent)
        other = draw_triples(likes, exponent, np.random.default_rng(2))[2]
        share = popularity**exponent / (popularity**exponent).sum()
        np.testing.assert_allclose(np.bincount(other, minlength=4) / len(other), share, atol=0.05)


def test_a_track_nobody_played_can_still_be_compared_with():
    assert negative_weights(sparse.csr_matrix([[1.0, 0.0]]), 0.75).tolist() == [1.0, 1.0]


def test_training_ranks_likes_above_the_rest():
    likes = some_likes()
    model = BPR(8, n_epochs=300, regularization=0.001).fit(Dataset.from_csr(likes))
    scores = model.score_batch(likes)
    right: list[float] = []
    for liked, row in zip(likes.toarray() > 0, scores, strict=True):
        right += (row[liked][:, None] > row[~liked]).ravel().tolist()
    assert np.mean(right) > 0.9


def test_folding_in_is_the_weighted_ridge_regression_on_likes_and_dislikes():
    model = BPR(3, n_epochs=20, fold_in_regularization=0.7).fit(Dataset.from_csr(some_likes()))
    vectors = model.item_factors.astype(float)
    ridge = 0.7 * (vectors**2).sum() / 8
    weight, target = np.array([2.0, 0.5, 1.0]), np.array([1.0, -1.0, 1.0])
    root = np.sqrt(weight)[:, None]
    system = np.vstack([root * vectors[[0, 3, 5]], np.sqrt(ridge) * np.eye(3)])
    wanted = np.concatenate([root[:, 0] * target, np.zeros(3)])
    expected = np.linalg.lstsq(system, wanted, rcond=None)[0]
    profile = Profile.from_weights({0: 2.0, 3: -0.5, 5: 1.0})
    np.testing.assert_allclose(model.fold_in(profile), expected, rtol=1e-8)


def test_contributions_add_up_to_the_score():
    model = BPR(3, n_epochs=20).fit(Dataset.from_csr(some_likes()))
    profile = Profile.from_weights({0: 2.0, 3: -0.5, 5: 1.0})
    parts = model.contributions(profile, np.arange(8))
    np.testing.assert_allclose(parts.sum(0), model.score(model.fold_in(profile)), atol=1e-6)


def test_what_is_disliked_is_never_learned_as_liked():
    likes = some_likes()
    signed = likes - sparse.csr_matrix((likes.toarray() == 0).astype(np.float32))
    a, b = (BPR(3, n_epochs=5).fit(Dataset.from_csr(m)) for m in (likes, signed))
    np.testing.assert_array_equal(a.item_factors, b.item_factors)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"n_factors": 0}, "n_factors must be at least 1"),
        ({"n_epochs": -1}, "n_epochs must be at least 0"),
        ({"regularization": -1.0}, "regularization must be at least 0"),
        ({"negative_exponent": -1.0}, "negative_exponent must be at least 0"),
        ({"learning_rate": 0.0}, "learning_rate must be above 0"),
        ({"fold_in_regularization": 0.0}, "fold_in_regularization must be above 0"),
        ({"init_sd": float("nan")}, "init_sd must be above 0"),
        ({"values": "cubed"}, "values must be one of given, binary, log"),
    ],
)
def test_a_parameter_out_of_range_is_refused_in_words(params, words):
    with pytest.raises(InvalidInputError, match=words):
        BPR(**params).fit(Dataset.from_csr(some_likes()))
