"""Lists by implicit, RecTools, LensKit and Surprise, as a child process: JOB.json RESULT.json.

The job has ``peer`` (a key of ``PEERS``), ``params`` (a list: each is fitted once), ``train`` and
``known`` (.npz of ``indptr`` and ``indices``), ``shape``, ``seed`` and ``threads``. The result has
``lists``: for each of the params ten tracks a listener, known ones left out, -1 where a list ends.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

K = 10
BLOCK = 256  # listeners scored at once


def main(asked: Path, answered: Path) -> None:
    job = json.loads(asked.read_text())
    train, known = (read(job[part], job["shape"]) for part in ("train", "known"))
    fit = PEERS[job["peer"]]
    lists = []
    for params in job["params"]:
        found = fit(train, params, job["seed"], job["threads"], K + longest(known - train))
        lists.append(without(found, known).tolist())
    answered.write_text(json.dumps({"lists": lists}))


def read(path: str, shape: list[int]) -> sparse.csr_matrix:
    with np.load(path) as parts:
        ones = np.ones(len(parts["indices"]), np.float32)
        return sparse.csr_matrix((ones, parts["indices"], parts["indptr"]), tuple(shape))


def longest(matrix: sparse.csr_matrix) -> int:
    """Most entries of a row: so many more are asked for, as peers leave out only what they saw."""
    matrix.eliminate_zeros()
    return int(np.diff(matrix.indptr).max())


def without(lists: np.ndarray, known: sparse.csr_matrix) -> np.ndarray:
    """The first ``K`` of each list that are not known."""
    kept = np.full((len(lists), K), -1, np.int64)
    for row, found in enumerate(lists):
        own = known.indices[known.indptr[row] : known.indptr[row + 1]]
        new = found[(found >= 0) & ~np.isin(found, own)][:K]
        kept[row, : len(new)] = new
    return kept


def best_by_factors(
    train: sparse.csr_matrix, left: np.ndarray, right: np.ndarray, n: int
) -> np.ndarray:
    """The ``n`` tracks with the largest dot products, those of ``train`` left out."""
    found = np.empty((len(left), n), np.int64)
    for start in range(0, len(left), BLOCK):
        rows = slice(start, start + BLOCK)
        scores = left[rows] @ right.T
        scores[train[rows].nonzero()] = -np.inf
        best = np.argpartition(-scores, n - 1, axis=1)[:, :n]
        order = np.argsort(-np.take_along_axis(scores, best, 1), axis=1, kind="stable")
        found[rows] = np.take_along_axis(best, order, 1)
    return found


def by_implicit(model: Any, train: sparse.csr_matrix, n: int) -> np.ndarray:
    model.fit(train, show_progress=False)
    found, scores = model.recommend(np.arange(train.shape[0]), train, N=n)
    return np.where(scores > np.finfo(np.float32).min / 2, found, -1)


def implicit_als(
    train: sparse.csr_matrix, params: dict[str, Any], seed: int, threads: int, n: int
) -> np.ndarray:
    from implicit.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(**params, random_state=seed, num_threads=threads)
    return by_implicit(model, train, n)


def implicit_bpr(
    train: sparse.csr_matrix, params: dict[str, Any], seed: int, threads: int, n: int
) -> np.ndarray:
    from implicit.bpr import BayesianPersonalizedRanking

    model = BayesianPersonalizedRanking(**params, random_state=seed, num_threads=threads)
    return by_implicit(model, train, n)


def implicit_bm25(
    train: sparse.csr_matrix, params: dict[str, Any], seed: int, threads: int, n: int
) -> np.ndarray:
    from implicit.nearest_neighbours import BM25Recommender

    return by_implicit(BM25Recommender(**params, num_threads=threads), train, n)


def frame_of(train: sparse.csr_matrix, columns: tuple[str, str]) -> Any:
    import pandas as pd

    listener, track = train.nonzero()
    return pd.DataFrame({columns[0]: listener, columns[1]: track})


def rectools_puresvd(
    train: sparse.csr_matrix, params: dict[str, Any], seed: int, threads: int, n: int
) -> np.ndarray:
    from rectools import Columns
    from rectools.dataset import Dataset
    from rectools.models import PureSVDModel

    frame = frame_of(train, (Columns.User, Columns.Item))
    frame[Columns.Weight], frame[Columns.Datetime] = 1.0, "2020-01-01"
    dataset = Dataset.construct(frame)
    # its seed is of a kind that newer SciPy refuses; the start moves what is found by rounding only
    model = PureSVDModel(**params, recommend_n_threads=threads).fit(dataset)
    lists = model.recommend(frame[Columns.User].unique(), dataset, n, filter_viewed=True)
    found = np.full((train.shape[0], n), -1, np.int64)
    found[lists[Columns.User], lists[Columns.Rank] - 1] = lists[Columns.Item]
    return found


def lenskit_als(
    train: sparse.csr_matrix, params: dict[str, Any], seed: int, threads: int, n: int
) -> np.ndarray:
    from lenskit.algorithms.als import ImplicitMF

    model = ImplicitMF(**params, rng_spec=seed).fit(frame_of(train, ("user", "item")))
    left = np.zeros((train.shape[0], params["features"]))
    right = np.zeros((train.shape[1], params["features"]))
    left[model.user_index_], right[model.item_index_] = model.user_features_, model.item_features_
    return best_by_factors(train, left, right, n)


def surprise_svd(
    train: sparse.csr_matrix, params: dict[str, Any], seed: int, threads: int, n: int
) -> np.ndarray:
    """It predicts ratings, so that pairs drawn at random count as zeros beside the ones."""
    from surprise import SVD, Dataset, Reader

    rest = dict(params)
    frame = frame_of(train, ("user", "item"))
    drawn = np.random.default_rng(seed).integers(0, train.shape, (rest.pop("zeros") * train.nnz, 2))
    drawn = drawn[np.asarray(train[drawn[:, 0], drawn[:, 1]]).ravel() == 0]
    listener = np.concatenate((frame["user"], drawn[:, 0]))
    track = np.concatenate((frame["item"], drawn[:, 1]))
    rating = np.concatenate((np.ones(train.nnz), np.zeros(len(drawn))))
    table = type(frame)({"user": listener, "item": track, "rating": rating})
    data = Dataset.load_from_df(
        table.drop_duplicates(["user", "item"]), Reader(rating_scale=(0, 1))
    )
    seen = data.build_full_trainset()
    model = SVD(**rest, random_state=seed).fit(seen)
    # the listener's own bias moves all tracks alike; a track never drawn stays at the mean
    left = np.zeros((train.shape[0], rest["n_factors"] + 1))
    right = np.zeros((train.shape[1], rest["n_factors"] + 1))
    users = [seen.to_raw_uid(row) for row in range(seen.n_users)]
    items = [seen.to_raw_iid(row) for row in range(seen.n_items)]
    left[users] = np.column_stack((model.pu, np.ones(seen.n_users)))
    right[items] = np.column_stack((model.qi, model.bi))
    return best_by_factors(train, left, right, n)


PEERS = {
    "implicit als": implicit_als,
    "implicit bpr": implicit_bpr,
    "implicit bm25": implicit_bm25,
    "rectools puresvd": rectools_puresvd,
    "lenskit als": lenskit_als,
    "surprise svd": surprise_svd,
}

if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
