"""The radio builder and the song path: what can be chosen, and what comes of it."""

import json
import re
from html import unescape

import pytest

from support.app import browser, every_track


@pytest.fixture
def client(trained):
    with browser(trained, "ada") as client:
        client.headers["accept"] = "text/html"
        yield client


def seeds_in(text):
    return [unescape(name) for name in re.findall(r'data-seed="([^"]+)"', text)]


def test_artists_tracks_records_and_genres_are_found_by_typing(trained, client):
    found = seeds_in(client.get("/parts/seeds", params={"q": "band 0"}).text)
    assert found[0].startswith("artist:")
    assert any(name.startswith("album:") for name in
               seeds_in(client.get("/parts/seeds", params={"q": "album 0"}).text))  # fmt: skip
    assert "genre:Dub" in seeds_in(client.get("/parts/seeds", params={"q": "du"}).text)
    tracks = seeds_in(client.get("/parts/seeds", params={"q": "song 0-0", "kinds": "track"}).text)
    assert tracks[0] == trained.track("Song 0-0")
    assert all(":" not in name for name in tracks)
    assert seeds_in(client.get("/parts/seeds").text) == []
    assert "Nothing here is called" in client.get("/parts/seeds", params={"q": "qqqq"}).text


def test_every_seed_that_is_offered_begins_a_radio(client):
    for words in ("band 0", "album 0", "song 0", "dub"):
        for name in seeds_in(client.get("/parts/seeds", params={"q": words}).text):
            begun = client.post("/v1/sessions", json={"seeds": [f"{name}*2"], "n": 3})
            assert begun.status_code == 201, (name, begun.text)


def test_seeds_in_the_address_stand_in_the_builder(trained, client):
    track = every_track(trained.app)[0]
    text = client.get("/radio", params={"seed": [track.id, "genre:dub", "artist:nobody"]}).text
    given = json.loads(unescape(re.search(r'data-given="([^"]*)"', text)[1]))
    assert [(seed["name"], seed["title"]) for seed in given] == [
        (track.id, track.title), ("genre:Dub", "Dub"),
    ]  # fmt: skip


def test_a_path_is_a_line_of_covers_with_the_ends_at_its_ends(trained, client):
    a, b = trained.track("Song 0-0"), trained.track("Song 5-1")
    text = client.get("/path", params={"from": a, "to": b, "n": 8}).text
    line = re.search(r'<ol class="path-line".*?</ol>', text, re.DOTALL)[0]
    assert line.count("<li>") == 8
    rows = re.findall(r'data-track-id="(\w+)"', text)
    assert (len(rows), rows[0], rows[-1]) == (8, a, b)
    assert 'data-act="save-playlist"' in text


def test_what_is_no_way_is_said(trained, client):
    a = trained.track("Song 0-0")
    assert "two different tracks" in client.get("/path", params={"from": a, "to": a}).text
    for params in ({}, {"from": a}, {"from": a, "to": "nothing"}, {"from": "artist:x", "to": a}):
        text = client.get("/path", params=params).text
        assert "data-track-id" not in text
        assert "Choose where to begin" in text
