import numpy as np
import pytest

from segue.errors import InvalidInputError
from segue.index.base import ExactIndex
from segue.index.cells import Cells
from segue.index.faiss import FaissIndex


def planted(n=3000, seed=2):
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(20, 12))
    cluster = rng.integers(20, size=n)
    return centers[cluster] + 0.5 * rng.normal(size=(n, 12)), cluster


def pair(vectors, **options):
    ids = [f"v{i}" for i in range(len(vectors))]
    exact, cells = ExactIndex(12), FaissIndex(12, exact_up_to=100, **options)
    for index in (exact, cells):
        index.add(ids, vectors)
    return exact, cells


def recall(exact, cells, queries, n, allowed=None):
    a = exact.search_batch(queries, n, allowed=allowed)
    b = cells.search_batch(queries, n, allowed=allowed)
    return np.mean([len(set(x.ids) & set(y.ids)) / len(x.ids) for x, y in zip(a, b, strict=True)])


def test_small_sets_have_no_cells_and_large_ones_do():
    vectors, _ = planted()
    index = FaissIndex(12, exact_up_to=100)
    index.add([f"v{i}" for i in range(100)], vectors[:100])
    assert index.n_probes == {}
    index.add(["one more"], vectors[100:101])
    assert index.n_probes


def test_deeper_lists_look_into_more_cells():
    cells = pair(planted()[0])[1]
    probes = list(cells.n_probes.values())
    assert probes == sorted(probes)
    assert probes[0] < probes[-1]


def test_a_higher_recall_looks_into_more_cells():
    vectors, _ = planted()
    low, high = (pair(vectors, recall=r)[1].n_probes[50] for r in (0.5, 0.99))
    assert low < high


@pytest.mark.parametrize("share", [1.0, 0.5, 0.1, 0.03])
def test_the_recall_that_was_asked_for_is_reached(share):
    vectors, _ = planted(3100)
    exact, cells = pair(vectors[:3000])
    allowed = np.random.default_rng(4).random(3000) < share
    assert recall(exact, cells, vectors[3000:], 20, allowed) >= 0.97


def test_a_filter_is_looked_up_at_the_depth_it_makes(monkeypatch):
    cells = pair(planted()[0])[1]
    depths = []
    monkeypatch.setattr(Cells, "probes", lambda _, depth: depths.append(depth))
    for every in (1, 4, 10):
        cells.search(np.ones(12), 20, allowed=np.arange(3000) % every == 0)
    assert depths == [20, 80, 200]


def test_a_filter_about_the_neighborhood_itself_keeps_the_recall():
    vectors, cluster = planted(3100)
    exact, cells = pair(vectors[:3000])
    for kept in range(4):
        allowed = cluster[:3000] == kept
        assert recall(exact, cells, vectors[3000:], 10, allowed) >= 0.97
        before = [found.ids for found in cells.search_batch(vectors[3000:], 10, allowed=allowed)]
        allowed.flags.writeable = False  # counted by cell beforehand, with the same outcome
        again = cells.search_batch(vectors[3000:], 10, allowed=allowed)
        assert [found.ids for found in again] == before


def test_a_change_is_found_and_a_removed_vector_is_not():
    vectors, _ = planted(3100)
    cells = pair(vectors[:3000])[1]
    cells.add(["new"], vectors[3000:3001])
    assert cells.search(vectors[3000], 1).ids == ("new",)
    cells.remove(["new"])
    assert "new" not in cells.search(vectors[3000], 50).ids


def test_a_mask_that_changes_is_looked_at_again_and_one_that_cannot_is_packed_once(monkeypatch):
    vectors, _ = planted()
    cells = pair(vectors)[1]
    packed = []
    real = np.packbits
    monkeypatch.setattr(np, "packbits", lambda *a, **k: packed.append(1) or real(*a, **k))
    mask = np.ones(3000, bool)
    assert cells.search(vectors[7], 1, allowed=mask).ids == ("v7",)
    mask[7] = False
    assert cells.search(vectors[7], 1, allowed=mask).ids != ("v7",)
    assert len(packed) == 2
    mask.flags.writeable = False
    for _ in range(3):
        assert cells.search(vectors[7], 1, allowed=mask).ids != ("v7",)
    assert len(packed) == 3
    other = np.ones(3000, bool)
    other.flags.writeable = False
    assert cells.search(vectors[7], 1, allowed=other).ids == ("v7",)


@pytest.mark.parametrize("value", [0.0, 1.1, float("nan")])
def test_a_recall_that_is_none_is_refused(value):
    with pytest.raises(InvalidInputError, match="recall must lie in"):
        FaissIndex(3, recall=value)


def test_a_loaded_index_learns_and_measures_nothing(tmp_path, monkeypatch):
    vectors, _ = planted()
    cells = pair(vectors)[1]
    cells.add(["new"], vectors[:1] + 0.1)
    cells.save(tmp_path)

    def fail(*_args, **_more):
        raise AssertionError("learned or measured again")

    monkeypatch.setattr("segue.index.faiss.learned_cells", fail)
    monkeypatch.setattr(Cells, "calibrate", fail)
    again = FaissIndex.load(tmp_path, exact_up_to=100)
    assert again.n_probes == cells.n_probes
    for query in vectors[:50]:
        assert again.search(query, 20).ids == cells.search(query, 20).ids


def test_rows_keep_their_cells_when_others_come_and_go():
    vectors, _ = planted(3100)
    cells = pair(vectors[:3000])[1]
    before = dict(zip(cells.ids, cells._cell_of.tolist(), strict=True))
    cells.remove([f"v{i}" for i in range(0, 500, 2)])
    cells.add([f"n{i}" for i in range(100)], vectors[3000:])
    after = dict(zip(cells.ids, cells._cell_of.tolist(), strict=True))
    assert {id_: after[id_] for id_ in after if id_ in before} == {
        id_: before[id_] for id_ in after if id_ in before
    }
    _, nearest = cells._cells.quantizer.search(cells._vectors, 1)
    assert list(after.values()) == nearest.ravel().tolist()


def test_cells_are_learned_anew_when_the_vectors_have_moved():
    vectors, _ = planted()
    exact, cells = pair(vectors)
    centroids = cells._cells.centroids
    turned = vectors @ np.linalg.qr(np.random.default_rng(9).normal(size=(12, 12)))[0]
    for index in (exact, cells):
        index.add([f"v{i}" for i in range(3000)], turned)
    assert cells._cells.centroids is not centroids
    assert recall(exact, cells, turned[:50], 20) >= 0.97
