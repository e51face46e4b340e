"""Lists and tracks that are kept are given again only while they are still true."""

import pytest

from segue.data.query import Controls, Profile
from segue.data.records import EventKind, NeverPlayScope, TrackTags
from segue.services.shown import Kept, ScoresOfListeners
from segue.store.catalog_records import TrackEntry


def listed(house, **more):
    return house.app.recommend.list(house.id_of("ada"), "for_you", 10, **more)


def test_a_list_is_the_very_same_while_nothing_changed(house):
    assert listed(house) is listed(house)
    assert listed(house) is not listed(house, controls=Controls(variety=0.9))


def test_an_event_of_the_listener_makes_a_new_list_with_its_mark(house):
    before = listed(house)
    title = before.tracks[0].track.title
    house.tell("ada", EventKind.LOVE, title)
    after = listed(house)
    assert after is not before
    assert {view.track.title: view.loved for view in after.tracks}.get(title, True)


def test_somebody_elses_event_leaves_the_list_as_it_is(house):
    before = listed(house)
    house.tell("bob", EventKind.LOVE, before.tracks[0].track.title)
    assert listed(house) is before


def test_a_never_play_rule_counts_at_once(house):
    track_id = listed(house).tracks[0].track.id
    house.app.history.never_play(house.id_of("ada"), NeverPlayScope.TRACK, track_id)
    assert track_id not in {view.track.id for view in listed(house).tracks}


def test_the_revision_changes_with_every_commit_and_only_then(house):
    database = house.app.database
    first = database.revision()
    assert database.revision() == first
    house.tell("ada", EventKind.LOVE, listed(house).tracks[0].track.title)
    assert database.revision() != first


@pytest.mark.parametrize("now", [160.0, 99.0])  # too old, and the clock was put back
def test_an_answer_does_not_outlive_its_time(now):
    kept: Kept[object] = Kept(life_s=60.0)
    first = kept.get("question", (), 100.0, object)
    assert kept.get("question", (), 159.0, object) is first
    assert kept.get("question", (), now, object) is not first


def test_an_answer_from_something_else_is_made_anew():
    kept: Kept[object] = Kept()
    ground = object()
    first = kept.get("question", (ground,), 0.0, object)
    assert kept.get("question", (ground,), 1.0, object) is first
    assert kept.get("question", (object(),), 1.0, object) is not first


def test_the_answer_longest_unmade_is_forgotten_first():
    kept: Kept[object] = Kept(size=2)
    one, two, _ = (kept.get(question, (), 0.0, object) for question in "abc")
    assert kept.get("b", (), 0.0, object) is two
    assert kept.get("a", (), 0.0, object) is not one


def test_totals_are_counted_once_until_the_catalogue_changes(house, monkeypatch):
    counted = []
    original = type(house.app.catalog).counts
    monkeypatch.setattr(
        type(house.app.catalog), "counts", lambda self: counted.append(1) or original(self)
    )
    ada = house.id_of("ada")
    first = house.app.recommend.home(ada).counts
    house.tell("ada", EventKind.LOVE, house.app.recommend.list(ada).tracks[0].track.title)
    assert house.app.recommend.home(ada).counts == first
    assert len(counted) == 1
    house.app.catalog.add_tracks([TrackEntry(tags=TrackTags(title="One more"))], 1.0)
    assert house.app.recommend.home(ada).counts.n_tracks == first.n_tracks + 1
    assert len(counted) == 2


def test_scores_are_kept_for_one_listener_one_model_set_and_one_profile():
    kept, models, profile = ScoresOfListeners(size=2), object(), Profile.empty()
    first = kept.of("ada", models, profile)
    assert kept.of("ada", models, profile) is first
    assert kept.of("bob", models, profile) is not first
    assert kept.of("ada", object(), profile) is not first  # another set was published
    second = kept.of("ada", models, profile)
    assert second is not first
    assert kept.of("ada", models, Profile.empty()) is not second  # an event came in


def test_the_listener_who_asked_longest_ago_is_forgotten_first():
    kept, models, profile = ScoresOfListeners(size=2), object(), Profile.empty()
    ada = kept.of("ada", models, profile)
    bob = kept.of("bob", models, profile)
    assert kept.of("ada", models, profile) is ada
    kept.of("eve", models, profile)
    assert kept.of("ada", models, profile) is ada
    assert kept.of("bob", models, profile) is not bob
