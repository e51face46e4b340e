"""Music files as windows of samples; what is held in memory does not depend on a file's length.

libsndfile (by soundfile) reads mp3, flac, ogg, opus, wav and aiff, FFmpeg (by PyAV) what it
refuses: m4a, wma and the rest. Resampling is soxr's HQ recipe.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
import soundfile
import soxr
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from msgspec import Struct
from numpy.typing import NDArray

from segue.errors import InvalidInputError, MediaError

LONGEST_WINDOW_S = 120.0
MAX_CHANNELS = 64
MAX_RATE_HZ = 768_000
_SHORTEST_LAST_WINDOW_S = 3.0  # shorter rests of a track say nothing about rhythm

Samples = NDArray[np.float32]


class AudioWindow(Struct, frozen=True):
    """A stretch of one track.

    ``mono`` (n,) is the mean of the channels at the rate that was asked for; ``source``
    (m, n_channels) is as the file has it, at ``source_rate_hz``. Both are float32, finite.
    ``duration_s`` is that of the whole track, as its file states it.
    """

    start_s: float
    duration_s: float
    mono: Samples
    source: Samples
    source_rate_hz: int


def read_blocks(path: Path, block_s: float = 30.0) -> Iterator[AudioWindow]:
    """The whole of a track, to its last sample, in successive blocks at the rate of the file.

    Raises:
        InvalidInputError: ``block_s`` is out of range.
        MediaError: The file is absent, no sound, or damaged before the first sample.
    """
    return read_windows(path, None, block_s, full=True, shortest_last_s=0.0)


def read_windows(
    path: Path,
    sr: int | None,
    window_s: float,
    n_windows: int = 5,
    *,
    full: bool = False,
    shortest_last_s: float = _SHORTEST_LAST_WINDOW_S,
) -> Iterator[AudioWindow]:
    """Windows spread evenly over a track, or the whole track in successive windows.

    A track no longer than ``n_windows`` windows is read whole in either case. A last window that
    is shorter than ``shortest_last_s`` is left out unless it is the only one.

    Args:
        path: A file that libsndfile or FFmpeg decodes.
        sr: Rate of ``mono`` (Hz); None leaves it at that of the file.
        window_s: Length of a window, above 0 and at most 120 s.
        n_windows: How many are spread over a long track, >= 1.
        full: Read everything; memory still holds one window at a time.
        shortest_last_s: See above (s), >= 0.

    Raises:
        InvalidInputError: A parameter is out of range.
        MediaError: The file is absent, no sound, or damaged before the first sample.
    """
    if not 0 < window_s <= LONGEST_WINDOW_S or n_windows < 1 or (sr is not None and sr < 1):
        raise InvalidInputError(
            f"window_s={window_s:g}, n_windows={n_windows}, sr={sr}: windows last up to "
            f"{LONGEST_WINDOW_S:g} s, and one window and 1 Hz are the least"
        )
    plan = _Plan(window_s, n_windows, full, shortest_last_s)
    try:
        file = soundfile.SoundFile(path)
    except soundfile.LibsndfileError:
        yield from _by_ffmpeg(path, sr, plan)
        return
    except OSError as error:
        raise MediaError(f"cannot open {path.name!r}: {error.strerror or error}") from error
    with file:
        yield from _by_sndfile(file, path, sr, plan)


class _Plan(Struct, frozen=True):
    """Which windows are wanted."""

    window_s: float
    n_windows: int
    full: bool
    shortest_last_s: float

    def starts(self, duration_s: float) -> list[float]:
        return window_starts(duration_s, self.window_s, self.n_windows, full=self.full,
                             shortest_last_s=self.shortest_last_s)  # fmt: skip


def window_starts(
    duration_s: float,
    window_s: float,
    n_windows: int,
    *,
    full: bool,
    shortest_last_s: float = _SHORTEST_LAST_WINDOW_S,
) -> list[float]:
    """Where windows begin (s): one after the other, or centred in ``n_windows`` equal parts.

    >>> window_starts(100.0, 10.0, 2, full=False)
    [20.0, 70.0]
    >>> window_starts(25.0, 10.0, 3, full=False)
    [0.0, 10.0, 20.0]
    """
    if full or duration_s <= n_windows * window_s:
        n = max(1, int(np.ceil(duration_s / window_s)))
        if n > 1 and duration_s - (n - 1) * window_s < shortest_last_s:
            n -= 1
        return [k * window_s for k in range(n)]
    part_s = duration_s / n_windows
    return [(k + 0.5) * part_s - window_s / 2 for k in range(n_windows)]


def to_window(
    source: Samples, source_rate_hz: int, sr: int | None, start_s: float, duration_s: float
) -> AudioWindow:
    """Mix, resample and clean samples (m, n_channels); NaN and infinite samples become 0."""
    if not np.isfinite(source.sum()):
        source = np.where(np.isfinite(source), source, np.float32(0))
        source = np.clip(source, -1e4, 1e4).astype(np.float32, copy=False)  # float files may go far
    # FFmpeg's planes come transposed; kernels compiled for another order could not be kept by a
    # worker, which may write nothing
    source = np.ascontiguousarray(source)
    n_channels = source.shape[1]  # a product with a vector is ten times faster than ``mean``
    mono = source @ np.full(n_channels, 1.0 / n_channels, np.float32)
    if sr is not None and source_rate_hz != sr:
        mono = soxr.resample(mono, source_rate_hz, sr)
    if not len(mono):  # a sample or two at a high rate
        mono = np.zeros(1, np.float32)
    mono = np.ascontiguousarray(mono, np.float32)
    return AudioWindow(start_s, duration_s, mono, source, source_rate_hz)


def _by_sndfile(file: Any, path: Path, sr: int | None, plan: _Plan) -> Iterator[AudioWindow]:
    rate_hz = file.samplerate
    _check_shape(path, rate_hz, file.channels)
    duration_s = file.frames / rate_hz
    n_frames, at, n_yielded = round(plan.window_s * rate_hz), 0, 0
    for start_s in plan.starts(duration_s):
        try:
            if (start := round(start_s * rate_hz)) != at:
                file.seek(start)
            source = file.read(n_frames, dtype="float32", always_2d=True)
        except (soundfile.LibsndfileError, OSError) as error:
            if not n_yielded:
                raise MediaError(f"cannot decode {path.name!r}: {error}") from error
            return  # damaged further on: what was read stands
        at = start + len(source)
        if len(source):
            n_yielded += 1
            yield to_window(source, rate_hz, sr, start_s, duration_s)
    if not n_yielded:
        raise MediaError(f"{path.name!r} holds no sound")


def _by_ffmpeg(path: Path, sr: int | None, plan: _Plan) -> Iterator[AudioWindow]:
    n_yielded = 0
    try:
        with av.open(path) as container:
            if not container.streams.audio:
                raise MediaError(f"{path.name!r} has no sound in it")
            stream = container.streams.audio[0]
            if getattr(stream, "codec_context", None) is None:
                raise MediaError(f"{path.name!r} holds sound of a kind that nobody decodes")
            _check_shape(path, stream.rate or 0, stream.channels)
            duration_s = (container.duration or 0) / av.time_base
            starts = plan.starts(duration_s)
            if not duration_s:  # unknown: as far as windows were asked for, from the start
                n_starts = 1_000_000 if plan.full else plan.n_windows
                starts = [k * plan.window_s for k in range(n_starts)]
            frames = _Frames(container, stream)
            for window in frames.windows(starts, plan.window_s, sr, duration_s):
                n_yielded += 1
                yield window
    except (av.error.FFmpegError, OSError, ValueError) as error:
        if not n_yielded:
            raise MediaError(f"cannot decode {path.name!r}: {error}") from error
    else:
        if not n_yielded:
            raise MediaError(f"{path.name!r} holds no sound")


class _Frames:
    """Decoded frames of one stream, cut at given times; one window is held at a time."""

    def __init__(self, container: InputContainer, stream: AudioStream) -> None:
        self._container, self._stream = container, stream
        self._rate_hz = stream.rate
        first = stream.start_time
        self._origin_s = float(first * stream.time_base) if first and stream.time_base else 0.0
        self._at_s = 0.0  # of the first sample in hand or to come
        self._in_hand: list[Samples] = []
        self._decoder = container.decode(stream)

    def windows(
        self, starts: list[float], window_s: float, sr: int | None, duration_s: float
    ) -> Iterator[AudioWindow]:
        for start_s in starts:
            if start_s - self._at_s > window_s:  # nearer ones are reached by decoding on
                self._seek(start_s)
            source = self._take(start_s, round(window_s * self._rate_hz))
            if not len(source):
                return
            yield to_window(source, self._rate_hz, sr, start_s, duration_s)

    def _seek(self, start_s: float) -> None:
        self._container.seek(int((start_s + self._origin_s) * av.time_base))
        self._decoder = self._container.decode(self._stream)
        self._in_hand, self._at_s = [], -1.0  # known by the next frame

    def _take(self, start_s: float, n: int) -> Samples:
        n_in_hand = sum(map(len, self._in_hand))
        skip = round((start_s - self._at_s) * self._rate_hz) if self._at_s >= 0 else 0
        while self._at_s < 0 or n_in_hand < skip + n:
            frame = next(self._decoder, None)
            if frame is None:
                break
            if self._at_s < 0:
                self._at_s = max(0.0, float(frame.time or 0.0) - self._origin_s)
                skip = max(0, round((start_s - self._at_s) * self._rate_hz))
            samples = _as_float(frame)
            if skip > len(samples) and not self._in_hand:  # far before: let it go
                skip -= len(samples)
                self._at_s += len(samples) / self._rate_hz
                continue
            self._in_hand.append(samples)
            n_in_hand += len(samples)
        if not self._in_hand:
            return np.zeros((0, 1), np.float32)
        everything = np.concatenate(self._in_hand)
        self._in_hand = [everything[skip + n :]] if len(everything) > skip + n else []
        self._at_s = start_s + n / self._rate_hz
        return everything[skip : skip + n]


def _as_float(frame: AudioFrame) -> Samples:
    """Samples (n, n_channels) of a frame, full scale at 1."""
    samples = frame.to_ndarray()
    n_channels = len(frame.layout.channels)
    samples = samples.T if frame.format.is_planar else samples.reshape(-1, n_channels)
    if samples.dtype == np.uint8:
        return (samples.astype(np.float32) - 128) / np.float32(128)
    if samples.dtype.kind == "i":
        return samples.astype(np.float32) / np.float32(2.0 ** (8 * samples.dtype.itemsize - 1))
    return samples.astype(np.float32)


def _check_shape(path: Path, rate_hz: int, n_channels: int) -> None:
    if not 0 < rate_hz <= MAX_RATE_HZ or not 0 < n_channels <= MAX_CHANNELS:
        raise MediaError(
            f"{path.name!r} states {rate_hz} Hz and {n_channels} channels; at most "
            f"{MAX_RATE_HZ} Hz and {MAX_CHANNELS} channels are read"
        )
