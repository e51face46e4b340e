"""ALIKE: sound and words together, of the 10 nearest by other artists how many are of one genre.

Tracks of spotify-songs: 12 audio features, and a document of title, artist, album and year, once
without and once with the five tags that Last.fm's listeners gave the artist most often (HetRec;
about a third of the tracks has such an artist). Their genre is that of the first playlist they
stand in, which neither sound nor words were made from; tracks of the asked artist are left out.
Compared: sound alone, words alone, both in one space at several weights, and both where half of the
tracks was not heard. Intervals by bootstrap over the asked tracks, differences paired.
"""

import argparse
import csv
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy import sparse

from benchmarks.lines import DATA_FOLDER, figure, progress, skip_unless
from benchmarks.quality.q7_moods_words import tags_of_artists
from benchmarks.quality.q9_sound import FEATURES
from segue.data.dataset import Dataset, TrackTable
from segue.evaluation.intervals import mean_bootstrap, paired_bootstrap
from segue.models.alike import AlikeKNN
from segue.models.sound import SoundKNN
from segue.rng import derived_rng
from segue.text.documents import TrackWords, document
from segue.text.embed import word_embedder
from segue.text.normalise import fold
from segue.types import FloatMatrix, FloatVector, IntVector

WEIGHTS = (0.1, 0.3, 0.5, 0.7, 0.9)
N_ASKED, K, N_TAGS, BLOCK = 2_000, 10, 5, 500
DATA = "spotify-songs"
Rows = list[dict[str, str]]


def read_rows(folder: Path) -> Rows:
    """Each track once, with the first playlist it stands in."""
    rows: dict[str, dict[str, str]] = {}
    with (folder / "spotify_songs.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["track_id"], row)
    return list(rows.values())


def documents(rows: Rows, tags: dict[str, list[str]]) -> list[str]:
    def most(artist: str) -> tuple[str, ...]:
        return tuple(tag for tag, _ in Counter(tags.get(fold(artist), ())).most_common(N_TAGS))

    return [
        document(TrackWords(
            title=row["track_name"], artists=(row["track_artist"],), album=row["track_album_name"],
            year=int(row["track_album_release_date"][:4]), tags=most(row["track_artist"]),
        ))
        for row in rows
    ]  # fmt: skip


def dataset(sound: FloatMatrix, text: FloatMatrix) -> Dataset:
    table = TrackTable.bare(str(row) for row in range(len(sound)))
    table = replace(table, vectors={"sound": sound, "text": text})
    return Dataset.from_csr(sparse.csr_matrix((1, len(sound)), dtype=np.float32), table)


def precision(
    model: SoundKNN, asked: IntVector, genre: IntVector, artist: IntVector
) -> FloatVector:
    """Of each asked track, the share of its 10 nearest by other artists that has its genre."""
    arrays = model.to_arrays()
    vectors, hub = np.asarray(arrays["vectors"]), np.asarray(arrays["hub"])
    parts = []
    for start in range(0, len(asked), BLOCK):
        rows = asked[start : start + BLOCK]
        scores = vectors[rows] @ vectors.T - hub
        scores[artist[rows][:, np.newaxis] == artist] = -np.inf
        nearest = np.argpartition(-scores, K - 1, axis=1)[:, :K]
        parts.append((genre[nearest] == genre[rows][:, np.newaxis]).mean(axis=1))
    return np.concatenate(parts)


def compare(
    name: str,
    sound: FloatMatrix,
    text: FloatMatrix,
    asked: IntVector,
    genre: IntVector,
    artist: IntVector,
    weights: tuple[float, ...] = WEIGHTS,
) -> None:
    data = dataset(sound, text)
    models = {"sound": SoundKNN(), "words": AlikeKNN(words_weight=1.0)}
    models |= {f"both, words {weight}": AlikeKNN(words_weight=weight) for weight in weights}
    found = {key: precision(model.fit(data), asked, genre, artist) for key, model in models.items()}
    rng = derived_rng(0, "alike", "intervals")
    for key, values in found.items():
        interval = mean_bootstrap(values, rng)
        figure("ALIKE", f"{name}: {key}", float(values.mean()), "share", data=DATA, n=len(asked),
               interval=(interval.low, interval.high))  # fmt: skip
    for key in ("sound", "words"):
        gain = paired_bootstrap(found["both, words 0.5"], found[key], rng)
        figure("ALIKE", f"{name}: both, words 0.5, over {key}", gain.difference, "share", data=DATA,
               n=len(asked), interval=(gain.low, gain.high))  # fmt: skip


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA_FOLDER)
    given = parser.parse_args(argv)
    skip_unless(given.data / "spotify-songs")
    skip_unless(given.data / "hetrec2011-lastfm")
    rows = read_rows(given.data / "spotify-songs")
    sound = np.array([[float(row[name]) for name in FEATURES] for row in rows], np.float32)
    genre, artist = (np.unique([row[key] for row in rows], return_inverse=True)[1]
                     for key in ("playlist_genre", "track_artist"))  # fmt: skip
    tags = tags_of_artists(given.data / "hetrec2011-lastfm")
    rng = derived_rng(0, "alike")
    asked = rng.choice(len(rows), N_ASKED, replace=False)
    unheard = rng.random(len(rows)) < 0.5
    tagged = np.array([fold(row["track_artist"]) in tags for row in rows])
    progress(f"{tagged.mean():.1%} of the tracks by an artist with tags")
    for name, known in (("names", {}), ("names and tags", tags)):
        text = word_embedder().embed(documents(rows, known)).astype(np.float32)
        compare(name, sound, text, asked, genre, artist)
        if known:
            compare(
                "names and tags, tagged artists", sound, text, asked[tagged[asked]], genre, artist
            )
        half = np.where(unheard[:, np.newaxis], np.float32(np.nan), sound)
        compare(f"{name}, half not heard, those asked", half, text, asked[unheard[asked]], genre,
                artist, (0.5,))  # fmt: skip
        compare(f"{name}, half not heard, heard ones asked", half, text, asked[~unheard[asked]],
                genre, artist, (0.5,))  # fmt: skip


if __name__ == "__main__":
    main()
