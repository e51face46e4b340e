import pytest

from segue.services.history import EARLIEST_LISTEN, MAX_CLOCK_AHEAD_S
from support.app import browser, signed

KINDS = ("play", "skip", "love", "unlove", "dislike", "undislike", "rate", "unrate", "playlist_add")


@pytest.fixture
def event(house):
    def make(title="Song 0-0", kind="play", key="k", **more):
        given = {"track_id": house.track(title) if title else "nothing", "kind": kind,
                 "listened_at": house.clock.now, "idempotency_key": key}  # fmt: skip
        if kind == "rate":
            given["value"] = 4
        return given | more

    return make


def send(client, *events, **more):
    answer = client.post("/v1/events", json={"events": list(events)}, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def stored(house, name="ada"):
    return house.app.history._history.events_of(house.id_of(name))


def test_a_batch_of_every_kind_is_stored_in_one_go(house, ada, event):
    batch = [event(kind=kind, key=kind) for kind in KINDS]
    assert send(ada, *batch) == {"stored": len(KINDS), "repeated": 0, "refused": []}
    assert sorted(e.kind for e in stored(house)) == sorted(KINDS)


def test_sending_a_batch_again_adds_nothing(house, ada, event):
    batch = [event(key=f"k{n}", played_s=n) for n in range(20)]
    assert send(ada, *batch)["stored"] == 20
    assert send(ada, *batch, event(key="new")) == {"stored": 1, "repeated": 20, "refused": []}
    assert len(stored(house)) == 21


def test_one_key_twice_in_a_batch_counts_once(house, ada, event):
    assert send(ada, event(), event()) == {"stored": 1, "repeated": 1, "refused": []}
    assert len(stored(house)) == 1


def test_two_listeners_may_use_the_same_key(house, ada, event):
    send(ada, event())
    assert send(ada, event(), headers=signed(house, "bob"))["stored"] == 1
    assert len(stored(house, "ada")) == len(stored(house, "bob")) == 1


BAD = (
    {"listened_at": EARLIEST_LISTEN - 1},
    {"listened_at": 0},
    {"listened_at": -1e300},
    {"listened_at": 1e300},
    {"played_s": -1},
    {"played_s": 86_401},
    {"kind": "rate", "value": 0},
    {"kind": "rate", "value": 5.01},
    {"kind": "rate", "value": None},
    {"idempotency_key": ""},
    {"idempotency_key": "x" * 129},
    {"source": "x" * 65},
    {"client": ""},
    {"track_id": "nothing"},
    {"track_id": ""},
    {"track_id": "x" * 65},
    {"track_id": "%"},
)


def test_a_bad_event_is_named_with_its_reason_and_stops_no_other(house, ada, event):
    batch = []
    for number, wrong in enumerate(BAD):
        batch += [event(key=f"good {number}"), event(key=f"bad {number}") | wrong]
    told = send(ada, *batch)
    assert [refusal["index"] for refusal in told["refused"]] == list(range(1, 2 * len(BAD), 2))
    assert told["stored"] == len(BAD)
    assert all(refusal["reason"] for refusal in told["refused"])
    assert {e.idempotency_key for e in stored(house)} == {f"good {n}" for n in range(len(BAD))}


def test_the_future_begins_ten_minutes_from_now(house, ada, event):
    edge = house.clock.now + MAX_CLOCK_AHEAD_S
    told = send(ada, event(listened_at=edge, key="a"), event(listened_at=edge + 1, key="b"),
                event(listened_at=EARLIEST_LISTEN, key="c"))  # fmt: skip
    assert [refusal["index"] for refusal in told["refused"]] == [1]
    assert "2002" in told["refused"][0]["reason"]


def test_a_thousand_events_are_taken_and_one_more_is_refused(house, ada, event):
    first = event()
    batch = [first | {"idempotency_key": f"{n}"} for n in range(1_001)]
    assert ada.post("/v1/events", json={"events": batch}).status_code == 400
    assert stored(house) == []
    assert send(ada, *batch[:1_000])["stored"] == 1_000


def test_an_empty_batch_is_nothing(ada):
    assert send(ada) == {"stored": 0, "repeated": 0, "refused": []}


@pytest.mark.parametrize("kind", ["PLAY", "listen", "", None, 7])
def test_a_kind_that_is_none_of_ours_is_refused_alone(ada, event, kind):
    answer = send(ada, event(key="1"), event(key="2") | {"kind": kind}, event(key="3"))
    assert answer["stored"] == 2
    (refused,) = answer["refused"]
    assert refused["index"] == 1
    assert "kind" in refused["reason"]


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"track_id": 7},
        "text",
        None,
        [],
        {"kind": "play", "track_id": "t", "listened_at": "noon", "idempotency_key": "k"},
        {"kind": "play", "track_id": "t", "listened_at": 1, "idempotency_key": "k", "extra": 1},
    ],
)
def test_an_event_of_another_shape_is_refused_alone_and_says_why(ada, event, bad):
    answer = send(ada, bad, event())
    assert answer["stored"] == 1
    (refused,) = answer["refused"]
    assert refused["index"] == 0
    assert refused["reason"]


def mine(client, track_id):
    view = client.get(f"/v1/tracks/{track_id}/mine").json()
    return view["loved"], view["disliked"], view["rating"]


def test_marks_are_seen_at_once_and_taken_back(house, ada, event):
    track = house.track("Song 0-0")
    assert mine(ada, track) == (False, False, None)
    now = house.clock.now
    for step, (kind, seen) in enumerate(
        [("love", (True, False, None)), ("rate", (True, False, 4)), ("unlove", (False, False, 4)),
         ("dislike", (False, True, 4)), ("undislike", (False, False, 4)),
         ("unrate", (False, False, None))]
    ):  # fmt: skip
        house.clock.now = now + step
        send(ada, event(kind=kind, key=f"s{step}"))
        assert mine(ada, track) == seen, kind


def test_an_undone_event_is_as_if_it_had_not_been(house, ada, event):
    send(ada, event(kind="love"), event(key="p", played_s=180))
    for undone in stored(house):
        assert ada.delete(f"/v1/events/{undone.id}").status_code == 204
    assert mine(ada, house.track("Song 0-0")) == (False, False, None)
    assert ada.get("/v1/history/recent").json() == []


def test_history_is_newest_first_and_most_played_by_plays(house, ada, event):
    now = house.clock.now
    send(ada, *(event(f"Song 0-{n}", key=f"{n}-{k}", listened_at=now - 100 * k - n, played_s=180)
                for n, k in ((0, 3), (1, 1), (1, 2), (2, 0))))  # fmt: skip
    recent = [v["track"]["title"] for v in ada.get("/v1/history/recent").json()]
    assert recent == ["Song 0-2", "Song 0-1", "Song 0-0"]
    most = [v["track"]["title"] for v in ada.get("/v1/history/most-played?n=1").json()]
    assert most == ["Song 0-1"]


def test_retraining_is_started_once_after_so_many_new_events(make_house, event):
    house = make_house(retrain_after_events=5)
    with browser(house, "ada") as client:
        for n in range(4):
            send(client, event(key=f"{n}"))
            send(client, event(key=f"{n}"))  # repeated ones do not count
        assert house.app.jobs.list() == ()
        send(client, event(key="last"))
    assert [job.kind for job in house.app.jobs.list()] == ["train"]


@pytest.mark.parametrize("what", ["genre", "", "TRACK"])
def test_never_play_knows_tracks_artists_and_albums_only(ada, what):
    assert ada.put(f"/v1/never-play/{what}/x").status_code in (400, 404)


def test_never_playing_what_is_not_there_is_refused(ada):
    for what in ("track", "artist", "album"):
        assert ada.put(f"/v1/never-play/{what}/nothing").status_code == 404
        assert ada.delete(f"/v1/never-play/{what}/nothing").status_code == 204
