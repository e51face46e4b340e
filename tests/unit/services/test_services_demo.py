import pytest

from segue.bootstrap import build_app
from segue.services import demo
from support.app import Clock, Watched, settings_for


@pytest.mark.slow
def test_the_demo_is_a_library_a_listener_and_a_history_and_safe_to_run_again(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(demo, "DEMO_DAYS", 10.0)
    app = build_app(settings_for(tmp_path), Clock(), purpose="test")
    music = tmp_path / "music"
    made = app.demo.build(music, Watched(), n_tracks=8, n_listeners=3, workers=1)
    assert made.scan.added == 8
    assert made.scan.problems == 0
    assert made.account == "demo"
    assert made.password
    assert made.n_events > 0
    account, _token = app.accounts.sign_in("demo", made.password, "here")
    assert account.role == "admin"
    others = [a for a in app.accounts.all() if a.name != "demo"]
    assert [a.password_hash for a in others] == [None, None]  # nobody signs in as them
    again = app.demo.build(music, Watched(), n_tracks=8, n_listeners=3, workers=1)
    assert (again.scan.added, again.scan.unchanged, again.password) == (0, 8, None)
    assert again.n_events == 0
    app.training.train(Watched())
    assert app.recommend.list(account.id, "for_you", 5).tracks
    app.close()


@pytest.mark.slow
def test_a_demo_job_makes_music_and_taste_that_nobody_can_sign_in_to(tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "DEMO_DAYS", 3.0)
    app = build_app(settings_for(tmp_path), Clock(), purpose="test")
    build = app.demo.build
    monkeypatch.setattr(
        type(app.demo),
        "build",
        lambda _self, folder, progress, **given: build(
            folder, progress, **given | {"n_tracks": 8, "n_listeners": 2, "workers": 1}
        ),
    )
    job_id = app.queue.submit("demo")
    app.queue.run(job_id)
    assert app.jobs.get(job_id).state == "done"
    assert app.catalog.counts().n_tracks == 8
    assert {a.password_hash for a in app.accounts.all()} == {None}
    assert {job.kind for job in app.jobs.list() if job.state == "queued"} == {"train", "analyse"}
    app.close()
