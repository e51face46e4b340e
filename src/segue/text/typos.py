"""Whether two folded names differ as a typing error does.

Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours, none
touched twice (Damerau 1964, doi:10.1145/363958.363994; Boytsov 2011, doi:10.1145/1963190.1963191).
"""

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
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, start=1):
        above, before, row = before, row, [i]
        for j, other in enumerate(b, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def _numbers(name: str) -> list[str]:
    return [word for word in name.split() if word.isdigit()]
