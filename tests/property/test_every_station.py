"""What every station promises, whatever it is made of: one suite, each station by its name."""

import dataclasses

import msgspec
import numpy as np
import pytest

from segue.data.query import Profile, Query
from segue.data.records import EventKind
from segue.pipeline.build import ANY_LENGTH, COLD_START, SHOWN_AGAIN, build_list
from segue.pipeline.candidates import DEFAULT_QUOTA, step_of
from segue.pipeline.controls import Heard
from segue.pipeline.stations import BLEND, RECIPES
from segue.services.requests import FALLBACK_WORDS
from support.pipeline_library import (
    NOW,
    event,
    fitted_sources,
    group_for,
    needed,
    profile,
    stocked,
    table,
    words_for,
)

LIBRARY = table(90, n_artists=30)
SOURCES = fitted_sources(LIBRARY)
N = len(LIBRARY)
# a path holds its seeds, and is found without sources and quotas: see test_pipeline_path.py
RANKED = [recipe for recipe in (*RECIPES, BLEND) if recipe.needs != "path"]
EVERY = pytest.mark.parametrize("recipe", RANKED, ids=lambda recipe: recipe.name)
KINDS = list(EventKind)


def listener_of(seed):
    rng = np.random.default_rng(seed)
    events = [
        event(
            f"t{rng.integers(N)}",
            KINDS[rng.integers(len(KINDS))],
            float(rng.uniform(0, 300)),
            value=float(rng.integers(1, 6)),
            played_s=float(rng.uniform(0, 200)),
        )
        for _ in range(40)
    ]
    return profile(events, LIBRARY)


def case(recipe, seed, n=12, listener=None, **controls):
    """A request of a random listener on a catalogue with versions of recordings and never-plays."""
    rng = np.random.default_rng(seed)
    tracks = stocked(
        recipe,
        dataclasses.replace(LIBRARY, recording_idx=(np.arange(N) // 2 * 2).astype(np.int32)),
    )
    listener = listener_of(seed) if listener is None else listener
    own, seeds = needed(recipe)
    query = Query(
        recipe.name, listener, n, msgspec.structs.replace(own, **controls), seeds,
        blocked=rng.random(N) < 0.2, now=NOW, seed=seed, group=group_for(recipe, listener),
        name="A list", asked=words_for(recipe),
    )  # fmt: skip
    return query, tracks


def rows_of(got):
    return [int(track.track_id[1:]) for track in got.tracks]


def made(recipe, query, tracks):
    return build_list(query, tracks, SOURCES, recipe)


@EVERY
@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_in_it_twice_and_nothing_that_is_never_to_be_played(recipe, seed):
    query, tracks = case(recipe, seed)
    rows = rows_of(made(recipe, query, tracks))
    assert rows
    assert len(set(tracks.recording_idx[rows])) == len(rows) <= query.n
    assert not query.blocked[rows].any()
    known = query.profile.known
    assert not set(rows) & set(known.track_idx[known.disliked].tolist())
    assert not set(rows) & set(query.seeds)
    assert (tracks.owned[rows] != recipe.missing).all()
    if recipe.heard is Heard.NEVER:
        heard = tracks.recording_idx[query.profile.track_idx]
        assert not np.isin(tracks.recording_idx[rows], heard).any()


@EVERY
@pytest.mark.parametrize("seed", range(3))
def test_artists_and_albums_are_spaced_or_it_says_how_often_not(recipe, seed):
    query, tracks = case(recipe, seed, artist_gap=3, album_gap=5)
    got = made(recipe, query, tracks)
    rows = rows_of(got)
    relaxed = {stage.stage: stage.n_out for stage in got.stages}
    for name, labels, gap in (("artist", tracks.artist_idx, 3), ("album", tracks.album_idx, 5)):
        near = sum(labels[row] in labels[rows[max(0, i - gap) : i]] for i, row in enumerate(rows))
        assert near == relaxed.get(f"relaxed:{name}_gap", 0)


@EVERY
@pytest.mark.parametrize("seed", range(3))
def test_the_same_request_gives_the_same_list(recipe, seed):
    query, tracks = case(recipe, seed)
    first, second = made(recipe, query, tracks), made(recipe, query, tracks)
    assert first.tracks == second.tracks
    assert (first.title, first.fallback) == (second.title, second.fallback)
    assert "{" not in first.title


@EVERY
def test_no_source_names_more_than_its_quota(recipe):
    query, tracks = case(recipe, 1, n=4)
    quotas = {blend.key: blend.quota or DEFAULT_QUOTA for blend in (*recipe.blend, *recipe.cold)}
    for stage in made(recipe, query, tracks).stages:
        kind, _, key = stage.stage.partition(":")
        if kind == "candidates":
            assert stage.n_out <= 1.5 * max(quotas[key], 2 * query.n)
        assert stage.n_in - sum(stage.removed.values()) == stage.n_out


@EVERY
def test_a_small_quota_holds(recipe):
    few = tuple(msgspec.structs.replace(blend, quota=5) for blend in recipe.blend)
    query, tracks = case(recipe, 2, n=2)
    got = made(msgspec.structs.replace(recipe, blend=few, cold=few), query, tracks)
    asked = [stage for stage in got.stages if stage.stage.startswith("candidates:")]
    assert all(stage.n_out <= 7 for stage in asked)  # half as many again where familiar is mixed


@EVERY
@pytest.mark.parametrize("listener", [Profile.empty(), None], ids=["cold", "warm"])
def test_a_list_that_was_filled_says_by_what_in_words(recipe, listener):
    query, tracks = case(recipe, 3, n=60, listener=listener)
    got = made(recipe, query, tracks)
    used = {key for track in got.tracks for key in track.source_scores}
    own = {blend.key for blend in (*recipe.blend, *recipe.cold)}
    if got.fallback is None:
        assert used <= own
        return
    steps = {step_of(name).source: step_of(name).key for name in recipe.fallback}
    assert got.fallback in (*steps, COLD_START, ANY_LENGTH, SHOWN_AGAIN)
    assert FALLBACK_WORDS[got.fallback]
    if got.fallback in steps:
        assert steps[got.fallback] in used


@EVERY
def test_every_track_has_a_reason_and_the_heaviest_comes_first(recipe):
    query, tracks = case(recipe, 4)
    for track in made(recipe, query, tracks).tracks:
        weights = [reason.weight for reason in track.reasons]
        assert weights
        leads = bool(recipe.leads) and track.reasons[0].source == recipe.leads
        assert weights[leads:] == sorted(weights[leads:], reverse=True)
        assert all(reason.text and 0 < reason.weight <= 1 + 1e-9 for reason in track.reasons)


@EVERY
def test_what_was_shown_lately_comes_again_only_where_nothing_else_is_left(recipe):
    query, tracks = case(recipe, 5)
    shown = np.zeros(N, bool)
    shown[rows_of(made(recipe, query, tracks))] = True
    next_week = made(recipe, dataclasses.replace(query, stale=shown), tracks)
    stale = set(tracks.recording_idx[shown].tolist())
    again = stale & set(tracks.recording_idx[rows_of(next_week)].tolist())
    assert not again or "shown_lately" not in next_week.stages[0].removed  # or the rule was lifted
    everything = made(recipe, dataclasses.replace(query, stale=np.ones(N, bool)), tracks)
    assert everything.tracks
    assert everything.fallback is not None
