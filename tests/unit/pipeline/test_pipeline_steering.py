import msgspec
import pytest

from segue.data.records import EventKind
from segue.pipeline import steering
from segue.pipeline.steering import (
    Happened,
    RadioState,
    after,
    handed_out,
    outcome_of,
    pulls,
    steered,
)

STATE = RadioState(station="radio", seeds=("s",), given=("a", "b", "c"))


def test_outcomes_have_the_borders_of_the_one_table():
    for fraction, play, skip in ((0.0, "partial", "early_skip"), (0.34, "partial", "early_skip"),
                                 (0.36, "partial", "late_skip"), (0.8, "finished", "late_skip"),
                                 (None, "finished", "early_skip")):  # fmt: skip
        assert outcome_of(EventKind.PLAY, fraction) == play
        assert outcome_of(EventKind.SKIP, fraction) == skip
    assert outcome_of(EventKind.LOVE, None) == "loved"
    assert outcome_of(EventKind.DISLIKE, None) == "disliked"
    assert outcome_of(EventKind.RATE, None) is None


def test_pulls_fade_with_each_track_that_comes_after():
    happened = [Happened("a", "finished"), Happened("b", "early_skip"), Happened("c", "finished")]
    expected = {"a": 0.4 * 0.85**2, "b": -0.6 * 0.85, "c": 0.4}
    assert pulls(happened) == pytest.approx(expected)
    assert "a" not in pulls([Happened("a", "partial"), *[Happened("z", "finished")] * 8])


def test_each_track_counts_once_and_a_statement_takes_its_place():
    first = after(STATE, [Happened("a", "early_skip")])
    assert after(first, [Happened("a", "early_skip")]) == first
    loved = after(first, [Happened("a", "loved")])
    assert loved.happened == (Happened("a", "loved"),)
    assert after(loved, [Happened("a", "loved"), Happened("a", "finished")]) == loved


def test_a_session_stays_small_however_long_it_lasts():
    state = STATE
    for number in range(3 * steering.MAX_PLAYED):
        state = handed_out(after(state, [Happened(f"t{number}", "finished")]), [f"t{number}"])
    assert len(state.given) == len(state.settled) == steering.MAX_PLAYED
    assert len(state.happened) == steering.MAX_STEERING
    assert len(msgspec.json.encode(state)) < 100_000


def test_the_seeds_hold_a_session_together_whatever_is_skipped():
    assert steered({1: 1.0}, {2: -0.6, 3: 0.4}) == {1: 1.0, 2: -0.6, 3: 0.4}
    assert steered({1: 1.0}, {1: -2.0, 2: -0.6}) == {1: 1.0, 2: -0.6}
    assert steered({}, {2: -0.6}) == {2: -0.6}
