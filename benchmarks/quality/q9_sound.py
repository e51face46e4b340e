"""Q9: music that sounds alike: of the 10 nearest by other artists, how many are of one genre; hubs.

On real music (:mod:`benchmarks.quality.q9_real`), on the 12 audio features of spotify-songs (six
genres), and on MFCC statistics of a composed library
whose styles are planted (``--tracks``; 0 leaves it out; librosa makes them). Compared: the plain
cosine of standardised features, the whitened cosine, CSLS (the model's own), and mutual proximity
(Schnitzer et al. 2012, JMLR 13) with normal distributions, at several shrinkages.
"""

import argparse
import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.special import ndtr

from benchmarks.lines import DATA_FOLDER, figure, progress, skip_unless
from benchmarks.quality.q9_real import compare_real
from segue.data.dataset import Dataset, TrackTable
from segue.evaluation.similarity import Likeness, similarity_report
from segue.models.sound import SoundKNN
from segue.types import FloatMatrix, IntVector

MAX_ASKED = 3_000
SHRINKAGES = (0.0, 0.1, 0.3, 0.6, 1.0)
FEATURES = ("danceability energy loudness mode speechiness acousticness instrumentalness liveness "
            "valence tempo duration_ms key").split()  # fmt: skip
Labelled = tuple[FloatMatrix, IntVector, IntVector]  # features, genre, artist


def spotify(folder: Path) -> Labelled:
    """Each track once; its genre is that of the first playlist it stands in."""
    with (folder / "spotify_songs.csv").open(encoding="utf-8", newline="") as file:
        rows = list({row["track_id"]: row for row in reversed(list(csv.DictReader(file)))}.values())
    values = np.array([[float(row[name]) for name in FEATURES] for row in rows], np.float32)
    return values, _numbered([r["playlist_genre"] for r in rows]), _numbered(
        [r["track_artist"] for r in rows]
    )  # fmt: skip


def composed(n_tracks: int) -> Labelled:
    """Mean and standard deviation of 20 MFCCs and their differences: 80 numbers a track."""
    import librosa

    from segue.synthetic.music import compose_library, render_track

    plans = compose_library(20_262, n_tracks)
    made = []
    for number, plan in enumerate(plans):
        y = librosa.resample(render_track(plan).mean(axis=1), orig_sr=32_000, target_sr=16_000)
        mfcc = librosa.feature.mfcc(y=y, sr=16_000, n_mfcc=20)
        parts = (mfcc, np.diff(mfcc, axis=1))
        made.append(np.concatenate([f(p, axis=1) for p in parts for f in (np.mean, np.std)]))
        if number % 50 == 49:
            progress(f"{number + 1} tracks rendered")
    return (np.array(made, np.float32), _numbered([p.style for p in plans]),
            _numbered([p.artists[0] for p in plans]))  # fmt: skip


def standardised_cosine(values: FloatMatrix) -> Likeness:
    scaled = (values - values.mean(axis=0)) / np.maximum(values.std(axis=0), 1e-9)
    unit = scaled / np.linalg.norm(scaled, axis=1, keepdims=True)
    return lambda rows: unit[rows] @ unit.T


def of_model(values: FloatMatrix, shrinkage: float, *, hubs: bool) -> tuple[Likeness, FloatMatrix]:
    table = TrackTable.bare(str(row) for row in range(len(values)))
    table = replace(table, vectors={"sound": values})
    data = Dataset.from_csr(sparse.csr_matrix((1, len(values)), dtype=np.float32), table)
    model = SoundKNN(shrinkage=shrinkage, hubs=hubs).fit(data)
    arrays = model.to_arrays()
    vectors, hub = arrays["vectors"], arrays["hub"]
    return (lambda rows: vectors[rows] @ vectors.T - hub[rows][:, np.newaxis] - hub), vectors


def mutual_proximity(vectors: FloatMatrix) -> Likeness:
    """P(i is nearer to j than to others) * P(j is nearer to i), with normal distributions."""
    drawn = np.random.default_rng(0).permutation(len(vectors))[:4096]
    cosines = vectors @ vectors[drawn].T
    mean, spread = cosines.mean(axis=1), cosines.std(axis=1)

    def likeness(rows: IntVector) -> FloatMatrix:
        cosine = vectors[rows] @ vectors.T
        mine = (cosine - mean[rows][:, np.newaxis]) / spread[rows][:, np.newaxis]
        return np.log(ndtr(mine) + 1e-300) + np.log(ndtr((cosine - mean) / spread) + 1e-300)

    return likeness


def compare(data: str, values: FloatMatrix, genre: IntVector, artist: IntVector) -> None:
    named = {"standardised cosine": standardised_cosine(values)}
    for shrinkage in SHRINKAGES:
        plain, vectors = of_model(values, shrinkage, hubs=False)
        named[f"whitened, shrinkage {shrinkage}"] = plain
        named[f"whitened, CSLS, shrinkage {shrinkage}"] = of_model(values, shrinkage, hubs=True)[0]
        named[f"whitened, MP, shrinkage {shrinkage}"] = mutual_proximity(vectors)
    n = min(len(genre), MAX_ASKED)
    asked = np.random.default_rng(0).choice(len(genre), n, replace=False)
    for name, likeness in named.items():
        report = similarity_report(likeness, genre, artist, asked=asked)
        for metric, value in (
            ("precision at 10, other artists", report.precision),
            ("skewness of 10-occurrence", report.skewness),
            ("never near", report.never_near),
        ):
            figure("Q9", f"{name}: {metric}", value, "share" if "skew" not in metric else "",
                   data=data, n=n)  # fmt: skip


def _numbered(names: list[str]) -> IntVector:
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA_FOLDER)
    parser.add_argument("--tracks", type=int, default=256)
    given = parser.parse_args(argv)
    compare_real()
    if given.tracks:
        compare(f"composed {given.tracks} tracks, MFCC", *composed(given.tracks))
    folder = given.data / "spotify-songs"
    skip_unless(folder)
    compare("spotify-songs, 12 features", *spotify(folder))


if __name__ == "__main__":
    main()
