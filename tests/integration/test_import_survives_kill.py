import random
import signal
import subprocess
import sys
import time

import pytest

from segue.services.importing.request import ImportRequest
from segue.store.playlists import Playlists
from support.app import PASSWORD, Watched, settings_for

N_KILLS, N_ROWS = 20, 30_000
SEED = 11

# Imports once and forks a child for every life; a life goes on with the one import there is.
CHILD = """
import os, pathlib, sys
from segue.bootstrap import build_app
from segue.settings import Settings

class Silent:
    def report(self, done, total=None, *, unit="", message=""):
        pass
    def should_stop(self):
        return False

for order in sys.stdin:
    pid = os.fork()
    if pid == 0:
        app = build_app(Settings(data_dir=pathlib.Path(sys.argv[1])), purpose="test")
        print("alive", os.getpid(), flush=True)
        app.imports.run(sys.argv[2], Silent())
        app.close()
        print("finished", flush=True)
        os._exit(0)
    os.waitpid(pid, 0)
    print("dead", flush=True)
"""


def write_history(folder):
    """Listens of known, unknown and doubtful tracks with damage, and a playlist."""
    rng = random.Random(SEED)
    rows = ["artist,title,listened_at,ms_played"]
    for n in range(N_ROWS):
        band, song = rng.randrange(12), rng.randrange(40)
        title = f"Song {band}-{song}" if n % 97 else "x" * 2_000
        rows.append(f"Band {band},{title},{1_600_000_000 + 250 * n},{rng.randrange(200_000)}")
    (folder / "history.csv").write_text("\n".join(rows))
    entries = "".join(
        f"<track><title>Song {n % 12}-{n % 40}</title><creator>Band {n % 12}</creator></track>"
        for n in range(500)
    )
    (folder / "long.xspf").write_text(
        '<playlist version="1" xmlns="http://xspf.org/ns/0/"><title>Long</title><trackList>'
        f"{entries}</trackList></playlist>"
    )
    return ImportRequest(paths=(str(folder / "history.csv"), str(folder / "long.xspf")))


def build(folder):
    from segue.bootstrap import build_app
    from segue.data.records import TrackTags
    from segue.store.catalog_records import TrackEntry

    app = build_app(settings_for(folder), lambda: 1_700_000_000.0, purpose="test")
    listener = app.accounts.create("ada", PASSWORD, "admin").id
    app.catalog.add_tracks(
        [
            TrackEntry(
                id=f"t{band}x{song}",
                tags=TrackTags(title=f"Song {band}-{song}", artists=(f"Band {band}",)),
            )
            for band in range(8)
            for song in range(20)
        ],
        1.0,
    )
    return app, listener


def state(app, listener):
    """Everything that an import leaves behind."""
    events = sorted(
        (e.track_id, e.kind, e.listened_at, e.played_s, e.idempotency_key)
        for e in app.history._history.events_of(listener)
    )
    lists = Playlists(app.database)
    playlists = [
        (one.name, [item.track_id for item in lists.get(listener, one.id).items])
        for one in lists.list_for(listener)
    ]
    tracks = sorted((t.id, t.title, t.artists) for t in app.catalog.known_tracks())
    doubts = [(d.named, d.track.id, d.n_rows) for d in app.doubts.waiting(listener, limit=200)]
    return events, playlists, tracks, doubts


@pytest.mark.slow
def test_an_import_killed_twenty_times_ends_like_one_that_was_not(tmp_path):
    request = write_history(tmp_path)
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    app, listener = build(whole)
    started = time.monotonic()
    report = app.imports.run_here(listener, request, Watched())
    took_s = time.monotonic() - started
    expected = state(app, listener)
    app.close()

    app, listener = build(killed)
    run = app.imports._runs.create(listener, request, 1.0).id
    app.close()
    lives = _live(killed / "data", run, took_s)
    app, _ = build_again(killed)
    ended = app.imports.get(listener, run)
    again = state(app, listener)
    app.close()
    assert lives == N_KILLS
    assert ended.state == "done"
    assert (ended.report.rows, ended.report.refused) == (report.rows, report.refused)
    assert again == expected


def build_again(folder):
    from segue.bootstrap import build_app

    return build_app(settings_for(folder), lambda: 1_700_000_000.0, purpose="test"), None


def _live(data_dir, run, took_s):
    """Kill twenty lives at random moments, then let one finish; how many were killed."""
    import os

    rng = random.Random(SEED)
    command = [sys.executable, "-c", CHILD, str(data_dir), run]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as it:
        n_killed = 0
        while n_killed < N_KILLS:
            it.stdin.write("live\n")
            it.stdin.flush()
            pid = int(it.stdout.readline().split()[1])
            time.sleep(rng.uniform(0.0, took_s / 12))
            os.kill(pid, signal.SIGKILL)
            n_killed += 1
            assert it.stdout.readline() == "dead\n"
        it.stdin.write("live\n")
        it.stdin.flush()
        assert it.stdout.readline().startswith("alive")
        assert it.stdout.readline() == "finished\n"
        it.stdin.close()
    return n_killed
