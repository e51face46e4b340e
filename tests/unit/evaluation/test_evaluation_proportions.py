"""The interval of a share in groups against other ways to write it, and how often it holds."""

import numpy as np
import pytest
from scipy.stats import binomtest

from segue.errors import InvalidInputError
from segue.evaluation.proportions import Grouped, effective_n, share_of


def grouped(n, hits):
    """Sums of groups given as two vectors."""
    n, hits = np.asarray(n, float), np.asarray(hits, float)
    return Grouped(
        n_groups=len(n),
        n=int(n.sum()),
        hits=int(hits.sum()),
        sum_nn=float(n @ n),
        sum_ny=float(n @ hits),
        sum_yy=float(hits @ hits),
    )


def by_residuals(n, hits):
    """The effective number written with residuals of groups, not with sums of squares."""
    n, hits = np.asarray(n, float), np.asarray(hits, float)
    share = hits.sum() / n.sum()
    residuals = hits - share * n
    variance = residuals.var(ddof=1) * len(n) / n.sum() ** 2  # residuals have the mean 0
    return share * (1 - share) / variance


def test_the_variance_is_that_of_a_ratio_of_sums():
    rng = np.random.default_rng(3)
    n = rng.integers(1, 30, 40)
    hits = rng.binomial(n, rng.beta(2, 3, 40))
    assert effective_n(grouped(n, hits)) == pytest.approx(by_residuals(n, hits))


@pytest.mark.parametrize(("n", "hits"), [(50, 20), (7, 1), (400, 399)])
def test_with_the_effective_number_it_is_the_interval_of_wilson(n, hits):
    # groups of one case each: n - 1 cases of effect, since the variance is estimated
    cases = grouped(np.ones(n), np.r_[np.ones(hits), np.zeros(n - hits)])
    assert effective_n(cases) == pytest.approx(n - 1)
    ours = share_of(cases)
    share, z, m = hits / n, 1.959963984540054, n - 1
    # the bounds are where the score test is on its edge: (p - q)^2 = z^2 q (1 - q) / m
    for q in (ours.low, ours.high):
        assert (share - q) ** 2 == pytest.approx(z * z * q * (1 - q) / m)


def test_many_groups_of_one_case_agree_with_scipy():
    cases = grouped(np.ones(5_000), np.r_[np.ones(1_000), np.zeros(4_000)])
    theirs = binomtest(1_000, 5_000).proportion_ci(method="wilson")
    assert share_of(cases).low == pytest.approx(theirs.low, abs=1e-5)
    assert share_of(cases).high == pytest.approx(theirs.high, abs=1e-5)


def test_cases_that_are_all_alike_in_their_group_count_as_one_each():
    n = np.full(30, 12)
    hits = np.r_[np.full(10, 12), np.zeros(20)]
    assert effective_n(grouped(n, hits)) == pytest.approx(29)


@pytest.mark.parametrize("hits", [0, 60])
def test_a_share_of_nothing_or_all_has_the_doubt_of_its_groups(hits):
    cases = grouped(np.full(6, 10), np.full(6, hits / 6))
    assert effective_n(cases) == 6.0
    share = share_of(cases)
    assert 0.0 <= share.low <= share.value <= share.high <= 1.0
    assert share.high - share.low > 0.3


def test_one_evening_says_next_to_nothing():
    share = share_of(grouped([200], [120]))
    assert share.value == 0.6
    assert share.high - share.low > 0.7


def test_groups_that_share_evenly_do_not_make_more_of_cases_than_there_are():
    assert effective_n(grouped(np.full(10, 4), np.full(10, 2))) == 10.0
    assert effective_n(grouped([3, 4, 5], [2, 2, 3])) <= 12.0


@pytest.mark.slow
@pytest.mark.parametrize(("share", "least"), [(0.3, 0.93), (0.03, 0.90)])
def test_it_holds_about_as_often_as_it_says_and_the_plain_one_does_not(share, least):
    rng = np.random.default_rng(9)
    held = plain_held = 0
    for _ in range(2_000):
        n = rng.integers(1, 40, 60)
        hits = rng.binomial(n, rng.beta(share * 4, (1 - share) * 4, 60))
        ours = share_of(grouped(n, hits))
        held += ours.low <= share <= ours.high
        plain = binomtest(int(hits.sum()), int(n.sum())).proportion_ci(method="wilson")
        plain_held += plain.low <= share <= plain.high
    assert held / 2_000 > least
    assert plain_held / 2_000 < 0.8


@pytest.mark.parametrize(("n_groups", "n", "hits"), [(0, 0, 0), (1, 1, 2), (3, 2, 1), (1, 2, -1)])
def test_what_is_no_share_is_refused(n_groups, n, hits):
    with pytest.raises(InvalidInputError, match="groups"):
        effective_n(Grouped(n_groups=n_groups, n=n, hits=hits, sum_nn=1.0, sum_ny=1.0, sum_yy=1.0))
