"""The largest evidence of many tracks at once is that of each alone."""

import numpy as np
import pytest

from segue.models.base import largest_evidence, largest_of_each


@pytest.mark.parametrize("n", [0, 1, 3, 9])
def test_many_at_once_give_what_each_gives_alone(n):
    rng = np.random.default_rng(5)
    rows = np.sort(rng.choice(100, 7, replace=False)).astype(np.int32)
    parts = rng.integers(-2, 4, (40, 7)).astype(np.float32)  # whole numbers: many ties
    alone = [largest_evidence(rows, contributions, n) for contributions in parts]
    assert largest_of_each(rows, parts, n) == alone


def test_the_contributions_are_left_as_they_were():
    parts = np.array([[1.0, 2.0]], np.float32)
    largest_of_each(np.array([3, 8], np.int32), parts, 2)
    assert parts.tolist() == [[1.0, 2.0]]


def test_nobody_without_a_profile_has_evidence():
    assert largest_of_each(np.empty(0, np.int32), np.empty((2, 0), np.float32), 3) == [[], []]
