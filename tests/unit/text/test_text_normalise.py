"""Folding for search, and which versions count as one recording."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.text.normalise import (
    bare_title,
    fold,
    performance,
    recording_key,
    search_words,
    similarity,
    trigrams,
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Motörhead", "motorhead"), ("AC/DC", "ac dc"), ("Sigur Rós", "sigur ros"),
        ("Simon & Garfunkel", "simon and garfunkel"), ("Weiß", "weiss"), ("Røyksopp", "royksopp"),
        ("Don’t  Stop", "dont stop"),
        ("Кино", "кино"), ("ガール", "ガール"), ("가나다", "가나다"),
        ("हिन्दी", "हिन्दी"),
        ("!!!", "!!!"), ("†", "†"), ("ＡＢＣ", "abc"), ("", ""), ("Łódź", "lodz"),
    ],
)  # fmt: skip
def test_fold_gives(text, folded):
    assert fold(text) == folded


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_folding_twice_is_folding_once_and_nothing_visible_vanishes(text):
    assert fold(fold(text)) == fold(text)
    if text.strip():
        assert fold(text)


def test_search_words_hold_each_word_once():
    assert search_words("One Love", ["Love", "Ärzte"], "One") == "one love arzte"


SAME = [
    "Heroes", "Heroes (2017 Remaster)", "Heroes - Remastered 2011", "Heroes - 2017 Remaster",
    "Heroes [Mono]", "Heroes (Stereo Mix)", "Heroes - Radio Edit", "Heroes (Single Version)",
    "Heroes (Deluxe Edition)", "Heroes (Explicit)", "Heroes (feat. Nico)", "Heroes ft. Nico",
    "HEROES (Live at Earls Court)", "Heroes - Live", "Heroes (Acoustic Version)", "Heroes (Demo)",
    "“Heroes”", "Heroes (Live) [2017 Remaster]", "Heroes - Mono / Remastered 2009",
]  # fmt: skip


@pytest.mark.parametrize("title", SAME)
def test_versions_share_one_key(title):
    assert recording_key(title, ["David Bowie", "Nico"], 200.0) == "heroes|david bowie"


@pytest.mark.parametrize(
    "title",
    ["Heroes Part 2", "Heroes (Hardfloor Remix)", "Heroes (Instrumental)", "Heroes - Villains",
     "Heroes (Taylor's Version)", "Heroes 2"],
)  # fmt: skip
def test_other_music_keeps_its_own_key(title):
    assert recording_key(title, ["David Bowie"]) != "heroes|david bowie"


def test_another_artist_is_another_recording():
    assert recording_key("Heroes", ["Apocalyptica"]) != recording_key("Heroes", ["David Bowie"])


def test_a_guest_in_the_artist_field_does_not_count():
    assert recording_key("X", ["A feat. B"]) == recording_key("X", ["A"])


def test_titles_that_name_nothing_are_told_apart_by_length():
    assert recording_key("Intro", ["A"], 30.0) != recording_key("Intro", ["A"], 95.0)
    assert recording_key("Intro", ["A"], 30.0) == recording_key("Intro", ["A"], 31.0)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Song (Live)", "live"), ("Song - Live in Paris 1999", "live"), ("Live Forever", ""),
        ("Song (MTV Unplugged)", "acoustic"),
        ("Song [Acoustic]", "acoustic"), ("Song (Demo)", "demo"),
        ("Song", ""), ("Song (Live Wire)", ""), ("(Live)", ""), ("Song (BBC Session)", "demo"),
    ],
)  # fmt: skip
def test_the_performance_is(title, kind):
    assert performance(title) == kind


def test_a_title_that_is_only_a_mark_keeps_it():
    assert bare_title("(Remastered)") == "remastered"
    assert bare_title("Live") == "live"


def test_similarity_is_the_jaccard_index_of_hand_counted_trigrams():
    # "  w", " wo", "wor", "ord", "rd " against "  w", " wo", "wor", "ork", "rk "
    assert similarity("word", "work") == pytest.approx(3 / 7)
    assert trigrams("ab") == {"  a", " ab", "ab "}
    assert similarity("", "") == 0.0
