"""Every way to show what is asked for is found, and honest cuts of all kinds pass."""

from dataclasses import replace

import numpy as np
import pytest

from segue.data.dataset import Dataset, TrackTable
from segue.data.feedback import EventColumns, preferences
from segue.data.records import EVENT_CODE, EventKind
from segue.data.vocabulary import Vocabulary
from segue.errors import InvalidDataError, InvalidInputError
from segue.evaluation.cuts import GAP_S, split_of, temporal_holdout, validation_of
from segue.evaluation.harness import count_relevant, evaluate, evaluate_split
from segue.evaluation.history import newest_profiles, quality_by_history
from segue.evaluation.leaks import Periods, assert_no_leak
from segue.models.baselines import PersonalTop
from segue.models.popularity import Popularity

N_LISTENERS, N_TRACKS, N_EVENTS, DAY = 60, 120, 2400, 86_400.0


def plays(seed: int = 1) -> Dataset:
    rng = np.random.default_rng(seed)
    events = EventColumns(
        rng.integers(0, N_LISTENERS, N_EVENTS).astype(np.int32),
        np.minimum(rng.geometric(0.03, N_EVENTS), N_TRACKS).astype(np.int32) - 1,
        np.full(N_EVENTS, EVENT_CODE[EventKind.PLAY], np.int8),
        np.sort(rng.uniform(0, 200 * DAY, N_EVENTS)),
        np.full(N_EVENTS, 1.0, np.float32),
        np.full(N_EVENTS, np.nan, np.float32),
    )
    table = TrackTable.bare(f"t{n}" for n in range(N_TRACKS))
    table = replace(table, added_at=rng.uniform(0, 200 * DAY, N_TRACKS))
    return Dataset.from_events(
        table, Vocabulary(f"l{n}" for n in range(N_LISTENERS)), events, 201 * DAY
    )


@pytest.fixture
def temporal():
    return split_of(plays(), "temporal")


@pytest.mark.parametrize("name", ["temporal", "leave-last", "random", "listeners", "cold"])
def test_every_cut_passes_its_own_check(name):
    for cut in (split_of(plays(), name, 3), validation_of(plays(), name, 3)):
        assert_no_leak(cut)
        result = evaluate_split(Popularity().fit(cut.past), cut, (5,))
        assert 0 <= result["ndcg@5"] <= 1


def test_validation_never_sees_the_test_part():
    data = plays()
    test, inner = split_of(data, "temporal"), validation_of(data, "temporal")
    assert inner.cut_at < test.cut_at
    assert inner.past.events.listened_at.max() < inner.cut_at
    outer = split_of(data, "random", 5)
    nested = validation_of(data, "random", 5)
    assert outer.held_out.multiply(nested.held_out).nnz == 0
    assert outer.held_out.multiply(nested.past.interactions.user_items).nnz == 0


def test_a_temporal_cut_asks_for_new_tracks_and_leaves_a_gap(temporal):
    data = plays()
    seen = {
        (int(who), int(what))
        for who, what, when in zip(
            data.events.listener_idx, data.events.track_idx, data.events.listened_at, strict=True
        )
        if when < temporal.cut_at
    }
    later = {
        (int(who), int(what))
        for who, what, when in zip(
            data.events.listener_idx, data.events.track_idx, data.events.listened_at, strict=True
        )
        if when >= temporal.cut_at
    }
    asked = set(zip(*(part.tolist() for part in temporal.held_out.nonzero()), strict=True))
    assert asked == later - seen
    with_repeats = split_of(data, "temporal", repeats=True).held_out
    assert set(zip(*(part.tolist() for part in with_repeats.nonzero()), strict=True)) == later
    assert temporal.past.events.listened_at.max() < temporal.cut_at - GAP_S
    assert temporal.past.tracks.added_at.max() <= temporal.cut_at


def test_what_was_heard_within_the_gap_is_neither_learned_nor_asked_for():
    data, gap_s = plays(), 60 * DAY
    cut = temporal_holdout(data, gap_s=gap_s)
    events = data.events
    within = (events.listened_at >= cut.cut_at - gap_s) & (events.listened_at < cut.cut_at)
    heard = set(zip(events.listener_idx[within], events.track_idx[within], strict=True))
    assert not heard & set(zip(*cut.held_out.nonzero(), strict=True))
    assert cut.past.events.listened_at.max() < cut.cut_at - gap_s


def test_a_training_event_after_the_cut_is_found(temporal):
    late = temporal.past.events.listened_at.copy()
    late[7] = temporal.cut_at + 5
    events = replace(temporal.past.events, listened_at=late)
    leaking = replace(temporal, past=replace(temporal.past, events=events))
    with pytest.raises(InvalidDataError, match=r"1 training events .* row 7"):
        assert_no_leak(leaking)
    with pytest.raises(InvalidDataError, match="training events"):
        evaluate_split(Popularity().fit(leaking.past), leaking)


def test_statistics_of_the_whole_are_found(temporal):
    whole = preferences(plays().events, temporal.past.now)
    interactions = type(temporal.past.interactions).from_preferences(whole, N_LISTENERS, N_TRACKS)
    early = replace(interactions, last_listened_at=np.zeros(len(whole)))
    unmasked = replace(temporal, repeats=True)
    with pytest.raises(InvalidDataError, match="not those of the training events"):
        assert_no_leak(replace(unmasked, past=replace(temporal.past, interactions=early)))
    with pytest.raises(InvalidDataError, match="training preferences"):
        assert_no_leak(replace(unmasked, past=replace(temporal.past, interactions=interactions)))


def test_dates_after_the_cut_are_found(temporal):
    tracks = replace(temporal.past.tracks, added_at=np.full(N_TRACKS, temporal.cut_at + 1))
    with pytest.raises(InvalidDataError, match="120 tracks carry a date"):
        assert_no_leak(replace(temporal, past=replace(temporal.past, tracks=tracks)))
    with pytest.raises(InvalidDataError, match="ages are counted"):
        assert_no_leak(replace(temporal, past=replace(temporal.past, now=temporal.cut_at + 1)))


def test_a_pair_of_both_sides_is_found_in_profiles_and_in_training(temporal):
    with pytest.raises(InvalidDataError, match="both train and held_out"):
        assert_no_leak(replace(temporal, profiles=temporal.held_out))
    with pytest.raises(InvalidDataError, match="both train and held_out"):
        assert_no_leak(replace(temporal, held_out=temporal.known, cut_at=None))


def test_repeats_need_a_cut_in_time(temporal):
    with pytest.raises(InvalidDataError, match="cut in time"):
        assert_no_leak(replace(temporal, repeats=True, cut_at=None))
    model = PersonalTop().fit(temporal.past)
    train = temporal.known
    with pytest.raises(InvalidInputError, match="periods"):
        evaluate(model, train, temporal.held_out, mask_train=False)
    with pytest.raises(InvalidDataError, match="cut all listeners at one moment"):
        evaluate(model, train, temporal.held_out, mask_train=False, periods=Periods(5.0, 5.0))


def test_parts_of_repeats_are_what_a_loop_finds():
    cut = split_of(plays(), "temporal", repeats=True)
    model = PersonalTop().fit(cut.past)
    found = evaluate_split(model, cut, (4,))
    some = {"repeat": 0, "exploration": 0}
    for place, row in enumerate(found.listener_idx):
        known = set(cut.known[row].indices.tolist())
        wanted = set(cut.held_out[row].indices.tolist())
        shown = [int(t) for t in found.ranked[place][:4]]
        for part, targets in (("repeat", wanted & known), ("exploration", wanted - known)):
            value = found.per_listener[f"{part}_recall@4"][place]
            gained = sum(1 / np.log2(i + 2) for i, t in enumerate(shown) if t in targets)
            ideal = sum(1 / np.log2(i + 2) for i in range(min(4, len(targets))))
            if not targets:
                assert np.isnan(value)
                continue
            some[part] += 1
            assert value == pytest.approx(len(set(shown) & targets) / len(targets))
            assert found.per_listener[f"{part}_ndcg@4"][place] == pytest.approx(gained / ideal)
    assert min(some.values()) > 5


def test_cold_tracks_are_ranked_among_themselves():
    cut = split_of(plays(), "cold", 2)
    ranked = evaluate_split(Popularity().fit(cut.past), cut, (3,)).ranked
    assert set(ranked[ranked >= 0].tolist()) <= set(np.flatnonzero(cut.candidates).tolist())


def test_a_small_bound_on_scores_changes_nothing(temporal, monkeypatch):
    model = Popularity().fit(temporal.past)
    whole = evaluate_split(model, temporal, (4,))
    monkeypatch.setattr("segue.evaluation.harness.MAX_SCORES", 2 * N_TRACKS)
    for name, values in evaluate_split(model, temporal, (4,)).per_listener.items():
        np.testing.assert_array_equal(values, whole.per_listener[name])


@pytest.mark.parametrize("n", [1, 5, 10_000])
def test_short_profiles_hold_the_newest_events(n):
    data = plays()
    found = newest_profiles(data, n)
    for row in range(N_LISTENERS):
        mine = np.flatnonzero(data.events.listener_idx == row)
        newest = mine[np.argsort(data.events.listened_at[mine])][-n:]
        assert set(found[row].indices.tolist()) == set(data.events.track_idx[newest].tolist())
    if n == 10_000:
        assert abs(found - data.interactions.user_items).max() < 1e-6


def test_short_profiles_of_data_without_events_take_entries():
    data = Dataset.from_csr(plays().interactions.user_items)
    n_entries = np.diff(data.interactions.user_items.indptr)
    assert np.diff(newest_profiles(data, 3).indptr).tolist() == np.minimum(n_entries, 3).tolist()
    with pytest.raises(InvalidInputError, match="at least 1"):
        newest_profiles(data, 0)


def test_quality_by_history_asks_listeners_the_model_never_saw(temporal):
    class Watching(Popularity):
        def fit(self, dataset):
            self.seen = np.flatnonzero(np.diff(dataset.interactions.user_items.indptr))
            return super().fit(dataset)

    model = Watching()
    found = quality_by_history(model, temporal, 40, (1, 30))
    n_asked = int((count_relevant(temporal.held_out) > 0).sum())
    assert len(found[1]) == len(found[30]) == n_asked // 2
    assert len(model.seen) == N_LISTENERS - n_asked // 2
    np.testing.assert_array_equal(found[1], found[30])  # popularity does not look at the profile
