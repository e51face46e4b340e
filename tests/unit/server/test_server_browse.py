"""The library by genre, year and order."""

import re

import pytest

from segue.data.records import TrackTags
from segue.store.catalog_records import TrackEntry
from support.app import N_BANDS, N_SONGS, browser


@pytest.fixture
def client(house):
    with browser(house, "ada") as client:
        client.headers["accept"] = "text/html"
        yield client


def sleeves(text):
    return re.findall(r'class="name" href="/albums/[^"]*" dir="auto">([^<]*)<', text)


def test_years_lead_to_their_records(client):
    text = client.get("/library/years").text
    for band in range(N_BANDS):
        assert f'href="/library/albums?year={1990 + band}"' in text
    assert f"<span>{N_SONGS}</span>" in text
    assert sleeves(client.get("/library/albums?year=1993").text) == ["Album 3"]


def test_genre_and_year_narrow_down_together(client):
    assert sleeves(client.get("/library/albums?genre=Dub").text) == ["Album 6", "Album 7"]
    assert sleeves(client.get("/library/albums?genre=Dub&year=1997").text) == ["Album 7"]
    text = client.get("/library/albums?genre=Dub&year=1990").text
    assert "Nothing like that" in text
    assert "<option selected>Dub</option>" in text


def test_filters_go_on_with_the_next_stretch(client, monkeypatch):
    monkeypatch.setattr("segue.server.web.browse.N_ROWS", 4)
    text = client.get("/library/tracks?genre=Dub&sort=newest").text
    seen = re.findall(r'class="track-title"[^>]*>([^<]*)<', text)
    while following := re.search(r'hx-get="(/parts/library/tracks[^"]*)"', text):
        address = following[1].replace("&amp;", "&")
        assert "genre=Dub" in address
        assert "sort=newest" in address
        text = client.get(address).text
        seen += re.findall(r'class="track-title"[^>]*>([^<]*)<', text)
    assert sorted(seen) == sorted(f"Song {band}-{song}" for band in (6, 7) for song in range(6))


@pytest.mark.parametrize("query", ["year=x", "year=-1", "year=0", "sort=best", "genre="])
def test_what_makes_no_sense_filters_nothing(client, query):
    assert sleeves(client.get(f"/library/albums?{query}").text) == sleeves(
        client.get("/library/albums").text
    )


def test_folders_lead_down_to_their_tracks(client, house):
    text = client.get("/library/folders").text
    names = re.findall(r'folders\?in=[^"]*">.*?<span dir="auto">([^<]*)</span>', text)
    assert names
    place = re.search(r'href="/library/folders\?in=([^"]*)">', text)[1]
    seen = []
    while True:
        text = client.get(f"/library/folders?in={place}").text
        seen += re.findall(r'class="track-title"[^>]*>([^<]*)<', text)
        below = re.search(r'folder-list.*?href="/library/folders\?in=([^"]*)"', text, re.S)
        if below is None:
            break
        assert below[1].startswith(place + "/")
        place = below[1]
    assert seen
    queue = client.get(f"/player/queue/folder?in={place}").json()
    assert [one["track"]["title"] for one in queue] == seen[-len(queue) :]


@pytest.mark.parametrize("place", ["..", "../..", "no/such", "%2e%2e/etc", "%FF", "%00"])
def test_a_folder_that_is_none_of_the_library_is_not_found(client, place):
    assert client.get(f"/library/folders?in={place}").status_code == 404
    assert client.get(f"/player/queue/folder?in={place}").json() == []


def test_search_leads_to_genres_and_to_playlists_of_ones_own(house, client):
    playlists, ids = house.app.playlists, [house.track("Song 0-0")]
    mine = playlists.make(house.id_of("ada"), "Dub for the garden", ids).id
    theirs = playlists.make(house.id_of("bob"), "Dub of Bob", ids).id
    text = client.get("/search?q=dub").text
    assert 'href="/genres/Dub"' in text
    assert f'href="/playlists/{mine}"' in text
    assert f'href="/playlists/{theirs}"' not in text
    assert "Nothing called" not in text


def test_search_says_when_it_found_what_is_spelled_otherwise(client):
    assert "This comes nearest" in client.get("/search?q=bnad").text
    assert "This comes nearest" not in client.get("/search?q=band").text


def test_an_artist_plays_whole_with_what_is_played_most_first(house, client, monkeypatch):
    monkeypatch.setattr("segue.store.catalog.N_TOP_TRACKS", 2)
    house.tell("ada", "play", "Song 3-4")
    (artist,) = house.app.catalog.track(house.track("Song 3-4")).artists
    address = f"/player/queue/artist/{artist.id}"
    assert f'data-queue-url="{address}"' in client.get(f"/artists/{artist.id}").text
    titles = [one["track"]["title"] for one in client.get(address).json()]
    assert titles[0] == "Song 3-4"
    assert sorted(titles) == [f"Song 3-{song}" for song in range(N_SONGS)]


def test_nothing_is_said_to_be_played_most_that_nobody_has_played(house, client):
    (artist,) = house.app.catalog.track(house.track("Song 3-4")).artists
    before = client.get(f"/artists/{artist.id}").text
    assert "<h2>Tracks</h2>" in before
    house.tell("ada", "play", "Song 3-4")
    assert "<h2>Most played</h2>" in client.get(f"/artists/{artist.id}").text


def test_an_artist_on_records_of_others_has_tracks(house, client):
    house.app.catalog.add_tracks(
        [TrackEntry(tags=TrackTags(title="A Guest Song", artists=("Guest",)))], 1.7e9
    )
    guest = next(t for t in house.app.catalog.tracks_page(limit=200).items
                 if t.title == "A Guest Song").artists[0]  # fmt: skip
    text = client.get(f"/artists/{guest.id}").text
    assert "1 track" in text
    assert "0 records" not in text


def test_a_genre_has_its_name_and_a_radio(client):
    text = client.get("/genres/Dub").text
    assert "<title>Dub · Segue</title>" in text
    assert 'data-seed="genre:Dub"' in text
