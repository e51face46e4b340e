"""One window's analysis, and the sums from which a whole track's values follow."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from segue.audio import rhythm, timbre, tonality
from segue.audio.decode import AudioWindow
from segue.audio.envelope import syllable_share
from segue.audio.feature_parts import KEY_NAMES
from segue.audio.loudness import integrated_lufs, range_lu, window_energies
from segue.audio.perceptual import summaries
from segue.audio.sketch import chroma_sketch
from segue.audio.stft import stft_blocks

N_FFT, HOP = 2048, 512
_SILENT_PEAK = 1e-5  # -100 dBFS: dither at most


class WindowParts(Struct, frozen=True):
    """What is kept of a window until the track's tempo and tuning are known."""

    start_s: float
    n_samples: int
    energies: NDArray[np.float64]  # of every 100 ms
    strength: NDArray[np.float16]  # onset strength of every frame
    pitches: tonality.PitchHistogram
    n_onsets: int
    syllables: tuple[float, float]  # in the voice band, and in all


class TrackValues(Struct, frozen=True):
    """Everything that is said of a track; ``values`` has every feature by name."""

    values: dict[str, float]
    key_name: str
    tempo_bpm: float
    beats_s: NDArray[np.float32]
    chroma_sketch: NDArray[np.uint8]


class Sums:
    """Running sums over the frames of all windows."""

    def __init__(self) -> None:
        self.n_frames = 0
        self.total = np.zeros(_N_FRAME_VALUES)
        self.squares = np.zeros(_N_FRAME_VALUES)
        self.crossings: list[float] = [0.0, 0.0, 0.0]  # count, sum, sum of squares
        self.percussive = self.harmonic = self.peak = 0.0
        self.autocorrelation: NDArray[np.float64] | None = None
        self.frame_hz = 0.0

    def add(self, frames: timbre.FrameTimbre, crossings: NDArray[np.float32]) -> None:
        """Add the frames of a window."""
        shape = np.stack(
            [frames.centroid_hz, frames.bandwidth_hz, frames.rolloff_hz, frames.flatness_db]
        ).T
        rows = np.concatenate([shape, frames.contrast_db, frames.mfcc], axis=1).astype(np.float64)
        self.n_frames += len(rows)
        self.total += rows.sum(axis=0)
        self.squares += (rows**2).sum(axis=0)
        for power in range(3):
            self.crossings[power] += float((crossings.astype(np.float64) ** power).sum())
        self.percussive += frames.percussive
        self.harmonic += frames.harmonic

    def result(self, parts: list[WindowParts]) -> TrackValues:
        """Values of the track."""
        values = self._timbre() | self._loudness(parts)
        tempo = rhythm.Tempo(0.0, 0.0)
        if self.autocorrelation is not None:
            tempo = rhythm.tempo_from(self.autocorrelation, self.frame_hz)
        values |= self._rhythm(parts, tempo)
        tones, key_name, sketch = _tonality(parts)
        values |= tones
        n = sum(part.n_samples for part in parts)
        voice, everything = (
            sum(part.syllables[k] * part.n_samples for part in parts) / n for k in range(2)
        )
        moves = {"syllables": everything, "voice_syllables": voice / max(everything, 0.05)}
        values |= summaries(values | moves)
        beats = [
            rhythm.beat_times(
                part.strength.astype(np.float32), tempo.bpm, self.frame_hz, part.start_s
            )
            for part in parts
        ]
        return TrackValues(values, key_name, tempo.bpm, np.concatenate(beats), sketch)

    def _timbre(self) -> dict[str, float]:
        mean = self.total / self.n_frames
        std = np.sqrt(np.maximum(0.0, self.squares / self.n_frames - mean**2))
        values: dict[str, float] = {}
        for at, name in enumerate(("centroid_hz", "bandwidth_hz", "rolloff_hz", "flatness_db")):
            values[f"{name}_mean"], values[f"{name}_std"] = float(mean[at]), float(std[at])
        for k in range(timbre.N_CONTRAST):
            values[f"contrast_{k}_db"] = float(mean[4 + k])
        for k in range(timbre.N_MFCC):
            at = 4 + timbre.N_CONTRAST + k
            values[f"mfcc_{k}_mean"], values[f"mfcc_{k}_std"] = float(mean[at]), float(std[at])
        n, total, squares = self.crossings
        values["zero_crossings_mean"] = total / n
        values["zero_crossings_std"] = float(np.sqrt(max(0.0, squares / n - (total / n) ** 2)))
        both = self.percussive + self.harmonic
        values["percussive_share"] = self.percussive / both if both > 0 else 0.0
        return values

    def _loudness(self, parts: list[WindowParts]) -> dict[str, float]:
        energies = [part.energies for part in parts]
        lufs = integrated_lufs(energies)
        peak_db = 20.0 * float(np.log10(max(self.peak, 1e-10)))
        return {
            "loudness_lufs": lufs,
            "loudness_range_lu": range_lu(energies),
            "peak_over_loudness_db": max(0.0, peak_db - lufs) if lufs > -70.0 else 0.0,
        }

    def _rhythm(self, parts: list[WindowParts], tempo: rhythm.Tempo) -> dict[str, float]:
        heard_s = sum(len(part.strength) for part in parts) / self.frame_hz
        strengths = [float(part.strength.astype(np.float64).sum()) for part in parts]
        return {
            "tempo_bpm": tempo.bpm,
            "tempo_confidence": tempo.confidence,
            "onset_rate_hz": sum(part.n_onsets for part in parts) / max(heard_s, 1.0),
            "onset_strength_db": sum(strengths) / (heard_s * self.frame_hz),
        }


_N_FRAME_VALUES = 4 + timbre.N_CONTRAST + timbre.N_MFCC


def analyse_window(window: AudioWindow, rate_hz: int, sums: Sums) -> WindowParts:
    """Analyse one window, add its frames to ``sums`` and return what must wait for the rest."""
    y = window.mono
    sums.frame_hz = frame_hz = rate_hz / HOP
    peak = float(max(window.source.max(), -window.source.min()))
    sums.peak = max(sums.peak, peak)
    if peak < _SILENT_PEAK:
        y = np.zeros_like(y)
    frames = timbre.frame_timbre(stft_blocks(y, N_FFT, HOP), rate_hz)
    sums.add(frames, timbre.zero_crossing_rate(y, HOP))
    strength = rhythm.onset_strength(frames.mel_db)
    correlation = rhythm.onset_autocorrelation(strength, frame_hz) * len(y)
    before = sums.autocorrelation
    sums.autocorrelation = correlation if before is None else before + correlation
    return WindowParts(
        start_s=window.start_s,
        n_samples=len(y),
        energies=window_energies(window.source, window.source_rate_hz),
        strength=strength.astype(np.float16),
        pitches=tonality.pitch_histogram(y, rate_hz),
        n_onsets=len(rhythm.onset_frames(strength, frame_hz)),
        syllables=syllable_share(frames.mel_db, frame_hz),
    )


def _tonality(parts: list[WindowParts]) -> tuple[dict[str, float], str, NDArray[np.uint8]]:
    pitches = np.concatenate([part.pitches for part in parts])
    tuning = tonality.tuning_semitones(pitches.sum(axis=(0, 1)))
    by_register = tonality.fold(pitches, tuning)
    key = tonality.key_of(by_register.sum(axis=0))
    by_time = by_register.sum(axis=1)
    chroma = by_time.sum(axis=0)
    is_heard = bool(chroma.sum() > 0)
    shares = chroma / chroma.sum() if is_heard else np.full(12, 1 / 12)
    angle = 2 * np.pi * (7 * key.tonic % 12) / 12
    values = {
        "key_fifths_cos": float(np.cos(angle)) if is_heard else 0.0,
        "key_fifths_sin": float(np.sin(angle)) if is_heard else 0.0,
        "mode_minor": float(key.is_minor) if is_heard else 0.5,
        "key_confidence": key.confidence,
        **{f"chroma_{k}": float(v) for k, v in zip(KEY_NAMES, shares, strict=True)},
    }
    return values, key.name if is_heard else "", chroma_sketch(by_time)
