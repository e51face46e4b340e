from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse
from sklearn.decomposition import PCA

from segue.data.dataset import Dataset, TrackTable
from segue.errors import InvalidInputError
from segue.models.alike import AlikeKNN, principal_rows
from segue.models.sound import SoundKNN

N = 60
GENRE = np.arange(N) % 3


def spread(seed, width, around):
    """Rows around one of three middles, by genre."""
    rng = np.random.default_rng(seed)
    middles = rng.normal(size=(3, width))
    return (middles[GENRE] + around * rng.normal(size=(N, width))).astype(np.float32)


def data(sound=None, text=None, terms=None):
    table = TrackTable.bare(f"t{i}" for i in range(N))
    vectors = {name: v for name, v in (("sound", sound), ("text", text)) if v is not None}
    table = replace(table, vectors=vectors)
    if terms is not None:
        n = terms.shape[1]
        names, kinds = [f"g{i}" for i in range(n)], ["genre"] * n
        matrix = sparse.csr_matrix(terms, dtype=np.float32)
        table = replace(table, terms=matrix, term_names=names, term_kinds=kinds)
    return Dataset.from_csr(sparse.csr_matrix((1, N), dtype=np.float32), table)


def cosines(model):
    vectors = model.to_arrays()["vectors"]
    return vectors @ vectors.T


@pytest.mark.parametrize("weight", [0.0, 0.2, 0.5, 1.0])
def test_the_cosine_is_the_weighted_mean_of_those_of_sound_and_of_words(weight):
    sound, text = spread(1, 10, 1.0), spread(2, 20, 1.0)
    both = AlikeKNN(words_weight=weight, n_words=6).fit(data(sound, text))
    by_sound = cosines(SoundKNN().fit(data(sound)))
    words = PCA(6).fit_transform(text.astype(float))
    words /= np.linalg.norm(words, axis=1, keepdims=True)
    expected = (1 - weight) * by_sound + weight * words @ words.T
    np.testing.assert_allclose(cosines(both), expected, atol=1e-4)


def test_principal_rows_are_those_of_sklearn_and_unknown_rows_are_zero():
    vectors = spread(3, 12, 0.7)
    vectors[4] = np.nan
    found = principal_rows(vectors, 5, seed=0)
    known = np.delete(np.arange(N), 4)
    expected = PCA(5).fit_transform(vectors[known].astype(float))
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(np.abs(found[known]), np.abs(expected), atol=1e-4)
    assert not found[4].any()
    assert principal_rows(np.full((3, 2), np.nan, np.float32), 5, 0).shape == (3, 0)


def test_what_was_not_heard_yet_is_near_to_what_is_written_alike():
    sound, text = spread(1, 10, 0.3), spread(2, 20, 0.3)
    sound[[7, 8]] = np.nan
    model = AlikeKNN().fit(data(sound, text))
    assert model.to_arrays()["known"].all()
    for row in (7, 8):
        near = model.similar(row, 10).track_idx
        assert (GENRE[near] == GENRE[row]).all()
        assert not {7, 8} >= set(near.tolist())
    near_heard = {row for heard in range(N) for row in model.similar(heard, 15).track_idx.tolist()}
    assert {7, 8} <= near_heard  # and others are led to it


def test_what_nothing_is_written_of_is_near_to_what_sounds_alike():
    sound, text = spread(1, 10, 0.3), spread(2, 20, 0.3)
    text[5] = np.nan
    near = AlikeKNN().fit(data(sound, text)).similar(5, 10).track_idx
    assert (GENRE[near] == GENRE[5]).all()


def test_without_vectors_of_words_the_terms_stand_for_them():
    model = AlikeKNN().fit(data(terms=np.eye(3)[GENRE]))
    assert (GENRE[model.similar(4, 10).track_idx] == GENRE[4]).all()


def test_without_anything_all_scores_are_zero():
    model = AlikeKNN().fit(data())
    assert not model.to_arrays()["known"].any()
    assert not len(model.similar(4, 10)) or not model.similar(4, 10).scores.any()


@pytest.mark.parametrize(
    "bad", [{"n_words": 0}, {"words_weight": 1.1}, {"words_weight": -0.1}, {"n_components": 0}]
)
def test_parameters_that_are_none_are_refused(bad):
    with pytest.raises(InvalidInputError, match=next(iter(bad))):
        AlikeKNN(**bad).fit(data())
