import numpy as np
import pytest

from segue.errors import InvalidDataError
from segue.models import cut_versions
from segue.models.cut_versions import (
    FRAMES_PER_S,
    CutMatching,
    candidates,
    cut_version_pairs,
    found_frames,
    is_same_recording,
)

HOW = CutMatching()


def song(seed, seconds=90):
    return np.random.default_rng(seed).integers(1, 2**32, FRAMES_PER_S * seconds, dtype=np.uint32)


def worn(bits, seed, share=0.06):
    """The same with a share of the bits turned over, as another encoding does."""
    flips = np.random.default_rng(seed).random((len(bits), 32)) < share
    return bits ^ np.packbits(flips, axis=1).view(">u4").ravel().astype(np.uint32)


def seconds(bits, start, stop):
    return bits[FRAMES_PER_S * start : FRAMES_PER_S * stop]


LIBRARY = {
    "another encoding": lambda s: worn(s, 1),
    "without its beginning": lambda s: worn(seconds(s, 22, 90), 2),
    "without its end": lambda s: worn(seconds(s, 0, 58), 3),
    "with the middle cut out": lambda s: worn(
        np.concatenate([seconds(s, 0, 30), seconds(s, 50, 90)]), 4
    ),
    "with another beginning": lambda s: np.concatenate([song(99, 25), worn(s, 5)]),
}


@pytest.mark.parametrize("change", LIBRARY)
def test_a_changed_version_is_joined_and_other_songs_are_not(change):
    songs = [song(seed) for seed in range(10, 20)]
    versions = [*songs, LIBRARY[change](songs[3])]
    assert cut_version_pairs(versions).tolist() == [[3, 10]]


def test_three_versions_are_three_pairs_whatever_their_order():
    one = song(1)
    versions = [worn(seconds(one, 0, 60), 1), song(2), one, song(3), worn(seconds(one, 20, 90), 2)]
    assert cut_version_pairs(versions).tolist() == [[0, 2], [0, 4], [2, 4]]


def test_a_sample_that_two_songs_share_does_not_make_them_one():
    shared = song(7, 30)
    a = np.concatenate([shared, song(8, 90)])
    b = np.concatenate([song(9, 90), worn(shared, 1)])
    assert len(list(candidates([a, b]))) == 1
    assert cut_version_pairs([a, b]).tolist() == []


def test_a_mix_that_holds_a_whole_song_is_no_version_of_it():
    inside = song(5, 60)
    assert cut_version_pairs([inside, np.concatenate([song(6, 200), inside])]).tolist() == []


def test_what_is_short_or_silent_or_missing_is_compared_with_nothing():
    silence = np.zeros(4 * 90, np.uint32)
    short = song(4, 15)
    assert cut_version_pairs([silence, silence, short, short, None, song(1)]).tolist() == []
    assert cut_version_pairs([]).tolist() == []
    assert cut_version_pairs([None, np.zeros(0, np.uint32)]).shape == (0, 2)


def naive_found(a, b, offset, max_error):
    """By plain loops: frame t of b with frame t + offset of a."""
    found = [False] * min(len(a), len(b))
    errors = {
        t: 0.5
        if a[t + offset] == 0 or b[t] == 0
        else (int(a[t + offset]) ^ int(b[t])).bit_count() / 32
        for t in range(len(b))
        if 0 <= t + offset < len(a)
    }
    for t in errors:
        window = [errors.get(t + k) for k in range(cut_versions.WINDOW)]
        if None not in window and sum(window) / cut_versions.WINDOW <= max_error:
            for k in range(cut_versions.WINDOW):
                found[t + k + (offset if len(a) < len(b) else 0)] = True
    return found


@pytest.mark.parametrize("offset", [-40, -3, 0, 5, 33])
@pytest.mark.parametrize("lengths", [(100, 70), (70, 100), (80, 80)])
def test_found_frames_are_those_of_a_plain_loop(offset, lengths):
    rng = np.random.default_rng(3)
    a = song(1, 25)[: lengths[0]]
    b = worn(np.roll(a, -offset)[: lengths[1]], 2, 0.33) if lengths[0] >= lengths[1] else None
    if b is None:
        b = worn(np.resize(np.roll(a, -offset), lengths[1]), 2, 0.33)
    b = b.copy()
    b[rng.integers(len(b), size=5)] = 0
    got = found_frames(a, b, [offset], 0.35)
    assert got.tolist() == naive_found(a, b, offset, 0.35)


def naive_candidates(known):
    votes = {}
    for i in range(len(known)):
        for j in range(i + 1, len(known)):
            for t, x in enumerate(known[i].tolist()):
                for u, y in enumerate(known[j].tolist()):
                    if x == y != 0:
                        votes.setdefault((i, j), []).append(t - u)
    return {pair: sorted(set(v)) for pair, v in votes.items() if len(v) >= 3}


def test_candidates_are_all_pairs_with_three_equal_frames():
    rng = np.random.default_rng(0)
    known = [rng.integers(0, 4000, 60).astype(np.uint32) for _ in range(8)]
    known[5][:20] = known[2][30:50]
    got = {(i, j): sorted(offsets.tolist()) for i, j, offsets in candidates(known)}
    expected = naive_candidates(known)
    assert got.keys() == expected.keys()
    assert 30 in got[2, 5]
    for pair, offsets in got.items():
        assert set(offsets) <= set(expected[pair])


def test_values_that_stand_everywhere_say_nothing():
    same = np.full(100, 77, np.uint32)
    assert list(candidates([same, same, same])) == []


def test_bounds_are_kept():
    a = song(1)
    b = np.concatenate([seconds(a, 0, 50), song(2, 40)])
    assert not is_same_recording(a, b, [0], HOW)
    assert is_same_recording(a, b, [0], CutMatching(min_share=0.5))
    assert not is_same_recording(a, b, [0], CutMatching(min_share=0.5, min_s=60.0))
    assert not is_same_recording(a, worn(a, 1, 0.4), [0], HOW)


@pytest.mark.parametrize("bad", [np.zeros(50), np.zeros((4, 2), np.uint32)])
def test_what_is_no_fingerprint_is_refused(bad):
    with pytest.raises(InvalidDataError, match="a fingerprint must be uint32"):
        cut_version_pairs([bad])
