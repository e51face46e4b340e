from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse
from sklearn.decomposition import PCA

from segue.data.dataset import Dataset, TrackTable
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models import sound_space
from segue.models.sound import SoundKNN
from segue.models.sound_space import hub_offsets, known_rows, learn_space, unit_vectors


def data(features):
    table = TrackTable.bare(f"t{i}" for i in range(len(features)))
    table = replace(table, vectors={"sound": np.asarray(features, np.float32)})
    return Dataset.from_csr(sparse.csr_matrix((1, len(features))), table)


def features(n=60, d=7, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) * 10.0 ** np.arange(d) + 5


def fitted(values, **params):
    return SoundKNN(**params).fit(data(values))


def scores(model, weights):
    return model.score(model.fold_in(Profile.from_weights(weights)))


def test_without_shrinkage_the_directions_are_those_of_a_whitening_pca():
    values = features()
    space = learn_space(values, 7, 0.0)
    low, median, high = np.percentile(values, (25, 50, 75), axis=0)
    scaled = np.clip((values - median) / ((high - low) / 1.349), -5, 5)
    theirs = PCA(7, whiten=True, svd_solver="full").fit_transform(scaled)
    ours = (scaled - space.mean) @ space.basis
    for column in range(7):  # the sign is free; PCA divides by n - 1
        ratio = ours[:, column] / theirs[:, column]
        np.testing.assert_allclose(np.abs(ratio), np.sqrt(60 / 59), rtol=1e-6)


@pytest.mark.parametrize("shrinkage", [0.0, 0.3, 1.0])
def test_shrinkage_moves_the_variances_between_equal_and_as_they_were(shrinkage):
    values = features()
    space, bare = learn_space(values, 7, shrinkage), learn_space(values, 7, 1.0)
    raw = np.var(bare._scaled(values) @ bare.basis, axis=0) * np.mean(
        np.linalg.eigvalsh(np.cov(bare._scaled(values).T, bias=True))
    )
    got = np.var(space._scaled(values) @ space.basis, axis=0)
    np.testing.assert_allclose(got, raw / ((1 - shrinkage) * raw + shrinkage * raw.mean()))


def test_units_do_not_matter():
    values = features()
    moved = values * 10.0 ** np.arange(7)[::-1] - 40
    a, b = fitted(values), fitted(moved)
    np.testing.assert_allclose(scores(a, {0: 1.0}), scores(b, {0: 1.0}), atol=1e-3)


def test_constant_features_and_one_broken_measurement_change_little():
    values = features(200)
    broken = np.hstack([values, np.full((200, 2), 3.0)])
    broken[17, 2] = 1e9
    a, b = fitted(values), fitted(broken)
    others = np.delete(np.arange(200), 17)
    assert np.abs(scores(a, {0: 1.0}) - scores(b, {0: 1.0}))[others].max() < 0.1


def test_a_feature_that_is_mostly_one_value_keeps_a_scale():
    values = features()
    values[:, 0] = 0.0
    values[:5, 0] = 1.0
    assert np.isfinite(learn_space(values, 7, 0.3).basis).all()


def naive_offsets(vectors, known, k):
    rows = [r for r in range(len(vectors)) if known[r]]
    near = {}
    for i in rows:
        cosines = sorted((float(vectors[i] @ vectors[j]) for j in rows if j != i), reverse=True)
        near[i] = sum(cosines[:k]) / len(cosines[:k])
    mean = sum(near.values()) / len(near)
    return [(near[i] - mean) / 2 if i in near else 0.0 for i in range(len(vectors))]


def test_hub_offsets_are_half_the_excess_of_each_neighborhood():
    known = np.arange(60) % 7 != 0
    vectors = unit_vectors(features(), known, 5, 0.3, 0)
    np.testing.assert_allclose(
        hub_offsets(vectors, known, 0), naive_offsets(vectors, known, 50), atol=1e-6
    )


def test_likeness_ranks_as_csls_does():
    model = fitted(features())
    vectors, r = model._vectors, np.empty(60)
    cosines = vectors @ vectors.T
    for i in range(60):
        r[i] = np.sort(np.delete(cosines[i], i))[-50:].mean()
    for seed in range(0, 60, 7):
        csls = 2 * cosines[seed] - r[seed] - r
        csls[seed] = -np.inf
        assert model.similar(seed, 10).track_idx.tolist() == np.argsort(-csls)[:10].tolist()


def test_without_hubs_one_seed_scores_the_cosine():
    model = fitted(features(), hubs=False)
    np.testing.assert_allclose(
        scores(model, {3: 1.0}), model._vectors @ model._vectors[3], atol=1e-6
    )


def test_a_profile_scores_the_signed_sum_and_its_evidence_adds_up():
    model, weights = fitted(features()), {0: 2.0, 5: -0.5, 9: 1.0}
    got = scores(model, weights)
    np.testing.assert_allclose(got, sum(w * scores(model, {t: 1.0}) for t, w in weights.items()),
                               atol=1e-5)  # fmt: skip
    parts = model.contributions(Profile.from_weights(weights), np.arange(60))
    np.testing.assert_allclose(parts.sum(axis=0), got, atol=1e-5)


def test_many_likes_do_not_sink_the_scores_as_a_whole():
    model = fitted(features(300, 12, 3))
    many = scores(model, dict.fromkeys(range(100), 1.0))
    assert 0.2 < np.mean(many > 0) < 0.8


def test_a_track_of_which_nothing_is_known_scores_and_adds_nothing():
    values = features()
    values[[4, 8], [0, 6]] = np.nan, np.inf
    model = fitted(values)
    assert known_rows(values).sum() == 58
    assert not scores(model, {0: 1.0})[[4, 8]].any()
    assert not scores(model, {4: 3.0}).any()
    np.testing.assert_array_equal(scores(model, {0: 1.0, 8: 2.0}), scores(model, {0: 1.0}))
    assert model.explain(Profile.from_weights({4: 1.0}), 0) == []


def test_a_library_without_sound_scores_nothing():
    table = TrackTable.bare(["a", "b"])
    model = SoundKNN().fit(Dataset.from_csr(sparse.csr_matrix((1, 2)), table))
    assert not scores(model, {0: 1.0}).any()


def test_hubs_become_rarer_in_many_dimensions():
    values = np.exp(np.random.default_rng(4).normal(size=(600, 30)))

    def occurrences(model):
        near = [model.similar(row, 10).track_idx for row in range(600)]
        return np.bincount(np.concatenate(near), minlength=600)

    plain, corrected = (occurrences(fitted(values, hubs=h)) for h in (False, True))
    assert corrected.max() < 0.85 * plain.max()
    assert np.var(corrected) < 0.7 * np.var(plain)


def test_samples_of_a_large_library_stand_for_it(monkeypatch):
    values = features(2000, 6, 5)
    whole = fitted(values)
    monkeypatch.setattr(sound_space, "N_LEARN", 700)
    monkeypatch.setattr(sound_space, "N_REFERENCE", 600)
    monkeypatch.setattr(sound_space, "BLOCK_ROWS", 256)
    sampled = fitted(values)
    pairs = np.corrcoef(scores(whole, {0: 1.0}), scores(sampled, {0: 1.0}))
    assert pairs[0, 1] > 0.98
    assert np.corrcoef(whole._hub, sampled._hub)[0, 1] > 0.5


@pytest.mark.parametrize(
    ("params", "words"),
    [({"n_components": 0}, "n_components"), ({"shrinkage": 1.1}, "shrinkage must lie in 0..1")],
)
def test_parameters_out_of_range_are_refused(params, words):
    with pytest.raises(InvalidInputError, match=words):
        fitted(features(), **params)
