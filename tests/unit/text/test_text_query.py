"""Requests as people type them, and what is understood."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.data.affect import MOODS
from segue.text.query import understand
from segue.text.request_words import MOOD_WORDS


@pytest.mark.parametrize(
    ("request_text", "first", "last", "is_strict"),
    [
        ("80s", 1980, 1989, False),
        ("the '90s", 1990, 1999, False),
        ("nineties rock", 1990, 1999, False),
        ("music from 1994", 1994, 1994, True),
        ("between 1990 and 1995", 1990, 1995, True),
        ("1971-1974 prog", 1971, 1974, False),
        ("before the 80s", None, 1979, True),
        ("after 2010", 2011, None, True),
        ("since 2015", 2015, None, True),
        ("only 70s soul", 1970, 1979, True),
        ("late 60s psychedelia", 1966, 1969, False),
        ("early 2000s indie", 2000, 2003, False),
        ("00s and 10s hits", 2000, 2019, False),
        ("2015 2016 era rap", 2015, 2016, False),
        ("1999 songs named 42", 1999, 1999, False),
        ("sad songs", None, None, False),
        ("blink-182 and 311", None, None, False),
    ],
)
def test_years_are_read(request_text, first, last, is_strict):
    asked = understand(request_text)
    assert (asked.year_from, asked.year_to, asked.is_year_strict) == (first, last, is_strict)


@pytest.mark.parametrize(
    ("request_text", "moods"),
    [
        ("something relaxing", ("calm",)),
        ("music for the gym", ("workout",)),
        ("songs to fall asleep to", ("sleep",)),
        ("happy road trip songs", ("happy", "commute")),
        ("study music", ("focus",)),
        ("heartbroken", ("sad",)),
        ("rainy sunday acoustic", ("calm",)),
        ("death metal", ()),
    ],
)
def test_moods_and_activities_are_read(request_text, moods):
    assert understand(request_text).moods == moods


@pytest.mark.parametrize("request_text", ["Hip-Hop", "hip hop", "HIPHOP", "some hip hop please"])
def test_every_spelling_names_one_genre(request_text):
    assert understand(request_text).genres == ("hip hop",)


def test_what_follows_not_is_left_out_and_never_asked_for():
    asked = understand("not sad, no metal or punk, but rock without saxophone")
    assert asked.without_moods == ("sad",)
    assert {"heavy metal", "punk rock"} <= set(asked.without_genres)
    assert asked.without_words == ("saxophone",)
    assert asked.moods == ()
    assert asked.genres == ("rock",)
    assert not {"sad", "metal", "punk", "saxophone"} & set(asked.words)


def test_what_lies_beneath_a_genre_left_out_is_left_out_unless_named():
    asked = understand("hardcore punk, no punk rock, no metal")
    assert "death metal" in asked.without_genres
    assert "hardcore punk" not in asked.without_genres
    assert not set(asked.without_genres) & {name for name, _ in asked.related_genres}


@pytest.mark.parametrize(
    ("request_text", "instrumental"),
    [
        ("without vocals", True),
        ("no singing", True),
        ("instrumental", True),
        ("not instrumental", False),
        ("female vocals", False),
        ("jazz", None),
    ],
)
def test_voices_are_wanted_or_not(request_text, instrumental):
    assert understand(request_text).instrumental is instrumental


@pytest.mark.parametrize(
    ("request_text", "lowest", "highest"),
    [
        ("slow", None, 90.0),
        ("fast punk", 130.0, None),
        ("not too fast", None, 130.0),
        ("not slow", 90.0, None),
        ("mid tempo", 90.0, 120.0),
        ("house at 120 bpm", 114.0, 126.0),
    ],
)
def test_tempo_is_read(request_text, lowest, highest):
    asked = understand(request_text)
    assert (asked.tempo_from_bpm, asked.tempo_to_bpm) == (lowest, highest)


def test_a_feeling_lies_on_the_plane_of_moods():
    sad, party = understand("sad"), understand("party")
    assert sad.valence < 0 < party.valence
    assert sad.arousal < party.arousal
    assert understand("songs by radiohead").valence is None


def test_unknown_words_stay_to_be_searched_and_filler_does_not():
    assert understand("I am looking for songs like Radiohead please").words == ("radiohead",)


def test_the_request_is_kept_as_given_but_for_blanks():
    assert understand("  Rainy \n Sunday ").text == "Rainy Sunday"


def test_every_mood_has_words_and_every_word_a_mood():
    assert set(MOOD_WORDS.values()) == set(MOODS)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=600))
def test_any_text_is_a_request(text):
    asked = understand(text)
    assert len(asked.text) <= 500
    assert not set(asked.genres) & set(asked.without_genres)
    assert (asked.year_from or 0) <= (asked.year_to or 9999)
