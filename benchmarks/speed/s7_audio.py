"""S7: CPU seconds to analyse a track of four minutes, decoding included, and peak memory by length.

The tracks are rendered: eight demo tracks joined, as mp3, flac and ogg. librosa, where it is
installed, computes a comparable set on the same samples: the same five windows (so that only the
code differs) and the whole track (as it is commonly used). bliss-audio (its own features of the
whole track) runs in an environment of its own, whose Python ``--bliss`` names: ``python -m venv
/tmp/b; /tmp/b/bin/pip install bliss-audio``. The MusiCNN embedding needs onnxruntime and the model.
"""

import argparse
import importlib.util
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.lines import DATA_FOLDER, figure, progress
from segue.audio.decode import read_windows
from segue.audio.embed import AudioEmbedder, MelFrontEnd, ModelDescription, open_session
from segue.audio.features import ANALYSIS_RATE_HZ, N_WINDOWS, WINDOW_S, analyse
from segue.synthetic.music import compose_library, render_track

RATE_HZ, DURATION_S, N_REPEATS = 44_100, 240, 5
KINDS = {"mp3": "MPEG_LAYER_III", "flac": "PCM_16", "ogg": "VORBIS"}
TARGET_S = 0.35
MUSICNN = ModelDescription(
    name="MSD_musicnn", version="0.1.0", rate_hz=16_000, input="x", output="emb",
    front_end=MelFrontEnd(
        n_fft=512, hop=256, n_mels=96, patch_frames=187, patch_hop_frames=187, log="log10_1p"
    ),
)  # fmt: skip


def main(argv: list[str] | None = None) -> None:
    """Every figure is the median of five runs, ours and the peer's in turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA_FOLDER)
    parser.add_argument("--bliss", type=Path, help="a Python that has bliss-audio")
    given = parser.parse_args(argv)
    data = given.data
    with tempfile.TemporaryDirectory(prefix="segue-bench-") as folder:
        paths = {kind: Path(folder) / f"track.{kind}" for kind in KINDS}
        samples = write_tracks(paths)
        measure_kinds(paths)
        measure_peers(paths["mp3"])
        measure_bliss(given.bliss, paths)
        measure_memory(Path(folder), samples)
        model = data / "models" / "musicnn-msd.onnx"
        if model.exists() and importlib.util.find_spec("onnxruntime"):
            embedder = AudioEmbedder(MUSICNN, open_session(model))
            report("MusiCNN embedding, mp3", lambda: embedder.embed(paths["mp3"]))
        else:
            progress(f"no embedding: it needs onnxruntime and {model}")


def write_tracks(paths: dict[str, Path]) -> np.ndarray:
    """Four minutes of rendered music (n, 2) in every format."""
    import soxr

    plans = compose_library(7, 40)[::4]
    audio = np.concatenate([render_track(plan) for plan in plans])
    samples = soxr.resample(audio, 32_000, RATE_HZ)[: DURATION_S * RATE_HZ].astype(np.float32)
    for kind, path in paths.items():
        with soundfile.SoundFile(path, "w", RATE_HZ, 2, KINDS[kind], format=kind.upper()) as file:
            for at in range(0, len(samples), 65_536):
                file.write(samples[at : at + 65_536])
    return samples


def cpu_s(call: Callable[[], object]) -> float:
    """CPU seconds of all threads of this process."""
    before = time.process_time()
    call()
    return time.process_time() - before


def report(metric: str, call: Callable[[], object], target: float | None = None) -> float:
    call()  # kernels are read from their cache, files into memory
    taken = float(np.median([cpu_s(call) for _ in range(N_REPEATS)]))
    figure("S7", f"CPU of {metric}", taken, "s", data="4 min rendered", n=N_REPEATS,
           target=target, better="lower")  # fmt: skip
    return taken


def measure_kinds(paths: dict[str, Path]) -> None:
    for kind, path in paths.items():
        report(f"analysis, {kind}", lambda path=path: analyse(path), TARGET_S)
    report("analysis of the whole track, mp3", lambda: analyse(paths["mp3"], full=True))


def measure_peers(path: Path) -> None:
    """librosa's features of the windows we use and of the whole track; A B A B."""
    if importlib.util.find_spec("librosa") is None:
        progress("no peer: librosa is not installed")
        return
    for name, full in (("the same windows", False), ("whole track", True)):
        calls = (lambda: analyse(path, full=full), lambda: librosa_set(path, full=full))  # noqa: B023
        for call in calls:
            call()
        taken = np.array([[cpu_s(call) for call in calls] for _ in range(3)])
        ours, theirs = np.median(taken, axis=0)
        figure("S7", f"CPU against librosa, {name}", ours, "s", data="4 min rendered, mp3", n=3,
               better="lower", peer="librosa", peer_value=theirs)  # fmt: skip


def measure_bliss(python: Path | None, paths: dict[str, Path]) -> None:
    """bliss of the whole track against ours of it and of windows; three times in turns."""
    if python is None or not python.exists():
        progress("no bliss: name a Python that has bliss-audio by --bliss")
        return
    code = (
        "import sys, time; from bliss_audio import Song; Song(sys.argv[1]);"
        "begun = time.process_time(); Song(sys.argv[1]); print(time.process_time() - begun)"
    )
    for kind, path in paths.items():
        analyse(path)
        taken: list[tuple[float, float, float]] = []
        for _ in range(3):
            command = [str(python), "-c", code, str(path)]
            out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            taken.append((cpu_s(lambda: analyse(path)), cpu_s(lambda: analyse(path, full=True)),  # noqa: B023
                          float(out)))  # fmt: skip
        windows, whole, theirs = np.median(taken, axis=0)
        for name, ours in (("windows", windows), ("the whole track", whole)):
            figure("S7", f"CPU of {name} against bliss", ours, "s", data=f"4 min rendered, {kind}",
                   n=3, better="lower", peer="bliss-audio", peer_value=theirs)  # fmt: skip


def librosa_set(path: Path, *, full: bool) -> None:
    """What of our vector librosa has: no loudness, key or perceptual summaries."""
    import librosa

    for window in read_windows(path, ANALYSIS_RATE_HZ, WINDOW_S, N_WINDOWS, full=full):
        y, sr = window.mono, ANALYSIS_RATE_HZ
        S = np.abs(librosa.stft(y))
        mel = librosa.power_to_db(librosa.feature.melspectrogram(S=S**2, sr=sr))
        librosa.feature.mfcc(S=mel)
        for name in ("centroid", "bandwidth", "rolloff", "contrast"):
            getattr(librosa.feature, f"spectral_{name}")(S=S, sr=sr)
        librosa.feature.spectral_flatness(S=S)
        librosa.feature.zero_crossing_rate(y)
        librosa.feature.chroma_stft(S=S**2, sr=sr)
        strength = librosa.onset.onset_strength(S=mel, sr=sr)
        librosa.beat.beat_track(onset_envelope=strength, sr=sr)
        librosa.onset.onset_detect(onset_envelope=strength, sr=sr)


def measure_memory(folder: Path, samples: np.ndarray) -> None:
    """Peak resident memory of a fresh process for 4 minutes and for 3 hours of the same music."""
    if not Path("/proc/self/status").exists():
        progress("no memory figures: they need /proc")
        return
    hours = folder / "hours.flac"
    with soundfile.SoundFile(hours, "w", RATE_HZ, 2, "PCM_16", format="FLAC") as file:
        for _ in range(3 * 3_600 // DURATION_S):
            file.write(samples)
    # of /proc, since getrusage counts what the parent held before the child's program began
    code = (
        "import sys, re, pathlib; from segue.audio.features import analyse;"
        "analyse(pathlib.Path(sys.argv[1]), full=sys.argv[2] == 'full');"
        "status = pathlib.Path('/proc/self/status').read_text();"
        "print(int(re.search('VmHWM:\\s+(\\d+)', status).group(1)) / 1024)"
    )
    for name, path, how in (
        ("4 minutes", folder / "track.flac", "some"),
        ("3 hours", hours, "some"),
        ("4 minutes read whole", folder / "track.flac", "full"),
        ("3 hours read whole", hours, "full"),
    ):
        command = [sys.executable, "-c", code, str(path), how]
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        figure("S7", f"peak memory, {name}", float(out), "MB", data="flac", n=1, better="lower")


if __name__ == "__main__":
    main()
