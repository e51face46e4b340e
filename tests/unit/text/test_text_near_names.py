"""Names spelled nearly alike, against comparing with every name."""

import numpy as np

from segue.text.near_names import MAX_NEAR, MIN_ALIKE, NearNames
from segue.text.normalise import similarity

SYLLABLES = ("ba", "ri", "han", "na", "lo", "ster", "mek", "ju", "the ", "and ")


def made_names(n: int, seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    made = {"".join(rng.choice(SYLLABLES, size=int(rng.integers(2, 5)))).strip() for _ in range(n)}
    return sorted(made)


def test_what_is_near_is_what_comparing_with_every_name_finds() -> None:
    known, asked = made_names(400, 1), made_names(60, 2)
    names = NearNames()
    for name in known:
        names.add(name)
    n_found = 0
    for name in asked:
        alike = sorted((-similarity(name, other), other) for other in known)
        expected = [other for value, other in alike if -value >= MIN_ALIKE][:MAX_NEAR]
        assert names.near(name) == expected
        n_found += len(expected)
    assert n_found > len(asked)


def test_a_name_that_comes_later_is_found_too() -> None:
    names = NearNames()
    assert names.near("bjork") == []
    names.add("bjorks")
    assert names.near("bjork") == ["bjorks"]
