"""Mood rules and the lexicon: known songs where they belong, and every formula as a loop."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from segue.data.affect import LEXICON, MOODS, affect_of_words
from segue.data.dataset import Dataset, TrackTable
from segue.data.leanings import Leanings
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models.knowledge import Knowledge, mood_matrix, year_bumps
from segue.models.moods import EDGES, TrackMoods, affect_of_terms, ranges_of, within

COLUMNS = {"valence": 0, "energy": 1, "tempo": 2, "acousticness": 3, "instrumentalness": 4}
GENRES = ["ambient", "death metal", "disco", "folk", "techno", "singer songwriter"]
SOUND = [
    [0.3, 0.05, 65, 0.9, 0.95],
    [0.1, 0.98, 190, 0.0, 0.3],
    [0.9, 0.8, 120, 0.1, 0.0],
    [0.4, 0.2, 85, 0.9, 0.0],
    [0.5, 0.9, 135, 0.0, 0.8],
    [0.1, 0.2, 80, 0.8, 0.0],
]


def library(names=GENRES, sound=None, year=None, kind="genre") -> TrackTable:
    table = replace(
        TrackTable.bare(f"t{i}" for i in range(len(names))),
        terms=sparse.csr_matrix(np.eye(len(names), dtype=np.float32)), term_names=list(names),
        term_kinds=[kind] * len(names),
    )  # fmt: skip
    if sound is not None:
        table = replace(table, vectors={"sound": np.array(sound, np.float32)})
    return table if year is None else replace(table, year=np.array(year, np.int16))


@pytest.mark.parametrize("sound", [None, SOUND])
@pytest.mark.parametrize(
    ("mood", "best"),
    [("calm", {"ambient", "folk", "singer songwriter"}), ("party", {"disco", "techno"}),
     ("sleep", {"ambient"}), ("happy", {"disco"}), ("workout", {"techno", "disco"})],
)  # fmt: skip
def test_each_mood_prefers_the_genres_made_for_it(mood, best, sound):
    moods = TrackMoods.of(library(sound=sound), COLUMNS if sound else None)
    assert GENRES[int(moods.score(mood).argmax())] in best


def test_sad_is_told_by_sound_and_by_tags():
    sad = TrackMoods.of(library(["sad", "disco", "party"], kind="tag")).score("sad")
    assert sad[0] > 0.5
    assert sad[1] == sad[2] == 0  # left out by name
    assert GENRES[int(TrackMoods.of(library(sound=SOUND), COLUMNS).score("sad").argmax())] in (
        "singer songwriter", "folk",
    )  # fmt: skip


def test_a_score_is_the_mean_of_its_facts_less_doubt():
    moods = TrackMoods.of(library(sound=SOUND), COLUMNS)
    for mood, rule in MOODS.items():
        scores = moods.score(mood)
        for row in range(len(GENRES)):
            names = moods.names[row]
            if names & rule.excluded:
                assert scores[row] == 0
                continue
            facts = []
            for name, (low, high) in ranges_of(rule).items():
                value = moods.facts[name][row]
                if np.isnan(value):
                    continue
                outside = max(low - value, value - high, 0.0)
                facts.append(max(0.0, 1 - outside / EDGES.get(name, 0.25)))
            if names & rule.liked:
                facts += [1.0, 1.0]
            expected = np.mean(facts) * (1 - 0.5 ** len(facts)) if facts else 0.0
            assert scores[row] == pytest.approx(expected)


def test_scores_lie_in_0_to_1_and_what_is_unknown_suits_nothing():
    moods = TrackMoods.of(library(["", "zzz", "ambient"]))
    for mood in MOODS:
        scores = moods.score(mood)
        assert (scores >= 0).all()
        assert (scores <= 1).all()
        assert scores[0] == scores[1] == 0


def test_facts_are_named_in_words_and_excluded_tracks_have_none():
    moods = TrackMoods.of(library(sound=SOUND), COLUMNS)
    texts = [fact.text for fact in moods.facts_of("calm", 0)]
    assert {"ambient", "still", "slow", "soft", "acoustic"} <= set(texts)
    assert moods.facts_of("calm", 1) == []
    strengths = [fact.strength for fact in moods.facts_of("happy", 3)]
    assert strengths == sorted(strengths, reverse=True)


def test_valence_and_arousal_are_the_shrunk_weighted_means_of_the_terms():
    table = replace(
        library(["sad", "disco", "ambient rain", "zzz"]),
        terms=sparse.csr_matrix(np.array([[1, 1, 0, 0], [0, 0, 2, 1], [0, 0, 0, 1]], np.float32)),
        term_kinds=["tag", "genre", "word", "tag"], ids=TrackTable.bare("abc").ids,
        **{name: getattr(TrackTable.bare("abc"), name) for name in (
            "titles", "artists", "artist_idx", "album_idx", "recording_idx", "year", "duration_s",
            "added_at", "owned", "explicit")},
    )  # fmt: skip
    found = affect_of_terms(table)
    pair = np.array([LEXICON["sad"], LEXICON["disco"]]).sum(axis=0) / 2.5
    np.testing.assert_allclose(found[0], pair)
    words = np.array([LEXICON["ambient"], LEXICON["rain"]]).mean(axis=0)
    np.testing.assert_allclose(found[1], 0.4 * words / 0.9)
    assert np.isnan(found[2]).all()


def test_measured_sound_and_words_meet_half_way():
    table = library(["sad"], [[1.0, 0.0, 0, 0, 0]])
    with_sound, without = TrackMoods.of(table, COLUMNS), TrackMoods.of(table)
    expected = 0.5 * without.facts["valence"] + 0.5 * 1.0
    np.testing.assert_allclose(with_sound.facts["valence"], expected)
    assert np.isnan(without.facts["tempo_bpm"]).all()


def test_the_lexicon_is_folded_in_range_and_covers_the_named_moods():
    from segue.text.normalise import fold

    assert 150 <= len(LEXICON) <= 300
    for word, (valence, arousal) in LEXICON.items():
        assert fold(word) == word
        assert -1 <= valence <= 1
        assert -1 <= arousal <= 1
    assert LEXICON["happy"][0] > 0 > LEXICON["sad"][0]
    assert LEXICON["energetic"][1] > 0 > LEXICON["calm"][1]


def test_the_longest_phrase_is_read_first():
    assert affect_of_words("black metal")[2] == 1
    assert affect_of_words("metal black")[2] == 1
    assert affect_of_words("drum and bass sad")[2] == 2
    assert affect_of_words("") == (0.0, 0.0, 0)


def test_an_unknown_mood_or_column_is_refused():
    with pytest.raises(InvalidInputError, match="no mood 'grumpy'; there are: calm"):
        TrackMoods.of(library()).score("grumpy")
    with pytest.raises(InvalidInputError, match=r"must lie in 0\.\.4"):
        TrackMoods.of(library(sound=SOUND), {"energy": 9})


def test_edges_fall_in_a_line_and_unknown_stays_unknown():
    np.testing.assert_allclose(
        within(np.array([-0.25, 0.0, 1.0, 1.125, 9.0, np.nan]), (0.0, 1.0), 0.25),
        [0, 1, 1, 0.5, 0, np.nan],
    )


def test_similarity_is_the_weighted_sum_of_three_cosines():
    table = library(year=[1990, 1991, 1970, 0, 2015, 1990])
    model = Knowledge(0.7, 1.3, 0.2).fit(Dataset.from_csr(sparse.csr_matrix((0, 6)), table))
    parts = [mood_matrix(TrackMoods.of(table)), np.eye(6), year_bumps(table.year)]

    def cosine(matrix, a, b):
        lengths = np.linalg.norm(matrix[a]) * np.linalg.norm(matrix[b])
        return matrix[a] @ matrix[b] / lengths if lengths else 0.0

    scores = model.score(model.fold_in(Profile.from_weights({0: 1.0, 2: -0.5})))
    for track in range(6):
        near = [
            sum(w * cosine(p, own, track) for w, p in zip((0.7, 1.3, 0.2), parts, strict=True))
            for own in (0, 2)
        ]
        assert scores[track] == pytest.approx(near[0] - 0.5 * near[1], abs=1e-5)


def test_tracks_of_one_mood_go_together_without_a_shared_genre():
    data = Dataset.from_csr(sparse.csr_matrix((0, 6)), library(sound=SOUND))
    model = Knowledge(sound_columns=COLUMNS).fit(data)
    assert GENRES[int(model.similar(3, n=1).track_idx[0])] in ("singer songwriter", "ambient")
    terms = [part.term for part in model.explain_terms(Profile.from_weights({0: 1.0}), 3)]
    assert set(terms) & {"calm", "sleep", "sad"}


def test_own_words_find_their_genres_moods_and_years_and_say_which():
    table = library(year=[1995, 2010, 1978, 1970, 1996, 2001])
    model = Knowledge().fit(Dataset.from_csr(sparse.csr_matrix((0, 6)), table))
    said = Leanings(genres=(("Disco", 1.0),), moods=(("calm", 0.5),), year_from=1990, year_to=1999)
    lean = model.lean(said)
    scores = model.score(lean)
    assert lean.shape == (model._vectors.shape[1],)
    assert model.shared_terms(lean, 2)[0] == "disco"
    assert model.shared_terms(lean, 0)[0] == "calm"
    assert any(term.startswith("about 199") for term in model.shared_terms(lean, 4))
    assert scores[2] > scores[1]
    for row in range(6):  # the terms that add, and nothing else, make the score
        added = model._vectors[row].toarray()[0] * lean
        assert scores[row] == pytest.approx(added.sum(), abs=1e-5)
        named = {str(model._terms[c]) for c in np.flatnonzero(added > 0)}
        assert set(model.shared_terms(lean, row)) == named


def test_each_part_of_own_words_has_the_length_of_its_weight_and_nothing_said_is_zero():
    model = Knowledge(mood_weight=2.0, genre_weight=0.5, year_weight=0.3)
    model.fit(Dataset.from_csr(sparse.csr_matrix((0, 6)), library(year=[1990] * 6)))
    said = Leanings(genres=(("folk", 1.0), ("disco", 0.5)), moods=(("sad", 1.0),), year_from=1990)
    lean = model.lean(said).astype(np.float64)
    assert (lean[: len(MOODS)] ** 2).sum() == pytest.approx(2.0)
    assert (lean**2).sum() == pytest.approx(2.8, rel=1e-5)
    assert not model.lean(Leanings()).any()
    assert model.of_genres(["Singer-Songwriter"]).tolist() == [False] * 5 + [True]
