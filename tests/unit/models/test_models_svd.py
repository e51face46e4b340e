"""Rating factors: the gradient of the loss, a least-squares fold-in, and a recovered truth."""

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset, TrackTable
from segue.data.feedback import EventColumns
from segue.data.query import Profile
from segue.data.records import EVENT_CODE, Event, EventKind
from segue.data.vocabulary import Vocabulary
from segue.errors import InvalidInputError
from segue.evaluation.ratings import rmse
from segue.models.stars import implied_stars
from segue.models.svd import SVD


def rated(stars: np.ndarray, seen: np.ndarray) -> Dataset:
    """A data set of the ratings where ``seen`` is true."""
    listener, track = (part.astype(np.int32) for part in np.nonzero(seen))
    n = len(track)
    events = EventColumns(
        listener, track, np.full(n, EVENT_CODE[EventKind.RATE], np.int8), np.zeros(n),
        np.full(n, np.nan, np.float32), stars[listener, track].astype(np.float32),
    )  # fmt: skip
    names = Vocabulary(f"l{i}" for i in range(stars.shape[0]))
    return Dataset.from_events(
        TrackTable.bare(f"t{i}" for i in range(stars.shape[1])), names, events, 0.0
    )


def profile_of(stars: dict[int, float], n_tracks: int) -> Profile:
    events = [Event(idempotency_key=str(t), listener_id="a", track_id=f"t{t}", kind=EventKind.RATE,
                    listened_at=1.0, value=value) for t, value in stars.items()]  # fmt: skip
    tracks = Vocabulary(f"t{i}" for i in range(n_tracks))
    return Profile.from_events(events, tracks, np.full(n_tracks, 200.0, np.float32), now=2.0)


def truth(n_listeners: int = 60, n_tracks: int = 30, seed: int = 4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    taste = rng.normal(0, 1, (n_listeners, 2)) @ rng.normal(0, 1, (2, n_tracks))
    biases = rng.normal(0, 0.3, (n_listeners, 1)) + rng.normal(0, 0.3, n_tracks)
    return np.clip(3.2 + biases + 0.7 * taste, 1, 5)


def test_the_fold_in_is_the_least_squares_of_an_extended_system():
    stars = truth()
    model = SVD(3, regularization=5.0, listener_bias_regularization=3.0).fit(
        rated(stars, np.random.default_rng(1).random(stars.shape) < 0.5)
    )
    tracks, mean = model.to_arrays()["tracks"], model.to_arrays()["mean"][0]
    own = {2: 5.0, 7: 1.0, 9: 4.0}
    rows = np.array(list(own))
    design = np.column_stack([np.ones(3), tracks[rows, 1:]])
    target = np.array(list(own.values())) - mean - tracks[rows, 0]
    ridge = np.diag(np.sqrt([3.0, 5.0, 5.0, 5.0]))
    expected = np.linalg.lstsq(np.vstack([design, ridge]), np.append(target, np.zeros(4)))[0]
    np.testing.assert_allclose(model.fold_in(profile_of(own, 30)), expected, rtol=1e-8)


def loss(data: np.ndarray, seen: np.ndarray, mean: float, u: np.ndarray, v: np.ndarray) -> float:
    error = (data - mean - u[:, :1] - v[:, 0] - u[:, 1:] @ v[:, 1:].T) * seen
    biases, factors = (u[:, 0], v[:, 0]), (u[:, 1:], v[:, 1:])
    return (
        np.sum(error**2)
        + 4.0 * np.sum(biases[0] ** 2)
        + 3.0 * np.sum(biases[1] ** 2)
        + 5.0 * sum(np.sum(f**2) for f in factors)
    )


def test_training_ends_where_the_gradient_of_the_loss_is_zero():
    stars = truth(12, 8)
    seen = np.random.default_rng(2).random(stars.shape) < 0.8
    model = SVD(
        2, 5.0, bias_regularization=3.0, listener_bias_regularization=4.0, n_epochs=2000
    ).fit(rated(stars, seen))
    v, mean = np.array(model.to_arrays()["tracks"]), model.to_arrays()["mean"][0]
    assert mean == pytest.approx(stars[seen].mean(), abs=1e-5)
    stars = stars.astype(np.float32).astype(float)  # as events keep them
    rows = [{int(t): stars[i, t] for t in np.flatnonzero(seen[i])} for i in range(12)]
    u = np.array([model.fold_in(profile_of(row, 8)) for row in rows])
    step = 1e-5
    for row, column in np.ndindex(v.shape):
        up, down = v.copy(), v.copy()
        up[row, column] += step
        down[row, column] -= step
        slope = (loss(stars, seen, mean, u, up) - loss(stars, seen, mean, u, down)) / (2 * step)
        assert slope == pytest.approx(0, abs=1e-3)


def test_factors_predict_hidden_ratings_better_than_biases_do():
    stars = truth()
    seen = np.random.default_rng(3).random(stars.shape) < 0.6
    errors = []
    for n_factors in (0, 4):
        model = SVD(n_factors, 1.0, bias_regularization=3.0, listener_bias_regularization=3.0).fit(
            rated(stars, seen)
        )
        told, given = [], []
        for row in range(len(stars)):
            known = {int(t): float(stars[row, t]) for t in np.flatnonzero(seen[row])}
            hidden = np.flatnonzero(~seen[row])
            told.append(model.predict(profile_of(known, 30), hidden))
            given.append(stars[row, hidden])
        errors.append(rmse(np.concatenate(told), np.concatenate(given)))
    assert errors[1] < 0.6 * errors[0]


def test_predictions_stay_within_one_and_five_stars():
    stars = truth()
    model = SVD(
        regularization=0.01, bias_regularization=0.01, listener_bias_regularization=0.01
    ).fit(rated(stars, stars > 0))
    for value in (1.0, 5.0):
        told = model.predict(profile_of(dict.fromkeys(range(0, 30, 2), value), 30), range(30))
        assert told.min() >= 1.0
        assert told.max() <= 5.0


def test_plays_are_not_ratings_unless_implied():
    plays = Dataset.from_csr(sparse.csr_matrix([[2.0, -1.0, 0.0], [1.0, 0.0, -2.0]]))
    profile = Profile.from_weights({0: 2.0})
    assert set(SVD().fit(plays).predict(profile, [0, 1, 2]).tolist()) == {3.0}
    told = SVD(implied=True).fit(plays).predict(profile, [0, 1, 2])
    assert told[0] > told[1]
    assert SVD().fit(plays).explain(profile, 0) == []


def test_a_rating_outranks_what_the_plays_imply():
    data = rated(np.array([[1.0, 5.0]]), np.ones((1, 2), bool))
    explicit, implied = SVD(n_factors=0).fit(data), SVD(n_factors=0, implied=True).fit(data)
    for key, value in explicit.to_arrays().items():
        np.testing.assert_allclose(implied.to_arrays()[key], value)


def test_implied_stars_are_the_inverse_of_what_ratings_are_worth():
    told = profile_of({0: 1.0, 1: 2.0, 2: 3.0, 3: 4.0, 4: 5.0}, 5)
    np.testing.assert_allclose(implied_stars(told.preference), [1, 2, 3, 4, 5], rtol=1e-6)


def test_the_seed_decides_the_first_factors():
    data = rated(truth(), truth() > 0)
    a, b, c = (
        SVD(seed=seed, regularization=1.0, n_epochs=1).fit(data).to_arrays()["tracks"]
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(a, b)
    assert np.abs(a - c).max() > 1e-6


@pytest.mark.parametrize(
    ("params", "message"),
    [({"n_factors": -1}, "n_factors must be at least 0"), ({"n_epochs": 0}, "n_epochs must be"),
     ({"regularization": 0.0}, "regularization must be above 0"),
     ({"bias_regularization": -1.0}, "bias_regularization must be above 0")],
)  # fmt: skip
def test_a_parameter_out_of_range_is_named(params: dict[str, float], message: str):
    with pytest.raises(InvalidInputError, match=message):
        SVD(**params).fit(Dataset.from_csr(sparse.csr_matrix((1, 2))))
