"""Neural factorisation: Keras' own predictions, Adam by hand, a dense solve, and no Keras after."""

import os
import subprocess
import sys
from importlib.util import find_spec
from itertools import islice

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.errors import ConfigurationError, InvalidInputError, MissingExtraError
from segue.evaluation import metrics
from segue.evaluation.harness import rank_batch
from segue.models import neural_training
from segue.models.base import load
from segue.models.neural import Neural, forward, held_out_likes, ridge_map, scaled
from segue.models.neural_training import (
    Batches,
    Shape,
    compiled,
    draw_batches,
    first_weights,
    import_keras,
    ndcg_at_20,
    network,
    train,
)
from support.scenes import two_scenes

pytestmark = pytest.mark.skipif(
    not all(map(find_spec, ("keras", "jax"))),
    reason="Keras or JAX is not installed: pip install 'segue[neural]'",
)
SMALL = {"n_factors": 3, "n_hidden": 6, "n_epochs": 4, "learning_rate": 0.05}
SHAPES = {form: Shape(form, 12, 8, 3, 6, 2, 0.05, 0.02) for form in ("dot", "neumf")}


def some_likes(seed: int = 4) -> sparse.csr_matrix:
    rng = np.random.default_rng(seed)
    likes = sparse.csr_matrix((rng.random((12, 8)) < 0.4).astype(np.float32))
    likes.sort_indices()
    return likes


def some_weights(form: str) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(2)
    drawn = first_weights(SHAPES[form], 0.3, rng)
    return {key: rng.normal(0, 0.5, value.shape).astype(np.float32) for key, value in drawn.items()}


@pytest.mark.slow
@pytest.mark.parametrize("form", ["dot", "neumf"])
def test_the_forward_pass_is_the_prediction_of_keras(form):
    weights = some_weights(form)
    model = network(SHAPES[form])
    for variable in model.trainable_variables:
        variable.assign(weights[variable.path])
    plain = {k.removesuffix("/embeddings").replace("/", "_"): v for k, v in weights.items()}
    second = "bias" if form == "dot" else "mlp"
    for listener in (0, 7):
        told, penalty = model.predict([np.full(8, listener), np.arange(8)], verbose=0, batch_size=8)
        own = [plain[f"{name}_listener"][listener] for name in ("gmf", second)]
        ours = forward(form, plain, np.concatenate(own))
        np.testing.assert_allclose(ours, told, rtol=1e-5, atol=1e-6)
        tracks = sum((plain[f"{name}_track"] ** 2).sum(1) for name in ("gmf", second))
        np.testing.assert_allclose(penalty, tracks + sum((v**2).sum() for v in own), rtol=1e-5)


def adam_by_hand(weights, gradients, rate=0.05):
    """Kingma & Ba 2015, algorithm 1, one step from rest: the sign of the gradient, almost."""
    moved = {}
    for key, value in weights.items():
        m, v = 0.1 * gradients[key], 0.001 * gradients[key] ** 2
        moved[key] = value - rate * (m / 0.1) / (np.sqrt(v / 0.001) + 1e-7 / np.sqrt(0.001))
    return moved


def test_a_step_is_adam_on_the_gradient_of_the_loss_written_out():
    weights, shape = some_weights("dot"), SHAPES["dot"]
    batch = Batches(
        np.array([[0, 3, 3, 5]], np.int32), np.array([[1, 1, 2, 6]], np.int32),
        np.array([[1, 0, 1, 1]], np.float32), np.array([[1, 1, 1, 0]], np.float32),
    )  # fmt: skip
    names, start, epoch = compiled(shape)
    (after, _), loss = epoch(([weights[name] for name in names], start()), batch)
    gradients = {key: np.zeros_like(value, np.float64) for key, value in weights.items()}
    total = 0.0
    for u, i, label in [(0, 1, 1.0), (3, 1, 0.0), (3, 2, 1.0)]:  # the fourth has no weight
        rows = {"gmf_listener": u, "gmf_track": i, "bias_listener": u, "bias_track": i}
        own = {k: weights[f"{k}/embeddings"][row].astype(float) for k, row in rows.items()}
        logit = own["gmf_listener"] @ own["gmf_track"]
        logit += own["bias_listener"][0] + own["bias_track"][0]
        chance = 1 / (1 + np.exp(-logit))
        total -= label * np.log(chance) + (1 - label) * np.log(1 - chance)
        total += 0.02 * sum(np.sum(v**2) for v in own.values())
        slope = {"gmf_listener": own["gmf_track"], "gmf_track": own["gmf_listener"],
                 "bias_listener": 1.0, "bias_track": 1.0}  # fmt: skip
        for key, row in rows.items():
            step = ((chance - label) * slope[key] + 2 * 0.02 * own[key]) / 3
            gradients[f"{key}/embeddings"][row] += step
    assert float(loss) == pytest.approx(total / 3, rel=1e-5)
    expected = adam_by_hand(weights, gradients)
    for name, value in zip(names, after, strict=True):
        np.testing.assert_allclose(value, expected[name], atol=2e-5)


@pytest.mark.parametrize("form", ["dot", "neumf"])
def test_training_lowers_the_loss_and_ranks_likes_first(form):
    likes = some_likes()
    params = {"n_epochs": 150, "regularization": 0.0, "validation_share": 0.0}
    model = Neural(form, **(SMALL | params), fold_in_regularization=0.01)
    scores = model.fit(Dataset.from_csr(likes)).score_batch(likes)
    right: list[float] = []
    for liked, row in zip(likes.toarray() > 0, scores, strict=True):
        right += (row[liked][:, None] > row[~liked]).ravel().tolist()
    assert np.mean(right) > 0.85


def test_an_epoch_holds_every_like_once_and_fresh_tracks_beside():
    likes, rng = some_likes(), np.random.default_rng(1)
    first, second = (draw_batches(likes, 2, 16, rng) for _ in range(2))
    for batches in (first, second):
        assert batches.track.shape == (-(-3 * likes.nnz // 16), 16)
        pairs = list(zip(*(part.ravel() for part in batches), strict=True))
        liked = sorted((u, i) for u, i, label, _ in pairs if label)
        assert liked == sorted(zip(*likes.nonzero(), strict=True))
        for u, i, label, weight in pairs:
            if weight and not label:
                assert likes[u, i] == 0
        counted = sum(1 for *_, label, weight in pairs if weight and not label)
        assert 0.6 * likes.nnz < counted < 2 * likes.nnz
    assert first.track.tolist() != second.track.tolist()


def test_rows_of_a_batch_ascend_by_track_and_padding_does_not_count():
    batches = draw_batches(some_likes(), 1, 64, np.random.default_rng(1))
    n = 2 * some_likes().nnz
    assert batches.track.size > n
    assert batches.weight.sum() <= n
    for track, weight in zip(batches.track, batches.weight, strict=True):
        assert (np.diff(track[weight > 0]) >= 0).all()


def test_the_map_is_the_dense_ridge_regression():
    profiles = some_likes()
    vectors = np.random.default_rng(3).normal(size=(12, 4)).astype(np.float32)
    dense = profiles.toarray().astype(float)
    expected = np.linalg.solve(dense.T @ dense + 0.5 * np.eye(8), dense.T @ vectors)
    np.testing.assert_allclose(ridge_map(profiles, vectors, 0.5), expected, rtol=1e-4, atol=1e-5)


def test_folding_in_is_the_sum_of_what_each_track_says():
    model = Neural(**SMALL, values="given").fit(Dataset.from_csr(some_likes()))
    rows = model.to_arrays()["listener_map"]
    expected = (2.0 * rows[1] - 0.5 * rows[4]) / np.sqrt(2.5)
    found = model.fold_in(Profile.from_weights({1: 2.0, 4: -0.5}))
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert (scaled(np.zeros(0)) == 0).all()


@pytest.mark.slow
def test_early_stopping_trains_on_everything_for_the_epochs_that_were_best():
    data = two_scenes()
    params = {"n_factors": 3, "learning_rate": 0.05, "seed": 5}
    stopped = Neural(**params, n_epochs=40, check_every=4, validation_share=0.3).fit(data)
    n = stopped.n_epochs_trained
    assert n % 4 == 0
    assert n <= 40
    plain = Neural(**params, n_epochs=n, validation_share=0.0).fit(data)
    for key, value in plain.to_arrays().items():
        np.testing.assert_array_equal(stopped.to_arrays()[key], value)
    likes = data.interactions.positive()
    judged = {m: stopped_ndcg(params, likes, m) for m in range(0, 41, 4) if m <= n + 12}
    assert max(judged, key=lambda m: judged[m]) == n


def stopped_ndcg(params, likes, n: int) -> float:
    """What early stopping sees after ``n`` epochs, computed from outside."""
    from segue.rng import derived_rng

    kept, out = held_out_likes(likes, 0.3, derived_rng(params["seed"], "held"))
    model = Neural(**params, n_epochs=n, validation_share=0.0).fit(Dataset.from_csr(kept))
    asked = np.flatnonzero(np.diff(out.indptr))
    hits = metrics.hits_of(rank_batch(model.score_batch(kept[asked]), 12, kept[asked]), out[asked])
    return float(metrics.ndcg(hits, np.diff(out.indptr)[asked], 12).mean())


def test_likes_are_held_out_by_listener():
    likes = some_likes()
    kept, out = held_out_likes(likes, 0.5, np.random.default_rng(0))
    assert (kept + out != likes).nnz == 0
    assert kept.multiply(out).nnz == 0
    np.testing.assert_array_equal(np.diff(out.indptr), np.diff(likes.indptr) // 2)


def test_ndcg_is_that_of_the_harness():
    rng = np.random.default_rng(6)
    for _ in range(5):
        scores = rng.normal(size=60).astype(np.float32)
        known, held = np.split(rng.permutation(60)[:36], [6])
        mask = sparse.csr_matrix((np.ones(6), ([0] * 6, known)), shape=(1, 60))
        relevant = sparse.csr_matrix((np.ones(30), ([0] * 30, held)), shape=(1, 60))
        ranked = rank_batch(scores[None], 20, mask)
        expected = metrics.ndcg(metrics.hits_of(ranked, relevant), np.array([30]), 20)[0]
        assert ndcg_at_20(scores, known, held) == pytest.approx(expected)


def test_the_seed_decides_everything():
    a, b, c = (next(islice(train(some_likes(), SHAPES["neumf"], 0.1, 2, 32,
               np.random.default_rng(seed)), 3, None)) for seed in (1, 1, 2))  # fmt: skip
    for key in a:
        np.testing.assert_array_equal(a[key], b[key])
    assert any((a[key] != c[key]).any() for key in a)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["dot", "neumf"])
def test_a_saved_model_is_served_where_keras_cannot_be_imported(form, tmp_path, monkeypatch):
    data = two_scenes()
    model = Neural(form, **SMALL).fit(data)
    model.save(tmp_path)
    for name in ("keras", "jax"):
        monkeypatch.setitem(sys.modules, name, None)
    again = load(tmp_path)
    rows = data.interactions.user_items
    np.testing.assert_array_equal(again.score_batch(rows), model.score_batch(rows))
    assert again.explain(Profile.from_weights({0: 1.0, 1: 1.0}), 2) is not None


def test_without_keras_fitting_says_what_to_install(monkeypatch):
    def refuse(name: str):
        raise ImportError(f"no {name}")

    monkeypatch.delitem(sys.modules, "keras", raising=False)
    monkeypatch.setattr(neural_training, "import_module", refuse)
    with pytest.raises(MissingExtraError, match=r"pip install 'segue\[neural\]'"):
        import_keras()


def test_another_backend_is_refused_in_words(monkeypatch):
    keras = import_keras()
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(ConfigurationError, match=r"'torch'.*unset KERAS_BACKEND"):
        import_keras()


@pytest.mark.slow
def test_importing_keras_writes_nothing_into_the_home_folder(tmp_path):
    code = (
        "import os; from segue.models.neural_training import import_keras; import_keras(); "
        "print(os.environ.get('KERAS_HOME'), os.environ['KERAS_BACKEND'])"
    )
    kept = {k: v for k, v in os.environ.items() if not k.startswith("KERAS")}
    found = subprocess.run(
        [sys.executable, "-c", code], env=kept | {"HOME": str(tmp_path)}, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    assert found.stdout.split() == ["None", "jax"]
    assert not (tmp_path / ".keras").exists()


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"form": "deep"}, "form must be dot or neumf"),
        ({"n_factors": 0}, "n_factors must be at least 1"),
        ({"n_layers": 0}, "n_layers must be at least 1"),
        ({"batch_size": 0}, "batch_size must be at least 1"),
        ({"n_epochs": -1}, "n_epochs must be at least 0"),
        ({"validation_share": 0.7}, "validation_share must be at most"),
        ({"learning_rate": 0.0}, "learning_rate must be above 0"),
        ({"values": "cubed"}, "values must be one of"),
    ],
)
def test_a_parameter_out_of_range_is_refused_in_words(params, words):
    with pytest.raises(InvalidInputError, match=words):
        Neural(**params).fit(Dataset.from_csr(some_likes()))
