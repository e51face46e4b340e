"""Sparse EASE against regressions on chosen rows, and against the full inverse."""

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models.linear import EDLAE
from segue.models.sparse_linear import SparseLinear


def random_likes(n_tracks: int = 9) -> np.ndarray:
    rng = np.random.default_rng(7)
    shape = (40, n_tracks)
    return (rng.integers(0, 3, shape) * (rng.random(shape) < 0.5)).astype(float)


def weights_of(model: EDLAE | SparseLinear, likes: np.ndarray) -> np.ndarray:
    n = likes.shape[1]
    model.fit(Dataset.from_csr(sparse.csr_matrix(likes)))
    return model.contributions(Profile.from_weights(dict.fromkeys(range(n), 1.0)), np.arange(n))


@pytest.mark.parametrize("dropout", [0.0, 0.6])
def test_with_all_tracks_as_neighbours_it_is_edlae(dropout):
    likes = random_likes()
    full = weights_of(EDLAE(2.0, dropout), likes)
    np.testing.assert_allclose(weights_of(SparseLinear(2.0, dropout, None), likes), full, atol=1e-6)


def test_each_column_is_the_regression_on_the_neighbours_that_explain_most_alone():
    likes = random_likes()
    found = weights_of(SparseLinear(2.0, 0.5, n_neighbors=3), likes)
    for track in range(9):
        b = likes[:, track]

        def gain(i, b=b):  # how far the loss falls with the best weight of track i alone
            a = likes[:, i]
            ridge = 2.0 + a @ a
            w = np.linalg.lstsq(np.append(a, np.sqrt(ridge))[:, None], np.append(b, 0), rcond=None)[
                0
            ][0]
            return b @ b - ((b - a * w) ** 2).sum() - ridge * w**2

        hood = sorted(sorted((i for i in range(9) if i != track), key=gain)[-3:])
        a = likes[:, hood]
        system = np.vstack([a, np.diag(np.sqrt(2.0 + (a**2).sum(0)))])
        best = np.linalg.lstsq(system, np.append(b, np.zeros(3)), rcond=None)[0]
        np.testing.assert_allclose(found[hood, track], best, rtol=1e-4, atol=1e-6)
        assert np.flatnonzero(found[:, track]).tolist() == hood


def test_sparse_linear_refuses_what_is_out_of_range():
    for params, words in (
        ({"dropout": 1.0}, "dropout must lie in"),
        ({"n_neighbors": 0}, "n_neighbors must be at least 1"),
    ):
        with pytest.raises(InvalidInputError, match=words):
            weights_of(SparseLinear(**params), random_likes())
