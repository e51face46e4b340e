import dataclasses

import numpy as np
import pytest

from segue.data.query import Controls, Profile, Query
from segue.data.records import EventKind
from segue.errors import InvalidInputError
from segue.pipeline.controls import (
    Heard,
    allowed_tracks,
    one_of_each_recording,
    only_usual_length,
)
from segue.pipeline.rank import Ranking
from support.pipeline_library import event, profile, table


def query(controls=None, listener=None, **values):
    return Query("for_you", listener or Profile.empty(), 10, controls or Controls(), **values)


def rows(mask):
    return set(np.flatnonzero(mask).tolist())


def test_everything_is_allowed_without_controls(library):
    allowed, removed = allowed_tracks(query(), library)
    assert allowed.all()
    assert removed == {}


def test_never_play_and_dislike_are_out_and_counted(library, taste):
    blocked = np.zeros(len(library), bool)
    blocked[[4, 5]] = True
    allowed, removed = allowed_tracks(query(listener=taste, blocked=blocked), library)
    assert rows(~allowed) == {4, 5, 12}
    assert removed == {"never_play": 2, "disliked": 1}


def test_a_track_that_two_rules_exclude_is_counted_once(library):
    blocked = np.arange(len(library)) < 10
    tracks = dataclasses.replace(library, explicit=np.arange(len(library)) < 12)
    _, removed = allowed_tracks(query(Controls(allow_explicit=False), blocked=blocked), tracks)
    assert removed == {"never_play": 10, "explicit": 2}


def test_only_owned_tracks_unless_asked_otherwise(library):
    tracks = dataclasses.replace(library, owned=np.arange(len(library)) % 2 == 0)
    assert rows(allowed_tracks(query(), tracks)[0]) == set(range(0, len(library), 2))
    assert allowed_tracks(query(Controls(owned_only=False)), tracks)[0].all()


def test_genres_match_by_name_in_any_case_and_any_of_several(library):
    allowed, removed = allowed_tracks(query(Controls(genres=("AMBIENT", "Metal"))), library)
    assert rows(allowed) == {i for i in range(len(library)) if i % 3 in (0, 2)}
    assert removed == {"genre": len(library) // 3}


def test_an_unknown_genre_or_a_decade_of_that_name_allows_nothing(library):
    for name in ("polka", "1990s"):
        allowed, removed = allowed_tracks(query(Controls(genres=(name,))), library)
        assert not allowed.any()
        assert removed == {"genre": len(library)}


def test_years_include_both_ends_and_leave_out_the_unknown():
    tracks = dataclasses.replace(table(4), year=np.array([0, 1991, 1995, 1999], np.int16))
    allowed, _ = allowed_tracks(query(Controls(year_from=1991, year_to=1995)), tracks)
    assert rows(allowed) == {1, 2}
    assert rows(allowed_tracks(query(Controls(year_to=1995)), tracks)[0]) == {1, 2}


def test_lengths_include_both_ends_and_leave_out_the_unknown():
    duration = np.array([np.nan, 100, 200, 300], np.float32)
    tracks = dataclasses.replace(table(4), duration_s=duration)
    limits = Controls(min_duration_s=100, max_duration_s=200)
    assert rows(allowed_tracks(query(limits), tracks)[0]) == {1, 2}
    assert rows(allowed_tracks(query(Controls(max_duration_s=200)), tracks)[0]) == {1, 2}


def lengths(*seconds):
    return dataclasses.replace(table(len(seconds)), duration_s=np.array(seconds, np.float32))


def test_usual_lengths_are_30_s_to_20_min_and_the_unknown_stay():
    tracks = lengths(29.9, 30, 200, 1200, 1201, np.nan)
    usual, n_gone, lifted = only_usual_length(query(), tracks, np.ones(6, bool))
    assert (rows(usual), n_gone, lifted) == ({1, 2, 3, 5}, 2, False)


def test_a_length_that_was_asked_for_replaces_the_usual_one():
    tracks, every = lengths(10, 200, 2000), np.ones(3, bool)
    cases = [
        ({"min_duration_s": 0.0}, {0, 1}),
        ({"max_duration_s": 3600.0}, {1, 2}),
        ({"min_duration_s": 0.0, "max_duration_s": 3600.0}, {0, 1, 2}),
    ]
    for asked, kept in cases:
        assert rows(only_usual_length(query(Controls(**asked)), tracks, every)[0]) == kept


@pytest.mark.parametrize(("n_usual", "lifted"), [(0, True), (1, True), (2, False)])
def test_a_library_of_which_under_a_tenth_is_usual_keeps_all(n_usual, lifted):
    tracks = lengths(*[200] * n_usual, *[5] * (20 - n_usual))
    allowed, n_gone, was_lifted = only_usual_length(query(), tracks, np.ones(20, bool))
    assert was_lifted is lifted
    assert len(rows(allowed)) == (20 if lifted else n_usual)
    assert n_gone == (0 if lifted else 20 - n_usual)


def test_what_is_not_allowed_anyway_is_not_counted_as_unusual():
    tracks = lengths(5, 5, 200, 200)
    allowed, n_gone, lifted = only_usual_length(query(), tracks, np.array([1, 0, 1, 0], bool))
    assert (rows(allowed), n_gone, lifted) == ({2}, 1, False)
    assert only_usual_length(query(), tracks, np.zeros(4, bool))[1:] == (0, False)


def test_new_only_leaves_out_other_versions_of_what_was_heard(library):
    recording = library.recording_idx.copy()
    recording[50] = 0
    tracks = dataclasses.replace(library, recording_idx=recording)
    heard = profile([event("t0")], tracks)
    for asked, rule in ((query(listener=heard), Heard.NEVER),
                        (query(Controls(familiar=0.0), heard), Heard.ANY)):  # fmt: skip
        allowed, removed = allowed_tracks(asked, tracks, rule)
        assert rows(~allowed) == {0, 50}
        assert removed == {"heard_before": 2}


def test_familiar_one_allows_only_tracks_with_an_event(library):
    heard = profile([event("t0"), event("t8", EventKind.SKIP, played_s=2.0)], library)
    assert rows(allowed_tracks(query(Controls(familiar=1.0), heard), library)[0]) == {0, 8}


def test_a_seed_and_its_versions_are_not_part_of_the_list(library):
    recording = library.recording_idx.copy()
    recording[50] = 7
    tracks = dataclasses.replace(library, recording_idx=recording)
    assert rows(~allowed_tracks(query(seeds={7: 1.0}), tracks)[0]) == {7, 50}


def test_a_mask_of_another_length_is_refused(library):
    with pytest.raises(InvalidInputError, match="60 rows"):
        allowed_tracks(query(blocked=np.zeros(3, bool)), library)


def test_of_several_versions_the_best_placed_stays():
    tracks = dataclasses.replace(table(5), recording_idx=np.array([0, 1, 0, 1, 4], np.int32))
    order = np.array([3, 2, 1, 0, 4], np.int32)
    ranking = Ranking(order, np.linspace(1, 0.5, 5), np.ones((5, 1)), np.zeros(5, np.int32))
    assert one_of_each_recording(ranking, tracks).track_idx.tolist() == [3, 2, 4]
