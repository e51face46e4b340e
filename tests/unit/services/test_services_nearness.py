"""The engine is chosen by settings, and whatever it is, lists are the same and never empty."""

import numpy as np
import pytest
import qdrant_client

from segue.audio.vector import FEATURES, FEATURES_VERSION
from segue.bootstrap.nearness import neighbor_engine
from segue.data.vocabulary import Vocabulary
from segue.errors import FetchError
from segue.index.base import ExactIndex
from segue.index.faiss import FaissIndex
from segue.index.qdrant import QdrantIndex
from segue.services import nearness
from segue.services.nearness import Guarded, Nearness, Shelf
from segue.settings import Settings
from segue.store.analyses import Analyses, Analysis
from segue.training import artifacts
from support.app import Watched, every_track, open_house

URL = "http://localhost:6333"


def hear(house, seed=0):
    """Every track sounds as its artist does, and a little as itself."""
    rng = np.random.default_rng(seed)
    styles = {}
    found = []
    for track in every_track(house.app):
        style = styles.setdefault(track.artists[:1], rng.normal(size=len(FEATURES)))
        vector = (style + 0.4 * rng.normal(size=len(FEATURES))).astype("<f4")
        found.append(Analysis(track_id=track.id, heard="1-1", analysed_at=1.0,
                              vector=vector.tobytes()))  # fmt: skip
    Analyses(house.app.database).save("sound", FEATURES_VERSION, found)


@pytest.fixture(scope="module")
def heard_template(house_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("heard")
    house = open_house(house_template, folder)
    hear(house)
    house.app.training.train(Watched())
    house.app.close()
    (folder / "music").symlink_to(house_template / "music")
    return folder


@pytest.fixture
def server(monkeypatch):
    """A Qdrant in memory that every client with an address sees; ``server.down`` takes it away."""

    class Server:
        down = False
        client = qdrant_client.QdrantClient(location=":memory:")

        def connect(self, **options):
            if self.down:
                raise ConnectionRefusedError("nobody listens there")
            return self.client

        def names(self):
            return sorted(one.name for one in self.client.get_collections().collections)

    it = Server()
    monkeypatch.setattr(qdrant_client, "QdrantClient", it.connect)
    return it


def sound(house):
    return next(s for s in house.app.models.current().sources if s.name == "sound")


def near(house, station="similar_sound"):
    ada = house.id_of("ada")
    seed = every_track(house.app)[5].id
    view = house.app.recommend.list(ada, station, 20, seeds=(seed,))
    assert view.fallback is None
    return [one.track.id for one in view.tracks]


@pytest.mark.parametrize(
    ("options", "engine"),
    [
        ({}, None),
        ({"neighbor_index": "exact"}, None),
        ({"neighbor_index": "faiss"}, FaissIndex),
        ({"exact_neighbors_up_to": 10}, FaissIndex),
        ({"qdrant_url": URL}, QdrantIndex),
        ({"neighbor_index": "qdrant", "qdrant_url": URL}, QdrantIndex),
        ({"neighbor_index": "exact", "qdrant_url": URL}, None),
    ],
)
def test_settings_choose_the_engine_and_lists_stay_the_same(
    make_house, heard_template, server, options, engine
):
    plain = make_house(heard_template)
    house = make_house(heard_template, **options)
    index = sound(house).nearest
    assert (engine is None) == (index is None)
    if engine is not None:
        assert type(index.index) is engine
    assert near(house) == near(plain)
    assert near(house, "similar") == near(plain, "similar")
    assert len(near(house)) >= 5


def test_a_server_that_is_missing_is_said_and_searched_here(
    make_house, heard_template, server, caplog
):
    server.down = True
    house = make_house(heard_template, qdrant_url=URL)
    assert near(house) == near(make_house(heard_template))
    assert sound(house).nearest is None
    words, problem = neighbor_engine(house.app.settings, 48)
    assert words == f"Qdrant at {URL}"
    assert "cannot be used" in problem
    assert "looked for here" in problem


def test_a_client_that_is_missing_is_said_and_searched_here(
    make_house, heard_template, monkeypatch
):
    monkeypatch.setitem(__import__("sys").modules, "qdrant_client", None)
    house = make_house(heard_template, qdrant_url=URL)
    assert near(house) == near(make_house(heard_template))
    assert "pip install 'segue[qdrant]'" in neighbor_engine(house.app.settings, 48)[1]


def test_a_server_that_goes_down_later_leaves_no_list_empty(make_house, heard_template, server):
    house = make_house(heard_template, qdrant_url=URL)
    expected = near(make_house(heard_template))
    index = sound(house).nearest.index
    asked = []

    def fail(*_args, **_more):
        asked.append(1)
        raise FetchError("down")

    index.search = fail
    assert near(house) == expected
    near(house, "similar")
    assert len(asked) == 1  # it is not waited for at every list


def test_doctor_names_the_engine():
    assert neighbor_engine(Settings(), 1_000)[0].startswith("exact: every one of 1,000")
    assert neighbor_engine(Settings(), 200_001)[0].startswith("FAISS")
    assert "qdrant_url is not set" in neighbor_engine(Settings(neighbor_index="qdrant"), 1)[1]


def test_a_kept_index_is_read_and_not_made_again(make_house, heard_template, monkeypatch):
    house = make_house(heard_template, exact_neighbors_up_to=10)
    expected = near(house)
    folder = house.app.settings.data_dir / "indexes" / "sound"
    assert (folder / "cells.npz").exists()

    def fail(*_args, **_more):
        raise AssertionError("made again")

    monkeypatch.setattr(nearness, "_bring_up_to_date", fail)
    monkeypatch.setattr("segue.index.faiss.learned_cells", fail)
    again = Nearness(folder.parent, exact_up_to=10)
    serving = house.app.models.current()
    manifest = artifacts.read_manifest(house.app.settings.models_dir, serving.version)
    (source,) = again.given([sound(house)], serving.tracks, manifest.content_of)
    assert len(source.nearest.index) == len(serving.tracks)
    assert near(house) == expected


def test_a_damaged_index_is_made_anew(make_house, heard_template):
    house = make_house(heard_template, exact_neighbors_up_to=10)
    near(house)
    folder = house.app.settings.data_dir / "indexes" / "sound"
    (folder / "vectors.npy").write_bytes(b"not an array")
    (source,) = Nearness(folder.parent, exact_up_to=10).given(
        [sound(house)], house.app.models.current().tracks
    )
    assert FaissIndex.load(folder).stored().vectors.shape[0] == len(source.nearest.index)


class Dense:
    """A model of given vectors, as the shelf of an index sees it."""

    def __init__(self, vectors):
        self.vectors = np.asarray(vectors, np.float32)

    def index_mask(self):
        return self.vectors.any(axis=1)

    def index_rows(self):
        rows = np.flatnonzero(self.index_mask())
        return rows, self.vectors[rows]


def shelf(vectors, names):
    class Tracks:
        ids = Vocabulary(names)

    return nearness.Shelf.of("sound", Dense(vectors), Tracks)


def test_only_what_differs_is_put_into_an_index_again(monkeypatch):
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(400, 8)).astype(np.float32)
    names = [f"t{i}" for i in range(400)]
    index = FaissIndex(8, "inner_product", exact_up_to=50)
    assert nearness._bring_up_to_date(index, shelf(vectors[:350], names[:350])) == 350
    added = []
    add = FaissIndex.add
    monkeypatch.setattr(FaissIndex, "add", lambda s, ids, v: added.extend(ids) or add(s, ids, v))
    cells = index._cells.centroids
    later = np.concatenate([vectors[10:], rng.normal(size=(5, 8)).astype(np.float32)])
    later[3] += 1
    ids = [*names[10:], *(f"n{i}" for i in range(5))]
    nearness._bring_up_to_date(index, shelf(later, ids))
    assert set(added) == {"t13", *names[350:], *(f"n{i}" for i in range(5))}
    assert index._cells.centroids is cells
    exact = ExactIndex(8, "inner_product")
    exact.add(ids, later)
    for query in rng.normal(size=(20, 8)):
        assert set(index.search(query, 1).ids) == set(exact.search(query, 1).ids)


def test_a_collection_is_uploaded_once_and_older_ones_are_deleted(
    make_house, heard_template, server
):
    house = make_house(heard_template, qdrant_url=URL)
    near(house)
    first = next(name for name in server.names() if name.startswith("segue-sound-"))
    both = server.names()
    before = server.client.count(first).count
    make_house(heard_template, qdrant_url=URL).app.models.current()
    assert server.names() == both
    assert server.client.count(first).count == before == len(every_track(house.app))
    for seed in (1, 2):
        hear(house, seed)
        house.clock.now += 60
        house.app.training.train(Watched())
        house.app.models.refresh()
        near(house)
    assert sum(name.startswith("segue-sound-") for name in server.names()) == 2
    assert first not in server.names()


def test_a_track_that_nobody_heard_yet_has_neighbors_by_words_at_once(make_house, house_template):
    house = make_house(house_template)
    hear(house)
    new = every_track(house.app)[5]
    forget = Analysis(track_id=new.id, heard="1-1", analysed_at=1.0, problem="not heard yet")
    Analyses(house.app.database).save("sound", FEATURES_VERSION, [forget])
    house.app.training.train(Watched())
    ada = house.id_of("ada")
    by_sound = house.app.recommend.list(ada, "similar_sound", 5, seeds=(new.id,))
    assert by_sound.fallback == "alike"
    assert len(by_sound.tracks) == 5
    both = house.app.recommend.list(ada, "similar", 5, seeds=(new.id,))
    assert both.fallback is None
    named = {stage.stage: stage.n_out for stage in both.stages}
    assert named["candidates:alike/seeds"] >= 5
    assert "candidates:sound/seeds" not in named


@pytest.mark.parametrize("order", [range(40), range(39, -1, -1), (*range(5, 40), 0, 1, 2)])
def test_an_index_gives_allowed_tracks_whatever_the_order_of_its_rows(order):
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(40, 4)).astype(np.float32)
    ids = Vocabulary(f"t{row}" for row in range(40))
    index = ExactIndex(4, "inner_product")
    index.add([ids[row] for row in order], vectors[list(order)])
    if len(order) < 40:
        index.add(["gone"], vectors[:1])
    held = np.array(sorted(order))
    known = np.isin(np.arange(40), held)
    shelf = Shelf("sound", Dense(np.where(known[:, np.newaxis], vectors, 0.0)), known, ids, "")
    guarded = Guarded(index, ids.rows(list(index.ids)), shelf, lambda: 0.0)
    allowed = rng.random(40) < 0.5
    query = rng.normal(size=4).astype(np.float32)
    mine = held[allowed[held]]
    expected = mine[np.argsort(-(vectors[mine] @ query))][:6]
    assert guarded.best(query, 6, allowed).tolist() == expected.tolist()
