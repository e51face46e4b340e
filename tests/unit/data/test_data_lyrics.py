"""Lyrics files as they are found beside music: stamps, headers, encodings, sizes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.data.lyrics import MAX_LYRICS_BYTES, MAX_LYRICS_CHARS, lyrics_of_file, lyrics_of_text

LRC = """[ar:Someone]
[ti:A title]
[offset:+500]
[00:01.50]First line
[00:05.00][01:05.00]Chorus
[00:09]<00:09.10>Word <00:09.80>by <00:10.20>word

[00:12:34]Colon stamp
"""


def test_stamps_and_headers_go_and_lines_stay():
    assert lyrics_of_text(LRC).splitlines() == [
        "First line", "Chorus", "Word by word", "", "Colon stamp",
    ]  # fmt: skip


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


def test_control_characters_go():
    assert lyrics_of_text("a\x00b\x1bc") == "abc"


@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_an_error(data):
    words = lyrics_of_file(data)
    assert "\x00" not in words
    assert words == words.strip()
    assert "\n\n\n" not in words
