"""SLIM against non-negative least squares of the same loss, written on the rows themselves."""

import numpy as np
import pytest
from scipy import optimize, sparse

from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models.slim import SLIM


def random_likes(seed: int = 7) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.integers(0, 3, (40, 8)) * (rng.random((40, 8)) < 0.6)).astype(float)


def weights_of(model: SLIM, likes: np.ndarray) -> np.ndarray:
    n = likes.shape[1]
    model.fit(Dataset.from_csr(sparse.csr_matrix(likes)))
    return model.contributions(Profile.from_weights(dict.fromkeys(range(n), 1.0)), np.arange(n))


@pytest.mark.parametrize(("l1", "l2"), [(0.0, 2.0), (3.0, 1.0), (12.0, 5.0)])
def test_each_column_minimises_the_elastic_net(l1, l2):
    likes = random_likes()
    found = weights_of(SLIM(l2, l1, n_neighbors=None, tolerance=1e-10, max_sweeps=5000), likes)
    for track in range(8):
        others = np.delete(np.arange(8), track)
        a, b = likes[:, others], likes[:, track]

        def loss(w, a=a, b=b):
            return 0.5 * ((b - a @ w) ** 2).sum() + l1 * w.sum() + l2 / 2 * (w @ w)

        best = optimize.minimize(loss, np.full(7, 0.1), bounds=[(0, None)] * 7,
                                 options={"ftol": 1e-14, "gtol": 1e-9}).x  # fmt: skip
        np.testing.assert_allclose(found[others, track], best, atol=1e-4)
        assert found[track, track] == 0.0


def test_weights_are_never_negative_and_a_large_l1_leaves_none():
    likes = random_likes()
    assert (weights_of(SLIM(1.0, 2.0), likes) >= 0).all()
    assert not weights_of(SLIM(1.0, 1e6), likes).any()


def test_no_track_gets_more_neighbours_than_asked_for():
    found = weights_of(SLIM(1.0, 0.0, n_neighbors=2), random_likes())
    assert ((found > 0).sum(axis=0) <= 2).all()
    assert found.any()


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"l1": -1.0}, "l1 must be finite and >= 0"),
        ({"max_sweeps": 0}, "max_sweeps must be at least 1"),
        ({"tolerance": -1.0}, "tolerance must be >= 0"),
        ({"regularization": 0.0}, "regularization must be above 0"),
    ],
)
def test_slim_refuses_what_is_out_of_range(params, words):
    with pytest.raises(InvalidInputError, match=words):
        weights_of(SLIM(**params), random_likes())
