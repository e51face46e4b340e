"""Keys of chords played in every key, tuning, and the sketch of a recording."""

import io

import numpy as np
import pytest
import soundfile

from segue.audio import tonality
from segue.audio.features import analyse, analyse_samples
from segue.audio.sketch import chroma_sketch, sketch_similarity
from segue.synthetic.music import compose_library, render_track
from segue.synthetic.waveforms import SAMPLE_RATE_HZ

RATE_HZ = 22_050
MAJOR = ((0, 4, 7), (5, 9, 0), (7, 11, 2), (0, 4, 7))  # I IV V I
MINOR = ((0, 3, 7), (5, 8, 0), (7, 10, 2), (0, 3, 7))


def chords(progression: tuple, tonic: int, a4_hz: float = 440.0) -> np.ndarray:
    """Triads around C4 over their root two octaves lower, one second each, with overtones."""
    parts = []
    t = np.arange(RATE_HZ) / RATE_HZ
    for chord in progression:
        pitches = [36 + (tonic + chord[0]) % 12, *(60 + (tonic + step) % 12 for step in chord)]
        hz = a4_hz * 2.0 ** ((np.array(pitches) - 69) / 12)
        tones = [np.sin(2 * np.pi * k * f * t) / k**1.5 for f in hz for k in (1, 2, 3, 4)]
        parts.append(0.05 * np.sum(tones, axis=0))
    return np.concatenate(parts * 2)


@pytest.mark.parametrize("tonic", range(12))
def test_a_cadence_is_heard_in_its_key(tonic):
    name = tonality.KEY_NAMES[tonic]
    assert analyse_samples(chords(MAJOR, tonic), RATE_HZ).key == f"{name} major"
    assert analyse_samples(chords(MINOR, tonic), RATE_HZ).key == f"{name} minor"


@pytest.mark.parametrize("cents", [-40, -20, 25, 40])
def test_music_out_of_tune_keeps_its_key(cents):
    y = chords(MINOR, 9, 440.0 * 2 ** (cents / 1200))
    pitches = tonality.pitch_histogram(y.astype(np.float32), RATE_HZ)
    tuning = tonality.tuning_semitones(pitches.sum(axis=(0, 1)))
    assert tuning == pytest.approx(cents / 100, abs=0.05)
    assert analyse_samples(y, RATE_HZ).key == "A minor"


def test_a_tone_has_its_pitch_class_only():
    t = np.arange(5 * RATE_HZ) / RATE_HZ
    track = analyse_samples(0.3 * np.sin(2 * np.pi * 440 * t), RATE_HZ)
    assert track.named()["chroma_A"] > 0.95


def test_folding_is_a_sum_over_lobes():
    fine = np.random.default_rng(1).random(120)
    folded = tonality.fold(fine, 0.13)
    for pitch_class in range(12):
        total = 0.0
        for k, weight in enumerate(fine):
            away = min(abs(k / 10 - 0.13 - pitch_class + turn) for turn in (-12, 0, 12))
            total += weight * np.cos(np.pi * away) if away < 0.5 else 0.0
        assert folded[pitch_class] == pytest.approx(total)


def test_scores_turn_with_the_music():
    chroma = np.random.default_rng(2).random((5, 12))
    scores = tonality.key_scores(chroma)
    up = tonality.key_scores(np.roll(chroma, 3, axis=1))
    assert up[:12] == pytest.approx(np.roll(scores[:12], 3))
    assert up[12:] == pytest.approx(np.roll(scores[12:], 3))


def test_confidence_is_a_softmax():
    chroma = np.random.default_rng(3).random((5, 12))
    scores = tonality.key_scores(chroma)
    shares = np.exp(scores) / np.exp(scores).sum()
    key = tonality.key_of(chroma)
    assert key.confidence == pytest.approx(shares.max())
    assert key.tonic + 12 * key.is_minor == shares.argmax()


@pytest.fixture(scope="module")
def rendered() -> list:
    return [(plan, render_track(plan)) for plan in compose_library(5, 40)[::10]]


def test_rendered_tracks_are_heard_in_their_tempo(rendered):
    for plan, audio in rendered:
        ratio = analyse_samples(audio, SAMPLE_RATE_HZ).tempo_bpm / plan.tempo_bpm
        assert min(abs(ratio / factor - 1) for factor in (0.5, 1, 2)) < 0.04, plan.style


def test_most_rendered_tracks_are_heard_in_their_key(rendered):
    right = 0
    for plan, audio in rendered:
        minor = plan.mode in ("minor", "dorian", "phrygian")
        name = f"{tonality.KEY_NAMES[plan.tonic]} {'minor' if minor else 'major'}"
        right += analyse_samples(audio, SAMPLE_RATE_HZ).key == name
    assert right >= len(rendered) - 1


def test_two_encodings_of_one_recording_have_one_sketch(rendered, tmp_path):
    sketches = []
    for number, (_, audio) in enumerate(rendered):
        pair = []
        for kind, subtype in (("flac", "PCM_16"), ("mp3", "MPEG_LAYER_III")):
            out = io.BytesIO()
            soundfile.write(out, audio * 0.7, SAMPLE_RATE_HZ, format=kind.upper(), subtype=subtype)
            path = tmp_path / f"{number}.{kind}"
            path.write_bytes(out.getvalue())
            pair.append(analyse(path).chroma_sketch)
        sketches.append(pair)
    for i, (flac, _) in enumerate(sketches):
        for j, (_, mp3) in enumerate(sketches):
            similarity = sketch_similarity(flac, mp3)
            assert similarity > 0.95 if i == j else similarity < 0.8


def test_a_transposed_sketch_is_found_by_turning_it():
    chroma = np.random.default_rng(7).random((60, 12))
    up = chroma_sketch(np.roll(chroma, 2, axis=1))
    plain = chroma_sketch(chroma)
    assert sketch_similarity(up, plain, 2) == pytest.approx(1.0)
    assert sketch_similarity(up, plain) < 0.5
    assert sketch_similarity(np.zeros_like(plain), plain) == 0.0


@pytest.mark.parametrize("hz", [70.3, 101.0, 147.7, 202.2, 311.0, 1_000.0])
def test_a_tone_between_bins_is_placed_within_ten_cents(hz):
    t = np.arange(5 * RATE_HZ) / RATE_HZ
    y = (0.3 * np.sin(2 * np.pi * hz * t)).astype(np.float32)
    heard = np.argmax(tonality.pitch_histogram(y, RATE_HZ).sum(axis=(0, 1))) / 10
    assert (heard - (69 + 12 * np.log2(hz / 440)) + 6) % 12 - 6 == pytest.approx(0, abs=0.1)
