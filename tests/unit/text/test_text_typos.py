"""Typing errors, against a slow recursive definition."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.text.typos import edit_distance, is_typo

WORDS = st.text("abc ", max_size=7)


@cache
def by_definition(a: str, b: str) -> int:
    """Optimal string alignment as it is defined, from the ends of both words."""
    if not a or not b:
        return len(a) + len(b)
    found = min(
        by_definition(a[:-1], b) + 1,
        by_definition(a, b[:-1]) + 1,
        by_definition(a[:-1], b[:-1]) + (a[-1] != b[-1]),
    )
    if len(a) > 1 and len(b) > 1 and a[-1] == b[-2] and a[-2] == b[-1]:
        found = min(found, by_definition(a[:-2], b[:-2]) + 1)
    return found


@given(WORDS, WORDS, st.integers(0, 8))
def test_the_distance_is_that_of_the_definition_up_to_the_bound(a: str, b: str, most: int) -> None:
    assert edit_distance(a, b, most) == min(by_definition(a, b), most + 1)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("subservient", "subsevient", True),
        ("unthinkable", "unhtinkable", True),
        ("abba", "abbb", False),  # four letters allow none
        ("volume 1", "volume 2", False),
        ("one call away", "one fall today", False),
        ("same", "same", False),
    ],
)
def test_a_typo_is_few_errors_for_the_length_and_no_other_number(
    a: str, b: str, *, expected: bool
) -> None:
    assert is_typo(a, b) is expected
    assert is_typo(b, a) is expected
