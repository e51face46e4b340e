import re

import pytest

from segue.server.security import HEADERS
from support.app import every_track

ALWAYS = [name.decode() for name, _ in HEADERS]


@pytest.fixture
def places(house):
    """An answer of each kind: found, refused, missing, static, sound, picture, page, redirect."""
    tracks = {t.title: t for t in every_track(house.app)}
    sound, cover = tracks["Real Ogg"].id, tracks["Real Flac"].cover_id
    return {
        "/health": 200,
        "/v1/me": 200,
        "/v1/tracks": 200,
        "/v1/tracks?limit=0": 400,
        "/v1/tracks/nothing": 404,
        "/v1/jobs": 403,
        "/v1/nothing": 404,
        "/nothing/at/all": 404,
        "/v1/session": 405,
        f"/v1/tracks/{sound}/stream": 200,
        f"/v1/covers/{cover}/64": 200,
        "/v1/covers/nothing/64": 404,
        "/covers/drawn/x.svg": 200,
        "/docs": 200,
        "/docs/schema/openapi.json": 200,
        "/": 200,
        "/search?q=" + "x" * 5000: 400,
    }


def static_path(client):
    return re.search(r"/static/[0-9a-f]+/css/[\w.-]+\.css", client.get("/sign-in").text)[0]


def test_every_answer_carries_the_security_headers_and_a_request_id(ada, places):
    places[static_path(ada)] = 200
    seen = set()
    for path, status in places.items():
        answer = ada.get(path)
        assert answer.status_code == status, (path, answer.text[:300])
        for name in ALWAYS:
            assert answer.headers.get_list(name, split_commas=False), (path, name)
            assert len(answer.headers.get_list(name, split_commas=False)) == 1, (path, name)
        seen.add(answer.headers["x-request-id"])
    assert "" not in seen
    assert len(seen) == len(places)


def test_no_answer_but_files_and_pictures_may_be_kept(ada, places):
    for path in places:
        kept = ada.get(path).headers["cache-control"]
        is_file = "/stream" in path or ("/covers/" in path and "nothing" not in path)
        assert (kept != "no-store") == is_file, (path, kept)


def test_the_content_security_policy_allows_nothing_inline_and_no_other_site(ada):
    policy = ada.get("/").headers["content-security-policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "*" not in policy
    assert rules["default-src"] == rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == "'self'"


def test_no_page_has_a_script_or_style_of_its_own(ada):
    for path in ("/", "/library/albums", "/search?q=song", "/you", "/docs"):
        page = ada.get(path, headers={"accept": "text/html"}).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", page), path
        assert not re.search(r"<style|\sstyle=|\son\w+=", page), path


STRANGERS = ("evil.example", "localhost.evil.example", "evil.example:8000", "127.0.0.2", "",
             "[::1", "a@b")  # fmt: skip


@pytest.mark.parametrize("host", STRANGERS)
def test_another_host_name_is_refused(shared_clients, host):
    ada, _ = shared_clients
    answer = ada.get("/v1/me", headers={"host": host})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert "allowed_hosts" in answer.json()["detail"]
    assert answer.headers["content-security-policy"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:9", "[::1]:8000"])
def test_the_names_of_this_server_are_known_with_any_port(shared_clients, host):
    ada, _ = shared_clients
    assert ada.get("/v1/me", headers={"host": host}).status_code == 200


FOREIGN = (
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1"},
    {"origin": "https://evil.example"},
    {"origin": "http://127.0.0.1:9999"},
    {"origin": "null"},
)
OWN = ({}, {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"},
       {"origin": "http://127.0.0.1"})  # fmt: skip


@pytest.mark.parametrize("headers", FOREIGN)
def test_another_sites_page_changes_nothing(house, ada, headers):
    track_id = house.track("Song 0-0")
    for method, path in (("PUT", f"/v1/never-play/track/{track_id}"), ("POST", "/v1/events"),
                         ("DELETE", "/v1/session"), ("POST", "/sign-out")):  # fmt: skip
        answer = ada.request(method, path, headers=headers, json={"events": []})
        assert answer.status_code == 403, (method, path)
    assert ada.get("/v1/me").status_code == 200
    assert house.app.history._history.never_played_targets(house.id_of("ada"), 0.0) == []


@pytest.mark.parametrize("headers", OWN)
def test_own_pages_and_programs_may_write(shared_clients, headers):
    ada, _ = shared_clients
    answer = ada.post("/v1/events", headers=headers, json={"events": []})
    assert answer.status_code == 200, answer.text


def test_another_site_may_link_here(ada):
    assert ada.get("/v1/me", headers={"sec-fetch-site": "cross-site"}).status_code == 200


def test_a_body_over_a_megabyte_is_refused_with_and_without_a_length(ada):
    big = b'{"events": []' + b" " * 1_000_000 + b"}"
    assert ada.post("/v1/events", content=big).status_code == 413
    pieces = (big[i : i + 50_000] for i in range(0, len(big), 50_000))
    assert ada.post("/v1/events", content=pieces).status_code == 413
    assert ada.post("/v1/events", content=b'{"events": []}' + b" " * 900_000).status_code == 200


def test_a_giant_query_is_refused(ada):
    assert ada.get("/v1/search?q=" + "x" * 4_100).status_code == 400
    assert ada.get("/v1/search?q=x" + "&a=1" * 100).status_code == 400
    assert ada.get("/v1/search?q=x" + "&a=1" * 50).status_code == 200


def test_an_unexpected_error_says_nothing_of_the_inside(house, ada, monkeypatch):
    def explode(*_args, **_more):
        raise RuntimeError("secret /path/to/segue.db")

    monkeypatch.setattr(type(house.app.catalog), "counts", explode)
    answer = ada.get("/v1/library")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert answer.json()["code"] == "internal"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["content-security-policy"]
