"""Q8: tempo and key of rendered tracks of known truth, and tempo of real ones against librosa.

Rendered: two demo libraries of seeds that nothing was learned or tuned on (256 tracks; some five
minutes to render, kept in ``--work``). Real: music of Debian's packages supertux-data,
wesnoth-1.16-music and naev-data of 30 s or more; both programs hear the same middle 75 seconds.
"""

import argparse
import importlib.util
from pathlib import Path

import msgspec
import numpy as np
import soundfile

from benchmarks.lines import figure, progress
from segue.audio.features import analyse, analyse_samples
from segue.synthetic.music import TRUTH_FILE, write_library

SEEDS, N_TRACKS = (101, 102), 128
MINOR_MODES = ("minor", "dorian", "phrygian")
REAL_FOLDERS = (Path("/usr/share/games"), Path("/usr/share/naev"))
SUFFIXES = (".ogg", ".opus", ".mp3", ".flac")
EXCERPT_S, SHORTEST_S = 75.0, 30.0
WITHIN = 0.04


def main(argv: list[str] | None = None) -> None:
    """Figures of both parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("/tmp/segue-q8"))  # noqa: S108
    parser.add_argument("--music", type=Path, nargs="*", default=REAL_FOLDERS)
    arguments = parser.parse_args(argv)
    rendered(arguments.work)
    real(arguments.music)


def is_near(ratio: float, *factors: float) -> bool:
    """Whether a tempo is within 4 % of one of the factors of the other."""
    return any(abs(ratio / factor - 1.0) <= WITHIN for factor in factors)


def rendered(work: Path) -> None:
    right: dict[str, list[bool]] = {"octave": [], "tempo": [], "key": [], "tonic": []}
    moods: list[tuple[float, ...]] = []
    for seed in SEEDS:
        folder = work / f"seed{seed}"
        progress(f"rendering seed {seed} into {folder}")
        write_library(folder, seed, N_TRACKS)
        for name, truth in msgspec.json.decode((folder / TRUTH_FILE).read_bytes()).items():
            track = analyse(folder / name)
            ratio = track.tempo_bpm / truth["tempo_bpm"]
            mode = "minor" if truth["mode"] in MINOR_MODES else "major"
            right["octave"].append(is_near(ratio, 0.5, 1.0, 2.0))
            right["tempo"].append(is_near(ratio, 1.0))
            right["key"].append(track.key == f"{truth['key']} {mode}")
            right["tonic"].append(track.key.split(" ")[0] == truth["key"])
            heard = track.named()
            moods.append((heard["valence"], truth["valence"], heard["arousal"], truth["arousal"]))
    n = len(moods)
    data = f"rendered, seeds {SEEDS[0]} and {SEEDS[1]}"
    targets = {"octave": 0.95, "key": 0.90}
    words = {"octave": "tempo within 4 % or an octave", "tempo": "tempo within 4 %",
             "key": "key, major or minor", "tonic": "tonic alone"}  # fmt: skip
    for name, hits in right.items():
        figure("Q8", words[name], float(np.mean(hits)), "share", data=data, n=n,
               target=targets.get(name))  # fmt: skip
    ranks = np.argsort(np.argsort(np.array(moods), axis=0), axis=0)
    for name, at in (("valence", 0), ("arousal", 2)):
        rho = float(np.corrcoef(ranks[:, at], ranks[:, at + 1])[0, 1])
        figure("Q8", f"{name}, rank correlation with the plan", rho, "rho", data=data, n=n)


def real(folders: list[Path]) -> None:
    if importlib.util.find_spec("librosa") is None:
        progress("skipped real tracks: librosa is not installed")
        return
    paths = sorted(p for f in folders for p in f.rglob("*") if p.suffix in SUFFIXES)
    ratios: list[float] = []
    for path in paths:
        info = soundfile.info(path)
        if info.duration >= SHORTEST_S:
            ratios.append(ratio_to_librosa(path, info.samplerate, info.duration))
            progress(f"{len(ratios)}: {ratios[-1]:.2f} {path.name}")
    if not ratios:
        progress("skipped real tracks: install supertux-data, wesnoth-1.16-music and naev-data")
        return
    for words, factors in (
        ("tempo agrees with librosa, within 4 %", (1.0,)),
        ("tempo agrees with librosa, or an octave", (0.5, 1.0, 2.0)),
        ("tempo agrees with librosa, or 2, 3, 2/3, 3/2", (1 / 3, 0.5, 2 / 3, 1.0, 1.5, 2.0, 3.0)),
    ):
        share = float(np.mean([is_near(ratio, *factors) for ratio in ratios]))
        figure("Q8", words, share, "share", data="games' music", n=len(ratios))


def ratio_to_librosa(path: Path, rate_hz: int, duration_s: float) -> float:
    """Our tempo over librosa's, of the same middle part."""
    import librosa

    start = round(max(0.0, (duration_s - EXCERPT_S) / 2) * rate_hz)
    y, _ = soundfile.read(path, round(EXCERPT_S * rate_hz), start, dtype="float32", always_2d=True)
    ours = analyse_samples(y, rate_hz, full=True).tempo_bpm
    mono = librosa.resample(y.mean(axis=1), orig_sr=rate_hz, target_sr=22_050, res_type="soxr_hq")
    theirs = float(np.ravel(librosa.beat.beat_track(y=mono, sr=22_050)[0])[0])
    return ours / theirs if theirs > 0 else 0.0


if __name__ == "__main__":
    main()
