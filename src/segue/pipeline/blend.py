"""A list for several listeners, fair to each: whoever is least satisfied so far is served next.

A listener's satisfaction is what the list gives them, as a share of the best list of its length for
them alone. The aim is the largest possible satisfaction of the least satisfied: least misery, and
fairness to members of a group, as in Xiao et al. 2017 (doi:10.1145/3109859.3109887) and Serbos et
al. 2017 (doi:10.1145/3038912.3052612). Exactly that is NP-hard; the greedy choice is near it: a
test compares it with all lists.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from segue.types import BoolVector, FloatMatrix, FloatVector, IntVector

OTHERS = 0.5  # of two tracks alike for the one served, that which the others like more is taken
SERVES = 0.5  # of the best for a listener: from there on a track is said to be for them


@dataclass(frozen=True, slots=True)
class FairChoice:
    """A list and what it is worth.

    ``places`` int64 (n,) of the candidates in order; ``served`` int64 (n,) for whom each was
    chosen; ``satisfaction`` float64 (n_members,), 0..1.
    """

    places: IntVector
    served: IntVector
    satisfaction: FloatVector


def fair_choice(
    utility: FloatMatrix,
    n: int,
    barred: Callable[[list[int]], BoolVector] | None = None,
) -> FairChoice:
    """At most ``n`` candidates, the least satisfied member choosing at each place.

    The one who chooses takes the candidate of the largest own utility plus half the mean utility of
    the others; ties go to the lower member and the lower place.

    Args:
        utility: Shape (n_members, n_candidates), >= 0; 0 is worth nothing to that member.
        n: Wanted length, >= 0.
        barred: Mask of candidates that must not come next, given those taken; spacing is lifted
            where it would leave nothing.

    >>> fair_choice(np.array([[3.0, 2.0, 0.0], [0.0, 0.0, 1.0]]), 2).places.tolist()
    [0, 2]
    """
    n_members, n_candidates = utility.shape
    scaled = utility / np.maximum(utility.max(axis=1, initial=0.0), 1e-12)[:, np.newaxis]
    best = best_sums(scaled, n)
    others = (scaled.sum(axis=0) - scaled) / max(n_members - 1, 1)
    wish = scaled + OTHERS * others
    left = np.ones(n_candidates, bool)
    given = np.zeros(n_members)
    places: list[int] = []
    served: list[int] = []
    for _ in range(min(n, n_candidates)):
        member = int(np.argmin(given / best))
        free = left if barred is None else left & ~barred(places)
        free = free if free.any() else left
        place = int(np.argmax(np.where(free, wish[member], -np.inf)))
        places.append(place)
        served.append(member)
        left[place] = False
        given += scaled[:, place]
    return FairChoice(np.array(places, np.int64), np.array(served, np.int64), given / best)


def best_sums(utility: FloatMatrix, n: int) -> FloatVector:
    """What the best ``n`` candidates are worth to each member, shape (n_members,), > 0."""
    best = -np.sort(-utility, axis=1)[:, :n].sum(axis=1)
    return np.where(best > 0, best, 1.0)


def for_whom(utility: FloatVector, served: int) -> list[int]:
    """The members whom a track serves, the one it was chosen for first.

    >>> for_whom(np.array([0.9, 0.1, 0.6]), served=2)
    [2, 0]
    """
    others = [i for i in np.argsort(-utility, kind="stable").tolist() if i != served]
    return [served, *(i for i in others if utility[i] >= SERVES)]
