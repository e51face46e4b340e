import dataclasses

import numpy as np
import pytest

from segue.data.dataset import TrackTable
from segue.data.items import ReasonKind
from segue.data.query import Controls, Profile, Query
from segue.data.records import EventKind
from segue.errors import InvalidDataError, InvalidInputError
from segue.pipeline.build import build_list
from segue.pipeline.candidates import Source
from segue.pipeline.rank import Ranking, drawn
from segue.pipeline.stations import RECIPES, standard_sources
from support.pipeline_library import (
    NOW,
    event,
    group_for,
    needed,
    profile,
    stocked,
    table,
    words_for,
)


def make(station, listener, tracks, sources, n=10, controls=None, **values):
    query = Query(station, listener, n, controls or Controls(), now=NOW, **values)
    return build_list(query, tracks, sources)


def ids(ranked):
    return [track.track_id for track in ranked.tracks]


def stage(ranked, name):
    return next(report for report in ranked.stages if report.stage == name)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
@pytest.mark.parametrize("warm", [True, False])
def test_every_station_gives_a_list_with_reasons(library, sources, taste, recipe, warm):
    controls, seeds = needed(recipe)
    listener = taste if warm else Profile.empty()
    tracks, group = stocked(recipe, library), group_for(recipe, listener)
    got = make(
        recipe.name, listener, tracks, sources, controls=controls, seeds=seeds, group=group,
        name="Ambient", asked=words_for(recipe),
    )  # fmt: skip
    assert got.station == recipe.name
    assert "{" not in got.title
    assert got.tracks
    assert all(track.reasons for track in got.tracks)
    if recipe.fill:
        assert len(got.tracks) == 10


def test_for_you_follows_the_taste_of_the_listener(library, sources, taste):
    got = make("for_you", taste, library, sources)
    ambient = [i for i in ids(got) if int(i[1:]) % 3 == 0]
    assert len(ambient) >= 8
    assert got.fallback is None
    assert "t12" not in ids(got)


def test_a_new_listener_gets_a_varied_list_that_says_it_knows_nothing_yet(library, sources):
    first, second = (make("for_you", Profile.empty(), library, sources, seed=s) for s in (1, 2))
    assert first.fallback == "cold_start"
    assert ids(first) != ids(second)
    assert {int(i[1:]) % 3 for i in ids(first)} == {0, 1, 2}
    kinds = {reason.kind for track in first.tracks for reason in track.reasons}
    assert kinds <= {ReasonKind.POPULAR, ReasonKind.NEW, ReasonKind.LIBRARY}


def test_with_nothing_at_all_the_library_is_shuffled_and_says_how_to_teach_it():
    tracks = TrackTable.bare(f"t{i}" for i in range(30))
    got = make("for_you", Profile.empty(), tracks, [])
    assert len(got.tracks) == 10
    texts = {reason.text for track in got.tracks for reason in track.reasons}
    assert texts == {"From your library; play or love something and this list learns"}


def test_a_track_nobody_owns_is_not_said_to_be_in_the_library():
    tracks = dataclasses.replace(table(5), owned=np.zeros(5, bool), added_at=np.zeros(5))
    got = make("for_you", Profile.empty(), tracks, [], controls=Controls(owned_only=False))
    assert {r.text.split(";")[0] for t in got.tracks for r in t.reasons} == {"From the catalogue"}


def test_because_names_the_fact_in_its_title(library, sources, taste):
    assert make("because", taste, library, sources, seeds={0: 1.0}).title == (
        "Because you loved “Song 0” by Band 0"
    )
    assert make("because", taste, library, sources, seeds={6: 1.0}).title == (
        "Because you finished “Song 6” by Band 6 three times"
    )
    assert make("because", taste, library, sources, seeds={1: 1.0}).title == (
        "Similar to “Song 1” by Band 1"
    )


def test_similar_stays_near_its_seeds_and_leaves_them_out(library, sources):
    got = make("similar", Profile.empty(), library, sources, seeds={1: 1.0, 4: 0.5}, n=6)
    assert not {"t1", "t4"} & set(ids(got))
    assert all(int(i[1:]) % 3 == 1 for i in ids(got))
    assert got.seed_track_ids == ("t1", "t4")


def test_a_negative_seed_moves_the_list_away(library, sources):
    def metal_by_content(seeds):
        got = make("similar", Profile.empty(), library, sources, seeds=seeds, n=30)
        named = [t.track_id for t in got.tracks if "content/seeds" in t.source_scores]
        return sum(int(i[1:]) % 3 == 2 for i in named)

    assert metal_by_content({1: 1.0}) > 0
    assert metal_by_content({1: 1.0, 2: -1.0}) == 0


def test_discover_has_only_music_never_heard(library, sources):
    listener = profile([event(f"t{i}") for i in range(40)], library)
    got = make("discover", listener, library, sources)
    assert all(int(i[1:]) >= 40 for i in ids(got))
    assert stage(got, "filters").removed == {"heard_before": 40}


def test_rediscover_brings_back_what_was_loved_and_left(library, sources, taste):
    got = make("rediscover", taste, library, sources)
    assert ids(got) == ["t9"]
    (reason,) = got.tracks[0].reasons
    assert reason.text == "You loved it in April and have not played it since"
    assert reason.evidence_track_ids == ("t9",)
    assert got.fallback is None


def test_rediscover_without_anything_left_names_its_fallback(library, sources):
    listener = profile([event("t0", days_ago=d) for d in (1, 2, 3)], library)
    got = make("rediscover", listener, library, sources)
    assert (ids(got), got.fallback) == (["t0"], "repeat")
    assert make("rediscover", Profile.empty(), library, sources).fallback == "popularity"


def test_on_repeat_has_what_was_finished_three_times_lately(library, sources, taste):
    got = make("on_repeat", taste, library, sources)
    assert ids(got) == ["t6"]
    assert got.tracks[0].reasons[0].text == "You finished it three times"


def test_new_in_library_is_newest_first(library, sources):
    got = make("new_in_library", Profile.empty(), library, sources)
    assert ids(got) == [f"t{i}" for i in range(10)]
    assert got.tracks[0].reasons[0].text == "New in your library: added in the last 24 hours"


def test_a_filter_that_allows_nothing_says_so(library, sources, taste):
    got = make("for_you", taste, library, sources, controls=Controls(genres=("polka",)))
    assert got.tracks == ()
    assert stage(got, "filters").removed == {"disliked": 1, "genre": 59}
    assert got.fallback is None


def test_one_allowed_track_is_always_found(library, sources, taste):
    for row in range(0, 60, 7):
        blocked = np.arange(60) != row
        for station in ("for_you", "popular", "new_in_library", "rediscover"):
            got = make(station, taste, library, sources, blocked=blocked)
            assert ids(got) == [f"t{row}"]


def test_a_fallback_fills_what_taste_cannot_and_is_named(library, sources, taste):
    tracks = dataclasses.replace(library, added_at=np.zeros(60))
    few = [source for source in sources if source.name == "taste"]
    got = make("for_you", taste, tracks, few, n=50, controls=Controls(artist_gap=0, album_gap=0))
    assert len(got.tracks) == 50
    assert got.fallback == "shuffled"
    own = stage(got, "candidates:taste").n_out
    assert {s for t in got.tracks[:own] for s in t.source_scores} == {"taste"}
    assert {s for t in got.tracks[own:] for s in t.source_scores} == {"shuffled"}


def test_many_versions_of_one_recording_do_not_shorten_the_list(sources):
    recording = np.where(np.arange(60) < 45, 0, np.arange(60)).astype(np.int32)
    tracks = dataclasses.replace(table(), recording_idx=recording)
    got = make("for_you", Profile.empty(), tracks, [], n=16)
    assert len(got.tracks) == 16


def test_spacing_that_cannot_hold_is_reported(sources):
    tracks = table(60, n_artists=1)
    got = make("popular", Profile.empty(), tracks, sources, n=5)
    assert stage(got, "relaxed:artist_gap").n_out == 4


def test_the_familiar_control_sets_the_share_of_heard_tracks(library, sources):
    listener = profile([event(f"t{i}") for i in range(30)], library)
    for familiar, wanted in ((0.0, 0), (0.2, 2), (0.5, 5), (1.0, 10)):
        got = make("for_you", listener, library, sources, controls=Controls(familiar=familiar))
        assert sum(int(i[1:]) < 30 for i in ids(got)) == wanted


def test_a_skip_moves_a_track_down_or_out_at_once(library, sources):
    liked = [event("t0", EventKind.LOVE), event("t3", EventKind.LOVE)]
    before = ids(make("for_you", profile(liked, library), library, sources, n=20))
    for track in before[:8]:
        if track in {"t0", "t3"}:
            continue
        skips = [event(track, EventKind.SKIP, d, played_s=2.0) for d in (1, 2, 3)]
        after = ids(make("for_you", profile(liked + skips, library), library, sources, n=20))
        assert (after.index(track) if track in after else 99) >= before.index(track)


def test_durations_come_from_the_timer_given_and_change_nothing_else(library, sources, taste):
    ticks = iter(range(10_000))
    query = Query("for_you", taste, 10, now=NOW)
    timed = build_list(query, library, sources, timer=lambda: float(next(ticks)))
    plain = build_list(query, library, sources)
    assert timed.tracks == plain.tracks
    assert stage(timed, "rank").duration_ms == 1000.0


def test_what_a_station_needs_is_said(library, sources, taste):
    with pytest.raises(InvalidInputError, match="no station 'x'; there are: for_you"):
        make("x", taste, library, sources)
    with pytest.raises(InvalidInputError, match="seed"):
        make("similar", taste, library, sources, seeds={1: -1.0})
    with pytest.raises(InvalidInputError, match="genre"):
        make("genre", taste, library, sources)
    with pytest.raises(InvalidInputError, match=r"0\.\.59"):
        make("similar", taste, library, sources, seeds={60: 1.0})


def test_a_model_of_another_catalogue_is_refused(library, sources, taste):
    with pytest.raises(InvalidDataError, match="60 tracks, the catalogue has 61"):
        make("popular", Profile.empty(), table(61), sources)


def test_two_sources_of_one_name_are_refused(library, sources, taste):
    with pytest.raises(InvalidInputError, match="own name"):
        make("for_you", taste, library, [*sources, sources[0]])


def test_the_first_listed_of_two_models_plays_the_role(sources):
    models = {source.name: source.model for source in sources}
    table = standard_sources({"ease": models["content"], "collective": models["taste"]})
    by_name = {source.name: source for source in table}
    assert by_name["taste"].model is models["taste"]
    assert isinstance(by_name["new"], Source)


def test_listening_alone_is_taste_only_where_no_other_model_is(sources):
    models = {source.name: source.model for source in sources}
    pair = {"edlae": models["taste"], "collective": models["content"]}
    both = {source.name: source.model for source in standard_sources(pair)}
    assert both["taste"] is models["content"]
    assert both["together"] is models["taste"]
    alone = {source.name: source.model for source in standard_sources({"edlae": models["taste"]})}
    assert alone["taste"] is alone["together"] is models["taste"]


def test_what_people_play_with_a_track_was_played_by_somebody(library, sources):
    """No genre and no artist brings a track in here: somebody has to have played both."""
    seed = 3
    listed = make("similar_listeners", Profile.empty(), library, sources, seeds={seed: 1.0})
    together = next(source.model for source in sources if source.name == "together")
    played = together.score(together.fold_in(Profile.from_weights({seed: 1.0})))
    assert listed.tracks
    assert all(played[library.ids.index(one.track_id)] > 0 for one in listed.tracks)


def test_rediscover_leads_with_what_has_faded_most_against_what_is_played_now(library, sources):
    """The rule once more: strength times 1 / (1 + trace / the median trace of what plays now)."""
    events = [
        *(event("t0", days_ago=d) for d in (100, 101, 102)),
        *(event("t3", days_ago=d) for d in range(70, 110)),
        event("t6", EventKind.LOVE, 300),
        *(event("t9", days_ago=d) for d in (1, 2, 3, 4)),
        event("t12", days_ago=5),
    ]
    listener = profile(events, library)

    def trace(n_plays, days):
        mean = ((days + 180) ** 0.5 - days**0.5) / (0.5 * 180)
        return days**-0.5 + (max(n_plays, 1) - 1) * mean

    now = (trace(4, 1.0) + trace(1, 5.0)) / 2
    worth = {
        "t0": np.log(4) * (1 - trace(3, 100.0) / (trace(3, 100.0) + now)),
        "t3": np.log(41) * (1 - trace(40, 70.0) / (trace(40, 70.0) + now)),
        "t6": 2.0 * (1 - trace(0, 300.0) / (trace(0, 300.0) + now)),
    }
    got = make("rediscover", listener, library, sources, controls=Controls(variety=0.0))
    assert ids(got) == sorted(worth, key=lambda track: -worth[track])
    assert got.tracks[0].reasons[0].text == "You loved it in January and have not played it since"


def test_a_loved_and_left_track_says_when_it_was_loved_and_played_last(library, sources):
    events = [event("t0", EventKind.LOVE, 280), event("t0", days_ago=120)]
    got = make("rediscover", profile(events, library), library, sources)
    assert got.tracks[0].reasons[0].text == (
        "You loved it in February and have not played it since July"
    )
    old = profile([event("t0", EventKind.LOVE, 700)], library)
    text = make("rediscover", old, library, sources).tracks[0].reasons[0].text
    assert text == "You loved it in December 2021 and have not played it since"


def test_luck_draws_without_replacement_in_proportion_to_the_scores():
    ranking = Ranking(np.arange(3, dtype=np.int32), np.array([3.0, 2.0, 1.0]), np.ones((3, 1)),
                      np.zeros(3, np.int64))  # fmt: skip
    firsts = [int(drawn(ranking, 1.0, seed).track_idx[0]) for seed in range(3_000)]
    np.testing.assert_allclose(np.bincount(firsts) / 3_000, [3 / 6, 2 / 6, 1 / 6], atol=0.03)
    assert drawn(ranking, 0.0, 1) is ranking
    late = dataclasses.replace(ranking, tier=np.array([0, 0, 1]))
    assert all(drawn(late, 5.0, seed).track_idx[-1] == 2 for seed in range(20))
