import dataclasses
import io

import numpy as np
import pytest

from segue.data.dataset import TrackTable
from segue.errors import InvalidDataError
from segue.models import versions
from segue.models.versions import (
    HALF_SECONDS,
    candidate_pairs,
    joined,
    mean_chroma,
    parted,
    recording_groups,
    same_recording,
    sketch_correlation,
)

RATE_HZ = 32_000  # of rendered tracks


def song(seed, n_frames=20):
    """A sketch of chords that change: three strong pitch classes a moment, others weak."""
    rng = np.random.default_rng(seed)
    frames = 60 * rng.random((n_frames, 12))
    for frame in frames:
        frame[rng.choice(12, 3, replace=False)] += 180
    return frames.astype(np.uint8)


def changed(sketch, seed, strength=6.0):
    noise = strength * np.random.default_rng(seed).normal(size=sketch.shape)
    return np.clip(sketch + noise, 0, 255).astype(np.uint8)


def naive_correlation(a, b):
    best = -1.0
    for shift in range(-2, 3):
        pairs = [(a[t + shift], b[t]) for t in range(len(b)) if 0 <= t + shift < len(a)]
        if len(pairs) < 0.5 * min(len(a), len(b)) or not pairs:
            continue
        x, y = (np.array(side, float) for side in zip(*pairs, strict=True))
        x, y = x - x.mean(axis=0), y - y.mean(axis=0)
        size = (x**2).sum() ** 0.5 * (y**2).sum() ** 0.5
        best = max(best, (x * y).sum() / size if size else 0.0)
    return best


@pytest.mark.parametrize("lengths", [(20, 20), (20, 17), (5, 9), (3, 20), (1, 1)])
def test_the_correlation_is_that_of_a_plain_loop(lengths):
    a, b = song(1, lengths[0]), song(2, lengths[1])
    assert sketch_correlation(a, b, 2) == pytest.approx(naive_correlation(a, b))
    assert sketch_correlation(a, b, 2) == pytest.approx(sketch_correlation(b, a, 2))


def test_a_noisy_or_shifted_copy_is_the_same_and_another_song_is_not():
    for seed in range(10):
        assert same_recording(song(seed), changed(song(seed), seed))
        assert same_recording(song(seed)[1:], song(seed)[:-1])
        assert not same_recording(song(seed), song(seed + 50))


def test_another_key_is_another_recording():
    assert not same_recording(song(0), np.roll(song(0), 2, axis=1))


def test_the_same_chords_in_another_order_are_another_recording():
    a = song(3)
    assert mean_chroma(a) == pytest.approx(mean_chroma(a[::-1]))
    assert not same_recording(a, a[::-1])


def test_silence_is_the_same_as_nothing():
    silent = np.zeros((20, 12), np.uint8)
    assert not same_recording(silent, silent)
    assert mean_chroma(silent).tolist() == [0.0] * 12


def library(n=40):
    """Track i + n is another file of track i for the first five; of track 1, another length."""
    sketches = [song(seed) for seed in range(n)] + [changed(song(seed), seed) for seed in range(5)]
    duration_s = np.append(100.0 + 3.0 * np.arange(n), 102.0 + 3.0 * np.arange(5))
    duration_s[n + 1] += 60
    return sketches, duration_s


def test_files_of_one_recording_are_joined_and_nothing_else_is():
    sketches, duration_s = library()
    groups = recording_groups(sketches, duration_s, np.arange(45))
    expected = np.arange(45)
    expected[[40, 42, 43, 44]] = [0, 2, 3, 4]
    assert groups.tolist() == expected.tolist()
    assert groups.dtype == np.int32


def test_what_tags_say_stays_joined_and_grows():
    sketches, duration_s = library()
    by_tags = np.arange(45)
    by_tags[40] = by_tags[7]  # tags join 40 and 7, sound joins 40 and 0
    groups = recording_groups(sketches, duration_s, by_tags)
    assert groups[0] == groups[7] == groups[40] == 0


def test_tracks_without_a_sketch_or_length_stay_as_they_were():
    sketches, duration_s = library()
    duration_s[2] = np.nan
    sketches[3] = None
    groups = recording_groups(sketches, duration_s, np.arange(45))
    assert groups[[2, 3, 42, 43]].tolist() == [2, 3, 42, 43]
    assert groups[40] == 0
    assert recording_groups([], np.empty(0), np.empty(0, np.int32)).tolist() == []


def test_candidates_are_all_pairs_within_both_bounds():
    sketches, duration_s = library()
    expected = [
        [i, j]
        for i in range(45)
        for j in range(i + 1, 45)
        if abs(duration_s[i] - duration_s[j]) <= versions.MAX_DURATION_GAP_S
        and np.abs(mean_chroma(sketches[i]) - mean_chroma(sketches[j])).max()
        <= versions.MAX_CHROMA_GAP
    ]
    assert candidate_pairs(sketches, duration_s).tolist() == expected
    assert 4 <= len(expected) < 45 * 44 / 2 / 10


def test_joining_is_transitive_and_keeps_the_smallest_number():
    assert joined(np.array([9, 5, 7]), np.array([[0, 2], [1, 2]])).tolist() == [5, 5, 5]
    assert joined(np.array([3, 3, 1]), np.empty((0, 2), np.int64)).tolist() == [3, 3, 1]


@pytest.mark.parametrize(
    "bad", [np.zeros((20, 11), np.uint8), np.zeros((0, 12), np.uint8), np.zeros((20, 12))]
)
def test_what_is_no_sketch_is_refused(bad):
    with pytest.raises(InvalidDataError, match="a sketch must be uint8"):
        same_recording(bad, song(0))
    with pytest.raises(InvalidDataError, match="2 sketches and 1 durations"):
        recording_groups([song(0), song(1)], np.zeros(1), np.arange(2))


def heard(y, sr, n_frames=20):
    """Moments of librosa's chroma: another maker of sketches than the product's."""
    import librosa

    mono = librosa.resample(y.mean(axis=1), orig_sr=sr, target_sr=16_000)
    chroma = librosa.feature.chroma_stft(y=mono, sr=16_000, n_fft=4096, tuning=0.0)
    parts = [part.mean(axis=1) for part in np.array_split(chroma, n_frames, axis=1)]
    return np.round(255 * np.stack([part / part.max() for part in parts])).astype(np.uint8)


def heard_each_half_second(y, sr):
    y = y[: len(y) // (sr // 2) * (sr // 2)]
    return heard(y, sr, 2 * len(y) // sr)


def as_vorbis(y, sr):
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, y[: 20 * sr], sr, format="OGG", subtype="VORBIS")
    file.seek(0)
    return soundfile.read(file, dtype="float32")[0]


@pytest.fixture(scope="module")
def rendered():
    from segue.synthetic.music import compose_library, render_track

    return [render_track(plan)[: 20 * RATE_HZ] for plan in compose_library(7, 5)]


@pytest.mark.slow
def test_rendered_tracks_are_known_again_encoded_and_louder_and_told_apart(rendered):
    first = [heard(y, RATE_HZ) for y in rendered]
    for number, (y, sketch) in enumerate(zip(rendered, first, strict=True)):
        assert same_recording(sketch, heard(as_vorbis(y, RATE_HZ), RATE_HZ))
        assert same_recording(sketch, heard(np.clip(2 * y, -1, 1) * 0.3, RATE_HZ))
        for other in first[:number]:
            assert not same_recording(sketch, other)


@pytest.mark.slow
def test_half_seconds_know_a_track_again_that_was_cut_at_both_ends(rendered):
    first = [heard_each_half_second(y, RATE_HZ) for y in rendered]
    for number, (y, sketch) in enumerate(zip(rendered, first, strict=True)):
        cut = y[int(1.7 * RATE_HZ) : -int(2.1 * RATE_HZ)]
        assert same_recording(sketch, heard_each_half_second(cut, RATE_HZ), HALF_SECONDS)
        for other in first[:number]:
            assert not same_recording(sketch, other, HALF_SECONDS)


def test_a_track_told_apart_is_a_recording_of_its_own_whoever_joined_it():
    table = dataclasses.replace(
        TrackTable.bare(["a", "b", "c", "d"]), recording_idx=np.array([0, 0, 0, 3], np.int32)
    )
    told = parted(table, {("b", "a"), ("b", "c"), ("d", "a"), ("gone", "a")})
    assert told.recording_idx[0] == told.recording_idx[2] == 0
    assert len(np.unique(told.recording_idx)) == 3
    assert told.recording_idx[3] == 3
    assert told.recording_idx.dtype == np.int32
    assert table.recording_idx.tolist() == [0, 0, 0, 3]  # the table that was given is not touched
