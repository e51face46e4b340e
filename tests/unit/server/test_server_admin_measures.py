import re

import pytest

from segue.server.web.admin_measure_words import _LISTS
from segue.services.measures import LISTS, WINDOWS
from support.app import NOW, browser

DAY_S = 86_400.0


@pytest.fixture
def admin(house):
    with browser(house, "admin") as client:
        client.headers["accept"] = "text/html"
        yield client


def rows(text, caption):
    table = re.search(rf'aria-label="{caption}">(.*?)</table>', text, re.S)
    found = re.findall(r'<th scope="row">([^<]+)<.*?amount">([\d,]+)<', table[1] if table else "")
    return {name: int(n) for name, n in found}


def listen(house, source, n, name="ada", kind="play", day=1):
    for number in range(n):
        house.tell(name, kind, f"Song {number % 8}-{number % 6}", at=NOW - day * DAY_S + number,
                   played_s=170.0 if kind == "play" else 9.0, source=source)  # fmt: skip


def test_lists_stand_apart_from_what_was_chosen_and_the_past_that_was_brought(house, admin):
    listen(house, "for_you", 6)
    listen(house, "for_you", 2, kind="skip", day=2)
    listen(house, "album", 3, day=3)
    listen(house, "import", 5, day=4)
    listen(house, "synthetic", 5, day=5)
    text = admin.get("/admin/measures").text
    assert rows(text, "Lists that Segue made") == {"For you": 8}
    assert rows(text, "Chosen by hand") == {"A record": 3}
    assert "<b>75 %</b>" in text
    assert "<b>25 %</b>" in text


def test_the_window_bounds_what_counts(house, admin):
    listen(house, "for_you", 1, day=3)
    listen(house, "for_you", 2, day=20)
    listen(house, "for_you", 4, day=80)
    counted = {
        window: rows(admin.get(f"/admin/measures?window={window}").text, "Lists that Segue made")
        for window in WINDOWS
    }
    assert counted == {"1w": {"For you": 1}, "4w": {"For you": 3}, "12w": {"For you": 7},
                       "1y": {"For you": 7}}  # fmt: skip
    assert admin.get("/admin/measures?window=ever").status_code == 404


def test_an_empty_page_says_when_there_is_something(admin):
    text = admin.get("/admin/measures").text
    assert "Nobody has played from a list of Segue’s" in text
    assert "Measure now" in text


def test_every_list_has_words(house):
    assert not LISTS - set(_LISTS)


def test_listens_are_told_by_the_version_that_served(trained):
    trained.clock.now += 2 * DAY_S
    for n in range(4):
        trained.tell("ada", "play", f"Song {n}-0", at=trained.clock.now - n, played_s=170.0,
                     source="for_you")  # fmt: skip
    version = trained.app.models.current().version
    with browser(trained, "admin") as client:
        client.headers["accept"] = "text/html"
        assert rows(client.get("/admin/measures").text, "Versions of the models") == {version: 4}


def test_the_comparison_is_made_by_a_job_and_shown(trained):
    with browser(trained, "admin") as client:
        client.headers["accept"] = "text/html"
        client.post("/admin/measures/evaluate")
        (job,) = (job for job in trained.app.jobs.list() if job.kind == "evaluate")
        trained.app.queue.run(job.id)
        assert trained.app.jobs.get(job.id).state == "done"
        report = trained.app.admin.report.newest()
        text = client.get("/admin/measures").text
    assert report.made_at == trained.clock.now
    for model in report.comparison.models:
        assert f"({model.name})" in text
    best = report.comparison.models[0].accuracy["ndcg@20"]
    assert f"{best.mean:.3f} ({best.low:.3f} to {best.high:.3f})" in text
    assert "the best" in text
    assert "Measure again" in text


def test_a_report_that_cannot_be_read_is_as_none(house, admin):
    (house.app.settings.data_dir / "evaluation.json").write_text("{")
    assert "Measure now" in admin.get("/admin/measures").text


def test_a_comparison_without_listens_says_why_it_failed(house, admin):
    house.app.queue.run(house.app.jobs.start("evaluate")[0].id)
    (job,) = house.app.jobs.list()
    assert job.state == "failed"
    assert house.app.admin.report.newest() is None
