import dataclasses
from datetime import timedelta, timezone

import msgspec
import numpy as np
import pytest

from segue.data.dataset import Dataset
from segue.data.feedback import EventColumns
from segue.data.records import EVENT_CODE, EventKind
from segue.data.vocabulary import Vocabulary
from segue.evaluation.cuts import newest_cut, past_of
from segue.models.base import create
from segue.pipeline.candidates import Blend
from segue.pipeline.ranking_features import feature_names, is_rising
from segue.synthetic.listeners import listen_columns, make_catalogue, make_listeners
from segue.training import ranker as room
from segue.training.local import TrainingPlan, train_set
from segue.training.ranker import (
    RankerPlan,
    Slice,
    gain_by_moments,
    learn_ranker,
    liked_soon,
    moments,
)

START, DAY = 1.72e9, 86_400.0
BLEND = (Blend("taste"), Blend("content", 0.4), Blend("popularity", 0.15))
PLAN = RankerPlan(min_moments=20, n_trees=20, min_rows_in_leaf=20, max_moments=80)
MODELS = {
    "ease": {"n_neighbors": 50, "regularization": 30.0},
    "content": {},
    "popularity": {"half_life_days": 60.0},
}


@pytest.fixture(scope="module")
def dataset():
    tracks = make_catalogue(150, seed=4)
    listeners = make_listeners(tracks, 36, seed=4)
    events = listen_columns(listeners, tracks, start=START, days=60, seed=4)
    names = Vocabulary(str(i) for i in range(36))
    return Dataset.from_events(tracks, names, events, START + 60 * DAY)


def slice_of(dataset, start, stop):
    past = past_of(dataset, start)
    return Slice(
        past, {name: create(name, **p).fit(past) for name, p in MODELS.items()}, start, stop
    )


@pytest.fixture(scope="module")
def slices(dataset):
    a, b = START + 40 * DAY, START + 50 * DAY
    return slice_of(dataset, a, b), slice_of(dataset, b, dataset.now)


@pytest.fixture(scope="module")
def outcome(dataset, slices):
    return learn_ranker(dataset, *slices, BLEND, PLAN)


def columns(rows):
    """Events of (listener, track, kind, time, value)."""
    who, what, kind, when, value = zip(*rows, strict=True)
    return EventColumns(
        np.array(who, np.int32), np.array(what, np.int32),
        np.array([EVENT_CODE[k] for k in kind], np.int8), np.array(when, np.float64),
        np.full(len(who), np.nan, np.float32), np.array(value, np.float32),
    )  # fmt: skip


def test_what_is_loved_rated_high_or_finished_twice_is_liked_strongly():
    play, nan = EventKind.PLAY, np.nan
    events = columns([
        (0, 1, play, 0, nan), (0, 2, play, 0, nan), (0, 2, play, 9, nan),
        (0, 3, EventKind.LOVE, 0, nan), (0, 4, EventKind.RATE, 0, 4), (0, 5, EventKind.RATE, 0, 1),
        (0, 6, EventKind.SKIP, 0, nan),
    ])  # fmt: skip
    liked, grade = liked_soon(events, 10.0)
    assert dict(zip(liked.tolist(), grade.tolist(), strict=True)) == {1: 1, 2: 2, 3: 2, 4: 2}


def test_moments_begin_sessions_inside_the_slice_and_look_no_further_than_its_end():
    play, nan = EventKind.PLAY, np.nan
    events = columns([
        (0, 1, play, 1_000.0, nan), (0, 2, play, 1_100.0, nan),
        (0, 3, play, 9_000.0, nan), (0, 4, play, 9_500.0, nan), (0, 5, play, 9_900.0, nan),
        (1, 6, EventKind.SKIP, 9_100.0, nan),
    ])  # fmt: skip
    (found,) = moments(events, 5_000.0, 9_800.0, RankerPlan())
    assert (found.listener_idx, found.now) == (0, 9_000.0)
    assert found.liked.tolist() == [3, 4]


def test_no_more_moments_than_asked_for(dataset):
    plan = RankerPlan(moments_per_listener=2, max_moments=9)
    found = moments(dataset.events, START, dataset.now, plan)
    assert len(found) == 9
    each = np.bincount([moment.listener_idx for moment in found])
    assert each.max() <= 2


def test_the_learned_order_beats_the_fusion_it_replaces_on_planted_taste(outcome):
    assert outcome.ranker is not None
    assert outcome.gain.difference > 0
    assert outcome.scores["learned_fusion.ndcg@20"] > outcome.scores["rank_fusion.ndcg@20"]
    assert "won" in outcome.note


def test_nearly_all_moments_it_learned_from_have_as_long_a_history(dataset, slices, outcome):
    learn, _ = slices
    known = []
    for moment in moments(dataset.events, learn.start, learn.stop, PLAN):
        own = dataset.events.take(dataset.events.listener_idx == moment.listener_idx)
        known.append(len(np.unique(own.track_idx[own.listened_at < moment.now])))
    least = outcome.ranker.least_known
    assert 0.85 <= np.mean(np.array(known) >= least) <= 1.0
    assert least > min(known)


def test_a_ranker_that_loses_is_not_used(dataset, slices, monkeypatch):
    def upside_down(cases, sources, plan):
        """A single stump that puts last what the taste source names first."""
        column = feature_names(sources).index("rank:taste")
        leaf = [{"leaf_value": value, "leaf_count": 1} for value in (1.0, -1.0)]
        return [{"split_feature": column, "threshold": 0.8, "decision_type": "<=",
                 "left_child": leaf[0], "right_child": leaf[1]}]  # fmt: skip

    monkeypatch.setattr(room, "_boost", upside_down)
    lost = learn_ranker(dataset, *slices, BLEND, PLAN)
    assert lost.ranker is None
    assert "lost" in lost.note
    assert lost.scores["learned_fusion.ndcg@20"] < lost.scores["rank_fusion.ndcg@20"]


def test_too_few_moments_to_learn_from_are_said(dataset, slices):
    waits = learn_ranker(dataset, *slices, BLEND, RankerPlan(min_moments=10**6))
    assert waits.ranker is None
    assert "of 1000000 moments" in waits.note


def test_the_ranker_is_judged_on_as_many_moments_as_asked_for(dataset, slices):
    plan = msgspec.structs.replace(PLAN, max_judged=7, n_trees=1)
    assert "7 moments" in learn_ranker(dataset, *slices, BLEND, plan).note


def test_more_of_a_source_never_lowers_a_track(outcome):
    names = feature_names(outcome.ranker.sources)
    rng = np.random.default_rng(1)
    rows = rng.random((300, len(names)))
    for column, name in enumerate(names):
        if is_rising(name):
            more = rows.copy()
            more[:, column] += rng.random(300)
            gained = outcome.ranker.trees.predict(more) - outcome.ranker.trees.predict(rows)
            assert gained.min() >= -1e-9, name


def test_what_is_learned_does_not_depend_on_anything_after_the_slice(dataset, slices, outcome):
    before = dataset.events.listened_at < slices[0].stop
    shuffled = dataclasses.replace(
        dataset.events,
        track_idx=np.where(before, dataset.events.track_idx, dataset.events.track_idx[::-1]),
    )
    changed = dataclasses.replace(dataset, events=shuffled)
    other = room._ask(changed, slices[0], BLEND, PLAN, ("taste", "content", "popularity"))
    same = room._ask(dataset, slices[0], BLEND, PLAN, ("taste", "content", "popularity"))
    assert len(other) == len(same)
    for a, b in zip(other, same, strict=True):
        np.testing.assert_array_equal(a.rows, b.rows)
        np.testing.assert_array_equal(a.grade, b.grade)


def test_learning_twice_gives_the_same_ranker(dataset, slices, outcome):
    again = learn_ranker(dataset, *slices, BLEND, PLAN)
    rows = np.random.default_rng(2).random((50, outcome.ranker.trees.n_features))
    np.testing.assert_array_equal(
        again.ranker.trees.predict(rows), outcome.ranker.trees.predict(rows)
    )


def test_training_a_set_measures_learns_and_says_so(dataset):
    trained = train_set(dataset, TrainingPlan(models=MODELS, ranker=PLAN))
    assert set(trained.models) == set(MODELS)
    assert {f"{name}.ndcg@20" for name in MODELS} <= set(trained.scores)
    assert trained.ranker is not None
    assert trained.ranker.sources == ("taste", "content", "popularity")
    plain = train_set(dataset, TrainingPlan(models=MODELS, ranker=None))
    assert plain.ranker is None


def test_the_past_of_the_newest_tenth_holds_nine_tenths(dataset):
    past = newest_cut(dataset)
    assert len(past.events) == pytest.approx(0.9 * len(dataset.events), rel=0.01)
    assert past.events.listened_at.max() < past.now
    assert newest_cut(dataclasses.replace(dataset, events=EventColumns.empty())) is None


def test_the_gain_is_told_for_each_amount_that_there_is_and_is_the_same_each_time(dataset, slices):
    learn, judge = slices
    plan = RankerPlan(n_trees=5, max_moments=80, min_rows_in_leaf=20)
    found = gain_by_moments(dataset, learn, judge, BLEND, (5, 40, 10**6), plan)
    assert list(found) == [5, 40]
    assert all(gain.low <= gain.difference <= gain.high for gain in found.values())
    again = gain_by_moments(dataset, learn, judge, BLEND, (40,), plan)
    assert again[40] == found[40]


def test_hours_are_learned_from_the_clock_of_each_listener(dataset, slices):
    names = feature_names([blend.key for blend in BLEND])
    hour = names.index("hour")
    half_past = timezone(timedelta(hours=5, minutes=30))
    zones = dict.fromkeys(dataset.listeners, half_past)
    asked = [
        room._ask(data, slices[0], BLEND, PLAN, tuple(blend.key for blend in BLEND))
        for data in (dataset, dataclasses.replace(dataset, zones=zones))
    ]
    cases = moments(dataset.events, slices[0].start, slices[0].stop, PLAN)
    for moment, utc, local in zip(cases, *asked, strict=True):
        assert set(utc.rows[:, hour]) == {moment.now // 3_600 % 24}
        assert set(local.rows[:, hour]) == {(moment.now + 19_800) // 3_600 % 24}
