"""Pulling listens from a server on this machine that answers as ListenBrainz does."""

import json

import pytest

from segue.data.imported import ImportedListen
from segue.errors import ConfigurationError, FetchError, InvalidInputError, JobCancelledError
from segue.fetch import listenbrainz
from segue.fetch.listenbrainz import folder_of
from segue.services.fetching import FetchService
from segue.sources.members import open_export
from segue.sources.registry import recognised
from support.app import Watched
from support.web_services import FakeListenBrainz, listen_of, running

START = 1_700_000_000
N = 47


@pytest.fixture
def there(monkeypatch):
    monkeypatch.setattr(listenbrainz, "PAGE_LISTENS", 10)
    service = FakeListenBrainz(listens=[listen_of(n, START + 100 * n) for n in range(N)])
    with running(service):
        yield service


@pytest.fixture
def slept():
    return []


@pytest.fixture
def fetch(make_house, there, slept):
    def make(**more):
        given = {"allow_outbound": True, "listenbrainz_url": there.url, **more}
        house = make_house(**given)
        return FetchService(house.app.settings, house.app.catalogues, slept.append,
                            clock=house.clock)  # fmt: skip

    return make


def stored(pulled):
    """(second, id) of all listens in pages, as a set: a page may begin in the last one's second."""
    pages = (pulled.folder / "listens").glob("*.jsonl")
    lines = [json.loads(line) for page in pages for line in page.read_text().splitlines()]
    return {(one["listened_at"], one["recording_msid"]) for one in lines}


def rows_of(folder):
    """Rows of the folder read as an export, with the name of their source; nothing is left over."""
    with open_export(folder) as export:
        found, unread = recognised(export.members)
        assert unread == []
        return [(one.source.name, row) for one in found for row in one.source.read(one.member)]


def all_of(there):
    return {(one["listened_at"], one["recording_msid"]) for one in there.listens}


def test_all_listens_come_and_read_like_an_export(fetch, there):
    pulled = fetch().listenbrainz("demo", Watched())
    assert stored(pulled) == all_of(there)
    rows = [row for name, row in rows_of(pulled.folder) if name == "listenbrainz"]
    assert all(isinstance(row, ImportedListen) for row in rows)
    assert {row.listened_at for row in rows} == {float(at) for at, _ in all_of(there)}
    newest = max(rows, key=lambda row: row.listened_at)
    assert (newest.track.title, newest.track.artists) == ("Song 6-4", ("Band 6",))


def test_a_later_pull_asks_only_for_what_is_new(fetch, there):
    service = fetch()
    service.listenbrainz("demo", Watched())
    there.seen.clear()
    assert service.listenbrainz("demo", Watched()).n_listens == 0
    assert len([path for path in there.seen if "/listens" in path]) == 1
    there.listens += [listen_of(n, START + 100 * n) for n in range(N, N + 3)]
    there.seen.clear()
    pulled = service.listenbrainz("demo", Watched())
    assert stored(pulled) == all_of(there)
    assert len([path for path in there.seen if "/listens" in path]) == 1


@pytest.mark.parametrize("stop_at", range(1, 6))
def test_an_ended_pull_goes_on_and_leaves_no_gap(fetch, there, stop_at):
    class Ends(Watched):
        def report(self, done, total=None, *, unit="", message=""):
            super().report(done, total, unit=unit, message=message)
            if len(self.told) == stop_at:
                raise JobCancelledError("killed")

    service = fetch()
    with pytest.raises(JobCancelledError):
        service.listenbrainz("demo", Ends())
    # what comes while it lay still is newer than where the walk began
    there.listens += [listen_of(n, START + 100 * n) for n in range(N, N + 25)]
    pulled = service.listenbrainz("demo", Watched())
    assert stored(pulled) == all_of(there)


def test_listens_of_one_second_are_all_there_even_more_than_a_page(fetch, there):
    there.listens = [listen_of(n, START + n // 7) for n in range(40)]
    pulled = fetch().listenbrainz("demo", Watched())
    assert stored(pulled) == all_of(there)
    there.listens += [listen_of(100 + n, START + 1_000) for n in range(10)]  # a page of a second
    there.listens += [listen_of(200 + n, START + 900) for n in range(4)]
    pulled = fetch().listenbrainz("demo", Watched())
    assert stored(pulled) == all_of(there)


def test_listens_added_to_the_past_come_when_asked_for(fetch, there):
    service = fetch()
    service.listenbrainz("demo", Watched())
    there.listens.append(listen_of(999, START - 5_000))
    assert stored(service.listenbrainz("demo", Watched())) != all_of(there)
    assert stored(service.listenbrainz("demo", Watched(), again=True)) == all_of(there)


def test_loved_and_hated_recordings_come_as_they_are_now(fetch, there):
    there.marks = [
        {"recording_mbid": f"00000000-0000-4000-8000-{n:012d}", "score": 1 if n % 2 else -1,
         "created": START, "recording_msid": None,
         "track_metadata": {"track_name": f"Song {n}", "artist_name": "Band"}}
        for n in range(130)
    ]  # fmt: skip
    service = fetch()
    assert service.listenbrainz("demo", Watched()).n_marks == 130
    del there.marks[100:]
    pulled = service.listenbrainz("demo", Watched())
    rows = [row for name, row in rows_of(pulled.folder) if name == "listenbrainz-feedback"]
    assert (len(rows), sum(row.loved for row in rows)) == (100, 50)


def test_rate_limits_are_kept_before_they_are_broken(fetch, there, slept):
    there.headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-In": "4"}
    fetch().listenbrainz("demo", Watched())
    assert slept == [4.0] * sum("/listens" in path for path in there.seen)
    there.headers = {}
    there.before = [("/listens", (429, {}, {"X-RateLimit-Reset-In": "9"}))]
    fetch().listenbrainz("demo", Watched())
    assert slept[-1] == 9.0


def test_a_token_is_sent_where_one_is_set(fetch, there):
    there.token = "a-token"
    with pytest.raises(FetchError, match="does not take the token"):
        fetch().listenbrainz("demo", Watched())
    assert fetch(listenbrainz_token="a-token").listenbrainz("demo", Watched()).n_listens >= N


def test_who_is_not_there_is_said(fetch):
    with pytest.raises(FetchError, match="knows no user 'nobody'"):
        fetch().listenbrainz("nobody", Watched())


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b'{"payload": {}}', b'{"payload": []}'])
def test_an_answer_of_another_kind_is_refused_and_nothing_is_lost(fetch, there, answer):
    service = fetch()
    service.listenbrainz("demo", Watched())
    there.before = [("/listens", (200, answer, {}))]
    with pytest.raises(FetchError, match="not"):
        service.listenbrainz("demo", Watched())
    assert stored(service.listenbrainz("demo", Watched())) == all_of(there)


def test_nothing_is_asked_unless_it_is_allowed(fetch, there):
    with pytest.raises(ConfigurationError, match="allow_outbound = true"):
        fetch(allow_outbound=False).listenbrainz("demo", Watched())
    assert there.seen == []


def test_every_user_has_a_folder_of_their_own_inside_the_one_for_all():
    names = ["demo", "a_b-c", "../x", "..", "Zoë", "a b", "a/b", "hex-2e2e"]
    folders = {folder_of(name) for name in names}
    assert len(folders) == len(names)
    assert all("/" not in folder and folder[0] != "." for folder in folders)
    for name in ("", "x" * 65, "a\nb"):
        with pytest.raises(InvalidInputError):
            folder_of(name)
