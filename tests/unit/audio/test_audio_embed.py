"""Front ends against librosa, the runner with a model written byte by byte, and a real one."""

import struct

import numpy as np
import pytest

from segue.audio.decode import to_window
from segue.audio.embed import (
    AudioEmbedder,
    MelFrontEnd,
    ModelDescription,
    RawFrontEnd,
    log_mel,
    open_session,
    patches,
    read_description,
)
from segue.errors import ConfigurationError, InvalidDataError
from support.audio_files import sound

MUSICNN = b"""{
  "name": "MSD_musicnn", "version": "0.1.0", "rate_hz": 16000,
  "front_end": {"type": "mel", "n_fft": 512, "hop": 256, "n_mels": 96, "patch_frames": 187,
                "patch_hop_frames": 187, "log": "log10_1p", "log_gain": 10000},
  "input": "x", "output": "emb"
}"""
RAW = ModelDescription(
    name="mean and end", version="1", rate_hz=8_000, input="x", output="y",
    front_end=RawFrontEnd(patch_samples=4, patch_hop_samples=2),
)  # fmt: skip


# ONNX is a protocol buffer; a key is field number * 8 + wire type (0 a number, 2 bytes)


def number(field: int, value: int) -> bytes:
    return bytes([field * 8, value])


def nested(field: int, content: bytes) -> bytes:
    assert len(content) < 128
    return bytes([field * 8 + 2, len(content)]) + content


def matmul_model(weights: np.ndarray) -> bytes:
    """ONNX: y = x W for x (b, n), of ir version 8 and operator set 13."""
    n, d = weights.shape

    def value(name: bytes, size: int) -> bytes:
        shape = nested(1, nested(2, b"b")) + nested(1, number(1, size))
        return nested(1, name) + nested(2, nested(1, number(1, 1) + nested(2, shape)))

    tensor = number(1, n) + number(1, d) + number(2, 1) + nested(8, b"W")
    tensor += nested(9, struct.pack(f"<{n * d}f", *weights.ravel()))
    node = nested(1, b"x") + nested(1, b"W") + nested(2, b"y") + nested(4, b"MatMul")
    graph = nested(1, node) + nested(2, b"g") + nested(5, tensor)
    graph += nested(11, value(b"x", n)) + nested(12, value(b"y", d))
    head = number(1, 8)
    return (
        head
        + bytes([7 * 8 + 2, len(graph) % 128 | 128, len(graph) // 128])
        + graph
        + nested(8, number(2, 13))
    )


@pytest.fixture
def tiny(tmp_path):
    weights = np.array([[0.25, 0], [0.25, 0], [0.25, 0], [0.25, 1]])
    path = tmp_path / "tiny.onnx"
    path.write_bytes(matmul_model(weights))
    return open_session(path)


def window(y: list[float]):
    return to_window(np.array(y, np.float32)[:, None], 8_000, 8_000, 0.0, len(y) / 8_000)


def test_a_model_embeds_every_patch_and_pools(tiny):
    y = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]  # patches 1..4 and 3..6: mean and last sample of each
    assert AudioEmbedder(RAW, tiny).embed_windows([window(y)]).tolist() == [3.5, 5.0]
    both = AudioEmbedder(_with(RAW, pooling="mean_std"), tiny)
    assert both.embed_windows([window(y)]).tolist() == [3.5, 5.0, 1.0, 1.0]
    assert both.embed_windows([window(y[:4]), window(y[2:])]).tolist() == [3.5, 5.0, 1.0, 1.0]


def test_a_sound_shorter_than_a_patch_is_padded(tiny):
    assert AudioEmbedder(RAW, tiny).embed_windows([window([4.0])]).tolist() == [1.0, 0.0]


def test_a_file_is_embedded(tiny, tmp_path):
    path = tmp_path / "a.flac"
    path.write_bytes(sound("flac"))
    embedding = AudioEmbedder(RAW, tiny).embed(path)
    assert embedding.shape == (2,)
    assert abs(embedding[0]) < 0.01


def _with(description: ModelDescription, **changes) -> ModelDescription:
    import msgspec

    return msgspec.structs.replace(description, **changes)


@pytest.mark.parametrize("output", [np.zeros(3), np.zeros((1, 4)), np.full((2, 4), np.nan)])
def test_an_output_of_no_use_is_an_error(output):
    class Session:
        def run(self, names, feed):
            return [output]

    with pytest.raises(InvalidDataError, match="finite"):
        AudioEmbedder(RAW, Session()).embed_windows([window([1, 2, 3, 4, 5, 6])])


def test_an_output_with_time_in_it_is_averaged():
    class Session:
        def run(self, names, feed):
            return [np.stack([feed["x"], 3 * feed["x"]], axis=1)]

    found = AudioEmbedder(RAW, Session()).embed_windows([window([1, 2, 3, 4])])
    assert found.tolist() == [2.0, 4.0, 6.0, 8.0]


@pytest.mark.parametrize("log", ["db", "ln", "log10_1p"])
@pytest.mark.parametrize("power", [1, 2])
def test_log_mel_is_librosas(log, power):
    import librosa

    y = np.random.default_rng(3).normal(0, 0.1, 16_000).astype(np.float32)
    mel = librosa.feature.melspectrogram(
        y=y, sr=16_000, n_fft=512, hop_length=256, n_mels=40, power=power
    ).T
    front = MelFrontEnd(
        n_fft=512, hop=256, n_mels=40, patch_frames=9, patch_hop_frames=9, log=log, power=power
    )
    theirs = {
        "db": lambda: 10 * np.log10(np.maximum(mel, 1e-10)),
        "ln": lambda: np.log(mel + 1e-6),
        "log10_1p": lambda: np.log10(10_000 * mel + 1),
    }[log]()
    assert log_mel(y, 16_000, front) == pytest.approx(theirs, abs=1e-3)


@pytest.mark.parametrize(
    ("layout", "shape"),
    [("btf", (3, 9, 40)), ("bft", (3, 40, 9)), ("bctf", (3, 1, 9, 40)), ("bftc", (3, 40, 9, 1))],
)
def test_patches_have_the_axes_that_were_asked_for(layout, shape):
    front = MelFrontEnd(
        n_fft=512, hop=256, n_mels=40, patch_frames=9, patch_hop_frames=5, layout=layout
    )
    y = np.random.default_rng(4).normal(0, 0.1, 256 * 21).astype(np.float32)  # 22 frames
    found = patches(y, _with(RAW, rate_hz=16_000, front_end=front))
    assert found.shape == shape
    frames = log_mel(y, 16_000, front)
    second = np.squeeze(found[1])
    assert np.array_equal(second if second.shape == (9, 40) else second.T, frames[5:14])


def test_a_description_is_read_and_a_bad_one_names_the_field(tmp_path):
    path = tmp_path / "model.json"
    path.write_bytes(MUSICNN)
    assert read_description(path).front_end.n_mels == 96
    path.write_bytes(MUSICNN.replace(b'"hop": 256', b'"hop": 0'))
    with pytest.raises(ConfigurationError, match="hop"):
        read_description(path)
    path.write_bytes(MUSICNN.replace(b'"input"', b'"inputs"'))
    with pytest.raises(ConfigurationError, match="inputs"):
        read_description(path)
    with pytest.raises(ConfigurationError, match=r"gone\.json"):
        read_description(tmp_path / "gone.json")


def test_a_file_that_is_no_model_says_so(tmp_path):
    path = tmp_path / "bad.onnx"
    path.write_bytes(b"no model")
    with pytest.raises(ConfigurationError, match=r"bad\.onnx"):
        open_session(path)


def test_musicnn_tells_noise_from_a_chord(shared_data, tmp_path):
    model = shared_data / "models" / "musicnn-msd.onnx"
    if not model.exists():
        pytest.skip(f"no model at {model}")
    path = tmp_path / "model.json"
    path.write_bytes(MUSICNN)
    embedder = AudioEmbedder(read_description(path), open_session(model))
    t = np.arange(16_000 * 7) / 16_000
    chord = sum(0.1 * np.sin(2 * np.pi * hz * t) for hz in (220, 277.2, 329.6))
    noise = np.random.default_rng(1).normal(0, 0.1, len(t))

    def embedding(y: np.ndarray) -> np.ndarray:
        source = y.astype(np.float32)[:, None]
        return embedder.embed_windows([to_window(source, 16_000, 16_000, 0.0, 7.0)])

    a, b, c = embedding(chord), embedding(0.9 * chord), embedding(noise)
    assert a.shape == (200,)
    assert np.linalg.norm(a - b) < 0.3 * np.linalg.norm(a - c)
