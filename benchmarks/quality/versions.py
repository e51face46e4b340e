"""VERSIONS: files of one recording that are cut, faded or encoded again: how many are found.

Tracks: music of Debian's packages (see Q8) and a composed library. Of each that is drawn five files
are made, all encoded again at another rate and loudness: whole; without the first eighth and the
last tenth; faded out at two thirds; a quarter cut out of the middle; with a tenth of another track
before it instead of the start. Three minutes of a track at most are used. Every file is compared
with every other. Counted are the pairs of one recording that are found, by change, and the pairs of
different tracks that are taken for one: they are named on standard error, to be listened to, since
packages hold versions too.

Intervals of what is found by change and of precision are Wilson's; that of recall, whose five pairs
of a recording hang together, is a bootstrap over recordings.
"""

import argparse
import itertools
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import soundfile
import soxr
from scipy.stats import binomtest

from benchmarks.lines import figure, progress
from segue.audio.fingerprint import fingerprint
from segue.evaluation.intervals import mean_bootstrap
from segue.models.cut_versions import CutMatching, candidates, is_same_recording
from segue.rng import derived_rng
from segue.synthetic.music import write_library
from segue.types import FloatMatrix, FloatVector

REAL_FOLDERS = tuple(Path("/usr/share", name) for name in ("games", "naev", "hyperrogue",
                                                           "singularity"))  # fmt: skip
SUFFIXES = (".ogg", ".opus", ".mp3", ".flac", ".wav")
SHORTEST_S, LONGEST_S = 30.0, 600.0
RATE_HZ, KEPT_S = 32_000, 180
FORMATS = (("MP3", "MPEG_LAYER_III"), ("OGG", "VORBIS"), ("OGG", "OPUS"))
THRESHOLDS = (0.25, 0.3, 0.35, 0.4)
SHARES = (0.4, 0.6, 0.8)


def read(path: Path) -> FloatMatrix:
    y, sr = soundfile.read(path, frames=-1, dtype="float32", always_2d=True)
    return soxr.resample(y[: KEPT_S * sr].mean(axis=1), sr, RATE_HZ)


def changes(y: FloatMatrix, other: FloatMatrix) -> dict[str, FloatMatrix]:
    """The same recording in other files, and where its music is in them."""
    n = len(y)
    faded = y[: 2 * n // 3].copy()
    faded[-8 * RATE_HZ :] *= np.linspace(1, 0, 8 * RATE_HZ, dtype=np.float32)
    third = n // 3 + n // 50  # no whole number of frames
    return {
        "encoded again": y,
        "ends cut off": y[n // 8 + n // 999 : -n // 10],
        "faded out": faded,
        "middle cut out": np.concatenate([y[:third], y[third + n // 4 :]]),
        "another start": np.concatenate([other[: n // 10], y[n // 40 :]]),
    }


def written(y: FloatMatrix, path: Path, number: int) -> Path:
    """Encoded, at 48 or 24 kHz, up to 6 dB louder (clipped) or 9 dB softer."""
    rng = derived_rng(0, "versions", number)
    rate = (48_000, 24_000)[number % 2]
    kind, subtype = FORMATS[number % 3]
    loud = np.clip(soxr.resample(y, RATE_HZ, rate) * rng.uniform(0.35, 2.0), -1, 1)
    with soundfile.SoundFile(path, "w", rate, 1, subtype, format=kind) as file:
        for start in range(0, len(loud), 65_536):
            file.write(loud[start : start + 65_536])
    return path


def library(paths: list[Path], n_changed: int, work: Path) -> tuple[list, list[tuple[int, str]]]:
    """Fingerprints, and for each the number of its recording and what was done to it."""
    prints = [fingerprint(path) for path in paths]
    labels = [(number, "original") for number in range(len(paths))]
    progress(f"{len(prints)} originals")
    drawn = derived_rng(0, "versions").choice(len(paths), min(n_changed, len(paths)), replace=False)
    for count, number in enumerate(drawn.tolist()):
        other = read(paths[(number + 1) % len(paths)])
        for name, changed in changes(read(paths[number]), other).items():
            file = written(changed, work / "changed", len(labels))
            prints.append(fingerprint(file))
            labels.append((number, name))
        if count % 20 == 19:
            progress(f"{count + 1} tracks changed")
    return prints, labels


def judge(data: str, prints: list, labels: list[tuple[int, str]], names: list[str]) -> None:
    pairs = [(i, j, o) for i, j, o in candidates(prints)]
    possible = _by_change(itertools.combinations(range(len(labels)), 2), labels)
    n_other = sum(a[0] != b[0] for a, b in itertools.combinations(labels, 2))
    for max_error, min_share in itertools.product(THRESHOLDS, SHARES):
        how = CutMatching(max_error=max_error, min_share=min_share)
        found = [(i, j) for i, j, o in pairs if is_same_recording(prints[i], prints[j], o, how)]
        right = _by_change(found, labels)
        wrong = [(i, j) for i, j in found if labels[i][0] != labels[j][0]]
        says = f"error {max_error}, share {min_share}"
        if how == CutMatching():
            for change, n in possible.items():
                figure("VERSIONS", f"found: {change}", right[change] / n, "share", data=data, n=n,
                       interval=wilson(right[change], n))  # fmt: skip
            figure("VERSIONS", "different tracks taken for one", len(wrong), "pairs", data=data,
                   n=n_other)  # fmt: skip
            for i, j in wrong:
                _tell(names, labels, i, j)
        recall = mean_bootstrap(recall_by_recording(found, labels), derived_rng(0, "versions"))
        figure("VERSIONS", f"recall, {says}", recall.difference, "share", data=data,
               n=sum(possible.values()), interval=(recall.low, recall.high))  # fmt: skip
        if found:
            n_same = len(found) - len(wrong)
            figure("VERSIONS", f"precision, {says}", n_same / len(found), "share", data=data,
                   n=len(found), interval=wilson(n_same, len(found)))  # fmt: skip


def recall_by_recording(found: list[tuple[int, int]], labels: list[tuple[int, str]]) -> FloatVector:
    """Of each changed recording, the share of its changed files that were found to be it."""
    changed = Counter(number for number, change in labels if change != "original")
    right = Counter(
        labels[i][0]
        for i, j in found
        if labels[i][0] == labels[j][0] and labels[i][1] == "original"
    )
    return np.array([right[number] / n for number, n in sorted(changed.items())])


def wilson(n_right: int, n: int) -> tuple[float, float]:
    """95 % interval of a share."""
    bounds = binomtest(n_right, n).proportion_ci(method="wilson")
    return float(bounds.low), float(bounds.high)


def _tell(names: list[str], labels: list[tuple[int, str]], i: int, j: int) -> None:
    both = (f"{names[labels[k][0]]} ({labels[k][1]})" for k in (i, j))
    progress(f"taken for one: {', '.join(both)}")


def _by_change(pairs: Iterable[tuple[int, int]], labels: list[tuple[int, str]]) -> Counter[str]:
    """Pairs of one recording, the original on one side, by what was done to the other."""
    return Counter(
        labels[j][1]
        for i, j in pairs
        if labels[i][0] == labels[j][0] and labels[i][1] == "original"
    )


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("/tmp/segue-q8"))  # noqa: S108
    parser.add_argument("--music", type=Path, nargs="*", default=REAL_FOLDERS)
    parser.add_argument("--changed", type=int, default=60, help="tracks of each set")
    given = parser.parse_args(argv)
    real = [path for root in given.music for path in songs(root)]
    sets = {"music of Debian packages": real}
    write_library(given.work / "seed101", 101, 128)
    sets["composed tracks, seed 101"] = songs(given.work / "seed101")
    for data, paths in sets.items():
        if len(paths) < 2:
            progress(f"no {data}: see data of Q8")
            continue
        with tempfile.TemporaryDirectory(prefix="segue-versions-") as folder:
            prints, labels = library(paths, given.changed, Path(folder))
        judge(f"{data}, {len(paths)}", prints, labels, [path.name for path in paths])


def songs(root: Path) -> list[Path]:
    return sorted(p for p in root.rglob("*") if p.suffix in SUFFIXES and _is_song(p))


def _is_song(path: Path) -> bool:
    try:
        return SHORTEST_S <= soundfile.info(path).duration <= LONGEST_S
    except soundfile.LibsndfileError:
        return False


if __name__ == "__main__":
    main()
