"""k-means against Lloyd in loops, vectors against NumPy's SVD, taste groups and their scores."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset, TrackTable
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models import kmeans, track_vectors
from segue.models.clusters import Clusters
from segue.models.kmeans import k_means, lloyd, plus_plus
from segue.models.leave_out import without_track
from segue.models.track_vectors import scaled_by_degree, svd_rows
from support.scenes import SCENE, catalogue, two_scenes


def naive_lloyd(points: np.ndarray, start: np.ndarray, weight: np.ndarray):
    """Point by point, until nothing moves; the first of equally near centroids."""
    centroids = start.copy()
    assigned: list[int] = []
    while True:
        before = assigned
        assigned = [
            min(range(len(centroids)), key=lambda c: (math.dist(point, centroids[c]), c))
            for point in points
        ]
        if assigned == before:
            break
        for c in range(len(centroids)):
            own = [i for i, a in enumerate(assigned) if a == c]
            if own:
                centroids[c] = sum(weight[i] * points[i] for i in own) / sum(weight[i] for i in own)
    inertia = sum(
        weight[i] * math.dist(points[i], centroids[a]) ** 2 for i, a in enumerate(assigned)
    )
    return centroids, assigned, inertia


@pytest.mark.parametrize("k", [1, 3, 8])
@pytest.mark.parametrize("weighted", [False, True])
def test_assignments_and_inertia_are_those_of_naive_lloyd_from_the_same_start(k, weighted):
    rng = np.random.default_rng(k)
    points = rng.normal(size=(120, 5))
    weight = rng.uniform(0.1, 3.0, 120) if weighted else np.ones(120)
    start = points[rng.choice(120, k, replace=False)]
    found = lloyd(points, start, weight)
    centroids, assigned, inertia = naive_lloyd(points, start, weight)
    assert found.assigned.tolist() == assigned
    assert found.inertia == pytest.approx(inertia, rel=1e-10)
    np.testing.assert_allclose(found.centroids, centroids, rtol=1e-10)


def test_blocks_of_points_change_nothing(monkeypatch):
    points = np.random.default_rng(1).normal(size=(50, 3))
    whole = k_means(points, 4, np.random.default_rng(2))
    monkeypatch.setattr(kmeans, "BLOCK", 7)
    again = k_means(points, 4, np.random.default_rng(2))
    assert again.assigned.tolist() == whole.assigned.tolist()
    assert again.inertia == pytest.approx(whole.inertia)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_the_compiled_loop_finds_what_the_matrix_product_finds(monkeypatch, kind):
    rng = np.random.default_rng(6)
    points = rng.normal(size=(1100, 9)).astype(kind)  # three chunks, the last not full
    centroids = np.vstack([points[:7], points[3:4]])  # of equal ones the first is taken
    slow = kmeans.nearest_of(points, centroids)
    monkeypatch.setattr(kmeans, "COMPILED_FROM", 0)
    fast = kmeans.nearest_of(points, centroids)
    assert fast.tolist() == slow.tolist()
    assert set(fast.tolist()) == set(range(7))


def test_the_rounds_allowed_are_not_exceeded():
    points = np.random.default_rng(1).normal(size=(200, 2))
    assert k_means(points, 9, np.random.default_rng(0), max_iterations=2).n_iterations == 2


def test_a_cluster_that_loses_its_points_keeps_its_centroid():
    found = lloyd(np.array([[0.0], [1.0]]), np.array([[0.4], [9.0]]), np.ones(2))
    assert found.centroids.ravel().tolist() == [0.5, 9.0]


def test_the_second_start_is_drawn_by_weight_times_squared_distance():
    points, weight = np.array([[0.0], [1.0], [3.0]]), np.array([1.0, 2.0, 1.0])
    rng = np.random.default_rng(5)
    pairs = [tuple(plus_plus(points, 2, rng, weight).tolist()) for _ in range(4000)]
    first = np.bincount([a for a, _ in pairs]) / 4000
    np.testing.assert_allclose(first, [0.25, 0.5, 0.25], atol=0.03)
    after_zero = [b for a, b in pairs if a == 0]
    # weight times squared distance from 0: 2 * 1 and 1 * 9
    assert np.mean(np.array(after_zero) == 2) == pytest.approx(9 / 11, abs=0.04)


def test_equal_points_are_started_from_once():
    points = np.array([[1.0, 2.0]] * 5 + [[3.0, 0.1]] * 3)
    assert len(plus_plus(points, 6, np.random.default_rng(0), np.ones(8))) == 2
    assert k_means(points, 6, np.random.default_rng(0)).inertia < 1e-20


@pytest.mark.parametrize(("k", "rounds"), [(0, 5), (2, 0)])
def test_less_than_one_cluster_or_round_is_refused(k: int, rounds: int):
    with pytest.raises(InvalidInputError, match="must be at least 1"):
        k_means(np.zeros((3, 1)), k, np.random.default_rng(0), max_iterations=rounds)


@pytest.mark.parametrize(("shape", "dense_side"), [((30, 9), 99), ((9, 30), 99), ((30, 20), 4)])
def test_vectors_have_the_cosines_of_the_truncated_svd(monkeypatch, shape, dense_side: int):
    monkeypatch.setattr(track_vectors, "DENSE_SIDE", dense_side)
    dense = np.random.default_rng(3).random(shape)
    dense[2] = 0.0
    found = svd_rows(sparse.csr_matrix(dense), 4, np.random.default_rng(0))
    left, values, _ = np.linalg.svd(dense, full_matrices=False)
    rows = (left * values)[:, :4]
    rows = rows / np.maximum(np.linalg.norm(rows, axis=1), 1e-9)[:, np.newaxis]
    rows[2] = 0.0
    np.testing.assert_allclose(found @ found.T, rows @ rows.T, atol=1e-5)
    assert found[2].tolist() == [0.0] * 4


def test_rows_and_columns_are_scaled_by_the_roots_of_their_sums():
    likes = np.array([[3.0, 0.0, 1.0], [1.0, 2.0, 0.0]])
    logs = np.log1p(likes)
    expected = [
        [logs[u, i] / math.sqrt(logs[u].sum() * logs[:, i].sum()) for i in range(3)]
        for u in range(2)
    ]
    np.testing.assert_allclose(scaled_by_degree(sparse.csr_matrix(likes)).toarray(), expected)


def with_vectors(n_listeners: int) -> Dataset:
    table = replace(
        catalogue(6),
        vectors={"sound": np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1], [np.nan, 0], [0, 2]])},
    )
    return Dataset.from_csr(sparse.csr_matrix(np.ones((n_listeners, 6))), table)


def test_auto_takes_listening_then_vectors_then_terms():
    few, many = with_vectors(3), with_vectors(4)
    without = replace(catalogue(6), vectors={})
    bare = Dataset.from_csr(few.interactions.user_items, without)
    for data, source in ((many, "listening"), (few, "vectors"), (bare, "terms")):
        auto, named = (
            Clusters(k=2, min_listeners=4, source=s).fit(data).to_arrays()["vectors"]
            for s in ("auto", source)
        )
        np.testing.assert_array_equal(auto, named)


def test_a_track_without_a_vector_is_in_no_cluster_and_scores_zero():
    model = Clusters(k=2, source="vectors").fit(with_vectors(1))
    assert model.cluster_of[4] == -1
    assert model.cluster_of[0] == model.cluster_of[1] != model.cluster_of[2]
    assert model.score(model.fold_in(Profile.from_weights({0: 1.0, 2: -0.5})))[4] == 0
    assert len(model.fold_in(Profile.from_weights({4: 1.0}))) == 0


def test_the_clusters_of_all_tracks_are_the_scenes():
    cluster_of = Clusters(k=2).fit(two_scenes()).cluster_of
    assert len(set(cluster_of[list(SCENE["jazz"])].tolist())) == 1
    assert len(set(cluster_of[list(SCENE["metal"])].tolist())) == 1
    assert cluster_of[0] != cluster_of[6]


def test_scores_are_signed_sums_over_groups_written_out():
    model = Clusters(k=3, sharpness=2.5).fit(two_scenes())
    liking = {0: 2.0, 1: 1.0, 7: 0.5, 8: -1.0, 9: -3.0}
    vectors = np.asarray(model.to_arrays()["vectors"], np.float64)
    expected = np.zeros(model.n_tracks)
    for cluster in range(3):
        for sign in (1, -1):
            own = [t for t, v in liking.items() if v * sign > 0 and model.cluster_of[t] == cluster]
            if own:
                total = sum(abs(liking[t]) * vectors[t] for t in own)
                cosine = vectors @ total / np.linalg.norm(total)
                expected += sum(liking[t] for t in own) * np.exp(2.5 * (cosine - 1))
    scores = model.score(model.fold_in(Profile.from_weights(liking)))
    np.testing.assert_allclose(scores, expected, rtol=1e-4, atol=1e-6)


def test_evidence_is_what_the_score_loses_without_the_track():
    model = Clusters(k=2).fit(two_scenes())
    profile = Profile.from_weights({0: 2.0, 1: 1.0, 7: 0.5, 8: -1.0})
    full = model.score(model.fold_in(profile))
    for part in model.explain(profile, 2, n=9):
        rest = model.score(model.fold_in(without_track(profile, part.track_idx or 0)))
        assert full[2] - rest[2] == pytest.approx(part.contribution, rel=1e-4)


def test_taste_falls_into_its_scenes_with_shares_and_weighted_means():
    model = Clusters(k=4).fit(two_scenes())
    profile = Profile.from_weights({0: 3.0, 1: 1.0, 2: 2.0, 6: 1.0, 8: 1.0, 9: -5.0})
    groups = model.taste_clusters(profile, 2)
    assert [sorted(group.track_idx.tolist()) for group in groups] == [[0, 1, 2], [6, 8]]
    assert [group.weight for group in groups] == pytest.approx([6 / 8, 2 / 8])
    vectors = np.asarray(model.to_arrays()["vectors"])
    mean = (3 * vectors[0] + vectors[1] + 2 * vectors[2]) / 6
    np.testing.assert_allclose(groups[0].centroid, mean, rtol=1e-4, atol=1e-6)
    distances = np.linalg.norm(vectors[groups[0].track_idx] - mean, axis=1)
    assert (np.diff(distances) >= 0).all()


def test_taste_of_nothing_or_of_few_tracks_has_no_more_groups_than_tracks():
    model = Clusters(k=4).fit(two_scenes())
    assert model.taste_clusters(Profile.empty(), 3) == []
    assert model.taste_clusters(Profile.from_weights({3: -1.0}), 3) == []
    assert len(model.taste_clusters(Profile.from_weights({3: 1.0, 7: 1.0}), 5)) == 2


def test_another_seed_may_cluster_otherwise_and_the_same_never():
    data = Dataset.from_csr(
        sparse.random(60, 40, 0.2, "csr", rng=4), TrackTable.bare(map(str, range(40)))
    )
    found = [Clusters(k=7, seed=seed).fit(data).cluster_of.tolist() for seed in (0, 0, 1)]
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize(
    ("params", "message"),
    [({"k": 0}, "k must be at least 1"), ({"n_factors": 0}, "n_factors must be at least 1"),
     ({"source": "ears"}, "source must be one of auto, listening"),
     ({"sharpness": -1.0}, "sharpness must be finite"),
     ({"min_listeners": -1}, "min_listeners must be at least 0")],
)  # fmt: skip
def test_a_parameter_out_of_range_is_named(params: dict[str, object], message: str):
    with pytest.raises(InvalidInputError, match=message):
        Clusters(**params).fit(two_scenes())
