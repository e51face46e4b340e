import itertools

import numpy as np
import pytest

from segue.pipeline.blend import SERVES, best_sums, fair_choice, for_whom


def satisfaction(utility, chosen, n):
    """Of each member: what the list gives, as a share of the best list for them alone."""
    scaled = [[u / max(row) for u in row] for row in utility.tolist()]
    return [sum(row[i] for i in chosen) / sum(sorted(row, reverse=True)[:n]) for row in scaled]


def fairest(utility, n):
    """Over all lists: the largest satisfaction of the least satisfied."""
    return max(
        min(satisfaction(utility, chosen, n))
        for chosen in itertools.combinations(range(utility.shape[1]), n)
    )


@pytest.mark.parametrize("n_members", [2, 3])
def test_the_greedy_list_is_nearly_as_fair_as_the_fairest_of_all(n_members):
    shares = []
    for seed in range(60):
        utility = np.random.default_rng(seed).random((n_members, 9)) ** 2
        choice = fair_choice(utility, 4)
        got = satisfaction(utility, choice.places.tolist(), 4)
        np.testing.assert_allclose(choice.satisfaction, got)
        shares.append(min(got) / fairest(utility, 4))
    assert max(shares) <= 1 + 1e-12
    assert min(shares) > 0.7
    assert np.mean(shares) > 0.9


def test_where_tastes_do_not_meet_everybody_gets_the_same_number():
    utility = np.kron(np.eye(3), np.array([[3.0, 2.0, 1.0]]))
    choice = fair_choice(utility, 6)
    assert np.bincount(choice.served).tolist() == [2, 2, 2]
    assert min(satisfaction(utility, choice.places.tolist(), 6)) == pytest.approx(
        fairest(utility, 6)
    )


def test_by_the_mean_one_of_a_minority_would_get_nothing_and_here_does_not():
    utility = np.array([[1.0, 0.9, 0.8, 0.0], [1.0, 0.9, 0.8, 0.0], [0.0, 0.0, 0.0, 1.0]])
    assert np.argsort(-utility.mean(axis=0))[:2].tolist() == [0, 1]
    assert set(fair_choice(utility, 2).places.tolist()) == {0, 3}


def test_what_both_like_comes_before_what_one_likes():
    utility = np.array([[0.9, 0.9, 0.1], [0.1, 0.8, 0.1]])
    assert fair_choice(utility, 1).places.tolist() == [1]


def test_what_is_barred_waits_and_comes_only_where_nothing_else_is_left():
    utility = np.array([[3.0, 2.0, 1.0], [3.0, 2.0, 1.0]])

    def no_neighbours(taken):
        return np.array([bool(taken) and taken[-1] == 0 and i == 1 for i in range(3)])

    assert fair_choice(utility, 3, no_neighbours).places.tolist() == [0, 2, 1]
    assert len(fair_choice(utility, 9, lambda _: np.ones(3, bool)).places) == 3


def test_nothing_is_chosen_of_nothing_and_one_who_likes_nothing_does_not_stop_the_others():
    assert len(fair_choice(np.zeros((2, 0)), 5).places) == 0
    utility = np.array([[0.0, 0.0], [1.0, 2.0]])
    assert set(fair_choice(utility, 2).places.tolist()) == {0, 1}
    assert best_sums(utility, 1).tolist() == [1.0, 2.0]


def test_a_track_is_for_the_one_served_and_for_all_who_like_it_well():
    assert for_whom(np.array([SERVES, 0.2, 0.9]), served=1) == [1, 2, 0]
