"""The benchmark of households: who is asked, and what is compared."""

import numpy as np
import pytest
from benchmarks.quality import households
from benchmarks.quality.cold_data import Songs
from benchmarks.quality.list_data import Part
from scipy import sparse

from segue.data.dataset import Dataset
from segue.models.base import profile_of_row
from segue.synthetic.listeners import make_catalogue


def test_each_household_is_fitted_on_its_own_listening_and_asked_for_what_is_new_to_it():
    found = list(households.planted_households(2, 3))
    assert found
    for home in found:
        assert home.past.n_listeners == len(home.profiles) == 2
        for listener in home.part.listeners():
            known = set(home.profiles[listener].track_idx.tolist())
            assert not known & set(home.part.relevant(listener).tolist())


def test_terms_find_what_listening_cannot():
    """One listener likes five tracks of an artist, and would like the others."""
    tracks = make_catalogue(100, seed=2)
    of_artist = np.flatnonzero(tracks.artist_idx == tracks.artist_idx[0])
    likes, wanted = np.zeros((1, 100), np.float32), np.zeros((1, 100), np.float32)
    likes[0, of_artist[:5]] = wanted[0, of_artist[5:]] = 1.0
    past = Dataset.from_csr(sparse.csr_matrix(likes), tracks)
    profiles = [profile_of_row(past.interactions.user_items, 0)]
    part = Part("discover", sparse.csr_matrix(wanted))
    found = households.found_in(households.Household(past, profiles, part))
    assert found["taste alone, without terms"] == [0.0]
    assert found["taste alone, with terms"][0] > 0.9
    assert set(found) >= {"Discover, with terms", "content alone", "factors alone"}


def test_a_library_of_some_playlists_holds_their_songs_alone():
    pairs = sparse.csr_matrix(np.array([[1, 1, 0], [0, 1, 0], [0, 0, 1]], np.float32))
    songs = Songs(
        pairs,
        ["rock", "pop", "rap"],
        ["a", "b", "c"],
        ["x", "y", "z"],
        list("tuv"),
        np.array([1999, 2001, 2003]),
        np.arange(6, dtype=np.float32).reshape(3, 2),
    )
    some = households.library_of(songs, np.array([1, 2]))
    assert some.artist == ["b", "c"]
    assert some.subgenre_of_playlist == ["pop", "rap"]
    assert some.pairs.toarray().tolist() == [[1, 0], [0, 1]]
    assert some.year.tolist() == [2001, 2003]
    assert some.audio[0] == pytest.approx([2.0, 3.0])
