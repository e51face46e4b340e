import dataclasses

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.vocabulary import Vocabulary
from segue.errors import ArtifactError
from segue.models.cluster_names import (
    ClusterFacts,
    distinct_names,
    facts_of,
    name_clusters,
    telling_decade,
    telling_genres,
    telling_traits,
)
from segue.models.music_map import EarlierMap, load_map, renumbered
from segue.models.track_space import BOTH, NOTHING, SOUND, WORDS, join_halves
from segue.training import mapping
from segue.training.mapping import draw_map
from support.pipeline_library import table


def dataset_of(tracks):
    likes = sparse.csr_matrix((1, len(tracks)), dtype=np.float32)
    return Dataset.from_csr(likes, tracks)


def heard_table(n=90, seed=0):
    """Three genres that also sound apart; sound is ten numbers."""
    tracks = table(n)
    rng = np.random.default_rng(seed)
    sound = rng.normal(size=(3, 10))[np.arange(n) % 3] + 0.2 * rng.normal(size=(n, 10))
    return dataclasses.replace(tracks, vectors={"sound": sound.astype(np.float32)})


# names


def test_a_group_is_called_by_what_it_has_and_others_have_not():
    tracks = table(60)
    ambient = np.flatnonzero(np.arange(60) % 3 == 0)
    assert telling_genres(tracks, ambient) == ("ambient",)
    assert len(telling_genres(tracks, np.arange(60))) == 2  # a third of each
    assert telling_genres(tracks, np.empty(0, np.int64)) == ()


def test_a_trait_is_named_when_the_group_stands_out():
    tempo = np.array([70.0] * 10 + [105.0] * 10 + [130.0] * 10)
    slow, middle, fast = (np.arange(start, start + 10) for start in (0, 10, 20))
    assert telling_traits({"tempo_bpm": tempo}, slow) == ("slow",)
    assert telling_traits({"tempo_bpm": tempo}, fast) == ("fast",)
    assert telling_traits({"tempo_bpm": tempo}, middle) == ()
    tempo[:6] = np.nan  # of most nothing is known
    assert telling_traits({"tempo_bpm": tempo}, slow) == ()


def test_a_decade_is_named_when_most_are_from_it():
    assert telling_decade(np.array([1990, 1995, 1999, 2004])) == "1990s"
    assert telling_decade(np.array([1990, 1995, 2001, 2004])) == ""
    assert telling_decade(np.array([1990, 0, 0])) == ""
    assert telling_decade(np.empty(0, np.int64)) == ""


def test_names_are_those_that_a_person_would_give():
    folk = ClusterFacts(("Folk",), ("slow",), "1970s", ("Nick",))
    dance = ClusterFacts(("Dance",), ("fast", "bright"), "", ("Abba",))
    assert distinct_names([folk, dance]) == ["Slow folk, 1970s", "Fast dance"]
    assert distinct_names([ClusterFacts(("EDM", "Trap"), (), "", ())]) == ["EDM & trap"]
    assert distinct_names([ClusterFacts((), ("calm",), "", ("Eno",))]) == ["Calm music"]


def test_no_two_groups_are_called_alike():
    same = ClusterFacts(("rock",), ("slow", "dark"), "", ("Low", "Can"))
    other = ClusterFacts(("rock",), ("slow", "dark"), "", ("Neu", "Can"))
    names = distinct_names([same, other, same, same])
    assert len(set(names)) == 4
    assert names[1] == "Slow and dark rock around Neu"
    assert distinct_names([ClusterFacts((), (), "", ())] * 3) == ["Music", "Music (2)", "Music (3)"]
    assert distinct_names([ClusterFacts((), (), "", ())]) == ["Music"]


def test_a_word_of_the_genre_is_not_said_twice():
    facts = ClusterFacts(("dark ambient",), ("dark", "slow"), "", ())
    assert distinct_names([facts]) == ["Slow dark ambient"]


def test_every_fact_in_a_name_holds():
    tracks = table(60)
    cluster_of = (np.arange(60) % 3).astype(np.int16)
    tempo = np.where(cluster_of == 0, 70.0, 130.0)
    facts = facts_of(tracks, cluster_of, {"tempo_bpm": tempo}, 0)
    assert facts.genres == ("ambient",)
    assert facts.traits == ("slow",)
    assert set(facts.artists) == {f"Band {i % 20}" for i in range(0, 60, 3)}
    names = name_clusters(tracks, cluster_of, {"tempo_bpm": tempo})
    assert names[0] == "Slow ambient"
    assert len(set(names)) == 3


# the space


def test_what_is_missing_is_taken_from_the_nearest_that_know_it():
    sound = np.eye(2)[[0, 0, 1, 1, 0]].astype(np.float32)
    words = np.eye(2)[[0, 0, 1, 1, 0]].astype(np.float32)
    sound[4], words[0] = 0.0, 0.0
    space = join_halves(np.vstack([sound, [[0, 0]]]), np.vstack([words, [[0, 0]]]))
    assert space.known.tolist() == [WORDS | SOUND if i else SOUND for i in range(4)] + [
        WORDS,
        NOTHING,
    ]
    assert np.linalg.norm(space.vectors, axis=1) == pytest.approx([1, 1, 1, 1, 1, 0])
    assert space.vectors[4] @ space.vectors[1] > space.vectors[4] @ space.vectors[2]


def test_with_one_half_alone_the_other_counts_for_nothing():
    words = np.eye(3, dtype=np.float32)
    space = join_halves(np.zeros((3, 0), np.float32), words)
    assert space.vectors.tolist() == words.tolist()
    assert set(space.known.tolist()) == {WORDS}


# the map


def test_tracks_of_a_kind_stand_together_and_in_one_group():
    drawn = draw_map(dataset_of(heard_table()))
    assert (drawn.known == BOTH).all()
    kinds = np.arange(90) % 3
    centres = np.stack([drawn.places[kinds == kind].mean(axis=0) for kind in range(3)])
    nearest = np.linalg.norm(drawn.places[:, None] - centres[None], axis=2).argmin(axis=1)
    assert (nearest == kinds).mean() > 0.95
    for group in range(len(drawn.cluster_names)):
        assert len(set(kinds[drawn.cluster_of == group])) == 1
    assert len(set(drawn.cluster_names)) == len(drawn.cluster_names) == 6


def test_an_unheard_track_is_placed_by_its_words_and_one_of_nothing_is_absent():
    tracks = heard_table()
    sound = tracks.vectors["sound"].copy()
    sound[[0, 1]] = np.nan
    terms = tracks.terms.tolil()
    terms[1] = 0.0
    tracks = dataclasses.replace(tracks, terms=sparse.csr_matrix(terms), vectors={"sound": sound})
    drawn = draw_map(dataset_of(tracks))
    assert drawn.known[:3].tolist() == [WORDS, NOTHING, BOTH]
    assert np.isnan(drawn.places[1]).all()
    assert drawn.cluster_of[1] == -1
    gaps = [np.linalg.norm(drawn.places[0] - drawn.places[k::3][1:].mean(axis=0)) for k in range(3)]
    assert int(np.argmin(gaps)) == 0


def test_tracks_beyond_those_laid_out_stand_among_their_like(monkeypatch):
    monkeypatch.setattr(mapping, "MAX_LAID_OUT", 150)
    drawn = draw_map(dataset_of(heard_table(450)))
    assert np.isfinite(drawn.places).all()
    gaps = np.linalg.norm(drawn.places[:, None] - drawn.places[None], axis=2)
    np.fill_diagonal(gaps, np.inf)
    nearest = np.argsort(gaps, axis=1)[:, :5]
    kind = np.arange(450) % 3
    assert (kind[nearest] == kind[:, None]).mean() > 0.9
    assert np.unique(drawn.places, axis=0).shape == drawn.places.shape  # none on top of another


def test_the_next_map_keeps_places_and_group_numbers():
    tracks = heard_table(99)
    before = dataclasses.replace(tracks)
    first = draw_map(dataset_of(before))
    earlier = EarlierMap(Vocabulary(reversed(list(tracks.ids))), _reversed(first))
    second = draw_map(dataset_of(tracks), earlier)
    moved = np.linalg.norm(second.places - first.places, axis=1).mean()
    assert moved < 0.1 * first.places.std()
    assert (second.cluster_of == first.cluster_of).mean() > 0.95


def _reversed(drawn):
    return dataclasses.replace(drawn, places=drawn.places[::-1], cluster_of=drawn.cluster_of[::-1])


def test_groups_take_the_number_that_keeps_most_tracks():
    now = np.array([0, 0, 0, 1, 1, 2, -1], np.int16)
    then = np.array([2, 2, 1, 0, 0, -1, 1])
    assert renumbered(now, then).tolist() == [2, 2, 2, 0, 0, 1, -1]


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_tiny_library_is_drawn(n):
    drawn = draw_map(dataset_of(table(n)))
    assert np.isfinite(drawn.places).all()
    assert len(drawn.cluster_names) >= 1


def test_an_empty_library_is_drawn():
    from segue.data.dataset import TrackTable

    drawn = draw_map(dataset_of(TrackTable.bare([])))
    assert drawn.places.shape == (0, 2)
    assert drawn.cluster_names == ()


def test_a_saved_map_is_the_same_and_a_damaged_one_is_refused(tmp_path):
    drawn = draw_map(dataset_of(heard_table(30)))
    drawn.save(tmp_path)
    loaded = load_map(tmp_path)
    for field in dataclasses.fields(drawn):
        a, b = getattr(drawn, field.name), getattr(loaded, field.name)
        assert a == b if isinstance(a, tuple) else np.array_equal(a, b, equal_nan=True)
    (tmp_path / "places.npy").write_bytes(b"no")
    with pytest.raises(ArtifactError, match="cannot be read"):
        load_map(tmp_path)
