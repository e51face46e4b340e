"""The compiled passes give what the plain ones give, whatever is asked."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.data import compiled
from segue.pipeline.calibrate import GenreMix
from segue.pipeline.diversify import arrange
from segue.pipeline.rank import Ranking
from segue.pipeline.trees import from_nodes
from support.pipeline_library import table

N = 60


@st.composite
def questions(draw):
    """A ranking of a library with few artists, so that every rule has to give way at times."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    tracks = dataclasses.replace(
        table(N),
        artist_idx=rng.integers(-1, draw(st.sampled_from([1, 3, 15])), N).astype(np.int32),
        album_idx=rng.integers(-1, draw(st.sampled_from([2, 30])), N).astype(np.int32),
    )
    n_candidates = draw(st.integers(0, N))
    rows = rng.permutation(N)[:n_candidates].astype(np.int32)
    tier = np.sort(rng.integers(0, draw(st.integers(1, 3)), n_candidates)).astype(np.int32)
    scores = np.sort(rng.uniform(0.1, 1.0, n_candidates))[::-1]
    ranking = Ranking(rows, scores, np.ones((n_candidates, 1)), tier)
    shares = rng.dirichlet(np.ones(3))
    mix = draw(st.sampled_from([None, GenreMix(np.arange(3), shares)]))
    asked = {
        "variety": draw(st.sampled_from([0.0, 0.3, 1.0])),
        "artist_gap": draw(st.integers(0, 5)),
        "album_gap": draw(st.integers(0, 5)),
        "mix": mix,
        "familiar": draw(st.sampled_from([None, 0.3, 0.75])),
        "heard": np.sort(rng.permutation(N)[: N // 2]).astype(np.int32),
        "before": rng.permutation(N)[: draw(st.integers(0, 8))].tolist(),
    }
    return ranking, tracks, draw(st.integers(1, 40)), asked


@settings(max_examples=150, deadline=None)
@given(questions())
def test_the_compiled_order_is_the_plain_one(question):
    ranking, tracks, n, asked = question
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "DENSE_LIMIT", 10**9)
        plain = arrange(ranking, tracks, n, **asked)
        patch.setattr(compiled, "DENSE_LIMIT", -1)
        by_loops = arrange(ranking, tracks, n, **asked)
    assert by_loops.places.tolist() == plain.places.tolist()
    assert by_loops.relaxed == plain.relaxed


def split(rng, depth):
    if depth == 0 or rng.random() < 0.2:
        return {"leaf_value": rng.normal(), "leaf_count": 1}
    return {
        "split_feature": int(rng.integers(4)),
        "threshold": float(rng.integers(-3, 4)) / 2,
        "decision_type": "<=",
        "left_child": split(rng, depth - 1),
        "right_child": split(rng, depth - 1),
    }


def test_the_compiled_trees_reach_the_same_leaves_and_sums():
    rng = np.random.default_rng(1)
    trees = from_nodes([split(rng, 4) for _ in range(40)], 4)
    rows = (rng.integers(-4, 5, (200, 4)) / 2).astype(np.float32)  # many values equal a threshold
    leaves, values = trees.place(rows)
    assert len(np.unique(leaves)) > 8
    for some in (rows, np.asfortranarray(rows), rows[:0]):
        found = trees.place(some, compiled=True)
        np.testing.assert_array_equal(found[0], leaves[: len(some)])
        np.testing.assert_array_equal(found[1], values[: len(some)])


def test_thresholds_between_two_float32_send_rows_the_same_way():
    between = 0.1  # float32(0.1) is a little above
    root = {
        "split_feature": 0, "threshold": between, "decision_type": "<=",
        "left_child": {"leaf_value": -1.0}, "right_child": {"leaf_value": 1.0},
    }  # fmt: skip
    trees = from_nodes([root], 1)
    near = np.float32(between)
    rows = np.array([np.nextafter(near, np.float32(0)), near], np.float32)[:, np.newaxis]
    assert trees.predict(rows).tolist() == [-1.0, 1.0]
    assert trees.place(rows, compiled=True)[1].tolist() == [-1.0, 1.0]
