"""The compiled passes of ranking give what the NumPy ways give, bit for bit."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.data import compiled
from segue.data.query import Profile, Query
from segue.data.records import EventKind
from segue.data.sparse_sums import SparseScores
from segue.pipeline import rank_kernels as kernels
from segue.pipeline.candidates import Part, Source, _best_of_both, by_name, gather
from segue.pipeline.controls import one_of_each_recording
from segue.pipeline.kept import KeptScores, Standing
from segue.pipeline.rank import Ranking, best_first, damped, fuse
from segue.pipeline.ranking_compiled import compiled_rows
from segue.pipeline.ranking_features import POPULARITY_DAYS, candidate_rows
from segue.pipeline.rules import NEW
from segue.pipeline.stations import TASTE_BLEND
from support.pipeline_library import NOW, event, fitted_sources, profile, table

N = 80
SOURCES = ("taste", "content", "popularity")


@st.composite
def named_parts(draw):
    """Parts that share tracks, of one tier or of several, with equal weights among them."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    query = Query("for_you", Profile.empty(), 10)
    n_tiers = draw(st.integers(1, 3))
    parts = []
    for number in range(draw(st.integers(1, 11))):
        rows = rng.permutation(N)[: rng.integers(0, 40)].astype(np.int32)
        scores = np.sort(rng.integers(1, 9, len(rows)) / 8.0)[::-1].astype(np.float32)
        weight = float(rng.choice([0.5, 1.0]))
        parts.append(Part(f"part{number}", Source("new", NEW), query, weight,
                          int(rng.integers(n_tiers)), rows, scores))  # fmt: skip
    return parts


def assert_same(a: Ranking, b: Ranking):
    for field in dataclasses.fields(Ranking):
        np.testing.assert_array_equal(getattr(a, field.name), getattr(b, field.name))


@settings(max_examples=100, deadline=None)
@given(named_parts(), st.integers(0, 10_000))
def test_fusing_damping_and_versions_are_the_plain_ones(parts, seed):
    plain, by_loops = fuse(parts), fuse(parts, compiled=True)
    assert_same(by_loops, plain)
    rng = np.random.default_rng(seed)
    rows = rng.permutation(N)[: rng.integers(0, N)].tolist()
    listener = Profile.from_weights({row: float(rng.integers(-3, 4)) for row in rows})
    assert_same(damped(plain, listener, compiled=True), damped(plain, listener))
    tracks = dataclasses.replace(table(N), recording_idx=rng.integers(0, 20, N).astype(np.int32))
    once = [one_of_each_recording(plain, tracks)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "DENSE_LIMIT", -1)
        once.append(one_of_each_recording(plain, tracks))
    assert_same(*once)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_the_best_come_by_tier_then_score_then_row(seed):
    rng = np.random.default_rng(seed)
    rows = rng.permutation(60).astype(np.int32)
    scores, tier = rng.integers(0, 6, 60) / 4.0, np.full(60, rng.integers(3), np.int32)
    wanted = np.lexsort((rows, -scores, tier))
    np.testing.assert_array_equal(best_first(rows, scores, tier, compiled=True), wanted)
    mixed = rng.integers(0, 2, 60).astype(np.int32)
    wanted = np.lexsort((rows, -scores, mixed))
    np.testing.assert_array_equal(best_first(rows, scores, mixed, compiled=True), wanted)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 30), st.booleans())
def test_familiar_and_new_tracks_have_a_quota_each(seed, quota, few):
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.permutation(N)[:60]).astype(np.int32)
    scores = (rng.integers(1, 12, 60) / 8.0).astype(np.float32)
    heard = np.sort(rng.permutation(N)[:20]).astype(np.int32)
    allowed = rng.random(N) < (0.1 if few else 0.8)
    found = {}
    for limit in (10**9, -1):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(compiled, "DENSE_LIMIT", limit)
            found[limit] = _best_of_both(
                Standing(SparseScores(rows, scores)), quota, allowed, heard
            )
    plain, by_loops = found.values()
    np.testing.assert_array_equal(by_loops.track_idx, plain.track_idx)
    np.testing.assert_array_equal(by_loops.scores, plain.scores)


def test_sets_of_rows_are_looked_up_as_numpy_does():
    rng = np.random.default_rng(4)
    rows = np.sort(rng.permutation(5_000)[:700]).astype(np.int32)
    wanted = rng.integers(0, 5_000, 900).astype(np.int32)
    np.testing.assert_array_equal(kernels.are_in(rows, wanted), np.isin(wanted, rows))
    labels = rng.integers(-2, 50, 400).astype(np.int32)
    first = np.sort(np.unique(labels, return_index=True)[1])
    np.testing.assert_array_equal(kernels.first_of_each(labels), first)
    assert kernels.first_of_each(labels[:0]).tolist() == []


@pytest.fixture(scope="module")
def tracks():
    rng = np.random.default_rng(6)
    made = table(N)
    year, duration_s = made.year.copy(), made.duration_s.copy()
    year[::7], duration_s[::5] = 0, np.nan
    artist = rng.integers(-1, 12, N).astype(np.int32)
    return dataclasses.replace(made, year=year, duration_s=duration_s, artist_idx=artist)


LISTENERS = {
    "a history": [
        event("t0", played_s=120.0),
        event("t3", played_s=120.0, days_ago=3),
        event("t3", EventKind.LOVE),
        event("t9", EventKind.SKIP, days_ago=9),
        event("t7", EventKind.RATE, value=4.0),
    ],
    "only a love": [event("t0", EventKind.LOVE)],
    "nobody": [],
}


@pytest.mark.parametrize("who", LISTENERS)
@pytest.mark.parametrize("with_content", [True, False])
def test_rows_of_the_ranker_are_the_plain_ones(tracks, who, with_content):
    query = Query("for_you", profile(LISTENERS[who], tracks), 10, now=NOW)
    table_of = by_name(fitted_sources(tracks))
    parts = gather(query, tracks, TASTE_BLEND, table_of, np.ones(N, bool), lambda: 0.0)
    if not with_content:
        parts = [part for part in parts if part.key != "content"]
    rng = np.random.default_rng(8)
    popularity = rng.random((N, len(POPULARITY_DAYS)), np.float32)
    candidates = rng.permutation(N)[:50].astype(np.int32)
    asked = (query, tracks, candidates, parts, SOURCES, popularity)
    kept = KeptScores(query.profile)
    plain = candidate_rows(*asked)
    assert plain.any()
    np.testing.assert_array_equal(compiled_rows(*asked), plain)
    np.testing.assert_array_equal(compiled_rows(*asked, kept), plain)
    later = dataclasses.replace(query, now=NOW + 4_000.0)  # what is kept knows no time
    np.testing.assert_array_equal(
        compiled_rows(later, *asked[1:], kept), candidate_rows(later, *asked[1:])
    )
