import itertools
import math

import numpy as np
import pytest
from scipy import sparse

from segue.pipeline import quiz
from segue.pipeline.quiz import (
    QuizBoard,
    askable,
    board_of_genres,
    board_of_listeners,
    gain,
    next_question,
    posterior,
)
from support.pipeline_library import table


@pytest.fixture(autouse=True)
def short_lists(monkeypatch):
    monkeypatch.setattr(quiz, "LIST_LENGTH", 2)


def board(seed=0, n_kinds=4, n_questions=5, n_candidates=6):
    rng = np.random.default_rng(seed)
    prior = rng.random(n_kinds) + 0.1
    return QuizBoard(
        np.arange(10, 10 + n_questions, dtype=np.int32),
        rng.uniform(0.2, 1.0, n_questions),
        rng.uniform(0.05, 0.95, (n_kinds, n_questions)),
        rng.random((n_kinds, n_candidates)).astype(np.float32),
        prior / prior.sum(),
    )


def naive_posterior(one, stars):
    weights = []
    for kind in range(len(one.prior)):
        weight = one.prior[kind]
        for row, given in stars.items():
            like = one.likes[kind, row - 10]
            yes = (given - 1) / 4
            weight *= like**yes * (1 - like) ** (1 - yes)
        weights.append(weight)
    return [weight / sum(weights) for weight in weights]


def naive_best(one, weights):
    worth = [sum(w * one.worth[k, j] for k, w in enumerate(weights))
             for j in range(one.worth.shape[1])]  # fmt: skip
    return max(sum(pair) for pair in itertools.combinations(worth, 2))


def naive_gain(one, weights, place):
    """By the book: the chance of each answer times the best list under what is then believed."""
    total = 0.0
    for yes in (True, False):
        chance = [one.likes[k, place] if yes else 1 - one.likes[k, place]
                  for k in range(len(weights))]  # fmt: skip
        of_answer = sum(w * c for w, c in zip(weights, chance, strict=True))
        after = [w * c / of_answer for w, c in zip(weights, chance, strict=True)]
        total += of_answer * naive_best(one, after)
    return total - naive_best(one, weights)


@pytest.mark.parametrize("seed", range(5))
def test_beliefs_and_gains_are_those_of_the_book(seed):
    one = board(seed)
    stars = {11: 5.0, 13: 2.0}
    weights = posterior(one, stars)
    np.testing.assert_allclose(weights, naive_posterior(one, stars), rtol=1e-12)
    expected = [naive_gain(one, weights, place) for place in range(len(one))]
    np.testing.assert_allclose(gain(one, weights), np.maximum(expected, 0), atol=1e-6)
    assert (gain(one, weights) >= 0).all()


def test_what_everybody_would_answer_alike_tells_nothing():
    one = board(1)
    one.likes[:, 2] = 0.7
    assert gain(one, one.prior)[2] == pytest.approx(0.0, abs=1e-6)


def test_what_nobody_knows_is_asked_last_and_what_is_barred_never():
    one = board(2)
    best = next_question(one, {})
    one.known[best - 10] = 1e-9
    assert next_question(one, {}) != best
    barred = np.ones(len(one), bool)
    assert next_question(one, {}, barred) is None
    barred[3] = False
    assert next_question(one, {}, barred) == 13


def test_three_stars_say_half_of_each_and_an_unknown_row_says_nothing():
    one = board(3)
    half = posterior(one, {12: 3.0})
    likes = one.likes[:, 2]
    expected = one.prior * np.sqrt(likes * (1 - likes))
    np.testing.assert_allclose(half, expected / expected.sum())
    np.testing.assert_allclose(posterior(one, {99: 5.0}), one.prior)


def test_another_answer_leads_to_another_question():
    """Two fans of two scenes: what is asked next is from the scene that was liked."""
    likes = np.array([[0.9, 0.9, 0.1, 0.5, 0.5], [0.9, 0.1, 0.9, 0.5, 0.5],
                      [0.1, 0.5, 0.5, 0.9, 0.1], [0.1, 0.5, 0.5, 0.1, 0.9]])  # fmt: skip
    worth = np.kron(np.eye(4), np.ones((1, 2))).astype(np.float32)
    one = QuizBoard(np.arange(10, 15, dtype=np.int32), np.ones(5), likes, worth, np.full(4, 0.25))
    assert next_question(one, {10: 5.0}, np.arange(5) == 0) in (11, 12)
    assert next_question(one, {10: 1.0}, np.arange(5) == 0) in (13, 14)


def test_listeners_stand_for_a_new_one_by_what_they_like_and_what_stands_out():
    likes = sparse.csr_matrix(np.array([[1.0, -1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]))
    scores = np.array([[0.5, 0.1, 0.9], [0.2, 0.4, 0.6]], np.float32)
    one = board_of_listeners(likes, np.array([0, 1]), scores, np.array([0, 1, 2]))
    assert one.likes[0, 0] == pytest.approx(quiz.SURE)
    assert one.likes[0, 1] == pytest.approx(1 - quiz.SURE)
    z = (0.9 - 0.5) / np.std([0.5, 0.1, 0.9])
    assert one.likes[0, 2] == pytest.approx(1 / (1 + math.exp(-quiz.SHARPNESS * z)))
    np.testing.assert_allclose(one.known, [2 / 3, 1 / 3, 1 / 3])
    np.testing.assert_allclose(one.worth, scores[:, np.argsort(-scores.mean(0), kind="stable")])


def test_without_listeners_fans_of_genres_stand_there():
    tracks = table(12)
    one = board_of_genres(tracks, np.arange(12, dtype=np.int32))
    assert len(one.prior) == 3
    assert set(np.unique(one.likes)) == {quiz.GENRE_FAN, quiz.OTHERS_LIKE}
    first = next_question(one, {})
    second = next_question(one, {first: 1.0}, one.track_idx == first)
    assert first % 3 != second % 3


def test_what_may_be_asked_is_playable_and_of_many_artists():
    tracks = table(40, n_artists=4)
    tracks.owned[0] = False
    tracks.duration_s[1] = 5.0
    rows = askable(tracks, np.arange(40, dtype=np.int32)).tolist()
    assert not {0, 1} & set(rows)
    artists = tracks.artist_idx[rows].tolist()
    assert max(artists.count(a) for a in set(artists)) == quiz.MAX_OF_ARTIST
    assert rows == sorted(rows)
