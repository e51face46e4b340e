"""What is like a track, an artist or an album, on their pages."""

import re

import pytest

from support.app import browser, every_track


@pytest.fixture
def client(trained):
    with browser(trained, "ada") as client:
        client.headers["accept"] = "text/html"
        yield client


def first_of(house):
    track = next(t for t in every_track(house.app) if t.title == "Song 0-0")
    return {"track": track.id, "artist": track.artists[0].id, "album": track.album_id}


def test_the_pages_ask_for_both_shelves_and_each_answers(trained, client):
    for kind, id_ in first_of(trained).items():
        text = client.get(f"/{kind}s/{id_}").text
        parts = re.findall(r'hx-get="(/parts/similar/[^"]+)"', text)
        assert parts == [f"/parts/similar/{kind}/{id_}?by={by}" for by in ("sound", "listeners")]
        for part in parts:
            assert client.get(part).status_code == 200


def test_those_who_are_played_by_the_same_people_stand_on_the_shelf(trained, client):
    names = {"track": "Song [0-3]-", "artist": "Band [1-3]", "album": "Album [1-3]"}
    for kind, id_ in first_of(trained).items():
        text = client.get(f"/parts/similar/{kind}/{id_}?by=listeners").text
        assert "Played by the same listeners" in text
        shown = re.findall(r'class="name"[^>]*>([^<]+)</a>', text)
        assert shown
        camp = [name for name in shown if re.match(names[kind], name)]
        assert camp[:2] == shown[:2]
        assert id_ not in re.findall(r'href="/(?:track|artist|album)s/(\w+)"', text)


def test_where_nothing_was_heard_no_shelf_claims_a_likeness_of_sound(trained, client):
    for kind, id_ in first_of(trained).items():
        text = client.get(f"/parts/similar/{kind}/{id_}?by=sound").text
        assert "Sounds alike" not in text
        assert ("Close in what is written" in text) == (kind == "track")
        assert kind == "track" or text.strip() == ""


def test_what_is_not_there_has_no_shelf_and_other_kinds_are_refused(client):
    for kind in ("track", "artist", "album"):
        got = client.get(f"/parts/similar/{kind}/nothing?by=listeners")
        assert (got.status_code, got.text.strip()) == (200, "")
    assert client.get("/parts/similar/genre/dub?by=sound").status_code in (400, 404)
    assert client.get("/parts/similar/track/x?by=colour").status_code == 400


def test_the_radio_of_an_artist_or_record_begins_with_all_of_it(trained, client):
    ids = first_of(trained)
    for kind in ("artist", "album"):
        text = client.get(f"/{kind}s/{ids[kind]}").text
        assert f'data-act="radio" data-seed="{kind}:{ids[kind]}"' in text
