import re

import pytest

from segue.data.imported import PlaylistEntry
from segue.sources.members import open_export
from segue.sources.registry import recognised
from segue.store.playlists import Playlists
from support.app import NOW, browser, signed


@pytest.fixture
def ada(house):
    with browser(house, "ada") as client:
        client.headers["accept"] = "text/html"
        yield client


@pytest.fixture
def mine(house):
    """Ada's playlist of four tracks that can be played, one of them twice."""
    titles = ("Real Flac", "Real Mp3", "Real Wav", "Real Flac")
    ids = [house.track(title) for title in titles]
    store = Playlists(house.app.database)
    made = store.create(house.id_of("ada"), "Zoë’s <b>evening</b>", NOW)
    store.add(house.id_of("ada"), made.id, ids, NOW)
    return made.id


def items(house, playlist_id):
    return [i.id for i in house.app.playlists.get(house.id_of("ada"), playlist_id).items]


def titles(house, playlist_id):
    ids = house.app.own.smart_playlists.track_ids(house.id_of("ada"), playlist_id)
    return [house.app.catalog.track(id_).title for id_ in ids]


def test_a_playlist_is_renamed_shared_and_seen_by_the_household(house, ada, mine):
    bob = signed(house, "bob")
    assert ada.get(f"/playlists/{mine}", headers=bob).status_code == 404
    form = {"name": "Evening", "is_shared": "yes"}
    assert "everybody here sees it" in ada.post(f"/playlists/{mine}/edit", data=form).text
    page = ada.get(f"/playlists/{mine}", headers=bob).text
    assert "shared with you" in page
    assert "/edit" not in page
    assert ada.get(f"/playlists/{mine}/edit", headers=bob).status_code == 404
    assert ada.post(f"/playlists/{mine}/edit", data=form, headers=bob).status_code == 404
    ada.post(f"/playlists/{mine}/edit", data={"name": "Evening"})
    assert ada.get(f"/playlists/{mine}", headers=bob).status_code == 404


def test_names_from_people_are_text_and_nothing_else(ada, mine):
    for path in ("/playlists", f"/playlists/{mine}", f"/playlists/{mine}/edit"):
        text = ada.get(path).text
        assert "<b>evening" not in text
        assert "&lt;b&gt;evening" in text


def test_places_are_reordered_taken_out_and_added(house, ada, mine):
    first, second, third, fourth = items(house, mine)
    path = f"/v1/playlists/{mine}"
    moved = ada.put(f"{path}/order", json={"item_ids": [fourth, first, third, second]})
    assert moved.status_code == 204
    assert titles(house, mine) == ["Real Flac", "Real Flac", "Real Wav", "Real Mp3"]
    stale = ada.put(f"{path}/order", json={"item_ids": [first, second]})
    assert stale.status_code == 409
    assert ada.post(f"{path}/remove", json={"item_ids": [first]}).status_code == 204
    assert titles(house, mine) == ["Real Flac", "Real Wav", "Real Mp3"]
    more = {"track_ids": [house.track("Real Ogg")]}
    assert ada.post(f"{path}/tracks", json=more).status_code == 204
    assert titles(house, mine)[-1] == "Real Ogg"
    bob = signed(house, "bob")
    for method, end, body in (("PUT", "order", {"item_ids": []}), ("POST", "tracks", more),
                              ("POST", "remove", {"item_ids": [first]})):  # fmt: skip
        assert ada.request(method, f"{path}/{end}", json=body, headers=bob).status_code == 404
    page = ada.get(f"/playlists/{mine}/edit").text
    shown = [int(id_) for id_ in re.findall(r'data-item="(\d+)"', page)]
    assert shown == items(house, mine)


@pytest.mark.parametrize("form", ["m3u8", "xspf", "jspf"])
def test_a_file_is_read_back_by_our_own_sources(house, ada, mine, form, tmp_path):
    answer = ada.get(f"/v1/playlists/{mine}/file/{form}")
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="Zoes-b-evening-b.{form}"'
    )
    file = tmp_path / f"list.{form}"
    file.write_bytes(answer.content)
    with open_export(file) as export:
        ((found,), unread) = recognised(export.members)
        rows = list(found.source.read(found.member))
    assert not unread
    assert all(isinstance(row, PlaylistEntry) for row in rows)
    assert {row.playlist for row in rows} == {"Zoë’s <b>evening</b>"}
    assert [row.track.title for row in rows] == titles(house, mine)
    if form == "m3u8":
        assert str(house.music) not in answer.text
    else:
        assert [row.track.track_id for row in rows] == [house.track(t) for t in titles(house, mine)]
    assert ada.get(f"/v1/playlists/{mine}/file/pls").status_code == 400
    bob = signed(house, "bob")
    assert ada.get(f"/v1/playlists/{mine}/file/{form}", headers=bob).status_code == 404


def test_a_playlist_by_rules_is_made_looked_at_changed_and_follows_what_happens(house, ada):
    assert "It fills itself" in ada.get("/playlist-rules").text
    house.tell("ada", "love", "Real Flac")
    form = {"name": "Loved", "what-0": "loved", "what-1": "", "sort": "title", "limit": "50"}
    preview = ada.post("/parts/playlist-rules", data=form).text
    assert "1 track now" in preview
    page = ada.post("/playlist-rules", data=form)
    assert "At most 50 tracks: you love it." in page.text
    playlist_id = str(page.url).rsplit("/", 1)[1]
    assert titles(house, playlist_id) == ["Real Flac"]
    house.tell("ada", "love", "Real Wav")
    assert titles(house, playlist_id) == ["Real Flac", "Real Wav"]
    assert "fills itself" in ada.get("/playlists").text
    assert len(ada.get(f"/player/queue/playlist/{playlist_id}").json()) == 2
    changed = {**form, "playlist_id": playlist_id, "what-1": "artist", "value-1": "piper"}
    assert "artist is piper" in ada.post("/playlist-rules", data=changed).text
    assert titles(house, playlist_id) == ["Real Flac"]
    again = ada.get(f"/playlist-rules/{playlist_id}").text
    assert 'value="piper"' in again
    bob = signed(house, "bob")
    assert ada.get(f"/playlist-rules/{playlist_id}", headers=bob).status_code == 404
    assert ada.post("/playlist-rules", data=changed, headers=bob).status_code == 404


def test_rules_that_cannot_be_read_are_said_in_words(house, ada, mine):
    form = {"name": "X", "what-0": "stars", "value-0": "seven", "limit": "50"}
    assert "whole number in 1..5" in ada.post("/parts/playlist-rules", data=form).text
    refused = ada.post("/playlist-rules", data=form)
    assert (refused.status_code, "whole number in 1..5" in refused.text) == (400, True)
    assert house.app.playlists.of(house.id_of("ada"))[0].id == mine
    by_hand = {"name": "X", "playlist_id": mine, "what-0": "loved", "limit": "5"}
    assert ada.post("/playlist-rules", data=by_hand).status_code == 409
