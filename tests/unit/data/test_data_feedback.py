"""The table of worth against a plain reading of one event after another."""

import math
from collections import defaultdict

import numpy as np
import pytest

from segue.data.feedback import (
    DEFAULT_WEIGHTS,
    EventColumns,
    FeedbackWeights,
    played_fractions,
    preferences,
)
from segue.data.records import EVENT_KINDS, Event, EventKind
from segue.data.vocabulary import Vocabulary

DAY = 86_400.0
NOW = 500 * DAY
TRACKS = Vocabulary(["a", "b", "c"])
LISTENERS = Vocabulary(["ann", "bob"])
DURATIONS = np.array([200.0, 100.0, np.nan], np.float32)


def event(kind: EventKind, track: str = "a", at: float = NOW, **fields) -> Event:
    who = fields.pop("listener_id", "ann")
    return Event(
        listener_id=who, track_id=track, kind=kind, listened_at=at, idempotency_key="k", **fields
    )


def random_events(n: int = 400) -> list[Event]:
    rng = np.random.default_rng(12)
    events = []
    for _ in range(n):
        kind = EVENT_KINDS[rng.integers(len(EVENT_KINDS))]
        heard = kind in {EventKind.PLAY, EventKind.SKIP} and rng.random() < 0.8
        events.append(
            event(
                kind,
                "abc"[rng.integers(3)],
                NOW - float(rng.integers(-5, 300)) * DAY - float(rng.random()),
                listener_id=("ann", "bob")[rng.integers(2)],
                played_s=float(rng.random() * 250) if heard else None,
                value=float(rng.integers(1, 6)) if kind is EventKind.RATE else None,
            )
        )
    return events


def columns_of(events: list[Event]) -> EventColumns:
    return EventColumns.from_events(events, LISTENERS, TRACKS, DURATIONS)


def fraction_of(one: Event) -> float | None:
    if one.played_s is None:
        return None
    duration = {"a": 200.0, "b": 100.0, "c": 210.0}[one.track_id]
    return min(one.played_s / duration, 1.0)


def oracle(events: list[Event], w: FeedbackWeights) -> dict[str, float]:  # noqa: C901  a table
    """One pair: walk through its events in time."""
    plays = skips = 0.0
    n_plays = n_finished = n_skips = 0
    love = dislike = kept = False
    picked, loved_at = False, math.nan
    stars: float | None = None
    for one in sorted(events, key=lambda e: e.listened_at):
        fade = 0.5 ** (max(NOW - one.listened_at, 0) / DAY / w.half_life_days)
        share = fraction_of(one)
        match one.kind:
            case EventKind.PLAY:
                n_plays += 1
                n_finished += share is None or share >= w.finished_fraction
                if share is None or share >= w.finished_fraction:
                    plays += w.finish * fade
                elif share >= w.heard_fraction:
                    plays += w.partial * fade
            case EventKind.SKIP:
                n_skips += 1
                early = share is None or share < w.heard_fraction
                skips += (w.early_skip if early else w.late_skip) * fade
            case EventKind.LOVE | EventKind.UNLOVE:
                love = one.kind is EventKind.LOVE
                loved_at = one.listened_at if love else math.nan
            case EventKind.DISLIKE | EventKind.UNDISLIKE:
                dislike = one.kind is EventKind.DISLIKE
            case EventKind.RATE:
                stars = one.value
            case EventKind.UNRATE:
                stars = None
            case EventKind.PLAYLIST_ADD:
                kept = True
            case EventKind.PICK:
                picked = True
    value = math.log(1 + plays) - w.skip_scale * math.log(1 + skips)
    value += w.love * love + w.dislike * dislike + w.playlist_add * kept + w.pick * picked
    if stars is not None:
        value += w.ratings[int(stars) - 1]
    return {
        "value": value, "n_plays": n_plays, "n_finished": n_finished, "n_skips": n_skips,
        "loved": love, "disliked": dislike, "rating": math.nan if stars is None else stars,
        "last_listened_at": max(e.listened_at for e in events),
        "loved_at": loved_at, "picked": picked,
    }  # fmt: skip


@pytest.mark.parametrize("n", [400, 40, 8])
def test_preferences_are_what_a_walk_through_the_events_says(n):
    events = random_events(n)
    pairs: dict[tuple[int, int], list[Event]] = defaultdict(list)
    for one in events:
        pairs[LISTENERS.index(one.listener_id), TRACKS.index(one.track_id)].append(one)
    found = preferences(columns_of(events), NOW)
    assert list(zip(found.listener_idx, found.track_idx, strict=True)) == sorted(pairs)
    for row, pair in enumerate(sorted(pairs)):
        for name, expected in oracle(pairs[pair], DEFAULT_WEIGHTS).items():
            got = getattr(found, name)[row]
            assert got == pytest.approx(expected, rel=1e-5, abs=1e-6, nan_ok=True), name


def test_the_order_of_events_does_not_matter():
    events = random_events(100)
    shuffled = [events[i] for i in np.random.default_rng(1).permutation(100)]
    a, b = preferences(columns_of(events), NOW), preferences(columns_of(shuffled), NOW)
    np.testing.assert_allclose(a.value, b.value, rtol=1e-5, atol=1e-6)


def value_of(*events: Event) -> float:
    return float(preferences(columns_of(list(events)), NOW).value[0])


def test_one_finished_play_is_the_logarithm_of_two():
    assert value_of(event(EventKind.PLAY, played_s=190)) == pytest.approx(math.log(2))


def test_a_play_loses_half_of_its_worth_in_a_half_life():
    old = event(EventKind.PLAY, at=NOW - 180 * DAY)
    assert value_of(old) == pytest.approx(math.log(1.5))


def test_statements_do_not_fade():
    assert value_of(event(EventKind.LOVE, at=0.0)) == 2.0
    assert value_of(event(EventKind.RATE, at=0.0, value=1.0)) == -2.0


def test_what_is_taken_back_counts_nothing():
    pairs = [
        (EventKind.LOVE, EventKind.UNLOVE),
        (EventKind.DISLIKE, EventKind.UNDISLIKE),
        (EventKind.RATE, EventKind.UNRATE),
    ]
    for said, unsaid in pairs:
        one = event(said, at=1.0, value=5.0 if said is EventKind.RATE else None)
        assert value_of(one, event(unsaid, at=2.0)) == 0.0
        assert value_of(event(unsaid, at=0.0), one) != 0.0


def test_a_skip_and_a_dislike_are_negative_and_an_early_skip_more_so():
    early = value_of(event(EventKind.SKIP, played_s=5))
    late = value_of(event(EventKind.SKIP, played_s=150))
    assert value_of(event(EventKind.DISLIKE)) < early < late < 0


def test_a_play_left_at_once_is_worth_nothing():
    assert value_of(event(EventKind.PLAY, played_s=10)) == 0.0


def test_unknown_durations_count_as_a_usual_track():
    played = np.array([105.0, 105.0, np.nan, 500.0])
    durations = np.array([np.nan, 0.0, 100.0, 100.0])
    np.testing.assert_allclose(played_fractions(played, durations), [0.5, 0.5, np.nan, 1.0])


def test_events_of_unknown_tracks_and_listeners_are_left_out():
    events = [event(EventKind.PLAY, "nowhere"), event(EventKind.PLAY, listener_id="nobody")]
    assert len(columns_of([*events, event(EventKind.LOVE)])) == 1


def test_no_events_give_no_preferences():
    assert len(preferences(EventColumns.empty(), NOW)) == 0
