"""How far predicted ratings are from the given ones, in stars.

RMSE and MAE as in Herlocker et al. 2004 (doi:10.1145/963770.963772). They say nothing of ranking:
a model may lead here and lose in a list (Cremonesi et al. 2010, doi:10.1145/1864708.1864721).
"""

import numpy as np

from segue.errors import InvalidDataError
from segue.types import FloatVector


def rmse(predicted: FloatVector, given: FloatVector) -> float:
    """Root of the mean squared error, in stars.

    Raises:
        InvalidDataError: The two differ in shape, are empty, or hold a value that is not finite.

    >>> rmse(np.array([3.0, 5.0]), np.array([4.0, 5.0])) == 0.5**0.5
    True
    """
    return float(np.sqrt(np.mean(_errors(predicted, given) ** 2)))


def mae(predicted: FloatVector, given: FloatVector) -> float:
    """Mean of the absolute error, in stars; raises as :func:`rmse` does.

    >>> mae(np.array([3.0, 5.0]), np.array([4.0, 5.0]))
    0.5
    """
    return float(np.mean(np.abs(_errors(predicted, given))))


def _errors(predicted: FloatVector, given: FloatVector) -> FloatVector:
    if predicted.shape != given.shape or predicted.ndim != 1:
        raise InvalidDataError(
            f"predicted and given must be vectors of one length, got {predicted.shape} "
            f"and {given.shape}"
        )
    if not len(given):
        raise InvalidDataError("predicted and given must hold at least one rating, got none")
    errors = predicted.astype(np.float64) - given
    if not np.isfinite(errors).all():
        raise InvalidDataError(
            f"ratings must be finite, row {int(np.flatnonzero(~np.isfinite(errors))[0])} is not"
        )
    return errors
