"""Whether two folded names differ as a typing error does.

Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours, none
touched twice (Damerau 1964, doi:10.1145/363958.363994; Boytsov 2011, doi:10.1145/1963190.1963191).
"""

from functools import lru_cache

LETTERS_PER_ERROR = 5
MAX_ERRORS = 3


def is_typo(a: str, b: str) -> bool:
    """Whether names differ by at most one error in five letters, three in all, and in no number.

    >>> is_typo("rihanna", "rihnana"), is_typo("part 1", "part 2"), is_typo("abba", "abba")
    (True, False, False)
    """
    if a == b or _numbers(a) != _numbers(b):
        return False
    allowed = min(MAX_ERRORS, min(len(a), len(b)) // LETTERS_PER_ERROR)
    return allowed > 0 and edit_distance(a, b, allowed) <= allowed


def edit_distance(a: str, b: str, most: int) -> int:
    """Errors between two names; what is above ``most`` is given as ``most + 1``.

    >>> edit_distance("bjork", "bjrok", 3), edit_distance("abc", "xyz", 2)
    (1, 3)
    """
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    a, b = a[start:], b[start:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    if abs(len(a) - len(b)) > most:
        return most + 1
    far, width = most + 1, len(b) + 1
    before: list[int] = []
    row = [min(j, far) for j in range(width)]
    for i, letter in enumerate(a, start=1):
        above, before = before, row
        row = [min(i, far)] + [far] * (width - 1)
        # further from the diagonal there are more than ``most`` insertions or deletions
        for j in range(max(1, i - most), min(width, i + most + 1)):
            other = b[j - 1]
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, above[j - 2] + 1)
            row[j] = min(cost, far)
        if min(row) >= far:
            return far
    return row[-1]


@lru_cache(maxsize=100_000)
def _numbers(name: str) -> tuple[str, ...]:
    return tuple(word for word in name.split() if word.isdigit())
