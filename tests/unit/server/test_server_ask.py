"""Asking in words: the page, its chips, and where the work is done."""

import re
import threading
from html import unescape

import pytest

from segue.data.affect import MOODS
from segue.models.moods import TrackMoods
from support.app import browser


@pytest.fixture
def client(trained):
    with browser(trained, "ada") as client:
        client.headers["accept"] = "text/html"
        yield client


def test_a_request_is_answered_with_reasons_and_each_part_can_be_taken_away(client):
    text = client.get("/ask", params={"words": "calm Dub from 1996, no Baroque"}).text
    assert text.count('class="track-why"') > 3
    chips = re.findall(r'<b dir="auto">([^<]+)</b><small>([^<]+)</small><a class="round" '
                       r'href="([^"]+)"', text)  # fmt: skip
    assert [(what, note) for what, note, _ in chips] == [
        ("calm", "mood"), ("Dub", "genre"), ("Baroque", "left out"),
        ("1996", "only these years"),
    ]  # fmt: skip
    for what, _, href in chips:
        again = client.get(unescape(href)).text
        assert f'<b dir="auto">{what}</b>' not in again
        assert again.count('class="said-chip') == len(chips) - 1


def test_the_box_alone_gives_examples_that_lead_to_answers(client):
    text = client.get("/ask").text
    hrefs = re.findall(r'class="chip" href="(/ask\?words=[^"]+)"', text)
    assert hrefs
    for href in hrefs:
        assert 'class="said-chip' in client.get(unescape(href)).text


def test_markup_in_a_request_stays_text(client):
    text = client.get("/ask", params={"words": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in text


def test_what_was_understood_is_told_by_rest(client):
    told = client.get("/v1/understood", params={"words": "chill jazz"}).json()
    assert [(one["words"], one["kinds"], one["without"]) for one in told] == [
        ("chill", ["mood"], "jazz"), ("jazz", ["genre"], "chill"),
    ]  # fmt: skip
    assert client.get("/v1/understood").json() == []


def test_words_and_paths_are_worked_on_beside_the_loop_and_other_lists_in_it(
    trained, client, monkeypatch
):
    threads = {}
    make = trained.app.recommend.list

    def watched(listener_id, station, *rest, **more):
        threads[station] = threading.get_ident()
        return make(listener_id, station, *rest, **more)

    monkeypatch.setattr(trained.app.recommend, "list", watched, raising=False)
    a, b = trained.track("Song 0-0"), trained.track("Song 5-1")
    for path in ("for_you", "popular", "ask?words=calm", f"path?seed={a}&seed={b}"):
        assert client.get(f"/v1/recommendations/{path}").status_code == 200
    assert threads["for_you"] == threads["popular"]
    assert threads["ask"] != threads["for_you"]
    assert threads["path"] != threads["for_you"]


def test_moods_are_weighed_when_a_set_is_read_not_when_first_asked_for(trained, monkeypatch):
    weighed = []
    weigh = TrackMoods._score
    monkeypatch.setattr(TrackMoods, "_score", lambda moods, rule: weighed.append(rule)
                        or weigh(moods, rule))  # fmt: skip
    trained.app.models.current()
    trained.app.models.finish()
    assert sorted(map(id, weighed)) == sorted(map(id, MOODS.values()))
    ada = trained.id_of("ada")
    assert trained.app.recommend.list(ada, "ask", words="calm or happy, not for a party").tracks
    assert len(weighed) == len(MOODS)


def test_a_german_page_answers_german_words_in_german(client):
    client.headers["accept-language"] = "de"
    text = client.get("/ask").text
    assert "traurig" not in text
    hrefs = re.findall(r'class="chip" href="(/ask\?words=[^"]+)"', text)
    for href in hrefs:
        assert 'class="said-chip' in client.get(unescape(href)).text
    text = client.get("/ask", params={"words": "ruhiger Dub der 90er zum Laufen"}).text
    chips = re.findall(r'<b dir="auto">([^<]+)</b><small>([^<]+)</small>', text)
    assert chips == [
        ("ruhiger", "Stimmung: ruhig"), ("Dub", "Genre"), ("Laufen", "Stimmung: Sport"),
        ("1990 bis 1999", "Jahre"),
    ]  # fmt: skip


def test_german_words_are_understood_on_an_english_page(client):
    text = client.get("/ask", params={"words": "ruhiger Dub der 90er"}).text
    chips = re.findall(r'<b dir="auto">([^<]+)</b><small>([^<]+)</small>', text)
    assert chips == [("ruhiger", "mood: calm"), ("Dub", "genre"), ("1990 to 1999", "years")]
