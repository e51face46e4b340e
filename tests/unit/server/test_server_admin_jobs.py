import re

import pytest

from segue.errors import InvalidInputError
from support.app import browser


@pytest.fixture
def admin(house):
    with browser(house, "admin") as client:
        client.headers["accept"] = "text/html"
        yield client


def section(text, title):
    found = re.search(rf"<h2>{title}</h2>(.*?)</section>", text, re.S)
    return found[1] if found else ""


def kinds(house):
    return sorted(job.kind for job in house.app.jobs.list())


def test_an_idle_server_says_so(admin):
    text = admin.get("/admin/jobs").text
    assert "Nothing is being done at the moment." in section(text, "Now")
    assert section(text, "Next") == section(text, "Did not work") == ""


def test_each_kind_of_work_is_begun_once(house, admin):
    house.app.folders.add(str(house.music))
    for _ in range(2):
        for kind in ("scan", "analyse", "train", "evaluate"):
            text = admin.post("/admin/jobs", data={"kind": kind}).text
    assert kinds(house) == ["analyse", "evaluate", "scan", "train"]
    assert "Learning from all listens" in section(text, "Next")
    assert str(house.music) in section(text, "Next")
    assert admin.post("/admin/jobs", data={"kind": "forget"}).status_code == 400


def test_without_a_folder_there_is_nothing_to_look_through(house, admin):
    assert "No folder is chosen yet" in admin.post("/admin/jobs", data={"kind": "scan"}).text
    assert kinds(house) == []


def test_a_running_job_shows_how_far_it_is_and_is_asked_to_stop(house, admin):
    job_id = house.app.jobs.submit("analyse")
    table = house.app.jobs._table
    table.claim(job_id, "w", house.clock.now - 100.0, 1e9)
    table.progress(job_id, 1_240, 8_600, "tracks", "", house.clock.now)
    now = section(admin.get("/admin/jobs").text, "Now")
    assert "We are listening to your music: 1,240 of 8,600" in now
    assert 'value="1240" max="8600"' in now
    text = admin.post(f"/admin/jobs/{job_id}/stop").text
    assert "It stops at its next step." in section(text, "Now")
    assert table.get(job_id).cancel_asked


def test_what_waits_is_left_and_then_listed_as_stopped(house, admin):
    job_id = house.app.jobs.submit("train")
    text = admin.post(f"/admin/jobs/{job_id}/stop").text
    assert section(text, "Next") == ""
    assert "stopped" in section(text, "Done")


def test_what_failed_says_why_and_is_tried_again(house, admin):
    def fail(_params, _progress):
        raise InvalidInputError("the <disk> is full")

    house.app.queue.register("train", fail)
    job_id = house.app.jobs.submit("train")
    house.app.queue.run(job_id)
    failed = section(admin.get("/admin/jobs").text, "Did not work")
    assert "The &lt;disk&gt; is full." in failed
    text = admin.post(f"/admin/jobs/{job_id}/again").text
    assert "Learning from all listens" in section(text, "Next")
    assert kinds(house) == ["train", "train"]
    waiting = house.app.jobs.page(("queued",)).items[0]
    assert "cancel it first" in admin.post(f"/admin/jobs/{waiting.id}/again").text
    assert admin.post("/admin/jobs/nothing/stop").status_code == 404


def test_what_was_done_is_listed_page_by_page(house, admin):
    house.app.queue.register("train", lambda _params, _progress: None)
    for _ in range(45):
        house.app.queue.run(house.app.jobs.submit("train"))
        house.clock.now += 60.0
    text, n = admin.get("/admin/jobs").text, 0
    while True:
        n += text.count("it took")
        following = re.search(r'hx-get="(/parts/admin/jobs/ended[^"]+)"', text)
        if following is None:
            break
        text = admin.get(following[1]).text
    assert n == 45


def test_the_progress_stream_tells_states_so_that_the_page_follows(house, admin, monkeypatch):
    monkeypatch.setattr("segue.server.web.start.STREAM_S", 1.0)
    house.app.jobs.submit("train")
    assert '"state":"queued"' in admin.get("/live/progress").text
