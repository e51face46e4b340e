"""Timbre against librosa and SciPy, on sounds of many kinds."""

import numpy as np
import pytest
from scipy import ndimage

from segue.audio import timbre
from segue.audio.stft import mel_filters, stft, stft_blocks

RATE_HZ, N_FFT, HOP = 22_050, 2048, 512


def sounds() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(4)
    t = np.arange(3 * RATE_HZ) / RATE_HZ
    chord = sum(np.sin(2 * np.pi * hz * t) / k for k, hz in enumerate((220, 277, 330, 1760), 1))
    clicks = np.zeros_like(t)
    clicks[:: RATE_HZ // 4] = 1.0
    return {
        "noise": rng.normal(0, 0.1, len(t)).astype(np.float32),
        "chord": (0.2 * chord + rng.normal(0, 1e-3, len(t))).astype(np.float32),
        "clicks": (clicks + rng.normal(0, 1e-3, len(t))).astype(np.float32),
    }


@pytest.fixture(params=["noise", "chord", "clicks"])
def y(request) -> np.ndarray:
    return sounds()[request.param]


@pytest.fixture
def ours(y) -> timbre.FrameTimbre:
    return timbre.frame_timbre(stft_blocks(y, N_FFT, HOP), RATE_HZ)


def magnitude(y: np.ndarray) -> np.ndarray:
    import librosa

    return np.abs(librosa.stft(y, n_fft=N_FFT, hop_length=HOP))


def test_the_transform_is_librosas(y):
    import librosa

    theirs = librosa.stft(y, n_fft=N_FFT, hop_length=HOP).T
    assert np.abs(stft(y, N_FFT, HOP) - theirs).max() < 1e-4 * np.abs(theirs).max()


@pytest.mark.parametrize("scale", ["slaney", "htk"])
@pytest.mark.parametrize("area", [True, False])
def test_mel_filters_are_librosas(scale, area):
    import librosa

    theirs = librosa.filters.mel(
        sr=16_000, n_fft=512, n_mels=40, fmin=30, fmax=7_000,
        htk=scale == "htk", norm="slaney" if area else None,
    )  # fmt: skip
    ours = mel_filters(16_000, 512, 40, 30.0, 7_000.0, scale, area=area)
    assert np.abs(ours - theirs).max() < 1e-6 * theirs.max()


def test_mfcc_are_librosas_within_a_thousandth_of_a_decibel(y, ours):
    import librosa

    mel = librosa.feature.melspectrogram(S=magnitude(y) ** 2, sr=RATE_HZ)
    theirs = librosa.feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=20).T
    assert np.abs(ours.mfcc - theirs).max() < 1e-2
    assert np.abs(ours.mfcc - theirs).mean() < 1e-3


def test_spectral_shape_is_librosas(y, ours):
    import librosa

    S = magnitude(y)
    centroid = librosa.feature.spectral_centroid(S=S, sr=RATE_HZ)[0]
    bandwidth = librosa.feature.spectral_bandwidth(S=S, sr=RATE_HZ)[0]
    rolloff = librosa.feature.spectral_rolloff(S=S, sr=RATE_HZ)[0]
    flatness = 10 * np.log10(librosa.feature.spectral_flatness(S=S)[0])
    assert ours.centroid_hz == pytest.approx(centroid, rel=1e-3)
    assert ours.bandwidth_hz == pytest.approx(bandwidth, rel=1e-3)
    assert np.abs(ours.rolloff_hz - rolloff).max() <= RATE_HZ / N_FFT + 0.1  # a bin by rounding
    assert ours.flatness_db == pytest.approx(flatness, abs=0.01)


def test_contrast_is_librosas_but_for_magnitude_in_decibels(y, ours):
    """Where band edges fall the two may differ by a bin, hence 1 dB on the mean."""
    import librosa

    theirs = librosa.feature.spectral_contrast(S=magnitude(y), sr=RATE_HZ).T
    assert ours.contrast_db.mean(axis=0) == pytest.approx(theirs.mean(axis=0), abs=1.0)


@pytest.mark.parametrize("width", [3, 5, 17])
def test_the_running_median_is_scipys(width):
    from segue.audio.median_kernels import running_median

    columns = np.random.default_rng(6).integers(0, 9, (40, 5)).astype(np.float32)  # many ties
    for m in (40, 17, 8, 7, 1):
        expected = ndimage.median_filter(columns[:m], (width, 1), mode="reflect")
        assert np.array_equal(running_median(columns[:m], width), expected)


@pytest.mark.parametrize("n", [2, 4, 6, 10, 16])
def test_the_comparisons_find_the_two_middle_values_of_all_noughts_and_ones(n):
    """A network that is right for those is right for all numbers (Knuth's 0-1 principle)."""
    from segue.audio.median_kernels import comparisons

    values = (np.arange(2**n)[:, np.newaxis] >> np.arange(n)) & 1
    ordered = np.sort(values, axis=1)
    for p, q in comparisons(n):
        values[:, p], values[:, q] = (
            np.minimum(values[:, p], values[:, q]),
            np.maximum(values[:, p], values[:, q]),
        )
    middle = slice(n // 2 - 1, n // 2 + 1)
    assert np.array_equal(values[:, middle], ordered[:, middle])


def test_shape_and_contrast_are_those_of_a_plain_loop(y, ours):
    """A loop over frames in doubles; more frames than go side by side, and a rest."""
    spectra = stft(y, N_FFT, HOP)
    assert len(spectra) > 2 * 32
    whole = timbre.frame_timbre([spectra], RATE_HZ)
    assert np.array_equal(whole.contrast_db, ours.contrast_db)
    assert np.array_equal(whole.mel_db, ours.mel_db)
    bands = timbre._contrast_bands(RATE_HZ, N_FFT)
    places = np.arange(1 + N_FFT // 2)
    for t, row in enumerate(np.abs(spectra.astype(np.complex128))):
        centre = (places * row).sum() / row.sum()
        spread = np.sqrt(((places - centre) ** 2 * row).sum() / row.sum())
        assert ours.centroid_hz[t] == pytest.approx(centre * RATE_HZ / N_FFT, rel=1e-5)
        assert ours.bandwidth_hz[t] == pytest.approx(spread * RATE_HZ / N_FFT, rel=1e-5)
        reached = np.searchsorted(np.cumsum(row), 0.85 * row.sum())
        assert abs(ours.rolloff_hz[t] * N_FFT / RATE_HZ - reached) < 1.01
        power = np.maximum(row**2, 1e-10)
        flatness = 10 * (np.log10(power).mean() - np.log10((row**2).mean()))
        assert ours.flatness_db[t] == pytest.approx(flatness, abs=1e-3)
        for band, (start, stop, n) in enumerate(bands):
            sorted_ = np.sort(row[start:stop])
            low, high = sorted_[:n].mean(), sorted_[-n:].mean()
            expected = 20 * np.log10(high / low) / 2
            assert ours.contrast_db[t, band] == pytest.approx(expected, abs=0.02)


def test_clicks_are_percussive_and_a_chord_is_harmonic():
    shares = {}
    for name, y in sounds().items():
        frames = timbre.frame_timbre(stft_blocks(y, N_FFT, HOP), RATE_HZ)
        shares[name] = frames.percussive / (frames.percussive + frames.harmonic)
    assert shares["clicks"] > 0.9
    assert shares["chord"] < 0.1


def test_zero_crossings_of_a_sine_are_twice_its_frequency():
    t = np.arange(RATE_HZ) / RATE_HZ
    rate = timbre.zero_crossing_rate(np.sin(2 * np.pi * 441.5 * t).astype(np.float32), HOP)
    assert rate.mean() * RATE_HZ == pytest.approx(883, rel=0.01)
    assert timbre.zero_crossing_rate(np.ones(1, np.float32), HOP).tolist() == [0.0]


def test_silence_has_zero_in_all_but_the_cepstrum():
    frames = timbre.frame_timbre([np.zeros((4, 1025), np.complex64)], RATE_HZ)
    for values in (frames.centroid_hz, frames.bandwidth_hz, frames.rolloff_hz, frames.flatness_db):
        assert not values.any()
    assert not frames.contrast_db.any()
    assert frames.percussive == frames.harmonic == 0.0
    assert frames.mfcc[0, 0] == pytest.approx(-100 * np.sqrt(128), rel=1e-5)
