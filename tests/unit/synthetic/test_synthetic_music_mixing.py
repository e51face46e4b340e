import numpy as np
import pytest
from scipy import signal

from segue.synthetic.mixing import (
    CEILING,
    active_rms,
    add_at,
    duck,
    echo,
    limit,
    loudness_lufs,
    pan_gains,
    reverberate,
)

SR = 44_100


def loudness_by_filters(audio: np.ndarray) -> float:
    """BS.1770-4 in the time domain, with the biquads of its tables moved to 44.1 kHz."""

    def biquad(hz: float, q: float, gain_db: float | None) -> np.ndarray:
        k = np.tan(np.pi * hz / SR)
        a0 = 1.0 + k / q + k * k
        a = [1.0, 2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0]
        if gain_db is None:
            return np.array([1.0, -2.0, 1.0, *a])
        vh = 10 ** (gain_db / 20)
        vb = vh**0.499666774155
        b = [(vh + vb * k / q + k * k) / a0, 2 * (k * k - vh) / a0, (vh - vb * k / q + k * k) / a0]
        return np.array([*b, *a])

    shelf = biquad(1681.974450955533, 0.7071752369554196, 3.999843853973347)
    high = biquad(38.13547087602444, 0.5003270373238773, None)
    weighted = signal.sosfilt(np.stack([shelf, high]), audio.astype(float), axis=1)
    size, hop = int(0.4 * SR), int(0.1 * SR)
    starts = range(0, audio.shape[1] - size + 1, hop)
    power = np.array([(weighted[:, s : s + size] ** 2).mean(axis=1).sum() for s in starts])
    power = power[-0.691 + 10 * np.log10(power + 1e-20) > -70]
    gate = -0.691 + 10 * np.log10(power.mean()) - 10
    power = power[-0.691 + 10 * np.log10(power) > gate]
    return float(-0.691 + 10 * np.log10(power.mean()))


def test_loudness_agrees_with_filters_in_the_time_domain():
    rng = np.random.default_rng(3)
    noise = signal.lfilter([1.0], [1.0, -0.95], rng.normal(size=(2, 8 * SR)), axis=1) * 0.05
    noise[:, 3 * SR : 5 * SR] *= 0.02  # must be gated away
    audio = noise.astype(np.float32)
    assert loudness_lufs(audio) == pytest.approx(loudness_by_filters(audio), abs=0.25)


def test_a_full_scale_sine_in_one_channel_is_minus_three_lufs():
    """The calibration point of BS.1770-4: 997 Hz at 0 dBFS, one front channel, -3.01 LKFS."""
    sine = np.sin(2 * np.pi * 997 * np.arange(4 * SR) / SR).astype(np.float32)
    assert loudness_lufs(np.stack([sine, 0 * sine])) == pytest.approx(-3.01, abs=0.06)


def test_silence_has_no_loudness():
    assert loudness_lufs(np.zeros((2, SR), np.float32)) == -np.inf


def test_the_limiter_holds_the_ceiling_and_leaves_quiet_sound_alone():
    rng = np.random.default_rng(1)
    loud = rng.normal(0, 0.5, (2, SR)).astype(np.float32)
    assert np.abs(limit(loud)).max() <= CEILING + 1e-6
    quiet = (loud * 0.05).astype(np.float32)
    assert np.array_equal(limit(quiet), quiet)


def test_panning_keeps_the_power():
    for pan in (-1.0, -0.4, 0.0, 0.7, 1.0):
        left, right = pan_gains(pan)
        assert left**2 + right**2 == pytest.approx(1.0)
    assert pan_gains(-1.0)[0] == pytest.approx(1.0)


def test_a_sound_past_the_end_is_cut_and_not_wrapped():
    bus = np.zeros((2, 10), np.float32)
    add_at(bus, np.ones((1, 6), np.float32), 7, 1.0, 0.5)
    assert bus[0].tolist() == [0] * 7 + [1] * 3
    assert bus[1].tolist() == [0] * 7 + [0.5] * 3


def test_echoes_come_at_multiples_of_the_delay_and_fall():
    send = np.zeros((2, SR), np.float32)
    send[:, 0] = 1.0
    wet = np.abs(echo(send, 0.2, 0.5)).sum(axis=0)
    energy = [wet[int(k * 0.2 * SR) - 40 : int(k * 0.2 * SR) + 40].sum() for k in (1, 2, 3)]
    assert energy[0] > energy[1] > energy[2] > 0
    assert wet[: int(0.19 * SR)].sum() == 0


def test_a_hall_decays_by_sixty_decibels_in_its_time():
    send = np.zeros((2, 3 * SR), np.float32)
    send[:, 0] = 1.0
    wet = reverberate(send, 1.2, 4000.0, np.random.default_rng(2))
    # Schroeder 1965: backward integration
    energy = np.cumsum((wet**2).sum(axis=0)[::-1])[::-1]
    level_db = 10 * np.log10(energy / energy[0] + 1e-20)
    slope = (level_db[int(0.5 * SR)] - level_db[int(0.2 * SR)]) / 0.3
    assert -60.0 / slope == pytest.approx(1.2, rel=0.15)


def test_ducking_is_deepest_at_the_kick_and_gone_after_the_recovery():
    gain = duck(SR, [1000], 0.5, 0.2)
    assert gain[1000] == pytest.approx(0.5)
    assert gain[999] == 1.0
    assert gain[1000 + int(0.2 * SR)] == 1.0


def test_silence_between_notes_does_not_lower_the_level_of_a_part():
    tone = np.sin(np.arange(SR) * 0.1).astype(np.float32)
    gaps = np.concatenate([tone, np.zeros(3 * SR, np.float32)])
    assert active_rms(np.stack([gaps, gaps])) == pytest.approx(np.sqrt(0.5), rel=0.02)
