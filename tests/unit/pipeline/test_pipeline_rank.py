from fractions import Fraction

import numpy as np
import pytest

from segue.data.query import Profile, Query
from segue.pipeline.candidates import Part, Source
from segue.pipeline.rank import damped, fuse
from segue.pipeline.rules import SHUFFLED


def part(key, rows, weight=1.0, tier=0):
    return Part(key, Source(key, SHUFFLED), Query("for_you", Profile.empty(), 1), weight, tier,
                np.array(rows, np.int32), np.linspace(1, 0.5, len(rows)))  # fmt: skip


def test_fused_scores_are_weighted_sums_of_reciprocal_ranks():
    lists = {"a": ([4, 1, 7], 1), "b": ([7, 2], Fraction(1, 2)), "c": ([1], 2)}
    fused = fuse([part(key, rows, float(weight)) for key, (rows, weight) in lists.items()])
    wanted = {}
    for rows, weight in lists.values():
        for rank, row in enumerate(rows, start=1):
            wanted[row] = wanted.get(row, 0) + weight * Fraction(1, 60 + rank)
    assert fused.track_idx.tolist() == sorted(wanted, key=lambda row: (-wanted[row], row))
    expected = [float(wanted[row]) for row in fused.track_idx.tolist()]
    np.testing.assert_allclose(fused.scores, expected, rtol=1e-12)


def test_shares_of_a_track_sum_to_one_and_name_only_its_sources():
    fused = fuse([part("a", [3, 5]), part("b", [5, 9], 2.0)])
    np.testing.assert_allclose(fused.shares.sum(axis=1), 1.0)
    shares = dict(zip(fused.track_idx.tolist(), fused.shares.tolist(), strict=True))
    assert shares[3] == [1.0, 0.0]
    assert shares[5] == pytest.approx([(1 / 62) / (1 / 62 + 2 / 61), (2 / 61) / (1 / 62 + 2 / 61)])


def test_a_fallback_goes_after_every_own_choice_and_lifts_none():
    fused = fuse([part("a", [3, 5]), part("b", [9, 5, 8], 100.0, tier=1)])
    assert fused.track_idx.tolist() == [3, 5, 9, 8]
    assert fused.tier.tolist() == [0, 0, 1, 1]
    assert fused.shares[1].tolist() == [1.0, 0.0]


def test_equal_scores_are_ordered_by_row():
    assert fuse([part("a", [8]), part("b", [2])]).track_idx.tolist() == [2, 8]


def test_nothing_fuses_to_nothing():
    assert len(fuse([])) == 0


def test_a_track_that_was_skipped_falls_by_the_exponential_of_its_preference():
    fused = fuse([part("a", [3, 5, 7])])
    got = damped(fused, Profile.from_weights({3: -0.7, 7: 2.0, 9: -1.0}))
    assert got.track_idx.tolist() == [5, 7, 3]
    np.testing.assert_allclose(got.scores, [1 / 62, 1 / 63, np.exp(-0.7) / 61])
    assert got.shares.tolist() == [[1.0]] * 3
