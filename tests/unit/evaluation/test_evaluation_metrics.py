"""Each metric against a loop over one list at a time, written from its definition."""

import math

import numpy as np
import pytest
from scipy import sparse

from segue.errors import InvalidDataError, InvalidInputError
from segue.evaluation import metrics

KS = (1, 3, 5, 9)


def lists(seed: int = 0) -> tuple[list[list[int]], list[set[int]]]:
    rng = np.random.default_rng(seed)
    ranked = [rng.permutation(12)[:7].tolist() for _ in range(40)]
    wanted = [set(rng.permutation(12)[: rng.integers(1, 9)].tolist()) for _ in range(40)]
    return ranked, wanted


def arrays(ranked: list[list[int]], wanted: list[set[int]]) -> tuple[np.ndarray, np.ndarray]:
    held_out = np.zeros((len(wanted), 12))
    for row, tracks in enumerate(wanted):
        held_out[row, list(tracks)] = 1
    return metrics.hits_of(np.array(ranked), sparse.csr_matrix(held_out)), np.array(
        [len(tracks) for tracks in wanted]
    )


def n_hits(ranked: list[int], wanted: set[int], k: int) -> int:
    return len(set(ranked[:k]) & wanted)


def oracle_dcg(ranked: list[int], wanted: set[int], k: int) -> float:
    return sum(
        1 / math.log2(place + 1)
        for place, track in enumerate(ranked[:k], start=1)
        if track in wanted
    )


def oracle_ideal(wanted: set[int], k: int) -> float:
    return sum(1 / math.log2(place + 1) for place in range(1, min(k, len(wanted)) + 1))


def oracle_mrr(ranked: list[int], wanted: set[int], k: int) -> float:
    for place, track in enumerate(ranked[:k], start=1):
        if track in wanted:
            return 1 / place
    return 0.0


def oracle_map(ranked: list[int], wanted: set[int], k: int) -> float:
    total = 0.0
    for place, track in enumerate(ranked[:k], start=1):
        if track in wanted:
            total += n_hits(ranked, wanted, place) / place
    return total / min(k, len(wanted))


ORACLES = {
    "recall": (
        lambda r, w, k: n_hits(r, w, k) / len(w),
        metrics.recall,
    ),
    "recall capped": (
        lambda r, w, k: n_hits(r, w, k) / min(k, len(w)),
        lambda hits, n, k: metrics.recall(hits, n, k, "capped"),
    ),
    "precision": (
        lambda r, w, k: n_hits(r, w, k) / k,
        lambda hits, n, k: metrics.precision(hits, k),
    ),
    "hit rate": (
        lambda r, w, k: float(n_hits(r, w, k) > 0),
        lambda hits, n, k: metrics.hit_rate(hits, k),
    ),
    "mrr": (oracle_mrr, lambda hits, n, k: metrics.reciprocal_rank(hits, k)),
    "map": (oracle_map, metrics.average_precision),
    "ndcg": (lambda r, w, k: oracle_dcg(r, w, k) / oracle_ideal(w, k), metrics.ndcg),
}


@pytest.mark.parametrize("k", KS)
@pytest.mark.parametrize("name", ORACLES)
def test_the_metric_is_its_definition(name, k):
    oracle, metric = ORACLES[name]
    ranked, wanted = lists()
    expected = [oracle(r, w, k) for r, w in zip(ranked, wanted, strict=True)]
    values = metric(*arrays(ranked, wanted), k)
    np.testing.assert_allclose(values, expected, rtol=1e-12)
    assert len(set(expected)) > 1


@pytest.mark.parametrize("k", KS)
def test_the_ratio_of_means_is_not_the_mean_of_ratios(k):
    ranked, wanted = lists()
    gained = [oracle_dcg(r, w, k) for r, w in zip(ranked, wanted, strict=True)]
    ideal = [oracle_ideal(w, k) for w in wanted]
    value = metrics.ndcg_ratio_of_means(*arrays(ranked, wanted), k)
    assert value == pytest.approx(sum(gained) / sum(ideal))
    if k > 1:
        assert value != pytest.approx(metrics.ndcg(*arrays(ranked, wanted), k).mean(), abs=1e-4)


@pytest.mark.parametrize("name", ORACLES)
def test_a_perfect_list_scores_one_where_it_can(name):
    ranked, wanted = [[4, 2, 9]], [{4, 2, 9}]
    assert ORACLES[name][1](*arrays(ranked, wanted), 3).tolist() == [1.0]


def test_places_after_the_end_of_a_list_are_misses():
    hits, n = arrays([[3, -1, -1]], [{3, 11}])
    assert hits.tolist() == [[True, False, False]]
    assert metrics.recall(hits, n, 3).tolist() == [0.5]


def test_a_place_filled_with_minus_one_never_hits_the_last_track_of_the_row_above():
    held_out = sparse.csr_matrix(np.array([[0, 0, 1.0], [1.0, 0, 0]]))
    hits = metrics.hits_of(np.array([[-1, 2], [-1, -1]]), held_out)
    assert hits.tolist() == [[False, True], [False, False]]


def test_entries_that_are_not_above_zero_are_not_relevant():
    held_out = sparse.csr_matrix(np.array([[1.0, -1.0, 0.5]]))
    assert metrics.hits_of(np.array([[0, 1, 2]]), held_out).tolist() == [[True, False, True]]


def test_empty_lists_score_zero():
    hits, n = np.zeros((2, 0), bool), np.array([1, 2])
    for _, metric in ORACLES.values():
        assert metric(hits, n, 5).tolist() == [0.0, 0.0]


def test_what_cannot_be_measured_is_refused():
    hits = np.zeros((2, 3), bool)
    with pytest.raises(InvalidInputError, match="k must be at least 1"):
        metrics.precision(hits, 0)
    with pytest.raises(InvalidDataError, match="n_relevant must be at least 1"):
        metrics.ndcg(hits, np.array([1, 0]), 2)
    with pytest.raises(InvalidDataError, match="hits has 2 rows"):
        metrics.recall(hits, np.array([1]), 2)
    with pytest.raises(InvalidInputError, match="denominator must be"):
        metrics.recall(hits, np.array([1, 1]), 2, "other")  # type: ignore[arg-type]
    with pytest.raises(InvalidDataError, match="ranked has 1 rows"):
        metrics.hits_of(np.zeros((1, 2), int), sparse.csr_matrix((2, 3)))


def test_artists_found_count_a_quarter_each_of_the_challenge():
    ranked, wanted = lists(4)
    artist = np.array([0, 0, 1, 1, 2, -1, 3, 3, 4, -1, 0, 5])
    held_out = np.zeros((len(wanted), 12))
    expected = []
    for row, (r, w) in enumerate(zip(ranked, wanted, strict=True)):
        held_out[row, list(w)] = 1
        first = r[: len(w)]
        mine = {int(artist[t]) for t in first if artist[t] >= 0}
        theirs = {int(artist[t]) for t in w if artist[t] >= 0}
        expected.append((len(set(first) & w) + 0.25 * len(mine & theirs)) / len(w))
    found = metrics.r_precision_with_artists(np.array(ranked), sparse.csr_matrix(held_out), artist)
    np.testing.assert_allclose(found, expected)
    none = metrics.r_precision_with_artists(
        np.array([[-1]]), sparse.csr_matrix([[0, -1.0]]), artist[:2]
    )
    assert np.isnan(none).all()
