"""Q-SPARSE: how much of EASE's and EDLAE's NDCG is kept in one per cent of their memory.

On the fixed split of LightGCN's Last.fm data (NDCG@20) and the first split of Q1 on HetRec Last.fm
(NDCG@10). Memory is the bytes of the served arrays of both. As many neighbours are kept as fit in
the share; that they are shared among the tracks, and weights stored in 16 bits, was chosen on a
tenth of the training part of the first data set. "equal single" is the plain way: as many
neighbours for each track, float32 with int32.
"""

import argparse
from pathlib import Path

import numpy as np
from scipy import sparse

from benchmarks.lines import DATA_FOLDER, figure, progress, skip_unless
from benchmarks.quality.q1_hetrec import SEEDS, SOURCE, by_model, ndcg_at_10, read_hetrec, split_of
from benchmarks.quality.q2_lightgcn_lastfm import read_pairs
from segue.data.dataset import Dataset
from segue.evaluation.comparison import size_bytes
from segue.evaluation.harness import evaluate
from segue.evaluation.intervals import paired_bootstrap
from segue.models.base import Recommender
from segue.models.linear import EASE, EDLAE
from segue.models.sparse_linear import Allocation, SparseLinear, Storage
from segue.rng import derived_rng
from segue.types import CsrMatrix, FloatVector

SHARE, KEPT = 0.01, 0.98
BYTES_OF_A_WEIGHT: dict[Storage, int] = {"half": 4, "single": 8}
WAYS: tuple[tuple[Allocation, Storage], ...] = (("equal", "single"), ("shared", "half"))


def neighbors_that_fit(share: float, dense_bytes: int, train: CsrMatrix, storage: Storage) -> int:
    """Weights a track of training data, on average, that fit in a share of the dense bytes."""
    n_tracks = train.shape[1]
    n_heard = len(np.unique(train.indices))
    fixed = 4 * n_tracks + 4 * (n_tracks + 1)  # the place of each track and where its row begins
    return int((share * dense_bytes - fixed) / (BYTES_OF_A_WEIGHT[storage] * n_heard))


class Bench:
    """One split, and the figures of the dense and the sparse models on it."""

    def __init__(
        self, source: str, k: int, train: CsrMatrix, known: CsrMatrix, test: CsrMatrix
    ) -> None:
        self.source, self.k = source, k
        self.train, self.known, self.test = train, known, test

    def measured(self, model: Recommender) -> FloatVector:
        """NDCG@k of each listener after fitting."""
        model.fit(Dataset.from_csr(self.train))
        if self.k == 10:
            return ndcg_at_10(by_model(model, self.train), self.known, self.test)
        return evaluate(model, self.train, self.test, ks=(self.k,)).per_listener[f"ndcg@{self.k}"]

    def run(self, dense: EASE, dropout: float) -> None:
        """Print what is kept of one dense model."""
        whole = self.measured(dense)
        dense_bytes = size_bytes(dense)
        base, name = float(whole.mean()), f"{dense.name} ndcg@{self.k}"
        figure("Q-SPARSE", name, base, "share", data=self.source, n=len(whole))
        figure("Q-SPARSE", f"{dense.name} size", dense_bytes / 1e6, "MB", data=self.source, n=1)
        for allocation, storage in WAYS:
            n = neighbors_that_fit(SHARE, dense_bytes, self.train, storage)
            model = SparseLinear(dense.regularization, dropout, n, allocation=allocation,
                                 storage=storage)  # fmt: skip
            values = self.measured(model)
            label = f"sparse {dense.name} {allocation} {storage}"
            share = size_bytes(model) / dense_bytes
            is_ours = allocation == "shared"
            figure("Q-SPARSE", f"{label} kept", float(values.mean()) / base, "ratio",
                   data=self.source, n=len(values), target=KEPT if is_ours else None)  # fmt: skip
            figure("Q-SPARSE", f"{label} of its memory", share, "ratio", data=self.source, n=1,
                   target=SHARE if is_ours else None, better="lower")  # fmt: skip
            gain = paired_bootstrap(values, whole, derived_rng(0, "q-sparse", label))
            progress(f"{self.source} {label}, {n} neighbours: ndcg {values.mean():.4f}; less dense "
                     f"{gain.difference:.4f}, 95 % {gain.low:.4f}..{gain.high:.4f}")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA_FOLDER, help="folder of data sets")
    folder = parser.parse_args().data
    skip_unless(folder / "lightgcn-lastfm")
    train, test = (read_pairs(folder / "lightgcn-lastfm" / f"{name}1.txt")
                   for name in ("data", "test"))  # fmt: skip
    lightgcn = Bench("lightgcn-lastfm", 20, train, train, test)
    lightgcn.run(EASE(100.0), 0.0)
    lightgcn.run(EDLAE(30.0, 0.75), 0.75)
    skip_unless(folder / SOURCE)
    train, validation, test = split_of(read_hetrec(folder / SOURCE), SEEDS[0])
    hetrec = Bench(SOURCE, 10, train, sparse.csr_matrix(train + validation), test)
    hetrec.run(EASE(100.0), 0.0)
    hetrec.run(EDLAE(30.0, 0.75), 0.75)


if __name__ == "__main__":
    main()
