import numpy as np
import pytest

from segue.services.maps import STEPS
from support.app import every_track


@pytest.fixture
def client(trained):
    from support.app import browser

    with browser(trained, "ada") as client:
        yield client


def answer(client, path, **more):
    got = client.get(f"/v1/{path}", **more)
    assert got.status_code == 200, got.text
    return got.json()


def test_the_map_has_one_entry_of_each_column_for_each_track_that_plays(trained, client):
    drawn = answer(client, "map")
    playable = {track.id for track in every_track(trained.app) if track.has_file}
    bare = {trained.track("Real Wav"), trained.track("Real Ogg")}  # nothing is known of them
    assert set(drawn["ids"]) == playable - bare
    assert drawn["absent"] == 2
    columns = ("x", "y", "genre", "mood", "year", "cluster")
    assert {len(drawn[name]) for name in columns} == {len(drawn["ids"])}
    assert min(drawn["x"] + drawn["y"]) >= 0
    assert max(drawn["x"] + drawn["y"]) <= STEPS
    by_id = {track.id: track for track in every_track(trained.app)}
    for id_, genre, year, cluster in zip(
        drawn["ids"], drawn["genre"], drawn["year"], drawn["cluster"], strict=True
    ):
        track = by_id[id_]
        named = drawn["genres"][genre] if genre >= 0 else None
        assert named in track.genres if track.genres else named is None
        assert year == (track.year or 0)
        assert -1 <= cluster < len(drawn["clusters"])
    assert drawn["by_words"] == len(trained.app.models.current().tracks) - 2  # nothing was heard


def test_a_map_that_did_not_change_is_not_sent_again(trained, client):
    first = client.get("/v1/map")
    again = client.get("/v1/map", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["cache-control"] == "private, no-cache"
    gone = first.json()["ids"][0]
    assert client.put(f"/v1/never-play/track/{gone}", json={}).status_code < 300
    changed = client.get("/v1/map", headers={"if-none-match": first.headers["etag"]})
    assert changed.status_code == 200
    assert gone not in changed.json()["ids"]


def test_groups_have_names_of_their_own_and_hold_every_track_once(trained, client):
    groups, drawn = answer(client, "clusters"), answer(client, "map")
    assert len({group["name"] for group in groups}) == len(groups)
    assert sum(group["n_tracks"] for group in groups) == sum(c >= 0 for c in drawn["cluster"])
    for group in groups:
        assert drawn["clusters"][group["number"]] == group["name"]
        for id_ in group["track_ids"]:
            assert drawn["cluster"][drawn["ids"].index(id_)] == group["number"]


def test_before_the_first_training_the_map_is_empty(ada):
    assert answer(ada, "map")["ids"] == []
    assert answer(ada, "clusters") == []


def test_a_path_by_rest_runs_from_the_first_seed_to_the_second(trained, client):
    a, b = trained.track("Song 0-0"), trained.track("Song 5-1")
    view = answer(client, f"recommendations/path?seed={a}&seed={b}&n=8")
    ids = [seen["track"]["id"] for seen in view["tracks"]]
    assert (ids[0], ids[-1], len(ids)) == (a, b, 8)
    assert view["title"].startswith("From “Song 0-0”")
    refused = client.get(f"/v1/recommendations/path?seed={a}")
    assert refused.status_code == 400
    assert "two different tracks" in refused.json()["detail"]


def test_likeness_by_listeners_is_about_who_plays_it(trained, client):
    seed = trained.track("Song 0-0")
    view = answer(client, f"tracks/{seed}/similar?by=listeners&n=10")
    assert view["fallback"] is None
    sources = {name for seen in view["tracks"] for name in seen["source_scores"]}
    assert sources == {"together/seeds"}
    assert answer(client, f"tracks/{seed}/similar?by=both&n=10")["tracks"]
    assert client.get(f"/v1/tracks/{seed}/similar?by=colour").status_code == 400


def test_likeness_by_sound_says_so_when_nothing_was_heard(trained, client):
    seed = trained.track("Song 0-0")
    view = answer(client, f"tracks/{seed}/similar?by=sound&n=10")
    assert view["fallback"] == "alike"  # by words, until it was listened to
    assert view["fallback_text"]


def test_similar_artists_are_others_and_come_with_reasons(trained, client):
    by_name = {one.name: one.id for track in every_track(trained.app) for one in track.artists}
    like = answer(client, f"artists/{by_name['Band 0']}/similar?n=5")
    assert like
    camp = {"Band 1", "Band 2", "Band 3"}  # played by the same people
    assert {one["artist"]["name"] for one in like[:2]} <= camp
    assert all(one["artist"]["name"] != "Band 0" for one in like)
    closeness = [one["closeness"] for one in like]
    assert closeness[0] == 1.0
    assert closeness == sorted(closeness, reverse=True)
    assert all(one["reason"]["text"] for one in like)
    assert client.get("/v1/artists/nobody/similar").status_code == 404


def test_similar_albums_are_others_and_never_played_ones_stay_out(trained, client):
    albums = {track.album: track.album_id for track in every_track(trained.app)}
    path = f"albums/{albums['Album 0']}/similar?n=5"
    first = answer(client, path)[0]["album"]
    assert first["title"] in {"Album 1", "Album 2", "Album 3"}  # played by the same people
    client.put(f"/v1/never-play/album/{first['id']}", json={})
    assert all(one["album"]["id"] != first["id"] for one in answer(client, path))


def test_hundred_thousand_tracks_are_a_few_megabytes():
    import msgspec

    from segue.services.maps import MapColumns

    n = 100_000
    rng = np.random.default_rng(0)
    numbers = {
        name: rng.integers(0, most, n).tolist()
        for name, most in (("x", STEPS), ("y", STEPS), ("genre", 200), ("mood", 4),
                           ("year", 2026), ("cluster", 40))
    }  # fmt: skip
    drawn = MapColumns(version="v", ids=[f"{i:022d}" for i in range(n)], genres=[], moods=[],
                       clusters=[], by_words=0, absent=0, **numbers)  # fmt: skip
    assert len(msgspec.json.encode(drawn)) < 6_000_000
