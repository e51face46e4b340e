import itertools
import shutil

import pytest

from segue.data.records import Event, EventKind, FileStat, ScannedFile, TrackTags
from segue.store.accounts import Accounts, NewAccount
from segue.store.catalog import Catalog
from segue.store.catalog_records import ScanBatch, ScannedFileEntry, TrackEntry
from segue.store.engine import Database
from segue.store.history import History

HASH = "ab" * 32


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "segue.db"
    Database(path, purpose="test").close()
    return path


@pytest.fixture
def db(empty_database, tmp_path):
    path = tmp_path / "segue.db"
    shutil.copy(empty_database, path)
    with Database(path, purpose="test") as database:
        yield database


@pytest.fixture
def ids():
    numbers = itertools.count(1)
    return lambda: f"id{next(numbers):04}"


@pytest.fixture
def catalog(db, ids):
    return Catalog(db, ids)


@pytest.fixture
def history(db):
    return History(db)


@pytest.fixture
def accounts(db, ids):
    return Accounts(db, ids)


@pytest.fixture
def listener(accounts):
    return accounts.create(NewAccount(name="Ada", password_hash=None), now=1.0).id


@pytest.fixture
def song_ids(catalog):
    entries = [
        TrackEntry(tags=TrackTags(title=f"Song {i}", artists=("Band",), duration_s=100.0))
        for i in range(6)
    ]
    return catalog.add_tracks(entries, now=1.0)


@pytest.fixture
def entry():
    def make(path, title="Roads", *, fingerprint=None, problem=None, cover_path=None, **tags):
        given = {"artists": ("Portishead",), "album": "Dummy", "duration_s": 300.0} | tags
        return ScannedFileEntry(
            file=ScannedFile(
                stat=FileStat(path, 1000, 7),
                tags=None if problem else TrackTags(title=title, **given),
                fingerprint=path if fingerprint is None else fingerprint,
                problem=problem,
                cover_path=cover_path,
            ),
            recording_key=title.casefold(),
        )

    return make


@pytest.fixture
def scan(catalog):
    def apply(*read, moved=(), gone=(), now=10.0):
        return catalog.apply_scan(ScanBatch(read=read, moved=moved, gone=gone), now)

    return apply


@pytest.fixture
def event(listener, song_ids):
    numbers = itertools.count(1)

    def make(kind=EventKind.PLAY, track=0, at=None, **more):
        n = next(numbers)
        values = {
            "listener_id": listener,
            "track_id": song_ids[track] if isinstance(track, int) else track,
            "kind": EventKind(kind),
            "listened_at": float(n if at is None else at),
            "idempotency_key": f"k{n}",
        }
        return Event(**values | more)

    return make
