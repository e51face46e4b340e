"""Lyrics files as they are found beside music: stamps, headers, encodings, sizes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.data.lyrics import (
    MAX_LYRICS_BYTES,
    MAX_LYRICS_CHARS,
    Line,
    is_timed,
    lines_of,
    lyrics_of_file,
    lyrics_of_text,
    words_of,
)

LRC = """[ar:Someone]
[ti:A title]
[00:01.50]First line
[00:05.00][01:05.00]Chorus
[00:09]<00:09.10>Word <00:09.80>by <00:10.20>word

[00:12:34]Colon stamp
"""


def lines(text):
    return lines_of(lyrics_of_text(text))


def test_every_line_has_its_time_and_stands_where_it_is_sung():
    assert lines(LRC) == [
        Line("First line", 1_500),
        Line("Chorus", 5_000),
        Line("Word by word", 9_000),
        Line("", 9_000),
        Line("Colon stamp", 12_340),
        Line("Chorus", 65_000),
    ]


def test_words_are_without_times_and_headers():
    assert words_of(lyrics_of_text(LRC)).splitlines() == [
        "First line", "Chorus", "Word by word", "", "Colon stamp", "Chorus",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("stamp", "start_ms"),
    [("[00:07]", 7_000), ("[00:07.5]", 7_500), ("[00:07.05]", 7_050), ("[0:7.005]", 7_005),
     ("[90:00.00]", 5_400_000), ("[00:75.00]", 75_000)],
)  # fmt: skip
def test_parts_of_a_second_are_tenths_hundredths_or_thousandths(stamp, start_ms):
    assert lines(f"[00:00.00]Before\n{stamp} Words") == [Line("Before", 0), Line("Words", start_ms)]


@pytest.mark.parametrize(
    ("offset", "starts"), [("+500", [0, 1_500]), ("-500", [600, 2_500]), (" 0", [100, 2_000])]
)
def test_a_positive_offset_makes_lines_earlier_but_none_begins_before_the_track(offset, starts):
    found = lines(f"[00:00.10]One\n[00:02.00]Two\n[offset:{offset}]")
    assert [line.start_ms for line in found] == starts


def test_a_line_without_a_time_goes_with_the_one_before_wherever_that_is_sung():
    found = lines("Title\n[00:10.00][00:30.00]Sung\nhalf of it\n[00:20.00]Between")
    assert found == [
        Line("Title", 0), Line("Sung", 10_000), Line("half of it", 10_000),
        Line("Between", 20_000), Line("Sung", 30_000), Line("half of it", 30_000),
    ]  # fmt: skip


def test_pauses_stay_once_and_not_at_the_ends():
    found = lines("[00:00.00]\n[00:01.00]A\n[00:02.00]\n[00:03.00]\n[00:04.00]B\n[00:05.00]\n\n")
    assert found == [Line("A", 1_000), Line("", 2_000), Line("B", 4_000)]


@pytest.mark.parametrize("text", ["[00:00.00]A\n[00:00.00]B", "[00:31.00]A\nB"])
def test_one_time_alone_says_nothing_about_the_lines(text):
    assert lyrics_of_text(text) == "A\nB"
    assert lines(text) == [Line("A"), Line("B")]


def test_only_lyrics_with_times_are_timed():
    assert is_timed(lyrics_of_text(LRC))
    assert not is_timed("A\nB")
    assert not is_timed("")
    assert lines_of("") == []


def test_plain_lyrics_stay_with_one_empty_line_between_verses():
    assert lyrics_of_text("A\r\nB\r\n\r\n\r\n\r\nC\r") == "A\nB\n\nC"


def test_brackets_that_are_no_stamps_stay():
    assert lyrics_of_text("[Chorus]\nla [x2]") == "[Chorus]\nla [x2]"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_every_encoding_in_use_gives_the_same_words(encoding):
    assert lyrics_of_file("[00:01.00]Über den Dächern – müde".encode(encoding)) == (
        "Über den Dächern – müde"
    )


def test_utf_16_of_both_byte_orders_is_read():
    assert lyrics_of_file(b"\xfe\xff" + "Ja".encode("utf-16-be")) == "Ja"


def test_a_huge_file_is_cut_even_within_a_letter():
    for shift in range(2):
        data = b"x" * shift + "é".encode() * MAX_LYRICS_BYTES
        words = lyrics_of_file(data)
        assert len(words) == MAX_LYRICS_CHARS
        assert "Ã" not in words


def test_timed_lyrics_are_cut_between_lines():
    text = "\n".join(f"[{n // 60:02}:{n % 60:02}.00]" + "la " * 20 for n in range(900))
    kept = lyrics_of_text(text)
    assert MAX_LYRICS_CHARS - 80 < len(kept) <= MAX_LYRICS_CHARS
    assert {line.words for line in lines_of(kept)} == {" ".join(["la"] * 20)}


def test_control_characters_go():
    assert lyrics_of_text("a\x00b\x1bc") == "abc"


@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_an_error(data):
    kept = lyrics_of_file(data)
    assert "\x00" not in kept
    assert kept == kept.strip()
    assert "\n\n\n" not in kept


_SHEET = st.lists(
    st.tuples(
        st.lists(st.integers(0, 5_999_999), max_size=3), st.text("abc é", max_size=8)
    ), max_size=12,
)  # fmt: skip


@given(_SHEET)
def test_what_is_kept_is_read_back_in_order_and_stays_as_it_is_when_read_again(sheet):
    def stamp(ms):
        return f"[{ms // 60_000}:{ms // 1000 % 60:02}.{ms % 1000:03}]"

    text = "\n".join("".join(map(stamp, starts)) + words for starts, words in sheet)
    kept = lyrics_of_text(text)
    assert lyrics_of_text(kept) == kept
    starts = [line.start_ms for line in lines_of(kept)]
    if is_timed(kept):
        assert starts == sorted(starts)
        assert set(starts) <= {0}.union(*(given for given, _ in sheet))
    assert not re.search(r"[\[\]\d]", words_of(kept))
