"""Every measure of lists against plain loops over a seeded example."""

import itertools
import math

import numpy as np
import pytest
from scipy import sparse

from segue.errors import InvalidDataError, InvalidInputError
from segue.evaluation import beyond

N_LISTENERS, N_TRACKS, K = 11, 14, 4


@pytest.fixture
def ranked():
    rng = np.random.default_rng(5)
    lists = np.array([rng.permutation(N_TRACKS)[:6] for _ in range(N_LISTENERS)], np.int32)
    lists[2, 3:] = -1
    lists[7, 1:] = -1
    lists[8] = -1
    return lists


@pytest.fixture
def likes():
    rng = np.random.default_rng(6)
    chance = np.linspace(0.1, 0.9, N_TRACKS)
    whole = (rng.random((N_LISTENERS, N_TRACKS)) < chance) * rng.choice([-1.0, 1, 2], N_TRACKS)
    whole[4] = 0
    return sparse.csr_matrix(whole.astype(np.float32))


def shown(ranked, row):
    return [int(t) for t in ranked[row][:K] if t >= 0]


def test_exposure_counts_places_of_artists_and_leaves_out_tracks_without_one(ranked):
    artist = np.array([0, 0, 1, 1, 2, -1, 3, 3, 3, -1, 4, 0, 2, 1])
    expected = [0] * 6
    for row in range(N_LISTENERS):
        for track in shown(ranked, row):
            if artist[track] >= 0:
                expected[artist[track]] += 1
    assert beyond.exposure(ranked, K, artist, 6).tolist() == expected
    assert beyond.coverage(np.array(expected)) == sum(c > 0 for c in expected) / 6


def test_gini_is_half_the_mean_difference_over_the_mean():
    counts = np.array([5, 0, 2, 9, 2, 1])
    pairs = [abs(a - b) for a in counts.tolist() for b in counts.tolist()]
    assert beyond.gini(counts) == pytest.approx(np.mean(pairs) / 2 / counts.mean())
    assert beyond.gini(np.full(7, 3)) == pytest.approx(0.0)
    assert beyond.gini(np.zeros(3, int)) == 0.0


def test_shannon_is_the_entropy_of_the_shares():
    counts = [5, 0, 2, 9]
    expected = -sum(c / 16 * math.log2(c / 16) for c in counts if c)
    assert beyond.shannon(np.array(counts)) == pytest.approx(expected)
    assert beyond.shannon(np.zeros(3, int)) == 0.0


def test_novelty_is_the_mean_surprise_of_a_list(ranked):
    n_heard = np.arange(N_TRACKS)
    found = beyond.novelty(ranked, K, n_heard, 20)
    for row in range(N_LISTENERS):
        bits = [-math.log2((n_heard[t] + 1) / 21) for t in shown(ranked, row)]
        assert found[row] == pytest.approx(sum(bits) / len(bits) if bits else math.nan, nan_ok=True)


def test_diversity_is_the_mean_distance_of_all_pairs(ranked):
    terms = np.random.default_rng(7).integers(0, 3, (N_TRACKS, 5)).astype(np.float32)
    terms[[3, 6]] = 0
    found = beyond.intra_list_diversity(ranked, K, sparse.csr_matrix(terms))
    for row in range(N_LISTENERS):
        distances = []
        for a, b in itertools.combinations(shown(ranked, row), 2):
            length = np.linalg.norm(terms[a]) * np.linalg.norm(terms[b])
            distances.append(1 - terms[a] @ terms[b] / length if length else 1.0)
        expected = np.mean(distances) if distances else math.nan
        assert found[row] == pytest.approx(expected, nan_ok=True, abs=1e-6)


def test_a_catalogue_without_terms_is_as_diverse_as_can_be(ranked):
    found = beyond.intra_list_diversity(ranked, K, sparse.csr_matrix((N_TRACKS, 0)))
    assert np.nanmin(found) == np.nanmax(found) == 1.0


def test_tracks_without_an_artist_are_each_their_own(ranked):
    artist = np.array([0, 0, 1, 1, 0, -1, 1, 1, 0, -1, 1, 0, -1, 1])
    for row, count in enumerate(beyond.distinct_artists(ranked, K, artist)):
        assert count == len({artist[t] if artist[t] >= 0 else f"own {t}"
                             for t in shown(ranked, row)})  # fmt: skip


def test_mainstreaminess_is_what_two_histograms_share(likes):
    dense = likes.toarray() > 0
    everybody = dense.sum(axis=0) / dense.sum()
    for row, value in enumerate(beyond.mainstreaminess(likes)):
        own = dense[row] / max(dense[row].sum(), 1)
        assert value == pytest.approx(sum(min(a, b) for a, b in zip(own, everybody, strict=True)))


def test_popularity_lift_compares_lists_with_profiles_in_each_third(ranked, likes):
    dense = likes.toarray() > 0
    popularity = dense.sum(axis=0) / N_LISTENERS
    main = beyond.mainstreaminess(likes)
    asked = [r for r in range(N_LISTENERS) if dense[r].any() and shown(ranked, r)]
    asked.sort(key=lambda r: (main[r], r))
    found = beyond.popularity_lift(ranked, K, likes)
    assert len(asked) == 9  # thirds of three
    for name, third in zip(beyond.THIRDS, (asked[:3], asked[3:6], asked[6:]), strict=True):
        profile = np.mean([popularity[dense[r]].mean() for r in third])
        lists = np.mean([np.mean([popularity[t] for t in shown(ranked, r)]) for r in third])
        assert found[name] == pytest.approx((lists - profile) / profile)


def test_a_list_equal_to_the_profile_lifts_nothing_and_no_listener_is_no_lift():
    own = np.array([[0, 1], [1, 2], [2, 0]])
    likes = sparse.csr_matrix([[1.0, 1, 0], [0, 1, 1], [1, 0, 1]])
    assert set(beyond.popularity_lift(own, 2, likes).values()) == {0.0}
    empty = beyond.popularity_lift(np.full((3, 2), -1), 2, likes)
    assert all(math.isnan(value) for value in empty.values())


def test_repeats_and_discoveries_are_recalled_apart(ranked, likes):
    held = sparse.csr_matrix(np.random.default_rng(8).random((N_LISTENERS, N_TRACKS)) < 0.3)
    parts = beyond.recall_parts(ranked, K, held, likes)
    share = beyond.repeat_share(ranked, K, likes)
    for row in range(N_LISTENERS):
        known, first = set(likes[row].indices.tolist()), set(shown(ranked, row))
        wanted = set(held[row].indices.tolist())
        for value, part in (
            (parts.repeat, wanted & known),
            (parts.exploration, wanted - known),
        ):
            expected = len(first & part) / len(part) if part else math.nan
            assert value[row] == pytest.approx(expected, nan_ok=True)
        expected = len(first & known) / len(first) if first else math.nan
        assert share[row] == pytest.approx(expected, nan_ok=True)


def test_a_list_of_no_length_and_rows_that_do_not_match_are_refused(ranked, likes):
    with pytest.raises(InvalidInputError, match="k must be at least 1"):
        beyond.exposure(ranked, 0, np.arange(N_TRACKS), N_TRACKS)
    with pytest.raises(InvalidDataError, match="rows"):
        beyond.repeat_share(ranked[:3], K, likes)
