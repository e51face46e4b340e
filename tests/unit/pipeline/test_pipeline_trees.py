import numpy as np
import pytest

from segue.errors import ArtifactError, InvalidInputError
from segue.pipeline.trees import MAX_LEAVES, TreeEnsemble, from_nodes

N_FEATURES = 4


def random_node(rng, depth, used=0):
    """A tree as LightGBM writes it; leaves carry how many training rows they hold."""
    if depth == 0 or (used and rng.random() < 0.25):
        return {"leaf_value": rng.normal(), "leaf_count": int(rng.integers(1, 50))}
    return {
        "split_feature": int(rng.integers(N_FEATURES)),
        "threshold": float(rng.integers(-3, 4)) / 2,
        "decision_type": "<=",
        "left_child": random_node(rng, depth - 1, used + 1),
        "right_child": random_node(rng, depth - 1, used + 1),
    }


def walked(node, row):
    """The plain way down: value of the leaf, and the change of the mean at each split."""
    added = np.zeros(N_FEATURES)
    mean = mean_of(node)
    while "split_feature" in node:
        side = "left" if row[node["split_feature"]] <= node["threshold"] else "right"
        child = node[f"{side}_child"]
        added[node["split_feature"]] += mean_of(child) - mean
        node, mean = child, mean_of(child)
    return node["leaf_value"], added


def mean_of(node):
    leaves = list(leaves_of(node))
    return np.average([leaf["leaf_value"] for leaf in leaves],
                      weights=[leaf["leaf_count"] for leaf in leaves])  # fmt: skip


def leaves_of(node):
    if "split_feature" not in node:
        yield node
    else:
        yield from leaves_of(node["left_child"])
        yield from leaves_of(node["right_child"])


@pytest.fixture
def scene():
    rng = np.random.default_rng(3)
    roots = [random_node(rng, 4) for _ in range(25)]
    rows = rng.integers(-4, 5, (60, N_FEATURES)) / 2  # many values equal a threshold
    return roots, rows


def test_a_score_is_the_sum_of_the_leaves_that_a_plain_walk_reaches(scene):
    roots, rows = scene
    expected = [sum(walked(root, row)[0] for root in roots) for row in rows]
    np.testing.assert_allclose(from_nodes(roots, N_FEATURES).predict(rows), expected, atol=1e-12)


def test_contributions_are_the_changes_of_the_mean_along_the_way_down(scene):
    roots, rows = scene
    trees = from_nodes(roots, N_FEATURES)
    expected = [sum(walked(root, row)[1] for root in roots) for row in rows]
    np.testing.assert_allclose(trees.contributions(rows), expected, atol=1e-5)
    total = trees.contributions(rows).sum(axis=1) + trees.bias
    np.testing.assert_allclose(total, trees.predict(rows), atol=1e-5)


def test_scores_are_those_of_lightgbm():
    lightgbm = pytest.importorskip("lightgbm")
    rng = np.random.default_rng(5)
    x = rng.normal(size=(400, N_FEATURES))
    y = x[:, 0] * x[:, 1] + np.abs(x[:, 2])
    params = {"num_leaves": MAX_LEAVES, "verbosity": -1, "num_threads": 1, "seed": 1}
    booster = lightgbm.train(params, lightgbm.Dataset(x, y), num_boost_round=20)
    roots = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
    ours = from_nodes(roots, N_FEATURES).predict(x)
    np.testing.assert_allclose(ours, booster.predict(x, raw_score=True), atol=1e-9)


def test_a_tree_of_one_leaf_adds_its_value_to_every_row():
    trees = from_nodes([{"leaf_value": 0.5}, {"leaf_value": -2.0}], N_FEATURES)
    np.testing.assert_allclose(trees.predict(np.zeros((3, N_FEATURES))), -1.5)
    assert trees.contributions(np.zeros((2, N_FEATURES))).tolist() == [[0.0] * N_FEATURES] * 2


def test_arrays_restore_the_same_trees(scene):
    roots, rows = scene
    trees = from_nodes(roots, N_FEATURES)
    again = TreeEnsemble.from_arrays(trees.to_arrays())
    np.testing.assert_array_equal(again.predict(rows), trees.predict(rows))
    np.testing.assert_array_equal(again.contributions(rows), trees.contributions(rows))


def test_missing_arrays_are_an_artifact_error(scene):
    arrays = from_nodes(scene[0], N_FEATURES).to_arrays()
    del arrays["struck"]
    with pytest.raises(ArtifactError, match="struck"):
        TreeEnsemble.from_arrays(arrays)


def test_rows_of_another_width_are_refused(scene):
    with pytest.raises(InvalidInputError, match="must have 4 columns, got shape"):
        from_nodes(scene[0], N_FEATURES).predict(np.zeros((2, 3)))


def test_more_leaves_than_bits_and_other_splits_are_refused():
    full = {"leaf_value": 1.0}
    for _ in range(MAX_LEAVES):
        full = {"split_feature": 0, "threshold": 0.0, "decision_type": "<=",
                "left_child": {"leaf_value": 0.0}, "right_child": full}  # fmt: skip
    with pytest.raises(InvalidInputError, match="more than 16 leaves"):
        from_nodes([full], 1)
    with pytest.raises(InvalidInputError, match="must be '<='"):
        from_nodes([full | {"decision_type": "=="}], 1)
