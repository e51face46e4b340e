import dataclasses
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.data.query import Controls, Profile, Query
from segue.data.records import EventKind
from segue.errors import InvalidInputError
from segue.pipeline.build import build_list
from segue.pipeline.path import candidates, find_path
from segue.pipeline.path_list import PathWords, shares_of_way
from segue.pipeline.spaces import Space, between, space_of
from segue.pipeline.stations import standard_sources, station
from support.pipeline_library import NOW, event, fitted_sources, profile, table

LIBRARY = table()
SOURCES = fitted_sources(LIBRARY)
PATH = station("path")


def library(n, n_artists, seed):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, 4))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    artists = rng.integers(-1, n_artists, n).astype(np.int32)
    tracks = dataclasses.replace(table(n, max(n_artists, 1)), artist_idx=artists)
    return Space("sound", vectors), tracks


def quality(space, tracks, ends, inner):
    """What a path is judged by, in this order, written as plain loops."""
    whole = [ends[0], *inner, ends[1]]
    artists = [int(tracks.artist_idx[row]) for row in whole]
    beside = sum(a == b >= 0 for a, b in pairwise(artists))
    seen, repeats = {artists[0], artists[-1]}, 0
    for artist in artists[1:-1]:
        repeats += artist >= 0 and artist in seen
        seen.add(artist)
    energy = 0.0
    for a, b in pairwise(whole):
        cosine = sum(x * y for x, y in zip(space.vectors[a], space.vectors[b], strict=True))
        energy += float(np.arccos(min(1.0, max(-1.0, cosine)))) ** 2
    return beside, repeats, round(energy, 9)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("n_artists", [2, 4, 30])
def test_a_path_is_the_best_of_all_ways(seed, n_artists):
    space, tracks = library(9, n_artists, seed)
    allowed = np.ones(9, bool)
    allowed[[0, 1]] = False
    found = find_path(space, tracks, (0, 1), 3, allowed, beam=10_000)
    ways = [w for w in product(range(2, 9), repeat=3) if len(set(w)) == 3]
    best = min(quality(space, tracks, (0, 1), way) for way in ways)
    assert quality(space, tracks, (0, 1), found) == best


def test_the_usual_beam_is_seldom_worse_than_the_best_way():
    worse = []
    for seed in range(10):
        space, tracks = library(200, 60, seed)
        allowed = np.ones(200, bool)
        allowed[[0, 1]] = False
        usual = quality(space, tracks, (0, 1), find_path(space, tracks, (0, 1), 8, allowed))
        wide = find_path(space, tracks, (0, 1), 8, allowed, beam=20_000)
        best = quality(space, tracks, (0, 1), wide)
        assert usual[:2] == best[:2] == (0, 0)
        worse.append(usual[2] / best[2] - 1)
    assert max(worse) < 0.01


def test_steps_on_a_circle_full_of_tracks_are_even():
    angle = np.linspace(0, np.pi, 181)
    space = Space("sound", np.column_stack([np.cos(angle), np.sin(angle)]))
    tracks = dataclasses.replace(table(181, 181), artist_idx=np.arange(181, dtype=np.int32))
    allowed = np.ones(181, bool)
    allowed[[0, 90]] = False
    assert find_path(space, tracks, (0, 90), 5, allowed) == [15, 30, 45, 60, 75]


def test_an_artist_comes_twice_only_where_there_are_too_few():
    space, tracks = library(120, 12, 3)
    tracks = dataclasses.replace(tracks, artist_idx=(np.arange(120) % 12).astype(np.int32))
    allowed = np.ones(120, bool)
    allowed[[0, 1]] = False
    ten = find_path(space, tracks, (0, 1), 10, allowed)
    assert sorted(tracks.artist_idx[ten]) == list(range(2, 12))
    more = [0, *find_path(space, tracks, (0, 1), 25, allowed), 1]
    artists = tracks.artist_idx[more]
    assert len(set(more)) == 27
    assert (artists[1:] != artists[:-1]).all()


def test_a_small_library_gives_a_short_path_and_no_version_twice():
    space, tracks = library(8, 20, 1)
    versions = np.array([0, 1, 2, 2, 2, 3, 3, 4], np.int32)
    tracks = dataclasses.replace(tracks, recording_idx=versions)
    allowed = versions > 1
    path = find_path(space, tracks, (0, 1), 20, allowed)
    assert sorted(versions[path]) == [2, 3, 4]
    assert find_path(space, tracks, (0, 1), 20, np.zeros(8, bool)) == []


def test_each_place_has_candidates_of_as_many_artists_as_the_path_is_long():
    distance = np.arange(40.0)
    artist = np.array([0] * 30 + list(range(1, 11)))
    chosen = candidates(distance, artist, 12)
    assert chosen.tolist() == [0, 1, *range(30, 40)]
    assert candidates(distance, artist, 14).tolist() == [0, 1, *range(30, 40), 2, 3]
    nobody = np.full(40, -1)
    assert candidates(distance, nobody, 5).tolist() == [0, 1, 2, 3, 4]


def test_points_between_opposite_ends_are_defined():
    points = between(np.array([1.0, 0.0]), np.array([-1.0, 0.0]), np.array([0.25, 0.5]))
    assert points.tolist() == [[0.5, 0.0], [0.0, 0.0]]


def ask(seeds, n=10, tracks=LIBRARY, sources=SOURCES, taste=None, **more):
    taste = Profile.empty() if taste is None else taste
    query = Query("path", taste, n, seeds=dict.fromkeys(seeds, 1.0), now=NOW, **more)
    return build_list(query, tracks, sources, PATH)


def rows_of(ranked):
    return [int(place.track_id[1:]) for place in ranked.tracks]


def test_the_list_starts_and_ends_with_what_was_asked_for():
    ranked = ask((0, 5))
    rows = rows_of(ranked)
    assert (rows[0], rows[-1], len(rows)) == (0, 5, 10)
    assert ranked.title == "From “Song 0” by Band 0 to “Song 5” by Band 5"
    assert ranked.seed_track_ids == ("t0", "t5")
    assert ranked.fallback is None
    assert len(set(LIBRARY.artist_idx[rows])) == 10
    assert rows_of(ask((5, 0)))[0] == 5


def test_every_track_says_how_far_along_it_is_and_the_angles_bear_it_out():
    ranked = ask((0, 5), 12)
    space = space_of(SOURCES, (0, 5))
    writer = PathWords(LIBRARY, (0, 5), space)
    for place, row in zip(ranked.tracks[1:-1], rows_of(ranked)[1:-1], strict=True):
        a, b, x = (space.rows([r])[0] for r in (0, 5, row))
        there, back = np.arccos(np.clip(x @ a, -1, 1)), np.arccos(np.clip(x @ b, -1, 1))
        share = there / (there + back)
        assert shares_of_way(space, (0, 5), [row])[0] == pytest.approx(share)
        assert place.reasons[0].text == writer.way_words(share)
        assert place.reasons[0].evidence_track_ids == ("t0", "t5")
    assert ranked.tracks[0].reasons[0].text == "Where you set out"
    assert ranked.tracks[-1].reasons[0].text == "Where you wanted to arrive"


def test_shared_terms_are_those_of_both_tracks():
    ranked = ask((0, 5), 12)
    for before, place in pairwise(ranked.tracks):
        for reason in place.reasons[1:]:
            a, b = (LIBRARY.terms[int(t.track_id[1:])].indices for t in (before, place))
            shared = {LIBRARY.term_names[c] for c in set(a) & set(b)}
            assert {term.removeprefix("the ") for term in reason.terms} == shared
            assert reason.evidence_track_ids == (before.track_id,)


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.1, "Still close to A, on the way to B"), (0.25, "About a quarter of the way from A to B"),
     (0.33, "About a third of the way from A to B"), (0.5, "Halfway between A and B"),
     (0.66, "About two thirds of the way from A to B"), (0.9, "Almost at B"),
     (0.75, "About three quarters of the way from A to B")],
)  # fmt: skip
def test_shares_of_the_way_in_words(share, words, monkeypatch):
    monkeypatch.setattr(PathWords, "_names_of_ends", lambda _self: ("A", "B"))
    writer = PathWords(LIBRARY, (0, 5), space_of(SOURCES, (0, 5)))
    assert writer.way_words(share) == words


def test_ends_are_called_by_what_they_are_like_where_that_differs():
    tempo = np.full((60, 1), 110.0, np.float32)
    tempo[0], tempo[5], tempo[4] = 80.0, 140.0, np.nan
    tracks = dataclasses.replace(LIBRARY, vectors={"tempo_bpm": tempo})
    space = space_of(SOURCES, (0, 5))
    assert PathWords(tracks, (0, 5), space).way_words(0.5) == (
        "Halfway between slow ambient and fast metal"
    )
    assert PathWords(tracks, (0, 4), space).style_of(4) == "trip hop"
    assert PathWords(tracks, (3, 6), space).way_words(0.5) == (
        "Halfway between “Song 3” by Band 3 and “Song 6” by Band 6"
    )


def test_sound_is_followed_where_both_ends_were_heard():
    sound = np.zeros((60, 2))
    sound[:30] = [1.0, 0.0]
    from segue.models.sound import SoundKNN

    model = SoundKNN().from_arrays(
        {"vectors": sound, "hub": np.zeros(60), "known": sound.any(axis=1)}
    )
    from segue.pipeline.candidates import Source

    sources = (*SOURCES, Source("sound", model))
    assert space_of(sources, (0, 5)).name == "sound"
    assert space_of(sources, (0, 45)).name == "content"
    inner = rows_of(ask((0, 5), sources=sources))[1:-1]
    assert max(inner) < 30  # what was not heard has no place on a way through sound


@pytest.mark.parametrize("seeds", [(), (3,), (1, 2, 3)])
def test_a_path_needs_two_tracks(seeds):
    with pytest.raises(InvalidInputError, match="two different tracks"):
        ask(seeds)
    with pytest.raises(InvalidInputError, match="at least two"):
        ask((1, 2), n=1)


def test_a_subtracted_track_is_no_end():
    query = Query("path", Profile.empty(), 5, seeds={1: 1.0, 2: -1.0}, now=NOW)
    with pytest.raises(InvalidInputError, match="two different tracks"):
        build_list(query, LIBRARY, SOURCES, PATH)


def test_without_any_space_the_way_is_drawn_and_says_so():
    ranked = ask((0, 5), sources=standard_sources({}, LIBRARY))
    assert ranked.fallback == "shuffled"
    assert rows_of(ranked)[0] == 0
    assert len(set(rows_of(ranked))) == 10


@settings(max_examples=80, deadline=None)
@given(
    ends=st.lists(st.integers(0, 59), min_size=2, max_size=2, unique=True),
    n=st.integers(2, 40),
    seed=st.integers(0, 99),
    disliked=st.lists(st.integers(0, 59), max_size=5),
    genres=st.sampled_from([(), ("ambient",)]),
    year_from=st.sampled_from([None, 2000]),
)
def test_no_path_breaks_a_rule(ends, n, seed, disliked, genres, year_from):
    rng = np.random.default_rng(seed)
    tracks = dataclasses.replace(
        LIBRARY,
        owned=rng.random(60) < 0.8,
        recording_idx=rng.integers(0, 60, 60).astype(np.int32),
    )
    blocked = rng.random(60) < 0.2
    taste = profile([event(f"t{row}", EventKind.DISLIKE) for row in disliked], tracks)
    controls = Controls(genres=genres, year_from=year_from)
    ranked = ask(ends, n, tracks, taste=taste, blocked=blocked, controls=controls)
    rows = rows_of(ranked)
    assert len(rows) == len(set(rows)) <= n
    for row in rows:
        assert tracks.owned[row]
        assert not blocked[row]
        assert row not in disliked
    for end in ends:
        fine = tracks.owned[end] and not blocked[end] and end not in disliked
        assert (end in rows) == fine
    inner = [row for row in rows if row not in ends]
    used = [int(tracks.recording_idx[row]) for row in inner]
    assert len(set(used)) == len(used)
    assert not set(used) & {int(tracks.recording_idx[end]) for end in ends}
    for row in inner:
        assert not genres or row % 3 == 0
        assert year_from is None or tracks.year[row] >= year_from
    assert all(place.reasons for place in ranked.tracks)
