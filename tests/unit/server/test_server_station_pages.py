import re

import pytest

from segue.services.quiz import DEFAULT_N
from support.app import N_SONGS, NOW, browser


@pytest.fixture
def client(trained):
    with browser(trained, "ada") as client:
        client.headers["accept"] = "text/html"
        yield client


def love(house, bands):
    for band in bands:
        for song in range(N_SONGS):
            house.tell("ada", "love", f"Song {band}-{song}", at=NOW - 10 * band - song)


def test_a_new_listener_is_offered_the_quiz_and_has_no_mixes(client):
    text = client.get("/").text
    assert 'href="/quiz"' in text
    assert "Mixes for today" not in text


def test_mixes_stand_on_the_home_page_under_their_names_and_can_be_played(trained, client):
    love(trained, range(8))
    text = client.get("/").text
    assert 'href="/quiz"' not in text
    mixes = trained.app.recommend.mixes(trained.id_of("ada"))
    assert mixes
    for mix in mixes:
        assert f'href="/mixes/{mix.number}"' in text
        assert mix.title in client.get(f"/mixes/{mix.number}").text
        queue = client.get(f"/player/queue/mix/{mix.number}").json()
        assert len(queue) == mix.n_tracks


def test_the_quiz_goes_from_question_to_question_to_a_first_list_of_three(client):
    page = client.get("/quiz").text
    assert "Or pick somebody you like" in page
    for number in range(DEFAULT_N):
        assert f"Question {number + 1} of {DEFAULT_N}" in page
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        page = client.post("/quiz/answer", data={**fields, "stars": "5"}).text
    assert "Here is a start" in page
    assert page.count('class="track-why"') == 3
    more = re.search(r'href="(/quiz\?asked=[^"]*show=30)"', page)[1].replace("&amp;", "&")
    assert client.get(more).text.count('class="track-why"') == 30


def test_what_is_not_known_is_asked_no_more(trained, client):
    page = client.get("/quiz").text
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    page = client.post("/quiz/answer", data=fields).text
    assert f"Question 1 of {DEFAULT_N}" in page
    again = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert again["track_id"] != fields["track_id"]
    assert again["asked"] == fields["track_id"]
    assert trained.app.history._history.events_of(trained.id_of("ada")) == []


def test_a_picked_artist_leads_to_a_list(trained, client):
    path = re.search(r'action="(/quiz/artists/\w+)"', client.get("/quiz").text)[1]
    assert "For you" in client.post(path).text
    kinds = {e.kind.value for e in trained.app.history._history.events_of(trained.id_of("ada"))}
    assert kinds == {"pick"}


def test_consent_is_off_until_the_listener_turns_it_on_and_off_again(trained, client):
    ada = trained.id_of("ada")
    assert ">Turn on<" in client.get("/you/privacy").text
    assert not trained.app.like_minded.is_on(ada)
    assert ">Turn off<" in client.post("/you/like-minded", data={"like_minded": "yes"}).text
    assert trained.app.like_minded.is_on(ada)
    assert ">Turn on<" in client.post("/you/like-minded", data={"like_minded": "no"}).text
    assert not trained.app.like_minded.is_on(ada)


def test_a_list_has_a_page_and_an_empty_one_says_what_to_do(trained, client):
    assert "New on Monday" in client.get("/lists/discover").text
    wish = trained.app.recommend.list(trained.id_of("ada"), "wish_list").tracks[0].track
    client.put(f"/v1/never-play/track/{wish.id}")
    assert "Import your listening history" in client.get("/lists/wish_list").text
    assert client.get("/lists/radio").status_code == 404
    assert client.get("/lists/nothing").status_code == 404
    assert client.get("/lists/like_minded").status_code == 403
