"""A listener's own words as leanings."""

import pytest

from segue.errors import InvalidInputError
from segue.text.own_words import Leanings, leanings


def test_what_more_texts_name_weighs_more():
    found = leanings(emotions=["calm", "happy"], tags=["calm", "techno"])
    assert found.moods == (("calm", 0.5), ("happy", 0.25))
    assert found.genres == (("techno", 0.25),)


def test_a_bio_is_read_as_a_request_is():
    found = leanings(bio="I love nineties hip-hop and running, but no metal")
    assert found.genres == (("hip hop", 1.0),)
    assert found.moods == (("workout", 1.0),)
    assert "heavy metal" in found.without_genres
    assert (found.year_from, found.year_to) == (1990, 1999)


@pytest.mark.parametrize(
    ("age", "years"),
    [(50, (1986, 2001)), (25, (2011, 2026)), (12, (2024, 2026)), (10, (2026, 2026)),
     (9, (None, None)), (0, (None, None)), (120, (1916, 1931))],
)  # fmt: skip
def test_an_age_stands_for_the_years_between_10_and_25(age, years):
    found = leanings(age=age, this_year=2026)
    assert (found.year_from, found.year_to) == years


def test_years_in_words_come_before_an_age():
    found = leanings(tags=["80s", "since 2010"], age=50, this_year=2026)
    assert (found.year_from, found.year_to) == (1980, None)


def test_a_genre_not_wanted_is_not_leaned_to():
    found = leanings(tags=["metal", "jazz"], bio="no metal")
    assert [name for name, _ in found.genres] == ["jazz"]


@pytest.mark.parametrize(("age", "year"), [(-1, 2026), (121, 2026), (30, None)])
def test_an_impossible_age_is_refused(age, year):
    with pytest.raises(InvalidInputError, match="age must lie in 0"):
        leanings(age=age, this_year=year)


def test_no_words_lean_nowhere():
    assert leanings() == Leanings()
    assert leanings(emotions=["", " "], bio="") == Leanings()
