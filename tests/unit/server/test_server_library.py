import pytest

from segue.data.records import TrackTags
from segue.store.catalog_records import TrackEntry
from support.app import GENRES, browser, every_track


@pytest.fixture
def ada(shared_clients):
    return shared_clients[0]


def pages(client, path, limit, **filters):
    items, cursor, n_pages = [], None, 0
    while True:
        query = filters | {"limit": limit} | ({"cursor": cursor} if cursor else {})
        page = client.get(path, params=query).json()
        items += page["items"]
        n_pages += 1
        assert len(page["items"]) <= limit
        cursor = page["next_cursor"]
        if cursor is None:
            return items, n_pages


@pytest.mark.parametrize("limit", [1, 7, 53, 200])
@pytest.mark.parametrize("kind", ["tracks", "albums", "artists"])
def test_pages_cover_everything_once_and_in_order(house, ada, kind, limit):
    items, n_pages = pages(ada, f"/v1/{kind}", limit)
    whole = pages(ada, f"/v1/{kind}", 200)[0]
    assert [item["id"] for item in items] == [item["id"] for item in whole]
    assert len({item["id"] for item in items}) == len(items)
    assert n_pages in (-(-len(items) // limit), len(items) // limit + 1)
    counts = ada.get("/v1/library").json()
    assert len(items) == counts[f"n_{kind}"]


def test_a_cursor_goes_on_where_it_stopped_when_tracks_are_added_before_it(house):
    with browser(house, "ada") as client:
        first = client.get("/v1/tracks?limit=10").json()
        new = TrackEntry(tags=TrackTags(title="AAA", artists=("A",)))
        house.app.catalog.add_tracks([new], 1.0)
        query = {"limit": 200, "cursor": first["next_cursor"]}
        rest = client.get("/v1/tracks", params=query).json()
    ids = [item["id"] for item in (*first["items"], *rest["items"])]
    assert len(ids) == len(set(ids)) == len(every_track(house.app)) - 1


def test_filters_hold(ada):
    genre = pages(ada, "/v1/tracks", 5, genre=GENRES[1])[0]
    assert len(genre) == 12
    assert all(GENRES[1] in track["genres"] for track in genre)
    year = ada.get("/v1/tracks?year=1993&limit=200").json()["items"]
    assert {track["year"] for track in year} == {1993}
    band = ada.get("/v1/artists?limit=200").json()["items"][0]
    of_band = ada.get(f"/v1/tracks?artist_id={band['id']}&limit=200").json()["items"]
    assert len(of_band) == band["n_tracks"]
    assert ada.get("/v1/tracks?genre=nothing").json() == {"items": [], "next_cursor": None}


def test_a_cursor_of_one_list_is_refused_by_another_or_made_up(ada):
    cursor = ada.get("/v1/tracks?limit=1").json()["next_cursor"]
    for made_up in ("x", "e30=", cursor[:-3], cursor + "A", "%00"):
        answer = ada.get("/v1/tracks", params={"cursor": made_up})
        assert answer.status_code in (200, 400)
        assert answer.status_code != 500


def test_details_link_to_each_other(ada):
    track = ada.get("/v1/tracks?limit=1").json()["items"][0]
    album = ada.get(f"/v1/albums/{track['album_id']}").json()
    assert track["id"] in {t["id"] for t in album["tracks"]}
    artist = ada.get(f"/v1/artists/{track['artists'][0]['id']}").json()
    one = artist["artist"]
    assert track["artists"] == album["album"]["artists"] == [{"id": one["id"], "name": one["name"]}]
    assert ada.get(f"/v1/tracks/{track['id']}").json() == track
    assert {genre["name"] for genre in ada.get("/v1/genres").json()} >= set(GENRES)


@pytest.mark.parametrize("kind", ["tracks", "albums", "artists", "jobs"])
def test_what_is_not_there_is_not_found(ada, kind):
    answer = ada.get(f"/v1/{kind}/nothing")
    assert answer.status_code == (403 if kind == "jobs" else 404)


ODD = ["", " ", "%", "_", "*", '"', "'", "' OR 1=1 --", "song AND", "NEAR(", "a" * 200, "\x00",
       "-song", "song*", "title:song", "(", "ﬁ", "日本", "🎵", "\u202esong", "\\", "{}", "a\nb",
       "x " * 99]  # fmt: skip


@pytest.mark.parametrize("text", ODD)
def test_any_text_may_be_searched_for(ada, text):
    answer = ada.get("/v1/search", params={"q": text})
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"artists", "albums", "tracks", "genres", "corrected"}


def test_search_finds_words_prefixes_and_misspellings(ada):
    def found(text):
        hits = ada.get("/v1/search", params={"q": text, "limit": 100}).json()
        return {hit["title"] for hit in hits["tracks"]}

    assert "Real Flac" in found("real flac")
    assert "Real Flac" in found("REAL fla")
    assert "Song 3-4" in found("song 3-4")
    assert len(ada.get("/v1/search?q=song&limit=5").json()["tracks"]) == 5


def test_nothing_found_is_an_empty_answer_and_no_error(ada):
    found = ada.get("/v1/search", params={"q": "qqqqzzzzxxxx"}).json()
    assert (found["artists"], found["albums"], found["tracks"]) == ([], [], [])
