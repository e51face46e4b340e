"""A ranking of a moment ago answers only what asks for the very same ranking."""

import dataclasses

import numpy as np
import pytest

from segue.data.leanings import Leanings
from segue.data.query import Controls, Query
from segue.pipeline import build
from segue.pipeline.build import build_list
from segue.pipeline.kept import RANKING_LIFE_S, KeptScores
from segue.pipeline.stations import STATIONS
from support.pipeline_library import NOW, event, fitted_sources, profile, table


@pytest.fixture(scope="module")
def library():
    return table()


@pytest.fixture(scope="module")
def sources(library):
    return fitted_sources(library)


@pytest.fixture
def query(library):
    taste = profile([event("t3"), event("t9"), event("t12"), event("t4", days_ago=3)], library)
    blocked = np.zeros(len(library), bool)
    blocked[6] = True
    return Query("for_you", taste, 15, blocked=blocked, now=NOW)


@pytest.fixture
def rankings(monkeypatch):
    """How often candidates were gathered for a list."""
    made = []
    original = build._Run.candidates
    monkeypatch.setattr(build._Run, "candidates", lambda *given: made.append(1) or original(*given))
    return made


def facts(ranked):
    stages = [(s.stage, s.n_in, s.n_out, s.removed) for s in ranked.stages]
    return ranked.tracks, ranked.fallback, stages


ORDERS_ONLY = {
    "variety": Controls(variety=0.9),
    "artist gap": Controls(artist_gap=0),
    "album gap": Controls(album_gap=9),
}


@pytest.mark.parametrize("turned", ORDERS_ONLY)
def test_a_control_that_only_orders_finds_the_ranking(query, library, sources, rankings, turned):
    kept = KeptScores(query.profile)
    build_list(query, library, sources, kept=kept)
    other = dataclasses.replace(query, controls=ORDERS_ONLY[turned], before=[3, 9])
    found = build_list(other, library, sources, kept=kept)
    assert len(rankings) == 1
    assert facts(found) == facts(build_list(other, library, sources))
    assert sum(stage.duration_ms for stage in found.stages if stage.stage == "rank") == 0


def masked(query, row):
    blocked = query.blocked.copy()
    blocked[row] = True
    return dataclasses.replace(query, blocked=blocked)


CHANGES = {
    "another length": lambda q: dataclasses.replace(q, n=16),
    "a filter": lambda q: dataclasses.replace(q, controls=Controls(year_from=1995)),
    "the familiar control": lambda q: dataclasses.replace(q, controls=Controls(familiar=0.9)),
    "a never-play rule": lambda q: masked(q, 9),
    "no rules any more": lambda q: dataclasses.replace(q, blocked=None),
    "seeds": lambda q: dataclasses.replace(q, seeds={5: 1.0}),
    "another draw": lambda q: dataclasses.replace(q, seed=8),
    "own words": lambda q: dataclasses.replace(q, leanings=Leanings(genres=(("metal", 1.0),))),
    "a minute later": lambda q: dataclasses.replace(q, now=NOW + RANKING_LIFE_S),
    "the clock put back": lambda q: dataclasses.replace(q, now=NOW - 1.0),
    "tracks shown lately": lambda q: dataclasses.replace(q, stale=masked(q, 12).blocked),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_decides_about_tracks_makes_another_ranking(query, library, sources, rankings, what):
    kept = KeptScores(query.profile)
    build_list(query, library, sources, kept=kept)
    other = CHANGES[what](query)
    found = build_list(other, library, sources, kept=kept)
    assert len(rankings) == 2
    assert facts(found) == facts(build_list(other, library, sources))


def test_an_equal_mask_is_the_same_rule(query, library, sources, rankings):
    kept = KeptScores(query.profile)
    build_list(query, library, sources, kept=kept)
    same = dataclasses.replace(query, blocked=query.blocked.copy())
    build_list(same, library, sources, kept=kept)
    assert len(rankings) == 1


def test_another_station_and_another_listener_have_rankings_of_their_own(
    query, library, sources, rankings
):
    kept = KeptScores(query.profile)
    build_list(query, library, sources, kept=kept)
    build_list(query, library, sources, STATIONS["collaborative"], kept=kept)
    assert len(rankings) == 2
    stranger = dataclasses.replace(query, profile=profile([event("t30")], library))
    found = build_list(stranger, library, sources, kept=kept)
    assert len(rankings) == 3
    assert facts(found) == facts(build_list(stranger, library, sources))
