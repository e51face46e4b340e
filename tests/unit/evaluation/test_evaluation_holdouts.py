"""Whole listeners and whole tracks held out, the leak check, and corrections for many models."""

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset
from segue.errors import InvalidDataError, InvalidInputError
from segue.evaluation.harness import evaluate
from segue.evaluation.intervals import holm, mean_bootstrap, ratio_bootstrap, sign_flip_p
from segue.evaluation.leaks import Periods
from segue.evaluation.metrics import r_precision
from segue.evaluation.split import cold_tracks, global_temporal, hold_out_listeners
from segue.models.popularity import Popularity


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.fixture
def matrix(rng):
    return sparse.csr_matrix((rng.random((30, 20)) < 0.5).astype(np.float32))


def test_held_out_listeners_are_in_no_training_row_and_their_parts_add_up(matrix, rng):
    cut = hold_out_listeners(matrix, 8, rng)
    assert sorted([*cut.train_rows, *cut.asked_rows]) == list(range(30))
    assert len(cut.asked_rows) == 8
    assert abs(cut.fold_in + cut.held_out - matrix[cut.asked_rows]).sum() == 0
    n = np.diff(matrix[cut.asked_rows].indptr)
    assert np.diff(cut.held_out.indptr).tolist() == [int(count) // 5 for count in n]


def test_cold_tracks_have_no_entry_in_training(matrix, rng):
    cut = cold_tracks(matrix, 0.25, rng)
    assert cut.cold.sum() == 5
    assert cut.train[:, cut.cold].nnz == cut.held_out[:, ~cut.cold].nnz == 0
    assert abs(cut.train + cut.held_out - matrix).sum() == 0


@pytest.mark.parametrize(("n", "share"), [(0, 0.8), (30, 0.8), (5, 0.0), (5, 1.0)])
def test_a_hold_out_that_leaves_one_side_empty_is_refused(matrix, rng, n, share):
    with pytest.raises(InvalidInputError):
        hold_out_listeners(matrix, n, rng, share)
    with pytest.raises(InvalidInputError):
        cold_tracks(matrix, 0.01 if n else 1.0, rng)


def test_the_gap_of_a_temporal_cut_is_in_no_part():
    times = np.arange(100.0)
    cut = global_temporal(times, 60.0, 80.0, gap_s=7.0)
    used = cut.train | cut.validation | cut.test
    assert times[~used].tolist() == [*range(53, 60), *range(73, 80)]
    assert times[cut.train].max() + 7 < times[cut.validation].min()


def test_a_leak_is_found_in_every_masked_evaluation(matrix):
    model = Popularity().fit(Dataset.from_csr(matrix))
    with pytest.raises(InvalidDataError, match="both train and held_out"):
        evaluate(model, matrix, matrix)
    found = evaluate(model, matrix, matrix, mask_train=False, periods=Periods(1.0, 2.0))
    assert found["hit@20"] == 1.0


def test_r_precision_looks_as_deep_as_tracks_were_held_out(rng):
    hits, n_relevant = rng.random((9, 6)) < 0.4, rng.integers(1, 7, 9)
    expected = [sum(row[:n]) / n for row, n in zip(hits.tolist(), n_relevant, strict=True)]
    np.testing.assert_allclose(r_precision(hits, n_relevant), expected)


def test_holm_rejects_the_same_as_stepping_down_by_hand(rng):
    for _ in range(50):
        p = rng.random(6) ** 3
        rejected = set()
        for step, i in enumerate(np.argsort(p)):
            if p[i] > 0.05 / (6 - step):
                break
            rejected.add(int(i))
        assert set(np.flatnonzero(holm(p) <= 0.05).tolist()) == rejected
    assert holm(np.empty(0)).tolist() == []


def test_a_p_value_outside_its_range_is_refused():
    with pytest.raises(InvalidInputError):
        holm(np.array([0.1, np.nan]))


def test_swapping_finds_a_clear_difference_and_none_between_equals(rng):
    base = rng.random(60)
    assert sign_flip_p(base + 0.2, base, rng) < 0.01
    assert sign_flip_p(base, base, rng) == 1.0
    # six listeners who all gain: 2 of the 64 signs are as extreme
    assert sign_flip_p(np.ones(6), np.zeros(6), rng, 20_000) == pytest.approx(2 / 64, abs=0.004)


def test_the_interval_of_a_mean_holds_the_mean(rng):
    values = rng.random(200)
    bounds = mean_bootstrap(values, rng)
    assert bounds.difference == pytest.approx(values.mean())
    half = 1.96 * values.std(ddof=1) / 200**0.5
    assert bounds.high - bounds.low == pytest.approx(2 * half, rel=0.1)


def test_the_interval_of_a_ratio_is_that_of_a_loop_over_the_same_draws(rng):
    above, below = rng.random(30), rng.random(30) + 0.5
    found = ratio_bootstrap(above, below, np.random.default_rng(4), n_resamples=200)
    again = np.random.default_rng(4)
    ratios = []
    for _ in range(200):
        rows = again.integers(30, size=30)
        ratios.append(sum(above[i] for i in rows) / sum(below[i] for i in rows))
    assert found.difference == pytest.approx(above.mean() / below.mean())
    assert [found.low, found.high] == pytest.approx(np.quantile(ratios, [0.025, 0.975]).tolist())
    with pytest.raises(InvalidDataError, match="above zero"):
        ratio_bootstrap(above, np.zeros(30), rng)
