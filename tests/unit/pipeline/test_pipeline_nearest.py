"""A list is the same whether a model compares every track or an index names the nearest."""

import dataclasses

import numpy as np
import pytest

from segue.data.items import top_n
from segue.data.query import Profile, Query
from segue.models.sound import SoundKNN
from segue.pipeline.build import build_list
from segue.pipeline.candidates import Source
from segue.pipeline.path import LOOKED_AT, MIN_CANDIDATES
from segue.pipeline.spaces import space_of

N = 1_200


class Exact:
    """An index that compares with every track, and counts how often it is asked."""

    def __init__(self, model):
        self.rows, self.vectors = model.index_rows()
        self.asked = []

    def best(self, query, n, allowed):
        self.asked.append(n)
        scores = np.full(len(allowed), -np.inf, np.float32)
        scores[self.rows] = self.vectors @ query
        return top_n(scores, n, allowed & np.isfinite(scores)).track_idx


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(5)
    vectors = rng.normal(size=(N, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    known = np.arange(N) % 7 != 3
    vectors[~known] = 0
    hub = np.where(known, 0.1 * rng.normal(size=N), 0).astype(np.float32)
    return SoundKNN().from_arrays({"vectors": vectors, "hub": hub, "known": known})


@pytest.fixture(scope="module")
def tracks():
    from support.pipeline_library import table

    return table(N)


@pytest.fixture
def indexed(model):
    return Source("sound", model, nearest=Exact(model))


def ids(query, tracks, source, **more):
    return [one.track_id for one in build_list(query, tracks, [source], **more).tracks]


def test_the_product_with_the_index_vectors_orders_as_the_score_does(model):
    profile = Profile.from_weights({0: 1.0, 5: 0.4, 9: -0.7})
    taste = model.fold_in(profile)
    rows, vectors = model.index_rows()
    difference = model.score(taste)[rows] - vectors @ model.index_query(taste)
    np.testing.assert_allclose(difference, difference[0], atol=1e-6)
    np.testing.assert_allclose(model.score_rows(taste, rows), model.score(taste)[rows], atol=1e-6)
    assert model.score_rows(taste, np.array([3])) == [0.0]


@pytest.mark.parametrize("station", ["similar_sound", "radio_track", "because"])
@pytest.mark.parametrize("seeds", [{5: 1.0}, {5: 1.0, 8: 0.5}, {5: 1.0, 8: -0.4}])
def test_lists_from_seeds_are_the_same(station, seeds, model, tracks, indexed):
    query = Query(station, Profile.from_weights({1: 1.0, 2: 1.0, 30: 0.5}), 25, seeds=seeds)
    assert ids(query, tracks, indexed) == ids(query, tracks, Source("sound", model))
    assert indexed.nearest.asked


def test_what_is_not_allowed_is_never_named(tracks, indexed, model):
    query = Query("similar_sound", Profile.empty(), 25, seeds={5: 1.0})
    blocked = np.arange(N) % 2 == 0
    query = dataclasses.replace(query, blocked=blocked)
    found = ids(query, tracks, indexed)
    assert found == ids(query, tracks, Source("sound", model))
    assert len(found) == 25
    assert not any(blocked[int(id_[1:])] for id_ in found)


def test_a_path_looks_only_at_the_nearest_of_each_place(tracks, indexed, model):
    query = Query("path", Profile.empty(), 9, seeds={5: 1.0, 8: 1.0})
    assert ids(query, tracks, indexed) == ids(query, tracks, Source("sound", model))
    assert indexed.nearest.asked == 7 * [LOOKED_AT * MIN_CANDIDATES]
    assert space_of([Source("sound", model)], (5, 8)).index is None
