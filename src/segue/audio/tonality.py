"""Tonality: tuning, chroma, key and mode, and the chroma sketch that recognises a recording.

Chords need finer frequency than rhythm does, so tonality has a transform of its own on the sound
below 2.7 kHz (a quarter of the rate, 2.7 Hz a bin): it costs a fortieth of the shared one.
"""

import numpy as np
import soxr
from msgspec import Struct
from numpy.typing import NDArray

from segue.audio.stft import stft

KEY_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
DECIMATION = 4
N_FFT, HOP = 2048, 1024
_FINE = 10  # histogram bins a semitone
LOW_HZ, BASS_HZ, HIGH_HZ = 55.0, 250.0, 2100.0
SEGMENTS = 4  # of a window, for the sketch

# Krumhansl and Kessler 1982, probe-tone ratings from the tonic upwards
MAJOR_PROFILE = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR_PROFILE = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


class PitchHistogram(Struct, frozen=True):
    """Energy by pitch class in tenths of a semitone, C first.

    ``treble`` and ``bass`` (4, 120) have a row for each quarter of the window.
    """

    treble: NDArray[np.float32]
    bass: NDArray[np.float32]


class Key(Struct, frozen=True):
    """``tonic`` 0..11 from C, major or minor, and how clearly it wins, 0..1."""

    tonic: int
    is_minor: bool
    confidence: float

    @property
    def name(self) -> str:
        """As musicians say it, for example ``D minor``."""
        return f"{KEY_NAMES[self.tonic]} {'minor' if self.is_minor else 'major'}"


def pitch_histogram(y: NDArray[np.float32], rate_hz: int) -> PitchHistogram:
    """Histogram of spectral peaks between 55 and 2100 Hz; bass is what lies below 250 Hz.

    Peaks are placed between bins by a parabola through log magnitudes (Smith and Serra 1987) and
    weighed by the root of magnitude; each frame counts by the root of its level.
    """
    slow = soxr.resample(y, DECIMATION, 1, quality="MQ")
    bin_hz = rate_hz / DECIMATION / N_FFT
    magnitude = np.abs(stft(slow, N_FFT, HOP))
    frames, bins = _peaks(magnitude, round(LOW_HZ / bin_hz), round(HIGH_HZ / bin_hz))
    left, mid, right = (
        np.log(np.maximum(magnitude[frames, bins + step], 1e-10)) for step in (-1, 0, 1)
    )
    offset = np.clip(0.5 * (left - right) / np.minimum(left - 2 * mid + right, -1e-6), -0.5, 0.5)
    hz = (bins + offset) * bin_hz
    pitch = 69.0 + 12.0 * np.log2(hz / 440.0)
    column = np.round(pitch * _FINE).astype(np.int64) % (12 * _FINE)
    row = frames * SEGMENTS // len(magnitude)
    weight = np.sqrt(magnitude[frames, bins])
    parts: list[NDArray[np.float32]] = []
    for kept in (hz >= BASS_HZ, hz < BASS_HZ):
        flat = np.bincount(
            (row * 12 * _FINE + column)[kept], weight[kept], minlength=SEGMENTS * 12 * _FINE
        )
        parts.append(flat.reshape(SEGMENTS, -1).astype(np.float32))
    return PitchHistogram(*parts)


def _peaks(
    magnitude: NDArray[np.float32], low: int, high: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Local maxima within 40 dB of the greatest of their frame."""
    inner = magnitude[:, low:high]
    is_peak = (inner > magnitude[:, low - 1 : high - 1]) & (
        inner >= magnitude[:, low + 1 : high + 1]
    )
    is_peak &= inner > np.maximum(0.01 * inner.max(axis=1, keepdims=True), 1e-4)
    frames, bins = np.nonzero(is_peak)
    return frames, bins + low


def tuning_semitones(fine: NDArray[np.floating]) -> float:
    """How far a track is from A4 = 440 Hz, -0.5..0.5 semitones, of a histogram (120,).

    The direction of the energy on the circle of one semitone; 0 for silence.
    """
    angle = 2j * np.pi * np.arange(len(fine)) / _FINE
    total = np.sum(fine * np.exp(angle))
    return float(np.angle(total) / (2 * np.pi)) if abs(total) > 0 else 0.0


def fold(fine: NDArray[np.floating], tuning: float) -> NDArray[np.float64]:
    """Chroma (..., 12) of histograms (..., 120): a cosine lobe around every tuned semitone."""
    place = np.arange(fine.shape[-1]) / _FINE - tuning
    distance = (place[:, None] - np.arange(12) + 6.0) % 12.0 - 6.0
    lobes = np.where(np.abs(distance) < 0.5, np.cos(np.pi * distance), 0.0)
    return np.asarray(fine @ lobes, np.float64)


def normalised(chroma: NDArray[np.floating]) -> NDArray[np.float64]:
    """Chroma rows whose greatest entry is 1; silence stays 0."""
    top = chroma.max(axis=-1, keepdims=True)
    return chroma / np.where(top > 0, top, 1.0)


def key_scores(treble: NDArray[np.floating], bass: NDArray[np.floating]) -> NDArray[np.float64]:
    """Scores (24,) of C major .. B major, C minor .. B minor for two chroma vectors (12,)."""
    both = treble + bass
    scores: list[float] = []
    for profile in (MAJOR_PROFILE, MINOR_PROFILE):
        scores += [float(np.corrcoef(np.roll(profile, tonic), both)[0, 1]) for tonic in range(12)]
    return np.array(scores)


def key_of(treble: NDArray[np.floating], bass: NDArray[np.floating]) -> Key:
    """The best key; confidence is its lead over the second, C major with 0 for silence."""
    if float(np.ptp(treble + bass)) <= 0:
        return Key(0, is_minor=False, confidence=0.0)
    scores = key_scores(treble, bass)
    first = int(np.argmax(scores))
    second = float(np.partition(scores, -2)[-2])
    lead = float(np.clip(5.0 * (scores[first] - second), 0.0, 1.0))
    return Key(first % 12, first >= 12, lead)
