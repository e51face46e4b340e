"""Q3: the next artist on S3-Rec's Last.fm sequences, all artists ranked, HR@10 and NDCG@10.

1,090 listeners, 3,646 artists, 52,551 entries in order (Zhou et al. 2020, arXiv:2008.07873; data of
its repository). Leave-one-out: the last entry is the test, all before it are known and are left out
of the ranking, the validation entry among them, as S3-Rec does. No entry ever repeats.

Hyper-parameters and fusion weights are chosen on the three entries before the last one, each
predicted from what came before it alone. The chosen models then learn from all but the last entry
and are asked for it once. Popularity and EASE(30) are reference lines with nothing to choose.

Two fusions stand for the target: of listening alone, and with the artists' attributes. Attributes
are Last.fm tags whose givers the data does not name, so that a tag a listener gave to their own
test artist cannot be told apart and removed. Only attributes given to an artist twice or more
count, as the log of their number, so that no such tag stands on that listener's word alone.
"""

import argparse
import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from benchmarks.lines import DATA_FOLDER, figure, progress, skip_unless
from segue.data.dataset import Dataset, TrackTable
from segue.data.feedback import EventColumns
from segue.data.records import EVENT_CODE, EventKind
from segue.data.vocabulary import Vocabulary
from segue.evaluation.harness import rank_batch
from segue.evaluation.intervals import mean_bootstrap, paired_bootstrap
from segue.evaluation.metrics import hit_rate, hits_of, ndcg
from segue.models.base import Recommender
from segue.models.linear import EASE, EDLAE
from segue.models.popularity import Popularity
from segue.models.sequence import SLIST
from segue.rng import derived_rng
from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector

SOURCE = "s3rec-lastfm"
N_ARTISTS = 3646
TARGETS = {"hr@10": 0.1150, "ndcg@10": 0.0650}
REFERENCES = {
    "popularity": {"hr@10": 0.0440, "ndcg@10": 0.0203},
    "ease": {"hr@10": 0.0991, "ndcg@10": 0.0546},
}
VALIDATION = (2, 3, 4)  # places from the end
EDLAE_GRID = [{"regularization": reg, "dropout": 0.75} for reg in (10.0, 30.0)]
SLIST_GRID = [
    {"regularization": reg, "dropout": 0.75, "profile_decay": decay}
    for reg, decay in itertools.product((300.0, 1000.0), (3.0, 5.0))
]
ORDER_GRID = [
    {"gap_decay": gap, "profile_decay": decay}
    for gap, decay in itertools.product((20.0, 40.0, 80.0), (3.0, 5.0, 8.0))
]
CONTENT_GRID = [{"profile_decay": decay} for decay in (3.0, 5.0, 10.0)]
PARTS = ("edlae", "order", "content")
FUSION_GRID = list(itertools.product((0.25, 0.5, 0.75), (0.0, 0.2, 0.4, 0.6, 0.8)))

Params = dict[str, float]


@dataclass(frozen=True)
class Question:
    """What is known of each listener, in order, and the next artist, one a listener."""

    known: list[IntVector]
    wanted: IntVector

    def matrix(self, decay: float = np.inf) -> CsrMatrix:
        """Known artists weighed by ``exp(-places from the end / decay)``, CSR float32."""
        ages = [np.arange(len(row))[::-1] for row in self.known]
        return rows_of(self.known, [np.exp(-age / decay) for age in ages])

    def held_out(self) -> CsrMatrix:
        """The wanted artists as CSR."""
        return rows_of(self.wanted[:, np.newaxis], np.ones((len(self.wanted), 1)))


def rows_of(columns: Iterable[IntVector], values: Iterable[FloatVector]) -> CsrMatrix:
    """CSR float32, a row for each pair of vectors."""
    places = list(columns)
    indptr = np.concatenate(([0], np.cumsum([len(row) for row in places])))
    data = np.concatenate(list(values)).astype(np.float32)
    shape = (len(places), N_ARTISTS)
    matrix = sparse.csr_matrix((data, np.concatenate(places), indptr), shape=shape)
    matrix.sort_indices()
    return matrix


def read_sequences(path: Path) -> list[IntVector]:
    """The artists of each listener as rows from 0, in order; the first number is the listener."""
    lines = path.read_text("ascii").splitlines()
    return [np.array(line.split()[1:], np.int64) - 1 for line in lines]


def read_attributes(path: Path) -> CsrMatrix:
    """Artists by attributes, the log of how often it was given; once is left out."""
    given = {int(artist) - 1: tags for artist, tags in json.loads(path.read_text("ascii")).items()}
    rows = np.repeat(list(given), [len(tags) for tags in given.values()])
    columns = np.concatenate([np.array(tags) for tags in given.values()])
    counts = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), dtype=np.float64)
    counts.sum_duplicates()
    counts.data = np.log(counts.data)
    counts.eliminate_zeros()
    return counts


def question_at(sequences: Sequence[IntVector], place: int) -> Question:
    """Ask for the entry ``place`` from the end (1 is the last) of all who have one before it."""
    asked = [row for row in sequences if len(row) > place]
    return Question([row[:-place] for row in asked], np.array([row[-place] for row in asked]))


def edlae_scores(question: Question, params: Params) -> FloatMatrix:
    matrix = question.matrix()
    return EDLAE(**params, form="dense").fit(Dataset.from_csr(matrix)).score_batch(matrix)


def slist_scores(question: Question, params: Params) -> FloatMatrix:
    """Each listener is one session; in a batch the larger value is taken as the newer play."""
    model = SLIST(**params, gap_minutes=np.inf).fit(plays_of(question))
    places = [np.arange(1, len(row) + 1) for row in question.known]
    return model.score_batch(rows_of(question.known, places))


def plays_of(question: Question) -> Dataset:
    """The known artists as plays, a second apart."""
    lengths = [len(row) for row in question.known]
    n, names = sum(lengths), Vocabulary(str(row) for row in range(len(lengths)))
    events = EventColumns(
        np.repeat(np.arange(len(lengths)), lengths),
        np.concatenate(question.known),
        np.full(n, EVENT_CODE[EventKind.PLAY], np.int8),
        np.concatenate([np.arange(length, dtype=np.float64) for length in lengths]),
        np.ones(n, np.float32),
        np.full(n, np.nan, np.float32),
    )
    tracks = TrackTable.bare(str(row) for row in range(N_ARTISTS))
    return Dataset.from_events(tracks, names, events, now=float(max(lengths)))


def order_scores(question: Question, params: Params) -> FloatMatrix:
    """Neighbours by order: pairs (before, after) count ``exp(-(gap - 1) / gap_decay)``.

    Counts are divided by the roots of one plus the row and the column sum: a cosine that holds rare
    artists back.
    """
    before, after, counted = [], [], []
    for row in question.known:
        first, second = np.triu_indices(len(row), 1)
        before.append(row[first])
        after.append(row[second])
        counted.append(np.exp(-(second - first - 1) / params["gap_decay"]))
    entries = (np.concatenate(counted), (np.concatenate(before), np.concatenate(after)))
    counts = sparse.csr_matrix(entries, shape=(N_ARTISTS, N_ARTISTS))
    left, right = (1 / np.sqrt(1 + np.asarray(counts.sum(axis=axis)).ravel()) for axis in (1, 0))
    weights = sparse.diags_array(left) @ counts @ sparse.diags_array(right)
    return (question.matrix(params["profile_decay"]) @ weights).toarray()


def content_scores(question: Question, params: Params, attributes: CsrMatrix) -> FloatMatrix:
    """Cosine of TF-IDF with the known artists, the latest most."""
    df = np.bincount(attributes.indices, minlength=attributes.shape[1])
    vectors = attributes @ sparse.diags_array(np.log(N_ARTISTS / np.maximum(df, 1)))
    length = np.sqrt(np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel())
    vectors = sparse.diags_array(1 / np.where(length > 0, length, 1.0)) @ vectors
    profiles = question.matrix(params["profile_decay"]) @ vectors
    return profiles.toarray() @ vectors.T.toarray()


def standardised(scores: FloatMatrix) -> FloatMatrix:
    """Each row to mean 0 and deviation 1, so that rows of different models can be added."""
    centred = scores - scores.mean(axis=1, keepdims=True)
    return (centred / np.maximum(centred.std(axis=1, keepdims=True), 1e-12)).astype(np.float32)


def measured(scores: FloatMatrix, question: Question) -> dict[str, FloatVector]:
    """HR@10 and NDCG@10 of each listener, known artists left out; ties go to the lower row."""
    ranked = rank_batch(np.asarray(scores, np.float32), 10, question.matrix())
    hits = hits_of(ranked, question.held_out())
    return {"hr@10": hit_rate(hits, 10), "ndcg@10": ndcg(hits, np.ones(len(hits), int), 10)}


def mean_ndcg(parts: Sequence[FloatMatrix], questions: Sequence[Question]) -> float:
    """Over all listeners of all validation questions."""
    values = [measured(part, one)["ndcg@10"] for part, one in zip(parts, questions, strict=True)]
    return float(np.concatenate(values).mean())


class Bench:
    """The parts by name, and what validation says about their parameters and weights."""

    def __init__(self, sequences: Sequence[IntVector], attributes: CsrMatrix) -> None:
        self.questions = [question_at(sequences, place) for place in VALIDATION]
        self.attributes = attributes
        self.scores: dict[str, list[FloatMatrix]] = {}
        self.params: dict[str, Params] = {}

    def part(self, name: str, question: Question, params: Params) -> FloatMatrix:
        if name == "content":
            return standardised(content_scores(question, params, self.attributes))
        makers = {"edlae": edlae_scores, "order": order_scores, "slist": slist_scores}
        return standardised(makers[name](question, params))

    def choose(self, name: str, grid: Sequence[Params]) -> None:
        """Keep the parameters with the best validation NDCG@10, and their scores."""
        best = -1.0
        for params in grid:
            scores = [self.part(name, question, params) for question in self.questions]
            value = mean_ndcg(scores, self.questions)
            progress(f"validation {name} {params}: {value:.4f}")
            if value > best:
                best, self.params[name], self.scores[name] = value, params, scores

    def weights(self, *, content: bool) -> FloatVector:
        """Weights of ``PARTS`` with the best validation NDCG@10."""
        found: list[tuple[float, tuple[float, float, float]]] = []
        for order, attributes in FUSION_GRID:
            if not content and attributes:
                continue
            weights = (1 - order, order, attributes)
            columns = zip(*(self.scores[part] for part in PARTS), strict=True)
            fused = [fuse(parts, weights) for parts in columns]
            found.append((mean_ndcg(fused, self.questions), weights))
        value, weights = max(found)
        progress(f"validation fusion {dict(zip(PARTS, weights, strict=True))}: {value:.4f}")
        return np.array(weights)


def fuse(parts: Sequence[FloatMatrix], weights: Sequence[float] | FloatVector) -> FloatMatrix:
    """Weighted sum; a part of weight 0 costs nothing."""
    return sum(
        (weight * part for part, weight in zip(parts, weights, strict=True) if weight),
        start=np.zeros_like(parts[0]),
    )


def reference_scores(model: Recommender, question: Question) -> FloatMatrix:
    matrix = question.matrix()
    return model.fit(Dataset.from_csr(matrix)).score_batch(matrix)


def report(name: str, values: dict[str, FloatVector], base: dict[str, FloatVector]) -> None:
    """Figures of one model, with its interval and that of its gain over EASE."""
    for metric, vector in values.items():
        known = REFERENCES.get(name, {}).get(metric)
        target = TARGETS[metric] if name.startswith("fusion") else None
        peer = None if name in REFERENCES else "ease"
        figure("Q3", f"{name} {metric}", float(vector.mean()), "share", data=SOURCE,
               n=len(vector), target=target, peer=peer, peer_value=float(base[metric].mean()),
               reference=known)  # fmt: skip
        own = mean_bootstrap(vector, derived_rng(0, "q3", "bootstrap"))
        gain = paired_bootstrap(vector, base[metric], derived_rng(0, "q3", "bootstrap"))
        progress(f"{name} {metric}: 95 % {own.low:.4f}..{own.high:.4f}; over ease "
                 f"{gain.difference:+.4f}, 95 % {gain.low:+.4f}..{gain.high:+.4f}")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA_FOLDER, help="folder of data sets")
    folder = parser.parse_args().data / SOURCE
    skip_unless(folder)
    sequences = read_sequences(folder / "LastFM.txt")
    bench = Bench(sequences, read_attributes(folder / "LastFM_item2attributes.json"))
    grids = {"edlae": EDLAE_GRID, "order": ORDER_GRID, "content": CONTENT_GRID, "slist": SLIST_GRID}
    for name, grid in grids.items():
        bench.choose(name, grid)
    fusions = {
        "fusion": bench.weights(content=False),
        "fusion with attributes": bench.weights(content=True),
    }
    test = question_at(sequences, 1)
    base = measured(reference_scores(EASE(30.0, form="dense"), test), test)
    report("popularity", measured(reference_scores(Popularity(), test), test), base)
    report("ease", base, base)
    parts = {name: bench.part(name, test, bench.params[name]) for name in grids}
    for name, scores in parts.items():
        report(name, measured(scores, test), base)
    for name, weights in fusions.items():
        report(name, measured(fuse([parts[part] for part in PARTS], weights), test), base)


if __name__ == "__main__":
    main()
