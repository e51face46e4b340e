"""How sure a share is when its cases come in groups: listens of one listener on one day.

Wilson's interval (1927, doi:10.1080/01621459.1927.10502953) with the effective number of cases in
place of their number: cases of one group are alike, so they say less than as many of different
groups (Kish 1965, Survey Sampling, ch. 5 and 8). The variance of the share is that of a ratio of
sums over groups; where it says nothing (a share of 0 or 1, one group), the groups are counted, as
Korn & Graubard (1998, Survey Methodology 24) do for the sake of caution.
"""

import math

from msgspec import Struct

from segue.errors import InvalidInputError

Z_95 = 1.959963984540054  # of the normal distribution


class Grouped(Struct, frozen=True, kw_only=True):
    """Sums over groups i of ``n_i`` cases, ``y_i`` of which are hits."""

    n_groups: int
    n: int
    hits: int
    sum_nn: float  # of n_i * n_i
    sum_ny: float  # of n_i * y_i
    sum_yy: float  # of y_i * y_i


class Share(Struct, frozen=True):
    """A share of cases and the bounds of its 95 % interval, all 0..1."""

    value: float
    low: float
    high: float


def effective_n(cases: Grouped) -> float:
    """How many independent cases would say as much about the share, 1..n.

    Raises:
        InvalidInputError: No case, or more hits than cases.

    >>> effective_n(Grouped(n_groups=2, n=20, hits=10, sum_nn=200.0, sum_ny=100.0, sum_yy=100.0))
    1.0
    """
    if not 0 <= cases.hits <= cases.n or not 1 <= cases.n_groups <= cases.n:
        raise InvalidInputError(
            f"a share needs cases in groups and at most as many hits, got {cases.hits} of "
            f"{cases.n} in {cases.n_groups} groups"
        )
    share = cases.hits / cases.n
    if cases.n_groups < 2:
        return 1.0
    squares = cases.sum_yy - 2 * share * cases.sum_ny + share * share * cases.sum_nn
    variance = cases.n_groups / (cases.n_groups - 1) * max(squares, 0.0) / cases.n**2
    if share in (0.0, 1.0) or variance <= 0.0:
        return float(cases.n_groups)
    return min(max(share * (1 - share) / variance, 1.0), float(cases.n))


def share_of(cases: Grouped) -> Share:
    """The share with its interval."""
    share, n = cases.hits / cases.n if cases.n else 0.0, effective_n(cases)
    z2 = Z_95 * Z_95
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return Share(share, max(middle - half, 0.0), min(middle + half, 1.0))
