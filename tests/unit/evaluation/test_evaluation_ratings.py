"""Errors of predicted stars against sums written out."""

import numpy as np
import pytest

from segue.errors import InvalidDataError
from segue.evaluation.ratings import mae, rmse


def test_rmse_and_mae_are_the_means_of_the_textbook():
    predicted, given = np.array([1.5, 4.0, 3.0]), np.array([1.0, 2.0, 4.0])
    assert rmse(predicted, given) == pytest.approx(((0.25 + 4.0 + 1.0) / 3) ** 0.5)
    assert mae(predicted, given) == pytest.approx((0.5 + 2.0 + 1.0) / 3)


@pytest.mark.parametrize("measure", [rmse, mae])
@pytest.mark.parametrize(
    ("predicted", "given"),
    [([], []), ([1.0], [1.0, 2.0]), ([[1.0]], [[1.0]]), ([np.nan], [1.0]), ([1.0], [np.inf])],
)
def test_ratings_that_cannot_be_compared_are_refused(measure, predicted, given):
    with pytest.raises(InvalidDataError):
        measure(np.array(predicted), np.array(given))
