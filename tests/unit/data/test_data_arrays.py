"""Vocabularies, interactions, lists and profiles against sorting and adding by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from segue.data.dataset import Dataset, TrackTable
from segue.data.feedback import EventColumns
from segue.data.interactions import Interactions
from segue.data.items import GROUP, top_n
from segue.data.query import Controls, Profile, Query
from segue.data.records import Event, EventKind
from segue.data.vocabulary import Vocabulary
from segue.errors import InvalidDataError, InvalidInputError


def test_a_vocabulary_maps_both_ways():
    ids = ["c", "a", "b"]
    vocabulary = Vocabulary(ids)
    assert [vocabulary.index(i) for i in ids] == [0, 1, 2] == [vocabulary.get(i) for i in ids]
    assert [vocabulary[row] for row in range(3)] == ids == list(vocabulary) == vocabulary.ids
    assert vocabulary.get("z") is None
    assert "a" in vocabulary
    assert "z" not in vocabulary
    rows = vocabulary.rows(["b", "z", "c"])
    assert rows.tolist() == [2, -1, 0]
    assert rows.dtype == np.int32
    assert vocabulary == Vocabulary(ids) != Vocabulary(["a"])


def test_a_vocabulary_refuses_repeats_and_what_is_no_string():
    with pytest.raises(InvalidDataError, match="'a' stands in rows 0 and 2"):
        Vocabulary(["a", "b", "a"])
    with pytest.raises(InvalidDataError, match="7 in row 1 is not a string"):
        Vocabulary(["a", 7])  # type: ignore[list-item]


few_scores = st.sampled_from([-np.inf, -1.0, 0.0, 0.5, 0.5, 2.0, np.nan, np.inf])


@given(
    st.lists(st.tuples(few_scores, st.booleans()), max_size=30),
    st.integers(0, 35),
    st.booleans(),
)
def test_top_n_is_sorting_by_score_and_then_row(pairs, n, masked):
    scores = np.array([score for score, _ in pairs], np.float32)
    allowed = np.array([keep for _, keep in pairs], bool)
    found = top_n(scores, n, allowed if masked else None)
    rows = [r for r in range(len(pairs)) if scores[r] > -np.inf and (allowed[r] or not masked)]
    expected = sorted(rows, key=lambda r: (-scores[r], r))[:n]
    assert found.track_idx.tolist() == expected
    assert found.scores.tolist() == [scores[r] for r in expected]


@pytest.mark.parametrize("n", [1, 7, 50, 500])
@pytest.mark.parametrize("n_values", [3, 40, 10**6])
def test_top_n_of_many_scores_is_sorting_too(n, n_values):
    rng = np.random.default_rng(n_values)
    scores = rng.integers(0, n_values, GROUP * 300 + 17).astype(np.float32)
    scores[rng.random(len(scores)) < 0.1] = np.nan
    allowed = rng.random(len(scores)) < 0.5
    rows = np.flatnonzero(allowed & ~np.isnan(scores)).tolist()
    expected = sorted(rows, key=lambda r: (-scores[r], r))[:n]
    found = top_n(scores, n, allowed)
    assert found.track_idx.tolist() == expected
    assert found.track_idx.dtype == np.int32
    assert found.scores.dtype == np.float32


def test_top_n_of_many_scores_with_few_allowed_returns_all_of_those():
    scores = np.full(GROUP * 100, -np.inf, np.float32)
    scores[[5, 9]] = 1.0
    assert top_n(scores, 50).track_idx.tolist() == [5, 9]
    assert len(top_n(np.ones(GROUP * 100), 50, np.zeros(GROUP * 100, bool))) == 0


pair_lists = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(-4, 4), st.integers(0, 9)),
    max_size=20,
)


@given(pair_lists)
def test_repeated_pairs_are_added_and_the_newest_time_kept(pairs):
    columns = [np.array([pair[i] for pair in pairs], int) for i in range(4)]
    data = Interactions.from_pairs(*columns, shape=(4, 5))
    sums: dict[tuple[int, int], int] = {}
    newest: dict[tuple[int, int], int] = {}
    for who, what, value, when in pairs:
        sums[who, what] = sums.get((who, what), 0) + value
        newest[who, what] = max(newest.get((who, what), 0), when)
    matrix = data.user_items.tocoo()
    found = list(zip(matrix.row.tolist(), matrix.col.tolist(), strict=True))
    assert found == sorted(sums)
    assert matrix.data.tolist() == [sums[pair] for pair in sorted(sums)]
    assert data.last_listened_at.tolist() == [newest[pair] for pair in sorted(sums)]
    assert data.user_items.has_sorted_indices


def test_only_what_is_above_zero_is_positive():
    data = Interactions.from_csr(sparse.csr_matrix([[1.0, -1.0, 0.0], [0.0, 0.0, 2.0]]))
    assert data.positive().toarray().tolist() == [[1.0, 0.0, 0.0], [0.0, 0.0, 2.0]]
    assert data.user_items.nnz == 3


@pytest.mark.parametrize(
    ("rows", "columns", "values", "words"),
    [
        ([0, 1], [0], [1.0, 1.0], "one length"),
        ([2], [0], [1.0], r"listener_idx must lie in 0\.\.1"),
        ([0], [-1], [1.0], r"track_idx must lie in 0\.\.2"),
        ([0], [1], [np.nan], "value must be finite, row 0"),
    ],
)
def test_columns_that_break_a_rule_are_refused(rows, columns, values, words):
    with pytest.raises(InvalidDataError, match=words):
        Interactions.from_pairs(np.array(rows), np.array(columns), np.array(values), shape=(2, 3))


def test_a_data_set_checks_its_sides():
    with pytest.raises(InvalidDataError, match="ids say"):
        Dataset.from_csr(sparse.csr_matrix((2, 3)), TrackTable.bare(["a"]))


def listen(kind: EventKind, track: str, at: float) -> Event:
    return Event(listener_id="u", track_id=track, kind=kind, listened_at=at, idempotency_key="k")


def test_a_profile_has_what_was_played_last_first():
    events = [
        listen(EventKind.PLAY, "a", 1.0),
        listen(EventKind.PLAY, "b", 2.0),
        listen(EventKind.PLAY, "a", 3.0),
        listen(EventKind.PLAY, "gone", 4.0),
        listen(EventKind.DISLIKE, "c", 5.0),
        listen(EventKind.SKIP, "c", 6.0),
    ]
    tracks = Vocabulary(["c", "b", "a"])
    profile = Profile.from_events(events, tracks, np.full(3, 200.0), now=9.0)
    assert profile.recent.tolist() == [2, 1]
    assert profile.track_idx.tolist() == [0, 1, 2]
    assert profile.n_unknown == 1
    short = Profile.from_events(events, tracks, np.full(3, 200.0), now=9.0, n_recent=1)
    assert short.recent.tolist() == [2]


def test_a_profile_of_weights_is_sorted_by_row():
    profile = Profile.from_weights({4: 1.0, 2: -0.5})
    assert profile.dense(6).tolist() == [0, 0, -0.5, 0, 1.0, 0]
    assert not profile.is_empty
    assert Profile.empty().is_empty
    assert Profile.from_weights({}).is_empty


def test_no_events_give_an_empty_profile():
    profile = Profile.from_events([], Vocabulary(["a"]), np.ones(1), now=0.0)
    assert profile.is_empty
    assert len(EventColumns.empty()) == 0


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"familiar": 1.5}, "familiar must lie in 0..1"),
        ({"variety": -0.1}, "variety must lie in"),
        ({"artist_gap": 51}, "artist_gap must lie in"),
        ({"year_from": 2000, "year_to": 1990}, "year_from 2000 is later"),
        ({"min_duration_s": -1.0}, "min_duration_s -1.0 must lie between 0"),
        ({"min_duration_s": 90.0, "max_duration_s": 60.0}, "max_duration_s 60.0"),
        ({"max_duration_s": float("nan")}, "max_duration_s nan"),
    ],
)
def test_controls_out_of_range_are_refused_by_name(fields, words):
    with pytest.raises(InvalidInputError, match=words):
        Controls(**fields).check()
    assert Controls().check() == Controls()


@pytest.mark.parametrize("n", [0, 501])
def test_a_query_has_a_bounded_length(n):
    with pytest.raises(InvalidInputError, match=r"n must lie in 1\.\.500"):
        Query("home", Profile.empty(), n)


def test_vectors_of_another_length_than_the_catalogue_are_refused():
    table = TrackTable.bare(["a", "b"])
    assert replace(table, vectors={"sound": np.zeros((2, 4))}).vectors["sound"].shape == (2, 4)
    for wrong in (np.zeros((3, 4)), np.zeros(2)):
        with pytest.raises(InvalidDataError, match=r"vectors 'sound' have shape .*\(2, d\)"):
            replace(table, vectors={"sound": wrong})
