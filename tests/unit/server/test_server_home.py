"""The home page and the panel that says why."""

import re

import pytest

from segue.server.web.newness import COOKIE, USUAL
from support.app import N_SONGS, NOW, browser


@pytest.fixture
def client(trained):
    with browser(trained, "ada") as client:
        client.headers["accept"] = "text/html"
        yield client


def love(house, band):
    for song in range(N_SONGS):
        house.tell("ada", "love", f"Song {band}-{song}", at=NOW - song)


def titles(text):
    return [part.split("<")[0] for part in text.split('class="track-title"')[1:]]


def test_the_page_has_moods_and_one_large_button(client):
    text = client.get("/").text
    assert text.count('class="hero-play"') == 1
    assert 'href="/moods/calm"' in text
    assert f'value="{USUAL}"' in text


def test_how_new_the_list_is_can_be_turned_and_is_kept(trained, client):
    love(trained, 0)
    usual = titles(client.get("/parts/for-you").text)
    answer = client.post("/parts/for-you", data={"newness": "0"})
    assert answer.status_code == 200
    assert answer.cookies[COOKIE] == "0"
    familiar = titles(answer.text)
    assert familiar != usual
    client.cookies.set(COOKIE, "0")
    assert titles(client.get("/parts/for-you").text) == familiar
    assert 'value="0"' in client.get("/").text


@pytest.mark.parametrize("given", ["", "-1", "x", "9999", "1.5"])
def test_a_cookie_that_makes_no_sense_is_the_usual(given, client):
    client.cookies.set(COOKIE, given)
    assert f'value="{USUAL}"' in client.get("/parts/for-you").text


@pytest.mark.parametrize("given", ["101", "-1", "many", ""])
def test_only_a_share_can_be_turned_to(given, client):
    assert client.post("/parts/for-you", data={"newness": given}).status_code == 400


def test_the_panel_names_sources_in_words_and_what_can_be_kept_away(trained, client):
    love(trained, 0)
    track = trained.app.recommend.list(trained.id_of("ada"), "for_you", 20).tracks[0].track
    text = client.get(f"/why/{track.id}?station=for_you").text
    assert "Where it comes from" in text
    assert "What you play" in text
    assert f'data-scope="artist" data-id="{track.artists[0].id}"' in text
    assert f'data-scope="album" data-id="{track.album_id}"' in text
    assert text.count('data-days="30"') == 3
    assert 'data-act="more-new"' in text


def scanned_with_words(house, ending, text):
    """The id of a track that was scanned with these words in a file beside it."""
    words = (house.music / "Bare" / "Real Wav").with_suffix(ending)
    words.write_text(text)
    try:
        house.app.library.scan(house.music, Quiet())
    finally:
        words.unlink()
    return house.track("Real Wav")


def test_words_of_a_song_are_shown_verse_by_verse(house):
    track = scanned_with_words(house, ".txt", "One <b>line</b>\nTwo\n\nThree\n")
    with browser(house, "ada") as client:
        text = client.get(f"/lyrics/{track}").text
        assert "One &lt;b&gt;line&lt;/b&gt;<br>Two</p><p>Three" in text
        bare = client.get(f"/lyrics/{house.track('Real Ogg')}").text
        assert "There are no words" in bare
        assert client.get("/lyrics/nobody").status_code == 404


def test_words_that_know_their_times_are_shown_line_by_line(house):
    text = "[00:01.50]One <b>line</b>\n[00:03.00]\n[00:04.00]Two"
    track = scanned_with_words(house, ".lrc", text)
    with browser(house, "ada") as client:
        text = client.get(f"/lyrics/{track}").text
    assert re.findall(r'<(\w+)[^>]* data-start="([\d.]+)"[^>]*>(.*?)</\1>', text) == [
        ("button", "1.5", "One &lt;b&gt;line&lt;/b&gt;"), ("span", "3.0", ""),
        ("button", "4.0", "Two"),
    ]  # fmt: skip
    assert f'data-of="{track}"' in text


class Quiet:
    def report(self, *args, **kwargs):
        pass

    def should_stop(self):
        return False
