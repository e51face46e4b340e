"""Simulated listeners against the formula by hand, and radios that play to them."""

import dataclasses
import math

import numpy as np
import pytest

from segue.errors import InvalidDataError
from segue.evaluation.radio_sessions import Radio, play
from segue.evaluation.simulator import Simulator, SimulatorParams
from support.pipeline_library import NOW, fitted_sources, table

FOLLOWS = Radio("follows", profile=True, finished=0.5, skipped=-0.5)


@pytest.fixture(scope="module")
def library():
    return table()


@pytest.fixture(scope="module")
def sources(library):
    return fitted_sources(library)


@pytest.fixture(scope="module")
def world(library):
    return Simulator.of(library, 4, seed=7)


def by_hand(world, session, library, track):
    """Track i is of genre i % 3 alone and by artist i % 20."""
    p = world.params
    utility = p.warmth + world.genre_taste[session.listener, track % 3] + session.mood[track % 3]
    utility += world.artist_taste[session.listener, track % 20]
    for ago, before in enumerate(reversed(session.played)):
        same = (before % 20 == track % 20) + 0.5 * (before % 3 == track % 3)
        utility -= p.boredom * p.recovery**ago * same
    gone = p.inattention * (1 - math.exp(-len(session.played) / p.attention_tracks))
    return (1 - gone) * math.exp(-math.exp(utility))


def test_the_chance_of_a_skip_is_the_formula(world, library):
    session = world.session(1, 0)
    for track in (3, 23, 4, 3, 6):
        assert session.skip_probability(track) == pytest.approx(by_hand(world, session, library,
                                                                        track))  # fmt: skip
        session.offer(track)


def test_boredom_with_an_artist_fades(world):
    session = world.session(0, 0)
    fresh = session.boredom_with(3)
    session.offer(23)  # the same artist, another genre
    bored = session.boredom_with(3)
    session.offer(10)
    assert fresh == 0
    assert bored == pytest.approx(world.params.boredom)
    assert 0 < session.boredom_with(3) < bored


def test_a_session_is_the_same_each_time_and_another_is_not(world):
    first, again, other = world.session(2, 0), world.session(2, 0), world.session(2, 1)
    np.testing.assert_array_equal(first.patience, again.patience)
    assert first.seed_track() == again.seed_track()
    assert (first.patience != other.patience).all()


def test_skips_are_as_frequent_as_the_chance_says(library):
    """Many listeners of no taste and no mood, at the first place: one probability for all."""
    bland = SimulatorParams(genre_scale=0.0, artist_scale=0.0, mood_scale=0.0)
    world = Simulator.of(library, 1500, 3, bland)
    skips = np.mean([world.session(listener, 0).offer(5) for listener in range(1500)])
    expected = math.exp(-math.exp(bland.warmth))
    assert abs(skips - expected) < 4 * math.sqrt(expected * (1 - expected) / 1500)


def test_without_genres_there_is_nobody_to_simulate(library):
    bare = dataclasses.replace(library, term_kinds=["tag"] * 5)
    with pytest.raises(InvalidDataError, match="genre"):
        Simulator.of(bare, 2, 0)


def test_a_fixed_radio_plays_one_list_and_no_radio_plays_a_track_twice(world, library, sources):
    for radio in (Radio("fixed"), FOLLOWS):
        session = world.session(0, 0)
        skips = play(radio, session, library, sources, 12, NOW)
        assert len(skips) == len(session.played) == len(set(session.played)) == 12
        assert session.seed_track() not in session.played


def test_a_radio_that_follows_keeps_artists_apart_as_one_list_does(world, library, sources):
    session = world.session(1, 0)
    play(FOLLOWS, session, library, sources, 15, NOW)
    artists = [track % 20 for track in session.played]
    assert all(artists[i] not in artists[max(i - 3, 0) : i] for i in range(15))


def test_a_radio_that_follows_turns_away_from_what_is_skipped(library, sources):
    """Who bears one genre alone gets more of it than from a list that does not listen."""
    params = SimulatorParams(genre_scale=0.0, artist_scale=0.0, mood_scale=3.0, inattention=0.0,
                             boredom=0.0)  # fmt: skip
    world = Simulator.of(library, 12, 5, params)
    rates = [
        np.mean([play(radio, world.session(i, 0), library, sources, 12, NOW) for i in range(12)])
        for radio in (Radio("fixed"), FOLLOWS)
    ]
    assert rates[1] < rates[0]
