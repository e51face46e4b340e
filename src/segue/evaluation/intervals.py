"""How sure a difference between two models is: the paired bootstrap over listeners.

Percentile interval of Efron & Tibshirani 1993, chapter 13; for ranking, Sakai 2006
(doi:10.1145/1148170.1148261). For several comparisons at once: the paired randomisation test
(Smucker et al. 2007, doi:10.1145/1321440.1321528) with the step-down correction of Holm 1979.
"""

from dataclasses import dataclass

import numpy as np

from segue.errors import InvalidDataError, InvalidInputError
from segue.types import FloatVector

MAX_DRAWS = 4_000_000  # indices drawn at once, 32 MB: bounds memory at any number of listeners


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
    chunk = _at_once(len(gain))
    for start in range(0, n_resamples, chunk):
        stop = min(start + chunk, n_resamples)
        means[start:stop] = gain[rng.integers(len(gain), size=(stop - start, len(gain)))].mean(1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(gain.mean()), float(low), float(high), level)


def mean_bootstrap(
    values: FloatVector, rng: np.random.Generator, n_resamples: int = 2000, level: float = 0.95
) -> Interval:
    """Interval of the mean of one model; ``difference`` is that mean (from zero)."""
    return paired_bootstrap(values, np.zeros_like(values), rng, n_resamples, level)


def ratio_bootstrap(
    above: FloatVector,
    below: FloatVector,
    rng: np.random.Generator,
    n_resamples: int = 2000,
    level: float = 0.95,
) -> Interval:
    """Interval of ``mean(above) / mean(below)``; ``difference`` is that ratio.

    For measures that are a ratio of means, such as Yambda's NDCG. Listeners are drawn again in
    pairs of both values.

    Raises:
        InvalidDataError: Different lengths, no listener, or a value of ``below`` not above zero.
    """
    if above.shape != below.shape or above.ndim != 1 or not len(above) or not (below > 0).all():
        raise InvalidDataError(
            "both must be vectors of one length >= 1 and the lower one above zero, got shapes "
            f"{above.shape} and {below.shape}"
        )
    ratios = np.empty(n_resamples)
    chunk = _at_once(len(above))
    for start in range(0, n_resamples, chunk):
        stop = min(start + chunk, n_resamples)
        rows = rng.integers(len(above), size=(stop - start, len(above)))
        ratios[start:stop] = above[rows].sum(axis=1) / below[rows].sum(axis=1)
    low, high = np.quantile(ratios, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(above.sum() / below.sum()), float(low), float(high), level)


def sign_flip_p(
    first: FloatVector, second: FloatVector, rng: np.random.Generator, n_flips: int = 2000
) -> float:
    """Two-sided p-value of "the two are exchangeable for each listener", 0 excluded..1.

    The share of random swaps of the two within listeners whose mean difference is at least as large
    as the observed one; the observed arrangement counts as one of them.

    Raises:
        InvalidDataError: Different lengths, or no listener.
    """
    if first.shape != second.shape or first.ndim != 1 or not len(first):
        raise InvalidDataError(
            f"both must be vectors of one length >= 1, got {first.shape} and {second.shape}"
        )
    gain = first - second
    observed = abs(gain.mean()) - 1e-12  # rounding must not turn equal into smaller
    n_as_large = 1
    chunk = _at_once(len(gain))
    for start in range(0, n_flips, chunk):
        signs = rng.integers(0, 2, size=(min(chunk, n_flips - start), len(gain))) * 2 - 1
        n_as_large += int((np.abs((signs * gain).mean(axis=1)) >= observed).sum())
    return n_as_large / (n_flips + 1)


def holm(p_values: FloatVector) -> FloatVector:
    """Adjusted p-values: compare each with the wanted level, whatever their number (Holm 1979).

    The smallest is multiplied by n, the next by n - 1 and so on, none falls below an earlier one,
    and all end at 1.

    Raises:
        InvalidInputError: A value is outside 0..1.

    >>> holm(np.array([0.04, 0.01, 0.03])).tolist()
    [0.06, 0.03, 0.06]
    """
    if not ((p_values >= 0) & (p_values <= 1)).all():
        raise InvalidInputError(f"p-values must lie in 0..1, got {p_values.tolist()}")
    order = np.argsort(p_values, kind="stable")
    raised = p_values[order] * np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(np.maximum.accumulate(raised), 1.0)
    return adjusted


def _at_once(n_listeners: int) -> int:
    return max(MAX_DRAWS // n_listeners, 1)
