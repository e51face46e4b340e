"""How sure a difference between two models is: the paired bootstrap over listeners.

Percentile interval of Efron & Tibshirani 1993, chapter 13; for ranking, Sakai 2006
(doi:10.1145/1148170.1148261).
"""

from dataclasses import dataclass

import numpy as np

from segue.errors import InvalidDataError, InvalidInputError
from segue.types import FloatVector

CHUNK = 256  # resamples drawn at once: bounds memory to CHUNK * n_listeners indices


@dataclass(frozen=True, slots=True)
class Interval:
    """The observed mean difference and the bounds around it."""

    difference: float
    low: float
    high: float
    level: float

    @property
    def is_above_zero(self) -> bool:
        """True when the whole interval lies above zero."""
        return self.low > 0


def paired_bootstrap(
    first: FloatVector,
    second: FloatVector,
    rng: np.random.Generator,
    n_resamples: int = 2000,
    level: float = 0.95,
) -> Interval:
    """Interval of ``mean(first - second)`` when listeners are drawn again with replacement.

    Args:
        first: One value a listener, shape (n_listeners,).
        second: Of the same listeners in the same order.
        rng: Source of the draws.
        n_resamples: >= 1; 2000 fixes a 95 % bound to about two digits.
        level: Coverage in 0..1, both excluded.

    Raises:
        InvalidDataError: Different lengths, or no listener.
        InvalidInputError: ``n_resamples`` or ``level`` is out of range.
    """
    if first.shape != second.shape or first.ndim != 1 or not len(first):
        raise InvalidDataError(
            f"both must be vectors of one length >= 1, got {first.shape} and {second.shape}"
        )
    if n_resamples < 1 or not 0 < level < 1:
        raise InvalidInputError(
            f"n_resamples must be >= 1 and level within 0..1, got {n_resamples} and {level}"
        )
    gain = first - second
    means = np.empty(n_resamples)
    for start in range(0, n_resamples, CHUNK):
        stop = min(start + CHUNK, n_resamples)
        means[start:stop] = gain[rng.integers(len(gain), size=(stop - start, len(gain)))].mean(1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(gain.mean()), float(low), float(high), level)
