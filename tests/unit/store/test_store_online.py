"""Counts of listens against a loop over all events."""

import random
from collections import defaultdict

import pytest

from segue.data.records import Event, EventKind
from segue.store.accounts import NewAccount
from segue.store.models import ModelVersions
from segue.store.online import DAY_S, LOVED_WITHIN_S, Online

LISTS = ("for_you", "discover", "album")


@pytest.fixture
def online(db):
    return Online(db)


@pytest.fixture
def lived(history, accounts, song_ids, listener):
    """Events of two listeners over ten days, some taken back; returns those that hold."""
    rng = random.Random(5)
    both = (listener, accounts.create(NewAccount(name="Bo", password_hash=None), 1.0).id)
    made = []
    for n in range(600):
        kind = rng.choices(("play", "skip", "love", "rate"), (6, 3, 2, 1))[0]
        made.append(Event(
            listener_id=rng.choice(both), track_id=rng.choice(song_ids), kind=EventKind(kind),
            listened_at=1e6 + rng.randrange(10 * DAY_S), idempotency_key=f"e{n}",
            played_s=rng.choice((None, 79.9, 80.0, 99.0)) if kind == "play" else None,
            value=3.0 if kind == "rate" else None, source=rng.choice(LISTS),
        ))  # fmt: skip
    stored = [(event, one.id) for event, one in zip(made, history.append(made), strict=True)
              if one.is_new]  # fmt: skip
    gone = set(rng.sample(range(len(stored)), 60))
    for n in gone:
        event, id_ = stored[n]
        history.retract(event.listener_id, id_, 2e6)
    return [event for n, (event, _) in enumerate(stored) if n not in gone]


def by_hand(holding, name_of, since):
    """One loop: groups of (listener, day) for each name."""
    groups = defaultdict(lambda: [0, 0, 0, 0])
    for event in holding:
        name = name_of(event)
        if event.kind not in ("play", "skip") or event.listened_at < since or name is None:
            continue
        group = groups[name, event.listener_id, int(event.listened_at // DAY_S)]
        group[0] += 1
        group[1] += event.kind == "play" and (event.played_s is None or event.played_s >= 80.0)
        group[2] += event.kind == "skip"
        group[3] += any(
            other.kind == "love"
            and (other.listener_id, other.track_id) == (event.listener_id, event.track_id)
            and 0 <= other.listened_at - event.listened_at <= LOVED_WITHIN_S
            for other in holding
        )
    found = {}
    for name in {key[0] for key in groups}:
        rows = [counts for key, counts in groups.items() if key[0] == name]
        outcomes = (
            (
                sum(r[i] for r in rows),
                sum(r[0] * r[i] for r in rows),
                sum(r[i] ** 2 for r in rows),
            )
            for i in (1, 2, 3)
        )
        listeners = {key[1] for key in groups if key[0] == name}
        n, sum_nn = sum(r[0] for r in rows), sum(r[0] ** 2 for r in rows)
        found[name] = (n, len(rows), len(listeners), sum_nn, *outcomes)
    return found


def told(counted):
    return {
        one.name: (
            one.n, one.n_groups, one.n_listeners, one.sum_nn,
            *((s.hits, s.sum_ny, s.sum_yy) for s in one.outcomes.values()),
        )
        for one in counted
    }  # fmt: skip


@pytest.mark.parametrize("since", [0.0, 1e6 + 4 * DAY_S])
def test_lists_are_counted_as_a_loop_counts_them(online, lived, since):
    found = online.by_list(since)
    assert told(found) == by_hand(lived, lambda event: event.source, since)
    assert [one.n for one in found] == sorted((one.n for one in found), reverse=True)


def test_some_sources_are_left_out(online, lived):
    assert {one.name for one in online.by_list(0.0, ("album",))} == {"for_you", "discover"}


def test_versions_are_those_that_served_when_a_listen_began(db, online, lived):
    models = ModelVersions(db)
    for name in ("a", "b"):
        models.register(name, {}, {}, 1.0)
    times = [(1e6 + 2 * DAY_S, "a"), (1e6 + 5 * DAY_S, "b"), (1e6 + 6 * DAY_S, "a")]
    for since, name in times:
        models.set_state(name, "published", since)

    def version_of(event):
        if event.source == "album":
            return None
        served = [name for since, name in times if since <= event.listened_at]
        return served[-1] if served else None

    found = online.by_version(0.0, ("for_you", "discover"))
    assert told(found) == by_hand(lived, version_of, 0.0)
    assert {one.name for one in found} == {"a", "b"}


def test_where_nothing_was_played_nothing_is_counted(online):
    assert online.by_list(0.0) == []
    assert online.by_version(0.0, LISTS) == []
