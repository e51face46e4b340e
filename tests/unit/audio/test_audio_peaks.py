"""Bars of the seek bar, against loops over all samples of a file."""

import math

import numpy as np
import pytest
import soundfile

from segue.audio.peaks import N_PEAKS, peaks_from_moments, peaks_of
from segue.audio.pool import PEAKS_COMMAND, listen_to_many
from segue.audio.worker import Ask
from segue.errors import InvalidInputError, MediaError
from support.audio_files import sound

RATE_HZ = 8_000


def slow_peaks(samples: list[list[float]], rate_hz: int, n: int) -> list[int]:
    """The same by loops over single samples."""
    length = round(0.05 * rate_hz)
    levels = []
    for start in range(0, len(samples), length):
        moment = samples[start : start + length]
        power = sum(sum(x * x for x in row) / len(row) for row in moment) / len(moment)
        levels.append(math.sqrt(power))
    bars = []
    for part in range(n):
        low = min(int(part * len(levels) / n), len(levels) - 1)
        high = max(math.ceil((part + 1) * len(levels) / n), low + 1)
        bars.append(max(levels[low:high]))
    top = max(bars)
    return [round(255 * bar / top) for bar in bars] if top else [0] * n


def write(path, samples, rate_hz=RATE_HZ):
    soundfile.write(path, np.asarray(samples, np.float32), rate_hz, subtype="FLOAT")
    return path


@pytest.mark.parametrize("duration_s", [1.0, 11.0, 65.03])
def test_bars_are_those_of_a_loop_over_all_samples(tmp_path, duration_s):
    rng = np.random.default_rng(3)
    n = round(duration_s * RATE_HZ)
    swell = np.sin(np.linspace(0, 7, n))[:, None] * np.array([0.8, 0.3])
    samples = rng.normal(size=(n, 2)) * swell
    samples = np.clip(samples, -1, 1).astype(np.float32)
    found = peaks_of(write(tmp_path / "a.wav", samples), n=40)
    expected = slow_peaks(samples.tolist(), RATE_HZ, 40)
    assert found.dtype == np.uint8
    assert np.abs(found.astype(int) - expected).max() <= 1  # rounding of single precision


def test_silence_is_flat_and_a_click_stands_where_it_is(tmp_path):
    samples = np.zeros(40 * RATE_HZ)
    assert not peaks_of(write(tmp_path / "silence.wav", samples)).any()
    samples[30 * RATE_HZ] = 1.0
    bars = peaks_of(write(tmp_path / "click.wav", samples))
    assert np.flatnonzero(bars).tolist() == [150]
    assert bars[150] == 255


def test_the_end_of_a_track_is_drawn_too(tmp_path):
    samples = np.zeros(61 * RATE_HZ)  # two blocks of 30 s, and one second that windows leave out
    samples[-RATE_HZ // 2 :] = 0.5
    bars = peaks_of(write(tmp_path / "end.wav", samples))
    assert bars[-1] == 255
    assert not bars[:-2].any()


def test_fewer_moments_than_bars_are_repeated():
    assert peaks_from_moments(np.array([0.0, 1.0]), 4).tolist() == [0, 0, 255, 255]
    for levels, n in ((np.zeros(0), 4), (np.ones(4), 0)):
        with pytest.raises(InvalidInputError):
            peaks_from_moments(levels, n)


def test_what_is_no_sound_is_said(tmp_path):
    (tmp_path / "a.mp3").write_bytes(b"not music at all")
    with pytest.raises(MediaError):
        peaks_of(tmp_path / "a.mp3")


@pytest.mark.slow
def test_a_worker_draws_every_kind_and_answers_for_damage(tmp_path):
    files = {"a.mp3": sound("mp3", 2.0), "b.ogg": sound("ogg", 2.0), "c.flac": b"fLaC" + bytes(40)}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    asks = [Ask(str(tmp_path / name), what="peaks") for name in files]
    found = {a.path.rsplit("/")[-1]: a for a in listen_to_many(asks, 1, command=PEAKS_COMMAND)}
    assert len(found["a.mp3"].peaks) == len(found["b.ogg"].peaks) == N_PEAKS
    assert found["c.flac"].problem
    assert not found["c.flac"].peaks
