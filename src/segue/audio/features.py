"""A track's named feature vector, tempo, key, beats and chroma sketch, from a file or samples.

Windows are analysed one by one and only sums are kept, so that memory does not grow with the
length of a track but by some 5 kB a window (a three-hour mix read whole: 4 MB).
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from segue.audio.accumulate import Sums, WindowParts, analyse_window
from segue.audio.decode import AudioWindow, read_windows, to_window, window_starts
from segue.audio.vector import FEATURE_INDEX, FEATURES, FEATURES_VERSION, FeatureSpec
from segue.errors import InvalidDataError

__all__ = [
    "ANALYSIS_RATE_HZ",
    "FEATURES",
    "FEATURES_VERSION",
    "FEATURE_INDEX",
    "FeatureSpec",
    "TrackAnalysis",
    "analyse",
    "analyse_samples",
]

ANALYSIS_RATE_HZ = 22_050
WINDOW_S = 15.0
N_WINDOWS = 5


class TrackAnalysis(Struct, frozen=True, eq=False):
    """What was heard in one track.

    ``vector`` is float32 (len(FEATURES),), within the bounds of :data:`FEATURES`. ``beats_s`` are
    times from the start of the track, within the windows analysed. ``chroma_sketch`` is uint8
    (20, 12): how chroma goes on over the windows analysed, see :mod:`segue.audio.sketch`.
    ``tempo_bpm`` is 0 where there is no rhythm; ``key`` is such as "D minor", "" without tones.
    """

    version: int
    vector: NDArray[np.float32]
    duration_s: float
    n_windows: int
    key: str
    tempo_bpm: float
    beats_s: NDArray[np.float32]
    chroma_sketch: NDArray[np.uint8]

    def named(self) -> dict[str, float]:
        """The vector by name."""
        return {spec.name: float(self.vector[at]) for at, spec in enumerate(FEATURES)}


def analyse(path: Path, *, full: bool = False) -> TrackAnalysis:
    """Analyse a music file: five windows of 15 s spread over it, or with ``full`` all of it.

    Raises:
        MediaError: The file is absent, no sound, or damaged before the first sample.
    """
    return _analysed(read_windows(path, ANALYSIS_RATE_HZ, WINDOW_S, N_WINDOWS, full=full))


def analyse_samples(y: NDArray[np.floating], sr: int, *, full: bool = False) -> TrackAnalysis:
    """Analyse samples (n,) or (n, n_channels), full scale at 1, as a file of them would be.

    NaN and infinite samples count as 0.

    Raises:
        InvalidDataError: No samples, more than two dimensions, or a rate under 1 Hz.

    >>> import numpy as np
    >>> t = np.arange(5 * 22_050) / 22_050
    >>> round(float(analyse_samples(0.1 * np.sin(2 * np.pi * 997 * t), 22_050).vector[0]), 1)
    -20.0
    """
    y = np.asarray(y)
    if y.ndim not in (1, 2) or not y.size or sr < 1:
        raise InvalidDataError(
            f"samples of shape {y.shape} at {sr} Hz: give (n,) or (n, n_channels), n >= 1"
        )
    source = np.ascontiguousarray(y[:, None] if y.ndim == 1 else y, np.float32)
    return _analysed(_cut(source, sr, full=full))


def _cut(source: NDArray[np.float32], sr: int, *, full: bool) -> Iterable[AudioWindow]:
    duration_s = len(source) / sr
    n = max(1, round(WINDOW_S * sr))
    for start_s in window_starts(duration_s, WINDOW_S, N_WINDOWS, full=full):
        at = round(start_s * sr)
        yield to_window(source[at : at + n], sr, ANALYSIS_RATE_HZ, start_s, duration_s)


def _analysed(windows: Iterable[AudioWindow]) -> TrackAnalysis:
    sums, parts, end_s, duration_s = Sums(), list[WindowParts](), 0.0, 0.0
    for window in windows:
        parts.append(analyse_window(window, ANALYSIS_RATE_HZ, sums))
        duration_s = window.duration_s
        end_s = max(end_s, window.start_s + len(window.source) / window.source_rate_hz)
    result = sums.result(parts)
    vector = np.array([result.values[spec.name] for spec in FEATURES], np.float32)
    low, high = (np.array([getattr(s, side) for s in FEATURES]) for side in ("low", "high"))
    return TrackAnalysis(
        version=FEATURES_VERSION,
        vector=np.clip(vector, low, high).astype(np.float32),
        duration_s=max(duration_s, end_s),
        n_windows=len(parts),
        key=result.key_name,
        tempo_bpm=result.tempo_bpm,
        beats_s=result.beats_s,
        chroma_sketch=result.chroma_sketch,
    )
