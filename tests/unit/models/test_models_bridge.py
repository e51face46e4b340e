"""The bridge against the closed form of its ridge, loops over artists, and a planted catalogue."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset, TrackTable
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models import ridge
from segue.models.als import ALS
from segue.models.bridge import Bridge, artist_part, content_features, listeners_of, standardise
from segue.models.ridge import Features, solve_ridge


def planted(n_tracks: int = 40, n_cold: int = 8, seed: int = 2) -> Dataset:
    """Two tastes; every track has the tag of its taste, a tag of its own kind and a vector."""
    rng = np.random.default_rng(seed)
    taste = np.arange(n_tracks) % 2
    plays = rng.random((60, n_tracks)) < np.where(taste == np.arange(60)[:, None] % 2, 0.5, 0.03)
    plays = plays.astype(np.float32)
    plays[:, -n_cold:] = 0
    tags = np.zeros((n_tracks, 5), np.float32)
    tags[np.arange(n_tracks), taste] = 1
    tags[np.arange(n_tracks), 2 + np.arange(n_tracks) % 3] = 1
    sound = rng.normal(size=(n_tracks, 2)).astype(np.float32) + taste[:, None]
    sound[3] = np.nan
    table = replace(
        TrackTable.bare(f"t{i:02}" for i in range(n_tracks)),
        terms=sparse.csr_matrix(tags), term_names=list("abcde"), term_kinds=["tag"] * 5,
        artist_idx=(np.arange(n_tracks) // 3).astype(np.int32), vectors={"sound": sound},
    )  # fmt: skip
    return Dataset.from_csr(sparse.csr_matrix(plays), table)


def dense_of(features: Features) -> np.ndarray:
    return np.hstack([features.sparse.toarray(), features.dense])


def closed_form(x, y, weight, regularization):
    gram = x.T @ (weight[:, None] * x) + regularization * np.eye(x.shape[1])
    return np.linalg.solve(gram, x.T @ (weight[:, None] * y))


@pytest.mark.parametrize("regularization", [0.5, 50.0])
def test_the_ridge_is_its_closed_form(regularization):
    rng = np.random.default_rng(1)
    sparse_part = sparse.random(50, 30, 0.2, random_state=4, format="csr") * 5
    x = Features(sparse_part, rng.normal(size=(50, 3)))
    y, weight = rng.normal(size=(50, 4)), rng.uniform(0.2, 9, 50)
    y[:, 2] = 0  # solved before it began
    found = solve_ridge(x, y, weight, regularization, tolerance=1e-10)
    np.testing.assert_allclose(
        found, closed_form(dense_of(x), y, weight, regularization), rtol=1e-6, atol=1e-9
    )


@pytest.mark.parametrize("n_heavy", [0, 7, 30])
def test_the_ridge_does_not_depend_on_which_columns_are_solved_together(n_heavy, monkeypatch):
    monkeypatch.setattr(ridge, "N_HEAVY", n_heavy)
    monkeypatch.setattr(ridge, "BLOCK_ROWS", 16)
    rng = np.random.default_rng(2)
    x = Features(sparse.random(50, 30, 0.2, random_state=4, format="csr"), rng.normal(size=(50, 3)))
    y, weight = rng.normal(size=(50, 2)), rng.uniform(0.2, 9, 50)
    found = solve_ridge(x, y, weight, 0.5, tolerance=1e-10)
    np.testing.assert_allclose(found, closed_form(dense_of(x), y, weight, 0.5), atol=1e-8)


def test_columns_that_say_the_same_are_solved_in_a_few_steps():
    rng = np.random.default_rng(3)
    genre = sparse.csr_matrix(np.eye(6)[rng.integers(6, size=400)])
    written = genre.toarray() @ rng.normal(size=(6, 20)) + 0.01 * rng.normal(size=(400, 20))
    x, y, weight = Features(genre, written), rng.normal(size=(400, 2)), np.ones(400)
    found = solve_ridge(x, y, weight, 1e-3, max_steps=3)
    np.testing.assert_allclose(found, closed_form(dense_of(x), y, weight, 1e-3), rtol=1e-5)


def test_factors_are_the_blend_of_the_closed_form_and_listening():
    data = planted()
    model = Bridge(4, content_regularization=2.0, prior_listeners=3.0, artist_shrinkage=None)
    model.fit(data)
    played = ALS(4, 16, 0.02, 0.05).fit(data).item_factors.astype(float)
    n = (data.interactions.user_items.toarray() > 0).sum(axis=0).astype(float)
    x = dense_of(model.features(data.tracks))
    heard = n > 0
    guess = x @ closed_form(x[heard], played[heard], n[heard], 2.0)
    expected = (n[:, None] * played + 3.0 * guess) / (n[:, None] + 3.0)
    np.testing.assert_allclose(model.item_factors, expected, atol=2e-4)


def test_without_a_prior_tracks_with_listeners_keep_their_factors():
    data = planted()
    model = Bridge(4, prior_listeners=0.0).fit(data)
    played = ALS(4, 16, 0.02, 0.05).fit(data).item_factors
    heard = listeners_of(data) > 0
    np.testing.assert_allclose(model.item_factors[heard], played[heard], rtol=1e-6)
    assert np.abs(model.item_factors[~heard]).sum() > 0


def test_the_artist_adds_the_shrunk_mean_of_what_was_missed_for_the_others():
    rng = np.random.default_rng(3)
    artist = np.array([0, 0, 0, 1, 1, -1, -1, 2])
    heard = np.array([1, 1, 0, 1, 0, 1, 0, 1], bool)
    missed = rng.normal(size=(8, 2)) * heard[:, None]
    expected = np.zeros((8, 2))
    for row in range(8):
        others = [o for o in range(8) if o != row and heard[o] and artist[o] == artist[row] >= 0]
        if others:
            expected[row] = missed[others].sum(axis=0) / (len(others) + 1.5)
    np.testing.assert_allclose(artist_part(missed, heard, artist, 1.5), expected, atol=1e-12)


def test_new_tracks_are_ranked_for_those_whose_taste_they_are():
    data = planted()
    model = Bridge(4, content_regularization=1.0).fit(data)
    cold = np.zeros(40, bool)
    cold[-8:] = True
    for taste in (0, 1):
        liked = Profile.from_weights({taste: 1.0, taste + 4: 1.0})
        found = model.recommend(liked, n=4, allowed=cold).track_idx
        assert set((found % 2).tolist()) == {taste}


def test_a_vector_alone_is_enough_to_place_a_new_track():
    data = planted()
    bare = replace(data.tracks, terms=data.tracks.terms * 0)
    bare.vectors["sound"][:] = np.where(np.arange(40)[:, None] % 2, 1.0, -1.0)
    model = Bridge(4, content_regularization=1.0, artist_shrinkage=None)
    model.fit(replace(data, tracks=bare))
    scores = model.score(model.fold_in(Profile.from_weights({1: 1.0, 5: 1.0})))
    assert scores[33::2].min() > scores[32::2].max()


def test_kinds_are_weighed_and_unknown_vectors_are_the_mean():
    data = planted()
    features = content_features(data.tracks, np.array([2.0, 1, 1, 1, 0]), 0.5)
    np.testing.assert_allclose(
        features.sparse.toarray(), data.tracks.terms.toarray() * [2, 1, 1, 1, 0]
    )
    assert features.dense[3].tolist() == [1.0, 0.0, 0.0]
    known = np.delete(features.dense[:, 1:], 3, axis=0)
    np.testing.assert_allclose(known.mean(axis=0), 0, atol=1e-7)
    np.testing.assert_allclose(known.std(axis=0), 0.5, rtol=1e-6)


def test_rare_terms_count_more_when_asked_to():
    data = planted()
    model = Bridge(4, inverse_frequency=True)
    weights = model.features(data.tracks).sparse.max(axis=0).toarray()[0]
    df = (data.tracks.terms.toarray() > 0).sum(axis=0)
    np.testing.assert_allclose(weights, np.log(1 + 40 / df))


def test_columns_without_spread_and_catalogues_without_vectors_are_zeros():
    for vectors in (np.full((3, 2), 7.0), np.full((2, 1), np.nan)):
        out = np.empty_like(vectors)
        standardise(vectors, out)
        assert not out.any()


@pytest.mark.parametrize(
    "params",
    [{"content_regularization": 0.0}, {"prior_listeners": -1.0}, {"artist_shrinkage": -1.0},
     {"artist_shrinkage": float("nan")}, {"tag_weight": -1.0}, {"vector_weight": float("inf")},
     {"popularity_exponent": -0.5}],
)  # fmt: skip
def test_parameters_out_of_range_are_refused(params):
    with pytest.raises(InvalidInputError, match=next(iter(params))):
        Bridge(**params).fit(planted())
