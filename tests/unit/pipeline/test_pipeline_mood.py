import dataclasses

import numpy as np
import pytest
from scipy import sparse

from segue.data.affect import MOODS
from segue.data.dataset import Dataset, TrackTable
from segue.data.items import ReasonKind
from segue.data.query import Controls, Profile, Query
from segue.errors import InvalidInputError
from segue.models.ask import AskIndex
from segue.models.moods import TrackMoods
from segue.pipeline.build import build_list
from segue.pipeline.mood_rule import SUITS
from segue.pipeline.stations import standard_sources
from support.pipeline_library import NOW, event, fitted_sources, profile, table


def make(mood, listener, tracks, sources, n=10, **values):
    query = Query("mood", listener, n, Controls(mood=mood), now=NOW, **values)
    return build_list(query, tracks, sources)


def ids(ranked):
    return [track.track_id for track in ranked.tracks]


def test_a_mood_list_holds_only_tracks_that_suit_the_mood(library, sources, taste):
    for mood in MOODS:
        suits = TrackMoods.of(library).score(mood) >= SUITS
        got = make(mood, taste, library, sources, n=30)
        if suits.any():
            assert got.fallback is None
            assert all(suits[library.ids.index(i)] for i in ids(got)), mood
        else:
            assert got.fallback, mood
    assert suits.sum() < len(library)


def test_every_reason_of_a_mood_is_a_fact_of_the_track(library, sources):
    got = make("calm", Profile.empty(), library, sources)
    for track in got.tracks:
        reason = next(r for r in track.reasons if r.kind is ReasonKind.MOOD)
        is_ambient = int(track.track_id[1:]) % 3 == 0
        why = "; this is still, and marked ambient" if is_ambient else ", and this suits it"
        assert reason.text == f"You asked for calm{why}"  # trip hop is neither still nor marked


def test_taste_decides_the_order_among_what_suits(library, sources):
    listener = profile([event(f"t{i}") for i in (1, 4, 7, 10)], library)
    got = make("calm", listener, _all_ambient(library), sources, n=10)
    of_taste = [i for i in ids(got) if int(i[1:]) % 3 == 1]
    assert len(of_taste) >= 8


def test_a_listener_without_taste_gets_mood_by_popularity_and_is_told(library, sources):
    got = make("calm", Profile.empty(), library, sources)
    assert got.fallback == "cold_start"
    assert {s for track in got.tracks for s in track.source_scores} == {"mood", "popularity"}


def test_where_nothing_suits_the_fallback_is_named(sources, taste):
    tracks = table(genres=("metal", "punk", "noise"))
    for listener in (taste, Profile.empty()):
        got = make("sleep", listener, tracks, fitted_sources(tracks))
        assert len(got.tracks) == 10
        assert got.fallback in ("taste", "popularity")
        assert not any(r.kind is ReasonKind.MOOD for t in got.tracks for r in t.reasons)


def test_a_mood_list_is_the_same_all_day_and_another_tomorrow(library, sources):
    days = [ids(make("calm", Profile.empty(), library, sources, seed=s)) for s in (1, 1, 2)]
    assert days[0] == days[1] != days[2]


def test_a_mood_keeps_the_other_controls_and_the_stage_says_what_it_took_out(library, sources):
    blocked = np.arange(60) < 30
    got = make("calm", Profile.empty(), library, sources, blocked=blocked)
    assert all(int(i[1:]) >= 30 for i in ids(got))
    (stage,) = [report for report in got.stages if report.stage == "only:mood"]
    assert (stage.n_in, stage.n_out, stage.removed) == (30, 20, {"not_named": 10})


def test_a_mood_that_does_not_exist_and_a_missing_one_are_said(library, sources):
    with pytest.raises(InvalidInputError, match="no mood 'grim'; there are: calm, happy"):
        make("grim", Profile.empty(), library, sources)
    with pytest.raises(InvalidInputError, match="needs a mood"):
        make(None, Profile.empty(), library, sources)


def test_without_the_source_of_moods_the_list_falls_back_and_says_so(library, sources, taste):
    others = [source for source in sources if source.name != "mood"]
    assert make("calm", taste, library, others).fallback == "taste"


def _all_ambient(library):
    terms = sparse.csr_matrix(np.tile(np.eye(1, 5, dtype=np.float32), (len(library), 1)))
    return dataclasses.replace(library, terms=terms)


def test_the_mood_stands_first_in_every_line_of_a_mood_list(library, sources):
    listener = profile([event(f"t{i}") for i in (0, 3, 6, 9)], library)
    got = make("calm", listener, library, sources)
    assert all(track.reasons[0].kind is ReasonKind.MOOD for track in got.tracks)
    assert any(len(track.reasons) > 1 for track in got.tracks)


def test_heard_tracks_have_moods_without_a_single_tag():
    bare = dataclasses.replace(
        TrackTable.bare(f"t{i}" for i in range(4)),
        vectors={"sound": np.array([[0.1, 70], [0.9, 170], [np.nan] * 2, [0.2, 80]], np.float32)},
    )
    data = Dataset.from_csr(sparse.csr_matrix((0, 4)), bare)
    index = AskIndex.fit(data, [""] * 4, sound_columns={"energy": 0, "tempo_bpm": 1})
    got = make("calm", Profile.empty(), bare, standard_sources({}, bare, index))
    assert set(ids(got)) == {"t0", "t3"}
    assert got.tracks[0].reasons[0].text == "You asked for calm; this is still and slow"
    blind = make("calm", Profile.empty(), bare, standard_sources({}, bare))
    assert blind.fallback == "shuffled"


def test_lyrics_move_a_track_in_mood():
    tracks = TrackTable.bare("ab")
    said = TrackMoods.of(tracks, lyrics=["lonely tears, sorrow and pain", "la la"])
    assert said.facts["valence"][0] < -0.3
    assert np.isnan(said.facts["valence"][1])
