"""The vector keeps its bounds on every sound, and says the same of one sound in many forms."""

import numpy as np
import pytest
import soundfile

from segue.audio import features
from segue.audio.features import FEATURES, analyse, analyse_samples
from segue.audio.perceptual import rise
from segue.errors import InvalidDataError


def music(duration_s: float, rate_hz: int, seed: int = 1) -> np.ndarray:
    """Chords that change each half second, with a drum on each."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(duration_s * rate_hz)) / rate_hz
    step = (t * 2).astype(int)
    pitch = rng.integers(48, 72, step[-1] + 1)[step] if len(t) else t
    tones = sum(np.sin(2 * np.pi * 440 * 2 ** ((pitch + up - 69) / 12) * t) for up in (0, 4, 7))
    drum = rng.normal(0, 1, len(t)) * np.exp(-((t * 2) % 1) * 20)
    return 0.1 * tones + 0.2 * drum


def odd_sounds() -> dict[str, tuple[np.ndarray, int]]:
    rng = np.random.default_rng(2)
    square = np.sign(np.sin(2 * np.pi * 100 * np.arange(44_100) / 22_050))
    with_nan = music(3, 22_050)
    with_nan[1_000:2_000] = np.nan
    with_nan[5_000] = np.inf
    return {
        "silence": (np.zeros(22_050 * 3), 22_050),
        "one sample": (np.array([0.5]), 44_100),
        "two samples at a high rate": (np.array([0.5, -0.5]), 192_000),
        "a tenth of a second": (music(0.1, 22_050), 22_050),
        "direct current": (np.full(44_100, 0.7), 22_050),
        "clipped": (np.clip(20 * music(3, 22_050), -1, 1), 22_050),
        "far over full scale": (1e9 * music(2, 22_050), 22_050),
        "square wave": (square, 22_050),
        "one click": (np.eye(1, 44_100, 20_000)[0], 22_050),
        "noise": (rng.normal(0, 0.3, 66_150), 22_050),
        "faint": (1e-6 * music(2, 22_050), 22_050),
        "no number": (with_nan, 22_050),
        "all no number": (np.full(22_050, np.nan), 22_050),
        "stereo out of phase": (np.outer(music(3, 22_050), (1, -1)), 22_050),
        "5.1": (np.outer(music(3, 48_000), (1, 1, 0.5, 0.3, 0.2, 0.2)), 48_000),
        "8 kHz": (music(4, 8_000), 8_000),
        "192 kHz": (music(2, 192_000), 192_000),
        "longer than its windows": (music(100, 8_000), 8_000),
    }


@pytest.mark.parametrize("name", list(odd_sounds()))
def test_every_feature_keeps_its_bounds_without_being_cut(name, monkeypatch):
    y, rate_hz = odd_sounds()[name]
    seen = []
    clip = np.clip

    def watched(values, low, high, **options):
        if np.size(values) == len(FEATURES):
            seen.append(values.copy())
        return clip(values, low, high, **options)

    monkeypatch.setattr(features.np, "clip", watched)
    track = analyse_samples(y, rate_hz)
    assert track.vector.dtype == np.float32
    assert np.isfinite(track.vector).all()
    for spec, raw in zip(FEATURES, seen[0], strict=True):
        if not name.startswith("far"):  # a float file may state any level
            assert spec.low - 1e-4 <= raw <= spec.high + 1e-4, spec.name
    for spec, value in zip(FEATURES, track.vector, strict=True):
        assert spec.low <= value <= spec.high, spec.name
    assert track.chroma_sketch.shape == (20, 12)


def test_names_are_distinct_and_bounds_are_in_order():
    assert len({spec.name for spec in FEATURES}) == len(FEATURES)
    assert all(spec.low < spec.high and spec.unit and spec.about for spec in FEATURES)


def test_silence_says_nothing_of_key_tempo_or_mood():
    track = analyse_samples(np.zeros(22_050), 22_050)
    named = track.named()
    assert (track.key, track.tempo_bpm, named["loudness_lufs"]) == ("", 0.0, -70.0)
    assert (named["mode_minor"], named["valence"], named["energy"]) == (0.5, 0.5, 0.0)


def test_the_rate_of_a_file_changes_little():
    slow, fast = (
        analyse_samples(music(10, rate_hz), rate_hz).named() for rate_hz in (44_100, 96_000)
    )
    for name in ("tempo_bpm", "key_fifths_cos", "loudness_range_lu", "chroma_C"):
        assert slow[name] == pytest.approx(fast[name], abs=0.05 * max(1, abs(slow[name]))), name


def test_level_moves_loudness_and_leaves_timbre():
    loud, soft = (analyse_samples(k * music(5, 22_050), 22_050).named() for k in (0.5, 0.125))
    assert loud["loudness_lufs"] - soft["loudness_lufs"] == pytest.approx(12.04, abs=0.05)
    for name in ("centroid_hz_mean", "mfcc_3_mean", "percussive_share", "tempo_bpm"):
        assert soft[name] == pytest.approx(loud[name], rel=0.02), name


def test_a_file_and_its_samples_say_the_same(tmp_path):
    y = np.stack([music(90, 8_000), music(90, 8_000, seed=5)], axis=1).astype(np.float32)
    path = tmp_path / "music.wav"
    soundfile.write(path, y, 8_000, subtype="FLOAT")
    for full in (False, True):
        of_file, of_samples = analyse(path, full=full), analyse_samples(y, 8_000, full=full)
        assert np.array_equal(of_file.vector, of_samples.vector)
        assert np.array_equal(of_file.beats_s, of_samples.beats_s)
        assert (of_file.n_windows, of_file.duration_s) == ((6, 90.0) if full else (5, 90.0))


def test_whole_and_sampled_analysis_of_even_music_agree(tmp_path):
    y = np.tile(music(15, 8_000), 8)
    some, everything = (analyse_samples(y, 8_000, full=full) for full in (False, True))
    assert (some.n_windows, everything.n_windows) == (5, 8)
    assert some.tempo_bpm == pytest.approx(everything.tempo_bpm, rel=0.01)
    assert some.key == everything.key
    gap = np.abs(some.vector - everything.vector) / np.maximum(1, np.abs(everything.vector))
    assert gap.max() < 0.15


def test_beats_are_times_in_the_track_within_its_windows():
    track = analyse_samples(music(200, 8_000), 8_000)
    starts = (np.arange(5) + 0.5) * 40 - 7.5
    inside = [(track.beats_s >= s - 0.1) & (track.beats_s <= s + 15.1) for s in starts]
    assert np.any(inside, axis=0).all()
    assert all(part.any() for part in inside)


def test_louder_denser_music_has_more_energy_and_arousal():
    calm = np.sin(2 * np.pi * 220 * np.arange(5 * 22_050) / 22_050) * 0.02
    for name in ("energy", "arousal", "danceability", "brightness"):
        lively = analyse_samples(2 * music(5, 22_050), 22_050).named()[name]
        assert lively > analyse_samples(calm, 22_050).named()[name], name


def test_syllables_without_tones_or_beat_are_speech():
    """Noise bursts in the voice band at 3 to 6 Hz, irregular as speech is."""
    rng = np.random.default_rng(12)
    y = np.zeros(15 * 22_050)
    at = 0.1
    while at < 14.5:
        burst = rng.normal(0, 0.2, int(0.12 * 22_050)) * np.hanning(int(0.12 * 22_050))
        y[int(at * 22_050) :][: len(burst)] += burst
        at += rng.uniform(0.17, 0.33)
    speech = analyse_samples(y, 22_050).named()["speechiness"]
    assert speech > 5 * analyse_samples(music(15, 22_050), 22_050).named()["speechiness"]


def test_rise_is_the_logistic_function():
    assert rise(3.0, 3.0, 0.5) == 0.5
    assert rise(4.0, 3.0, 0.5) == pytest.approx(1 / (1 + np.exp(-2.0)))
    assert rise(1e9, 0.0, 1.0) == pytest.approx(1.0)
    assert rise(1.0, 0.0, -1.0) == pytest.approx(1 - rise(1.0, 0.0, 1.0))


@pytest.mark.parametrize(("shape", "rate_hz"), [((0,), 8_000), ((2, 2, 2), 8_000), ((5,), 0)])
def test_samples_of_no_use_are_refused(shape, rate_hz):
    with pytest.raises(InvalidDataError, match="n >= 1"):
        analyse_samples(np.zeros(shape), rate_hz)
