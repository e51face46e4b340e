"""What a listener says of themselves, and the list that follows before anything was played."""

import pytest

from support.app import GENRES, browser


@pytest.fixture
def client(trained):
    with browser(trained, "ada") as one:
        yield one


def test_own_words_are_kept_trimmed_and_replaced(client):
    assert client.get("/v1/me/profile").json()["emotions"] == []
    body = {"emotions": [" calm ", "calm"], "tags": ["jazz"], "bio": " hello ", "age": 40}
    said = client.put("/v1/me/profile", json=body).json()
    assert (said["emotions"], said["tags"], said["bio"], said["age"]) == (
        ["calm"], ["jazz"], "hello", 40)  # fmt: skip
    assert client.get("/v1/me/profile").json() == said
    client.put("/v1/me/profile", json={})
    assert client.get("/v1/me/profile").json()["bio"] == ""


@pytest.mark.parametrize(
    "body", [{"age": 130}, {"age": -1}, {"bio": "x" * 2001}, {"tags": ["x"] * 21}, {"mood": "calm"}]
)
def test_what_is_out_of_bounds_is_refused(client, body):
    assert client.put("/v1/me/profile", json=body).status_code == 400


def test_own_words_lead_the_first_list_with_reasons(trained, client):
    before = client.get("/v1/recommendations/for_you?n=10").json()
    client.put("/v1/me/profile", json={"tags": [GENRES[0]]})
    after = client.get("/v1/recommendations/for_you?n=10").json()
    assert before["tracks"] != after["tracks"]
    reasons = [seen["reasons"][0]["text"] for seen in after["tracks"]]
    said = f"Fits what you say of yourself: {GENRES[0]}"
    assert reasons[0] == said
    assert sum(text == said for text in reasons) >= 4  # two bands of the genre, and spacing
    assert after["fallback_text"].startswith("Made from what you say of yourself")


def test_a_genre_that_is_not_wanted_is_in_no_reason(client):
    client.put("/v1/me/profile", json={"tags": [GENRES[0]], "bio": f"no {GENRES[3].lower()}"})
    view = client.get("/v1/recommendations/for_you?n=20").json()
    texts = [reason["text"] for seen in view["tracks"] for reason in seen["reasons"]]
    assert any(GENRES[0] in text for text in texts)
    assert not any(f"yourself: {GENRES[3]}" in text for text in texts)
