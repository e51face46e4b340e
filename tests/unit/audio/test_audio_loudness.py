"""Loudness against the signals and numbers of EBU Tech 3341 and 3342 and a filter written twice."""

import numpy as np
import pytest
from scipy import signal

from segue.audio.loudness import integrated_lufs, k_weighting, range_lu, window_energies

RATE_HZ = 48_000


def sine(dbfs: float, duration_s: float, rate_hz: int = RATE_HZ, n_channels: int = 2) -> np.ndarray:
    t = np.arange(int(duration_s * rate_hz)) / rate_hz
    y = 10 ** (dbfs / 20) * np.sin(2 * np.pi * 1_000 * t)
    return np.repeat(y[:, None], n_channels, axis=1).astype(np.float32)


def lufs(y: np.ndarray, rate_hz: int = RATE_HZ) -> float:
    return integrated_lufs([window_energies(y, rate_hz)])


def test_the_filter_at_48_khz_is_the_one_printed_in_the_recommendation():
    b, a = k_weighting(48_000)
    shelf = [1.53512485958697, -2.69169618940638, 1.19839281085285]
    assert b[0] == pytest.approx(shelf, abs=1e-6)
    assert a[0, 1:] == pytest.approx([-1.69065929318241, 0.73248077421585], abs=1e-6)
    assert b[1].tolist() == [1.0, -2.0, 1.0]
    assert a[1, 1:] == pytest.approx([-1.99004745483398, 0.99007225036621], abs=1e-6)


@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("dbfs", [-23.0, -33.0])
def test_a_stereo_sine_of_1_khz_is_as_loud_as_its_peak(dbfs, rate_hz):
    """EBU Tech 3341 test cases 1 and 2."""
    tolerance = 0.1 if rate_hz >= 44_100 else 0.3  # the shelf is cut off by a low Nyquist
    assert lufs(sine(dbfs, 5.0, rate_hz), rate_hz) == pytest.approx(dbfs, abs=tolerance)


def test_levels_that_change_are_gated_as_the_ebu_says():
    """EBU Tech 3341 test cases 3, 4 and 5 (shortened): all are -23 LUFS."""
    three = [sine(-36, 3), sine(-23, 20), sine(-36, 3)]
    four = [sine(-72, 3), sine(-36, 3), sine(-23, 20), sine(-36, 3), sine(-72, 3)]
    five = [sine(-26, 20), sine(-20, 20.1), sine(-26, 20)]
    for parts in (three, four, five):
        assert lufs(np.concatenate(parts)) == pytest.approx(-23.0, abs=0.1)


def test_six_channels_weigh_surrounds_and_leave_out_the_low_one():
    """EBU Tech 3341 test case 6: -28, -24 and -30 dBFS make -23 LUFS."""
    y = sine(0, 5.0, n_channels=6) * 10 ** (np.array([-28, -28, -24, 20, -30, -30]) / 20)
    assert lufs(y.astype(np.float32)) == pytest.approx(-23.0, abs=0.1)


def test_a_mono_file_is_as_loud_as_the_same_in_stereo():
    assert lufs(sine(-23, 3, n_channels=1)) == pytest.approx(lufs(sine(-23, 3)), abs=1e-9)


@pytest.mark.parametrize(
    ("levels", "range_"), [((-20, -30), 10), ((-20, -15), 5), ((-40, -20), 20)]
)
def test_loudness_range_of_two_levels_is_their_distance(levels, range_):
    """EBU Tech 3342 test cases 1 to 3."""
    y = np.concatenate([sine(level, 20.0) for level in levels])
    assert range_lu([window_energies(y, RATE_HZ)]) == pytest.approx(range_, abs=1.0)


def test_the_kernel_is_scipys_filter():
    y = np.random.default_rng(2).normal(0, 0.1, (9_650, 2)).astype(np.float32)
    b, a = k_weighting(RATE_HZ)
    heard = signal.sosfilt(np.hstack([b, a]), y.astype(np.float64), axis=0)
    steps = (heard[:9_600].reshape(2, 4_800, 2) ** 2).mean(axis=1).sum(axis=1)
    assert window_energies(y, RATE_HZ) == pytest.approx(steps, rel=1e-9)


def test_silence_is_at_the_gate_and_has_no_range():
    steps = [window_energies(np.zeros((48_000, 2), np.float32), RATE_HZ), np.zeros(0)]
    assert integrated_lufs(steps) == -70.0
    assert range_lu(steps) == 0.0


def test_loudness_range_of_a_ramp_is_from_its_10th_to_its_95th_percentile():
    steps = 10 ** ((np.linspace(-30, -20, 2_000) + 0.691) / 10)
    assert range_lu([steps]) == pytest.approx(0.85 * 10, abs=0.15)
