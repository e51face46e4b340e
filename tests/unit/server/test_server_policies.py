import re

import pytest
from litestar import Litestar, get, post

from segue.errors import ConfigurationError
from segue.server.app import create_app
from segue.server.auth import ADMIN, LISTENER, PUBLIC, _is_automatic, check_policies
from support.app import browser, every_track, signed

CALLERS = (None, "ada", "bob", "admin")
# these check a password or a setup token themselves, so their 401 and 403 are their own
DOORS = {
    "/sign-in",
    "/sign-up",
    "/welcome",
    "/v1/setup",
    "/v1/session",
    "/v1/accounts",
    "/you/delete",
    "/join",
    "/v1/invitations/use",
}
GUARD_WORDS = ("sign in first", "only an administrator")


def routes_of(app):
    for route in create_app(app).routes:
        for handler in getattr(route, "route_handlers", ()) or [route.route_handler]:
            if not _is_automatic(handler):
                for method in sorted(handler.http_methods):
                    yield method, route.path, handler.opt.get("policy")


def filled(path, track_id):
    """A path with something in each of its places; most name what is not there."""
    values = {"track_id": track_id, "what": "track", "station": "for_you", "tab": "albums",
              "size_px": "64", "event_id": "999999", "number": "1", "year": "2025",
              "file_path": "nothing.css"}  # fmt: skip
    return re.sub(r"\{(\w+):\w+\}", lambda found: values.get(found[1], "nothing"), path)


def refused_by_the_guard(answer):
    return answer.status_code in (401, 403) and any(word in answer.text for word in GUARD_WORDS)


@pytest.fixture
def open_app(make_house):
    return make_house(sign_up="open")


def test_every_route_answers_each_kind_of_caller_as_its_policy_says(open_app, monkeypatch):
    monkeypatch.setattr("segue.server.web.start.STREAM_S", 0.0)  # a stream that ends at once
    track_id = every_track(open_app.app)[0].id
    routes = list(routes_of(open_app.app))
    assert len(routes) > 45
    wrong = []
    with browser(open_app) as client:
        for method, path, policy in routes:
            for caller in CALLERS:
                headers = signed(open_app, caller) if caller else {}
                answer = client.request(
                    method, filled(path, track_id), headers=headers, follow_redirects=False
                )
                expected = {
                    PUBLIC: None,
                    LISTENER: 401 if caller is None else None,
                    ADMIN: {None: 401, "admin": None}.get(caller, 403),
                }[policy]
                if expected is None:
                    wrong_now = refused_by_the_guard(answer)
                    wrong_now |= answer.status_code in (401, 403) and path not in DOORS
                else:
                    wrong_now = answer.status_code != expected
                wrong_now |= answer.status_code >= 500
                if wrong_now:
                    wrong.append((method, path, caller, answer.status_code, answer.text[:200]))
                if method == "GET" and policy is ADMIN and caller == "admin":
                    assert answer.status_code in (200, 404)
    assert wrong == []


def test_only_what_nobody_must_sign_in_for_is_public(house):
    public = {path for _, path, policy in routes_of(house.app) if policy is PUBLIC}
    static = {path for path in public if path.startswith("/static/")}
    assert len(static) == 1
    assert public - static == {
        "/health", "/v1/session", "/v1/accounts", "/v1/setup", "/sign-in", "/sign-up", "/welcome",
        "/service-worker.js", "/offline", "/manifest/{name:str}", "/words/{name:str}",
        "/join", "/v1/invitations/use",
        "/sign-out", "/covers/drawn/{name:str}",
    }  # fmt: skip


def test_a_route_without_a_policy_stops_the_start_and_is_named():
    @get("/open", opt={"policy": PUBLIC}, sync_to_thread=False)
    def declared() -> str:
        return ""

    @post("/forgotten", sync_to_thread=False)
    def forgotten() -> str:
        return ""

    @get("/misspelt", opt={"policy": "anyone"}, sync_to_thread=False)
    def misspelt() -> str:
        return ""

    check_policies(Litestar([declared], openapi_config=None))
    with pytest.raises(ConfigurationError, match=r"/forgotten .*forgotten.*/misspelt"):
        check_policies(Litestar([declared, forgotten, misspelt], openapi_config=None))


def test_another_listeners_event_looks_exactly_like_one_that_is_not_there(house):
    house.tell("ada", "love", "Song 0-0")
    (event,) = house.app.history._history.events_of(house.id_of("ada"))
    with browser(house, "bob") as client:
        foreign = client.delete(f"/v1/events/{event.id}")
        missing = client.delete("/v1/events/999999")
        assert foreign.status_code == missing.status_code == 404
        shown = [
            {**answer.json(), "request_id": "", "detail": answer.json()["detail"].replace(n, "N")}
            for answer, n in ((foreign, str(event.id)), (missing, "999999"))
        ]
        assert shown[0] == shown[1]
        own = client.delete(f"/v1/events/{event.id}", headers=signed(house, "ada"))
        assert own.status_code == 204


def test_marks_of_one_listener_are_not_seen_by_another(house):
    house.tell("ada", "love", "Song 0-0")
    house.tell("ada", "play", "Song 0-1", played_s=100.0)
    with browser(house, "bob") as client:
        assert client.get(f"/v1/tracks/{house.track('Song 0-0')}/mine").json()["loved"] is False
        assert client.get("/v1/history/recent").json() == []
        assert client.get("/v1/history/most-played").json() == []
