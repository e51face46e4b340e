"""Following changed listeners against fitting anew on what they have then."""

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.errors import InvalidDataError, InvalidInputError
from segue.models.base import create
from segue.models.collective import CollectiveEDLAE
from segue.models.linear import EASE, EDLAE
from segue.models.slim import SLIM

N_TRACKS = 30


def random_rows(n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(-1, 4, (n, N_TRACKS)) * (rng.random((n, N_TRACKS)) < 0.25).astype(float)


def data_of(rows: np.ndarray) -> Dataset:
    return Dataset.from_csr(sparse.csr_matrix(rows))


def weights_of(model: EASE) -> np.ndarray:
    ones = Profile.from_weights(dict.fromkeys(range(N_TRACKS), 1.0))
    return model.contributions(ones, np.arange(N_TRACKS)) / model.fold_in(ones)[:, np.newaxis]


MODELS = [EASE(2.0), EDLAE(2.0, 0.6), EDLAE(1.0, 0.75, values="log"), EASE(3.0, values="binary")]


@pytest.mark.parametrize("form", ["dense", "dual"])
@pytest.mark.parametrize("model", MODELS, ids=lambda m: f"{m.name}-{m.values}")
def test_following_changes_is_fitting_anew(model, form):
    rows = random_rows(25, seed=1)
    live = model.live(data_of(rows))
    for changed, seed in (([3], 2), ([0, 24, 7], 3), ([3, 5], 4)):
        rows[changed] = random_rows(len(changed), seed)
        live.replace(changed, sparse.csr_matrix(rows[changed]))
    rows[9] = 0  # forgets one
    live.replace([9], sparse.csr_matrix((1, N_TRACKS)))
    rows[11, 4] += 1  # one more play
    live.replace([11], sparse.csr_matrix(rows[[11]]))
    again = create(model.name, **model.get_params() | {"form": form}).fit(data_of(rows))
    np.testing.assert_allclose(
        weights_of(model.adopt(live)), weights_of(again), rtol=1e-4, atol=1e-6
    )


def test_new_listeners_are_added():
    rows, new = random_rows(6, seed=1), random_rows(1, seed=2)
    model = EDLAE(2.0, 0.6)
    live = model.live(data_of(rows))
    live.replace([8], sparse.csr_matrix(new))
    assert live.n_listeners == 9
    whole = np.vstack([rows, np.zeros((2, N_TRACKS)), new])
    again = EDLAE(2.0, 0.6).fit(data_of(whole))
    np.testing.assert_allclose(
        weights_of(model.adopt(live)), weights_of(again), rtol=1e-4, atol=1e-6
    )


def test_a_change_of_few_listeners_needs_no_inversion(monkeypatch):
    live = EASE(2.0).live(data_of(random_rows(40, seed=1)))
    calls: list[int] = []
    monkeypatch.setattr(live, "_invert", lambda: calls.append(1))
    live.replace([2, 3], sparse.csr_matrix(random_rows(2, seed=5)))
    assert not calls
    live.replace(range(20), sparse.csr_matrix(random_rows(20, seed=6)))
    assert calls


def test_the_residual_tells_how_far_rounding_went():
    live = EDLAE(2.0, 0.6).live(data_of(random_rows(25, seed=1)))
    for seed in range(50):
        live.replace([seed % 7], sparse.csr_matrix(random_rows(1, seed)))
    assert live.residual(range(N_TRACKS)) < 1e-10
    live._precision[4, 5] += 0.01
    assert live.residual([5]) > 0.01
    assert live.residual([]) == 0


def test_the_model_serves_what_it_had_until_it_adopts():
    rows = random_rows(25, seed=1)
    model = EASE(2.0).fit(data_of(rows))
    before = weights_of(model)
    model.live(data_of(rows)).replace([1], sparse.csr_matrix(random_rows(1, seed=8)))
    np.testing.assert_array_equal(weights_of(model), before)


def test_what_cannot_be_followed_is_refused_in_words():
    data = data_of(random_rows(5, seed=1))
    for params in ({"n_neighbors": 3}, {"max_items": 4}):
        with pytest.raises(InvalidInputError, match="only dense weights of all tracks"):
            EASE(**params).live(data)
    for model in (CollectiveEDLAE(), SLIM(n_neighbors=None)):
        with pytest.raises(InvalidInputError, match="cannot follow"):
            model.live(data)
    live = EASE(1.0).live(data)
    one = sparse.csr_matrix((1, N_TRACKS))
    two = sparse.csr_matrix((2, N_TRACKS))
    for rows, matrix, error, words in (
        ([1, 1], two, InvalidInputError, "must be different"),
        ([-1], one, InvalidInputError, "at least 0"),
        ([1], two, InvalidDataError, "rows must have shape"),
        ([1], sparse.csr_matrix(np.full((1, N_TRACKS), np.nan)), InvalidDataError, "finite"),
    ):
        with pytest.raises(error, match=words):
            live.replace(rows, matrix)
    live.replace([], sparse.csr_matrix((0, N_TRACKS)))
