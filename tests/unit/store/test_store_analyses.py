import numpy as np
import pytest

from segue.data.vocabulary import Vocabulary
from segue.store.analyses import Analyses, Analysis


@pytest.fixture
def analyses(db):
    return Analyses(db)


@pytest.fixture
def songs(scan, entry):
    return scan(entry("/m/a"), entry("/m/b"), entry("/m/c")).added_track_ids


def of(track_id, *values, heard="1-1", problem=None):
    vector = np.array(values, "<f4").tobytes()
    return Analysis(track_id=track_id, heard=heard, analysed_at=5.0, problem=problem, vector=vector)


def heard_of(analyses):
    return {one.track_id: one.heard for one in analyses.unheard("sound", 1)}


def test_a_file_waits_until_it_was_heard_and_again_when_it_changed(analyses, songs):
    waiting = heard_of(analyses)
    assert set(waiting) == set(songs)
    a, b, _ = songs
    analyses.save("sound", 1, [of(a, 1.0, heard=waiting[a]), of(b, 2.0, heard="another file")])
    assert set(heard_of(analyses)) == set(songs) - {a}
    assert len(analyses.unheard("sound", 2)) == 3


def test_what_is_played_most_is_heard_first(analyses, songs, history, event):
    loved = songs[2]
    history.append([event(track=loved) for _ in range(3)])
    assert analyses.unheard("sound", 1)[0].track_id == loved


def test_a_file_that_could_not_be_heard_is_counted_with_its_reason_and_not_tried_again(
    analyses, songs
):
    waiting = heard_of(analyses)
    a, b, _ = songs
    analyses.save("sound", 1, [of(a, heard=waiting[a], problem="broken"),
                               of(b, 1.0, heard=waiting[b])])  # fmt: skip
    counts = analyses.counts("sound", 1)
    assert (counts.n_tracks, counts.n_heard, counts.n_problems) == (3, 1, 1)
    assert analyses.problems("sound", 1) == [(a, "broken")]
    assert a not in heard_of(analyses)


def test_vectors_come_in_the_order_asked_with_nan_where_nothing_is_known(analyses, songs):
    a, b, c = songs
    assert analyses.vectors("sound", Vocabulary(songs)) is None
    analyses.save("sound", 1, [of(c, 3.0, 4.0), of(a, 1.0, 2.0)])
    matrix, version = analyses.vectors("sound", Vocabulary([c, b, a]))
    assert version == 1
    np.testing.assert_array_equal(matrix, [[3.0, 4.0], [np.nan, np.nan], [1.0, 2.0]])


def test_the_old_version_serves_until_the_new_one_knows_as_much(analyses, songs):
    a, b, _ = songs
    analyses.save("sound", 1, [of(a, 1.0), of(b, 2.0)])
    analyses.save("sound", 2, [of(a, 7.0)])
    analyses.forget_older("sound", 2)
    assert analyses.vectors("sound", Vocabulary(songs))[1] == 1
    analyses.save("sound", 2, [of(b, 8.0)])
    assert analyses.vectors("sound", Vocabulary(songs))[1] == 2
    analyses.forget_older("sound", 2)
    assert analyses.counts("sound", 1).n_heard == 0


def test_hearing_a_track_again_replaces_what_was_known(analyses, songs):
    analyses.save("sound", 1, [of(songs[0], 1.0)])
    analyses.save("sound", 1, [of(songs[0], 9.0), of("gone", 5.0)])
    matrix, _ = analyses.vectors("sound", Vocabulary(songs))
    assert matrix[0, 0] == 9.0
    assert analyses.counts("sound", 1).n_heard == 1
