"""A random order is an order by lot; personal top is the profile itself, sorted."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset, TrackTable
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models.base import create
from segue.models.baselines import PersonalTop, Random


def library(genres: np.ndarray) -> Dataset:
    n_tracks, n_genres = genres.shape
    table = replace(
        TrackTable.bare(f"t{i}" for i in range(n_tracks)),
        terms=sparse.csr_matrix(genres, dtype=np.float32),
        term_names=[f"g{i}" for i in range(n_genres)],
        term_kinds=["genre"] * n_genres,
    )
    return Dataset.from_csr(sparse.csr_matrix((2, n_tracks)), table)


TWO_GENRES = np.array([[1, 0], [1, 1], [0, 1], [0, 0], [1, 0], [0, 1]])


def test_the_same_seed_draws_the_same_order_and_another_seed_another():
    data = library(np.zeros((50, 0)))
    orders = [
        Random(seed).fit(data).recommend(Profile.empty(), 50).track_idx.tolist()
        for seed in (1, 1, 2)
    ]
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == list(range(50))


def test_every_track_comes_first_about_as_often():
    data = library(np.zeros((4, 0)))
    first = [int(Random(seed).fit(data).recommend(Profile.empty(), 1).track_idx[0])
             for seed in range(400)]  # fmt: skip
    assert np.bincount(first, minlength=4).min() > 70


def test_a_random_order_knows_nobody():
    model = Random().fit(library(TWO_GENRES))
    profile = Profile.from_weights({0: 1.0, 2: -1.0})
    np.testing.assert_array_equal(
        model.score(model.fold_in(profile)), model.score(model.fold_in(Profile.empty()))
    )
    assert model.explain(profile, 1) == []
    assert model.score_batch(sparse.csr_matrix((3, 6))).std(axis=0).max() == 0
    assert not model.is_personal


def test_random_tracks_of_the_genre_come_before_the_others():
    model = Random(5).fit(library(TWO_GENRES))
    found = model.similar(0, 9).track_idx.tolist()
    assert set(found[:2]) == {1, 4}
    assert sorted(found) == [1, 2, 3, 4, 5]


def test_a_saved_random_order_is_the_same_order():
    model = Random(9).fit(library(TWO_GENRES))
    again = Random(9).from_arrays(model.to_arrays())
    np.testing.assert_array_equal(again.score(np.empty(0)), model.score(np.empty(0)))
    assert again.similar(2).track_idx.tolist() == model.similar(2).track_idx.tolist()


def test_personal_top_is_the_profile_sorted_by_preference():
    model = create("personal_top").fit(library(TWO_GENRES))
    profile = Profile.from_weights({1: 0.5, 3: 2.0, 4: -1.0, 5: 0.75})
    found = model.recommend(profile, 6, exclude_known=False)
    assert found.track_idx.tolist() == [3, 5, 1, 0, 2, 4]
    assert found.scores.tolist() == [2.0, 0.75, 0.5, 0.0, 0.0, -1.0]


def test_the_evidence_of_a_favourite_is_the_favourite():
    model = PersonalTop().fit(library(TWO_GENRES))
    profile = Profile.from_weights({1: 0.5, 4: -1.0})
    (part,) = model.explain(profile, 1)
    assert (part.track_idx, part.contribution) == (1, 0.5)
    assert model.explain(profile, 0) == []
    assert model.explain(profile, 4) == []


def test_genres_of_favourites_add_their_share():
    model = PersonalTop(genre_weight=0.1).fit(library(TWO_GENRES))
    weights = {0: 2.0, 1: 1.0, 5: -1.0}
    expected = np.zeros(6)
    for known, value in weights.items():
        expected[known] += value
        for track in range(6):
            shared = sum(TWO_GENRES[known] * TWO_GENRES[track])
            expected[track] += value * 0.1 * shared / max(TWO_GENRES[known].sum(), 1)
    profile = Profile.from_weights(weights)
    np.testing.assert_allclose(model.score(model.fold_in(profile)), expected, rtol=1e-6)
    parts = model.contributions(profile, np.arange(6))
    np.testing.assert_allclose(parts.sum(0), expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("genre_weight", [-0.1, float("nan"), float("inf")])
def test_a_genre_weight_out_of_range_is_refused_in_words(genre_weight):
    with pytest.raises(InvalidInputError, match="genre_weight must be finite and at least 0"):
        PersonalTop(genre_weight).fit(library(TWO_GENRES))
