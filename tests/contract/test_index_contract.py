"""What every vector index keeps: one suite, one line an index."""

import sys
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from segue.errors import ArtifactError, InvalidDataError, InvalidInputError
from segue.index.base import ExactIndex, VectorIndex
from segue.index.faiss import FaissIndex
from segue.index.qdrant import QdrantIndex

# One line an index; "ivf" has cells for as few as two vectors.
FACTORIES: dict[str, Callable[..., VectorIndex]] = {
    "exact": ExactIndex,
    "faiss": FaissIndex,
    "ivf": partial(FaissIndex, exact_up_to=1),
    "qdrant": QdrantIndex,
}
DIM = 4
NAMES = ["north", "east", "south", "west", "up"]
AXES = np.array([[1, 0, 0, 0], [0, 2, 0, 0], [-1, 0, 0, 0], [0, -2, 0, 0], [0, 0, 3, 0]], float)
FACTS = [{"genre": "jazz", "year": 1959}, {"genre": "jazz", "year": 1970}, {"genre": "metal"},
         {"genre": "metal", "year": 1970}, {}]  # fmt: skip
Maker = Callable[..., VectorIndex]


@pytest.fixture(params=FACTORIES.values(), ids=FACTORIES)
def maker(request: pytest.FixtureRequest) -> Maker:
    return request.param


@pytest.fixture(params=["cosine", "inner_product"])
def metric(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def index(maker: Maker) -> VectorIndex:
    index = maker(DIM)
    index.add(NAMES, AXES, FACTS)
    return index


def planted(n=600, dim=8, n_clusters=12, seed=3):
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(n_clusters, dim))
    cluster = rng.integers(n_clusters, size=n)
    vectors = centers[cluster] + 0.4 * rng.normal(size=(n, dim))
    queries = centers[rng.integers(n_clusters, size=20)] + 0.4 * rng.normal(size=(20, dim))
    return [f"v{i}" for i in range(n)], vectors, queries, cluster


def naive(ids, vectors, query, n, metric, allowed=None):
    """Scores by one Python sum each, sorted by score and then by row."""
    if metric == "cosine":
        vectors = [v / (np.linalg.norm(v) or 1) for v in vectors]
        query = query / (np.linalg.norm(query) or 1)
    rows = [r for r in range(len(ids)) if allowed is None or allowed[r]]
    scores = {r: sum(float(a) * float(b) for a, b in zip(vectors[r], query, strict=True))
              for r in rows}  # fmt: skip
    best = sorted(rows, key=lambda r: (-scores[r], r))[:n]
    return [ids[r] for r in best], [scores[r] for r in best]


def test_scores_are_those_of_the_metric_best_first(maker: Maker, metric: str):
    ids, vectors, queries, _ = planted()
    index = maker(8, metric)
    index.add(ids, vectors)
    for query in queries[:5]:
        found = index.search(query, 1)
        wanted_ids, wanted = naive(ids, vectors, query, 1, metric)
        assert list(found.ids) == wanted_ids
        np.testing.assert_allclose(found.scores, wanted, rtol=1e-5)
        assert found.scores.dtype == np.float32
        assert (np.diff(index.search(query, 30).scores) <= 0).all()


def test_nearly_all_of_the_exact_neighbors_are_found(maker: Maker, metric: str):
    ids, vectors, queries, _ = planted()
    index = maker(8, metric)
    index.add(ids, vectors)
    hits = [
        len(set(found.ids) & set(naive(ids, vectors, query, 20, metric)[0])) / 20
        for query, found in zip(queries, index.search_batch(queries, 20), strict=True)
    ]
    assert np.mean(hits) >= 0.95  # calibrated to .98 on other queries


@pytest.mark.parametrize("share", [0.5, 0.1, 0.01])
def test_a_filter_keeps_the_recall(maker: Maker, share: float):
    ids, vectors, queries, _ = planted()
    index = maker(8)
    index.add(ids, vectors)
    allowed = np.random.default_rng(1).random(len(ids)) < share
    for query, found in zip(queries, index.search_batch(queries, 9, allowed=allowed), strict=True):
        wanted = naive(ids, vectors, query, 9, "cosine", allowed)[0]
        assert len(found) == len(wanted)
        assert len(set(found.ids) & set(wanted)) >= 0.75 * len(wanted)
        assert all(allowed[ids.index(id_)] for id_ in found.ids)


def test_a_filter_for_the_far_side_still_finds_the_nearest_there(maker: Maker):
    ids, vectors, _, cluster = planted()
    index = maker(8)
    index.add(ids, vectors)
    far = int(cluster[np.argmin(vectors @ vectors[0])])
    found = index.search(vectors[0], 5, allowed=cluster == far)
    assert list(found.ids) == naive(ids, vectors, vectors[0], 5, "cosine", cluster == far)[0]


def test_equal_scores_go_to_the_lower_row(maker: Maker):
    index = maker(2)
    index.add([f"t{9 - i}" for i in range(10)], np.tile([[0.6, 0.8]], (10, 1)))
    assert index.search(np.array([1.0, 0.0]), 3).ids == ("t9", "t8", "t7")


def test_a_batch_answers_as_its_queries_do(index: VectorIndex):
    queries = np.array([[1.0, 0.2, 0, 0], [0, 0, 1, 0.5], [-1, 0.3, 0.2, 0]])
    for query, found in zip(queries, index.search_batch(queries, 4), strict=True):
        alone = index.search(query, 4)
        assert alone.ids == found.ids
        np.testing.assert_allclose(alone.scores, found.scores, atol=1e-6)
    assert index.search_batch(np.empty((0, DIM)), 4) == []


def test_more_than_there_are_gives_all(index: VectorIndex):
    assert sorted(index.search(AXES[0], 99).ids) == sorted(NAMES)
    assert len(index.search(AXES[0], 0)) == 0


def test_an_empty_index_finds_nothing(maker: Maker):
    index = maker(DIM)
    assert (len(index), list(index.ids)) == (0, [])
    assert len(index.search(AXES[0], 5)) == 0
    assert index.remove(["north"]) == 0
    index.add([], np.empty((0, DIM)))
    index.add(["north"], AXES[:1])
    assert index.search(AXES[0], 5).ids == ("north",)


def test_only_what_the_mask_allows_is_found(index: VectorIndex):
    allowed = np.array([True, False, False, True, True])
    assert index.search(np.array([1.0, 0.5, 0.2, 0]), 5, allowed=allowed).ids == (
        "north", "up", "west")  # fmt: skip
    assert len(index.search(AXES[0], 5, allowed=np.zeros(5, bool))) == 0
    assert len(index.search(AXES[0], 5, allowed=np.ones(5, bool))) == 5


def test_facts_can_be_asked_for_alone_and_with_a_mask(index: VectorIndex):
    query = np.array([1.0, 0.5, 0.2, 0])
    assert index.search(query, 5, where={"genre": ["jazz"]}).ids == ("north", "east")
    assert index.search(query, 5, where={"genre": ["metal"], "year": [1970]}).ids == ("west",)
    assert len(index.search(query, 5, where={"genre": ["jazz", "metal"]})) == 4
    assert len(index.search(query, 5, where={"mood": ["calm"]})) == 0
    allowed = np.array([False, True, True, True, True])
    assert index.search(query, 5, where={"genre": ["jazz"]}, allowed=allowed).ids == ("east",)


def test_the_same_id_again_replaces_vector_and_facts_and_keeps_the_row(index: VectorIndex):
    index.add(["east", "north"], AXES[[4, 0]], [{"genre": "folk"}, FACTS[0]])
    assert list(index.ids) == NAMES
    assert index.search(AXES[4], 2).ids == ("east", "up")
    assert index.search(AXES[4], 5, where={"genre": ["folk"]}).ids == ("east",)
    assert len(index.search(AXES[4], 5, where={"genre": ["jazz"]})) == 1


def test_of_an_id_given_twice_the_last_counts(maker: Maker):
    index = maker(DIM)
    index.add(["a", "b", "a"], AXES[:3])
    assert list(index.ids) == ["a", "b"]
    assert index.search(AXES[2], 1).ids == ("a",)


def test_removed_ids_are_gone_and_can_come_back_at_the_end(index: VectorIndex):
    assert index.remove(["north", "nowhere"]) == 1
    assert list(index.ids) == NAMES[1:]
    assert "north" not in index.search(AXES[0], 9).ids
    index.add(["north"], AXES[:1])
    assert list(index.ids) == [*NAMES[1:], "north"]
    assert index.search(AXES[0], 1).ids == ("north",)
    assert index.search(AXES[0], 9, allowed=np.arange(5) == 4).ids == ("north",)


def test_a_vector_of_zeros_is_alike_to_nothing(index: VectorIndex):
    index.add(["nothing"], np.zeros((1, DIM)))
    found = index.search(np.array([1.0, 0, 0, 0]), 6)
    assert found.scores[found.ids.index("nothing")] == 0
    assert not index.search(np.zeros(DIM), 6).scores.any()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused_and_changes_nothing(index: VectorIndex, bad: float):
    vectors = AXES[:2].copy()
    vectors[1, 2] = bad
    with pytest.raises(InvalidDataError, match="finite; 1 rows are not, the first is row 1"):
        index.add(["x", "y"], vectors)
    with pytest.raises(InvalidDataError, match="finite"):
        index.search(vectors[1], 3)
    assert list(index.ids) == NAMES


def test_other_shapes_are_refused(index: VectorIndex):
    questions: list[Callable[[], object]] = [
        lambda: index.add(["x"], np.ones((1, DIM + 1))),
        lambda: index.add(["x"], np.ones(DIM)),
        lambda: index.add(["x", "y"], np.ones((1, DIM))),
        lambda: index.add(["x"], np.ones((1, DIM)), []),
        lambda: index.add([""], np.ones((1, DIM))),
        lambda: index.search(np.ones(DIM - 1), 3),
        lambda: index.search(np.ones(DIM), 3, allowed=np.ones(4, bool)),
        lambda: index.search(np.ones(DIM), 3, allowed=np.ones(5)),
    ]
    for question in questions:
        with pytest.raises(InvalidDataError):
            question()
    assert list(index.ids) == NAMES


def test_a_dimension_or_metric_that_is_none_is_refused(maker: Maker):
    with pytest.raises(InvalidInputError, match="dim must be at least 1, got 0"):
        maker(0)
    with pytest.raises(InvalidInputError, match="metric must be one of"):
        maker(3, "euclid")


def test_building_twice_gives_the_same_answers(maker: Maker):
    ids, vectors, queries, _ = planted()
    both = [maker(8), maker(8)]
    for index in both:
        index.add(ids, vectors)
    a, b = (index.search_batch(queries, 10) for index in both)
    assert [found.ids for found in a] == [found.ids for found in b]


def test_adding_leaves_the_given_array_as_it_was(maker: Maker):
    vectors = AXES.astype(np.float32)
    maker(DIM).add(NAMES, vectors)
    np.testing.assert_array_equal(vectors, AXES.astype(np.float32))


@pytest.mark.parametrize("reader", FACTORIES.values(), ids=FACTORIES)
def test_any_index_reads_what_another_saved_without_pickle(index, reader, tmp_path):
    index.save(tmp_path)
    seen: list[str] = []
    watching = [True]
    sys.addaudithook(lambda event, _: seen.append(event) if watching[0] else None)
    again = (reader.func if isinstance(reader, partial) else reader).load(tmp_path)
    watching[0] = False
    assert "pickle.find_class" not in seen
    assert (again.dim, again.metric, list(again.ids)) == (DIM, "cosine", NAMES)
    query = np.array([1.0, 0.5, 0.2, 0])
    np.testing.assert_allclose(again.search(query, 9).scores, index.search(query, 9).scores, 1e-6)
    assert again.search(query, 5, where={"genre": ["jazz"]}).ids == ("north", "east")


def test_a_damaged_folder_is_an_artifact_error(maker: Maker, index: VectorIndex, tmp_path):
    kind = maker.func if isinstance(maker, partial) else maker
    index.save(tmp_path)
    for path in sorted(tmp_path.iterdir()):
        whole = path.read_bytes()
        for damaged in (b"", whole[: len(whole) // 2], b"not an array"):
            path.write_bytes(damaged)
            with pytest.raises(ArtifactError):
                kind.load(tmp_path)
        path.unlink()
        with pytest.raises(ArtifactError):
            kind.load(tmp_path)
        path.write_bytes(whole)
    assert len(kind.load(tmp_path)) == 5
