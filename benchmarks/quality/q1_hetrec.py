"""Q1: NDCG@10 on HetRec Last.fm, five random 8:1:1 splits per listener, full ranking.

1,892 listeners, 17,632 artists, 92,834 pairs with play counts, dated taggings, friendships. Plain
EDLAE sees who played what; collective EDLAE also sees tags, then play counts; the fusion adds a
factor model, and friends where they help; all on the same splits. Hyper-parameters and weights are
those best on the validation part of the first split, chosen from grids; the models then learn from
the training part alone and are asked for the test part. A tagging is side information only where
the listener's pair with that artist is not held out: a tag says that they know the artist.

References were measured elsewhere on one split of the same protocol.
"""

import argparse
import csv
import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.stats import rankdata

from benchmarks.lines import DATA_FOLDER, figure, progress, skip_unless
from segue.data.dataset import Dataset, TrackTable
from segue.errors import InvalidDataError
from segue.evaluation import metrics
from segue.evaluation.fusion_weights import search_weights
from segue.evaluation.harness import count_relevant, figure_of, rank_batch
from segue.evaluation.intervals import paired_bootstrap
from segue.evaluation.split import assert_no_overlap, random_per_listener
from segue.models.base import Recommender, create
from segue.models.collective import mean_of_friends
from segue.models.fusion import Fusion
from segue.rng import derived_rng
from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector

SEEDS = (2020, 2021, 2022, 2023, 2024)
SOURCE = "hetrec2011-lastfm"
TARGET, TARGET_RATIO = 0.2200, 1.10
EDLAE_GRID: list[dict[str, object]] = [
    {"regularization": reg, "dropout": dropout}
    for reg, dropout in itertools.product((10.0, 30.0, 100.0), (0.5, 0.75))
]
COLLECTIVE_GRID: list[dict[str, object]] = [
    {"regularization": reg, "dropout": 0.75, "tag_weight": weight, "inverse_frequency": False}
    for reg, weight in itertools.product((10.0, 30.0), (0.3, 0.6, 1.0))
]
SPREADS = (0.2, 0.3, 0.45, 0.6)
ALS_GRID: list[dict[str, object]] = [
    {"n_factors": 128, "regularization": 0.02, "unobserved_weight": weight}
    for weight in (0.02, 0.03, 0.05)
]
# of the standard deviation of fused scores
FRIEND_WEIGHTS = (0.0, 0.02, 0.05, 0.1)
Params = dict[str, object]
Scorer = Callable[[IntVector], FloatMatrix]  # rows of listeners to scores of all artists


@dataclass(frozen=True)
class HetRec:
    """Pairs as CSR of ones, play counts on the same pairs, friends as CSR, taggings as columns."""

    pairs: CsrMatrix
    plays: CsrMatrix
    friends: CsrMatrix
    tag_listener: IntVector
    tag_artist: IntVector
    tag: IntVector


def read_columns(path: Path, n_columns: int) -> list[IntVector]:
    """The first columns of a tab-separated file of numbers with a header."""
    with path.open(encoding="latin-1", newline="") as file:
        lines = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(lines)
        table = np.array([[int(value) for value in line[:n_columns]] for line in lines], np.int64)
    return list(table.T)


def read_hetrec(folder: Path) -> HetRec:
    """Listeners and artists as rows in the order of their numbers; unheard artists are left out."""
    listener, artist, n_plays = read_columns(folder / "user_artists.dat", 3)
    left, right = read_columns(folder / "user_friends.dat", 2)
    who, what, tag = read_columns(folder / "user_taggedartists.dat", 3)
    listeners, artists, tags = np.unique(listener), np.unique(artist), np.unique(tag)
    at = (np.searchsorted(listeners, listener), np.searchsorted(artists, artist))
    shape = (len(listeners), len(artists))
    friends = ones_at(
        np.searchsorted(listeners, left),
        np.searchsorted(listeners, right),
        (len(listeners), len(listeners)),
    )
    known = np.isin(who, listeners) & np.isin(what, artists)
    return HetRec(
        ones_at(*at, shape),
        sparse.csr_matrix((n_plays.astype(np.float64), at), shape),
        friends,
        np.searchsorted(listeners, who[known]),
        np.searchsorted(artists, what[known]),
        np.searchsorted(tags, tag[known]),
    )


def ones_at(rows: IntVector, columns: IntVector, shape: tuple[int, int]) -> CsrMatrix:
    """CSR float32 with 1 at each pair, repeated pairs once."""
    matrix = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape)
    matrix.data[:] = 1.0
    return matrix


def tags_without(held_out: CsrMatrix, data: HetRec) -> CsrMatrix:
    """Artists by tags, log(1 + taggings), without taggings of pairs that are held out."""
    n_artists = held_out.shape[1]
    coo = held_out.tocoo()
    held_keys = coo.row.astype(np.int64) * n_artists + coo.col
    seen = ~np.isin(data.tag_listener * n_artists + data.tag_artist, held_keys)
    ones = np.ones(int(seen.sum()), np.float32)
    shape = (n_artists, int(data.tag.max()) + 1)
    counts = sparse.csr_matrix((ones, (data.tag_artist[seen], data.tag[seen])), shape)
    counts.data = np.log1p(counts.data)
    return counts


def dataset_of(train: CsrMatrix, terms: CsrMatrix) -> Dataset:
    """Training pairs with tags as the terms of the catalogue."""
    n_tags = terms.shape[1]
    table = replace(
        TrackTable.bare(str(row) for row in range(train.shape[1])),
        terms=terms,
        term_names=[str(tag) for tag in range(n_tags)],
        term_kinds=["tag"] * n_tags,
    )
    return Dataset.from_csr(train, table)


def weighed_by_plays(pairs: CsrMatrix, plays: CsrMatrix, spread: float) -> CsrMatrix:
    """Pairs weighed by the place of their play counts among those of the listener.

    The least played of a listener's pairs gets nearly ``1 - spread``, the most played nearly ``1 +
    spread``, evenly between; counts themselves differ by thousands between listeners.

    >>> ones, plays = sparse.csr_matrix([[1.0, 1.0]]), sparse.csr_matrix([[9.0, 500.0]])
    >>> weighed_by_plays(ones, plays, 0.5).toarray().tolist()
    [[0.75, 1.25]]
    """
    counted = sparse.csr_matrix(pairs.multiply(plays))
    counted.sort_indices()
    if counted.nnz != pairs.nnz:
        raise InvalidDataError("every pair needs a play count above zero")
    for start, stop in zip(counted.indptr, counted.indptr[1:], strict=False):
        ranks = rankdata(counted.data[start:stop])
        counted.data[start:stop] = 1 + spread * ((2 * ranks - 1) / max(stop - start, 1) - 1)
    return counted.astype(np.float32)


def by_model(model: Recommender, profiles: CsrMatrix) -> Scorer:
    """Scores of a model for rows of the profiles."""
    return lambda rows: model.score_batch(profiles[rows])


def with_friends(scorer: Scorer, friends: CsrMatrix, weight: float) -> Scorer:
    """Scores plus the mean row of the friends, in units of its typical spread, times ``weight``."""
    # variance of each row, zeros included: mean of the squares less square of the mean
    n_artists = friends.shape[1]
    variance = friends.multiply(friends).sum() / n_artists - (
        np.square(friends.sum(axis=1) / n_artists).sum()
    )
    spread = float(np.sqrt(variance / friends.shape[0]))
    return lambda rows: scorer(rows) + (weight / spread) * friends[rows].toarray()


def ndcg_at_10(scorer: Scorer, known: CsrMatrix, held_out: CsrMatrix) -> FloatVector:
    """One value a listener with something held out, ascending; ``known`` artists are masked."""
    n_relevant = count_relevant(held_out)
    asked = np.flatnonzero(n_relevant)
    hits = []
    for start in range(0, len(asked), 256):
        rows = asked[start : start + 256]
        ranked = rank_batch(scorer(rows), 10, known[rows])
        hits.append(metrics.hits_of(ranked, held_out[rows]))
    return metrics.ndcg(np.concatenate(hits), n_relevant[asked], 10)


def split_of(data: HetRec, seed: int) -> tuple[CsrMatrix, CsrMatrix, CsrMatrix]:
    """Training, validation and test parts, 8:1:1 of each listener at random."""
    train, validation, test = random_per_listener(
        data.pairs, (0.8, 0.1, 0.1), derived_rng(seed, "q1", "split")
    )
    assert_no_overlap(train, test)
    assert_no_overlap(train, validation)
    return train, validation, test


@dataclass(frozen=True)
class Chosen:
    """What the validation part says: parameters, spread of play counts, weights."""

    plain: Params
    collective: Params
    spread: float
    factors: Params
    weights: list[float]
    friend_weight: float

    def fusion(self) -> Fusion:
        """Collective EDLAE and ALS with these weights, to be fitted on weighed pairs."""
        members = [{"model": "collective", "params": self.collective},
                   {"model": "als", "params": self.factors}]  # fmt: skip
        return Fusion(members, self.weights)


class Chooser:
    """The validation part of the first split, and what is best on it."""

    def __init__(self, data: HetRec) -> None:
        self.data = data
        self.train, self.validation, test = split_of(data, SEEDS[0])
        self.terms = tags_without(self.validation + test, data)

    def best(self, model: str, grid: Sequence[Params], profiles: CsrMatrix) -> tuple[float, Params]:
        """NDCG@10 and parameters of the best of a grid that learns from these profiles."""
        learnt = dataset_of(profiles, self.terms)
        found: list[tuple[float, Params]] = []
        for params in grid:
            fitted = create(model, **params).fit(learnt)
            value = self.measured(by_model(fitted, profiles))
            progress(f"validation {model} {params}: {value:.4f}")
            found.append((value, params))
        return max(found, key=lambda pair: pair[0])

    def measured(self, scorer: Scorer) -> float:
        """Mean NDCG@10 on the validation part."""
        return float(ndcg_at_10(scorer, self.train, self.validation).mean())

    def choose(self) -> Chosen:
        """One thing after the other: what is chosen first is kept."""
        plain = self.best("edlae", EDLAE_GRID, self.train)[1]
        collective = self.best("collective", COLLECTIVE_GRID, self.train)[1]
        by_spread: list[tuple[float, float]] = []
        for spread in SPREADS:
            weighed = weighed_by_plays(self.train, self.data.plays, spread)
            by_spread.append((self.best("collective", [collective], weighed)[0], spread))
        spread = max(by_spread)[1]
        weighed = weighed_by_plays(self.train, self.data.plays, spread)
        factors = self.best("als", ALS_GRID, weighed)[1]
        return self._weighed(Chosen(plain, collective, spread, factors, [1.0, 1.0], 0.0), weighed)

    def _weighed(self, chosen: Chosen, profiles: CsrMatrix) -> Chosen:
        fusion = chosen.fusion().fit(dataset_of(profiles, self.terms))
        asked = np.flatnonzero(count_relevant(self.validation))
        weights, value = search_weights(fusion.member_scores(profiles[asked]), self.train[asked],
                                        self.validation[asked], 10)  # fmt: skip
        progress(f"validation fusion {np.round(weights, 3).tolist()}: {value:.4f}")
        scorer = by_model(fusion.set_params(weights=weights), profiles)
        friends = mean_of_friends(self.train, self.data.friends)
        by_weight: list[tuple[float, float]] = []
        for weight in FRIEND_WEIGHTS:
            value = self.measured(with_friends(scorer, friends, weight))
            progress(f"validation fusion, friends {weight}: {value:.4f}")
            by_weight.append((value, weight))
        return replace(chosen, weights=weights, friend_weight=max(by_weight)[1])


MODELS = ("edlae", "collective", "collective+plays", "fusion")


def measure(data: HetRec, chosen: Chosen, seed: int) -> dict[str, FloatVector]:
    """NDCG@10 of each listener on the test part of one split, by model."""
    train, validation, test = split_of(data, seed)
    terms = tags_without(validation + test, data)
    # RecBole masks what stands in training and validation when it ranks for the test part
    known = sparse.csr_matrix(train + validation)
    learnt = dataset_of(train, terms)
    found: dict[str, FloatVector] = {}
    for name, params in (("edlae", chosen.plain), ("collective", chosen.collective)):
        scorer = by_model(create(name, **params).fit(learnt), train)
        found[name] = ndcg_at_10(scorer, known, test)
    weighed = weighed_by_plays(train, data.plays, chosen.spread)
    fusion = chosen.fusion().fit(dataset_of(weighed, terms))
    collective = by_model(fusion.members_fitted[0], weighed)
    found["collective+plays"] = ndcg_at_10(collective, known, test)
    friends = mean_of_friends(train, data.friends)
    scorer = with_friends(by_model(fusion, weighed), friends, chosen.friend_weight)
    found["fusion"] = ndcg_at_10(scorer, known, test)
    return found


def run(data: HetRec, seeds: Sequence[int]) -> dict[str, list[FloatVector]]:
    """NDCG@10 of each listener, for each model a vector a seed."""
    chosen = Chooser(data).choose()
    progress(f"chosen: {chosen}")
    found: dict[str, list[FloatVector]] = {name: [] for name in MODELS}
    for seed in seeds:
        started = time.perf_counter()
        for name, values in measure(data, chosen, seed).items():
            found[name].append(values)
        means = {name: round(float(values[-1].mean()), 4) for name, values in found.items()}
        progress(f"seed {seed}: {means} in {time.perf_counter() - started:.0f} s")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA_FOLDER, help="folder of data sets")
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="how many splits, 1 to 5")
    arguments = parser.parse_args()
    folder = arguments.data / SOURCE
    skip_unless(folder)
    found = run(read_hetrec(folder), SEEDS[: arguments.seeds])
    every = {name: np.concatenate(values) for name, values in found.items()}
    base = float(every["edlae"].mean())
    figure("Q1", "edlae ndcg@10", base, "share", data=SOURCE, n=len(every["edlae"]),
           reference=0.2019)  # fmt: skip
    for name in MODELS[1:]:
        summary = figure_of(every[name])
        figure("Q1", f"{name} ndcg@10", summary.mean, "share", data=SOURCE, n=len(every[name]),
               target=TARGET, peer="edlae", peer_value=base)  # fmt: skip
        figure("Q1", f"{name} over edlae", summary.mean / base, "ratio", data=SOURCE,
               n=len(every[name]), target=TARGET_RATIO)  # fmt: skip
        # the same listeners stand in every split: they are drawn, each with the mean over splits
        ours, plain = (np.mean(found[model], axis=0) for model in (name, "edlae"))
        gain = paired_bootstrap(ours, plain, derived_rng(0, "q1", "bootstrap"))
        progress(f"{name} - edlae: {gain.difference:.4f}, 95 % {gain.low:.4f}..{gain.high:.4f}")


if __name__ == "__main__":
    main()
