"""RP3beta against a walk written out step by step, with chances of every path."""

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models.walk import RP3beta


def random_likes(n_listeners: int = 12, n_tracks: int = 7, seed: int = 4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shape = (n_listeners, n_tracks)
    return rng.integers(1, 5, shape) * (rng.random(shape) < 0.5) * 1.0


def fitted(model: RP3beta, likes: np.ndarray) -> RP3beta:
    return model.fit(Dataset.from_csr(sparse.csr_matrix(likes)))


def scores_of(model: RP3beta, weights: dict[int, float]) -> np.ndarray:
    return model.score(model.fold_in(Profile.from_weights(weights)))


def all_paths(likes: np.ndarray, profile: np.ndarray, alpha: float, beta: float) -> np.ndarray:
    """Sum over all paths profile, track, listener, track; the way back to the start left out."""
    n_listeners, n_tracks = likes.shape
    scores = np.zeros(n_tracks)
    for first in np.flatnonzero(profile):
        for listener in range(n_listeners):
            for last in range(n_tracks):
                if last == first or not likes[listener, first]:
                    continue
                chance = likes[listener, first] / likes[:, first].sum()
                chance *= likes[listener, last] / likes[listener].sum()
                popularity = max(np.count_nonzero(likes[:, last]), 1)
                start = np.sign(profile[first]) * abs(profile[first]) ** alpha
                scores[last] += start * chance**alpha / popularity**beta
    return scores


@pytest.mark.parametrize(("alpha", "beta"), [(1.0, 0.0), (0.6, 0.0), (0.8, 0.4), (1.7, 1.0)])
def test_a_score_is_the_sum_over_all_paths(alpha, beta):
    likes = random_likes()
    model = fitted(RP3beta(alpha, beta, None), likes)
    profile = {0: 3.0, 2: 1.0, 5: -2.0}
    expected = all_paths(likes, Profile.from_weights(profile).dense(7), alpha, beta)
    np.testing.assert_allclose(scores_of(model, profile), expected, rtol=1e-5, atol=1e-7)


def test_without_exponents_the_chances_of_one_step_pair_add_up_to_one():
    likes = random_likes()
    scores = scores_of(fitted(RP3beta(1.0, 0.0, None), likes), {1: 1.0})
    back = np.sum(likes[:, 1] / likes[:, 1].sum() * likes[:, 1] / likes.sum(1))
    assert scores.sum() + back == pytest.approx(1.0, rel=1e-5)


def test_a_larger_beta_brings_up_the_rarer_track():
    likes = np.array([[1.0, 1, 1], [0, 1, 0], [0, 1, 0]])
    for beta, sign in ((0.0, 0), (0.5, 1)):
        scores = scores_of(fitted(RP3beta(1.0, beta), likes), {0: 1.0})
        assert np.sign(scores[2] - scores[1]) == sign


def test_only_the_nearest_neighbours_are_kept():
    likes = random_likes(30, 10)
    full = scores_of(fitted(RP3beta(n_neighbors=None), likes), {4: 1.0})
    pruned = scores_of(fitted(RP3beta(n_neighbors=3), likes), {4: 1.0})
    best = np.argsort(-full)[:3]
    np.testing.assert_array_equal(pruned[best], full[best])
    assert np.count_nonzero(pruned) == 3


def test_training_looks_only_at_what_is_liked():
    likes = random_likes()
    signed = np.where(likes == 0, -1.0, likes)
    a, b = fitted(RP3beta(), signed), fitted(RP3beta(), likes)
    np.testing.assert_array_equal(scores_of(a, {1: 1.0}), scores_of(b, {1: 1.0}))


def test_contributions_of_all_evidence_add_up_to_the_score():
    model = fitted(RP3beta(n_neighbors=4), random_likes())
    profile = Profile.from_weights({0: 2.0, 3: -2.0, 6: 0.5})
    parts = model.contributions(profile, np.arange(7))
    np.testing.assert_allclose(parts.sum(0), model.score(model.fold_in(profile)), atol=1e-6)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"n_neighbors": 0}, "n_neighbors must be at least 1"),
        ({"alpha": 0.0}, "alpha must be finite and above 0"),
        ({"alpha": float("inf")}, "alpha must be finite and above 0"),
        ({"beta": -0.1}, "beta must be finite and at least 0"),
    ],
)
def test_a_parameter_out_of_range_is_refused_in_words(params, words):
    with pytest.raises(InvalidInputError, match=words):
        fitted(RP3beta(**params), random_likes())
