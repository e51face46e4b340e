"""Tempo and beats on clicks of known time, and the kernel against a readable twin."""

import numpy as np
import pytest

from segue.audio import rhythm
from segue.audio.features import analyse_samples
from segue.audio.rhythm_kernels import best_chain

RATE_HZ = 22_050
FRAME_HZ = RATE_HZ / 512


def clicks(bpm: float, duration_s: float = 15.0, offset_s: float = 0.2) -> np.ndarray:
    rng = np.random.default_rng(8)
    y = rng.normal(0, 1e-4, int(duration_s * RATE_HZ))
    burst = rng.normal(0, 0.3, 400) * np.exp(-np.arange(400) / 80)
    for at in np.arange(offset_s, duration_s - 0.05, 60 / bpm):
        y[int(at * RATE_HZ) :][:400] += burst
    return y.astype(np.float32)


@pytest.mark.parametrize("bpm", [72.0, 90.0, 113.7, 128.0, 150.0, 174.0])
def test_the_tempo_of_clicks_is_found_to_half_a_percent(bpm):
    track = analyse_samples(clicks(bpm), RATE_HZ)
    factor = min((0.5, 1.0, 2.0), key=lambda k: abs(track.tempo_bpm / bpm - k))
    assert track.tempo_bpm == pytest.approx(factor * bpm, rel=0.005)
    assert track.named()["tempo_confidence"] > 0.6


@pytest.mark.parametrize("bpm", [92.0, 120.0, 140.0])
def test_common_tempi_are_found_in_their_own_octave(bpm):
    assert analyse_samples(clicks(bpm), RATE_HZ).tempo_bpm == pytest.approx(bpm, rel=0.005)


def test_beats_lie_on_the_clicks():
    track = analyse_samples(clicks(120.0), RATE_HZ)
    wanted = np.arange(0.2, 14.95, 0.5)
    nearest = np.abs(track.beats_s[:, None] - wanted).min(axis=1)
    assert len(track.beats_s) == pytest.approx(len(wanted), abs=2)
    assert nearest.max() < 0.05


def test_onsets_are_counted():
    track = analyse_samples(clicks(120.0), RATE_HZ)
    assert track.named()["onset_rate_hz"] == pytest.approx(2.0, abs=0.15)


def test_a_steady_tone_and_noise_have_no_clear_tempo():
    t = np.arange(15 * RATE_HZ) / RATE_HZ
    noise = np.random.default_rng(9).normal(0, 0.1, len(t))
    tone = analyse_samples(0.3 * np.sin(2 * np.pi * 440 * t), RATE_HZ)
    assert tone.named()["tempo_confidence"] < 0.3
    assert analyse_samples(noise, RATE_HZ).named()["tempo_confidence"] < 0.3


def test_silence_has_no_tempo_and_no_beats():
    track = analyse_samples(np.zeros(10 * RATE_HZ), RATE_HZ)
    assert track.tempo_bpm == 0.0
    assert len(track.beats_s) == 0


def test_the_autocorrelation_is_that_of_a_loop():
    strength = np.random.default_rng(3).random(700).astype(np.float32)
    y = rhythm.flattened(strength, FRAME_HZ)
    found = rhythm.onset_autocorrelation(strength, FRAME_HZ)
    for lag in (0, 1, 20, 300):
        assert found[lag] == pytest.approx(np.mean(y[lag:] * y[: len(y) - lag]), abs=1e-9)


def slow_chain(onsets: np.ndarray, period: float, tightness: float) -> tuple[list, list]:
    """Ellis' recursion as it is written, over every pair."""
    scores, before = [], []
    for t in range(len(onsets)):
        best, chosen = 0.0, -1
        for tau in range(t):
            gap = t - tau
            if max(1, round(period / 2)) <= gap <= round(2 * period):
                score = scores[tau] - tightness * np.log(gap / period) ** 2
                if score > best or (score == best and chosen >= 0 and tau > chosen):
                    best, chosen = score, tau
        scores.append(onsets[t] + best)
        before.append(chosen)
    return scores, before


def test_the_beat_kernel_is_the_recursion_as_written():
    onsets = np.random.default_rng(5).random(120)
    scores, before = best_chain(onsets, 11.3, 100.0)
    slow_scores, slow_before = slow_chain(onsets, 11.3, 100.0)
    assert scores == pytest.approx(slow_scores)
    assert before.tolist() == slow_before
