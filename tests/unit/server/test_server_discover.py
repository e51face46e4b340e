"""The pages for finding music: Discover, moods, groups, playlists that were saved."""

from html import unescape

import pytest

from segue.data.affect import MOODS
from segue.server.web.language import speaking
from segue.server.web.music_names import music_name
from segue.services.maps import N_EXAMPLES
from support.app import browser, every_track, signed


@pytest.fixture
def client(trained):
    with browser(trained, "ada") as client:
        client.headers["accept"] = "text/html"
        yield client


def text_of(client, path, status=200):
    got = client.get(path)
    assert got.status_code == status, got.text[:300]
    return got.text


def groups_of(house, name="ada"):
    return house.app.maps.seen_by(house.id_of(name)).clusters()


def test_discover_leads_to_every_way_in_and_every_mood_and_group(trained, client):
    text = text_of(client, "/discover")
    for href in ("/map", "/radio", "/path", "/blends", "/like-minded", "/wishes", "/lists/discover",
                 *(f"/moods/{mood}" for mood in MOODS),
                 *(f"/groups/{group.number}" for group in groups_of(trained))):  # fmt: skip
        assert f'href="{href}"' in text
    assert 'action="/ask"' in text


def test_discover_without_any_training_still_answers(ada):
    assert "What would you like to hear?" in ada.get("/discover").text
    assert "No groups yet" in ada.get("/groups").text


def test_a_group_shows_its_tracks_from_its_middle_and_plays_them_in_that_order(trained, client):
    ada = trained.id_of("ada")
    for group in groups_of(trained):
        ids = trained.app.maps.seen_by(ada).cluster(group.number).track_ids
        assert ids[:N_EXAMPLES] == group.track_ids
        assert len(ids) == group.n_tracks
        queue = client.get(f"/player/queue/group/{group.number}").json()
        assert [view["track"]["id"] for view in queue] == ids
        assert client.get(f"/v1/clusters/{group.number}").json()["track_ids"] == ids
        page = text_of(client, f"/groups/{group.number}")
        assert page.count("data-track-id=") == min(50, len(ids))
    assert "no group 999" in client.get("/v1/clusters/999").json()["detail"]
    assert client.get("/groups/999").status_code == 404


def test_what_is_never_to_be_played_stands_in_no_group(trained, client):
    group = groups_of(trained)[0]
    gone = group.track_ids[0]
    client.put(f"/v1/never-play/track/{gone}", json={})
    left = client.get(f"/v1/clusters/{group.number}").json()["track_ids"]
    assert gone not in left
    assert len(left) == group.n_tracks - 1


def test_a_mood_has_a_page_whose_reasons_name_it(client):
    text = text_of(client, "/moods/party")
    assert 'aria-current="page">Party' in text
    queue = client.get("/player/queue/mood/party").json()
    assert queue
    assert text.count("data-track-id=") == len(queue)
    assert client.get("/moods/nothing").status_code == 404


def test_chosen_tracks_come_in_the_order_asked_and_unknown_ones_are_left_out(house, ada):
    ids = [track.id for track in every_track(house.app)[:3]][::-1]
    got = ada.post("/player/queue/tracks", json={"track_ids": [*ids, "nothing"]})
    assert [view["track"]["id"] for view in got.json()] == ids


def test_a_playlist_is_made_with_its_tracks_each_once_in_their_order(house, ada):
    ids = [track.id for track in every_track(house.app)[:4]]
    made = ada.post("/v1/playlists", json={"name": "Sunday", "track_ids": [*ids, ids[0]]})
    assert made.status_code == 201
    assert made.json()["n_tracks"] == 4
    path = f"/v1/playlists/{made.json()['id']}"
    assert [item["track_id"] for item in ada.get(path).json()["items"]] == ids
    assert [one["name"] for one in ada.get("/v1/playlists").json()] == ["Sunday"]
    page = ada.get(path.removeprefix("/v1"), headers={"accept": "text/html"}).text
    assert page.count("data-track-id=") == 4
    assert "Sunday" in ada.get("/playlists").text
    bob = signed(house, "bob")
    assert ada.get(path, headers=bob).status_code == 404
    assert ada.delete(path, headers=bob).status_code == 404
    assert "No playlists yet" in ada.get("/playlists", headers=bob).text
    assert ada.delete(path).status_code == 204
    assert ada.get("/v1/playlists").json() == []


def test_a_playlist_that_cannot_be_whole_is_not_made_at_all(house, ada):
    known = every_track(house.app)[0].id
    for tracks, status in (([known, "nothing"], 404), ([], 400)):
        got = ada.post("/v1/playlists", json={"name": "Half", "track_ids": tracks})
        assert got.status_code == status
    assert ada.get("/v1/playlists").json() == []


def test_names_of_groups_are_told_in_the_language_of_the_page(client, trained):
    groups = trained.app.maps.seen_by(trained.id_of("ada")).clusters()
    with speaking("de"):
        expected = {group.number: music_name(group.name) for group in groups}
    assert set(expected.values()) != {group.name for group in groups}
    german = {"accept-language": "de"}
    shelf = unescape(client.get("/groups", headers=german).text)
    drawn = unescape(client.get("/map", headers=german).text)
    for group in groups:
        assert expected[group.number] in shelf
        assert expected[group.number] in drawn
        one = unescape(client.get(f"/groups/{group.number}", headers=german).text)
        assert f">{expected[group.number]}</h1>" in one
        assert group.name in unescape(client.get(f"/groups/{group.number}").text)
