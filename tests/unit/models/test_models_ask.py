"""Requests against a small catalogue, BM25 and rank fusion against loops."""

from dataclasses import replace
from math import log

import numpy as np
import pytest
from scipy import sparse

from segue.data.asked import AskedFor
from segue.data.dataset import Dataset, TrackTable
from segue.errors import InvalidDataError, InvalidInputError
from segue.models.ask import FIRST_PLACE, AskIndex, reciprocal_ranks, unit_or_nan
from segue.models.bm25 import BM25, tokens

DOCUMENTS = [
    "Rainy Sunday. Quiet Ones. acoustic, folk, calm. 1994.",
    "Rain Dance. Loud Ones. heavy metal. 1986.",
    "Disco Night. Dancers. disco, party. 1979.",
    "Sunday Drive. Others. rock. 2005.",
    "Untitled. Nobody.",
]
TAGS = [["acoustic", "folk", "calm"], ["heavy metal"], ["disco", "party"], ["rock"], []]
SOUND = ["tempo_bpm", "instrumentalness"]


@pytest.fixture
def index() -> AskIndex:
    names = sorted({tag for tags in TAGS for tag in tags})
    terms = np.array([[name in tags for name in names] for tags in TAGS], np.float32)
    sound = np.array([[70, 0.9], [180, 0.1], [118, 0.0], [120, 0.0], [np.nan] * 2], np.float32)
    text = np.eye(5, 3, dtype=np.float32)
    text[3] = [1, 1, 0]
    text[4] = np.nan
    table = replace(
        TrackTable.bare("abcde"), terms=sparse.csr_matrix(terms), term_names=names,
        term_kinds=["genre" if n in ("heavy metal", "rock", "folk") else "tag" for n in names],
        year=np.array([1994, 1986, 1979, 2005, 0], np.int16),
        vectors={"sound": sound, "text": text},
    )  # fmt: skip
    data = Dataset.from_csr(sparse.csr_matrix((0, 5)), table)
    columns = {name: column for column, name in enumerate(SOUND)}
    return AskIndex.fit(data, DOCUMENTS, sound_columns=columns)


def found(index: AskIndex, asked: AskedFor | str, **options) -> list[int]:
    return index.search(asked, **options).tracks.track_idx.tolist()


def naive_bm25(texts: list[str], words: list[str], k1: float, b: float) -> list[float]:
    split = [tokens(text) for text in texts]
    mean = sum(map(len, split)) / len(split)
    scores = []
    for own in split:
        score = 0.0
        for word in set(words):
            df = sum(word in other for other in split)
            idf = log(1 + (len(split) - df + 0.5) / (df + 0.5))
            tf = own.count(word)
            if tf:
                score += idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * len(own) / mean))
        scores.append(score)
    return scores


@pytest.mark.parametrize(("k1", "b"), [(1.2, 0.5), (0.0, 0.0), (2.0, 1.0)])
def test_bm25_is_its_formula(k1, b):
    texts = ["a a b", "b c", "", "a c c c d", "Ünïcode d'Art"]
    index = BM25(texts, k1, b)
    for words in (["a"], ["c", "a", "a"], ["nothing"], ["unicode", "dart", "d"], []):
        expected = naive_bm25(texts, words, k1, b)
        np.testing.assert_allclose(index.scores(words), expected, rtol=1e-12)


def test_ranks_are_those_of_a_loop_and_equals_share_the_better_one():
    values = np.array([2.0, np.nan, 5.0, 2.0, -1.0])
    expected = [0.0 if np.isnan(v) else 1 / (61 + sum(o > v for o in values)) for v in values]
    np.testing.assert_allclose(reciprocal_ranks(values), expected)


def test_words_find_the_tracks_that_have_them(index):
    assert found(index, "sunday rainy") == [0, 3]
    answer = index.search("sunday rainy")
    assert answer.evidence[0].words == ("rainy", "sunday")
    assert answer.evidence[1].words == ("sunday",)


def test_words_and_vectors_are_fused_by_rank(index):
    answer = index.search("sunday", np.array([0.0, 2.0, 0.0]))
    by_words, by_vector = reciprocal_ranks(index.words.scores(["sunday"])), [3, 1, 3, 2]
    expected = {
        row: (by_words[row] if row in (0, 3) else 0.0) + 1 / (60 + by_vector[row])
        for row in range(4)
    }
    got = dict(zip(answer.tracks.track_idx.tolist(), answer.tracks.scores.tolist(), strict=True))
    assert got == pytest.approx(expected)
    assert answer.evidence[0].cosine == pytest.approx(0.5**0.5)


def test_a_track_without_a_vector_is_not_ranked_by_it(index):
    assert 4 not in found(index, AskedFor(), query_vector=np.ones(3))


def test_parts_add_up_to_the_score(index):
    asked = AskedFor(
        words=("rainy",), moods=("calm",), genres=("folk",), related_genres=(("rock", 0.4),),
        year_from=1990, year_to=1999, tempo_to_bpm=90.0, valence=0.3, arousal=-0.6,
        instrumental=True,
    )  # fmt: skip
    answer = index.search(asked, np.ones(3), n=5)
    for score, evidence in zip(answer.tracks.scores, answer.evidence, strict=True):
        assert sum(evidence.parts.values()) == pytest.approx(score)
    assert answer.tracks.track_idx[0] == 0
    assert {"words", "vector", "mood calm", "genre", "year", "tempo", "feeling",
            "instrumental"} == set(answer.evidence[0].parts)  # fmt: skip
    assert {"acoustic", "slow"} <= set(answer.evidence[0].facts)


def test_a_wish_that_holds_is_worth_its_weight_in_first_places(index):
    answer = index.search(AskedFor(genres=("rock",), related_genres=(("heavy metal", 0.5),)))
    assert answer.tracks.track_idx.tolist() == [3, 1]
    np.testing.assert_allclose(answer.tracks.scores, [2.5 * FIRST_PLACE, 1.25 * FIRST_PLACE])


def test_a_wish_on_years_takes_nothing_away_and_a_condition_does(index):
    words = ("sunday", "rain")
    assert set(found(index, AskedFor(words=words, year_from=1990, year_to=1999))) >= {0, 1, 3}
    strict = AskedFor(words=words, year_from=1990, year_to=1999, is_year_strict=True)
    assert found(index, strict) == [0]
    assert 4 not in found(index, replace_words(strict, ("untitled",)))


def replace_words(asked: AskedFor, words: tuple[str, ...]) -> AskedFor:
    from msgspec.structs import replace as struct_replace

    return struct_replace(asked, words=words)


def test_what_was_said_to_be_left_out_is_left_out(index):
    everything = np.ones(3)
    assert 1 not in found(index, AskedFor(without_genres=("Heavy-Metal",)), query_vector=everything)
    assert 3 not in found(index, AskedFor(without_words=("drive",)), query_vector=everything)
    assert 0 not in found(index, AskedFor(without_moods=("calm",)), query_vector=everything)
    assert found(index, AskedFor(instrumental=True), query_vector=everything) == [0]
    assert 0 not in found(index, AskedFor(instrumental=False), query_vector=everything)


def test_only_allowed_tracks_are_found_and_ranks_are_among_them(index):
    allowed = np.array([False, True, True, True, True])
    answer = index.search("sunday", allowed=allowed)
    assert answer.tracks.track_idx.tolist() == [3]
    assert answer.tracks.scores[0] == pytest.approx(FIRST_PLACE)
    assert allowed.sum() == 4


def test_a_request_that_nothing_speaks_for_finds_nothing(index):
    for asked in ("", "xylophone", AskedFor()):
        assert found(index, asked) == []
    assert found(index, "sunday", n=0) == []
    assert found(index, AskedFor(), query_vector=np.full(3, np.nan)) == []


def test_shapes_that_do_not_fit_are_refused(index):
    with pytest.raises(InvalidInputError, match="query_vector"):
        index.search("a", np.ones(4))
    with pytest.raises(InvalidInputError, match="allowed"):
        index.search("a", allowed=np.ones(2, bool))
    with pytest.raises(InvalidDataError, match="1 documents for 2 tracks"):
        AskIndex.fit(Dataset.from_csr(sparse.csr_matrix((0, 2))), ["one"])


def test_an_empty_library_answers_with_nothing():
    index = AskIndex.fit(Dataset.from_csr(sparse.csr_matrix((0, 0))), [])
    assert found(index, "anything") == []


def test_one_name_for_all_spellings_is_asked_of_the_caller():
    table = replace(
        TrackTable.bare("a"), terms=sparse.csr_matrix([[1.0]]), term_names=["Rap"],
        term_kinds=["genre"],
    )  # fmt: skip
    data = Dataset.from_csr(sparse.csr_matrix((0, 1)), table)
    wish = AskedFor(genres=("hip hop",))
    assert found(AskIndex.fit(data, [""]), wish) == []
    index = AskIndex.fit(data, [""], canonical_genre={"rap": "hip hop"}.get)
    assert found(index, wish) == [0]


def test_rows_of_nothing_become_nan():
    rows = unit_or_nan(np.array([[3.0, 4.0], [0.0, 0.0], [np.nan, 1.0]]))
    np.testing.assert_allclose(rows[0], [0.6, 0.8], rtol=1e-6)
    assert np.isnan(rows[1:]).all()
