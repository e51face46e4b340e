from concurrent.futures import ThreadPoolExecutor

import pytest

from segue.errors import ConflictError, InvalidInputError, NotFoundError
from segue.store.jobs import JobTable
from segue.store.models import ModelVersions


@pytest.fixture
def jobs(db, ids):
    return JobTable(db, ids)


def test_of_many_workers_one_gets_the_job(jobs):
    job = jobs.create("scan", {"root": "/m", "full": True}, 1.0)
    with ThreadPoolExecutor(16) as pool:
        won = [
            w for w in pool.map(lambda i: jobs.claim(job.id, f"w{i}", 2.0, 30.0), range(32)) if w
        ]
    assert len(won) == 1
    assert won[0].params == {"root": "/m", "full": True}
    assert jobs.get(job.id).worker == won[0].worker


def test_progress_renews_the_lease_and_carries_the_wish_to_stop(jobs):
    id_ = jobs.create("scan", {}, 1.0).id
    jobs.claim(id_, "w", 0.0, 30.0)
    assert jobs.progress(id_, 5, 10, "files", "reading", 20.0, "w") is False
    assert jobs.get(id_).lease_until == 50.0
    assert jobs.stale(40.0) == ()
    assert jobs.request_cancel(id_, 41.0) == "running"
    assert jobs.progress(id_, 6, 10, "files", "reading", 42.0, "w") is True
    jobs.finish(id_, 43.0, worker="w", is_cancelled=True)
    assert jobs.get(id_).state == "cancelled"


def test_a_job_whose_worker_stopped_is_tried_three_times(jobs):
    id_ = jobs.create("train", {}, 0.0).id
    states = []
    for i in range(3):
        jobs.claim(id_, f"w{i}", 100.0 * i, 10.0)
        (job,) = jobs.stale(100.0 * i + 11.0)
        states.append(job.state)
    assert states == ["queued", "queued", "failed"]
    assert jobs.claim(id_, "w", 999.0, 10.0) is None


def test_a_worker_that_lost_its_job_is_told(jobs):
    id_ = jobs.create("train", {}, 0.0).id
    jobs.claim(id_, "old", 0.0, 10.0)
    jobs.stale(11.0)
    jobs.claim(id_, "new", 12.0, 10.0)
    for call in (lambda: jobs.progress(id_, 1, 2, "", "", 13.0, "old"),
                 lambda: jobs.finish(id_, 13.0, worker="old"),
                 lambda: jobs.fail(id_, "x", 13.0, retry=True, worker="old")):  # fmt: skip
        with pytest.raises(ConflictError):
            call()
    jobs.finish(id_, 14.0, worker="new")
    assert jobs.get(id_).state == "done"


def test_a_failed_job_is_queued_again_only_when_asked(jobs):
    one, two = (jobs.create("x", {}, float(i)).id for i in range(2))
    for id_ in (one, two):
        jobs.claim(id_, "w", 0.0, 10.0)
    assert jobs.fail(one, "net down", 1.0, retry=True) == "queued"
    assert jobs.fail(two, "bad", 1.0, retry=False) == "failed"
    assert jobs.get(two).error == "bad"
    assert [j.id for j in jobs.list()] == [two, one]
    assert [j.id for j in jobs.list(state="queued")] == [one]


def test_a_cancelled_job_is_not_started_again(jobs):
    id_ = jobs.create("x", {}, 0.0).id
    jobs.claim(id_, "w", 0.0, 10.0)
    jobs.request_cancel(id_, 1.0)
    assert jobs.stale(99.0)[0].state == "cancelled"
    waiting = jobs.create("x", {}, 0.0).id
    assert jobs.request_cancel(waiting, 1.0) == "cancelled"
    with pytest.raises(NotFoundError):
        jobs.request_cancel("nope", 1.0)


def test_one_model_version_is_published_at_a_time(db):
    models = ModelVersions(db)
    assert models.current() is None
    for i, name in enumerate(("a", "b")):
        models.register(name, {"n": i}, {"ndcg": 0.1}, float(i))
        models.set_state(name, "published")
    assert models.current().manifest == {"n": 1}
    models.set_state("b", "rolled_back")
    models.set_state("a", "published")
    assert [(m.version, m.state) for m in models.list()] == [
        ("b", "rolled_back"),
        ("a", "published"),
    ]
    with pytest.raises(ConflictError):
        models.register("a", {}, {}, 1.0)
    with pytest.raises(NotFoundError):
        models.set_state("c", "kept")
    with pytest.raises(InvalidInputError):
        models.set_state("a", "great")
