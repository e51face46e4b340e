"""Full ranking against sorting by hand, and the interval against known distributions."""

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset
from segue.errors import InvalidDataError, InvalidInputError
from segue.evaluation.harness import count_relevant, evaluate, figure_of, rank_batch
from segue.evaluation.intervals import paired_bootstrap
from segue.evaluation.leaks import Periods
from segue.models.linear import EASE
from segue.models.popularity import Popularity


def split() -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    rng = np.random.default_rng(2)
    whole = rng.random((23, 15)) < 0.5
    held = whole & (rng.random((23, 15)) < 0.4)
    held[[3, 9]] = False
    return tuple(sparse.csr_matrix(part.astype(np.float32)) for part in (whole & ~held, held))


def fitted() -> EASE:
    return EASE(1.0).fit(Dataset.from_csr(split()[0]))


@pytest.mark.parametrize("mask_train", [True, False])
def test_ranking_is_sorting_all_tracks_by_score_and_then_row(mask_train):
    train, held = split()
    model = fitted()
    periods = Periods(1.0, 2.0)
    result = evaluate(model, train, held, (4,), 5, mask_train=mask_train, periods=periods)
    expected = []
    for row in result.listener_idx:
        known = set(train[row].indices.tolist()) if mask_train else set()
        scores = model.score_batch(train[row])[0]
        best = sorted((t for t in range(15) if t not in known), key=lambda t: (-scores[t], t))[:4]
        wanted = set(held[row].indices.tolist())
        expected.append(len(wanted & set(best)) / len(wanted))
    np.testing.assert_allclose(result.per_listener["recall@4"], expected)


def test_the_size_of_a_batch_changes_nothing():
    train, held = split()
    results = [evaluate(fitted(), train, held, (3, 7), size) for size in (1, 4, 999)]
    for name, values in results[0].per_listener.items():
        for other in results[1:]:
            np.testing.assert_allclose(other.per_listener[name], values)


def test_listeners_with_nothing_held_out_are_dropped_and_counted():
    result = evaluate(fitted(), *split())
    assert not {3, 9} & set(result.listener_idx.tolist())
    assert result.n_dropped == 23 - len(result.listener_idx) >= 2


def test_equal_scores_are_ranked_by_row():
    ranked = rank_batch(np.ones((2, 5)), 3, sparse.csr_matrix([[0, 1.0, 0, 0, 0], [0] * 5]))
    assert ranked.tolist() == [[0, 2, 3], [0, 1, 2]]


def test_short_lists_are_filled_with_minus_one():
    assert rank_batch(np.array([[1.0, np.nan, 2.0]]), 4).tolist() == [[2, 0, -1, -1]]


def test_a_model_that_is_not_personal_can_be_measured_too():
    train, held = split()
    popularity = Popularity().fit(Dataset.from_csr(train))
    assert 0 < evaluate(popularity, train, held, (5,))["ndcg@5"] < 1


def test_the_summary_has_mean_and_standard_error():
    result = evaluate(fitted(), *split(), ks=(5,))
    values = result.per_listener["ndcg@5"]
    figure = result.summary()["ndcg@5"]
    assert figure.mean == pytest.approx(sum(values) / len(values)) == result["ndcg@5"]
    deviation = (sum((v - figure.mean) ** 2 for v in values) / (len(values) - 1)) ** 0.5
    assert figure.standard_error == pytest.approx(deviation / len(values) ** 0.5)
    assert np.isnan(figure_of(np.ones(1)).standard_error)


def test_only_entries_above_zero_count_as_held_out():
    assert count_relevant(sparse.csr_matrix([[1.0, -1, 0], [0, 0, 0]])).tolist() == [1, 0]


def test_what_cannot_be_evaluated_is_refused():
    train, held = split()
    with pytest.raises(InvalidInputError, match="at least 1"):
        evaluate(fitted(), train, held, ks=(0,))
    with pytest.raises(InvalidInputError, match="at least 1"):
        evaluate(fitted(), train, held, ks=())
    with pytest.raises(InvalidDataError, match="shape"):
        evaluate(fitted(), train, held[:4])
    with pytest.raises(InvalidDataError, match="no listener"):
        evaluate(fitted(), train, sparse.csr_matrix(held.shape))


def test_the_interval_of_a_mean_is_about_two_standard_errors_wide():
    rng = np.random.default_rng(1)
    first, second = rng.normal(0.3, 1.0, 900), np.zeros(900)
    interval = paired_bootstrap(first, second, np.random.default_rng(2))
    error = first.std(ddof=1) / 30
    assert interval.difference == pytest.approx(first.mean())
    assert interval.low == pytest.approx(first.mean() - 1.96 * error, abs=0.15 * error)
    assert interval.high == pytest.approx(first.mean() + 1.96 * error, abs=0.15 * error)
    assert interval.is_above_zero


def test_pairs_of_the_same_difference_leave_no_doubt():
    base = np.random.default_rng(0).random(50)
    interval = paired_bootstrap(base + 0.25, base, np.random.default_rng(0), n_resamples=300)
    assert interval.low == pytest.approx(0.25) == interval.high
    swapped = paired_bootstrap(base, base + 0.25, np.random.default_rng(0), n_resamples=300)
    assert not swapped.is_above_zero


def test_a_bootstrap_of_nothing_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(InvalidDataError, match="one length"):
        paired_bootstrap(np.ones(2), np.ones(3), rng)
    with pytest.raises(InvalidInputError, match="level within"):
        paired_bootstrap(np.ones(2), np.ones(2), rng, level=1.0)
