"""Every format gives the same sound; what is decoded does not depend on length."""

import numpy as np
import pytest
import soundfile

from segue.audio import decode
from segue.audio.decode import read_windows, window_starts
from segue.errors import InvalidInputError, MediaError
from support.audio_files import damaged_files, sound
from support.encoded import m4a_of

RATE_HZ = 44_100


def sweep(duration_s: float, rate_hz: int = RATE_HZ) -> np.ndarray:
    """Frequency rises by 100 Hz a second, so that a place in it can be told."""
    t = np.arange(int(duration_s * rate_hz)) / rate_hz
    return (0.4 * np.sin(2 * np.pi * (200 * t + 50 * t**2))).astype(np.float32)


def frequency_hz(y: np.ndarray, rate_hz: int) -> float:
    spectrum = np.abs(np.fft.rfft(y * np.hanning(len(y))))
    return float(np.argmax(spectrum) * rate_hz / len(y))


@pytest.mark.parametrize("kind", ["wav", "aiff", "flac", "ogg", "opus", "mp3"])
def test_every_format_of_libsndfile_gives_the_same_tone(kind, tmp_path):
    path = tmp_path / f"tone.{kind}"
    path.write_bytes(sound(kind, 2.0))
    (window,) = read_windows(path, 22_050, 10.0)
    middle = window.mono[11_025:33_075]
    assert window.duration_s == pytest.approx(2.0, abs=0.1)
    assert frequency_hz(middle, 22_050) == pytest.approx(440, abs=1)
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.02)


@pytest.mark.parametrize(("codec", "container"), [("aac", "mp4"), ("wmav2", "asf")])
def test_ffmpeg_reads_what_libsndfile_refuses_at_the_right_place(codec, container, tmp_path):
    path = tmp_path / "sweep.bin"
    path.write_bytes(m4a_of(sweep(60.0), codec, container))
    # one layout for kernels: the workers that use them may not write what is compiled for another
    assert all(w.source.flags.c_contiguous for w in read_windows(path, None, 5.0, 3))
    windows = list(read_windows(path, 22_050, 2.0, 4))
    assert [round(w.start_s, 1) for w in windows] == pytest.approx([6.5, 21.5, 36.5, 51.5], abs=0.2)
    for window in windows:
        heard = frequency_hz(window.mono[20_000:24_000], 22_050)
        middle_s = window.start_s + 22_000 / 22_050
        assert heard == pytest.approx(200 + 100 * middle_s, abs=20)
        assert window.source.shape[1] == 2
        assert abs(window.source).max() == pytest.approx(0.4, abs=0.05)


@pytest.mark.parametrize("kind", ["flac", "ogg", "mp3"])
def test_seeking_lands_where_it_says(kind, tmp_path):
    path = tmp_path / f"sweep.{kind}"
    y = sweep(40.0)
    with soundfile.SoundFile(
        path, "w", RATE_HZ, 1, {"ogg": "VORBIS", "mp3": "MPEG_LAYER_III"}.get(kind),
        format=kind.upper(),
    ) as file:  # fmt: skip
        for block in np.split(y, 40):
            file.write(block)
    for window in read_windows(path, 22_050, 2.0, 3):
        middle_s = window.start_s + 22_000 / 22_050
        heard = frequency_hz(window.mono[20_000:24_000], 22_050)
        assert heard == pytest.approx(200 + 100 * middle_s, abs=15)


def test_a_track_read_whole_is_the_file_in_order(tmp_path):
    path = tmp_path / "noise.wav"
    y = np.random.default_rng(1).uniform(-0.5, 0.5, (50_000, 2)).astype(np.float32)
    soundfile.write(path, y, 8_000, subtype="FLOAT")
    windows = list(read_windows(path, 8_000, 1.0, 2, full=True))
    assert np.array_equal(np.concatenate([w.source for w in windows]), y[:48_000])  # 0.25 s rest
    assert np.allclose(windows[2].mono, y[16_000:24_000].mean(axis=1), atol=1e-6)


def test_a_track_read_whole_by_ffmpeg_has_no_gaps(tmp_path):
    path = tmp_path / "sweep.m4a"
    path.write_bytes(m4a_of(sweep(12.0)))
    windows = list(read_windows(path, RATE_HZ, 4.0, 1, full=True))
    whole = np.concatenate([w.mono for w in windows])
    assert len(whole) == pytest.approx(12 * RATE_HZ, abs=3_000)
    assert np.abs(np.diff(whole)).max() < 0.1  # a sweep up to 1.4 kHz moves by 0.08 a sample


def test_samples_decoded_do_not_depend_on_length(tmp_path, monkeypatch):
    counts = []

    class Counting(soundfile.SoundFile):
        def read(self, frames=-1, **options):
            counts.append(frames)
            return super().read(frames, **options)

    monkeypatch.setattr(decode.soundfile, "SoundFile", Counting)
    for minutes in (2, 20):
        path = tmp_path / f"{minutes}.flac"
        soundfile.write(path, np.zeros(minutes * 60 * 8_000), 8_000)
        counts.append(-minutes)
        list(read_windows(path, 8_000, 15.0, 5))
    assert counts == [-2, *[120_000] * 5, -20, *[120_000] * 5]


def test_windows_are_centred_in_equal_parts_of_a_long_track():
    starts = window_starts(10_800.0, 15.0, 5, full=False)
    assert np.allclose(np.array(starts) + 7.5, [1_080, 3_240, 5_400, 7_560, 9_720])
    assert window_starts(31.0, 15.0, 5, full=False) == [0.0, 15.0]  # a rest of 1 s is left out
    assert window_starts(2.0, 15.0, 5, full=True) == [0.0]


def test_samples_that_are_no_number_become_silence(tmp_path):
    path = tmp_path / "bad.wav"
    y = np.array([0.5, np.nan, np.inf, -np.inf, -0.5], np.float32)
    soundfile.write(path, y, 8_000, subtype="FLOAT")
    (window,) = read_windows(path, 8_000, 1.0)
    assert window.source[:, 0].tolist() == [0.5, 0.0, 0.0, 0.0, -0.5]


@pytest.mark.parametrize("name", sorted(damaged_files()))
def test_a_damaged_file_is_a_media_error_or_a_part_of_its_sound(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(damaged_files()[name])
    try:
        windows = list(read_windows(path, 22_050, 5.0))
    except MediaError:
        windows = None
    assert windows is None or windows
    assert all(len(w.mono) and np.isfinite(w.mono).all() for w in windows or ())
    assert name not in ("empty.mp3", "text.flac", "picture.m4a", "cut.ogg") or windows is None


def test_a_file_that_is_absent_and_one_without_sound_say_so(tmp_path):
    with pytest.raises(MediaError, match=r"gone\.mp3"):
        list(read_windows(tmp_path / "gone.mp3", 22_050, 5.0))
    soundfile.write(tmp_path / "none.wav", np.zeros(0), 8_000)
    with pytest.raises(MediaError, match="no sound"):
        list(read_windows(tmp_path / "none.wav", 22_050, 5.0))


@pytest.mark.parametrize("options", [{"window_s": 0.0}, {"window_s": 500.0}, {"n_windows": 0}])
def test_windows_out_of_range_are_refused(options, tmp_path):
    with pytest.raises(InvalidInputError, match="windows"):
        list(read_windows(tmp_path / "x.wav", 22_050, **{"window_s": 5.0} | options))
