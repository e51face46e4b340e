"""What is kept of one listener is what would be found anew, and is for nobody and nothing else."""

import numpy as np
import pytest

from segue.data.items import ScoredTracks, top_n
from segue.data.query import Controls, Query
from segue.data.sparse_sums import SparseScores
from segue.pipeline import kept as kept_module
from segue.pipeline.build import build_list
from segue.pipeline.kept import KeptScores, Standing
from segue.pipeline.stations import STATIONS
from support.pipeline_library import NOW, event, fitted_sources, needed, profile, table, words_for


@pytest.fixture(scope="module")
def library():
    return table()


@pytest.fixture(scope="module")
def sources(library):
    return fitted_sources(library)


@pytest.fixture(scope="module")
def taste(library):
    return profile([event("t3"), event("t9"), event("t12"), event("t4", days_ago=3)], library)


def without_times(ranked):
    return ranked.tracks, ranked.fallback, [(s.stage, s.n_in, s.n_out) for s in ranked.stages]


@pytest.mark.parametrize("station", sorted(STATIONS))
def test_every_list_is_the_same_with_what_other_lists_left(library, sources, taste, station):
    kept = KeptScores(taste)
    for first in ("for_you", "discover", "radio"):
        _, seeds = needed(STATIONS[first])
        build_list(Query(first, taste, 20, seeds=seeds, now=NOW), library, sources, kept=kept)
    controls, seeds = needed(STATIONS[station])
    group = taste.track_idx[:2] if STATIONS[station].needs == "group" else None
    asked = words_for(STATIONS[station])
    query = Query(station, taste, 20, controls, seeds, now=NOW, group=group, asked=asked)
    anew = build_list(query, library, sources)
    assert without_times(build_list(query, library, sources, kept=kept)) == without_times(anew)


def test_the_second_list_scores_and_explains_nothing_again(library, sources, taste, monkeypatch):
    kept = KeptScores(taste)
    build_list(Query("for_you", taste, 20, now=NOW), library, sources, kept=kept)
    asked = []
    for source in sources:
        for name in ("score", "scored", "evidence"):
            if hasattr(source.model, name) and getattr(source.model, "is_personal", False):
                monkeypatch.setattr(source.model, name, lambda *_, n=name: asked.append(n))
    build_list(Query("for_you", taste, 20, Controls(), now=NOW), library, sources, kept=kept)
    assert asked == []


def test_another_profile_is_not_answered_from_what_is_kept(library, sources, taste):
    other = profile([event("t1"), event("t7"), event("t13")], library)
    kept = KeptScores(taste)
    build_list(Query("for_you", taste, 20, now=NOW), library, sources, kept=kept)
    query = Query("for_you", other, 20, now=NOW)
    anew = build_list(query, library, sources)
    assert without_times(build_list(query, library, sources, kept=kept)) == without_times(anew)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("share", [0.0, 0.005, 0.9])
def test_the_best_allowed_are_those_of_the_whole_whatever_the_filter_leaves(seed, share):
    """Also where almost all of the tracks that are kept sorted are filtered out."""
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.choice(9_000, 5_000, replace=False)).astype(np.int32)
    scores = rng.integers(1, 400, 5_000).astype(np.float32)  # many ties
    allowed = rng.random(9_000) < share
    left_out = np.sort(rng.choice(9_000, 300, replace=False)).astype(np.int32)
    got = Standing(SparseScores(rows, scores)).best(120, allowed, left_out)
    whole = np.full(9_000, -np.inf)
    whole[rows] = scores
    mask = allowed.copy()
    mask[left_out] = False
    expected = top_n(whole, 120, mask)
    assert got.track_idx.tolist() == expected.track_idx.tolist()
    assert got.scores.tolist() == expected.scores.tolist()


@pytest.mark.parametrize("is_ordered", [False, True])
@pytest.mark.parametrize("n_known", [0, 900, 1_100, 2_500, 4_990])
def test_who_knows_all_of_the_best_gets_the_best_of_the_others_without_sorting_all(
    n_known, is_ordered, monkeypatch
):
    rng = np.random.default_rng(n_known)
    rows = np.sort(rng.choice(9_000, 5_000, replace=False)).astype(np.int32)
    scores = rng.integers(1, 400, 5_000).astype(np.float32)
    order = np.lexsort((rows, -scores))
    best_first = ScoredTracks(rows[order], scores[order]) if is_ordered else None
    standing, n_sorted = Standing(SparseScores(rows, scores), best_first), []
    real = kept_module._best_of
    monkeypatch.setattr(kept_module, "_best_of", lambda s, n: n_sorted.append(n) or real(s, n))
    known = np.sort(rows[order[:n_known]])
    allowed = np.ones(9_000, bool)
    expected = rows[order[n_known : n_known + 300]].tolist()
    for _ in range(2):
        assert standing.best(300, allowed, known).track_idx.tolist() == expected
        others, own = standing.in_order(known, 300, allowed)
        assert others.track_idx[:300].tolist() == expected
        assert own.track_idx.tolist() == rows[order[:n_known]].tolist()
    if n_known < 4_000:
        assert max([0, *n_sorted]) <= max(kept_module.N_SORTED, n_known)


@pytest.mark.parametrize("seed", range(4))
def test_the_best_of_some_rows_are_those_of_the_whole_again_and_again(seed):
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.choice(900, 500, replace=False)).astype(np.int32)
    scores = rng.integers(1, 40, 500).astype(np.float32)
    standing = Standing(SparseScores(rows, scores))
    whole = np.full(900, -np.inf)
    whole[rows] = scores
    some = np.sort(rng.choice(900, 300, replace=False)).astype(np.int32)
    others = some[::2].copy()
    for wanted in (some, some, others, some):  # the same array is found in order already
        allowed = rng.random(900) < 0.5
        mask = np.zeros(900, bool)
        mask[wanted] = True
        expected = top_n(whole, 60, mask & allowed)
        got = standing.best_of(wanted, 60, allowed)
        assert got.track_idx.tolist() == expected.track_idx.tolist()
        left = standing.best(60, allowed, wanted)
        assert left.track_idx.tolist() == top_n(whole, 60, ~mask & allowed).track_idx.tolist()


def test_an_answer_is_made_once_for_the_own_profile_and_each_time_for_others(taste):
    kept, made = KeptScores(taste), []
    other = taste.only(taste.track_idx[:1])
    for whose in (taste, taste, other, other):
        kept.answer("mix", whose, lambda: made.append(1))
    assert len(made) == 3
    assert kept.liked(taste) is kept.liked(taste)
    assert kept.liked(other).tolist() == other.track_idx[other.preference > 0].tolist()
