"""Asking a service: waits, tries, limits, and where nothing may be sent."""

import pytest

from segue.errors import FetchError, InvalidInputError
from segue.fetch import client
from segue.fetch.client import ApiClient, checked_url, retry_after_s
from segue.fetch.pages import Pages, checked_name
from support.web_services import Service, running


class Plain(Service):
    def usual(self, method, path, query, headers, body):
        return 200, {"path": path, "agent": headers["User-Agent"]}, {}


@pytest.fixture
def service():
    made = Plain()
    with running(made):
        yield made


@pytest.fixture
def slept():
    return []


@pytest.fixture
def api(service, slept):
    with ApiClient("Test", service.url + "/", sleep=slept.append, now=lambda: 0.0) as made:
        yield made


def test_an_answer_comes_as_it_is(api, service):
    answer = api.get("/x", {"a": 1})
    assert (answer.status, service.seen) == (200, ["/x?a=1"])
    assert b'"agent": "segue/' in answer.body
    service.before = [("/x", (404, {}, {}))]
    assert api.get("/x").status == 404  # what is not there is no error of the way to it


def test_it_waits_as_long_as_it_is_told_and_asks_again(api, service, slept):
    service.before = [
        ("/x", (429, {}, {"Retry-After": "7"})),
        ("/x", (429, {}, {"Retry-After": "Thu, 01 Jan 1970 00:00:30 GMT"})),
        ("/x", (429, {}, {"X-RateLimit-Reset-In": "3"})),
    ]
    assert api.get("/x").status == 200
    assert slept == [7.0, 30.0, 3.0]


def test_without_a_word_the_waits_double(api, service, slept):
    service.before = [("/x", (status, {}, {})) for status in (429, 500, 502, 503)]
    assert api.get("/x").status == 200
    assert slept == [1.0, 2.0, 4.0, 8.0]


def test_it_gives_up_after_six_tries_with_the_last_answer(api, service, slept):
    service.before = [("/x", (503, {}, {}))] * 9
    assert api.get("/x").status == 503
    assert (len(service.seen), len(slept)) == (6, 5)


def test_a_wait_of_an_hour_ends_it_with_words(api, service, slept):
    service.before = [("/x", (429, {}, {"Retry-After": "3600"}))]
    with pytest.raises(FetchError, match="asks to wait 3600 s"):
        api.get("/x")
    assert slept == []


def test_nobody_there_is_tried_again_and_then_said(slept):
    refused = pytest.raises(FetchError, match="Test cannot be reached: ConnectError")
    with ApiClient("Test", "http://127.0.0.1:9", sleep=slept.append) as api, refused:
        api.get("/x")
    assert slept == [1.0, 2.0, 4.0, 8.0, 16.0]


def test_a_token_that_is_not_taken_is_renewed_once(service, slept):
    renewed = []
    with ApiClient("Test", service.url, renew=lambda: renewed.append(1), sleep=slept.append) as api:
        service.before = [("/x", (401, {}, {}))]
        assert api.get("/x").status == 200
        service.before = [("/x", (401, {}, {}))] * 2
        assert api.get("/x").status == 401
    assert (renewed, slept) == ([1, 1], [])


def test_a_redirect_is_not_followed(api, service):
    service.before = [("/x", (302, {}, {"Location": f"{service.url}/elsewhere"}))]
    assert api.get("/x").status == 302
    assert service.seen == ["/x"]


def test_an_answer_without_end_is_refused(api, service, monkeypatch):
    monkeypatch.setattr(client, "MAX_ANSWER_BYTES", 100)
    service.before = [("/x", (200, b"x" * 101, {}))]
    with pytest.raises(FetchError, match="over"):
        api.get("/x")


@pytest.mark.parametrize(
    "url",
    ["", "nothing", "ftp://host", "http://example.org", "https://", "https://u:p@host",
     "https://host/?a=1", "file:///etc/passwd", "http://127.0.0.1.example.org"],
)  # fmt: skip
def test_addresses_that_would_tell_what_is_secret_are_refused(url):
    with pytest.raises(InvalidInputError, match="https://"):
        checked_url(url)


def test_addresses_of_this_machine_and_of_a_server_at_home_are_taken():
    assert checked_url("http://localhost:8000/v1/") == "http://localhost:8000/v1"
    assert checked_url("https://example.org/x") == "https://example.org/x"
    assert checked_url("http://nas.lan:8000", insecure=True) == "http://nas.lan:8000"


@pytest.mark.parametrize("text", ["", "soon", "Thu, 99 Jan", "-"])
def test_a_wait_that_nobody_understands_is_none(text):
    assert retry_after_s({"retry-after": text}, 0.0) is None


def test_waits_are_never_negative():
    assert retry_after_s({"retry-after": "-5"}, 0.0) == 0.0
    assert retry_after_s({"retry-after": "Thu, 01 Jan 1970 00:00:30 GMT"}, 90.0) == 0.0


def test_a_page_is_fetched_once_and_a_torn_one_again(tmp_path):
    pages, fetched = Pages(tmp_path / "new"), []

    def fetch():
        fetched.append(1)
        return b'{"a": 1}'

    assert pages.once("x.json", fetch) == pages.once("x.json", fetch) == {"a": 1}
    assert pages.path("x.json").read_bytes() == b'{"a": 1}'
    pages.path("x.json").write_bytes(b'{"a": ')
    assert pages.once("x.json", fetch) == {"a": 1}
    assert len(fetched) == 2
    with pytest.raises(FetchError, match="not JSON"):
        pages.once("y.json", lambda: b"<html>")
    assert not pages.path("y.json").exists()


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", ".x", "a\x00", "x" * 200])
def test_names_that_lead_elsewhere_are_refused(name):
    with pytest.raises(FetchError, match="name of a file"):
        checked_name(name)
