import numpy as np
import pytest
import soundfile

from segue.audio import fingerprint as fp
from segue.audio.fingerprint import band_levels, bits_of, fingerprint, fingerprint_of_samples
from segue.audio.worker import Ask, hear
from segue.errors import MediaError

RATE_HZ = fp.RATE_HZ


def music(seconds=40, seed=0, rate_hz=RATE_HZ):
    """Chords of four tones, changing twice a second, with some noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    y = 0.01 * rng.normal(size=len(t))
    for beat in range(2 * seconds):
        part = slice(beat * rate_hz // 2, (beat + 1) * rate_hz // 2)
        for hz in 110 * 2 ** (rng.integers(12, 48, 4) / 12):
            y[part] += 0.1 * np.sin(2 * np.pi * hz * t[part])
    return y.astype(np.float32)


def error(a, b):
    n = min(len(a), len(b))
    return np.bitwise_count(a[:n] ^ b[:n]).mean() / 32


def test_bits_are_those_of_a_plain_loop():
    levels = np.random.default_rng(1).normal(size=(12, fp.N_BANDS))
    bits = bits_of(levels)
    assert len(bits) == 12 - fp.LAG
    for t in range(len(bits)):
        text = "".join(
            "1" if (levels[t + 4, b] - levels[t + 4, b + 1]) - (levels[t, b] - levels[t, b + 1]) > 0
            else "0"
            for b in range(32)
        )  # fmt: skip
        assert int(bits[t]) == int(text, 2)


def test_levels_are_the_power_between_the_edges():
    y = music(3)
    levels = band_levels(y, 2)
    hz = np.fft.rfftfreq(fp.FRAME, 1 / RATE_HZ)
    for row in range(2):
        part = y[row * fp.HOP : row * fp.HOP + fp.FRAME].astype(float)
        power = np.abs(np.fft.rfft(part * np.hanning(fp.FRAME))) ** 2
        for band in (0, 7, 32):
            low, high = (300 * (2000 / 300) ** (k / 33) for k in (band, band + 1))
            inside = power[(hz >= low) & (hz < high)].sum()
            assert levels[row, band] == pytest.approx(np.log(inside + 1e-3), abs=1e-3)


def test_a_file_and_its_samples_have_one_fingerprint(tmp_path):
    y = music(70)
    soundfile.write(tmp_path / "a.wav", y, RATE_HZ, subtype="FLOAT")
    whole = fingerprint_of_samples(y)
    assert len(whole) == 1 + (len(y) - fp.FRAME) // fp.HOP - fp.LAG
    assert fingerprint(tmp_path / "a.wav").tolist() == whole.tolist()  # over block borders too


def test_encoding_rate_loudness_and_start_change_few_bits(tmp_path):
    y = music(40, rate_hz=44_100)
    soundfile.write(tmp_path / "a.flac", y, 44_100)
    later = round(2.37 * 44_100)  # 9 frames and a bit
    with soundfile.SoundFile(tmp_path / "b.ogg", "w", 44_100, 1, "VORBIS", format="OGG") as file:
        for start in range(later, len(y), 65_536):
            file.write(0.3 * y[start : min(start + 65_536, len(y))])
    a, b = fingerprint(tmp_path / "a.flac"), fingerprint(tmp_path / "b.ogg")
    assert min(error(a[k:], b) for k in (9, 10)) < 0.2
    assert error(a, b) > 0.4
    assert error(a, fingerprint_of_samples(music(40, seed=5))) > 0.4


def test_silence_is_zero_and_short_tracks_have_none():
    assert not fingerprint_of_samples(np.zeros(RATE_HZ * 10, np.float32)).any()
    for seconds in (0, 1, 2.4):
        assert len(fingerprint_of_samples(music(3)[: round(seconds * RATE_HZ)])) == 0


def test_of_a_mix_of_hours_the_beginning_is_taken(tmp_path, monkeypatch):
    monkeypatch.setattr(fp, "MAX_S", 60.0)
    soundfile.write(tmp_path / "a.wav", music(100), RATE_HZ, subtype="FLOAT")
    whole = fingerprint_of_samples(music(100)[: 60 * RATE_HZ])
    assert fingerprint(tmp_path / "a.wav").tolist() == whole.tolist()


def test_a_worker_answers_with_a_fingerprint_or_a_problem(tmp_path):
    soundfile.write(tmp_path / "a.wav", music(10), RATE_HZ)
    heard = hear(Ask(str(tmp_path / "a.wav"), what="fingerprint"))
    bits = np.frombuffer(heard.sketch, "<u4")
    assert bits.tolist() == fingerprint(tmp_path / "a.wav").tolist()
    assert heard.version == fp.FINGERPRINT_VERSION
    (tmp_path / "b.wav").write_bytes(b"nothing")
    assert hear(Ask(str(tmp_path / "b.wav"), what="fingerprint")).problem
    with pytest.raises(MediaError):
        fingerprint(tmp_path / "absent.wav")
