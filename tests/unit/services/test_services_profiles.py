"""A profile made of what was read before and what is new is the one made of everything."""

import dataclasses

import numpy as np
import pytest

from segue.data import compiled
from segue.data.feedback import Preferences
from segue.data.records import NeverPlayScope
from segue.pipeline import diversify_kernels, rank_kernels, ranking_kernels, trees_kernels
from segue.services import profiles as module
from segue.services.profiles import PROFILE_LIFE_S, Profiles
from segue.services.serving import warmed
from support.app import NOW, Watched


@pytest.fixture
def reads(trained, monkeypatch):
    """After which event each reading of a history began."""
    history, begun = trained.app.history._history, []
    original = type(history).columns_of
    monkeypatch.setattr(
        type(history), "columns_of",
        lambda self, listener, tracks, durations, after_id=0:
        begun.append(after_id) or original(self, listener, tracks, durations, after_id),
    )  # fmt: skip
    return begun


@pytest.fixture
def kept(trained):
    return Profiles(trained.app.history._history, trained.clock)


def fresh(house):
    return Profiles(house.app.history._history, house.clock)


def assert_equal(a, b):
    for field in dataclasses.fields(Preferences):
        np.testing.assert_array_equal(getattr(a.known, field.name), getattr(b.known, field.name))
    np.testing.assert_array_equal(a.recent, b.recent)
    assert a.n_unknown == b.n_unknown


def test_new_events_are_added_to_those_read_before(trained, kept, reads):
    ada, serving = trained.id_of("ada"), trained.app.models.current()
    for kind, title, at in (("play", "Song 0-0", NOW), ("love", "Song 0-1", NOW),
                            ("unlove", "Song 0-1", NOW), ("play", "Song 0-0", NOW - 9e5),
                            ("rate", "Song 1-1", NOW)):  # fmt: skip
        more = {"value": 4.0} if kind == "rate" else {}
        trained.tell("ada", kind, title, at=at, **more)
        grown = kept.of(ada, serving)[0]
        assert_equal(grown, fresh(trained).of(ada, serving)[0])
    of_kept = reads[::2]
    assert of_kept[0] == 0
    assert of_kept[1] > 0
    assert of_kept[1:] == sorted(set(of_kept[1:]))


def test_an_event_taken_back_has_everything_read_anew(trained, kept, reads):
    ada, serving = trained.id_of("ada"), trained.app.models.current()
    trained.tell("ada", "love", "Song 0-0")
    trained.tell("ada", "love", "Song 0-1")
    kept.of(ada, serving)
    (first, _) = trained.app.history._history.events_of(ada)
    trained.app.history._history.retract(ada, first.id, NOW)
    after = kept.of(ada, serving)[0]
    assert reads == [0, 0]
    assert len(after.known) == 1
    assert_equal(after, fresh(trained).of(ada, serving)[0])


def test_an_hour_and_another_set_have_everything_read_anew(trained, kept, reads):
    ada = trained.id_of("ada")
    trained.tell("ada", "love", "Song 0-0")
    kept.of(ada, trained.app.models.current())
    trained.clock.now += PROFILE_LIFE_S
    kept.of(ada, trained.app.models.current())
    trained.app.training.train(Watched())
    trained.app.models.refresh()
    kept.of(ada, trained.app.models.current())
    assert reads == [0, 0, 0]


def test_events_are_kept_of_the_listeners_of_late_only(trained, kept, reads, monkeypatch):
    monkeypatch.setattr(module, "MAX_CACHED_EVENTS", 1)
    serving = trained.app.models.current()
    for name in ("ada", "bob"):
        trained.tell(name, "love", "Song 0-0")
        kept.of(trained.id_of(name), serving)
    trained.tell("ada", "love", "Song 0-1")
    again = kept.of(trained.id_of("ada"), serving)[0]
    assert reads == [0, 0, 0]
    assert_equal(again, fresh(trained).of(trained.id_of("ada"), serving)[0])


def test_a_like_leaves_the_mask_of_never_play_the_same_object(trained, kept):
    ada, serving = trained.id_of("ada"), trained.app.models.current()
    trained.app.history.never_play(ada, NeverPlayScope.TRACK, trained.track("Song 3-0"))
    trained.tell("ada", "love", "Song 0-0")
    mask = kept.of(ada, serving)[1]
    trained.tell("ada", "love", "Song 0-1")
    assert kept.of(ada, serving)[1] is mask
    trained.app.history.never_play(ada, NeverPlayScope.TRACK, trained.track("Song 3-1"))
    assert kept.of(ada, serving)[1].sum() == 2


def test_what_was_made_of_an_earlier_model_set_is_let_go_of(trained):
    recommend = trained.app.recommend
    for name in ("ada", "bob"):
        recommend.list(trained.id_of(name))
        recommend.moment(trained.id_of(name))
    trained.clock.now += 60.0
    trained.app.training.train(Watched())
    serving = trained.app.models.refresh()
    recommend.list(trained.id_of("ada"))
    recommend.moment(trained.id_of("ada"))
    for kept in (recommend._lists, recommend._moments):
        assert [made_from[0] is serving for made_from, _, _ in kept._answers.values()] == [True]
    assert [held[0] is serving for held in recommend._scores._kept.values()] == [True]


def test_nothing_is_compiled_for_a_listener_after_a_set_is_ready(trained, monkeypatch):
    monkeypatch.setattr(compiled, "DENSE_LIMIT", -1)
    serving, ada = trained.app.models.current(), trained.id_of("ada")
    trained.tell("ada", "love", "Song 0-0")
    trained.tell("ada", "skip", "Song 4-0")
    warmed(serving)
    before = _signatures()
    assert "mend_ties" in {name for name, _ in before}
    trained.app.recommend.list(ada, "for_you", 10)
    assert _signatures() == before


def _signatures():
    """What is compiled of each kernel of lists, by name and types."""
    kernels = (diversify_kernels, rank_kernels, ranking_kernels, trees_kernels)
    return {
        (name, str(signature))
        for module_ in kernels for name, kernel in vars(module_).items()
        if hasattr(kernel, "nopython_signatures")
        for signature in kernel.nopython_signatures
    }  # fmt: skip
