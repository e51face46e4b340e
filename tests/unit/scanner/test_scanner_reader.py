"""Worker processes that read, hang and die."""

import sys
import textwrap

import pytest

from segue.data.records import FileStat
from segue.scanner.reader import read_many
from segue.scanner.walk import walk
from support import audio_files as af


@pytest.fixture
def album(tmp_path):
    for number in range(80):
        (tmp_path / f"{number:02d}.flac").write_bytes(af.flac(("TITLE", f"Song {number}")))
    return tmp_path


def bad_worker(tmp_path, deed):
    """The real worker, with a deed done before the file named 41 is read."""
    program = tmp_path / "bad_worker.py"
    program.write_text(
        textwrap.dedent(
            f"""
            import os, signal, sys, time
            from segue.scanner import worker
            honest = worker.read_file
            def read_file(stat, **kwargs):
                if stat.path.endswith("41.flac"):
                    {deed}
                return honest(stat, **kwargs)
            worker.read_file = read_file
            worker.main()
            """
        )
    )
    return (sys.executable, str(program))


def problems(files):
    return {file.stat.path[-7:]: file.problem for file in files if file.problem}


def test_workers_and_this_process_read_the_same(album):
    covers = {str(album): "/cover.jpg"}
    inside = {f.stat.path: f for f in read_many(walk(album), 0, covers=covers)}
    outside = {f.stat.path: f for f in read_many(walk(album), 2, covers=covers)}
    assert inside == outside
    assert len(outside) == 80
    assert outside[str(album / "07.flac")].cover_path == "/cover.jpg"


def test_twenty_good_and_twenty_damaged_files_give_twenty_tags_and_twenty_reasons(tmp_path):
    good = {f"good {n} {name}": d for n in (1, 2) for name, d in af.valid_files().items()}
    af.write_files(tmp_path, {**good, **af.damaged_files()})
    for workers in (0, 1):
        files = list(read_many(walk(tmp_path), workers))
        assert sum(file.tags is not None for file in files) == 20
        assert sum(bool(file.problem) for file in files) == 20


def test_a_file_that_kills_the_reader_twice_is_a_problem_and_its_neighbours_are_read(album):
    command = bad_worker(album, "os.kill(os.getpid(), signal.SIGKILL)")
    files = list(read_many(walk(album), 2, command=command))
    assert sorted(file.stat.path for file in files) == [s.path for s in walk(album)]
    assert problems(files) == {"41.flac": "reading it crashed the reader twice"}


def test_a_file_that_kills_the_reader_once_is_read_at_the_second_try(album):
    mark = album / "mark"
    deed = f"os.path.exists({str(mark)!r}) or (open({str(mark)!r}, 'w'), os._exit(3))"
    # The worker may not write (RLIMIT_FSIZE), but it may create an empty file.
    files = list(read_many(walk(album), 1, command=bad_worker(album, deed)))
    assert len(files) == 80
    assert problems(files) == {}


def test_a_file_on_which_the_reader_hangs_is_a_problem(album, monkeypatch):
    monkeypatch.setattr("segue.scanner.reader.START_TIMEOUT_S", 0.0)
    command = bad_worker(album, "time.sleep(600)")
    files = list(read_many(walk(album), 1, file_timeout_s=3.0, command=command))
    assert len(files) == 80
    assert problems(files) == {"41.flac": "reading it hung for more than 3 s"}


def test_a_worker_that_never_starts_gives_every_file_a_problem_in_the_end():
    stats = [FileStat(f"/{n}.mp3", 1, 1) for n in range(40)]
    files = list(read_many(stats, 2, command=(sys.executable, "-c", "raise SystemExit(1)")))
    assert len(files) == 40
    assert all(file.problem for file in files)


def test_reading_stops_when_asked_and_leaves_no_process(album):
    asked = iter([False, False, True])
    files = list(read_many(walk(album), 1, should_stop=lambda: next(asked, True)))
    assert len(files) < 80


def test_a_worker_imports_nothing_heavy():
    import subprocess

    code = (
        "import sys, segue.scanner.worker, segue.scanner.walk, segue.scanner.reader;"
        "print(sorted({'numpy', 'scipy', 'PIL', 'soundfile', 'structlog'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"
