"""Requests in German: the same fields as their English twins, and English as it was."""

import pytest

from segue.data.affect import LEXICON, MOODS
from segue.text.genres import genre_tree
from segue.text.languages import ENGLISH, GERMAN, language_of
from segue.text.normalise import fold
from segue.text.query import in_english, phrases_of, understand
from segue.text.request_words import MOOD_WORDS, TEMPO_WORDS, VOICE_WORDS
from segue.text.said import said
from segue.text.words_de import ENGLISH as IN_ENGLISH
from segue.text.words_de import STOP_WORDS
from segue.text.years import years_of

TWINS = [
    ("ruhiger regnerischer Sonntag akustisch", "calm rainy sunday acoustic"),
    ("traurige Lieder der 90er", "sad songs of the 90s"),
    ("Musik zum Laufen", "music for running"),
    ("langsame Lieder aus den Achtzigern, kein Metal", "slow songs from the 80s, no metal"),
    ("Klassik zum Einschlafen", "classical to fall asleep"),
    ("etwas Ruhiges, aber nicht traurig", "something calm, but not sad"),
    ("ohne Gesang", "without singing"),
    ("weder Metal noch Punk, sondern Jazz", "no metal or punk, but jazz"),
    ("Gute Laune für die Autofahrt", "good mood for driving"),
    ("fröhliche 80er ohne Balladen", "happy 80s without ballads"),
    ("schnell und laut", "fast and loud"),
    ("nicht zu schnell", "not too fast"),
    ("Deutschrap bei 120 bpm", "german hip hop at 120 bpm"),
    ("melancholische Filmmusik", "melancholic soundtrack"),
    ("wütende Musik für den Sport", "angry music for exercise"),
    ("Liebeskummer", "heartbreak"),
    ("Weg zur Arbeit", "commute"),
]  # fmt: skip


@pytest.mark.parametrize(("german", "english"), TWINS)
def test_a_german_request_means_what_its_english_twin_means(german, english):
    ours, theirs = understand(german), understand(english)
    for name in ("moods", "without_moods", "valence", "arousal", "genres", "without_genres",
                 "year_from", "year_to", "is_year_strict", "tempo_from_bpm", "tempo_to_bpm",
                 "instrumental", "related_genres"):  # fmt: skip
        assert getattr(ours, name) == getattr(theirs, name), name
    assert set(theirs.words) <= set(ours.words)


@pytest.mark.parametrize(
    ("request_text", "years"),
    [
        ("90er", (1990, 1999, False)),
        ("die Neunzigerjahre", (1990, 1999, False)),
        ("aus den 90ern", (1990, 1999, True)),
        ("aus dem Jahr 1994", (1994, 1994, True)),
        ("von 1994", (1994, 1994, True)),
        ("nur 70er", (1970, 1979, True)),
        ("nur aus den siebziger Jahren", (1970, 1979, True)),
        ("frühe 90er", (1990, 1993, False)),
        ("Anfang der 90er", (1990, 1993, False)),
        ("aus den späten 60ern", (1966, 1969, True)),
        ("Mitte der achtziger", (1983, 1986, False)),
        ("seit 2010", (2010, None, True)),
        ("ab den 2000ern", (2000, None, True)),
        ("vor 1980", (None, 1979, True)),
        ("nach 1999", (2000, None, True)),
        ("bis 1975", (None, 1975, True)),
        ("zwischen 1990 und 1995", (1990, 1995, True)),
        ("von 1990 bis 1995", (1990, 1995, True)),
        ("von den 60ern bis in die 80er", (1960, 1989, True)),
        ("in den 80ern", (1980, 1989, False)),
        ("der Sommer von damals", (None, None, False)),
        ("vor dem Regen nach Hause", (None, None, False)),
    ],
)
def test_german_years_are_read(request_text, years):
    assert tuple(years_of(request_text)[0]) == years


def test_what_is_beside_the_years_stays_as_it_was():
    assert years_of("Fernweh aus den 90ern vor dem Regen")[1].split() == (
        "fernweh vor dem regen".split()
    )


def test_words_that_both_languages_have_mean_what_the_request_is_written_in():
    assert understand("die war hell").words == ("die", "war", "hell")
    assert understand("helle Lieder, die ich mag").valence == LEXICON["bright"][0]
    assert understand("fast music").tempo_from_bpm == 130.0
    assert understand("fast nur ruhige Musik").tempo_from_bpm is None


@pytest.mark.parametrize(
    "english",
    ["songs by die toten hosen", "van der graaf generator", "music like eine kleine nachtmusik",
     "party rock", "slow sad songs from the 90s, no metal", "rainy sunday acoustic", "das racist",
     "die", "hell", "fast and loud", "power ballads", "art rock", "studio albums"],
)  # fmt: skip
def test_english_requests_stay_english(english):
    assert language_of(fold(english).split()) is ENGLISH
    assert in_english(english) == english


@pytest.mark.parametrize("german", [german for german, _ in TWINS])
def test_a_phrase_is_shown_as_typed_and_can_be_taken_out(german):
    meanings = {(phrase.words, phrase.left_out) for phrase in phrases_of(german)}
    for one in said(german):
        left = {(phrase.words, phrase.left_out) for phrase in phrases_of(one.without)}
        if one.kinds in (("years",), ("bpm",)):
            assert left == meanings
            continue
        assert fold(one.words) in fold(german)
        assert left < meanings


def test_a_mood_is_named_by_its_own_name_whatever_the_word():
    found = {one.words: one.mood for one in said("ruhige Musik zum Laufen")}
    assert found == {"ruhige": "calm", "Laufen": "workout"}


def test_what_is_embedded_is_english():
    assert in_english("ruhige Klassik zum Laufen, kein Metal") == "calm classical running"
    assert in_english("Lieder von Rammstein für mich") == "rammstein"


def test_umlauts_may_be_left_out_and_endings_do_not_matter():
    for word in ("fröhlich", "frohliche", "FRÖHLICHEN"):
        assert understand(f"{word} Musik").moods == ("happy",)
    assert language_of(["musik"]) is GERMAN


def test_every_german_word_means_something_that_rules_know():
    known = {*MOOD_WORDS, *MOODS, *TEMPO_WORDS, *VOICE_WORDS, *LEXICON}
    instruments = {"guitar", "violin", "drums"}  # looked for as words
    unknown = {english for english in IN_ENGLISH.values() if english not in known}
    assert {word for word in unknown if genre_tree().name(word) is None} == instruments
    assert all(word == fold(word) for word in (*IN_ENGLISH, *STOP_WORDS))
