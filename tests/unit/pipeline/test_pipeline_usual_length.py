import dataclasses

import msgspec
import numpy as np
import pytest

from segue.data.query import Profile, Query
from segue.pipeline.build import build_list
from segue.pipeline.stations import RECIPES, STATIONS
from support.pipeline_library import NOW, group_for, needed

LENGTHS = (12.0, 200.0, 240.0, 3600.0)  # a jingle, two songs, a mix


def listed(station, tracks, sources, listener, **controls):
    own, seeds = needed(STATIONS[station])
    asked = msgspec.structs.replace(own, **controls)
    group = group_for(STATIONS[station], listener)
    query = Query(station, listener, 60, asked, seeds, now=NOW, group=group)
    return build_list(query, tracks, sources)


def seconds(ranked, tracks):
    return {float(tracks.duration_s[tracks.ids.index(t.track_id)]) for t in ranked.tracks}


@pytest.fixture
def mixed(library):
    return dataclasses.replace(library, duration_s=np.resize(np.float32(LENGTHS), len(library)))


STRICT = [recipe.name for recipe in RECIPES if recipe.usual_length]


def test_radios_similar_for_you_and_discover_keep_to_usual_lengths():
    assert {"for_you", "because", "similar", "radio_track", "discover"} <= set(STRICT)
    assert not {"on_repeat", "new_in_library", "rediscover"} & set(STRICT)


@pytest.mark.parametrize("station", STRICT)
@pytest.mark.parametrize("warm", [True, False])
def test_no_jingle_and_no_mix_comes_in_unasked_and_the_list_counts_them(
    mixed, sources, taste, station, warm
):
    ranked = listed(station, mixed, sources, taste if warm else Profile.empty())
    assert seconds(ranked, mixed) == {200.0, 240.0}
    assert ranked.fallback != "any_length"
    n_allowed = 20 if station == "genre" else 60
    gone = ranked.stages[0].removed["unusual_length"]
    assert n_allowed / 2 - 4 <= gone <= n_allowed / 2  # some fell to earlier rules


def test_they_come_in_when_asked_for(mixed, sources, taste):
    ranked = listed("for_you", mixed, sources, taste, min_duration_s=0.0, max_duration_s=7200.0)
    assert seconds(ranked, mixed) == set(LENGTHS)
    assert "unusual_length" not in ranked.stages[0].removed


def test_stations_that_show_what_was_played_keep_everything(mixed, sources, taste):
    assert seconds(listed("new_in_library", mixed, sources, taste), mixed) == set(LENGTHS)


@pytest.mark.parametrize("station", STRICT)
def test_a_library_of_short_pieces_gets_its_lists_and_they_say_so(library, sources, taste, station):
    tracks = dataclasses.replace(library, duration_s=np.full(len(library), 9.0, np.float32))
    ranked = listed(station, tracks, sources, taste)
    assert ranked.tracks
    usual = listed(station, library, sources, taste)
    assert [t.track_id for t in ranked.tracks] == [t.track_id for t in usual.tracks]
    assert ranked.fallback == (usual.fallback or "any_length")
