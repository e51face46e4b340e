"""The two data sets of Q5 as matrices: what a cold track has must not say who will play it."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import sparse

from benchmarks.quality.q1_hetrec import HetRec, read_columns, read_hetrec, tags_without
from segue.data.dataset import Dataset, TrackTable
from segue.data.vocabulary import Vocabulary
from segue.types import CsrMatrix, FloatMatrix, IntVector

AUDIO = ("danceability", "energy", "loudness", "mode", "speechiness", "acousticness",
         "instrumentalness", "liveness", "valence", "tempo", "duration_ms")  # fmt: skip
WORD = re.compile(r"[^\W\d_]{3,}")
MIN_WORD_TRACKS = 3


@dataclass(frozen=True)
class Artists:
    """HetRec: listeners by artists, taggings, and facts of the knowledge graph as terms."""

    hetrec: HetRec
    facts: CsrMatrix

    @property
    def pairs(self) -> CsrMatrix:
        return self.hetrec.pairs

    def dataset(self, train: CsrMatrix, held_out: CsrMatrix) -> Dataset:
        """Tags (kind "tag", without those of pairs held out) and facts (kind "word")."""
        tags = tags_without(held_out, self.hetrec)
        terms = sparse.hstack([tags, self.facts], format="csr", dtype=np.float32)
        table = replace(
            TrackTable.bare(str(row) for row in range(train.shape[1])),
            terms=terms,
            term_names=[str(column) for column in range(terms.shape[1])],
            term_kinds=["tag"] * tags.shape[1] + ["word"] * self.facts.shape[1],
        )
        return Dataset.from_csr(train, table)


@dataclass(frozen=True)
class Songs:
    """Playlists by tracks, and the columns that a file alone would give."""

    pairs: CsrMatrix
    subgenre_of_playlist: Sequence[str]
    artist: Sequence[str]
    album: Sequence[str]
    title: Sequence[str]
    year: IntVector
    audio: FloatMatrix
    with_names: bool = True

    def dataset(self, train: CsrMatrix, held_out: CsrMatrix) -> Dataset:
        """Artist, album, decade, words of titles, genres of the artist, and audio.

        The genre of a row of the file is that of the playlist, so that of a cold track would name
        the playlists it was taken from. A track's genres here are those of the training playlists
        with any track of its artist; a cold track of a new artist has none. Without names there
        are only genres, decade and audio, and the artist is not known to the models.
        """
        of_artist: dict[str, set[str]] = defaultdict(set)
        coo = train.tocoo()
        for row, column in zip(coo.row.tolist(), coo.col.tolist(), strict=True):
            of_artist[self.artist[column]].add(self.subgenre_of_playlist[row])
        columns = {
            "genre": [sorted(of_artist[name]) for name in self.artist],
            "decade": [[f"{year // 10 * 10}s"] if year else [] for year in self.year.tolist()],
        }
        if self.with_names:
            columns |= self._names()
        terms, names, kinds = term_matrix(columns)
        artist_ids = Vocabulary(sorted(set(self.artist)))
        nobody = np.full(len(self.artist), -1, np.int32)
        table = replace(
            TrackTable.bare(str(row) for row in range(train.shape[1])),
            terms=terms,
            term_names=names,
            term_kinds=kinds,
            artist_ids=artist_ids,
            artist_idx=artist_ids.rows(self.artist) if self.with_names else nobody,
            year=self.year.astype(np.int16),
            vectors={"sound": self.audio},
        )
        return Dataset.from_csr(train, table)

    def _names(self) -> dict[str, list[list[str]]]:
        return {
            "artist": [[name] for name in self.artist],
            "album": [[name] for name in self.album],
            "word": [WORD.findall(title.casefold()) for title in self.title],
        }


def term_matrix(
    columns: dict[str, list[list[str]]],
) -> tuple[CsrMatrix, list[str], list[str]]:
    """Terms of each kind for each track as CSR of ones; words of few tracks are left out."""
    number: dict[tuple[str, str], int] = {}
    rows: list[int] = []
    of_row: list[int] = []
    for kind, terms_of in columns.items():
        for row, terms in enumerate(terms_of):
            for term in set(terms):
                rows.append(row)
                of_row.append(number.setdefault((kind, term), len(number)))
    n_tracks = len(next(iter(columns.values())))
    shape = (n_tracks, len(number))
    matrix = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, of_row)), shape)
    kinds = [kind for kind, _ in number]
    df = np.bincount(matrix.indices, minlength=len(number))
    keep = np.flatnonzero((df >= MIN_WORD_TRACKS) | (np.array(kinds) != "word"))
    names = [name for _, name in number]
    return matrix[:, keep].tocsr(), [names[i] for i in keep], [kinds[i] for i in keep]


def read_artists(hetrec: Path, knowledge: Path) -> Artists:
    """HetRec with the triples of its artists in KGCN's graph, read in both directions."""
    data = read_hetrec(hetrec)
    artists = np.unique(read_columns(hetrec / "user_artists.dat", 2)[1])
    lines = (knowledge / "item_index2entity_id.txt").read_text().splitlines()
    row_of: dict[str, int] = {}
    for line in lines:
        item, entity = line.split()
        place = int(np.searchsorted(artists, int(item)))
        if place < len(artists) and artists[place] == int(item):
            row_of[entity] = place
    facts = _facts((knowledge / "kg.txt").read_text().splitlines(), row_of)
    number: dict[tuple[str, str], int] = {}
    pairs = [(row, number.setdefault(fact, len(number))) for row, fact in facts]
    rows, columns = np.array(pairs, np.int64).T
    matrix = sparse.csr_matrix(
        (np.ones(len(rows), np.float32), (rows, columns)), (len(artists), len(number))
    )
    matrix.data[:] = 1.0
    df = np.bincount(matrix.indices, minlength=len(number))
    return Artists(data, matrix[:, df >= 2].tocsr())


def _facts(lines: Iterable[str], row_of: dict[str, int]) -> Iterable[tuple[int, tuple[str, str]]]:
    for line in lines:
        head, relation, tail = line.split("\t")
        if head in row_of:
            yield row_of[head], (relation, tail)
        if tail in row_of:
            yield row_of[tail], (f"inverse of {relation}", head)


def read_songs(folder: Path) -> Songs:
    """One row a playlist and a column a track, each pair once; facts of a track's first line."""
    with (folder / "spotify_songs.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    first = {line["track_id"]: line for line in reversed(lines)}
    playlists = {line["playlist_id"]: line["playlist_subgenre"] for line in reversed(lines)}
    tracks, rows = sorted(first), sorted(playlists)
    track_row = {id_: i for i, id_ in enumerate(tracks)}
    playlist_row = {id_: i for i, id_ in enumerate(rows)}
    pairs = sparse.csr_matrix(
        (
            np.ones(len(lines), np.float32),
            ([playlist_row[line["playlist_id"]] for line in lines],
             [track_row[line["track_id"]] for line in lines]),
        ),
        (len(rows), len(tracks)),
    )  # fmt: skip
    pairs.data[:] = 1.0
    facts = [first[id_] for id_ in tracks]
    return Songs(
        pairs=pairs,
        subgenre_of_playlist=[playlists[id_] for id_ in rows],
        artist=[line["track_artist"] for line in facts],
        album=[line["track_album_id"] for line in facts],
        title=[line["track_name"] for line in facts],
        year=np.array([int(line["track_album_release_date"][:4] or 0) for line in facts]),
        audio=np.array([[float(line[name]) for name in AUDIO] for line in facts], np.float32),
    )
