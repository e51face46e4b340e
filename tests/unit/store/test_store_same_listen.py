"""One play that arrives by several doors counts once."""

import numpy as np
import pytest
from sqlalchemy import event as sql_event


def doors(history, *events):
    return [answer.is_new for answer in history.append(list(events))]


def test_a_listen_that_another_door_reports_is_answered_with_the_first_one(
    history, event, listener
):
    (first,) = history.append([event("play", at=1000.0, source="player", client="web")])
    (again,) = history.append([event("play", at=1020.0, source="listenbrainz", client="phone")])
    assert (again.id, again.is_new) == (first.id, False)
    assert len(history.events_of(listener)) == 1


@pytest.mark.parametrize(("apart_s", "is_new"), [(99.0, False), (100.0, False), (101.0, True)])
def test_doors_may_say_the_start_or_the_end_of_a_track(history, event, apart_s, is_new):
    doors(history, event("play", at=5000.0, source="player"))  # songs here last 100 s
    assert doors(history, event("play", at=5000.0 + apart_s, source="import")) == [is_new]
    assert doors(history, event("play", at=5000.0 - apart_s, source="scrobbler")) == [is_new]


def test_both_in_one_batch_are_one_as_well(history, event, listener):
    a, b = history.append(
        [event("play", at=9.0, source="import", client="a"),
         event("skip", at=20.0, source="import", client="b")]
    )  # fmt: skip
    assert a.is_new
    assert (b.id, b.is_new) == (a.id, False)
    assert len(history.events_of(listener)) == 1


def test_one_door_may_say_two_listens_close_together(history, event):
    assert doors(history, event("play", at=10.0), event("play", at=15.0)) == [True, True]
    assert doors(history, event("play", at=20.0)) == [True]


def test_other_tracks_and_statements_are_not_looked_at(history, event):
    doors(history, event("play", track=0, at=10.0, source="player"))
    assert doors(
        history,
        event("play", track=1, at=10.0, source="import"),
        event("love", track=0, at=10.0, source="import"),
    ) == [True, True]


def test_a_listen_that_was_taken_back_hides_no_other(history, event, listener):
    (first,) = history.append([event("play", at=10.0, source="player")])
    history.retract(listener, first.id, now=11.0)
    assert doors(history, event("play", at=12.0, source="import")) == [True]


def test_an_event_sent_again_stays_the_same_event_after_it_was_joined(history, event):
    (first,) = history.append([event("play", at=10.0, source="player")])
    joined = event("play", at=11.0, source="import")
    answers = history.append([joined, joined]) + history.append([joined])
    assert {(answer.id, answer.is_new) for answer in answers} == {(first.id, False)}


def test_batches_of_any_order_and_spread_are_answered_as_by_comparing_all(history, event):
    """Against a plain loop over everything that was stored before."""
    rng = np.random.default_rng(5)
    stored = []  # track, time, door
    n_again = 0
    for _ in range(12):
        batch = [
            event("play", track=int(track), at=float(at), source=str(door), client="x")
            for track, at, door in zip(
                rng.integers(0, 3, 12),
                rng.choice([1e5, 3e6, 3.1e6]) * (rng.random(12) < 0.7) + rng.integers(0, 900, 12),
                rng.choice(["player", "import", "scrobbler"], 12),
                strict=True,
            )
        ]
        for sent, answer in zip(batch, history.append(batch), strict=True):
            again = any(
                track == sent.track_id and abs(at - sent.listened_at) <= 100 and door != sent.source
                for track, at, door in stored
            )
            assert answer.is_new is not again
            n_again += again
            if not again:
                stored.append((sent.track_id, sent.listened_at, sent.source))
    assert 20 < n_again < 124


def test_a_long_history_is_entered_by_time_not_walked_by_id(db, history, event):
    """Each new listen read all that its listener ever heard, when the answer came in order."""
    asked = []
    engine = db._writer._engine
    sql_event.listen(
        engine,
        "before_cursor_execute",
        lambda _c, _cur, sql, values, *_: asked.append((sql, values)),
    )
    history.append([event()])
    (sql, values) = next(one for one in asked if "BETWEEN" in one[0])
    with engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
    assert any("kind=? AND listened_at>?" in step[-1] for step in plan), plan
