"""iALS against dense normal equations, a loss written out, and solving again without a track."""

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models.als import ALS, entries_of

MIXED = Profile.from_weights({0: 1.0, 2: 2.0, 5: -1.5, 6: 0.5})


def signed_plays(n_listeners: int = 25, n_tracks: int = 9, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    kept = rng.random((n_listeners, n_tracks)) < 0.4
    return rng.choice([-1.0, 0.5, 1.0, 2.0], (n_listeners, n_tracks)) * kept


def fitted(model: ALS, plays: np.ndarray) -> ALS:
    return model.fit(Dataset.from_csr(sparse.csr_matrix(plays)))


def dense_half_step(plays: np.ndarray, fixed: np.ndarray, model: ALS) -> np.ndarray:
    """The readable twin: one weighted least squares problem over all columns a row."""
    rows = []
    for row in plays:
        mass = (row != 0).sum() + model.unobserved_weight * len(row)
        ridge = model.regularization * mass**model.nu
        observed = model.alpha * np.abs(row)
        system = np.vstack([
            np.sqrt(observed)[:, None] * fixed,
            np.sqrt(model.unobserved_weight) * fixed,
            np.sqrt(ridge) * np.eye(fixed.shape[1]),
        ])  # fmt: skip
        wanted = np.concatenate([np.sqrt(observed) * (row > 0), np.zeros(len(system) - len(row))])
        rows.append(np.linalg.lstsq(system, wanted, rcond=None)[0])
    return np.array(rows)


def dense_block_step(
    plays: np.ndarray, fixed: np.ndarray, start: np.ndarray, model: ALS
) -> np.ndarray:
    """The slow twin of a block solver: least squares in some factors, the others in the target."""
    x = start.astype(float).copy()
    for r, row in enumerate(plays):
        mass = (row != 0).sum() + model.unobserved_weight * len(row)
        ridge = model.regularization * mass**model.nu
        weight = np.sqrt(np.concatenate([
            model.alpha * np.abs(row), np.full(len(row), model.unobserved_weight),
        ]))  # fmt: skip
        wanted = np.concatenate([row > 0, np.zeros(len(row))])
        columns = np.vstack([fixed, fixed]).astype(float)
        for low in range(0, x.shape[1], model.block_size):
            block = np.arange(low, min(low + model.block_size, x.shape[1]))
            rest = np.setdiff1d(np.arange(x.shape[1]), block)
            system = np.vstack([weight[:, None] * columns[:, block],
                                np.sqrt(ridge) * np.eye(len(block))])  # fmt: skip
            left = weight * (wanted - columns[:, rest] @ x[r, rest])
            aim = np.concatenate([left, np.zeros(len(block))])
            x[r, block] = np.linalg.lstsq(system, aim, rcond=None)[0]
    return x


def loss_of(plays: np.ndarray, listeners: np.ndarray, tracks: np.ndarray, model: ALS) -> float:
    guess = listeners.astype(float) @ tracks.T.astype(float)
    fit = (model.alpha * np.abs(plays) * ((plays > 0) - guess) ** 2).sum()
    mass = [(plays != 0).sum(axis) + model.unobserved_weight * plays.shape[axis] for axis in (1, 0)]
    lengths = [(side.astype(float) ** 2).sum(1) for side in (listeners, tracks)]
    ridge = sum((m**model.nu * s).sum() for m, s in zip(mass, lengths, strict=True))
    return fit + model.unobserved_weight * (guess**2).sum() + model.regularization * ridge


def half_step(model: ALS, plays: np.ndarray, fixed: np.ndarray, start: np.ndarray) -> np.ndarray:
    x = start.astype(np.float32)
    model.half_step(entries_of(sparse.csr_matrix(plays), model.alpha), fixed, x)
    return x


@pytest.mark.parametrize("nu", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("solver", ["cholesky", "cg"])
def test_a_half_step_is_the_least_squares_solution_of_every_row(solver, nu):
    model = ALS(5, unobserved_weight=0.3, regularization=0.1, nu=nu, alpha=2.0, solver=solver)
    model.set_params(cg_steps=30)
    plays = signed_plays()
    plays[4] = 0  # a listener without an entry
    rng = np.random.default_rng(1)
    fixed = rng.normal(size=(9, 5)).astype(np.float32)
    x = half_step(model, plays, fixed, rng.normal(size=(25, 5)))
    np.testing.assert_allclose(x, dense_half_step(plays, fixed, model), rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("nu", [0.0, 1.0])
@pytest.mark.parametrize("block_size", [1, 2, 3, 7, 99])
def test_one_sweep_of_blocks_solves_each_block_with_the_others_held(block_size, nu):
    model = ALS(7, unobserved_weight=0.3, regularization=0.1, nu=nu, alpha=2.0, solver="block",
                block_size=block_size)  # fmt: skip
    plays = signed_plays(40)
    plays[4] = 0
    rng = np.random.default_rng(1)
    fixed, start = rng.normal(size=(9, 7)).astype(np.float32), rng.normal(size=(40, 7))
    expected = dense_block_step(plays, fixed, start, model)
    found = half_step(model, plays, fixed, start)
    np.testing.assert_allclose(found, expected, rtol=2e-4, atol=2e-5)


def test_one_block_of_all_factors_is_cholesky():
    plays, rng = signed_plays(40, 30), np.random.default_rng(2)
    fixed, start = rng.normal(size=(30, 12)).astype(np.float32), rng.normal(size=(40, 12))
    exact = half_step(ALS(12, solver="cholesky"), plays, fixed, start)
    for block_size in (12, 500):
        found = half_step(ALS(12, solver="block", block_size=block_size), plays, fixed, start)
        np.testing.assert_allclose(found, exact, rtol=1e-4, atol=1e-5)


def test_more_sweeps_of_blocks_come_closer_to_cholesky():
    plays, rng = signed_plays(40, 30), np.random.default_rng(2)
    fixed, x = rng.normal(size=(30, 12)).astype(np.float32), rng.normal(size=(40, 12))
    model = ALS(12, solver="block", block_size=4)
    exact = half_step(ALS(12, solver="cholesky"), plays, fixed, x)
    far = []
    for _ in range(200):
        x = half_step(model, plays, fixed, x)
        far.append(np.abs(x - exact).max())
    assert far[0] > far[4] > far[30]
    assert far[-1] < 1e-3


def test_more_steps_of_cg_come_closer_to_cholesky():
    plays, rng = signed_plays(40, 30), np.random.default_rng(2)
    fixed, start = rng.normal(size=(30, 12)).astype(np.float32), rng.normal(size=(40, 12))
    exact = half_step(ALS(12, solver="cholesky"), plays, fixed, start)
    far = [np.abs(half_step(ALS(12, cg_steps=n), plays, fixed, start) - exact).max()
           for n in (1, 4, 40)]  # fmt: skip
    assert far[0] > far[1] > far[2]
    assert far[2] < 1e-3


@pytest.mark.parametrize("solver", ["cholesky", "cg", "block"])
def test_the_loss_falls_in_every_half_step(solver):
    model = ALS(4, unobserved_weight=0.2, regularization=0.05, solver=solver, init_sd=1.0,
                block_size=3)  # fmt: skip
    plays = signed_plays(30, 14)
    listeners, tracks = model._first("listeners", 30), model._first("tracks", 14)
    losses = [loss_of(plays, listeners, tracks, model)]
    for _ in range(6):
        listeners = half_step(model, plays, tracks, listeners)
        losses.append(loss_of(plays, listeners, tracks, model))
        tracks = half_step(model, plays.T, listeners, tracks)
        losses.append(loss_of(plays, listeners, tracks, model))
    assert (np.diff(losses) < 0).all()


@pytest.mark.parametrize("values", ["given", "binary", "log"])
def test_folding_in_solves_the_problem_of_one_listener(values):
    model = fitted(ALS(4, regularization=0.1, alpha=3.0, values=values), signed_plays())
    change = {
        "given": lambda p: p,
        "binary": np.sign,
        "log": lambda p: np.sign(p) * np.log1p(abs(p)),
    }
    row = change[values](MIXED.dense(9).astype(float))
    expected = dense_half_step(row[np.newaxis], model.item_factors.astype(float), model)[0]
    np.testing.assert_allclose(model.fold_in(MIXED), expected, rtol=1e-8)


@pytest.mark.parametrize("values", ["binary", "log"])
def test_values_change_what_training_sees(values):
    change = {"binary": np.sign, "log": lambda p: np.sign(p) * np.log1p(np.abs(p))}[values]
    plays = signed_plays()
    model, plain = fitted(ALS(4, values=values), plays), fitted(ALS(4), change(plays))
    np.testing.assert_allclose(model.item_factors, plain.item_factors, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("nu", [0.0, 1.0])
def test_evidence_is_what_the_score_loses_without_the_track(nu):
    model = fitted(ALS(4, regularization=0.3, nu=nu), signed_plays())
    full = model.score(model.fold_in(MIXED)).astype(float)
    weights = dict(zip(MIXED.track_idx.tolist(), MIXED.preference.tolist(), strict=True))
    for asked in range(9):
        found = {e.track_idx: e.contribution for e in model.explain(MIXED, asked, n=9)}
        for track in weights:
            rest = Profile.from_weights({t: w for t, w in weights.items() if t != track})
            lost = full[asked] - float(model.score(model.fold_in(rest))[asked])
            assert found.get(track, 0.0) == pytest.approx(max(lost, 0.0), rel=1e-4, abs=1e-6)


def test_contributions_add_up_to_the_score_and_are_those_of_hu_et_al():
    model = fitted(ALS(4, regularization=0.3), signed_plays())
    parts = model.contributions(MIXED, np.arange(9))
    np.testing.assert_allclose(parts.sum(0), model.score(model.fold_in(MIXED)), atol=1e-6)
    system = model.listener_system(MIXED)
    similarity = model.item_factors @ np.linalg.inv(system.matrix) @ system.vectors.T
    np.testing.assert_allclose(parts.T, similarity * [1.0, 2.0, 0.0, 0.5], atol=1e-6)


def test_a_live_listener_follows_events_as_solving_again_does():
    model = fitted(ALS(4, regularization=0.3, nu=0.0), signed_plays())
    listener = model.live(Profile.from_weights({0: 1.0}))
    vectors = model.item_factors
    for track, confidence, target in ((2, 2.0, 1.0), (5, 1.5, 0.0), (7, 1.0, 1.0), (6, 0.5, 1.0)):
        listener.add(vectors[track], confidence, target)
    listener.add(vectors[7], -1.0, 1.0)  # taken back
    np.testing.assert_allclose(listener.factors, model.fold_in(MIXED), rtol=1e-9)


def test_a_dislike_lowers_the_track_it_is_about():
    model = fitted(ALS(4), np.abs(signed_plays()))
    liked = Profile.from_weights({0: 1.0, 1: 1.0})
    track = int(model.recommend(liked, 1).track_idx[0])
    both = Profile.from_weights({0: 1.0, 1: 1.0, track: -3.0})
    before, after = (model.score(model.fold_in(p))[track] for p in (liked, both))
    assert 0 <= after < before


def test_frequency_scaling_weighs_the_ridge_by_entries():
    model = ALS(regularization=0.5, unobserved_weight=0.1, nu=1.0)
    np.testing.assert_allclose(model.ridge_of(np.array([0, 4]), 10), [0.5, 2.5])
    np.testing.assert_allclose(model.set_params(nu=0.0).ridge_of(np.array([0, 4]), 10), 0.5)
    np.testing.assert_allclose(ALS(unobserved_weight=0.0).ridge_of(np.array([0]), 10), 0.02)


@pytest.mark.parametrize("init", ["normal", "uniform"])
def test_first_vectors_have_the_length_asked_for(init):
    first = ALS(16, init_sd=0.3, init=init)._first("tracks", 4000)
    assert np.sqrt((first.astype(float) ** 2).sum(1).mean()) == pytest.approx(0.3, rel=0.02)
    assert first.mean() == pytest.approx(0.3 / 4 * np.sqrt(3) / 2 * (init == "uniform"), abs=2e-3)


def test_another_seed_gives_other_factors():
    plays = signed_plays()
    a, b = (fitted(ALS(4, seed=seed), plays).item_factors for seed in (1, 2))
    assert np.abs(a - b).max() > 1e-3


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"n_factors": 0}, "n_factors must be at least 1"),
        ({"cg_steps": 0}, "cg_steps must be at least 1"),
        ({"block_size": 0}, "block_size must be at least 1"),
        ({"n_epochs": -1}, "n_epochs must be at least 0"),
        ({"unobserved_weight": -0.1}, "unobserved_weight must be at least 0"),
        ({"nu": float("nan")}, "nu must be at least 0"),
        ({"regularization": 0.0}, "regularization must be above 0"),
        ({"alpha": 0.0}, "alpha must be above 0"),
        ({"init_sd": float("inf")}, "init_sd must be above 0"),
        ({"values": "cubed"}, "values must be one of given, binary, log"),
        ({"init": "zeros"}, "init must be one of normal, uniform"),
        ({"solver": "luck"}, "solver must be one of cg, block, cholesky"),
    ],
)
def test_a_parameter_out_of_range_is_refused_in_words(params, words):
    with pytest.raises(InvalidInputError, match=words):
        fitted(ALS(**params), signed_plays())
