import os
import signal
import subprocess
import sys
import time

import pytest

from segue.bootstrap import build_app
from support.app import Watched, settings_for
from support.audio_files import flac

WORKER = """
import pathlib, sys, time
from segue.bootstrap import build_app
from segue.settings import Settings
from segue.services import library

slow = sys.argv[2] == "slow"
app = build_app(Settings(data_dir=pathlib.Path(sys.argv[1]), scan_workers=1), purpose="test")
if slow:
    # one file a batch, and a pause after each: there is time to be killed in the middle
    library.BATCH_FILES = 1
    original = app.catalog.apply_scan
    def apply(batch, now):
        counts = original(batch, now)
        time.sleep(0.2)
        return counts
    type(app.catalog).apply_scan = lambda self, batch, now: apply(batch, now)
print("ready", flush=True)
app.queue.run_worker(1)
"""


def start(app, how):
    command = [sys.executable, "-c", WORKER, str(app.settings.data_dir), how]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def wait_for(what, seconds=60):
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def end(process):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    process.stdout.close()


@pytest.fixture
def app(tmp_path):
    app = build_app(settings_for(tmp_path), purpose="test")
    yield app
    app.close()


@pytest.fixture
def music(tmp_path):
    folder = tmp_path / "music"
    folder.mkdir()
    for number in range(30):
        content = flac(("TITLE", f"Tune {number}"), ("ARTIST", "A"), duration_s=0.2 + number / 99)
        (folder / f"{number}.flac").write_bytes(content)
    return folder


@pytest.mark.slow
def test_a_worker_process_does_a_submitted_job_and_stops_one_that_is_cancelled(app, music):
    process = start(app, "slow")
    try:
        cancelled = app.jobs.submit("scan", {"folder": str(music)})
        wait_for(lambda: app.jobs.get(cancelled).done >= 2)
        assert app.jobs.cancel(cancelled).state == "running"
        wait_for(lambda: app.jobs.get(cancelled).state == "cancelled")
        n_before = app.catalog.counts().n_tracks
        assert 2 <= n_before < 30
        done = app.jobs.submit("scan", {"folder": str(music)})
        wait_for(lambda: app.jobs.get(done).state == "done")
        assert app.catalog.counts().n_tracks == 30
    finally:
        end(process)


@pytest.mark.slow
def test_a_job_whose_worker_was_killed_is_taken_up_again_and_finished(app, music):
    process = start(app, "slow")
    try:
        job_id = app.jobs.submit("scan", {"folder": str(music)})
        wait_for(lambda: app.jobs.get(job_id).done >= 3)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(20)
    finally:
        end(process)
    n_before = app.catalog.counts().n_tracks
    assert 3 <= n_before < 30
    assert app.jobs.get(job_id).state == "running"
    # the lease is over half a minute after the death: that much later is now
    app.queue._clock = lambda: time.time() + 120.0
    assert app.queue.recover() == [job_id]
    second = start(app, "quick")
    try:
        wait_for(lambda: app.jobs.get(job_id).state == "done")
    finally:
        end(second)
    job = app.jobs.get(job_id)
    assert job.n_tries == 2
    assert app.catalog.counts().n_tracks == 30
    assert app.library.scan(music, Watched()).unchanged == 30
