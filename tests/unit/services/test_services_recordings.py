import numpy as np
import pytest

from segue.audio.fingerprint import FINGERPRINT_VERSION
from segue.audio.worker import Heard
from segue.services.analysis import AnalysisService
from segue.services.recordings import FINGERPRINTS, KIND, RecordingService, groups_of
from segue.store.analyses import Analyses, Analysis
from segue.store.recordings import Recordings
from support.app import Watched


def song(seed, n=400):
    return np.random.default_rng(seed).integers(1, 2**32, n, dtype=np.uint32)


def answers(prints):
    """A listener that has heard these, in the order asked; songs of their own after that."""

    def listen(asks, workers, should_stop):
        for number, ask in enumerate(asks):
            assert ask.what == "fingerprint"
            if should_stop():
                return
            bits = prints[number] if number < len(prints) else song(1_000 + number)
            yield Heard(ask.path, version=FINGERPRINT_VERSION, sketch=bits.astype("<u4").tobytes())

    return listen


@pytest.fixture
def make(house):
    def make(*prints):
        ticks = iter(range(10_000))
        analysis = AnalysisService(
            Analyses(house.app.database), 2, house.clock, lambda: float(next(ticks)),
            answers(prints), FINGERPRINTS,
        )  # fmt: skip
        return RecordingService(analysis, Recordings(house.app.database))

    return make


def test_a_cut_version_is_grouped_and_training_joins_it(make, house):
    before = house.app.training.dataset().tracks
    service = make(song(1), song(2), song(1)[60:])
    watched = Watched()
    report = service.run(watched)
    assert report.heard >= 3
    assert service.has_changed
    assert watched.told[-1][2].startswith("We are comparing recordings")
    groups = Recordings(house.app.database).groups()
    assert len(groups) == 2
    (group,) = set(groups.values())
    assert group == min(groups)
    after = house.app.training.dataset().tracks
    a, b = (after.ids.rows(sorted(groups))).tolist()
    assert before.recording_idx[a] != before.recording_idx[b]
    assert after.recording_idx[a] == after.recording_idx[b]
    assert len(np.unique(after.recording_idx)) == len(np.unique(before.recording_idx)) - 1


def test_a_second_run_hears_nothing_and_changes_nothing(make):
    make(song(1), song(1)[60:]).run(Watched())
    service = make()
    assert service.run(Watched()).heard == 0
    assert not service.has_changed


def test_groups_wait_until_every_file_was_heard(make, house):
    service = make(song(1), song(1)[60:])
    assert service.run(Watched(), within_s=4.0).left > 0
    assert Recordings(house.app.database).groups() == {}
    service.run(Watched())  # this listener begins with the same two again
    assert len(Recordings(house.app.database).groups()) == 4


def test_a_group_goes_when_its_tracks_differ_again(make, house):
    service = make(song(1), song(1)[60:])
    service.run(Watched())
    kept = Recordings(house.app.database)
    (first, _) = sorted(kept.groups())
    other = Analysis(track_id=first, heard="x", analysed_at=1.0,
                     sketch=song(77).astype("<u4").tobytes())  # fmt: skip
    Analyses(house.app.database).save(KIND, FINGERPRINT_VERSION, [other])
    assert service.group()
    assert kept.groups() == {}


def test_groups_are_named_after_their_smallest_track():
    pairs = np.array([[1, 3], [3, 4], [0, 2]])
    assert groups_of(list("abcdef"), pairs) == {
        "b": "b", "d": "b", "e": "b", "a": "a", "c": "a"
    }  # fmt: skip
    assert groups_of(["a"], np.empty((0, 2), np.int64)) == {}


def test_a_track_that_is_gone_is_left_out(house):
    kept = Recordings(house.app.database)
    ids = [str(id_) for id_ in house.app.catalog.track_table().ids][:2]
    assert kept.replace({ids[0]: ids[0], ids[1]: ids[0], "gone": ids[0]})
    assert kept.groups() == {ids[0]: ids[0], ids[1]: ids[0]}


def test_what_was_told_apart_stays_apart_when_all_is_compared_again(make, house):
    make(song(1), song(1)[60:]).run(Watched())
    recordings = Recordings(house.app.database)
    odd, other = sorted(recordings.groups())
    assert recordings.tell_apart(odd) == (other,)
    assert recordings.groups() == {}
    assert not make().group()
    assert recordings.groups() == {}
    tracks = house.app.training.dataset().tracks
    a, b = tracks.ids.rows([odd, other]).tolist()
    assert tracks.recording_idx[a] != tracks.recording_idx[b]


def test_a_third_version_stays_with_the_one_that_it_is_of(make, house):
    make(song(1), song(1)[60:], song(1)[30:]).run(Watched())
    recordings = Recordings(house.app.database)
    odd, *others = sorted(recordings.groups())
    recordings.tell_apart(odd)
    make().group()
    assert recordings.groups() == dict.fromkeys(others, others[0])
    assert recordings.tell_apart(odd) == ()
    assert recordings.put_back(odd) == (odd, *others)
    assert not make().group()
    assert recordings.groups() == dict.fromkeys([odd, *others], odd)
