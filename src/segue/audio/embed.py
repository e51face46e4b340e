"""A learned embedding of sound by any ONNX model that a JSON description fits (onnxruntime).

No weights come with Segue. A description says how the model wants its input and what to take from
its output; `docs/audio.md` has one in full.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, TypeAlias

import msgspec
import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from segue.audio.decode import AudioWindow, read_windows
from segue.audio.stft import mel_filters, stft
from segue.errors import ConfigurationError, InvalidDataError, MissingExtraError

Positive: TypeAlias = Annotated[int, Meta(ge=1, le=1_000_000)]
PatchBatch = NDArray[np.float32]
_BATCH = 16
_EMPTY_DB = 1e-10


class MelFrontEnd(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="mel"):
    """Log-mel patches of ``patch_frames`` frames, one every ``patch_hop_frames``.

    ``power`` is the exponent on magnitudes. ``log`` is "db" (10 log10, floor -100 dB), "ln"
    (natural, of x + 1e-6) or "log10_1p" (log10(``log_gain`` x + 1)). ``layout`` orders the axes
    of the input tensor: b batch, t time, f frequency, c a channel of 1.
    """

    n_fft: Positive
    hop: Positive
    n_mels: Positive
    patch_frames: Positive
    patch_hop_frames: Positive
    low_hz: Annotated[float, Meta(ge=0)] = 0.0
    high_hz: float | None = None
    scale: Literal["slaney", "htk"] = "slaney"
    area: bool = True
    power: Literal[1, 2] = 2
    log: Literal["db", "ln", "log10_1p"] = "db"
    log_gain: float = 10_000.0
    layout: Literal["btf", "bft", "bctf", "bcft", "btfc", "bftc"] = "btf"


class RawFrontEnd(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="raw"):
    """Patches of ``patch_samples`` samples, one every ``patch_hop_samples``; layout b, t."""

    patch_samples: Positive
    patch_hop_samples: Positive
    layout: Literal["bt", "bct"] = "bt"


class ModelDescription(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to run one model. ``input`` and ``output`` are names in its graph.

    ``output`` gives (b, d) or, averaged over what lies between, (b, ..., d); ``pooling`` makes one
    vector of all patches of a track: "mean" (d,), or "mean_std" (2 d,).
    """

    name: str
    version: str
    rate_hz: Annotated[int, Meta(ge=1_000, le=192_000)]
    front_end: MelFrontEnd | RawFrontEnd
    input: str
    output: str
    pooling: Literal["mean", "mean_std"] = "mean"
    window_s: Annotated[float, Meta(gt=0, le=120)] = 15.0
    n_windows: Positive = 5


class Session(Protocol):
    """What is used of ``onnxruntime.InferenceSession``."""

    def run(self, output_names: list[str], input_feed: dict[str, PatchBatch]) -> list[Any]:
        """Values of the outputs."""
        ...


def read_description(path: Path) -> ModelDescription:
    """The description in a JSON file.

    Raises:
        ConfigurationError: The file is absent, no JSON, or a field is unknown or out of range.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=ModelDescription)
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigurationError(f"cannot use the model description {path}: {error}") from error


class AudioEmbedder:
    """One model, ready to embed tracks.

    Args:
        description: See :class:`ModelDescription`.
        session: What runs it; :func:`open_session` makes one of an ONNX file.
    """

    def __init__(self, description: ModelDescription, session: Session) -> None:
        self.description = description
        self._session = session

    def embed(self, path: Path) -> NDArray[np.float32]:
        """The embedding (d,) of a music file, from windows spread over it.

        Raises:
            MediaError: The file is absent, no sound, or damaged.
            InvalidDataError: The model's output is not finite or not of a usable shape.
        """
        d = self.description
        return self.embed_windows(read_windows(path, d.rate_hz, d.window_s, d.n_windows))

    def embed_windows(self, windows: Iterable[AudioWindow]) -> NDArray[np.float32]:
        """The embedding (d,) of windows whose ``mono`` is at the model's rate."""
        n, total, squares = 0, np.zeros(1), np.zeros(1)
        for window in windows:
            batch = patches(window.mono, self.description)
            for at in range(0, len(batch), _BATCH):
                rows = self._run(batch[at : at + _BATCH])
                n += len(rows)
                total = total + rows.sum(axis=0)
                squares = squares + (rows**2).sum(axis=0)
        if not n:
            raise InvalidDataError("no windows to embed: give at least one")
        mean = total / n
        if self.description.pooling == "mean":
            return mean.astype(np.float32)
        std = np.sqrt(np.maximum(0.0, squares / n - mean**2))
        return np.concatenate([mean, std]).astype(np.float32)

    def _run(self, batch: PatchBatch) -> NDArray[np.float64]:
        d = self.description
        (raw,) = self._session.run([d.output], {d.input: batch})
        rows = np.asarray(raw, np.float64)
        if rows.ndim < 2 or len(rows) != len(batch) or not np.isfinite(rows).all():
            raise InvalidDataError(
                f"output {d.output!r} of {d.name} has shape {rows.shape} for {len(batch)} patches "
                "or is not finite: (patches, ..., size) of finite numbers is needed"
            )
        return rows.reshape(len(rows), -1, rows.shape[-1]).mean(axis=1)


def open_session(model: Path, threads: int = 1) -> Session:
    """A session on the CPU for an ONNX file.

    Raises:
        MissingExtraError: onnxruntime is not installed.
        ConfigurationError: The file is absent or no model that onnxruntime can run.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtraError(
            "audio models need onnxruntime: pip install 'segue[embeddings]'"
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    try:
        session: Session = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # its errors share no base class
        raise ConfigurationError(f"onnxruntime cannot open {model}: {error}") from error
    return session


def patches(y: NDArray[np.float32], description: ModelDescription) -> PatchBatch:
    """Model input of mono samples (n,): whole patches; a shorter sound is one, padded by zeros."""
    front = description.front_end
    if isinstance(front, RawFrontEnd):
        cut = _cut(y, front.patch_samples, front.patch_hop_samples)
        return cut if front.layout == "bt" else cut[:, None]
    frames = log_mel(y, description.rate_hz, front)
    cut = _cut(frames, front.patch_frames, front.patch_hop_frames)[:, None]
    order = [{"b": 0, "c": 1, "t": 2, "f": 3}[axis] for axis in front.layout]
    if 1 not in order:
        return np.ascontiguousarray(cut[:, 0].transpose([max(0, axis - 1) for axis in order]))
    return np.ascontiguousarray(cut.transpose(order))


def log_mel(y: NDArray[np.float32], rate_hz: int, front: MelFrontEnd) -> NDArray[np.float32]:
    """Log-mel frames (t, n_mels), frames centred, zeros beyond the ends."""
    magnitude = np.abs(stft(y, front.n_fft, front.hop))
    filters = mel_filters(
        rate_hz, front.n_fft, front.n_mels, front.low_hz, front.high_hz, front.scale,
        area=front.area,
    )  # fmt: skip
    mel = (magnitude**2 if front.power == 2 else magnitude) @ filters.T
    if front.log == "db":
        return (10.0 * np.log10(np.maximum(mel, np.float32(_EMPTY_DB)))).astype(np.float32)
    if front.log == "ln":
        return np.log(mel + np.float32(1e-6)).astype(np.float32)
    return np.log10(np.float32(front.log_gain) * mel + np.float32(1.0)).astype(np.float32)


def _cut(rows: NDArray[np.float32], n: int, hop: int) -> NDArray[np.float32]:
    if len(rows) < n:
        rows = np.concatenate([rows, np.zeros((n - len(rows), *rows.shape[1:]), np.float32)])
    starts = range(0, len(rows) - n + 1, hop)
    return np.stack([rows[at : at + n] for at in starts])
