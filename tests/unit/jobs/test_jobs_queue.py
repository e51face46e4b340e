import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from segue.errors import ConflictError, InvalidInputError, JobCancelledError, NotFoundError
from segue.jobs import queue as queue_module
from segue.jobs.queue import LEASE_S, JobQueue
from segue.services.job_list import JobService
from segue.store.engine import Database
from segue.store.jobs import MAX_TRIES, JobTable
from support.app import Clock


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def table(tmp_path):
    with Database(tmp_path / "segue.db", purpose="test") as database:
        yield JobTable(database)


@pytest.fixture
def queue(table, tmp_path, clock):
    return JobQueue(table, tmp_path / "jobs.db", clock)


@pytest.fixture
def service(queue, table, clock):
    return JobService(queue, table, clock)


def messages(tmp_path):
    with sqlite3.connect(tmp_path / "jobs.db") as raw:
        rows = raw.execute("SELECT data FROM task").fetchall()
        later = raw.execute("SELECT data FROM schedule").fetchall()
    raw.close()
    return [bytes(row[0]) for row in (*rows, *later)]


def test_a_job_runs_with_its_parameters_and_is_done(queue, table, clock):
    seen = []

    def work(params, progress):
        seen.append(params)
        clock.now += 5.0
        progress.report(3, 3, unit="files", message="Reading")

    queue.register("work", work)
    job_id = queue.submit("work", {"folder": "/m"})
    queue.run(job_id)
    job = table.get(job_id)
    assert seen == [{"folder": "/m"}]
    assert (job.state, job.done, job.total, job.message) == ("done", 3, 3, "Reading")
    assert job.finished_at - job.started_at == 5.0


def test_a_kind_that_is_not_registered_is_refused_by_name(queue):
    queue.register("work", lambda params, progress: None)
    with pytest.raises(InvalidInputError, match="work"):
        queue.submit("play")


def test_the_same_job_that_waits_is_not_queued_twice(queue, table, tmp_path):
    queue.register("work", lambda params, progress: None)
    first = queue.submit("work", {"a": 1})
    assert queue.submit("work", {"a": 1}) == first
    assert queue.submit("work", {"a": 2}) != first
    assert len(messages(tmp_path)) == len(table.list()) == 2
    queue.run(first)
    assert queue.submit("work", {"a": 1}) != first  # it is over: asked anew, it is done anew


def test_a_job_that_breaks_is_tried_three_times_and_then_left(queue, table, tmp_path):
    def breaks(params, progress):
        raise OSError("disk on fire")

    queue.register("work", breaks)
    job_id = queue.submit("work")
    for attempt in range(1, MAX_TRIES + 1):
        queue.run(job_id)
        job = table.get(job_id)
        assert job.n_tries == attempt
        assert job.state == ("queued" if attempt < MAX_TRIES else "failed")
        assert "disk on fire" in job.error
    queue.run(job_id)
    assert table.get(job_id).n_tries == MAX_TRIES
    assert len(messages(tmp_path)) == 1 + (MAX_TRIES - 1)  # the first, and two scheduled tries


def test_a_failure_in_words_is_not_tried_again(queue, table):
    def refuses(params, progress):
        raise InvalidInputError("/m is not a folder")

    queue.register("work", refuses)
    job_id = queue.submit("work")
    queue.run(job_id)
    assert (table.get(job_id).state, table.get(job_id).error) == ("failed", "/m is not a folder")


def test_a_try_that_works_after_one_that_broke_is_done(queue, table):
    tries = []

    def second_works(params, progress):
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("once")

    queue.register("work", second_works)
    job_id = queue.submit("work")
    queue.run(job_id)
    queue.run(job_id)
    assert table.get(job_id).state == "done"
    assert table.get(job_id).error is None


def test_a_waiting_job_is_cancelled_at_once_and_never_runs(queue, service):
    ran = []
    queue.register("work", lambda params, progress: ran.append(1))
    job_id = service.submit("work")
    assert service.cancel(job_id).state == "cancelled"
    queue.run(job_id)
    assert ran == []
    assert service.get(job_id).state == "cancelled"


def test_a_running_job_stops_at_its_next_report(queue, service, clock):
    steps = []

    def long(params, progress):
        for step in range(100):
            steps.append(step)
            clock.now += 1.0
            if step == 3:
                service.cancel(service.list()[0].id)
            progress.report(step, 100, message=f"step {step}")

    queue.register("work", long)
    job_id = service.submit("work")
    queue.run(job_id)
    assert steps == [0, 1, 2, 3]
    assert service.get(job_id).state == "cancelled"


def test_a_job_that_ended_may_be_tried_again_as_a_new_one(queue, service):
    queue.register("work", lambda params, progress: None)
    job_id = service.submit("work", {"a": 1})
    with pytest.raises(ConflictError):
        service.retry(job_id)
    queue.run(job_id)
    again = service.retry(job_id)
    assert again.id != job_id
    assert (again.kind, again.params, again.state) == ("work", {"a": 1}, "queued")


def test_an_unknown_job_is_not_found(service, queue):
    for ask in (service.get, service.cancel, service.retry):
        with pytest.raises(NotFoundError):
            ask("nothing")
    queue.run("nothing")  # a message of a lost database is nobody's work


def test_of_many_workers_that_get_the_message_one_runs_the_job(queue):
    running, most, ran = [], [], []
    lock = threading.Lock()
    together = threading.Barrier(4)

    def work(params, progress):
        with lock:
            running.append(1)
            most.append(len(running))
        ran.append(1)
        with lock:
            running.pop()

    queue.register("work", work)
    job_id = queue.submit("work")

    def run(_):
        together.wait(timeout=20)
        queue.run(job_id)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))
    assert ran == [1]
    assert most == [1]


def test_a_job_whose_worker_died_is_queued_again_when_its_lease_is_over(queue, table, clock):
    queue.register("work", lambda params, progress: None)
    job_id = queue.submit("work")
    table.claim(job_id, "dead:1", clock.now, LEASE_S)
    clock.now += LEASE_S - 1
    assert queue.recover() == []
    clock.now += 2
    assert queue.recover() == [job_id]
    queue.run(job_id)
    assert (table.get(job_id).state, table.get(job_id).n_tries) == ("done", 2)


def test_a_worker_that_lost_its_job_ends_nothing_of_the_new_holder(queue, table, clock):
    def slow(params, progress):
        clock.now += LEASE_S + 1
        table.stale(clock.now)
        table.claim(job_id, "other:1", clock.now, LEASE_S)
        progress.report(1, 10, message="still here")

    queue.register("work", slow)
    job_id = queue.submit("work")
    queue.run(job_id)
    assert table.get(job_id).state == "running"
    assert table.get(job_id).worker == "other:1"


def test_a_worker_that_lost_its_job_as_it_ended_breaks_nothing(queue, table, clock):
    def slow(params, progress):
        clock.now += LEASE_S + 1
        table.stale(clock.now)
        table.claim(job_id, "other:1", clock.now, LEASE_S)

    queue.register("work", slow)
    job_id = queue.submit("work")
    queue.run(job_id)
    assert table.get(job_id).worker == "other:1"


def test_jobs_of_a_lost_queue_file_are_found_in_the_table(queue, table, tmp_path, clock):
    queue.register("work", lambda params, progress: None)
    job_id = queue.submit("work")
    for path in tmp_path.glob("jobs.db*"):
        path.unlink()
    fresh = JobQueue(table, tmp_path / "jobs.db", clock)
    fresh.register("work", lambda params, progress: None)
    assert fresh.recover() == [job_id]
    assert len(messages(tmp_path)) == 1


def test_every_message_is_json(queue, tmp_path):
    def breaks(params, progress):
        raise OSError("again")

    queue.register("work", breaks)
    queue.run(queue.submit("work", {"folder": "/m", "n": 1}))
    found = messages(tmp_path)
    assert len(found) == 2
    for message in found:
        assert msgspec.json.decode(message)["message"]
        assert not message.startswith(b"\x80")  # as every pickle since protocol 2 does


def test_a_cancel_inside_the_job_is_no_failure(queue, table):
    def stops(params, progress):
        raise JobCancelledError("stopped")

    queue.register("work", stops)
    job_id = queue.submit("work")
    queue.run(job_id)
    assert table.get(job_id).state == "cancelled"
    assert table.get(job_id).error is None


def test_there_is_work_while_a_job_waits_or_runs(queue, table, clock):
    seen = []
    queue.register("work", lambda _params, _progress: seen.append(queue.has_work()))
    assert not queue.has_work()
    job_id = queue.submit("work")
    assert queue.has_work()
    queue.run(job_id)
    assert seen == [True]
    assert not queue.has_work()


def test_whoever_waits_for_idleness_sees_it_or_is_stopped(queue, monkeypatch):
    monkeypatch.setattr(queue_module, "LOOK_EVERY_S", 0.001)
    queue.register("work", lambda _params, _progress: None)
    never, stopped = threading.Event(), threading.Event()
    assert queue.wait_until_idle(0.0, never)
    queue.submit("work")
    stopped.set()
    assert not queue.wait_until_idle(0.0, stopped)


def test_what_is_due_is_called_by_whoever_looks(queue):
    seen = []
    queue.every_minute("due", lambda: seen.append("looked"))
    queue.look()
    assert seen == ["looked"]
