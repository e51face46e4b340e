import itertools

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segue.data.feedback import EventColumns
from segue.data.records import EventKind, NeverPlayScope
from segue.data.vocabulary import Vocabulary
from segue.errors import InvalidInputError, NotFoundError
from segue.store import event_rows, history_write
from segue.store.accounts import NewAccount


def test_an_event_sent_again_is_the_same_event(history, event, listener):
    first = event()
    (a,), (b,) = history.append([first]), history.append([first])
    assert a.is_new
    assert not b.is_new
    assert a.id == b.id
    answers = history.append([twice := event(), twice])
    assert [x.is_new for x in answers] == [True, False]
    assert answers[0].id == answers[1].id
    assert len(history.events_of(listener)) == 2


def test_what_was_stored_is_what_comes_back(history, event, listener):
    sent = event("rate", track=2, at=5.5, value=4.0, played_s=3.25, source="radio", client="app")
    (answer,) = history.append([sent])
    (stored,) = history.events_of(listener)
    assert {n: getattr(stored, n) for n in sent.__struct_fields__ if n != "id"} == {
        n: getattr(sent, n) for n in sent.__struct_fields__ if n != "id"
    }
    assert stored.id == answer.id


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"track_id": "nope"}, "unknown track"),
        ({"listener_id": "nope"}, "unknown listener"),
        ({"idempotency_key": ""}, "idempotency_key"),
        ({"listened_at": float("nan")}, "listened_at"),
        ({"played_s": -1.0}, "played_s"),
        ({"kind": EventKind.RATE, "value": 6.0}, "rating"),
        ({"value": float("inf")}, "finite"),
        ({"source": "x" * 101}, "source"),
        ({"client": "\udcff"}, "storable|surrogate"),
    ],
)
def test_a_bad_event_is_refused_alone_with_its_reason(history, event, listener, change, reason):
    import re

    answers = history.append([event(), event(**change), event()])
    assert [a.is_new for a in answers] == [True, False, True]
    assert re.search(reason, answers[1].problem)
    assert answers[1].id is None
    assert len(history.events_of(listener)) == 2


def test_a_retracted_event_is_nowhere_but_not_deleted(history, event, listener, db):
    ids = [a.id for a in history.append([event(track=1), event("love", track=1), event(track=2)])]
    before = history.mark(listener)
    assert history.retract(listener, ids[2], 9.0)
    assert not history.retract(listener, ids[2], 9.0)
    history.retract(listener, ids[1], 9.0)
    assert history.mark(listener) != before
    assert [e.id for e in history.events_of(listener)] == [ids[0]]
    assert [e.id for e in history.page(listener)] == [ids[0]]
    assert history.newest_event_id(listener) == ids[0]
    assert history.loved(listener) == []
    assert history.recently_played(listener) == [event(track=1).track_id]
    assert [p.track_id for p in history.most_played(listener)] == [event(track=1).track_id]
    history.retract(listener, ids[0], 9.0)
    assert history.listener_ids_with_events() == []
    with db.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM events").scalar() == 3


def test_nobody_retracts_what_is_not_theirs(history, event, accounts):
    (answer,) = history.append([event()])
    other = accounts.create(NewAccount(name="Eve", password_hash=None), 1.0).id
    for listener_id, event_id in ((other, answer.id), (other, 999)):
        with pytest.raises(NotFoundError, match="there is no event"):
            history.retract(listener_id, event_id, 1.0)


def test_plays_are_listed_by_time_and_by_number(history, event, listener, song_ids):
    history.append([event(track=t, at=at) for t, at in ((0, 1), (1, 2), (0, 3), (2, 4), (1, 9))])
    history.append([event("skip", track=5, at=99)])
    assert history.recently_played(listener, 2) == [song_ids[1], song_ids[2]]
    most = history.most_played(listener, since=2.0)
    assert [(p.track_id, p.n_plays) for p in most] == [
        (song_ids[1], 2), (song_ids[2], 1), (song_ids[0], 1)]  # fmt: skip
    ids = [e.id for e in history.events_of(listener)]
    assert [e.id for e in history.events_of(listener, after_id=ids[3])] == ids[4:]
    assert [e.id for e in history.page(listener, before_id=ids[3], limit=2)] == [ids[2], ids[1]]


def test_an_import_counts_what_became_of_each_event(history, event):
    events = [event() for _ in range(5)]
    counts = history.import_events([*events, events[0], event(track_id="nope")])
    assert (counts.n_new, counts.n_known, counts.n_refused) == (5, 1, 1)
    assert counts.problems == ("unknown track 'nope'",)


def test_columns_agree_with_the_events_one_by_one(history, event, listener, song_ids):
    made = [event(track=i % 5, kind=kind, at=i, played_s=30.0 * i, value=3.0 if kind == "rate" else None)  # noqa: E501
            for i, kind in enumerate(["play", "skip", "rate", "love", "play"])]  # fmt: skip
    answers = history.append(made)
    history.retract(listener, answers[4].id, 1.0)
    listeners, tracks = Vocabulary([listener]), Vocabulary(song_ids[:3])
    duration_s = np.array([100.0, np.nan, 50.0], np.float32)
    got = history.event_columns(listeners, tracks, duration_s)
    want = EventColumns.from_events(made[:4], listeners, tracks, duration_s)
    for name in EventColumns.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(got, name), getattr(want, name))
        assert getattr(got, name).dtype == getattr(want, name).dtype
    assert len(history.event_columns(Vocabulary(), Vocabulary(), duration_s)) == 0


SAYS = ["love", "unlove", "dislike", "undislike", "rate", "unrate", "play"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(SAYS),
        st.integers(0, 1),
        st.integers(0, 6),
        st.integers(1, 5),
        st.booleans(),
    ),
    max_size=12,
)


@given(steps=STEPS)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_statements_agree_with_a_plain_model_in_any_order_of_arrival(
    steps, history, accounts, event, song_ids
):
    listener_id = accounts.create(
        NewAccount(name=f"L{event().idempotency_key}", password_hash=None), 1.0
    ).id
    kept = []
    for kind, track, at, stars, is_taken_back in steps:
        value = float(stars) if kind == "rate" else None
        made = event(kind, track=track, at=at, value=value, listener_id=listener_id)
        (answer,) = history.append([made])
        if is_taken_back:
            history.retract(listener_id, answer.id, 1.0)
        else:
            kept.append((at, answer.id, kind, track, value))
    model = {}
    for at, _, kind, track, value in sorted(kept, key=lambda row: row[:2]):
        if kind == "play":
            continue
        state = model.setdefault(
            song_ids[track], {"loved": False, "disliked": False, "rating": None}
        )
        state["updated_at"] = at
        field = {"love": "loved", "like": "disliked", "rate": "rating"}[
            kind.removeprefix("un").removeprefix("dis")
        ]
        is_on = not kind.startswith("un")
        state[field] = (value if is_on else None) if field == "rating" else is_on
    found = history.feedback_of(listener_id, song_ids)
    assert {t: {n: getattr(s, n) for n in s.__struct_fields__} for t, s in found.items()} == model
    assert set(history.loved(listener_id)) == {t for t, s in model.items() if s["loved"]}


def test_never_play_holds_until_its_time_or_until_taken_back(history, listener, song_ids, catalog):
    artist_id = catalog.track(song_ids[0]).artists[0].id
    history.never_play(listener, NeverPlayScope.TRACK, song_ids[0], now=1.0)
    history.never_play(listener, NeverPlayScope.ARTIST, artist_id, now=2.0, until=50.0)
    history.never_play(listener, NeverPlayScope.TRACK, song_ids[0], now=3.0, until=None)
    targets = [
        (rule.scope, rule.target_id) for rule in history.never_played_targets(listener, 49.0)
    ]
    assert targets == [("track", song_ids[0]), ("artist", artist_id)]
    assert len(history.never_played_targets(listener, 50.0)) == 1
    assert history.allow_again(listener, NeverPlayScope.TRACK, song_ids[0])
    assert not history.allow_again(listener, NeverPlayScope.TRACK, song_ids[0])
    with pytest.raises(NotFoundError):
        history.never_play(listener, NeverPlayScope.ALBUM, "nope", now=1.0)
    with pytest.raises(InvalidInputError):
        history.never_play(listener, NeverPlayScope.TRACK, song_ids[0], now=9.0, until=8.0)


def test_ids_of_new_rows_are_right_where_the_database_leaves_some_out(db, history, event):
    """Some databases count on when a transaction fails; ours leaves none out by itself."""
    first, left_out, last = (answer.id for answer in history.append([event(), event(), event()]))
    with db.read() as connection:
        assert list(history_write._ids_after(connection, first, 2)) == [left_out, last]
    db.write(lambda c: c.exec_driver_sql("DELETE FROM events WHERE id = ?", (left_out,)))
    with db.read() as connection:
        assert list(history_write._ids_after(connection, first - 1, 2)) == [first, last]


def test_many_events_at_once_are_stored_as_one_by_one(history, event, accounts, song_ids):
    other = accounts.create(NewAccount(name="Eve", password_hash=None), now=1.0).id
    sizes = event_rows._SIZES
    together = [
        event(kind, track=n % 6, value=n % 5 + 1.0, played_s=None if n % 3 else n / 7)
        for n, kind in zip(range(sum(sizes) + sizes[-2] - 1), itertools.cycle(EventKind))
    ]
    alone = [msgspec.structs.replace(one, listener_id=other) for one in together]
    answers = history.append(together)
    ids = [answer.id for answer in answers]
    assert all(answer.is_new for answer in answers)
    assert ids == list(range(ids[0], ids[0] + len(together)))
    for one in alone:
        history.append([one])
    assert _said(history.events_of(together[0].listener_id)) == _said(history.events_of(other))
    assert history.feedback_of(together[0].listener_id, song_ids) == history.feedback_of(
        other, song_ids
    )
    assert [answer.id for answer in history.append(together)] == ids


def _said(found):
    return [msgspec.structs.replace(one, id=0, listener_id="") for one in found]


def test_a_key_of_any_letters_is_known_again(history, event):
    odd = [event(idempotency_key=key) for key in ('"', "\\", "[1]", "\x01", "é", "𝄞", "k" * 200)]
    first, again = history.append(odd), history.append(odd)
    assert [one.is_new for one in first + again] == [True] * len(odd) + [False] * len(odd)
    assert [one.id for one in first] == [one.id for one in again]
