import numpy as np
import pytest
from scipy import signal

from segue.synthetic.mastering import CEILING, limit, loudness_lufs, without_rumble
from segue.synthetic.mixing import (
    active_rms,
    add_at,
    add_at_full_rate,
    amplifier,
    convolve,
    duck,
    echo,
    half_rate,
    moving_average,
    pan_gains,
    reverberate,
)

SR = 32_000
HALF = 16_000


def loudness_by_filters(audio: np.ndarray) -> float:
    """BS.1770-4 in the time domain, with the biquads of its tables moved to 32 kHz."""

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
    send = np.zeros(HALF, np.float32)
    send[0] = 1.0
    wet = echo(send, 0.2, 0.5)
    power = [
        (wet[:, int(k * 0.2 * HALF) : int(k * 0.2 * HALF) + 20].sum(axis=1) ** 2).sum()
        for k in (1, 2, 3)
    ]
    np.testing.assert_allclose(power, [0.5**2 * 0.5 ** (2 * k) for k in (1, 2, 3)], rtol=1e-4)
    assert np.abs(wet[:, : int(0.19 * HALF)]).sum() == 0
    assert np.abs(wet[1]).argmax() == int(0.2 * HALF)  # right, then left
    assert np.abs(wet[0]).argmax() == pytest.approx(0.4 * HALF, abs=2)


def test_a_hall_decays_by_sixty_decibels_in_its_time():
    send = np.zeros(3 * HALF, np.float32)
    send[0] = 1.0
    wet = reverberate(send, 1.2, 4000.0, np.random.default_rng(2))
    # Schroeder 1965: backward integration
    energy = np.cumsum((wet**2).sum(axis=0)[::-1])[::-1]
    level_db = 10 * np.log10(energy / energy[0] + 1e-20)
    slope = (level_db[int(0.5 * HALF)] - level_db[int(0.2 * HALF)]) / 0.3
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


def test_convolution_by_blocks_is_convolution():
    rng = np.random.default_rng(8)
    sound = rng.normal(size=5000).astype(np.float32)
    responses = rng.normal(size=(2, 300)).astype(np.float32)
    wanted = np.stack([np.convolve(sound, response)[:5000] for response in responses])
    np.testing.assert_allclose(convolve(sound, responses), wanted, atol=1e-3)


@pytest.mark.parametrize("width", [2, 3, 4])
def test_a_moving_average_is_a_convolution_with_a_box(width: int):
    sound = np.random.default_rng(width).normal(size=(2, 50)).astype(np.float32)
    box = np.full(width, 1 / width)
    wanted = [np.convolve(row, box)[(width - 1) // 2 :][:50] for row in sound]
    np.testing.assert_allclose(moving_average(sound, width), wanted, atol=1e-5)


@pytest.mark.parametrize("n_samples", [1000, 1001])
def test_a_slow_sound_survives_the_way_to_half_rate_and_back(n_samples: int):
    slow = np.sin(np.arange(n_samples) * 0.02).astype(np.float32)
    back = np.zeros((2, n_samples), np.float32)
    mono = half_rate(np.stack([slow, slow])) / 2
    add_at_full_rate(back, np.stack([mono, mono]))
    np.testing.assert_allclose(back[0, :-2], slow[:-2], atol=0.02)


@pytest.mark.parametrize(("hz", "gain"), [(5.0, 0.004), (20.0, 0.5), (60.0, 0.988), (1000.0, 1.0)])
def test_what_is_too_low_to_hear_is_taken_off_and_the_rest_left(hz: float, gain: float):
    tone = np.sin(2 * np.pi * hz * np.arange(4 * SR) / SR).astype(np.float32)
    left = without_rumble(np.stack([tone, tone]))[0, SR : 3 * SR]
    assert np.sqrt(2 * np.mean(left**2)) == pytest.approx(gain, abs=0.01)


def test_an_amplifier_flattens_peaks_and_darkens():
    rng = np.random.default_rng(4)
    clean = rng.normal(0, 0.1, (2, SR)).astype(np.float32)
    driven = amplifier(clean, 4.0, 4500.0)
    hard = np.abs(amplifier(clean, 40.0, 4500.0)).max()
    assert np.abs(driven).max() <= 1.0
    assert hard <= 1.0
    power = np.abs(np.fft.rfft(driven[0])) ** 2
    hz = np.fft.rfftfreq(SR, 1 / SR)
    assert power[hz > 8000].mean() < 0.1 * power[hz < 2000].mean()
