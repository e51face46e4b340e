"""Popularity against a loop over the events."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset, TrackTable
from segue.data.feedback import EventColumns
from segue.data.query import Profile
from segue.data.records import EVENT_KINDS, EventKind
from segue.data.vocabulary import Vocabulary
from segue.errors import InvalidInputError
from segue.models.popularity import Popularity

DAY = 86_400.0
NOW = 1000 * DAY
GENRES = [{0}, {0, 1}, {1}, {1}, set(), set(), {2}]


def table(n: int = 7) -> TrackTable:
    terms = np.zeros((n, 4), np.float32)
    for track, genres in enumerate(GENRES[:n]):
        terms[track, list(genres)] = 1
        terms[track, 3] = 1  # a tag that all share: no genre
    return replace(
        TrackTable.bare(map(str, range(n))),
        terms=sparse.csr_matrix(terms),
        term_names=["jazz", "soul", "noise", "live"],
        term_kinds=["genre", "genre", "genre", "tag"],
    )


def random_events(n: int = 300) -> EventColumns:
    rng = np.random.default_rng(4)
    return EventColumns(
        rng.integers(0, 9, n).astype(np.int32),
        np.minimum(rng.integers(0, 7, n), rng.integers(0, 7, n)).astype(np.int32),
        rng.integers(0, len(EVENT_KINDS), n).astype(np.int8),
        NOW - rng.integers(-2, 100, n) * DAY,  # a few lie after now
        rng.random(n).astype(np.float32),
        np.full(n, 3, np.float32),
    )


def with_events(events: EventColumns) -> Dataset:
    return Dataset.from_events(table(), Vocabulary(map(str, range(9))), events, NOW)


def scores_of(model: Popularity) -> list[float]:
    return model.score(model.fold_in(Profile.empty())).tolist()


def plays_of(events: EventColumns) -> list[tuple[int, int, float]]:
    columns = zip(
        events.kind, events.listener_idx, events.track_idx, events.listened_at, strict=True
    )
    return [
        (int(who), int(what), max(NOW - when, 0) / DAY)
        for kind, who, what, when in columns
        if EVENT_KINDS[kind] is EventKind.PLAY
    ]


@pytest.mark.parametrize("window", [20.0, 50.0])
def test_a_window_counts_the_listeners_who_played_within_it(window):
    events = random_events()
    listeners: list[set[int]] = [set() for _ in range(7)]
    for who, what, age in plays_of(events):
        if age <= window:
            listeners[what].add(who)
    model = Popularity(window_days=window).fit(with_events(events))
    assert scores_of(model) == [len(found) for found in listeners]


@pytest.mark.parametrize("window", [None, 30.0])
def test_a_half_life_fades_each_play(window):
    events = random_events()
    expected = [0.0] * 7
    for _, what, age in plays_of(events):
        if window is None or age <= window:
            expected[what] += 0.5 ** (age / 10.0)
    model = Popularity(half_life_days=10.0, window_days=window).fit(with_events(events))
    np.testing.assert_allclose(scores_of(model), expected, rtol=1e-6)


def test_without_times_listeners_who_like_a_track_are_counted():
    likes = np.array([[1, 0, 5, -1], [2, -3, 1, 0], [0, 0, 0.5, 0]])
    model = Popularity().fit(Dataset.from_csr(sparse.csr_matrix(likes)))
    assert scores_of(model) == [2, 0, 3, 0]


def test_without_plays_the_times_of_likes_fade():
    events = random_events(40)
    events = events.take(events.kind != EVENT_KINDS.index(EventKind.PLAY))
    data = with_events(events)
    matrix = data.interactions.user_items.tocoo()
    expected = [0.0] * 7
    times = data.interactions.last_listened_at
    for track, value, when in zip(matrix.col, matrix.data, times, strict=True):
        if value > 0:
            expected[track] += 0.5 ** (max(NOW - when, 0) / DAY / 10)
    np.testing.assert_allclose(scores_of(Popularity(10.0).fit(data)), expected, rtol=1e-6)


def test_by_genre_divides_by_the_best_of_the_most_favourable_genre():
    counts = [4, 6, 3, 1, 2, 1, 1]
    likes = np.array([[1 if row < count else 0 for count in counts] for row in range(6)])
    model = Popularity(by_genre=True).fit(Dataset.from_csr(sparse.csr_matrix(likes), table()))
    expected = []
    for track, genres in enumerate(GENRES):
        groups = [[t for t, other in enumerate(GENRES) if genre in other] for genre in genres]
        groups = groups or [[t for t, other in enumerate(GENRES) if not other]]
        expected.append(max(counts[track] / max(counts[t] for t in group) for group in groups))
    np.testing.assert_allclose(scores_of(model), expected, rtol=1e-6)


def test_similar_takes_the_same_genre_first_and_then_the_rest_by_popularity():
    counts = [4, 6, 3, 1, 5, 1, 2]
    likes = np.array([[1 if row < count else 0 for count in counts] for row in range(6)])
    model = Popularity().fit(Dataset.from_csr(sparse.csr_matrix(likes), table()))
    assert model.similar(2).track_idx.tolist() == [1, 3, 4, 0, 6, 5]
    assert model.similar(5).track_idx.tolist() == [1, 4, 0, 2, 6, 3]  # no genre: plain order


@pytest.mark.parametrize("params", [{"half_life_days": 0.0}, {"window_days": -1.0}])
def test_times_that_are_not_above_zero_are_refused(params):
    with pytest.raises(InvalidInputError, match="must be above 0 or None"):
        Popularity(**params).fit(Dataset.from_csr(sparse.csr_matrix((1, 2))))
