"""What a request was understood as, and the request without a part of it."""

import itertools

import pytest

from segue.text.query import phrases_of, understand
from segue.text.said import said

REQUESTS = [
    "chill jazz, no metal",
    "slow sad songs from the 90s, no metal or punk",
    "rainy sunday acoustic",
    "Hip-Hop at 120 bpm between 1990 and 1995",
    "not too loud, without any vocals",
    "no heavy metal jazz",
    "sad and melancholic, sad",
    "fast & loud 80s 2010s",
    *(f"{a} {b}, no {c}"
      for a, b, c in itertools.permutations(("calm", "techno", "fast", "piano"), 3)),
]  # fmt: skip


def meanings(request):
    return {(phrase.words, phrase.left_out) for phrase in phrases_of(request)}


@pytest.mark.parametrize("request_", REQUESTS)
def test_without_a_phrase_all_the_others_mean_what_they_meant(request_):
    before, asked = meanings(request_), understand(request_)
    for one in said(request_):
        after, left = meanings(one.without), understand(one.without)
        if one.kinds in (("years",), ("bpm",)):
            assert after == before
            gone = ((left.year_from, left.year_to) if one.years else
                    (left.tempo_from_bpm, left.tempo_to_bpm))  # fmt: skip
            assert gone == (None, None)
            continue
        gone = before - after
        assert after < before
        assert {is_out for _, is_out in gone} == {one.left_out}
        assert len(gone) == 1
        assert (left.year_from, left.year_to) == (asked.year_from, asked.year_to)


def test_every_part_has_its_kind_and_the_words_as_typed():
    found = {one.words: one for one in said("Chill Jazz without Vocals, slow, rainy, from 1994")}
    assert {words: one.kinds for words, one in found.items()} == {
        "Chill": ("mood",), "Jazz": ("genre",), "Vocals": ("voice",), "slow": ("tempo",),
        "rainy": ("mood",), "": ("years",),
    }  # fmt: skip
    assert found["Chill"].mood == "calm"
    assert found["Vocals"].left_out
    assert found[""].years == (1994, 1994)
    assert found[""].is_strict


def test_taking_everything_away_one_by_one_ends_with_nothing():
    request = "slow sad songs from the 90s at 70 bpm, no metal or punk"
    for _ in range(10):
        parts = said(request)
        if not parts:
            break
        request = parts[0].without
    assert said(request) == []


def test_what_means_nothing_is_no_part():
    assert said("") == []
    assert said("please play some songs") == []
    assert [one.without for one in said("ambient")] == [""]
