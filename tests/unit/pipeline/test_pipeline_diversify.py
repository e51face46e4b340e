import dataclasses
import math

import numpy as np
import pytest
from scipy import sparse

from segue.data.csr import row_entries
from segue.pipeline.calibrate import GenreMix, divergence, genre_mix, genre_shares
from segue.pipeline.diversify import _Genres, arrange, similarity_to
from segue.pipeline.rank import Ranking
from support.pipeline_library import event, profile, table


def ranking(scores):
    scores = np.asarray(scores, float)
    n = len(scores)
    return Ranking(np.arange(n, dtype=np.int32), scores, np.ones((n, 1)), np.zeros(n, np.int32))


def by_artist(artists, albums=None):
    n = len(artists)
    album = np.full(n, -1) if albums is None else np.array(albums)
    return dataclasses.replace(
        table(n), artist_idx=np.array(artists, np.int32), album_idx=album.astype(np.int32)
    )


def test_without_controls_the_order_is_that_of_the_scores(library):
    scores = np.linspace(2, 1, len(library))
    assert arrange(ranking(scores), library, 9).places.tolist() == list(range(9))


def test_spacing_takes_the_best_track_that_the_gap_permits():
    tracks = by_artist([0, 0, 1, 0, 2, 1, 3])
    order = arrange(ranking(np.linspace(2, 1, 7)), tracks, 5, artist_gap=2)
    assert order.places.tolist() == [0, 2, 4, 1, 5]  # 0 again only after two others
    assert order.relaxed == {}


def test_spacing_follows_a_slow_twin_written_another_way():
    rng = np.random.default_rng(3)
    artists, albums = rng.integers(0, 9, 80), rng.integers(0, 15, 80)
    got = arrange(ranking(np.linspace(2, 1, 80)), by_artist(artists, albums), 30,
                  artist_gap=3, album_gap=5)  # fmt: skip
    taken = []
    for _ in range(30):
        for i in range(80):
            if i in taken or artists[i] in artists[taken[-3:]] or albums[i] in albums[taken[-5:]]:
                continue
            taken.append(i)
            break
    assert got.places.tolist() == taken
    assert got.relaxed == {}


def test_albums_are_spaced_by_their_own_gap():
    order = arrange(ranking([2, 1.9, 1.8, 1.7]), by_artist([0, 1, 2, 3], [5, 5, 6, 7]), 4,
                    album_gap=2)  # fmt: skip
    assert order.places.tolist() == [0, 2, 3, 1]


def test_tracks_of_no_artist_or_album_are_not_spaced():
    order = arrange(ranking([3, 2, 1]), by_artist([-1, -1, -1]), 3, artist_gap=3, album_gap=3)
    assert order.places.tolist() == [0, 1, 2]


def test_gaps_give_way_when_nothing_else_is_left_and_it_is_counted():
    order = arrange(ranking([3, 2, 1]), by_artist([0, 0, 1]), 3, artist_gap=1)
    assert order.places.tolist() == [0, 2, 1]
    assert order.relaxed == {}
    order = arrange(ranking([3, 2, 1]), by_artist([0, 0, 0]), 3, artist_gap=1)
    assert order.places.tolist() == [0, 1, 2]
    assert order.relaxed == {"artist_gap": 2}


def test_where_a_kind_has_run_out_the_best_of_the_other_stands_and_it_is_counted():
    """A track heard before is due and there is none: 4 suits the genres best, 0 comes first."""
    mix = GenreMix(np.array([0, 1]), np.array([0.05, 0.95]))
    order = arrange(ranking([1, 0.99, 0.98, 0.97, 0.96]), table(5), 2, mix=mix,
                    familiar=1 - 1e-6, heard=np.empty(0, np.int32))  # fmt: skip
    assert order.places.tolist() == [1, 4]
    assert order.relaxed == {"familiar": 1}


def test_a_prolific_artist_does_not_crowd_the_others_out():
    artists = [0] * 400 + list(range(1, 30))
    order = arrange(ranking(np.linspace(2, 1, 429)), by_artist(artists), 20, artist_gap=3)
    assert order.relaxed == {}


@pytest.mark.parametrize("variety", [0.3, 0.6, 0.8])
def test_variety_is_maximal_marginal_relevance_as_written_in_the_paper(variety):
    tracks = table(24)
    scores = np.linspace(2, 0.2, 24)
    got = arrange(ranking(scores), tracks, 10, variety=variety).places.tolist()
    dense = tracks.terms.toarray().astype(bool)
    sets = [set(np.flatnonzero(row)) | {("artist", tracks.artist_idx[i])}
            for i, row in enumerate(dense)]  # fmt: skip
    cosine = [[len(a & b) / math.sqrt(len(a) * len(b)) for b in sets] for a in sets]
    taken = []
    while len(taken) < 10:
        left = [i for i in range(24) if i not in taken]
        worth = {
            i: (1 - variety) * scores[i] / scores[0]
            - variety * max([cosine[i][j] for j in taken], default=0.0)
            for i in left
        }
        taken.append(max(left, key=lambda i: (round(worth[i], 9), -i)))
    assert got == taken


def test_similarity_of_a_track_to_itself_is_one_and_of_strangers_zero():
    terms = sparse.csr_matrix(np.array([[1, 1, 0], [0, 0, 1], [0, 0, 0]], np.float32))
    np.testing.assert_allclose(similarity_to(terms, np.array([1, 2, -1]), 0), [1, 0, 0], rtol=1e-6)
    assert similarity_to(terms, np.array([1, 2, -1]), 2).tolist() == [0, 0, 0]


def test_more_variety_means_less_alike(library):
    def nearest(variety):
        rows = arrange(ranking(np.linspace(2, 1, 60)), library, 10, variety=variety).places
        terms = library.terms[rows]
        return sum(np.sort(similarity_to(terms, library.artist_idx[rows], i))[-2]
                   for i in range(10))  # fmt: skip

    assert nearest(0.9) <= nearest(0.3) <= nearest(0.0)


def test_divergence_is_kullback_leibler_with_smoothing():
    p, q = [0.7, 0.2, 0.1], [0.0, 0.5, 0.5]
    wanted = sum(a * math.log(a / (0.99 * b + 0.01 * a)) for a, b in zip(p, q, strict=True))
    assert divergence(np.array(p), np.array([q]))[0] == pytest.approx(wanted, rel=1e-12)


def test_the_fast_divergence_of_a_growing_list_is_the_plain_one(library):
    mix = genre_mix(profile([event("t0"), event("t3"), event("t1")], library), library)
    shares = genre_shares(row_entries(library.terms, np.arange(len(library))), mix.columns)
    fast, taken = _Genres(shares, mix), []
    for choice in (4, 0, 2, 9):
        lists = [shares[[*taken, i]].mean(axis=0) for i in range(len(library))]
        np.testing.assert_allclose(
            fast.divergence(len(taken)), divergence(mix.shares, np.array(lists)), rtol=1e-3,
            atol=1e-4,
        )  # fmt: skip
        fast.take(choice)
        taken.append(choice)


def test_the_mix_of_a_listener_splits_each_track_over_its_genres():
    terms = table(3).terms.toarray()
    terms[0, 1] = 1.0  # track 0 is ambient and trip hop
    tracks = dataclasses.replace(table(3), terms=sparse.csr_matrix(terms))
    listener = profile([event("t0"), event("t2")], tracks)
    mix = genre_mix(listener, tracks)
    shares = dict(zip((tracks.term_names[c] for c in mix.columns), mix.shares, strict=True))
    assert shares == pytest.approx({"ambient": 0.25, "trip hop": 0.25, "metal": 0.5})


def test_a_listener_without_genres_has_no_mix(library):
    assert genre_mix(profile([], library), library) is None


def test_calibration_brings_the_genres_of_a_list_nearer_to_the_listener(library):
    liked = [event(f"t{i}") for i in (0, 3, 6, 1)]  # three ambient, one trip hop
    mix = genre_mix(profile(liked, library), library)
    scores = 1.0 + 0.1 * (np.arange(60) % 3 == 0) + np.linspace(0.1, 0, 60)  # only ambient on top
    candidates = ranking(np.sort(scores)[::-1])
    candidates = dataclasses.replace(candidates, track_idx=np.argsort(-scores).astype(np.int32))
    shares = genre_shares(row_entries(library.terms, np.arange(len(library))), mix.columns)

    def off(order):
        rows = candidates.track_idx[order.places]
        return divergence(mix.shares, shares[rows].mean(axis=0, keepdims=True))[0]

    assert off(arrange(candidates, library, 12, mix=mix)) < off(arrange(candidates, library, 12))


@pytest.mark.parametrize("familiar", [0.1, 0.3, 0.5, 0.8])
def test_every_prefix_keeps_the_share_of_heard_tracks_within_one(library, familiar):
    heard = np.arange(0, 60, 2)
    order = arrange(ranking(np.linspace(2, 1, 60)), library, 20, familiar=familiar, heard=heard)
    counts = np.cumsum(order.places % 2 == 0)
    assert (np.abs(counts - familiar * np.arange(1, 21)) <= 1 + 1e-9).all()
    assert order.relaxed == {}


def test_the_mix_gives_way_when_one_kind_runs_out_and_it_is_counted(library):
    order = arrange(ranking(np.linspace(2, 1, 60)), library, 10, familiar=0.5,
                    heard=np.array([1, 2]))  # fmt: skip
    assert len(order.places) == 10
    assert order.relaxed == {"familiar": 5}
