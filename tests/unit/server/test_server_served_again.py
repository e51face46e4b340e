"""A list asked for again unchanged is sent as it was; anything that changes it makes another."""

import asyncio

import pytest

from segue.data.records import NeverPlayScope, TrackTags
from segue.server.rest import served_again
from segue.services.recommend import RecommendService
from segue.services.shown import LIST_LIFE_S
from segue.store.catalog_records import TrackEntry
from segue.store.history import History
from support.app import Watched, browser, signed

PATH = "/v1/recommendations/for_you?n=10"


@pytest.fixture
def client(trained):
    with browser(trained, "ada") as client:
        yield client


@pytest.fixture
def made(monkeypatch):
    """Lists that were asked of the service."""
    asked = []
    original = RecommendService.list
    monkeypatch.setattr(
        RecommendService, "list", lambda *args, **more: asked.append(1) or original(*args, **more)
    )
    return asked


def ids(answer):
    return [seen["track"]["id"] for seen in answer.json()["tracks"]]


def test_the_same_question_is_answered_by_the_same_bytes(client, made):
    first, again = client.get(PATH), client.get(PATH)
    assert len(made) == 1
    assert again.content == first.content
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["cache-control"] == "private, no-cache"
    for name in ("content-type", "content-security-policy", "x-content-type-options"):
        assert again.headers[name] == first.headers[name]
    assert again.headers["x-request-id"] != first.headers["x-request-id"]


def test_who_has_the_list_is_told_that_it_holds(client, made):
    etag = client.get(PATH).headers["etag"]
    for given in (etag, f"W/{etag}", f'"other", {etag}'):
        answer = client.get(PATH, headers={"if-none-match": given})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag
    assert client.get(PATH, headers={"if-none-match": '"other"'}).status_code == 200
    assert len(made) == 1


def love(house, client):
    house.tell("ada", "love", client.get(PATH).json()["tracks"][0]["track"]["title"])


def never_play(house, client):
    track = client.get(PATH).json()["tracks"][0]["track"]["id"]
    house.app.history.never_play(house.id_of("ada"), NeverPlayScope.TRACK, track)


def publish(house, client):
    house.clock.now += 1.0
    house.app.training.train(Watched())
    house.app.models.refresh()


def rescan(house, client):
    house.app.catalog.add_tracks([TrackEntry(tags=TrackTags(title="One more"))], 1.0)


def wait(house, client):
    house.clock.now += LIST_LIFE_S


def next_day(house, client):
    house.clock.now += 86_400.0


@pytest.mark.parametrize("change", [love, never_play, publish, rescan, wait, next_day])
def test_what_changes_a_list_makes_another(trained, client, made, change):
    etag = client.get(PATH).headers["etag"]
    change(trained, client)
    n_before = len(made)
    answer = client.get(PATH, headers={"if-none-match": etag})
    assert len(made) == n_before + 1
    assert answer.status_code == 200
    if change is never_play:
        banned = trained.app.history._history.never_played_targets(trained.id_of("ada"), 0.0)
        assert banned[0].target_id not in ids(answer)
    if change is love:
        assert client.get(PATH).content == answer.content


def test_somebody_elses_like_leaves_the_answer_as_it_is(trained, client, made):
    first = client.get(PATH)
    trained.tell("bob", "love", "Song 0-0")
    assert client.get(PATH).content == first.content
    assert len(made) == 1


def test_another_question_and_another_encoding_are_answered_themselves(client, made):
    client.get(PATH)
    client.get(f"{PATH}&variety=0.9")
    client.get(PATH, headers={"accept-encoding": "identity"})
    assert len(made) == 3


def test_nobody_is_sent_what_another_listener_was(trained, made):
    ada, bob = signed(trained, "ada"), signed(trained, "bob")
    with browser(trained) as client:
        assert client.get(PATH, headers=ada).status_code == 200
        assert client.get(PATH, headers=bob).status_code == 200
        assert len(made) == 2
        assert client.get(PATH).status_code == 401


def test_an_ended_session_is_sent_nothing(trained, client):
    client.get(PATH)
    assert client.delete("/v1/session").status_code == 204
    assert client.get(PATH).status_code == 401


def test_refusals_and_lists_of_others_taste_are_not_kept(trained, client, made):
    for _ in range(2):
        assert client.get(f"{PATH}&variety=7").status_code == 400
    trained.app.like_minded.set(trained.id_of("ada"), on=True)
    for _ in range(2):
        assert client.get("/v1/recommendations/like_minded").status_code == 200
    assert len(made) == 2


def test_an_answer_of_great_length_is_made_again(client, made, monkeypatch):
    monkeypatch.setattr(served_again, "MAX_BYTES", 10)
    for _ in range(2):
        client.get(f"{PATH}&familiar=0.4")
    assert len(made) == 2


def test_the_answer_longest_unasked_is_let_go(client, made, monkeypatch):
    monkeypatch.setattr(served_again, "MAX_ANSWERS", 2)
    for n in (3, 4, 3, 5, 3, 4):  # 4 goes when 5 comes
        client.get(f"/v1/recommendations/for_you?n={n}")
    assert len(made) == 4


def test_no_history_is_read_where_requests_of_others_would_wait(client, trained, monkeypatch):
    """A long history takes a second to read; on the event loop every stream would stop for it."""
    read_on_loop = []
    original = History.columns_of

    def noting(*args):
        read_on_loop.append(_is_on_a_loop())
        return original(*args)

    monkeypatch.setattr(History, "columns_of", noting)
    client.get(PATH)
    love(trained, client)
    client.get(PATH)
    trained.app.recommend.forget(trained.id_of("ada"))
    client.get(PATH)
    assert len(read_on_loop) >= 3
    assert not any(read_on_loop)


def _is_on_a_loop():
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
