"""A library of made-up tracks with planted listeners in a real data folder, made once and kept.

The tracks come in as scanned files without a file on disk: everything but playing works as in a
real library. Speed is measured on what the product itself reads: its store and its model set.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.lines import progress
from benchmarks.speed.bulk_events import store_events
from benchmarks.speed.bulk_tracks import store_tracks
from segue.bootstrap import App, build_app
from segue.data.dataset import TrackTable
from segue.data.feedback import EventColumns
from segue.data.records import FileStat, ScannedFile, TrackTags
from segue.settings import Settings
from segue.store.accounts import Account, Accounts, NewAccount
from segue.store.catalog_records import ScanBatch, ScannedFileEntry
from segue.synthetic.listeners import (
    ListenerParams,
    Listeners,
    listen_columns,
    make_catalogue,
    make_listeners,
)

SEED = 20_262
N_ASKING = 50  # listeners whose lists are timed; they have a longer history than the others
ASKING_DAYS, OTHER_DAYS = 120.0, 10.0
_BATCH = 2_000
Named = list[tuple[str, str]]  # titles and artists
_READY = "ready.json"


class Quiet:
    """Progress that nobody watches."""

    def report(self, *_: object, **__: object) -> None:
        """Nothing."""

    def should_stop(self) -> bool:
        """Never."""
        return False


def options(description: str | None, argv: list[str] | None, **extra: Any) -> argparse.Namespace:
    """The options that benchmarks on a prepared library share; ``extra`` are further defaults."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--work", type=Path, help="folder where the prepared library is kept")
    parser.add_argument("--events", type=int, default=0,
                        help=f"about so many; 0 is {OTHER_DAYS:.0f} days of each")  # fmt: skip
    for name, default in {"tracks": 100_000, "listeners": 2_000, **extra}.items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    return parser.parse_args(argv)


@contextmanager
def prepared(given: argparse.Namespace) -> Generator[tuple[App, list[Account]], None, None]:
    """An open library with a published model set, and the listeners who ask for lists.

    It is kept under ``--work`` when that is given, and otherwise deleted at the end.
    """
    with tempfile.TemporaryDirectory(prefix="segue-bench-") as passing:
        folder = Path(given.work or passing) / name_of(given)
        app = build_app(settings_in(folder))
        try:
            asking = _prepare(app, given)
            yield app, [app.accounts.get(account_id) for account_id in asking]
        finally:
            app.close()


def name_of(given: argparse.Namespace) -> str:
    """Name of the folder of a library of the size asked for."""
    name = f"{given.tracks}x{given.listeners}"
    return f"{name}x{given.events}" if getattr(given, "events", 0) else name


@contextmanager
def with_nothing_heard(
    given: argparse.Namespace,
) -> Generator[tuple[App, Account, Named], None, None]:
    """An open library of ``given.tracks``, one listener without a history, and titles and artists.

    It lies in a folder of its own under ``given.work``, which is deleted at the end.
    """
    with tempfile.TemporaryDirectory(prefix="segue-bench-", dir=given.work) as name:
        app = build_app(settings_in(Path(name)))
        try:
            add_tracks(app, make_catalogue(given.tracks, SEED))
            who = add_listeners(app, 1)[0]
            known = [(track.title, track.artists[0]) for track in app.catalog.known_tracks()]
            yield app, who, known
        finally:
            app.close()


def settings_in(folder: Path) -> Settings:
    """Settings whose only difference from the defaults is the folder; no training in between."""
    return Settings(data_dir=folder, log_level="warning", retrain_after_events=10**9)


def _prepare(app: App, given: argparse.Namespace) -> list[str]:
    """Ids of the listeners who ask; what an earlier try has left whole is not made again."""
    ready = app.settings.data_dir / _READY
    started = time.perf_counter()
    if not ready.is_file():
        if not len(app.catalog.track_table()):
            store_tracks(app.database, make_catalogue(given.tracks, SEED), time.time())
            progress(f"{given.tracks} tracks stored after {time.perf_counter() - started:.0f} s")
        everyone = add_listeners(app, given.listeners)
        n_events = write_listening(app, everyone, given.events)
        progress(f"{n_events} events stored after {time.perf_counter() - started:.0f} s")
        ready.write_text(json.dumps([who.id for who in everyone[:N_ASKING]]), "utf-8")
    if app.training.trained_at() is None:
        app.training.train(Quiet())
        progress(f"models published after {time.perf_counter() - started:.0f} s")
    return json.loads(ready.read_text("utf-8"))


def add_tracks(app: App, table: TrackTable) -> None:
    """Store the rows of a made-up catalogue as files that were scanned."""
    now = time.time()
    entries = (_entry(table, row) for row in range(len(table)))
    while batch := list(islice(entries, _BATCH)):
        app.catalog.apply_scan(ScanBatch(read=batch), now)


def _entry(table: TrackTable, row: int) -> ScannedFileEntry:
    terms: list[int] = table.terms.indices[
        table.terms.indptr[row] : table.terms.indptr[row + 1]
    ].tolist()
    credit, id_ = table.artists[row], table.ids[row]
    tags = TrackTags(
        title=table.titles[row],
        artists=(credit,),
        album=f"Album {table.album_ids[int(table.album_idx[row])]}",
        album_artists=(credit,),
        genres=tuple(table.term_names[c] for c in terms if table.term_kinds[c] == "genre"),
        year=int(table.year[row]),
        duration_s=float(table.duration_s[row]),
        explicit=bool(table.explicit[row]),
    )
    stat = FileStat(f"/made-up/{id_}.flac", 1, 1)
    file = ScannedFile(stat=stat, tags=tags, fingerprint=id_)
    return ScannedFileEntry(file=file, recording_key=id_)


def add_listeners(app: App, n: int) -> list[Account]:
    """Accounts without a password: hashing thousands of them is not what is timed."""
    accounts = Accounts(app.database)
    return [
        accounts.create(NewAccount(name=f"listener {i:05d}", password_hash=None), time.time())
        for i in range(n)
    ]


def write_listening(app: App, everyone: list[Account], n_events: int = 0) -> int:
    """Planted listening up to now; more days of it for those who ask for lists.

    Args:
        app: Its library has the made-up tracks.
        everyone: Who listens.
        n_events: About how many in all; 0 is a few days of everybody who does not ask for lists.
    """
    tracks = app.catalog.track_table()
    # a taste that stays is drawn once for years of listening, which many events are
    params = ListenerParams(n_epochs=1) if n_events else None
    listeners = make_listeners(tracks, len(everyone), SEED, params)
    return store_events(app.database, tracks, _histories(everyone, listeners, tracks, n_events))


def _histories(
    everyone: list[Account], listeners: Listeners, tracks: TrackTable, n_events: int
) -> Generator[tuple[str, EventColumns], None, None]:
    now, days, n_asking = time.time(), ASKING_DAYS, 0
    for number, who in enumerate(everyone):
        if number == N_ASKING:
            days = OTHER_DAYS
            if n_events:  # as many a day as those who came before
                left = (n_events - n_asking) / (len(everyone) - N_ASKING)
                days = max(1.0, ASKING_DAYS * left / (n_asking / N_ASKING))
        heard = listen_columns(listeners, tracks, now - days * 86_400.0, days, SEED, [number])
        n_asking += len(heard) if number < N_ASKING else 0
        yield who.id, heard
