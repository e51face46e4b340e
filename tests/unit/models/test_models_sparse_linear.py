"""Sparse EASE against regressions on chosen rows, and against the full inverse."""

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models.compact_rows import CompactRows
from segue.models.linear import EDLAE
from segue.models.local_linear import strongest_pairs
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
    found = weights_of(SparseLinear(2.0, 0.5, n_neighbors=3, allocation="equal"), likes)
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
        ({"allocation": "some"}, "allocation must be one of"),
        ({"storage": "double"}, "storage must be one of"),
    ):
        with pytest.raises(InvalidInputError, match=words):
            weights_of(SparseLinear(**params), random_likes())


def test_shared_neighbours_are_the_pairs_that_lower_the_loss_most(monkeypatch):
    monkeypatch.setattr("segue.models.linear_solve.BLOCK", 4)  # three blocks
    likes = random_likes()
    found = weights_of(SparseLinear(2.0, 0.5, n_neighbors=2), likes)
    gram = likes.T @ likes
    gain = gram**2 / (2.0 * np.diag(gram) + 2.0)[:, np.newaxis]  # dropout .5: ridge 2 + g_ii
    np.fill_diagonal(gain, 0.0)
    by_gain = sorted((-gain[i, j], j, i) for i in range(9) for j in range(9))  # ties: lower track
    strongest = {(i, j) for _, j, i in by_gain[:18]}
    assert set(zip(*np.nonzero(found), strict=True)) == strongest
    for track in range(9):
        hood = np.flatnonzero(found[:, track])
        a = likes[:, hood]
        ridge = 2.0 * np.eye(len(hood)) + np.diag((a**2).sum(0))
        best = np.linalg.solve(a.T @ a + ridge, a.T @ likes[:, track])
        np.testing.assert_allclose(found[hood, track], best, rtol=1e-4, atol=1e-6)


def test_no_track_takes_more_shared_neighbours_than_the_most():
    likes = sparse.csr_matrix(random_likes())
    hoods = strongest_pairs(likes, np.ones(9), 40, most=5)
    assert max(len(hood) for hood in hoods) == 5
    assert sum(len(hood) for hood in hoods) == 40
    assert all((np.diff(hood) > 0).all() for hood in hoods)
    everything = strongest_pairs(likes, np.ones(9), 999, most=9)
    assert all(track not in hood for track, hood in enumerate(everything))


def test_half_storage_is_single_storage_rounded_to_16_bits():
    likes = random_likes()
    single = weights_of(SparseLinear(2.0, 0.5, 4), likes)
    model = SparseLinear(2.0, 0.5, 4, storage="half")
    half = weights_of(model, likes)
    np.testing.assert_array_equal(half, single.astype(np.float16).astype(np.float32))
    arrays = model.to_arrays()
    assert (arrays["data"].dtype, arrays["indices"].dtype) == (np.float16, np.uint16)
    profile = Profile.from_weights({1: 2.0, 5: -1.0, 7: 0.5})
    row = profile.dense(9)
    np.testing.assert_allclose(model.score(model.fold_in(profile)), row @ half, rtol=1e-6)
    batch = sparse.csr_matrix(np.stack([row, np.zeros(9, np.float32)]))
    np.testing.assert_allclose(model.score_batch(batch)[0], row @ half, rtol=1e-5, atol=1e-7)


def test_columns_take_32_bits_where_16_do_not_reach(monkeypatch):
    monkeypatch.setattr("segue.models.compact_rows.UINT16_COLUMNS", 8)
    compact = CompactRows.of(sparse.csr_matrix(np.eye(9)))
    assert compact.indices.dtype == np.int32
    np.testing.assert_array_equal(compact.widened().toarray(), np.eye(9))
