import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from segue.errors import InvalidInputError
from segue.index.neighbors import nearest_among, nearest_rows
from segue.models import layout
from segue.models.layout import affinities, lay_out, principal_axes, repulsion, repulsion_by_grid


def groups(n=240, d=12, n_groups=6, seed=0):
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(n_groups, d))
    vectors = centres[np.arange(n) % n_groups] + 0.25 * rng.normal(size=(n, d))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def nearest_of(vectors, k=15):
    return nearest_rows(vectors, k)[0]


def slow_repulsion(places):
    force, total = np.zeros_like(places), 0.0
    for i, a in enumerate(places):
        for j, b in enumerate(places):
            if i != j:
                q = 1.0 / (1.0 + float(((a - b) ** 2).sum()))
                force[i] += q * q * (a - b)
                total += q
    return force / total


@pytest.mark.parametrize(("spread", "within"), [(1e-4, 1e-5), (0.5, 1e-3), (4.0, 0.12)])
def test_repulsion_is_that_of_every_pair(spread, within):
    places = np.random.default_rng(1).normal(0, spread, (60, 2))
    expected = slow_repulsion(places)
    assert repulsion(places) == pytest.approx(expected, rel=1e-9, abs=1e-15)
    error = np.linalg.norm(repulsion_by_grid(places) - expected) / np.linalg.norm(expected)
    assert error < within


def test_a_step_goes_down_the_divergence():
    """The force is the gradient of KL(p || q), by differences of the formula itself."""
    vectors = groups(40)
    p = affinities(nearest_of(vectors, 5)).toarray()
    places = np.random.default_rng(2).normal(0, 1.0, (40, 2))

    def divergence(y):
        q = 1.0 / (1.0 + ((y[:, None] - y[None]) ** 2).sum(axis=2))
        np.fill_diagonal(q, 0.0)
        q /= q.sum()
        held = p > 0
        return float((p[held] * np.log(p[held] / q[held])).sum())

    from segue.models.layout_kernels import pull

    graph = affinities(nearest_of(vectors, 5))
    attraction = np.empty_like(places)
    pull(places, graph.indptr, graph.indices, graph.data, attraction)
    gradient = 4 * (attraction - repulsion(places))
    for row, axis in [(0, 0), (7, 1), (39, 0)]:
        moved = np.zeros_like(places)
        moved[row, axis] = 1e-5
        slope = (divergence(places + moved) - divergence(places - moved)) / 2e-5
        assert gradient[row, axis] == pytest.approx(slope, rel=1e-4, abs=1e-9)


def test_affinities_are_symmetric_and_sum_to_one():
    p = affinities(nearest_of(groups(50), 5))
    assert p.sum() == pytest.approx(1.0)
    assert (p != p.T).nnz == 0


def test_the_map_keeps_neighbors_that_the_principal_axes_lose():
    vectors = groups()
    places = lay_out(vectors, nearest_of(vectors))
    mine = trustworthiness(vectors, places, n_neighbors=10)
    assert mine > 0.9
    assert mine > trustworthiness(vectors, principal_axes(vectors), n_neighbors=10)


def test_the_grid_draws_as_good_a_map_as_every_pair(monkeypatch):
    vectors = groups(200)
    exact = lay_out(vectors, nearest_of(vectors))
    monkeypatch.setattr(layout, "EXACT_UP_TO", 0)
    monkeypatch.setattr(layout, "MAIN", 200)
    gridded = lay_out(vectors, nearest_of(vectors))
    scores = [trustworthiness(vectors, y, n_neighbors=10) for y in (exact, gridded)]
    assert scores[1] > scores[0] - 0.02


def test_the_same_arguments_give_the_same_map():
    vectors = groups(80)
    first, again = (lay_out(vectors, nearest_of(vectors)) for _ in range(2))
    assert first.tobytes() == again.tobytes()


def test_new_tracks_hardly_move_the_others_and_stand_with_their_like():
    vectors = groups(264)
    before = lay_out(vectors[:240], nearest_of(vectors[:240]))
    start = np.vstack([before, np.full((24, 2), np.nan)])
    after = lay_out(vectors, nearest_of(vectors), start)
    fresh = lay_out(vectors, nearest_of(vectors))
    spread = before.std()
    moved = np.linalg.norm(after[:240] - before, axis=1).mean() / spread
    jumped = np.linalg.norm(fresh[:240] - before, axis=1).mean() / spread
    assert moved < 0.15
    assert moved < jumped / 2
    centres = np.stack([before[np.arange(240) % 6 == group].mean(axis=0) for group in range(6)])
    own = np.linalg.norm(after[240:, None] - centres[None], axis=2).argmin(axis=1)
    assert (own == np.arange(240, 264) % 6).all()


def test_a_turned_map_comes_back_to_where_it_was():
    earlier = np.random.default_rng(3).normal(size=(30, 2)).astype(np.float32)
    turn = np.array([[0.0, -1.0], [-1.0, 0.0]])  # turned and mirrored
    assert layout.aligned(earlier @ turn + 5, earlier) == pytest.approx(earlier, abs=1e-5)


@pytest.mark.parametrize("n", [0, 1, 2, 5, 12, 13])
def test_a_small_library_has_a_map_too(n):
    vectors = groups(max(n, 2))[:n]
    nearest = nearest_of(vectors) if n > 1 else np.empty((n, 0), np.int32)
    places = lay_out(vectors, nearest)
    assert places.shape == (n, 2)
    assert np.isfinite(places).all()


def test_equal_tracks_have_a_finite_map():
    vectors = np.tile(np.float32([1.0, 0.0]), (30, 1))
    assert np.isfinite(lay_out(vectors, nearest_of(vectors))).all()


def test_shapes_that_do_not_agree_are_refused():
    with pytest.raises(InvalidInputError, match="need 40 rows"):
        lay_out(groups(40), np.zeros((39, 5), np.int32))


def test_nearest_rows_are_those_of_a_full_comparison():
    vectors = groups(120)
    rows, products = nearest_rows(vectors, 7)
    all_pairs = vectors @ vectors.T
    np.fill_diagonal(all_pairs, -np.inf)
    best = -np.sort(-all_pairs, axis=1)[:, :7]
    assert products == pytest.approx(best, abs=1e-5)
    assert np.take_along_axis(all_pairs, rows, axis=1) == pytest.approx(best, abs=1e-5)


def test_a_row_is_no_neighbor_of_itself_even_among_equals():
    vectors = np.tile(np.float32([1.0, 0.0]), (40, 1))
    rows, _ = nearest_rows(vectors, 5)
    assert (rows != np.arange(40)[:, None]).all()


def test_cells_find_nearly_all_of_the_nearest():
    vectors = groups(1200, seed=4)
    exact, _ = nearest_rows(vectors, 10)
    rows, _ = nearest_rows(vectors, 10, exact_up_to=0)
    shares = [len(set(a) & set(b)) / 10 for a, b in zip(exact, rows, strict=True)]
    assert np.mean(shares) > 0.95
    assert rows.min() >= 0


@pytest.mark.parametrize("exact_up_to", [1_000, 0])
def test_the_nearest_of_other_vectors_are_those_of_a_full_comparison(exact_up_to):
    vectors, asked = groups(seed=3), groups(40, seed=4)
    rows, products = nearest_among(vectors, asked, 6, exact_up_to=exact_up_to)
    every = asked @ vectors.T
    np.testing.assert_allclose(products, -np.sort(-every, axis=1)[:, :6], atol=1e-5)
    np.testing.assert_allclose(np.take_along_axis(every, rows, axis=1), products, atol=1e-5)
