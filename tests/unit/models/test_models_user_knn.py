"""UserKNN against sums over listeners written as loops, with neighbours found by sorting."""

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models import user_knn
from segue.models.user_knn import UserKNN


def random_likes(n_listeners: int = 25, n_tracks: int = 9, seed: int = 7) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shape = (n_listeners, n_tracks)
    return rng.uniform(0.5, 4.0, shape) * (rng.random(shape) < 0.5)


def fitted(model: UserKNN, likes: np.ndarray) -> UserKNN:
    return model.fit(Dataset.from_csr(sparse.csr_matrix(likes)))


def scores_of(model: UserKNN, weights: dict[int, float]) -> np.ndarray:
    return model.score(model.fold_in(Profile.from_weights(weights)))


def by_hand(
    likes: np.ndarray, weights: dict[int, float], n: int | None, shrinkage: float, alpha: float
) -> np.ndarray:
    similarity = []
    for listener in likes:
        dot = sum(value * listener[track] for track, value in weights.items())
        size = np.linalg.norm(listener) ** (2 - 2 * alpha) + shrinkage
        similarity.append(dot / size if listener.any() else 0.0)
    nearest = sorted(range(len(likes)), key=lambda v: -abs(similarity[v]))[:n]
    return sum((similarity[v] * likes[v] for v in nearest), np.zeros(likes.shape[1]))


@pytest.mark.parametrize("n_neighbors", [1, 4, None])
@pytest.mark.parametrize(("shrinkage", "alpha"), [(0.0, 0.5), (3.0, 0.5), (0.5, 0.8)])
def test_a_score_sums_the_nearest_listeners(n_neighbors, shrinkage, alpha):
    likes = random_likes()
    weights = {0: 1.0, 3: 2.5, 7: -0.5}
    scores = scores_of(fitted(UserKNN(n_neighbors, shrinkage, alpha), likes), weights)
    expected = by_hand(likes, weights, n_neighbors, shrinkage, alpha)
    np.testing.assert_allclose(scores, expected, rtol=1e-5, atol=1e-6)


def test_the_order_of_neighbours_is_that_of_the_cosine():
    likes = random_likes()
    profile = Profile.from_weights({0: 1.0, 3: 2.5, 7: 0.5})
    found, similarity = fitted(UserKNN(6), likes).neighbors(profile)
    x = profile.dense(9)
    cosine = likes @ x / (np.linalg.norm(likes, axis=1) * np.linalg.norm(x))
    assert found.tolist() == np.argsort(-cosine)[:6].tolist()
    np.testing.assert_allclose(similarity, cosine[found] * np.linalg.norm(x), rtol=1e-5)


def test_each_contribution_is_what_the_score_loses_without_that_track():
    likes = random_likes(40, 12)
    model = fitted(UserKNN(5), likes)
    weights = {0: 1.0, 3: 2.5, 7: -0.5, 9: 1.5}
    parts = model.contributions(Profile.from_weights(weights), np.arange(12))
    for row, track in enumerate(sorted(weights)):
        rest = {known: value for known, value in weights.items() if known != track}
        lost = by_hand(likes, weights, 5, 0.0, 0.5) - by_hand(likes, rest, 5, 0.0, 0.5)
        np.testing.assert_allclose(parts[row], lost, rtol=1e-4, atol=1e-5)


def test_contributions_add_up_to_the_score_when_every_listener_counts():
    model = fitted(UserKNN(None), random_likes())
    profile = Profile.from_weights({0: 1.0, 5: -2.0, 7: 0.5})
    parts = model.contributions(profile, np.arange(9))
    np.testing.assert_allclose(parts.sum(0), model.score(model.fold_in(profile)), atol=1e-5)


def test_blocks_of_one_row_change_nothing(monkeypatch):
    likes = random_likes()
    model = fitted(UserKNN(4), likes)
    profile = Profile.from_weights({0: 1.0, 5: -2.0, 7: 0.5})
    rows = sparse.csr_matrix(likes[:6])
    batch, parts = model.score_batch(rows), model.contributions(profile, [1, 2])
    monkeypatch.setattr(user_knn, "BLOCK_CELLS", 1)
    np.testing.assert_array_equal(model.score_batch(rows), batch)
    np.testing.assert_array_equal(model.contributions(profile, [1, 2]), parts)


def test_listeners_equal_to_the_last_one_kept_are_kept_too():
    likes = np.array([[1.0, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1], [1, 1, 1, 1]])
    model = fitted(UserKNN(1), likes)
    found, _ = model.neighbors(Profile.from_weights({0: 1.0}))
    assert found.tolist() == [0, 1, 2]
    scores = scores_of(model, {0: 1.0})
    assert scores[1] == scores[2] == scores[3] > 0


def test_a_dislike_turns_its_listeners_against_their_other_tracks():
    likes = np.array([[1.0, 1, 0], [0, 0, 1]])
    scores = scores_of(fitted(UserKNN(), likes), {0: -1.0})
    assert scores[1] < 0
    assert scores[2] == 0


def test_shrinkage_holds_back_the_listener_of_few_tracks():
    likes = np.array([[1.0, 1, 0, 0, 0], [1, 0, 1, 1, 1]])
    plain, shrunk = (scores_of(fitted(UserKNN(shrinkage=h), likes), {0: 1.0}) for h in (0.0, 50.0))
    assert plain[1] / plain[2] == pytest.approx(2**0.5)
    assert 1.0 < shrunk[1] / shrunk[2] < 1.02


def test_values_change_training_and_profiles_alike():
    likes = random_likes()
    for values, change in (("binary", np.sign), ("log", np.log1p)):
        model, plain = fitted(UserKNN(4, values=values), likes), fitted(UserKNN(4), change(likes))
        same = {1: float(change(2.0)), 3: -float(change(2.0))}
        given = scores_of(model, {1: 2.0, 3: -2.0})
        np.testing.assert_allclose(given, scores_of(plain, same), rtol=1e-4, atol=1e-5)
        batch = model.score_batch(sparse.csr_matrix([[0, 2.0, 0, -2.0, 0, 0, 0, 0, 0]]))
        np.testing.assert_allclose(batch[0], given, rtol=1e-5, atol=1e-6)


def test_training_looks_only_at_what_is_liked():
    likes = random_likes()
    signed = np.where(likes == 0, -1.0, likes)
    a, b = fitted(UserKNN(), signed), fitted(UserKNN(), likes)
    np.testing.assert_array_equal(scores_of(a, {1: 1.0}), scores_of(b, {1: 1.0}))


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"n_neighbors": 0}, "n_neighbors must be at least 1"),
        ({"shrinkage": -1.0}, "shrinkage must be finite and at least 0"),
        ({"alpha": -0.5}, r"alpha must lie in 0\.\.1"),
        ({"values": "cubed"}, "values must be one of given, binary, log"),
    ],
)
def test_a_parameter_out_of_range_is_refused_in_words(params, words):
    with pytest.raises(InvalidInputError, match=words):
        fitted(UserKNN(**params), random_likes())


def test_a_listener_of_the_disliked_can_be_the_nearest_and_counts_against():
    likes = np.array([[1.0, 1, 0, 0], [0, 0, 1, 1]])
    scores = scores_of(fitted(UserKNN(1), likes), {0: 1.0, 2: -3.0})
    assert scores[3] < 0
    assert scores[1] == 0
