"""The page of the music map: its frame, and the same as a list."""

import re

import pytest

from support.app import browser


@pytest.fixture
def client(trained):
    with browser(trained, "ada") as client:
        client.headers["accept"] = "text/html"
        yield client


def test_the_page_holds_the_frame_and_every_group_as_a_list(trained, client):
    text = client.get("/map").text
    seen = trained.app.maps.seen_by(trained.id_of("ada"))
    for group in seen.clusters():
        assert f'href="/groups/{group.number}"' in text
    n = int(seen.shown.sum())
    by_words = len(trained.app.models.current().tracks) - 2  # nothing was heard
    assert f"{n} tracks." in text
    assert f"{by_words} have not been listened to yet" in text
    assert "Of 2 nothing is known yet" in text
    assert re.search(r"<(script|style)[^>]*>[^<]", text) is None
    assert " style=" not in text


def test_before_the_first_training_the_page_says_what_will_be_here(ada):
    text = ada.get("/map", headers={"accept": "text/html"}).text
    assert "No map yet" in text
    assert "data-stage" not in text


def test_what_may_be_shown_is_looked_at_once_a_request(trained, client, monkeypatch):
    looks = []
    look = trained.app.maps._shown
    monkeypatch.setattr(
        type(trained.app.maps), "_shown", lambda self, *who: looks.append(who) or look(*who)
    )
    assert client.get("/v1/map").status_code == 200
    assert len(looks) == 1
