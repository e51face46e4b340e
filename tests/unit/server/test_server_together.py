"""Pages with others: blends, listeners like you; and the wish list."""

import re
from html import unescape

import pytest

from segue.data.records import TrackTags
from segue.server.web import together
from segue.services.views import Wish, WishList
from segue.store.catalog_records import TrackEntry
from support.app import N_SONGS, NOW, browser, signed


@pytest.fixture
def client(trained):
    with browser(trained, "ada") as client:
        client.headers["accept"] = "text/html"
        yield client


def love(house, name, bands):
    for band in bands:
        for song in range(N_SONGS):
            house.tell(name, "love", f"Song {band}-{song}", at=NOW - 10 * band - song)


def test_a_blend_is_asked_for_joined_listed_and_ended(trained, client):
    love(trained, "ada", (0, 1))
    love(trained, "bob", (1, 2))
    bob = signed(trained, "bob") | {"accept": "text/html"}
    page = client.post("/blends", data={"name": "Kitchen", "invite": " bob , "})
    assert "Nobody else has joined yet" in page.text
    (blend,) = trained.app.blends.of(trained.id_of("ada"))
    asked = client.get("/blends", headers=bob).text
    assert "<bdi>ada</bdi> asks you" in asked
    assert "You are asked to join" in client.get(f"/blends/{blend.id}", headers=bob).text
    joined = client.post(f"/blends/{blend.id}/accept", headers=bob).text
    assert "data-track-id=" in joined
    text = client.get(f"/blends/{blend.id}").text
    whom = set(re.findall(r'class="track-why"[^>]*>(For [^<.]+)', text))
    assert {"For you", "For bob"} & whom
    client.post(f"/blends/{blend.id}/leave")
    assert client.get(f"/blends/{blend.id}", headers=bob).status_code == 404
    assert trained.app.blends.of(trained.id_of("ada")) == []


@pytest.mark.parametrize(("name", "invite", "words"), [
    ("", "bob", "Give it a name"),
    ("Kitchen", "nobody here", "belongs to nobody here"),
    ("Kitchen", "ada", "Name somebody else"),
    ("Kitchen", " , ", "Name somebody else"),
    ("Kitchen", ",".join("abcdefghijklm"), "at most twelve"),
])  # fmt: skip
def test_what_stops_a_blend_is_said_and_the_form_keeps_what_was_typed(
    trained, client, name, invite, words
):
    got = client.post("/blends", data={"name": name, "invite": invite})
    assert got.status_code == 400
    assert words in got.text
    assert f'value="{invite}"' in got.text
    assert trained.app.blends.of(trained.id_of("ada")) == []


def test_nobody_is_seen_before_both_say_yes_and_nobody_after_one_says_no(trained, client):
    love(trained, "ada", (0, 1))
    love(trained, "bob", (0, 1, 2))
    bob = signed(trained, "bob")
    text = client.get("/like-minded").text
    assert "Only if you want to" in text
    assert "bob" not in text
    assert "Nobody yet" in client.post("/like-minded", data={"on": "yes"}).text
    client.post("/like-minded", data={"on": "yes"}, headers=bob)
    text = client.get("/like-minded").text
    assert re.search(r"<h2[^>]*>bob</h2>", text)
    assert "You both like 12 tracks" in text
    played = re.findall(r'data-track-id="(\w+)"', text)
    assert played
    assert {trained.app.catalog.track(id_).artists[0].name for id_ in played} == {"Band 2"}
    client.post("/like-minded", data={"on": "no"}, headers=bob)
    assert "Nobody yet" in client.get("/like-minded").text
    assert "Only if you want to" in client.post("/like-minded", data={"on": "no"}).text


def test_a_wish_says_why_and_which_own_tracks_it_rests_on(trained, client):
    love(trained, "ada", (0,))
    told = client.get("/v1/wish-list").json()
    wishes = [*told["artists"], *told["records"]]
    assert wishes
    text = unescape(client.get("/wishes").text)
    for wish in wishes:
        assert f'<h3 dir="auto">{wish["name"]}</h3>' in text
        for id_ in wish["because_track_ids"]:
            assert f'href="/tracks/{id_}"' in text
    named = {id_ for wish in wishes for id_ in wish["because_track_ids"]}
    loved = {trained.track(f"Song 0-{song}") for song in range(N_SONGS)}
    assert named
    assert named <= loved


def test_an_empty_wish_list_says_how_to_begin(trained, client):
    wish = trained.app.recommend.list(trained.id_of("ada"), "wish_list").tracks[0].track
    client.put(f"/v1/never-play/track/{wish.id}")
    assert "Import your listening history" in client.get("/wishes").text


def test_a_record_to_wish_for_plays_what_there_is_of_its_artist(trained, client, monkeypatch):
    tags = [
        TrackTags(title="Far", artists=(artist,), album="Lost", album_artists=(artist,),
                  duration_s=200.0)
        for artist in ("Band 0", "Nobody")
    ]  # fmt: skip
    ids = trained.app.catalog.add_tracks([TrackEntry(tags=one) for one in tags], NOW)
    lost = trained.app.catalog.tracks(ids)
    records = [
        Wish(id=track.album_id, name="Lost", by=track.artists[0].name, score=1.0, n_tracks=1,
             reason="")
        for track in lost
    ]  # fmt: skip
    monkeypatch.setattr(together, "wish_list", lambda *_: WishList(artists=[], records=records))
    queues = re.findall(r'data-queue-url="([^"]+)"', client.get("/wishes").text)
    (band,) = lost[0].artists
    assert queues == [f"/player/queue/artist/{band.id}"]
    queue = client.get(queues[0], headers={"accept": "application/json"}).json()
    assert {view["track"]["title"] for view in queue} == {f"Song 0-{n}" for n in range(N_SONGS)}
    (nobody,) = lost[1].artists
    assert client.get(f"/player/queue/artist/{nobody.id}").json() == []
    assert client.get("/player/queue/artist/none").status_code == 404
