"""SVD++: the reduced loss by brute force, its slow twin, and what plays add to ratings."""

import numpy as np
import pytest
from scipy import optimize, sparse

from segue.data.dataset import Dataset
from segue.data.interactions import Interactions
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.evaluation.ratings import mae, rmse
from segue.models.base import load
from segue.models.stars_kernels import solve_row, solve_rows, svdpp_epoch
from segue.models.svd import SVD
from segue.models.svdpp import SVDPlusPlus
from unit.models.test_models_svd import profile_of, rated, truth

PENALTY = {"own": 2.5, "bias": 1.5, "factors": 2.0, "implicit": 0.7}


def small(seed: int = 2) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Ratings less their mean, and pairs that were met: a superset."""
    rng = np.random.default_rng(seed)
    stars = rng.normal(0, 1, (6, 5)) * (rng.random((6, 5)) < 0.6)
    met = ((stars != 0) | (rng.random((6, 5)) < 0.3)).astype(float)
    return sparse.csr_matrix(stars), sparse.csr_matrix(met)


def tastes_without_each(known: np.ndarray, implicit: np.ndarray) -> np.ndarray:
    """What all other tracks met say, one row for each track; ``known`` is a row of 0 and 1."""
    rows = []
    for track in range(len(known)):
        others = [j for j in np.flatnonzero(known) if j != track]
        rows.append(implicit[others].sum(0) / np.sqrt(max(len(others), 1)))
    return np.array(rows)


def listener_part(own: np.ndarray, taste: np.ndarray, rest, tracks) -> float:
    told = own[0] + tracks[:, 0] + np.sum(tracks[:, 1:] * (own[1:] + taste), axis=1)
    error = ((rest - told) * (rest != 0)) ** 2
    penalty = PENALTY["own"] * own[0] ** 2 + PENALTY["factors"] * np.sum(own[1:] ** 2)
    return float(error.sum() + penalty)


def reduced_loss(rest, met, tracks, implicit) -> float:
    """The loss when every listener has their best bias and factors, found by a general solver."""
    total = PENALTY["bias"] * np.sum(tracks[:, 0] ** 2)
    total += PENALTY["factors"] * np.sum(tracks[:, 1:] ** 2)
    total += PENALTY["implicit"] * np.sum(implicit**2)
    for stars, known in zip(rest.toarray(), met.toarray(), strict=True):
        taste = tastes_without_each(known, implicit)
        best = optimize.minimize(
            listener_part, np.zeros(tracks.shape[1]), (taste, stars, tracks), tol=1e-12
        )
        total += best.fun
    return float(total)


def run_epoch(order, rest, met, tracks, implicit, rate: float) -> None:
    counts = [np.bincount(m.indices, minlength=5).astype(float) for m in (rest, met)]
    svdpp_epoch(
        order, rest.indptr, rest.indices, rest.data, met.indptr, met.indices, *counts, tracks,
        implicit, rate, PENALTY["own"], PENALTY["bias"], PENALTY["factors"], PENALTY["implicit"],
    )  # fmt: skip


def twin_epoch(order, rest, met, tracks, implicit, rate: float) -> None:
    n_raters, n_met_by = ((m.toarray() != 0).sum(0) for m in (rest, met))
    for u in order:
        rated, known = np.flatnonzero(rest.toarray()[u]), np.flatnonzero(met.toarray()[u])
        taste = tastes_without_each(met.toarray()[u], implicit)[rated]
        target = rest.toarray()[u, rated] - tracks[rated, 0]
        target = target - np.sum(tracks[rated, 1:] * taste, axis=1)
        design = np.column_stack([np.ones(len(rated)), tracks[rated, 1:]])
        ridge = np.diag(np.sqrt([PENALTY["own"]] + [PENALTY["factors"]] * 2))
        own = np.linalg.lstsq(
            np.vstack([design, ridge]), np.append(target, np.zeros(len(ridge))), rcond=None
        )[0]
        error = target - design @ own
        drawn = {i: e * tracks[i, 1:] for i, e in zip(rated, error, strict=True)}
        scale = 1 / np.sqrt(max(len(known) - 1, 1))
        step_y = {j: scale * sum(v for i, v in drawn.items() if i != j) for j in known}
        for i, e, other in zip(rated, error, taste, strict=True):
            tracks[i, 0] += rate * (e - PENALTY["bias"] / n_raters[i] * tracks[i, 0])
            shrink = PENALTY["factors"] / n_raters[i]
            tracks[i, 1:] += rate * (e * (own[1:] + other) - shrink * tracks[i, 1:])
        for j in known:
            implicit[j] += rate * (step_y[j] - PENALTY["implicit"] / n_met_by[j] * implicit[j])


def some_vectors(seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(0, 0.5, (5, 3)), rng.normal(0, 0.5, (5, 2))


def test_an_epoch_goes_down_the_gradient_of_the_loss_with_listeners_at_their_best():
    rest, met = small()
    tracks, implicit = some_vectors()
    rate, tiny = 1e-7, 1e-4  # so small that the steps of one epoch do not see each other
    after = tracks.copy(), implicit.copy()
    run_epoch(np.arange(6), rest, met, *after, rate)
    for number, start in enumerate((tracks, implicit)):
        gradient = np.empty_like(start)
        for at in np.ndindex(start.shape):
            losses = []
            for sign in (1, -1):
                moved = [tracks.copy(), implicit.copy()]
                moved[number][at] += sign * tiny
                losses.append(reduced_loss(rest, met, *moved))
            gradient[at] = (losses[0] - losses[1]) / (2 * tiny)
        used = np.asarray(met.sum(0)).ravel() > 0 if number else np.diff(rest.tocsc().indptr) > 0
        assert used.all()
        step = (after[number] - start) / rate
        np.testing.assert_allclose(step, -gradient / 2, rtol=1e-3, atol=1e-4)


def test_an_epoch_is_its_slow_twin():
    rest, met = small()
    fast, slow = some_vectors(), some_vectors()
    order = np.random.default_rng(1).permutation(6)
    run_epoch(order, rest, met, *fast, 0.05)
    twin_epoch(order, rest, met, *slow, 0.05)
    for a, b in zip(fast, slow, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_rows_are_solved_one_by_one_and_rows_without_entries_are_zero():
    rest, _ = small()
    rest = sparse.vstack([rest, sparse.csr_matrix((1, 5))]).tocsr()
    tracks = some_vectors()[0]
    solved = np.ones((7, 3))
    solve_rows(rest.indptr, rest.indices, rest.data, tracks, 2.5, 2.0, solved)
    assert (solved[6] == 0).all()
    for row in range(6):
        stars = rest.toarray()[row]
        best = optimize.minimize(
            listener_part, np.zeros(3), (np.zeros((5, 2)), stars, tracks), tol=1e-12
        )
        np.testing.assert_allclose(solved[row], best.x, atol=1e-5)
    span = slice(rest.indptr[2], rest.indptr[3])
    one = solve_row(tracks, rest.indices[span], rest.data[span], 2.5, 2.0)
    np.testing.assert_array_equal(one, solved[2])


def test_a_new_listener_is_folded_in_by_the_ridge_around_the_taste_of_what_they_met():
    data = rated(truth(), np.random.default_rng(1).random((60, 30)) < 0.5)
    model = SVDPlusPlus(n_factors=2, n_epochs=3).fit(data)
    arrays = model.to_arrays()
    tracks, implicit, mean = arrays["tracks"], arrays["implicit"], arrays["mean"][0]
    rows, stars = np.array([2, 7, 9]), np.array([5.0, 1.0, 4.0])
    taste = tastes_without_each(np.ones(3), implicit[rows])

    def loss(own: np.ndarray) -> float:
        told = mean + own[0] + tracks[rows, 0]
        told = told + np.sum(tracks[rows, 1:] * (own[1:] + taste), axis=1)
        penalty = (
            model.listener_bias_regularization * own[0] ** 2
            + model.regularization * own[1:] @ own[1:]
        )
        return float(np.sum((stars - told) ** 2) + penalty)

    best = optimize.minimize(loss, np.zeros(3), tol=1e-12).x
    found = model.fold_in(profile_of(dict(zip(rows.tolist(), stars.tolist(), strict=True)), 30))
    np.testing.assert_allclose(
        found, best + np.append(0, implicit[rows].sum(0) / np.sqrt(3)), atol=1e-5
    )


def plays_and_few_stars() -> tuple[Dataset, np.ndarray, np.ndarray]:
    """People play what they like; each rates three of 40 tracks, and the taste has one axis."""
    rng = np.random.default_rng(7)
    side = rng.choice([-1.0, 1.0], 120)
    kind = np.repeat([-1.0, 1.0], 20)
    stars = np.clip(3.0 + 1.5 * np.outer(side, kind) + rng.normal(0, 0.3, (120, 40)), 1, 5)
    seen = np.zeros(stars.shape, bool)
    for row in seen:
        row[rng.choice(40, 3, replace=False)] = True
    played = (stars > 3) & (rng.random(stars.shape) < 0.5)
    data = rated(stars, seen)
    value = (data.interactions.user_items + sparse.csr_matrix(played & ~seen)).tocoo()
    both = Interactions.from_pairs(value.row, value.col, value.data, shape=stars.shape)
    return Dataset(data.tracks, data.listeners, both, data.events), stars, ~seen & ~played


def test_what_was_played_helps_to_predict_stars():
    data, _, _ = plays_and_few_stars()
    params = {
        "n_factors": 2,
        "regularization": 1.0,
        "bias_regularization": 3.0,
        "listener_bias_regularization": 3.0,
        "n_folds": 5,
    }
    ours = SVDPlusPlus(**params, implicit_regularization=1.0).fit(data).expected_error
    plain = SVD(**params).fit(data).expected_error
    assert ours.rmse < 0.6 * plain.rmse
    assert ours.n_ratings == plain.n_ratings == 360
    assert ours.rmse_of_mean == plain.rmse_of_mean > 1.0


@pytest.mark.parametrize("kind", [SVD, SVDPlusPlus])
def test_the_stated_error_is_that_of_ratings_which_the_model_has_not_seen(kind, tmp_path):
    rng = np.random.default_rng(3)
    stars = truth(120) + rng.normal(0, 0.6, (120, 30))  # noise, which no fold can learn away
    stars = np.clip(stars, 1, 5)
    seen = rng.random(stars.shape) < 0.5
    model = kind(
        regularization=3.0, bias_regularization=3.0, listener_bias_regularization=3.0, n_folds=10
    ).fit(rated(stars, seen))
    told, given = [], []
    for row in range(len(stars)):
        known = {int(t): float(stars[row, t]) for t in np.flatnonzero(seen[row])}
        hidden = np.flatnonzero(~seen[row])
        told.append(model.predict(profile_of(known, 30), hidden))
        given.append(stars[row, hidden])
    stated, fresh = model.expected_error, (np.concatenate(told), np.concatenate(given))
    # a fold learns from a tenth less than the model itself
    assert rmse(*fresh) * 0.95 < stated.rmse < rmse(*fresh) * 1.1
    assert mae(*fresh) * 0.95 < stated.mae < mae(*fresh) * 1.1
    model.save(tmp_path)
    assert load(tmp_path).expected_error == stated  # pyright: ignore[reportAttributeAccessIssue]


def test_a_rating_held_out_is_not_told_by_having_been_met():
    class Watched(SVD):
        name = "svd"

        def learn(self, ratings, met):
            seen.append((ratings.toarray() > 0, met.toarray() != 0))
            return super().learn(ratings, met)

    data, _, _ = plays_and_few_stars()
    seen: list[tuple[np.ndarray, np.ndarray]] = []
    Watched(n_folds=4).fit(data)
    (rated_pairs, met_pairs), folds = seen.pop(), seen
    held_out = [rated_pairs & ~kept for kept, _ in folds]
    assert (sum(part.astype(int) for part in held_out) == rated_pairs).all()
    for out, (_, met) in zip(held_out, folds, strict=True):
        assert (met == (met_pairs & ~out)).all()


@pytest.mark.parametrize("kind", [SVD, SVDPlusPlus])
def test_without_folds_no_error_is_stated(kind):
    assert np.isnan(kind().fit(rated(truth(), truth() > 0)).expected_error.rmse)


def test_pairs_are_predicted_as_their_profiles_are():
    stars = truth(20, 8)
    seen = np.random.default_rng(2).random(stars.shape) < 0.6
    model = SVDPlusPlus(n_factors=2, n_epochs=3).fit(rated(stars, seen))
    ratings = sparse.csr_matrix(stars.astype(np.float32).astype(float) * seen)
    rows, columns = np.array([5, 2, 5]), np.array([1, 3, 7])
    told = model.predict_pairs(ratings, ratings, rows, columns)
    for row, column, value in zip(rows, columns, told, strict=True):
        known = {int(t): float(stars[row, t]) for t in np.flatnonzero(seen[row])}
        assert model.predict(profile_of(known, 8), [column])[0] == pytest.approx(value, abs=1e-5)


def test_a_track_that_was_met_but_not_rated_can_be_evidence():
    data, _, _ = plays_and_few_stars()
    model = SVDPlusPlus(n_factors=2, implicit_regularization=1.0).fit(data)
    found = model.explain(Profile.from_weights({25: 1.0, 3: 1.0}), 30)
    assert [part.track_idx for part in found] == [25]


@pytest.mark.parametrize(
    ("params", "message"),
    [({"n_factors": -1}, "n_factors must be at least 0"), ({"n_epochs": 0}, "n_epochs must be"),
     ({"implicit_regularization": 0.0}, "implicit_regularization must be above 0"),
     ({"learning_rate": 0.0}, "learning_rate must be above 0"),
     ({"n_folds": 1}, "n_folds must be 0 or at least 2"),
     ({"n_folds": -2}, "n_folds must be 0 or at least 2")],
)  # fmt: skip
def test_a_parameter_out_of_range_is_named(params: dict[str, float], message: str):
    with pytest.raises(InvalidInputError, match=message):
        SVDPlusPlus(**params).fit(Dataset.from_csr(sparse.csr_matrix((1, 2))))
