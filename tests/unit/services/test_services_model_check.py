"""A model set that rots on the disk is noticed after its load, and the one before serves again."""

import threading

import pytest

from segue.services.memory import give_back_memory
from segue.services.model_check import ModelCheck
from segue.services.serving import ModelServer
from segue.training import artifacts, file_checks
from support.app import Watched


@pytest.fixture
def two_sets(trained, monkeypatch):
    """A house with two published sets, and what makes the newer one rot unseen."""
    # as if every file were large: whatever is not announced has to be read for
    monkeypatch.setattr(file_checks, "SMALL_BYTES", 0)
    older = artifacts.current_version(trained.app.settings.models_dir)
    trained.clock.now += 60.0
    trained.app.training.train(Watched())
    models_dir = trained.app.settings.models_dir
    newer = artifacts.current_version(models_dir)
    assert newer != older

    def rot(version):
        folder = models_dir / version
        path = folder / "content" / "vectors.data.npy"
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)
        file_checks.remember(folder, artifacts.read_manifest(models_dir, version).files)

    return trained, older, newer, rot


def read_to_its_end(server):
    """Have the server check what it serves, and wait for what follows from it."""
    server._check_what_serves()
    server._check._reader.join()


def test_a_whole_set_stays_in_service(two_sets):
    house, _, newer, _ = two_sets
    models = house.app.models
    models.refresh()
    read_to_its_end(models)
    assert models.current().version == newer


def test_a_set_that_rots_is_taken_back_and_the_one_before_serves(two_sets, caplog):
    house, older, newer, rot = two_sets
    rot(newer)
    models = house.app.models
    assert models.refresh().version == newer  # nothing tells at the load
    read_to_its_end(models)
    assert models.current().version == older
    assert artifacts.current_version(house.app.settings.models_dir) == older
    states = {one.version: one.state for one in house.app.training.known_versions()}
    assert states[newer] == "rolled_back"
    assert house.app.recommend.list(house.id_of("ada"), "for_you", 5).tracks
    fresh = ModelServer(house.app.settings.models_dir, house.app.catalog)
    assert fresh.current().version == older


def test_where_no_set_is_whole_the_catalogue_alone_serves(two_sets):
    house, older, newer, rot = two_sets
    rot(newer)
    rot(older)
    models = house.app.models
    models.refresh()
    read_to_its_end(models)
    assert models.current().version is None
    assert len(models.current().tracks)
    assert house.app.recommend.list(house.id_of("ada"), "for_you", 5).tracks


def test_a_set_is_read_once_and_a_replaced_one_no_further(two_sets, monkeypatch):
    house, _, newer, _ = two_sets
    models, read = house.app.models, []
    entered, told = threading.Event(), []

    def find(_folder, version, go_on):
        read.append(version)
        entered.set()
        if len(read) == 1:
            while go_on():
                pass
            told.append(version)

    monkeypatch.setattr(artifacts, "find_damage", find)
    models.refresh()
    models._check_what_serves()
    models._check_what_serves()
    assert entered.wait(5)
    house.clock.now += 60.0
    house.app.training.train(Watched())
    models.refresh()
    read_to_its_end(models)
    assert told == [newer]
    assert read == [newer, models.current().version]


def test_a_set_that_was_replaced_is_not_damaged_for_being_removed(two_sets):
    house, older, newer, _ = two_sets
    models_dir = house.app.settings.models_dir
    withdrawn = []
    check = ModelCheck(models_dir, withdrawn.append)
    (models_dir / older / "content" / "vectors.data.npy").unlink()
    check.begin(older)
    check._reader.join()
    assert withdrawn == []
    (models_dir / newer / "content" / "vectors.data.npy").unlink()
    check.begin(newer)
    check._reader.join()
    assert withdrawn == [newer]


def test_a_reader_that_was_stopped_takes_nothing_back(tmp_path, monkeypatch):
    withdrawn = []
    check = ModelCheck(tmp_path, withdrawn.append)
    ready = threading.Event()

    def find(_folder, _version, go_on):
        ready.set()
        while go_on():
            pass
        return "damaged"

    monkeypatch.setattr(artifacts, "find_damage", find)
    check.begin("v")
    assert ready.wait(5)
    check.stop()
    assert withdrawn == []


def test_memory_is_given_back_where_the_system_can(monkeypatch):
    assert give_back_memory() in (True, False)
    monkeypatch.setattr("segue.services.memory.sys.platform", "darwin")
    assert give_back_memory() is False
