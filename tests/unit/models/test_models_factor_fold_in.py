"""The parts of a folded-in listener, against plain linear algebra."""

import numpy as np
import pytest

from segue.models.factor_fold_in import ListenerSystem, additive_parts, additive_scores, solve


@pytest.fixture
def system():
    rng = np.random.default_rng(0)
    half = rng.normal(size=(4, 4))
    return ListenerSystem(
        half @ half.T, rng.normal(size=(9, 4)), rng.random(9), rng.normal(size=9), 0.5, 0.4
    )


def test_what_each_track_adds_to_the_scores_adds_up_to_them(system):
    asked = np.random.default_rng(1).normal(size=(6, 4))
    added = additive_scores(system, asked)
    np.testing.assert_allclose(added.sum(axis=0), asked @ solve(system))
    np.testing.assert_allclose(added, additive_parts(system) @ asked.T)


def test_a_listener_without_tracks_adds_nothing():
    nobody = ListenerSystem(np.eye(2), np.zeros((0, 2)), np.zeros(0), np.zeros(0), 1.0, 1.0)
    assert additive_scores(nobody, np.ones((3, 2))).shape == (0, 3)
