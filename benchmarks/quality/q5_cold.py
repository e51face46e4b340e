"""Q5: tracks that nobody has played, NDCG@20 of bridge and collective EDLAE against cosine.

A fifth of the tracks loses every listener; the profiles are what is left, and only the cold tracks
are ranked. Data: HetRec artists with tags and the facts of KGCN's graph (a tagging counts
only where its pair of listener and artist is not held out), and playlists of spotify-songs with
artist, album, decade, title words, the artist's genres in training playlists, and audio features;
"spotify-sound" is the same without artist, album and title.

Each model's parameters, the cosine's too, are those best on a second fifth taken from what the
first split trains on. Three splits; intervals by bootstrap over listeners of all splits, those of
ratios with both values of a listener drawn together.

"blend" adds the scores of all three, each with mean 0 and deviation 1 over the cold tracks of a
listener, by the weights best on the validation part.
"""

import argparse
import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.lines import DATA_FOLDER, figure, progress, skip_unless
from benchmarks.quality.cold_data import Artists, Songs, read_artists, read_songs
from segue.data.dataset import Dataset
from segue.evaluation import metrics
from segue.evaluation.harness import count_relevant, rank_batch
from segue.evaluation.intervals import mean_bootstrap, paired_bootstrap
from segue.evaluation.split import ColdTracks, cold_tracks
from segue.models.base import create
from segue.models.content import tfidf_vectors
from segue.rng import derived_rng
from segue.types import BoolVector, CsrMatrix, FloatMatrix, FloatVector

SEEDS = (2020, 2021, 2022)
SHARE, K, TARGET = 0.2, 20, 3.0
WEIGHTS = (0.0, 0.5, 1.0)
Params = Mapping[str, Any]
Scorer = Callable[[CsrMatrix], FloatMatrix]


def grid(**choices: Sequence[object]) -> list[Params]:
    """All combinations."""
    return [
        dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())
    ]


GRIDS: dict[str, dict[str, list[Params]]] = {
    "hetrec": {
        "cosine": grid(tag=(1.0,), word=(0.0, 0.3, 1.0), counts=(False, True)),
        "collective": grid(
            regularization=(100.0, 300.0), tag_weight=(1.0,), word_weight=(0.0,),
            inverse_frequency=(False,),
        ),
        "bridge": grid(
            content_regularization=(100.0, 300.0), word_weight=(0.0, 1.0), artist_shrinkage=(None,),
        ),
    },
    "spotify": {
        "cosine": grid(
            genre=(0.0, 1.0), artist=(1.0, 2.0), album=(0.5,), word=(0.0, 0.3), sound=(0.0, 0.3),
        ),
        "collective": grid(
            regularization=(1.0, 3.0), genre_weight=(0.3,), word_weight=(0.0,), form=("dual",),
            max_items=(30_000,),
        ),
        "bridge": grid(
            n_factors=(256,), unobserved_weight=(0.01,), content_regularization=(1.0, 10.0),
            popularity_exponent=(0.0,),
        ),
    },
    "spotify-sound": {
        "cosine": grid(genre=(0.3, 1.0), decade=(0.0, 1.0), sound=(0.0, 0.3, 1.0)),
        "collective": grid(
            regularization=(3.0, 30.0), genre_weight=(0.3,), form=("dual",), max_items=(30_000,)
        ),
        "bridge": grid(
            n_factors=(64, 256), unobserved_weight=(0.01,), content_regularization=(1.0,),
            popularity_exponent=(0.0,),
        ),
    },
}  # fmt: skip


def cosine(data: Dataset, params: Params) -> Scorer:
    """Sum over the profile of the cosines with weighted TF-IDF terms and standardised audio.

    ``counts`` takes terms by their value, not by presence. ``sound`` is the weight of the audio,
    itself a unit vector beside the unit vector of the terms.
    """
    table = data.tracks
    weight = np.array([float(params.get(kind, 1.0)) for kind in table.term_kinds])
    rows = tfidf_vectors(table.terms, weight)
    if params.get("counts"):
        df = np.maximum(np.bincount(table.terms.indices, minlength=len(weight)), 1)
        rows = unit_rows(table.terms.multiply(weight * np.log1p(len(table) / df)).tocsr())
    sound = float(params.get("sound", 0.0))
    dense = [sound * unit_dense(standardised(vectors)) for vectors in table.vectors.values()]

    def score(profiles: CsrMatrix) -> FloatMatrix:
        known = sparse.csr_matrix(profiles @ rows)
        found = np.asarray((known @ rows.T).toarray())
        for block in dense if sound else ():
            found = found + (profiles @ block) @ block.T
        return found

    return score


def unit_rows(matrix: CsrMatrix) -> CsrMatrix:
    """Rows of length 1; empty rows stay."""
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sparse.diags(1.0 / np.where(length > 0, length, 1.0)) @ matrix


def standardised(vectors: FloatMatrix) -> FloatMatrix:
    """Columns with mean 0 and deviation 1 over the known rows, zeros elsewhere."""
    values = np.asarray(vectors, np.float64)
    known = np.isfinite(values).all(axis=1)
    result = np.zeros_like(values)
    centred = values[known] - values[known].mean(axis=0)
    spread = centred.std(axis=0)
    result[known] = centred / np.where(spread > 1e-12, spread, np.inf)
    return result


def unit_dense(matrix: FloatMatrix) -> FloatMatrix:
    length = np.linalg.norm(matrix, axis=1, keepdims=True)
    return matrix / np.where(length > 0, length, 1.0)


def fitted(name: str, data: Dataset, params: Params) -> Scorer:
    """A cosine, or a model of the registry."""
    if name == "cosine":
        return cosine(data, params)
    return create(name, **params).fit(data).score_batch


def ndcg_of_cold(score: Scorer, cut: ColdTracks) -> FloatVector:
    """NDCG@20 among the cold tracks, one value a listener with one held out and one left."""
    n_relevant = count_relevant(cut.held_out)
    asked = np.flatnonzero((n_relevant > 0) & (np.diff(cut.train.indptr) > 0))
    hits = []
    for start in range(0, len(asked), 256):
        rows = asked[start : start + 256]
        scores = np.array(score(cut.train[rows]), np.float32)
        scores[:, ~cut.cold] = -np.inf
        hits.append(metrics.hits_of(rank_batch(scores, K), cut.held_out[rows]))
    return metrics.ndcg(np.concatenate(hits), n_relevant[asked], K)


def blended(scorers: Sequence[Scorer], weights: Sequence[float], cold: BoolVector) -> Scorer:
    """Scores of several added by weights, each standardised a listener over the cold tracks."""

    def score(profiles: CsrMatrix) -> FloatMatrix:
        total = np.zeros(profiles.shape, np.float64)
        for weight, one in zip(weights, scorers, strict=True):
            if weight:
                found = np.asarray(one(profiles), np.float64)
                mean = found[:, cold].mean(axis=1, keepdims=True)
                spread = found[:, cold].std(axis=1, keepdims=True)
                total += weight * (found - mean) / np.maximum(spread, 1e-9)
        return total

    return score


def best_weights(data: Artists | Songs, chosen: Mapping[str, Params]) -> tuple[float, ...]:
    """Weights of the chosen models on the validation part."""
    cut, learnt = validation_of(data)
    scorers = [fitted(name, learnt, params) for name, params in chosen.items()]
    best, weights = -1.0, (1.0,) * len(scorers)
    for some in itertools.product(WEIGHTS, repeat=len(scorers)):
        if max(some) < 1.0:
            continue  # the order is that of a larger multiple
        value = float(ndcg_of_cold(blended(scorers, some, cut.cold), cut).mean())
        progress(f"validation blend {some}: {value:.4f}")
        if value > best:
            best, weights = value, some
    return weights


def cut_of(data: Artists | Songs, seed: int) -> tuple[ColdTracks, Dataset]:
    cut = cold_tracks(data.pairs, SHARE, derived_rng(seed, "q5", "test"))
    return cut, data.dataset(cut.train, cut.held_out)


def validation_of(data: Artists | Songs) -> tuple[ColdTracks, Dataset]:
    """A second fifth, of the tracks that the first split trains on."""
    outer, _ = cut_of(data, SEEDS[0])
    heard = ~outer.cold
    places = np.flatnonzero(heard)
    inner = cold_tracks(outer.train[:, places], SHARE, derived_rng(SEEDS[0], "q5", "validation"))
    cold: BoolVector = np.zeros(len(heard), bool)
    cold[places[inner.cold]] = True
    is_cold = sparse.diags(cold.astype(np.float32))
    held = sparse.csr_matrix(outer.train @ is_cold)
    held.eliminate_zeros()
    train = sparse.csr_matrix(outer.train - held)
    train.eliminate_zeros()
    return ColdTracks(cold, train, held), data.dataset(train, sparse.csr_matrix(data.pairs - train))


def choose(data: Artists | Songs, grids: Mapping[str, Sequence[Params]]) -> dict[str, Params]:
    """The best parameters of each model on the validation part."""
    cut, learnt = validation_of(data)
    chosen: dict[str, Params] = {}
    for name, candidates in grids.items():
        best = -1.0
        for params in candidates:
            value = float(ndcg_of_cold(fitted(name, learnt, params), cut).mean())
            progress(f"validation {name} {params}: {value:.4f}")
            if value > best:
                best, chosen[name] = value, params
    return chosen


def measure(label: str, data: Artists | Songs, n_seeds: int) -> None:
    """Choose, measure on every split, print."""
    chosen = choose(data, GRIDS[label])
    progress(f"{label} chosen: {chosen}")
    weights = best_weights(data, chosen)
    progress(f"{label} blend of {', '.join(chosen)}: {weights}")
    found: dict[str, list[FloatVector]] = {name: [] for name in (*chosen, "blend")}
    for seed in SEEDS[:n_seeds]:
        started = time.perf_counter()
        cut, learnt = cut_of(data, seed)
        scorers = {name: fitted(name, learnt, params) for name, params in chosen.items()}
        scorers["blend"] = blended(list(scorers.values()), weights, cut.cold)
        for name, scorer in scorers.items():
            found[name].append(ndcg_of_cold(scorer, cut))
        means = {name: round(float(values[-1].mean()), 4) for name, values in found.items()}
        progress(f"{label} seed {seed}: {means} in {time.perf_counter() - started:.0f} s")
    every = {name: np.concatenate(values) for name, values in found.items()}
    base = float(every["cosine"].mean())
    for name, values in every.items():
        own = mean_bootstrap(values, derived_rng(0, "q5", "mean"))
        figure("Q5", f"{label} {name} ndcg@20", own.difference, "share", data=label,
               n=len(values), peer="cosine", peer_value=base,
               interval=(own.low, own.high))  # fmt: skip
        if name != "cosine":
            figure("Q5", f"{label} {name} over cosine", float(values.mean()) / base, "ratio",
                   data=label, n=len(values), target=TARGET,
                   interval=ratio_interval(values, every["cosine"]))  # fmt: skip
            gain = paired_bootstrap(values, every["cosine"], derived_rng(0, "q5", "bootstrap"))
            figure("Q5", f"{label} {name} less cosine", gain.difference, "share", data=label,
                   n=len(values), interval=(gain.low, gain.high))  # fmt: skip


def ratio_interval(
    above: FloatVector, below: FloatVector, n_resamples: int = 2000
) -> tuple[float, float]:
    """95 % interval of the ratio of two means over the same listeners, drawn in pairs."""
    rng = derived_rng(0, "q5", "ratio")
    ratios = np.empty(n_resamples)
    for draw in range(n_resamples):
        rows = rng.integers(len(above), size=len(above))
        ratios[draw] = above[rows].sum() / below[rows].sum()
    low, high = np.quantile(ratios, (0.025, 0.975))
    return float(low), float(high)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA_FOLDER, help="folder of data sets")
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="how many splits, 1 to 3")
    parser.add_argument("--only", choices=sorted(GRIDS), help="one of the data sets")
    arguments = parser.parse_args()
    folder: Path = arguments.data
    for needed in ("hetrec2011-lastfm", "kgcn-music", "spotify-songs"):
        skip_unless(folder / needed)
    for label in [arguments.only] if arguments.only else GRIDS:
        measure(label, read(label, folder), arguments.seeds)


def read(label: str, folder: Path) -> Artists | Songs:
    """A data set by its label; "spotify-sound" is "spotify" without artist, album and title."""
    if label == "hetrec":
        return read_artists(folder / "hetrec2011-lastfm", folder / "kgcn-music")
    return replace(read_songs(folder / "spotify-songs"), with_names=label == "spotify")


if __name__ == "__main__":
    main()
