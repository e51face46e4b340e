import re

import pytest

from segue.training import artifacts
from support.app import Watched, browser


@pytest.fixture
def admin(trained):
    with browser(trained, "admin") as client:
        client.headers["accept"] = "text/html"
        yield client


@pytest.fixture
def two(trained):
    """A house with two versions, the newer in service."""
    trained.clock.now += 3_600.0
    trained.app.training.train(Watched())
    return [manifest.version for manifest, _ in trained.app.training.manifests()]


def in_service(house):
    return artifacts.current_version(house.app.settings.models_dir)


def test_a_version_says_what_it_learned_from_and_how_good_it_is(trained, admin):
    ((manifest, _),) = trained.app.training.manifests()
    text = admin.get("/admin/models").text
    assert "24 listeners" in text
    assert "in service</span>" in text
    assert "What goes together (collective)" in text
    score, (low, high) = manifest.scores["memory.ndcg@20"], manifest.intervals["memory.ndcg@20"]
    assert low <= score <= high
    assert low < high
    assert f"{score:.3f} ({low:.3f} to {high:.3f})" in text
    assert "Go back" not in text


def test_every_score_has_its_bounds(trained):
    ((manifest, _),) = trained.app.training.manifests()
    assert manifest.intervals.keys() == manifest.scores.keys()


def test_one_goes_back_and_forth(trained, admin, two):
    newer, older = two
    assert in_service(trained) == newer
    assert "Go back to the one before" in admin.get("/admin/models").text
    admin.post("/admin/models/rollback")
    assert in_service(trained) == older
    text = admin.get("/admin/models").text
    assert "Go back" not in text
    admin.post(f"/admin/models/{newer}/publish")
    assert in_service(trained) == newer


def test_what_served_when_is_noted(trained, admin, two):
    newer, older = two
    trained.clock.now += 60.0
    admin.post("/admin/models/rollback")
    with trained.app.database.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT version, since FROM model_services ORDER BY id"
        ).all()
    now = trained.clock.now
    assert [tuple(row) for row in rows][-2:] == [(newer, now - 60.0), (older, now)]


def test_a_damaged_version_never_reaches_service_and_says_why(trained, admin, two):
    newer, older = two
    (trained.app.settings.models_dir / older / "collective").rename(
        trained.app.settings.models_dir / older / "gone"
    )
    answer = admin.post("/admin/models/rollback")
    assert answer.status_code == 409
    assert "missing or cut short" in answer.text
    assert in_service(trained) == newer


def test_what_is_not_there_cannot_be_put_in_service(trained, admin):
    assert admin.post("/admin/models/nothing/publish").status_code == 404
    assert admin.post("/admin/models/rollback").status_code == 404


def test_learning_begins_on_request(trained, admin):
    text = admin.post("/admin/models/train").text
    assert "We are learning from what you play" in text
    assert [job.kind for job in trained.app.jobs.list()] == ["train"]


def test_versions_that_are_gone_are_remembered(trained, admin, two):
    artifacts.remove(trained.app.settings.models_dir, [two[1]])
    text = admin.get("/admin/models").text
    assert re.search(rf"<td>{two[1]}</td><td class=\"amount\">1\.000<", text)


def test_a_server_that_learned_nothing_says_when_it_will(house):
    with browser(house, "admin") as client:
        client.headers["accept"] = "text/html"
        assert "Nothing was learned yet" in client.get("/admin/models").text
