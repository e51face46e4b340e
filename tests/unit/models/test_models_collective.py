"""Collective EDLAE against ridge regressions on rows stacked by hand."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset, TrackTable
from segue.data.query import Profile
from segue.errors import InvalidDataError, InvalidInputError
from segue.models.collective import CollectiveEDLAE, mean_of_friends, smoothed_by_friends, term_rows
from segue.models.linear import EDLAE

KINDS = ["genre", "genre", "tag", "artist", "mood"]


def likes_and_terms() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    likes = rng.integers(0, 3, (20, 7)) * (rng.random((20, 7)) < 0.5)
    return likes.astype(float), (rng.random((7, 5)) < 0.6).astype(float)


def data_of(likes: np.ndarray, terms: np.ndarray) -> Dataset:
    table = replace(
        TrackTable.bare(str(i) for i in range(len(terms))),
        terms=sparse.csr_matrix(terms.astype(np.float32)),
        term_names=[f"term {i}" for i in range(5)],
        term_kinds=KINDS,
    )
    return Dataset.from_csr(sparse.csr_matrix(likes), table)


def weights_of(model: EDLAE) -> np.ndarray:
    n = model.n_tracks
    return model.contributions(Profile.from_weights(dict.fromkeys(range(n), 1.0)), np.arange(n))


@pytest.mark.parametrize("form", ["dense", "dual"])
@pytest.mark.parametrize("inverse_frequency", [False, True])
def test_each_column_is_the_regression_on_listening_and_weighted_terms(form, inverse_frequency):
    likes, terms = likes_and_terms()
    model = CollectiveEDLAE(2.0, 0.5, genre_weight=0.7, tag_weight=1.5, artist_weight=0.3,
                            inverse_frequency=inverse_frequency, min_term_tracks=1,
                            form=form).fit(data_of(likes, terms))  # fmt: skip
    stacked = list(likes)
    for column, weight in enumerate([0.7, 0.7, 1.5, 0.3, 1.5]):  # an unnamed kind goes as a tag
        df = terms[:, column].sum()
        idf = np.log(1 + 7 / df) / np.log(8) if inverse_frequency else 1.0
        stacked.append(weight * idf * terms[:, column])
    rows = np.array(stacked)
    found = weights_of(model)
    for track in range(7):
        others = np.delete(np.arange(7), track)
        a = rows[:, others]
        penalty = np.sqrt(2.0 + (a**2).sum(0))  # dropout .5: its factor is 1
        system = np.vstack([a, np.diag(penalty)])
        wanted = np.concatenate([rows[:, track], np.zeros(6)])
        best = np.linalg.lstsq(system, wanted, rcond=None)[0]
        np.testing.assert_allclose(found[others, track], best, rtol=1e-3, atol=1e-5)


def test_without_weights_of_terms_it_is_edlae():
    likes, terms = likes_and_terms()
    off = {f"{kind}_weight": 0.0 for kind in ("genre", "tag", "artist", "album", "decade", "word")}
    collective = CollectiveEDLAE(2.0, 0.5, **off).fit(data_of(likes, terms))
    plain = EDLAE(2.0, 0.5).fit(data_of(likes, terms))
    np.testing.assert_array_equal(weights_of(collective), weights_of(plain))


def test_a_track_nobody_played_is_found_through_its_terms():
    likes, terms = likes_and_terms()
    likes[:, 3], terms[3], terms[5] = 0, [1, 0, 0, 0, 0], [1, 0, 0, 0, 0]
    assert not weights_of(EDLAE(2.0, 0.5).fit(data_of(likes, terms)))[:, 3].any()
    assert weights_of(CollectiveEDLAE(2.0, 0.5).fit(data_of(likes, terms)))[5, 3] > 0


def test_of_tracks_with_the_same_listeners_those_with_more_terms_are_kept():
    terms = np.array([[1, 0, 0, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 1, 0]], float)
    model = CollectiveEDLAE(1.0, max_items=2).fit(data_of(np.ones((2, 3)), terms))
    assert not weights_of(model)[0].any()
    assert weights_of(model)[1, 2] > 0


def test_terms_of_too_few_tracks_or_no_weight_are_left_out():
    terms = sparse.csr_matrix([[1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    rows = term_rows(terms, np.array([1.0, 0.0, 2.0]), 2, False)
    assert rows.toarray().tolist() == [[2.0, 2.0]]


def test_of_many_terms_those_that_weigh_most_are_taken():
    """The same as a catalogue that has only those: the tag of one weight more than the genres."""
    likes, terms = likes_and_terms()
    weight = np.array([0.7, 0.7, 1.5, 0.3, 1.5])
    squares = (weight**2) * terms.sum(axis=0)  # without inverse frequency
    kept = sorted(range(5), key=lambda column: -squares[column])[:2]
    only = np.zeros_like(terms)
    only[:, kept] = terms[:, kept]
    plain = {"genre_weight": 0.7, "tag_weight": 1.5, "artist_weight": 0.3, "min_term_tracks": 1,
             "inverse_frequency": False}  # fmt: skip
    some = CollectiveEDLAE(max_terms=2, **plain).fit(data_of(likes, terms))
    expected = CollectiveEDLAE(**plain).fit(data_of(likes, only))
    np.testing.assert_allclose(weights_of(some), weights_of(expected), atol=1e-6)
    every = CollectiveEDLAE(max_terms=5, **plain).fit(data_of(likes, terms))
    assert not np.allclose(weights_of(every), weights_of(some))


def test_smoothing_adds_the_mean_of_the_friends():
    rng = np.random.default_rng(2)
    plays, friends = rng.random((5, 4)), (rng.random((5, 5)) < 0.5).astype(float)
    friends[2] = 0  # nobody
    found = smoothed_by_friends(sparse.csr_matrix(plays), sparse.csr_matrix(friends), 0.3)
    for row in range(5):
        near = plays[friends[row] > 0]
        wanted = plays[row] + (0.3 * near.mean(0) if len(near) else 0.0)
        np.testing.assert_allclose(found.toarray()[row], wanted)


def test_a_bound_of_no_terms_is_refused():
    likes, terms = likes_and_terms()
    with pytest.raises(InvalidInputError, match="max_terms must be at least 1, got 0"):
        CollectiveEDLAE(max_terms=0).fit(data_of(likes, terms))


def test_what_is_out_of_range_is_refused_in_words():
    likes, terms = likes_and_terms()
    for params, words in (
        ({"tag_weight": -1.0}, "tag_weight must be finite and >= 0"),
        ({"genre_weight": float("inf")}, "genre_weight must be finite"),
        ({"min_term_tracks": 0}, "min_term_tracks must be at least 1"),
    ):
        with pytest.raises(InvalidInputError, match=words):
            CollectiveEDLAE(**params).fit(data_of(likes, terms))
    plays = sparse.csr_matrix((3, 2))
    with pytest.raises(InvalidDataError, match="friends must have shape"):
        smoothed_by_friends(plays, sparse.csr_matrix((2, 2)), 1.0)
    with pytest.raises(InvalidInputError, match="weight must be finite"):
        smoothed_by_friends(plays, sparse.csr_matrix((3, 3)), -1.0)


def test_the_mean_of_friends_is_the_mean_of_their_rows():
    rng = np.random.default_rng(2)
    plays, friends = rng.random((5, 4)), (rng.random((5, 5)) < 0.5).astype(float)
    friends[2] = 0  # nobody
    found = mean_of_friends(sparse.csr_matrix(plays), sparse.csr_matrix(friends)).toarray()
    for row in range(5):
        near = plays[friends[row] > 0]
        np.testing.assert_allclose(found[row], near.mean(0) if len(near) else 0.0)
    with pytest.raises(InvalidDataError, match="friends must have shape"):
        mean_of_friends(sparse.csr_matrix(plays), sparse.csr_matrix((2, 2)))
