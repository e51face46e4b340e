import socket
import threading

import pytest

from segue.cli import serve
from segue.cli.serve import refuse_taken_port
from segue.errors import ConfigurationError
from segue.settings import Settings


def test_a_port_in_use_is_said_in_words_before_anything_starts(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port {port}.*--port"):
            refuse_taken_port(Settings(data_dir=tmp_path, port=port))
    refuse_taken_port(Settings(data_dir=tmp_path, port=port))


class Worker:
    """A worker process that ends at once, or when it is told to."""

    def __init__(self, queue, code):
        self.queue, self.code = queue, code

    def wait(self):
        self.queue.n_jobs -= self.code == 0
        return self.code

    def poll(self):
        return self.code

    def terminate(self):
        pass


class Work:
    """A queue of so many jobs; ``looked`` are the times that somebody looked for what is due."""

    def __init__(self, n_jobs):
        self.n_jobs, self.looked = n_jobs, threading.Event()
        self.asked = threading.Semaphore(0)

    def has_work(self):
        self.asked.release()
        return self.n_jobs > 0

    def look(self):
        self.looked.set()


@pytest.fixture
def keeping(tmp_path, monkeypatch):
    """Runs a keeper until its queue was asked so many times; the exit codes of its workers."""
    monkeypatch.setattr(serve, "LOOK_EVERY_S", 0.001)
    monkeypatch.setattr(serve, "RESTART_AFTER_S", 0.001)

    def run(work, n_asked, codes=()):
        left, started = list(codes), []

        def start(command, **_):
            started.append(command)
            return Worker(work, left.pop(0) if left else 0)

        monkeypatch.setattr(serve.subprocess, "Popen", start)
        keeper = serve.WorkerKeeper(Settings(data_dir=tmp_path), work)
        keeper.start()
        for _ in range(n_asked):
            assert work.asked.acquire(timeout=30)
        keeper.stop()
        return started

    return run


def test_no_worker_runs_where_there_is_no_work(keeping):
    assert keeping(Work(0), 5) == []


def test_a_worker_is_started_for_each_time_that_there_is_work(keeping):
    started = keeping(Work(2), 5)
    assert len(started) == 2
    assert started[0][1:4] == ["-m", "segue", "worker"]


def test_a_worker_that_its_job_took_down_is_started_again(keeping):
    assert len(keeping(Work(1), 4, codes=[1, -9])) == 3


def test_what_is_due_is_looked_for_while_no_worker_runs(keeping, monkeypatch):
    monkeypatch.setattr(serve, "CHECK_EVERY_S", 0.0)
    work = Work(0)
    keeping(work, 3)
    assert work.looked.is_set()
