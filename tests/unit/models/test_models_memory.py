"""Recall against sums over single plays, and spreading against counts of sessions."""

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.feedback import SECONDS_PER_DAY
from segue.data.query import Profile
from segue.data.records import Event, EventKind
from segue.data.vocabulary import Vocabulary
from segue.errors import InvalidInputError
from segue.models.memory import Memory, largest_in_rows, memory_trace

TRACKS = Vocabulary(f"t{i}" for i in range(6))
TOGETHER = np.array(
    [[1, 1, 0, 0, 1, 0], [1, 1, 1, 0, 0, 0], [0, 1, 1, 1, 0, 0], [0, 0, 1, 1, 0, 1]]
)
NOW = 1000 * SECONDS_PER_DAY


def fitted(**params: float) -> Memory:
    return Memory(**params).fit(Dataset.from_csr(sparse.csr_matrix(TOGETHER.astype(float))))


def played(ages_days: dict[int, list[float]], kind: EventKind = EventKind.PLAY) -> Profile:
    events = [
        Event(idempotency_key=f"{track}-{age}", listener_id="a", track_id=f"t{track}", kind=kind,
              listened_at=NOW - age * SECONDS_PER_DAY, played_s=200.0)
        for track, ages in ages_days.items()
        for age in ages
    ]  # fmt: skip
    return Profile.from_events(events, TRACKS, np.full(6, 200.0, np.float32), now=NOW)


def recall_of(model: Memory, profile: Profile) -> np.ndarray:
    return model.fold_in(profile)[: model.n_tracks]


def test_one_play_is_recalled_by_the_power_of_its_age():
    recall = recall_of(fitted(half_days=14.0), played({0: [1.0], 1: [14.0], 2: [0.0]}))
    odds = np.sqrt(14.0 / np.array([1.0, 14.0, 1 / 24]))  # exp(B - tau)
    np.testing.assert_allclose(recall[:3], odds / (1 + odds), rtol=1e-5)
    assert recall[3:].tolist() == [0, 0, 0]


@pytest.mark.parametrize("decay", [0.2, 0.5, 0.8])
def test_the_approximation_is_the_sum_over_plays_that_are_spread_evenly(decay: float):
    age, span, n = 3.0, 100.0, 100_001
    earlier = age + span * (np.arange(n - 1) + 0.5) / (n - 1)
    exact = np.sum(np.append(earlier, age) ** -decay)
    found = memory_trace(np.array([n]), np.array([age]), span, decay)[0]
    assert found == pytest.approx(exact, rel=1e-6)


def test_often_and_lately_both_raise_recall():
    recall = recall_of(fitted(), played({0: [9.0], 1: [9.0, 30.0, 60.0], 2: [2.0], 3: [0.5]}))
    assert recall[0] < recall[1]
    assert recall[0] < recall[2] < recall[3]


def test_a_track_that_is_loved_but_not_played_counts_as_met_once():
    model = fitted()
    loved = recall_of(model, played({0: [2.0], 1: [0.0]}, EventKind.LOVE))
    heard = recall_of(model, played({0: [2.0], 1: [0.0]}))
    np.testing.assert_allclose(loved, heard)


def test_a_skip_of_a_loved_track_does_not_bring_it_to_mind_as_one_to_hear_again():
    model = fitted()
    loved = {"kind": EventKind.LOVE, "listened_at": NOW - 30 * SECONDS_PER_DAY, "played_s": None}
    skip = {"kind": EventKind.SKIP, "listened_at": NOW, "played_s": 2.0}
    before, after = (
        Profile.from_events(
            [Event(idempotency_key=str(i), listener_id="a", track_id="t0", **what)
             for i, what in enumerate(whats)],
            TRACKS, np.full(6, 200.0, np.float32), now=NOW,
        )
        for whats in ([loved], [loved, skip, skip, skip])
    )  # fmt: skip
    assert after.preference[0] > 0
    assert 0 < recall_of(model, after)[0] < recall_of(model, before)[0]


def test_a_dislike_turns_recall_round():
    model = fitted()
    assert recall_of(model, played({0: [2.0]}, EventKind.DISLIKE))[0] == pytest.approx(
        -recall_of(model, played({0: [2.0]}))[0]
    )


def test_spreading_is_the_mean_share_of_sessions_of_the_context():
    model = fitted(n_context=2, spread_weight=3.0)
    profile = Profile.from_weights({1: 2.0, 2: 1.0, 5: 0.5})  # 5 is no longer context
    expected = np.zeros(6)
    for context in (1, 2):
        holding = [row for row in TOGETHER if row[context]]
        for track in set(range(6)) - {context}:
            expected[track] += 3.0 / 2 * sum(row[track] for row in holding) / len(holding)
    scores = model.score(model.fold_in(profile))
    np.testing.assert_allclose(scores - recall_of(model, profile), expected, rtol=1e-5, atol=1e-6)


def test_many_dislikes_together_spread_no_more_than_a_whole_context():
    model = fitted(n_context=2, spread_weight=1.0, n_neighbors=None)
    profile = Profile.from_weights(dict.fromkeys(range(5), -1.0))
    source = model.fold_in(profile)[model.n_tracks :]
    np.testing.assert_allclose(source, [-1 / 5] * 5 + [0], rtol=1e-6)
    one = model.fold_in(Profile.from_weights({3: -1.0}))[model.n_tracks :]
    assert one[3] == -0.5


def test_a_track_never_met_stands_at_the_floor_of_zero_plus_spreading():
    scores = fitted(spread_weight=0.0).score(fitted(spread_weight=0.0).fold_in(played({0: [1.0]})))
    assert scores[0] > 0
    assert scores[1:].tolist() == [0] * 5


def test_a_known_track_is_evidence_for_itself():
    profile = played({0: [1.0], 3: [40.0]})
    model = fitted(n_context=1)
    first = model.explain(profile, 3)[0]
    assert first.track_idx == 3
    assert first.contribution == pytest.approx(recall_of(model, profile)[3], rel=1e-5)


def test_now_is_the_newest_event_when_the_profile_is_younger_than_the_fit():
    late = recall_of(fitted(), played({0: [5.0], 1: [3.0]}))
    np.testing.assert_allclose(late, recall_of(fitted(), played({0: [2.0], 1: [0.0]})), rtol=1e-6)


def test_pruning_keeps_the_largest_of_each_row():
    kept = largest_in_rows(sparse.csr_matrix([[1.0, 3.0, 2.0], [0.0, 5.0, 0.0]]), 2)
    assert kept.toarray().tolist() == [[0, 3, 2], [0, 5, 0]]


@pytest.mark.parametrize(
    ("params", "message"),
    [({"decay": 1.0}, "decay must lie in"), ({"half_days": 0.0}, "half_days must be above 0"),
     ({"spread_weight": -1.0}, "spread_weight must be"), ({"n_context": 0}, "n_context must be"),
     ({"n_neighbors": 0}, "n_neighbors must be")],
)  # fmt: skip
def test_a_parameter_out_of_range_is_named(params: dict[str, float], message: str):
    with pytest.raises(InvalidInputError, match=message):
        fitted(**params)
