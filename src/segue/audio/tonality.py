"""Tonality: tuning, chroma, key and mode, and the chroma sketch that recognises a recording.

Chords need finer frequency than rhythm does, so tonality has a transform of its own on the sound
below 2.7 kHz (a quarter of the rate, 2.7 Hz a bin): it costs a fortieth of the shared one.
"""

import numpy as np
import soxr
from msgspec import Struct
from numpy.typing import NDArray

from segue.audio.feature_parts import KEY_NAMES
from segue.audio.key_profiles import KEY_PROFILES
from segue.audio.stft import stft

DECIMATION = 4
N_FFT, HOP = 2048, 1024
_FINE = 10  # histogram bins a semitone
REGISTERS_HZ = (55.0, 160.0, 250.0, 500.0, 1000.0, 2100.0)
SEGMENTS = 4  # of a window, for the sketch


PitchHistogram = NDArray[np.float32]  # (segments, registers, tenths of a semitone)


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
    """Weight by pitch class of spectral peaks, float32 (4, 5, 120).

    A row for each quarter of the window, in it one for each register (edges 55, 160, 250, 500,
    1000 and 2100 Hz), in tenths of a semitone from C. Peaks are placed between bins by a parabola
    through log magnitudes (Smith and Serra 1987) and weigh the root of their magnitude.
    """
    slow = soxr.resample(y, DECIMATION, 1, quality="MQ")
    bin_hz = rate_hz / DECIMATION / N_FFT
    magnitude = np.abs(stft(slow, N_FFT, HOP))
    low_hz, high_hz = REGISTERS_HZ[0], REGISTERS_HZ[-1]
    frames, bins = _peaks(magnitude, round(low_hz / bin_hz), round(high_hz / bin_hz))
    left, mid, right = (
        np.log(np.maximum(magnitude[frames, bins + step], 1e-10)) for step in (-1, 0, 1)
    )
    offset = np.clip(0.5 * (left - right) / np.minimum(left - 2 * mid + right, -1e-6), -0.5, 0.5)
    hz = (bins + offset) * bin_hz
    pitch = 69.0 + 12.0 * np.log2(hz / 440.0)
    column = np.round(pitch * _FINE).astype(np.int64) % (12 * _FINE)
    segment = frames * SEGMENTS // len(magnitude)
    register = np.searchsorted(REGISTERS_HZ[1:-1], hz, side="right")
    shape = (SEGMENTS, len(REGISTERS_HZ) - 1, 12 * _FINE)
    cell = np.ravel_multi_index((segment, register, column), shape)
    weight = np.sqrt(magnitude[frames, bins])
    flat = np.bincount(cell, weight, minlength=int(np.prod(shape)))
    return flat.reshape(shape).astype(np.float32)


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


def register_rows(chroma: NDArray[np.floating]) -> NDArray[np.float64]:
    """Roots of chroma (5, 12), each register centred and of length 1; 0 where it is silent."""
    rows = np.sqrt(chroma.astype(np.float64))
    rows -= rows.mean(axis=1, keepdims=True)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def key_scores(chroma: NDArray[np.floating]) -> NDArray[np.float64]:
    """Scores (24,) of C major .. B major, C minor .. B minor for chroma by register (5, 12).

    Learned profiles (see :mod:`segue.audio.key_profiles`) on :func:`register_rows`, turned
    to every tonic: a linear classifier that knows no absolute pitch.
    """
    rows = register_rows(chroma)
    turned = np.stack([np.roll(rows, -tonic, axis=1) for tonic in range(12)])
    return np.concatenate([(turned * profile).sum(axis=(1, 2)) for profile in KEY_PROFILES])


def key_of(chroma: NDArray[np.floating]) -> Key:
    """The best key; confidence is its probability (softmax); C major with 0 for silence."""
    if float(np.ptp(chroma, axis=1).max()) <= 0:
        return Key(0, is_minor=False, confidence=0.0)
    scores = key_scores(chroma)
    best = int(np.argmax(scores))
    confidence = 1.0 / float(np.exp(scores - scores[best]).sum())
    return Key(best % 12, best >= 12, confidence)
