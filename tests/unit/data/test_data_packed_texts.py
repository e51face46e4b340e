"""Packed texts are a sequence like a list of the same texts."""

import numpy as np
import pytest

from segue.data.packed_texts import PackedTexts
from segue.errors import InvalidDataError

TEXTS = ["", "a", "björk", "日本語", "", "🎵 x", "zero\0inside\0", "x" * 500]


def test_it_reads_as_the_list_it_was_made_of():
    packed = PackedTexts.of(TEXTS)
    assert len(packed) == len(TEXTS)
    assert list(packed) == TEXTS
    assert [packed[at] for at in range(-len(TEXTS), len(TEXTS))] == TEXTS + TEXTS
    for part in (slice(2, 5), slice(None, None, -1), slice(-3, None, 2), slice(9, 12)):
        assert packed[part] == TEXTS[part]
    assert "björk" in packed
    assert "bjork" not in packed
    assert packed.index("🎵 x") == 5
    for at in (len(TEXTS), -len(TEXTS) - 1):
        with pytest.raises(IndexError, match=f"none at {at}"):
            packed[at]


def test_it_comes_back_from_mapped_files(tmp_path):
    packed = PackedTexts.of(TEXTS)
    arrays = {}
    for part, array in packed.to_arrays().items():
        np.save(tmp_path / f"{part}.npy", array)
        arrays[part] = np.load(tmp_path / f"{part}.npy", mmap_mode="r")
    again = PackedTexts.of_arrays(arrays)
    assert again == packed == TEXTS
    assert packed != TEXTS[:-1]
    assert packed != [*TEXTS[:-1], "other"]
    assert packed != PackedTexts.of(["ab", "c"]) != PackedTexts.of(["a", "bc"])


def test_no_text_at_all_is_a_sequence_too():
    assert list(PackedTexts.of([])) == []
    assert PackedTexts.of([]).width() is None


@pytest.mark.parametrize(
    ("texts", "width"),
    [(["ab", "cd"], 2), (["ab", "c", "def"], None), (["ab", "é"], 2), (["", ""], None), (["a"], 1)],
)
def test_the_width_is_that_in_bytes_where_all_agree(texts, width):
    assert PackedTexts.of(texts).width() == width


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        (np.zeros(3, np.uint8), np.array([0, 2])),
        (np.zeros(3, np.uint8), np.array([1, 3])),
        (np.zeros(3, np.uint8), np.array([0.0, 3.0])),
        (np.zeros(3, np.int64), np.array([0, 3])),
        (np.zeros(3, np.uint8), np.zeros(0, np.int64)),
        (np.zeros((3, 1), np.uint8), np.array([0, 3])),
    ],
)
def test_arrays_that_do_not_belong_together_are_refused(text, starts):
    with pytest.raises(InvalidDataError, match="packed texts are"):
        PackedTexts(text, starts)
