"""Names that are spelled nearly alike, by shared trigrams in an inverted list.

Only the rarest trigrams of a name are looked up (prefix filtering: Bayardo, Ma and Srikant 2007,
doi:10.1145/1242572.1242591), which loses nothing.
"""

import math
from collections import OrderedDict
from functools import lru_cache

from segue.text.normalise import trigrams

MIN_ALIKE = 0.5
MAX_NEAR = 8
MAX_REMEMBERED = 50_000


class NearNames:
    """Folded names, found by others that differ in a few letters.

    >>> names = NearNames()
    >>> for name in ("rihanna", "bjork"):
    ...     names.add(name)
    >>> names.near("rihana")
    ['rihanna']
    """

    def __init__(self) -> None:
        self._names: list[str] = []
        self._sizes: list[int] = []
        self._having: dict[str, list[int]] = {}
        self._found: OrderedDict[str, list[str]] = OrderedDict()

    def add(self, name: str) -> None:
        """Take in a name that was not added before."""
        parts = name_trigrams(name)
        for part in parts:
            self._having.setdefault(part, []).append(len(self._names))
        self._names.append(name)
        self._sizes.append(len(parts))
        self._found.clear()

    def near(self, name: str) -> list[str]:
        """At most 8 names that share at least half of all trigrams, nearest first."""
        known = self._found.get(name)
        if known is None:
            known = self._found[name] = self._search(name)
            if len(self._found) > MAX_REMEMBERED:
                self._found.popitem(last=False)
        return known

    def _search(self, name: str) -> list[str]:
        parts = name_trigrams(name)
        n = len(parts)
        rarest = sorted(parts, key=lambda part: len(self._having.get(part, ())))
        # who shares none of these shares too few of all, however many of the others
        prefix = rarest[: n - math.ceil(MIN_ALIKE * n) + 1]
        rows = {row for part in prefix for row in self._having.get(part, ())}
        near: list[tuple[float, str]] = []
        for row in rows:
            if not MIN_ALIKE * n <= self._sizes[row] <= n / MIN_ALIKE:
                continue
            theirs = name_trigrams(self._names[row])
            both = len(parts & theirs)
            alike = both / (n + len(theirs) - both)
            if alike >= MIN_ALIKE:
                near.append((-alike, self._names[row]))
        return [found for _, found in sorted(near)[:MAX_NEAR]]


@lru_cache(maxsize=300_000)
def name_trigrams(name: str) -> frozenset[str]:
    """Trigrams of a folded name, remembered: the same names are compared again and again."""
    return trigrams(name)
