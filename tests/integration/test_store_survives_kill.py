import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from subprocess import PIPE

import pytest

from segue.data.records import TrackTags
from segue.store.accounts import Accounts, NewAccount
from segue.store.catalog import Catalog
from segue.store.catalog_records import TrackEntry
from segue.store.engine import Database

N_KILLS = 50

# Imports once and forks a child for every life. A child appends events from four threads; a key is
# written to the ledger (and flushed) only after append has returned. Each thread of each life has
# files of its own: not every kernel keeps appends of several threads apart. A child first sends
# again what the life before was not sure about.
CHILD = """
import json, os, pathlib, sys, threading
from segue.data.records import Event, EventKind
from segue.store.engine import Database
from segue.store.history import History

for order in sys.stdin:
    pid = os.fork()
    if pid == 0:
        break
    os.waitpid(pid, 0)
    print("dead", flush=True)
else:
    sys.exit()
path, ledger, life, listener, track, unsure = json.loads(order)
history = History(Database(pathlib.Path(path), purpose="test"))

def ledgers(thread):
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    return [os.open(f"{ledger}/{life}-{thread}.{kind}", flags, 0o600) for kind in ("sent", "kept")]

def send(key, sent, kept):
    os.write(sent, (key + "\\n").encode())
    kind = EventKind.LOVE if key.endswith("7") else EventKind.PLAY
    event = Event(listener_id=listener, track_id=track, kind=kind, listened_at=1.0,
                  idempotency_key=key)
    (answer,) = history.append([event])
    assert answer.problem is None
    os.write(kept, f"{key} {answer.id}\\n".encode())
    os.fsync(kept)

def work(thread):
    files = ledgers(thread)
    for n in range(1_000_000):
        send(f"{life}-{thread}-{n}", *files)

again = ledgers("again")
for key in unsure:
    send(key, *again)
print(os.getpid(), flush=True)
for thread in range(4):
    threading.Thread(target=work, args=(thread,)).start()
"""


def lines(ledger, kind):
    """Whole lines of all files of a kind; a kill may tear the last one, which was not returned."""
    texts = [path.read_text() for path in sorted(ledger.glob(f"*.{kind}"))]
    return [line for text in texts for line in text.split("\n")[:-1]]


@pytest.mark.slow
def test_fifty_kills_lose_and_double_no_acknowledged_event(tmp_path):
    path, ledger = tmp_path / "segue.db", tmp_path / "ledger"
    ledger.mkdir()
    with Database(path, purpose="test") as db:
        (track,) = Catalog(db).add_tracks([TrackEntry(tags=TrackTags(title="T"))], 1.0)
        listener = Accounts(db).create(NewAccount(name="Ada", password_hash=None), 1.0).id
    rng = random.Random(11)
    command = [sys.executable, "-c", CHILD]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True, bufsize=1) as parent:
        for life in range(N_KILLS):
            acknowledged = {line.split()[0] for line in lines(ledger, "kept")}
            unsure = sorted(set(lines(ledger, "sent")) - acknowledged)
            order = [str(path), str(ledger), str(life), listener, track, unsure]
            parent.stdin.write(json.dumps(order) + "\n")
            pid = int(parent.stdout.readline())
            threading.Event().wait(rng.uniform(0.0, 0.2))  # a random moment is the point
            os.kill(pid, signal.SIGKILL)
            assert parent.stdout.readline() == "dead\n"
            check(path, lines(ledger, "kept"))
        parent.stdin.close()
    assert len(lines(ledger, "kept")) > N_KILLS


def check(path, acknowledged):
    raw = sqlite3.connect(path)
    try:
        stored = raw.execute("SELECT idempotency_key, id FROM events").fetchall()
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert raw.execute("PRAGMA foreign_key_check").fetchone() is None
    finally:
        raw.close()
    assert len(dict(stored)) == len(stored)
    pairs = {(key, str(id_)) for key, id_ in stored}
    assert {tuple(line.split()) for line in acknowledged} <= pairs
