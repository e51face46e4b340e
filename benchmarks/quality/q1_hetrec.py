"""Q1: NDCG@10 on HetRec Last.fm, five random 8:1:1 splits per listener, full ranking.

1,892 listeners, 17,632 artists, 92,834 pairs with play counts, dated taggings, friendships. Plain
EDLAE and collective EDLAE see the same splits. Hyper-parameters are those best on the validation
part of the first split, both chosen from a grid; the models then learn from the training part alone
and are asked for the test part. A tagging is side information only where the listener's pair with
that artist is not held out: a tag says that they know the artist.

References were measured elsewhere on one split of the same protocol.
"""

import argparse
import csv
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import sparse

from benchmarks.lines import DATA_FOLDER, figure, progress, skip_unless
from segue.data.dataset import Dataset, TrackTable
from segue.evaluation import metrics
from segue.evaluation.harness import count_relevant, figure_of, rank_batch
from segue.evaluation.intervals import paired_bootstrap
from segue.evaluation.split import assert_no_overlap, random_per_listener
from segue.models.base import Recommender
from segue.models.collective import CollectiveEDLAE, smoothed_by_friends
from segue.models.linear import EDLAE
from segue.rng import derived_rng
from segue.types import CsrMatrix, FloatVector, IntVector

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
FRIEND_WEIGHTS = (0.0, 0.1, 0.2, 0.4)


@dataclass(frozen=True)
class HetRec:
    """Pairs as CSR of ones, friends as CSR, taggings as three columns of rows."""

    pairs: CsrMatrix
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
    listener, artist = read_columns(folder / "user_artists.dat", 2)
    left, right = read_columns(folder / "user_friends.dat", 2)
    who, what, tag = read_columns(folder / "user_taggedartists.dat", 3)
    listeners, artists, tags = np.unique(listener), np.unique(artist), np.unique(tag)
    pairs = ones_at(
        np.searchsorted(listeners, listener),
        np.searchsorted(artists, artist),
        (len(listeners), len(artists)),
    )
    friends = ones_at(
        np.searchsorted(listeners, left),
        np.searchsorted(listeners, right),
        (len(listeners), len(listeners)),
    )
    known = np.isin(who, listeners) & np.isin(what, artists)
    return HetRec(
        pairs,
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


def ndcg_at_10(
    model: Recommender, profiles: CsrMatrix, known: CsrMatrix, held_out: CsrMatrix
) -> FloatVector:
    """One value a listener with something held out, ascending; ``known`` artists are masked."""
    n_relevant = count_relevant(held_out)
    asked = np.flatnonzero(n_relevant)
    hits = []
    for start in range(0, len(asked), 256):
        rows = asked[start : start + 256]
        ranked = rank_batch(model.score_batch(profiles[rows]), 10, known[rows])
        hits.append(metrics.hits_of(ranked, held_out[rows]))
    return metrics.ndcg(np.concatenate(hits), n_relevant[asked], 10)


def choose(
    data: HetRec, grid: Sequence[dict[str, object]], kind: type[EDLAE]
) -> tuple[dict[str, object], float]:
    """Parameters and friends' weight with the best NDCG@10 on the first validation part."""
    train, validation, test = split_of(data, SEEDS[0])
    learnt = dataset_of(train, tags_without(validation + test, data))
    friend_weights = FRIEND_WEIGHTS if kind is CollectiveEDLAE else (0.0,)
    best: tuple[float, dict[str, object], float] = (-1.0, {}, 0.0)
    for params in grid:
        model = kind(**params).fit(learnt)  # pyright: ignore[reportArgumentType]
        for weight in friend_weights:
            profiles = smoothed_by_friends(train, data.friends, weight)
            value = float(ndcg_at_10(model, profiles, train, validation).mean())
            progress(f"validation {model.name} {params} friends {weight}: {value:.4f}")
            best = max(best, (value, params, weight), key=lambda found: found[0])
    return best[1], best[2]


def split_of(data: HetRec, seed: int) -> tuple[CsrMatrix, CsrMatrix, CsrMatrix]:
    """Training, validation and test parts, 8:1:1 of each listener at random."""
    train, validation, test = random_per_listener(
        data.pairs, (0.8, 0.1, 0.1), derived_rng(seed, "q1", "split")
    )
    assert_no_overlap(train, test)
    assert_no_overlap(train, validation)
    return train, validation, test


def run(data: HetRec, seeds: Sequence[int]) -> dict[str, list[FloatVector]]:
    """NDCG@10 of each listener, for each model a vector a seed."""
    plain, _ = choose(data, EDLAE_GRID, EDLAE)
    stacked, friend_weight = choose(data, COLLECTIVE_GRID, CollectiveEDLAE)
    progress(f"chosen: edlae {plain}; collective {stacked}, friends {friend_weight}")
    found: dict[str, list[FloatVector]] = {"edlae": [], "collective": [], "collective+friends": []}
    for seed in seeds:
        started = time.perf_counter()
        train, validation, test = split_of(data, seed)
        learnt = dataset_of(train, tags_without(validation + test, data))
        # RecBole masks what stands in training and validation when it ranks for the test part
        known = sparse.csr_matrix(train + validation)
        edlae = EDLAE(**plain).fit(learnt)  # pyright: ignore[reportArgumentType]
        found["edlae"].append(ndcg_at_10(edlae, train, known, test))
        del edlae
        collective = CollectiveEDLAE(**stacked).fit(learnt)  # pyright: ignore[reportArgumentType]
        found["collective"].append(ndcg_at_10(collective, train, known, test))
        friendly = smoothed_by_friends(train, data.friends, friend_weight)
        found["collective+friends"].append(ndcg_at_10(collective, friendly, known, test))
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
    for name in ("collective", "collective+friends"):
        summary = figure_of(every[name])
        figure("Q1", f"{name} ndcg@10", summary.mean, "share", data=SOURCE, n=len(every[name]),
               target=TARGET, peer="edlae", peer_value=base)  # fmt: skip
        figure("Q1", f"{name} over edlae", summary.mean / base, "ratio", data=SOURCE,
               n=len(every[name]), target=TARGET_RATIO)  # fmt: skip
        gain = paired_bootstrap(every[name], every["edlae"], derived_rng(0, "q1", "bootstrap"))
        progress(f"{name} - edlae: {gain.difference:.4f}, 95 % {gain.low:.4f}..{gain.high:.4f}")


if __name__ == "__main__":
    main()
