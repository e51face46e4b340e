"""MongoDB collections through the real client and a real server: cursors, writes, refusals.

The server is the one that ``SEGUE_TEST_MONGO`` names (an address with test commands on), else
``mongod`` or ``secantusd-py`` (``pip install secantusdb``) where one of them is installed.
"""

import os
import shutil
import socket
import subprocess
from functools import partial
from types import SimpleNamespace

import pymongo
import pymongo.errors
import pytest
from bson import ObjectId
from pymongo.monitoring import CommandListener

from segue.data.imported import CatalogueRow, RowProblem
from segue.errors import InvalidInputError
from segue.sources import mongo

N_DOCUMENTS = 2 * mongo.BATCH + 500
STARTS_WITHIN_MS = 30_000
NONE = "no MongoDB server here: name one in SEGUE_TEST_MONGO, or install mongod or secantusdb"


def command_of(folder, port):
    """How the server that is installed is started with nothing in it; None without one."""
    if found := shutil.which("mongod"):
        return [found, "--dbpath", folder, "--port", port, "--bind_ip", "127.0.0.1",
                "--setParameter", "enableTestCommands=1"]  # fmt: skip
    if found := shutil.which("secantusd-py"):
        return [found, "--storage-path", folder, "--port", port, "--host", "127.0.0.1",
                "--standalone", "--enable-test-commands", "--cache-size", "64M"]  # fmt: skip
    return None


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    if named := os.environ.get("SEGUE_TEST_MONGO"):
        yield named
        return
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = str(found.getsockname()[1])
    command = command_of(str(tmp_path_factory.mktemp("mongo")), port)
    if command is None:
        pytest.skip(NONE)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"mongodb://127.0.0.1:{port}"
    try:
        with pymongo.MongoClient(address, serverSelectionTimeoutMS=STARTS_WITHIN_MS) as client:
            client.admin.command("ping")
        yield address
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def collection(url):
    """The owner's own view of a database that is gone afterwards."""
    name = f"segue_{ObjectId()}"
    with pymongo.MongoClient(url) as client:
        yield client[name]["tracks"]
        client.drop_database(name)


class Asked(CommandListener):
    """Names of the commands that were sent."""

    def __init__(self):
        self.names = []

    def started(self, event):
        self.names.append(event.command_name)

    def succeeded(self, event):
        pass

    def failed(self, event):
        pass


@pytest.fixture
def asked(monkeypatch):
    """What the client of the product sends; the client itself is the real one."""
    listener = Asked()
    client = partial(pymongo.MongoClient, event_listeners=[listener])
    watched = SimpleNamespace(
        MongoClient=client, errors=pymongo.errors, UpdateOne=pymongo.UpdateOne
    )  # fmt: skip
    monkeypatch.setattr(mongo, "import_pymongo", lambda: watched)
    return listener


@pytest.fixture
def many(collection):
    collection.insert_many([
        {"_id": f"t{n:05}", "title": f"Song {n}", "artist": "Nadja Vogel", "energy": n % 11 / 10}
        for n in reversed(range(N_DOCUMENTS))
    ])  # fmt: skip
    return collection


def tracks_of(url, collection):
    return mongo.MongoTracks(url, collection.database.name, collection.name)


def test_a_long_collection_comes_by_a_cursor_in_order_of_its_ids(url, many, asked):
    with tracks_of(url, many) as tracks:
        found = list(tracks.rows())
    assert [row.external_id for row in found] == [f"t{n:05}" for n in range(N_DOCUMENTS)]
    assert [row.row for row in found] == list(range(1, N_DOCUMENTS + 1))
    assert all(isinstance(row, CatalogueRow) for row in found)
    assert found[7].features == {"energy": 0.7}
    assert asked.names.count("find") == 1
    assert asked.names.count("getMore") == 2


def test_features_are_written_in_batches_and_touch_nothing_else(url, many, asked):
    before = {one["_id"]: one for one in many.find()}
    wanted = [(f"t{n:05}", {"energy": n / N_DOCUMENTS}) for n in range(N_DOCUMENTS + 3)]
    with tracks_of(url, many) as tracks:
        assert tracks.write_features(iter(wanted)) == N_DOCUMENTS
    assert asked.names.count("update") == 3
    after = {one["_id"]: one for one in many.find()}
    assert {id_: one.pop("segue") for id_, one in after.items()} == {
        id_: {"features": values} for id_, values in wanted[:N_DOCUMENTS]
    }
    assert after == before


def test_a_cursor_that_dies_on_the_way_is_said_after_the_rows_before(url, many):
    with pymongo.MongoClient(url) as client, tracks_of(url, many) as tracks:
        rows = tracks.rows()
        first = [next(rows) for _ in range(10)]
        try:
            client.admin.command(
                "configureFailPoint", "failCommand", mode={"times": 1},
                data={"failCommands": ["getMore"], "errorCode": 43},
            )  # fmt: skip
        except pymongo.errors.OperationFailure:
            pytest.skip("this server does not take test commands")
        with pytest.raises(InvalidInputError, match="cannot be read"):
            first.extend(rows)
    assert len(first) >= 10
    assert [row.external_id for row in first] == [f"t{n:05}" for n in range(len(first))]


def test_a_write_that_the_server_refuses_is_said(url, collection):
    collection.insert_one({"_id": "a", "title": "Anker", "segue": "a text of the owner's"})
    with (
        tracks_of(url, collection) as tracks,
        pytest.raises(InvalidInputError, match="cannot be written"),
    ):
        tracks.write_features([("a", {"energy": 0.5})])
    assert collection.find_one({"_id": "a"})["segue"] == "a text of the owner's"


def test_documents_of_every_shape_are_rows_or_problems(url, collection):
    collection.insert_many([
        {"_id": ObjectId("0" * 24), "title": "Steg", "artist": "Nadja Vogel", "seen": [{"a": 1}]},
        {"_id": ObjectId("1" * 24), "name": "Anker", "artists": [{"name": "Nadja Vogel"}],
         "album": {"name": "Fähren"}, "duration_ms": 180_000},
        {"_id": ObjectId("2" * 24), "title": "Kai", "tempo": -5},
        {"_id": ObjectId("3" * 24), "title": "Kai", "explicit": "sometimes"},
    ])  # fmt: skip
    with tracks_of(url, collection) as tracks:
        steg, anker, *bad = tracks.rows()
        assert tracks.write_features([(steg.external_id, {"x": 1.0})]) == 1
    assert (steg.external_id, steg.track.title) == ("oid:" + "0" * 24, "Steg")
    assert (anker.track.album, anker.track.duration_s) == ("Fähren", 180.0)
    assert [type(row) for row in bad] == [RowProblem, RowProblem]


def test_a_wrong_password_is_refused_without_being_shown(url):
    with pytest.raises(InvalidInputError, match="user") as refusal:
        mongo.MongoTracks(url.replace("://", "://nobody:open-sesame@"), "music")
    assert "sesame" not in str(refusal.value)
