"""EASE and EDLAE against regressions and an expectation written out, dual against dense."""

import itertools

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models import linear_solve
from segue.models.linear import EASE, EDLAE, most_listened
from segue.models.linear_solve import (
    inverse_in_place,
    prune_rows,
    solve_dense,
    solve_dual,
    upper_gram,
)


def random_likes(n_listeners: int = 40, n_tracks: int = 8, seed: int = 7) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 3, (n_listeners, n_tracks)) * (rng.random((n_listeners, n_tracks)) < 0.6)


def fitted(model: EASE, likes: np.ndarray) -> EASE:
    return model.fit(Dataset.from_csr(sparse.csr_matrix(likes.astype(float))))


def weights_of(model: EASE) -> np.ndarray:
    n = model.n_tracks
    return model.contributions(Profile.from_weights(dict.fromkeys(range(n), 1.0)), np.arange(n))


@pytest.mark.parametrize("form", ["dense", "dual"])
def test_each_column_of_ease_is_the_ridge_regression_on_the_other_tracks(form):
    likes = random_likes()
    weights = weights_of(fitted(EASE(2.0, form=form), likes))
    for track in range(8):
        others = np.delete(np.arange(8), track)
        a, b = likes[:, others], likes[:, track]
        ridge = np.linalg.solve(a.T @ a + 2.0 * np.eye(7), a.T @ b)
        np.testing.assert_allclose(weights[others, track], ridge, rtol=1e-4, atol=1e-6)
        assert weights[track, track] == 0.0


@pytest.mark.parametrize("form", ["dense", "dual"])
def test_each_column_of_edlae_minimises_the_expected_loss_over_all_dropout_masks(form):
    """Every mask of every listener is written out with its probability: no closed form here."""
    likes = random_likes(n_listeners=9, n_tracks=5, seed=3)
    dropout, regularization = 0.3, 1.5
    weights = weights_of(fitted(EDLAE(regularization, dropout, form=form), likes))
    masks = np.array(list(itertools.product([0.0, 1.0], repeat=4)))
    odds = np.prod(np.where(masks == 1, 1 - dropout, dropout), axis=1)
    for track in range(5):
        others = np.delete(np.arange(5), track)
        rows, wanted = [], []
        for listener in likes:
            for mask, odd in zip(masks, odds, strict=True):
                rows.append(np.sqrt(odd) * mask * listener[others] / (1 - dropout))
                wanted.append(np.sqrt(odd) * listener[track])
        system = np.vstack([rows, np.sqrt(regularization) * np.eye(4)])
        best = np.linalg.lstsq(system, np.concatenate([wanted, np.zeros(4)]), rcond=None)[0]
        np.testing.assert_allclose(weights[others, track], best, rtol=1e-4, atol=1e-6)


def test_edlae_without_dropout_is_ease():
    likes = random_likes()
    ease = weights_of(fitted(EASE(3.0), likes))
    np.testing.assert_array_equal(ease, weights_of(fitted(EDLAE(3.0, dropout=0.0), likes)))


@pytest.mark.parametrize("shape", [(6, 30), (30, 6), (17, 17)])
def test_the_dual_form_gives_the_weights_of_the_dense_form(shape):
    likes = random_likes(*shape, seed=11)
    dense = weights_of(fitted(EDLAE(5.0, 0.4, form="dense"), likes))
    dual = weights_of(fitted(EDLAE(5.0, 0.4, form="dual"), likes))
    np.testing.assert_allclose(dual, dense, atol=1e-5)
    assert np.abs(dense).max() > 0.05


def test_blocks_smaller_than_the_system_change_nothing(monkeypatch):
    likes = sparse.csr_matrix(random_likes(20, 11, seed=2), dtype=np.float32)
    ridge = np.linspace(1.0, 3.0, 11)
    whole = [solve(likes, ridge).rows(0, 11) for solve in (solve_dense, solve_dual)]
    monkeypatch.setattr(linear_solve, "BLOCK", 4)
    for solve, expected in zip((solve_dense, solve_dual), whole, strict=True):
        solution = solve(likes, ridge)
        parts = [solution.rows(a, min(a + 4, 11)) for a in (0, 4, 8)]
        np.testing.assert_allclose(np.vstack(parts), expected, atol=1e-6)


def test_single_precision_stays_close(monkeypatch):
    likes = random_likes(30, 12)
    double = weights_of(fitted(EASE(2.0, form="dense"), likes))
    monkeypatch.setattr(linear_solve, "DOUBLE_LIMIT", 0)
    for form in ("dense", "dual"):
        single = weights_of(fitted(EASE(2.0, form=form), likes))
        np.testing.assert_allclose(single, double, atol=2e-4)


def test_auto_takes_the_dual_form_for_few_listeners():
    few, many = random_likes(4, 20), random_likes(40, 20)
    assert EASE()._is_dual(sparse.csr_matrix(few))
    assert not EASE()._is_dual(sparse.csr_matrix(many))


def test_the_inverse_is_the_inverse():
    root = np.random.default_rng(1).normal(size=(9, 9))
    matrix, ridge = root @ root.T, np.linspace(0.5, 2, 9)
    expected = np.linalg.inv(matrix + np.diag(ridge))
    np.testing.assert_allclose(inverse_in_place(matrix.copy(), ridge), expected, rtol=1e-8)


def test_a_matrix_that_is_not_positive_definite_is_refused():
    with pytest.raises(InvalidInputError, match="not positive definite"):
        inverse_in_place(np.array([[1.0, 2.0], [2.0, 1.0]]), np.zeros(2))


def test_pruned_rows_keep_the_largest_weights_and_score_by_them():
    likes = random_likes(60, 10)
    full = weights_of(fitted(EASE(2.0), likes))
    pruned = weights_of(fitted(EASE(2.0, n_neighbors=3), likes))
    for row in range(10):
        kept = np.flatnonzero(pruned[row])
        assert sorted(kept) == sorted(np.argsort(-np.abs(full[row]))[:3])
        np.testing.assert_allclose(pruned[row, kept], full[row, kept], rtol=1e-6)


def test_more_neighbours_than_tracks_keep_everything():
    likes = random_likes(60, 6)
    model = fitted(EASE(2.0, n_neighbors=50), likes)
    np.testing.assert_allclose(weights_of(model), weights_of(fitted(EASE(2.0), likes)), rtol=1e-6)
    assert prune_rows(np.zeros((2, 3)), 2).nnz == 0


@pytest.mark.parametrize("n_neighbors", [None, 5])
def test_only_the_most_listened_tracks_get_weights(n_neighbors):
    likes = random_likes(50, 9)
    likes[5:, [1, 4]] = 0  # two tracks with few listeners
    full = fitted(EASE(2.0, max_items=7, n_neighbors=n_neighbors), likes)
    weights = weights_of(full)
    kept = np.delete(np.arange(9), [1, 4])
    assert not weights[[1, 4]].any()
    assert not weights[:, [1, 4]].any()
    alone = weights_of(fitted(EASE(2.0, n_neighbors=n_neighbors), likes[:, kept]))
    np.testing.assert_allclose(weights[np.ix_(kept, kept)], alone, rtol=1e-5)


def test_most_listened_counts_listeners_and_prefers_the_lower_row():
    likes = sparse.csr_matrix([[9.0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]])
    assert most_listened(likes, 1).tolist() == [1]
    assert most_listened(likes, 2).tolist() == [1, 2]
    assert most_listened(likes, 9).tolist() == [0, 1, 2]


def test_training_looks_only_at_what_is_liked():
    likes = random_likes().astype(float)
    signed = np.where(likes == 0, -1.0, likes)
    np.testing.assert_array_equal(
        weights_of(fitted(EASE(2.0), signed)), weights_of(fitted(EASE(2.0), likes))
    )


@pytest.mark.parametrize(("values", "change"), [("binary", np.sign), ("log", np.log1p)])
def test_values_change_training_and_profiles_alike(values, change):
    likes = random_likes().astype(float)
    model, plain = fitted(EASE(2.0, values=values), likes), fitted(EASE(2.0), change(likes))
    given = {1: 2.0, 3: -2.0}
    same = {1: float(change(2.0)), 3: -float(change(2.0))}
    np.testing.assert_allclose(
        model.score(model.fold_in(Profile.from_weights(given))),
        plain.score(plain.fold_in(Profile.from_weights(same))),
        atol=1e-6,
    )


@pytest.mark.parametrize("n_neighbors", [None, 4])
def test_contributions_of_all_evidence_add_up_to_the_score(n_neighbors):
    model = fitted(EASE(2.0, n_neighbors=n_neighbors), random_likes(60, 12))
    profile = Profile.from_weights({0: 1.0, 5: -2.0, 7: 0.5})
    parts = model.contributions(profile, np.arange(12))
    assert parts.shape == (3, 12)
    np.testing.assert_allclose(parts.sum(0), model.score(model.fold_in(profile)), atol=1e-6)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"regularization": 0.0}, "regularization must be above 0"),
        ({"regularization": float("nan")}, "regularization must be above 0"),
        ({"form": "sideways"}, "form must be one of auto, dense, dual"),
        ({"values": "cubed"}, "values must be one of given, binary, log"),
        ({"n_neighbors": 0}, "n_neighbors must be at least 1"),
        ({"max_items": 0}, "max_items must be at least 1"),
        ({"dropout": 1.0}, "dropout must lie in"),
    ],
)
def test_a_parameter_out_of_range_is_refused_in_words(params, words):
    with pytest.raises(InvalidInputError, match=words):
        fitted(EDLAE(**params), random_likes())


@pytest.mark.parametrize("compiled_from", [0, 10**9])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (200, 70)])
def test_the_upper_gram_is_that_of_the_dense_product(monkeypatch, compiled_from, dtype, shape):
    monkeypatch.setattr(linear_solve, "COMPILED_FROM", compiled_from)
    rows = random_likes(*shape).astype(float) - 0.5 * (random_likes(*shape, seed=8) > 0)
    gram = upper_gram(sparse.csr_matrix(rows), dtype)
    assert gram.dtype == dtype
    np.testing.assert_allclose(gram, np.triu(rows @ rows.T), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("compiled_from", [0, 10**9])
def test_entries_named_twice_or_out_of_order_count_together(monkeypatch, compiled_from):
    monkeypatch.setattr(linear_solve, "COMPILED_FROM", compiled_from)
    rows = sparse.csr_matrix(([1.0, 2.0, 4.0], [1, 0, 1], [0, 3, 3]), shape=(2, 2))
    before = rows.copy()
    assert upper_gram(rows, np.float64).tolist() == [[29.0, 0.0], [0.0, 0.0]]
    assert rows.indices.tolist() == before.indices.tolist()  # the given one is left as it was
