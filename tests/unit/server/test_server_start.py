"""The first steps, and progress as it goes on."""

import json

import pytest

from segue.bootstrap import build_app
from segue.server.web import start
from support.app import PASSWORD, Clock, House, browser, settings_for


@pytest.fixture
def admin(house):
    with browser(house, "admin") as client:
        client.headers["accept"] = "text/html"
        yield client


def jobs(house):
    return [(job.kind, job.params) for job in house.app.jobs.list()]


def test_a_folder_is_looked_through_and_kept(house, admin):
    answer = admin.post("/start/folder", data={"folder": str(house.music)}, follow_redirects=False)
    assert answer.headers["location"] == "/start"
    assert jobs(house) == [("scan", {"folder": str(house.music)})]
    assert house.app.folders.all() == [house.music]
    text = admin.get("/start").text
    assert "We are looking through your music" in text
    assert str(house.music) in text


def test_a_folder_that_is_not_there_is_said_beside_the_field(house, admin):
    answer = admin.post("/start/folder", data={"folder": "/no/<b>such</b>"})
    assert answer.status_code == 400
    assert "There is no folder" in answer.text
    assert 'value="/no/&lt;b&gt;such&lt;/b&gt;"' in answer.text
    assert jobs(house) == []


def test_a_demo_library_can_be_asked_for(house, admin):
    admin.post("/start/demo")
    assert [kind for kind, _ in jobs(house)] == ["demo"]


def test_only_an_administrator_chooses_folders(house, ada):
    ada.headers["accept"] = "text/html"
    text = ada.get("/start").text
    assert "/start/folder" not in text
    assert 'href="/import"' in text
    assert 'href="/quiz"' in text
    assert ada.post("/start/folder", data={"folder": str(house.music)}).status_code == 403


def test_progress_is_told_at_once_and_only_when_it_changes(house, ada, monkeypatch):
    monkeypatch.setattr(start, "STREAM_S", 4.0)
    looks = []

    async def no_sleep(_seconds):
        looks.append(1)
        if len(looks) == 2:
            house.app.jobs.submit("train", {})

    monkeypatch.setattr(start.anyio, "sleep", no_sleep)
    answer = ada.get("/live/progress")
    assert answer.headers["content-type"].startswith("text/event-stream")
    told = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]
    assert [len(one["jobs"]) for one in told] == [0, 1]
    assert told[0]["n_tracks"] == house.app.catalog.counts().n_tracks
    assert told[1]["jobs"][0]["words"] == "We are learning from what you play …"


@pytest.mark.parametrize(("name", "leads"), [("admin", True), ("ada", False)])
def test_home_leads_to_the_first_steps_while_nothing_is_there(tmp_path, name, leads):
    app = build_app(settings_for(tmp_path), Clock(), purpose="test")
    app.accounts.create("admin", PASSWORD, "admin")
    app.accounts.create("ada", PASSWORD)
    with browser(House(app, Clock(), tmp_path), name, own=True) as client:
        client.headers["accept"] = "text/html"
        assert ('href="/start"' in client.get("/").text) is leads
        assert client.get("/start").status_code == 200
        for place in ("albums", "artists", "tracks", "genres", "years", "folders"):
            text = client.get(f"/library/{place}").text
            assert ('href="/start">Begin</a>' in text) is leads, place
        if leads:
            assert "No music yet" in client.get("/admin").text
