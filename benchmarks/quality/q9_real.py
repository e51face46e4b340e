"""Q9 on real music: similar by sound against the plain cosine of MFCCs.

Tracks of 30 s or more with an artist in their tags, from Debian's packages of free games. Few carry
a genre, but the music of a game is of one kind (romantic classical, chiptunes, space ambient), so
that is the label; the two games with metal share one. Labels with one artist are left out, since
tracks of the asked artist are. Both programs hear the same file; MFCCs are librosa's, mean and
standard deviation of 20, standardised, of the middle 75 s.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile
from scipy import sparse
from tinytag import TinyTag, TinyTagException

from benchmarks.lines import figure, progress
from segue.audio.features import analyse
from segue.data.dataset import Dataset, TrackTable
from segue.evaluation.intervals import mean_bootstrap, paired_bootstrap
from segue.models.sound import SoundKNN
from segue.rng import derived_rng
from segue.types import FloatMatrix, FloatVector, IntVector

FOLDERS = tuple(Path("/usr/share", name) for name in (
    "games/wesnoth", "games/supertux2", "games/colobot", "games/fretsonfire", "games/marsshooter",
    "naev", "hyperrogue"))  # fmt: skip
LABELS = {"fretsonfire": "metal", "marsshooter": "metal"}
SUFFIXES = (".ogg", ".opus", ".mp3", ".flac")
SHORTEST_S, EXCERPT_S, K = 30.0, 75.0, 10


def tagged(folders: Sequence[Path]) -> list[tuple[Path, str, str]]:
    """Files, labels and artists; of labels with two artists or more."""
    found: list[tuple[Path, str, str]] = []
    for folder in folders:
        for path in sorted(p for p in folder.rglob("*") if p.suffix in SUFFIXES):
            try:
                tag = TinyTag.get(path)
                lasts = soundfile.info(path).duration
            except (TinyTagException, soundfile.LibsndfileError):
                continue
            if tag.artist and lasts >= SHORTEST_S:
                found.append((path, LABELS.get(folder.name, folder.name), tag.artist.casefold()))
    artists: dict[str, set[str]] = defaultdict(set)
    for _, label, artist in found:
        artists[label].add(artist)
    return [one for one in found if len(artists[one[1]]) > 1]


def mfcc(path: Path) -> FloatVector:
    import librosa

    with soundfile.SoundFile(path) as file:
        n = min(round(EXCERPT_S * file.samplerate), file.frames)
        file.seek((file.frames - n) // 2)
        y = file.read(n, dtype="float32", always_2d=True).mean(axis=1)
        rate = file.samplerate
    y = librosa.resample(y, orig_sr=rate, target_sr=22_050)
    found = librosa.feature.mfcc(y=y, sr=22_050, n_mfcc=20)
    return np.concatenate([found.mean(axis=1), found.std(axis=1)])


def standardised(values: FloatMatrix) -> FloatMatrix:
    scaled = (values - values.mean(axis=0)) / np.maximum(values.std(axis=0), 1e-9)
    scaled /= np.linalg.norm(scaled, axis=1, keepdims=True)
    return scaled @ scaled.T


def by_model(values: FloatMatrix) -> FloatMatrix:
    table = TrackTable.bare(str(row) for row in range(len(values)))
    table = replace(table, vectors={"sound": values})
    data = Dataset.from_csr(sparse.csr_matrix((1, len(values)), dtype=np.float32), table)
    arrays = SoundKNN().fit(data).to_arrays()
    vectors, hub = np.asarray(arrays["vectors"]), np.asarray(arrays["hub"])
    return vectors @ vectors.T - hub[:, np.newaxis] - hub


def precision(likeness: FloatMatrix, label: IntVector, artist: IntVector) -> FloatVector:
    """Of each track, the share of its 10 nearest by other artists that has its label."""
    scores = np.where(artist[:, np.newaxis] == artist, -np.inf, likeness)
    nearest = np.argsort(-scores, axis=1, kind="stable")[:, :K]
    return (label[nearest] == label[:, np.newaxis]).mean(axis=1)


def compare_real(folders: Sequence[Path] = FOLDERS) -> None:
    files = tagged(folders)
    if len(files) < 10 * K:
        progress("no real music: install wesnoth-1.16-music, supertux-data, naev-data, "
                 "colobot-common-sounds, hyperrogue-music, marsshooter-data, "
                 "fretsonfire-songs-muldjord")  # fmt: skip
        return
    label, artist = (np.unique([one[at] for one in files], return_inverse=True)[1] for at in (1, 2))
    progress(f"{len(files)} tracks, {len(set(label))} labels, {len(set(artist))} artists")
    ours = np.array([analyse(path).vector for path, _, _ in files])
    progress("heard by Segue")
    theirs = np.array([mfcc(path) for path, _, _ in files])
    shares = {
        "similar by sound": precision(by_model(ours), label, artist),
        "standardised cosine of all our features": precision(standardised(ours), label, artist),
        "plain MFCC cosine, librosa": precision(standardised(theirs), label, artist),
        "chance": precision(derived_rng(0, "q9").random((len(files),) * 2), label, artist),
    }
    rng = derived_rng(0, "q9", "intervals")
    data = f"games' music with artist tags, {len(set(label))} kinds"
    for name, values in shares.items():
        interval = mean_bootstrap(values, rng)
        figure("Q9", f"{name}: precision at 10, other artists", float(values.mean()), "share",
               data=data, n=len(files), interval=(interval.low, interval.high))  # fmt: skip
    gain = paired_bootstrap(shares["similar by sound"], shares["plain MFCC cosine, librosa"], rng)
    figure("Q9", "similar by sound over plain MFCC cosine", gain.difference, "share", data=data,
           n=len(files), interval=(gain.low, gain.high))  # fmt: skip


if __name__ == "__main__":
    compare_real()
