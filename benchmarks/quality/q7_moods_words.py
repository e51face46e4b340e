"""Q7: moods from words, and requests in words against annotated genres.

*Moods.* Valence and arousal of the test part of deezer-mood (z-scores, cut by artist) from artist
and title, R2 against the mean of the training part. "lexicon" reads the words of artist and title
with Segue's own lexicon and fits a line to each scale on the training part, since the two have
other units; "tags" reads the HetRec tags of the artist so. "learned" is ridge on the WordLlama
vectors of artist and title, TF-IDF of their words and of the artist's tags, and both readings of
the lexicon, its strength chosen on the validation part. Nothing learned here ships.

*Requests.* English requests of deezer-recointent whose annotation names a wanted genre that one of
the 24 subgenres of spotify-songs stands for (by the genre tree: the nearest, at most two steps
away). Tracks are searched by the request, the first 200 are looked at, and subgenres are ranked by
their first appearance among them; the reciprocal rank of the first right one counts, 0 where none
appears. A track's document is its title, artist, album and year with the subgenres of its playlists
as genre terms. "words" is BM25 on the request's words alone, "vectors" cosine alone, "ask" the
whole of ``AskIndex`` with the request understood. The tree that reads the requests also says which
subgenres are right, so that "ask" is favoured: its figure says whether a genre that was named is
recognised and served, no more.

Intervals by bootstrap over tracks and over requests.
"""

import argparse
import ast
import csv
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy import sparse

from benchmarks.lines import DATA_FOLDER, figure, progress, skip_unless
from segue.data.affect import affect_of_words
from segue.data.asked import AskedFor
from segue.data.dataset import Dataset, TrackTable
from segue.evaluation.intervals import mean_bootstrap, paired_bootstrap, ratio_bootstrap
from segue.models.ask import AskIndex
from segue.models.bm25 import tokens
from segue.models.content import tfidf_vectors
from segue.models.ridge import Features, solve_ridge
from segue.rng import derived_rng
from segue.text.documents import TrackWords, document
from segue.text.embed import word_embedder
from segue.text.genres import genre_tree
from segue.text.normalise import fold
from segue.text.query import understand
from segue.types import FloatMatrix, FloatVector

PARTS = ("train", "validation", "test")
STRENGTHS = (3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
N_FOUND, MAX_DISTANCE = 200, 2
REQUESTS = "deezer-recointent against spotify-songs"


def read_moods(folder: Path) -> dict[str, list[dict[str, str]]]:
    parts = {}
    for part in PARTS:
        with (folder / f"{part}.csv").open(encoding="utf-8", newline="") as file:
            parts[part] = list(csv.DictReader(file))
    return parts


def tags_of_artists(folder: Path) -> dict[str, list[str]]:
    """Folded tags of each artist of HetRec by folded name, one entry a tagging."""
    with (folder / "artists.dat").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        names = {row[0]: fold(row[1]) for row in list(rows)[1:]}
    with (folder / "tags.dat").open(encoding="latin-1", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        tags = {row[0]: fold(row[1]) for row in list(rows)[1:]}
    found: dict[str, list[str]] = defaultdict(list)
    lines = (folder / "user_taggedartists.dat").read_text("latin-1").splitlines()[1:]
    for line in lines:
        _, artist, tag, *_ = line.split("\t")
        if artist in names and tag in tags:
            found[names[artist]].append(tags[tag])
    return found


def affect_of(texts: Sequence[Sequence[str]]) -> FloatMatrix:
    """Mean reading of several names a row, shrunk by 0.5; zeros where the lexicon has none."""
    rows = []
    for names in texts:
        read = [affect_of_words(name) for name in names]
        n = sum(count > 0 for *_, count in read)
        rows.append([sum(r[0] for r in read) / (n + 0.5), sum(r[1] for r in read) / (n + 0.5)])
    return np.array(rows)


def r2(truth: FloatMatrix, guess: FloatMatrix, mean: FloatVector) -> FloatVector:
    """1 - squared error over that of the training mean, a value a column."""
    return 1 - ((truth - guess) ** 2).sum(axis=0) / ((truth - mean) ** 2).sum(axis=0)


def r2_interval(truth: FloatVector, guess: FloatVector, mean: float) -> tuple[float, float]:
    """95 % interval of R2 of one column, tracks drawn again."""
    rng = derived_rng(0, "q7", "r2")
    ratio = ratio_bootstrap((truth - guess) ** 2, (truth - mean) ** 2, rng)
    return 1 - ratio.high, 1 - ratio.low


def fit_and_guess(features: dict[str, Features], y: dict[str, FloatMatrix]) -> FloatMatrix:
    """Ridge from the training part, the strength best on the validation part; the test part."""
    mean = y["train"].mean(axis=0)
    best, guess = np.full(y["test"].shape[1], -np.inf), np.zeros_like(y["test"])
    ones = np.ones(len(y["train"]))
    for strength in STRENGTHS:
        mapping = solve_ridge(features["train"], y["train"] - mean, ones, strength)
        values = r2(y["validation"], features["validation"].times(mapping) + mean, mean)
        progress(f"ridge {strength}: {values.round(4).tolist()} on the validation part")
        better = values > best
        best[better] = values[better]
        guess[:, better] = (features["test"].times(mapping) + mean)[:, better]
    return guess


def measure_moods(folder: Path) -> None:
    parts = read_moods(folder / "deezer-mood")
    tags = tags_of_artists(folder / "hetrec2011-lastfm")
    y = {p: np.array([[float(r["valence"]), float(r["arousal"])] for r in parts[p]]) for p in PARTS}
    names = {p: [[fold(r["track_name"]), fold(r["artist_name"])] for r in parts[p]] for p in PARTS}
    of_tags = {p: affect_of([tags.get(artist, []) for _, artist in names[p]]) for p in PARTS}
    of_words = {p: affect_of(names[p]) for p in PARTS}
    known = {p: np.array([artist in tags for _, artist in names[p]]) for p in PARTS}
    vectors = {p: word_embedder().embed([". ".join(pair) for pair in names[p]]) for p in PARTS}
    vectors = {p: np.nan_to_num(vectors[p]).astype(np.float64) for p in PARTS}
    words = term_features({p: [words_of(*pair) for pair in names[p]] for p in PARTS})
    tagged = term_features({p: [tags.get(artist, []) for _, artist in names[p]] for p in PARTS})
    sets = {
        "lexicon on artist and title": {p: dense(of_words[p]) for p in PARTS},
        "lexicon on tags of the artist": {p: dense(of_tags[p], known[p]) for p in PARTS},
        "lexicon on both": {p: dense(of_words[p], of_tags[p], known[p]) for p in PARTS},
        "learned ridge": {
            p: Features(
                sparse.hstack([words[p], tagged[p]], format="csr"),
                dense(5 * vectors[p], 30 * of_words[p], 30 * of_tags[p], 30 * known[p]).dense,
            ) for p in PARTS
        },
    }  # fmt: skip
    mean = y["train"].mean(axis=0)
    progress(f"artists with tags in the test part: {known['test'].mean():.3f}")
    for label, features in sets.items():
        guess = fit_and_guess(features, y)
        values = r2(y["test"], guess, mean)
        for at, name in enumerate(("valence", "arousal")):
            bounds = r2_interval(y["test"][:, at], guess[:, at], float(mean[at]))
            figure("Q7", f"{label}: {name} R2", values[at], "share", data="deezer-mood",
                   n=len(y["test"]), interval=bounds)  # fmt: skip


def dense(*columns: np.ndarray) -> Features:
    """Columns and a constant."""
    n = len(columns[0])
    table = np.column_stack([np.ones(n), *columns]).astype(np.float64)
    return Features(sparse.csr_matrix((n, 0)), table)


def words_of(title: str, artist: str) -> list[str]:
    """Words of the title, and the artist as a whole and by words, told apart."""
    return [*title.split(), f"artist {artist}", *(f"by {word}" for word in artist.split())]


def term_features(terms_of: dict[str, list[list[str]]]) -> dict[str, sparse.csr_matrix]:
    """Three times the unit TF-IDF of each row (no target is looked at)."""
    column: dict[str, int] = {}
    rows, columns, n = [], [], 0
    for part in PARTS:
        for terms in terms_of[part]:
            for term in set(terms):
                rows.append(n)
                columns.append(column.setdefault(term, len(column)))
            n += 1
    matrix = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), (n, len(column)))
    weighted = 3 * tfidf_vectors(matrix, np.ones(len(column))).astype(np.float64)
    bounds = np.cumsum([0, *(len(terms_of[p]) for p in PARTS)])
    return {p: weighted[bounds[i] : bounds[i + 1]] for i, p in enumerate(PARTS)}


def read_requests(folder: Path, subgenres: Sequence[str]) -> list[tuple[str, frozenset[str]]]:
    """English requests with the subgenres that their annotated genres stand for."""
    with (folder / "MusicRecoIntent_dataset.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = []
    for row in rows:
        if row["language"] != "en":
            continue
        wanted = ast.literal_eval(row["intents"]).get("Genre", {})
        names = [name for name, sign in wanted if sign == "+"]
        right = frozenset(s for name in names for s in standing_for(name, subgenres))
        if right:
            found.append((row["query"], right))
    return found


def standing_for(name: str, subgenres: Sequence[str]) -> list[str]:
    """The subgenres nearest to a genre in the tree, at most 2 steps away."""
    tree = genre_tree()
    steps = {s: 0 if fold(s) == fold(name) else tree.distance(s, name) for s in subgenres}
    near = [s for s in steps.values() if s is not None]
    if not near or min(near) > MAX_DISTANCE:
        return []
    return [s for s, distance in steps.items() if distance == min(near)]


def read_catalogue(folder: Path) -> tuple[Dataset, list[str], list[frozenset[str]], list[str]]:
    """The tracks with documents, the subgenres of each, and all subgenres."""
    with (folder / "spotify_songs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    of_track: dict[str, set[str]] = defaultdict(set)
    first: dict[str, dict[str, str]] = {}
    for row in rows:
        first.setdefault(row["track_id"], row)
        of_track[row["track_id"]].add(row["playlist_subgenre"])
    ids = sorted(first)
    subgenres = sorted({row["playlist_subgenre"] for row in rows})
    own = [frozenset(of_track[id_]) for id_ in ids]
    years = [int(first[id_]["track_album_release_date"][:4] or 0) for id_ in ids]
    documents = [
        document(TrackWords(
            title=first[id_]["track_name"], artists=(first[id_]["track_artist"],),
            album=first[id_]["track_album_name"], genres=tuple(sorted(own[row])), year=years[row],
        ))
        for row, id_ in enumerate(ids)
    ]  # fmt: skip
    column = {name: i for i, name in enumerate(subgenres)}
    pairs = [(row, column[name]) for row, names in enumerate(own) for name in names]
    terms = sparse.csr_matrix(
        (np.ones(len(pairs), np.float32), tuple(np.array(pairs).T)), (len(ids), len(subgenres))
    )
    table = replace(
        TrackTable.bare(ids), terms=terms, term_names=subgenres,
        term_kinds=["genre"] * len(subgenres), year=np.array(years, np.int16),
        vectors={"text": word_embedder().embed(documents)},
    )  # fmt: skip
    return Dataset.from_csr(sparse.csr_matrix((0, len(ids))), table), documents, own, subgenres


def reciprocal_rank(
    found: Sequence[int], own: Sequence[frozenset[str]], right: frozenset[str]
) -> float:
    """1 over the place of the first right subgenre in order of appearance; 0 without."""
    seen: dict[str, None] = {}
    for row in found:
        seen |= dict.fromkeys(sorted(own[row]))
    places = [place for place, name in enumerate(seen, start=1) if name in right]
    return 1.0 / places[0] if places else 0.0


def measure_requests(folder: Path) -> None:
    data, documents, own, subgenres = read_catalogue(folder / "spotify-songs")
    requests = read_requests(folder / "deezer-recointent", subgenres)
    index = AskIndex.fit(data, documents, canonical_genre=genre_tree().name)
    vectors = word_embedder().embed([text for text, _ in requests])
    ways: dict[str, Callable[[str, FloatVector], AskedForWith]] = {
        "words": lambda text, _: (AskedFor(words=tuple(tokens(text))), None),
        "vectors": lambda _, vector: (AskedFor(), vector),
        "words and vectors": lambda text, vector: (AskedFor(words=tuple(tokens(text))), vector),
        "ask without vectors": lambda text, _: (understand(text), None),
        "ask": lambda text, vector: (understand(text), vector),
    }
    every: dict[str, FloatVector] = {}
    for label, way in ways.items():
        values = []
        for (text, right), vector in zip(requests, vectors, strict=True):
            asked, query = way(text, vector)
            found = index.search(asked, query, N_FOUND).tracks.track_idx.tolist()
            values.append(reciprocal_rank(found, own, right))
        every[label] = np.array(values)
        bounds = mean_bootstrap(every[label], derived_rng(0, "q7"))
        figure("Q7", f"{label}: MRR of the genre", bounds.difference, "share",
               data=REQUESTS, n=len(requests), interval=(bounds.low, bounds.high))  # fmt: skip
    gain = paired_bootstrap(every["ask"], every["words and vectors"], derived_rng(0, "q7", "gain"))
    figure("Q7", "ask less words and vectors: MRR of the genre", gain.difference, "share",
           data=REQUESTS, n=len(requests), interval=(gain.low, gain.high))  # fmt: skip
    chance = np.mean([len(right) / len(subgenres) for _, right in requests])
    progress(f"right subgenres of a request: {chance:.3f} of all")


AskedForWith = tuple[AskedFor, FloatVector | None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA_FOLDER, help="folder of data sets")
    folder: Path = parser.parse_args().data
    for needed in ("deezer-mood", "hetrec2011-lastfm", "deezer-recointent", "spotify-songs"):
        skip_unless(folder / needed)
    measure_moods(folder)
    measure_requests(folder)


if __name__ == "__main__":
    main()
