import sys

import numpy as np
import pytest

from segue.audio.features import FEATURES, FEATURES_VERSION
from segue.audio.pool import listen_to_many
from segue.audio.worker import Ask
from support.audio_files import damaged_files, sound
from support.encoded import m4a_of

# A worker that answers by the name of the file, without any sound: what it does is the point.
STUB = """
import os, sys, time
import msgspec
from segue.audio.worker import Ask, Heard
from segue.child import read_frame, write_frame
out = sys.stdout.buffer
write_frame(out, msgspec.msgpack.encode(Heard("")))
while (frame := read_frame(sys.stdin.buffer)) is not None:
    ask = msgspec.msgpack.decode(frame, type=Ask)
    if "crash" in ask.path:
        os.abort()
    if "hang" in ask.path:
        time.sleep(60)
    if "babble" in ask.path:
        write_frame(out, b"\\xc1")
    write_frame(out, msgspec.msgpack.encode(Heard(ask.path, version=os.getpid())))
"""


def heard(names, workers=2, should_stop=None, timeout_s=5.0):
    asks = (Ask(name) for name in names)
    command = (sys.executable, "-c", STUB)
    answers = listen_to_many(asks, workers, should_stop, file_timeout_s=timeout_s, command=command)
    return {answer.path: answer for answer in answers}


def test_a_file_that_kills_or_confuses_the_listener_costs_only_itself():
    names = ["a", "crash", "b", "babble", "c", "d"]
    found = heard(names)
    assert set(found) == set(names)
    assert [name for name in names if found[name].problem] == ["crash", "babble"]
    assert "crashed the listener twice" in found["crash"].problem


def test_a_file_that_hangs_is_given_up_and_the_next_one_heard():
    found = heard(["hang", "a"], workers=1, timeout_s=1.0)
    assert "hung for more than 1 s" in found["hang"].problem
    assert found["a"].problem is None


def test_a_file_that_is_read_whole_has_more_time():
    command = (sys.executable, "-c", STUB.replace("time.sleep(60)", "time.sleep(1.5)"))
    for full in (False, True):
        asks = [Ask("hang", full=full)]
        (answer,) = listen_to_many(asks, 1, file_timeout_s=0.5, command=command)
        assert (answer.problem is None) == full


def test_the_listening_stops_when_asked():
    answers = []

    def should_stop():
        return len(answers) >= 3

    command = (sys.executable, "-c", STUB)
    asks = (Ask(f"f{i}") for i in range(10_000))
    for answer in listen_to_many(asks, 1, should_stop, command=command):
        answers.append(answer)  # noqa: PERF402 - what was answered so far decides
    assert 3 <= len(answers) < 20


def test_nothing_to_hear_starts_no_process():
    assert heard([]) == {}


@pytest.mark.slow
def test_the_real_listener_hears_good_files_and_answers_for_damaged_ones(tmp_path):
    good = tmp_path / "good.flac"
    good.write_bytes(sound("flac", 4.0))
    bad = []
    for name, content in list(damaged_files().items())[:6]:
        bad.append(tmp_path / name)
        bad[-1].write_bytes(content)
    found = {a.path: a for a in listen_to_many([Ask(str(p)) for p in (good, *bad)], 1)}
    assert set(found) == {str(p) for p in (good, *bad)}
    answer = found[str(good)]
    assert answer.problem is None
    assert answer.version == FEATURES_VERSION
    vector = np.frombuffer(answer.vector, "<f4")
    assert vector.shape == (len(FEATURES),)
    assert np.isfinite(vector).all()
    for path in bad:
        assert found[str(path)].problem or found[str(path)].vector


@pytest.mark.slow
def test_a_worker_that_has_compiled_nothing_yet_hears_what_either_decoder_reads(
    tmp_path, monkeypatch
):
    """It may write no file once it listens, and what FFmpeg decodes lies in memory otherwise."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    tone = np.sin(np.arange(4 * 44_100) * 0.06).astype(np.float32)
    files = {"a.flac": sound("flac", 4.0), "b.m4a": m4a_of(tone)}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    answers = list(listen_to_many([Ask(str(tmp_path / name)) for name in files], 1))
    assert [answer.problem for answer in answers] == [None, None]
