"""Lists asked for in words: what is in them, in which order, and for which true reasons."""

import dataclasses

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset, TrackTable
from segue.data.query import Controls, Profile, Query
from segue.errors import InvalidInputError
from segue.models.ask import AskIndex
from segue.pipeline.ask_rule import ask_source
from segue.pipeline.build import build_list
from segue.pipeline.stations import standard_sources
from segue.text.genres import genre_tree
from segue.text.query import understand

DOCUMENTS = [
    "Rainy Sunday. Quiet Ones. folk, acoustic, calm. 1994.",
    "Rain Dance. Loud Ones. heavy metal. 1986.",
    "Disco Night. Dancers. disco. 1979.",
    "Sunday Drive. Others. rock. 2005.",
    "Untitled. Nobody.",
]
TERMS = [["folk", "acoustic", "calm"], ["heavy metal"], ["disco"], ["rock"], []]
COLUMNS = {"tempo_bpm": 0, "instrumentalness": 1, "energy": 2}
SOUND = [[70, 0.9, 0.1], [180, 0.1, 0.9], [118, 0.0, 0.8], [120, 0.0, 0.6], [np.nan] * 3]


@pytest.fixture
def tracks():
    names = sorted({term for terms in TERMS for term in terms})
    terms = np.array([[name in own for name in names] for own in TERMS], np.float32)
    text = np.eye(5, 3, dtype=np.float32)
    text[3], text[4] = [1, 1, 0], np.nan
    return dataclasses.replace(
        TrackTable.bare("abcde"),
        terms=sparse.csr_matrix(terms),
        term_names=names,
        term_kinds=["tag" if name in ("acoustic", "calm") else "genre" for name in names],
        year=np.array([1994, 1986, 1979, 2005, 0], np.int16),
        artist_idx=np.arange(5, dtype=np.int32),
        vectors={"sound": np.array(SOUND, np.float32), "text": text},
    )


@pytest.fixture
def index(tracks):
    data = Dataset.from_csr(sparse.csr_matrix((0, 5)), tracks)
    name = genre_tree().name
    return AskIndex.fit(data, DOCUMENTS, canonical_genre=name, sound_columns=COLUMNS)


@pytest.fixture
def ask(tracks, index):
    def make(words, n=5, vector=None, sources=(), profile=None, **controls):
        query = Query(
            "ask", profile or Profile.empty(), n, Controls(variety=0.0, **controls), seed=3,
            asked=None if words is None else understand(words), asked_vector=vector,
        )  # fmt: skip
        return build_list(query, tracks, [*standard_sources({}, tracks, index), *sources])

    return make


def ids(ranked):
    return [track.track_id for track in ranked.tracks]


def reason(ranked, track_id):
    return next(t.reasons[0] for t in ranked.tracks if t.track_id == track_id)


def test_words_genres_and_moods_answer_a_request(ask):
    got = ask("rainy sunday acoustic")
    assert ids(got)[0] == "a"
    assert got.title == "“rainy sunday acoustic”"
    assert got.fallback is None


def test_reasons_are_the_facts_that_answer(ask):
    assert reason(ask("rainy sunday"), "a").text.startswith("The words rainy and sunday")
    assert "folk, as you asked" in reason(ask("folk"), "a").text.casefold()
    assert "calm: acoustic, calm and " in reason(ask("calm"), "a").text.casefold()
    assert "from 1986" in reason(ask("80s"), "b").text.casefold()
    assert "70 beats a minute" in reason(ask("slow"), "a").text.casefold()
    assert "instrumental" in reason(ask("instrumental"), "a").text.casefold()
    assert reason(ask("rainy"), "a").kind == "asked"


def test_taking_a_named_word_out_of_the_document_lowers_the_score(tracks, index):
    source = ask_source(index)
    query = Query("ask", Profile.empty(), 5, asked=understand("rainy sunday"))
    before = source.model.score(query, tracks)[0]
    text = source.model.reason(query, tracks, 0)[1]
    data = Dataset.from_csr(sparse.csr_matrix((0, 5)), tracks)
    for word in ("rainy", "sunday"):
        assert word in text
        shorter = [DOCUMENTS[0].replace(word.capitalize(), ""), *DOCUMENTS[1:]]
        without = ask_source(AskIndex.fit(data, shorter, sound_columns=COLUMNS))
        assert without.model.score(query, tracks)[0] < before


@pytest.mark.parametrize(
    ("words", "never"),
    [
        ("sunday rain without vocals", "bcd"),
        ("rain dance, not metal", "b"),
        ("sunday rain disco from the 90s", "bcde"),
        ("sunday, no rainy", "a"),
        ("disco rain only from 1979", "abde"),
    ],
)
def test_what_is_said_as_a_condition_is_kept(ask, words, never):
    assert not set(ids(ask(words))) & set(never)


def test_controls_and_never_play_hold_in_asked_lists_too(ask):
    assert "a" not in ids(ask("rainy sunday", year_from=2000))
    assert ids(ask("rainy sunday", year_from=2000)) == ["d"]


def test_a_request_that_nothing_answers_names_the_fallback(ask):
    got = ask("zyzzyva")
    assert got.tracks
    assert got.fallback == "shuffled"


def test_likeness_of_texts_alone_must_stand_out(ask):
    got = ask("zyzzyva", vector=np.array([0, 0, 1], np.float32))
    assert ids(got) == ["c"]
    assert got.tracks[0].reasons[0].text == "What is written of it is near “zyzzyva”"
    assert got.fallback is None


def test_without_words_the_station_says_what_it_needs(ask):
    with pytest.raises(InvalidInputError, match="needs words"):
        ask(None)


def test_taste_decides_between_equal_answers_and_no_further(tracks, index):
    from segue.data.items import ReasonKind
    from segue.pipeline.candidates import Source
    from segue.pipeline.rules import Rule

    def liked(row):
        scores = np.full(5, -np.inf)
        scores[row] = 1.0
        rule = Rule("taste", lambda *_: scores, lambda *_: (ReasonKind.TASTE, "You play it", False))
        return Source("taste", rule)

    def made(words, row):
        query = Query("ask", Profile.empty(), 5, Controls(variety=0.0), asked=understand(words))
        return ids(build_list(query, tracks, [*standard_sources({}, tracks, index), liked(row)]))

    assert made("rain", 1)[0] == "b"
    assert made("drive", 0)[0] == "d"
    assert "e" not in made("drive", 4)  # only what answers is in it


def test_the_same_request_is_weighed_once(tracks, index, monkeypatch):
    calls = []
    weigh = AskIndex.weigh
    monkeypatch.setattr(AskIndex, "weigh", lambda *args: calls.append(1) or weigh(*args))
    source = ask_source(index)
    for words in ["folk", "rock", "folk", "jazz", "disco", "punk", "ska", "folk"]:
        query = Query("ask", Profile.empty(), 5, asked=understand(words))
        source.model.score(query, tracks)
        source.model.score(query, tracks)
    assert len(calls) == 7  # "folk" was forgotten once
