"""ItemKNN against its formula written as loops."""

import math

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models.item_knn import ItemKNN, weighted_listeners
from segue.models.item_weights import valued


def random_likes(n_listeners: int = 30, n_tracks: int = 9, seed: int = 7) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shape = (n_listeners, n_tracks)
    return rng.integers(1, 5, shape) * (rng.random(shape) < 0.5) * 1.0


def fitted(model: ItemKNN, likes: np.ndarray) -> ItemKNN:
    return model.fit(Dataset.from_csr(sparse.csr_matrix(likes)))


def weights_of(model: ItemKNN) -> np.ndarray:
    n = model.n_tracks
    return model.contributions(Profile.from_weights(dict.fromkeys(range(n), 1.0)), np.arange(n))


@pytest.mark.parametrize(("alpha", "shrinkage"), [(0.5, 0.0), (0.5, 7.0), (0.2, 0.0), (1.0, 3.0)])
def test_each_weight_is_the_asymmetric_cosine_with_shrinkage(alpha, shrinkage):
    likes = random_likes()
    weights = weights_of(fitted(ItemKNN(None, shrinkage, alpha), likes))
    for known in range(9):
        for other in range(9):
            a, b = likes[:, known], likes[:, other]
            size = np.linalg.norm(a) ** (2 * alpha) * np.linalg.norm(b) ** (2 - 2 * alpha)
            expected = 0.0 if known == other else sum(a * b) / (size + shrinkage)
            assert weights[known, other] == pytest.approx(expected, rel=1e-5)


def test_alpha_one_is_the_share_of_the_known_tracks_listeners():
    likes = np.array([[1.0, 1.0], [1.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    weights = weights_of(fitted(ItemKNN(alpha=1.0), likes))
    assert weights[0, 1] == pytest.approx(0.5)
    assert weights[1, 0] == pytest.approx(1.0)


def test_tfidf_and_bm25_weigh_as_their_formulas_say():
    likes = random_likes(8, 5)
    tfidf = weighted_listeners(sparse.csr_matrix(likes), "tfidf").toarray()
    bm25 = weighted_listeners(sparse.csr_matrix(likes), "bm25").toarray()
    mean_plays = likes.sum() / 5
    for listener, track in np.argwhere(likes > 0):
        x = likes[listener, track]
        idf = math.log(1 + 5 / np.count_nonzero(likes[listener]))
        length = likes[:, track].sum() / mean_plays
        assert tfidf[listener, track] == pytest.approx(idf * math.sqrt(x))
        expected = idf * x * 2.2 / (x + 1.2 * (0.25 + 0.75 * length))
        assert bm25[listener, track] == pytest.approx(expected)
    assert not tfidf[likes == 0].any()
    assert not bm25[likes == 0].any()


@pytest.mark.parametrize("weighting", ["tfidf", "bm25"])
def test_a_weighted_model_is_the_cosine_of_the_weighted_columns(weighting):
    likes = random_likes()
    columns = weighted_listeners(sparse.csr_matrix(likes), weighting).toarray()
    columns /= np.linalg.norm(columns, axis=0)
    expected = columns.T @ columns - np.eye(9)
    weights = weights_of(fitted(ItemKNN(None, weighting=weighting), likes))
    np.testing.assert_allclose(weights, expected, atol=1e-6)


def test_a_listener_of_everything_counts_less_by_tfidf():
    likes = np.array([[1.0, 1, 1, 1], [1.0, 1, 0, 0]])
    weights = weights_of(fitted(ItemKNN(weighting="tfidf"), likes))
    assert weights[0, 1] == pytest.approx(1.0)
    assert weights[0, 2] < weights_of(fitted(ItemKNN(), likes))[0, 2]


def test_only_the_nearest_neighbours_are_kept():
    likes = random_likes(40, 12)
    full = weights_of(fitted(ItemKNN(None), likes))
    pruned = weights_of(fitted(ItemKNN(4), likes))
    for row in range(12):
        kept = np.flatnonzero(pruned[row])
        assert sorted(kept) == sorted(np.argsort(-full[row], kind="stable")[:4])
        np.testing.assert_array_equal(pruned[row, kept], full[row, kept])


def test_values_change_training_and_profiles_alike():
    likes = random_likes()
    for values, change in (("binary", np.sign), ("log", np.log1p)):
        model, plain = fitted(ItemKNN(values=values), likes), fitted(ItemKNN(), change(likes))
        given = {1: 2.0, 3: -2.0}
        same = {1: float(change(2.0)), 3: -float(change(2.0))}
        np.testing.assert_allclose(
            model.score(model.fold_in(Profile.from_weights(given))),
            plain.score(plain.fold_in(Profile.from_weights(same))),
            atol=1e-6,
        )
    assert valued(np.array([-3.0]), "given").tolist() == [-3.0]


def test_training_looks_only_at_what_is_liked():
    likes = random_likes()
    signed = np.where(likes == 0, -1.0, likes)
    np.testing.assert_array_equal(
        weights_of(fitted(ItemKNN(), signed)), weights_of(fitted(ItemKNN(), likes))
    )


def test_contributions_of_all_evidence_add_up_to_the_score():
    model = fitted(ItemKNN(4), random_likes())
    profile = Profile.from_weights({0: 1.0, 5: -2.0, 7: 0.5})
    parts = model.contributions(profile, np.arange(9))
    np.testing.assert_allclose(parts.sum(0), model.score(model.fold_in(profile)), atol=1e-6)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"n_neighbors": 0}, "n_neighbors must be at least 1"),
        ({"shrinkage": -1.0}, "shrinkage must be finite and at least 0"),
        ({"shrinkage": float("nan")}, "shrinkage must be finite and at least 0"),
        ({"alpha": 1.5}, r"alpha must lie in 0\.\.1"),
        ({"weighting": "heavy"}, "weighting must be one of none, tfidf, bm25"),
        ({"values": "cubed"}, "values must be one of given, binary, log"),
    ],
)
def test_a_parameter_out_of_range_is_refused_in_words(params, words):
    with pytest.raises(InvalidInputError, match=words):
        fitted(ItemKNN(**params), random_likes())
