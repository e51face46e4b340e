"""The other side of F29: runs under a Python with Surprise, and imports nothing of ours.

``surprise_peer.py ASKED ANSWER``: reads columns and grids, writes the prediction of every rating by
a model that did not see its fold, the seconds of the fits, and the parameters that were taken.
"""

import json
import sys
import time

import numpy as np
import pandas as pd
import surprise


def fit(name, params, columns, keep):
    """A fitted algorithm and its seconds; the same seed each time."""
    seed = {} if name == "BaselineOnly" else {"random_state": 0}
    algorithm = getattr(surprise, name)(verbose=False, **params, **seed)
    frame = pd.DataFrame({key: column[keep] for key, column in columns.items()})
    reader = surprise.Reader(rating_scale=(1, 5))
    train = surprise.Dataset.load_from_df(frame, reader).build_full_trainset()
    started = time.perf_counter()
    algorithm.fit(train)
    return algorithm, time.perf_counter() - started


def ask(algorithm, columns, rows):
    """Stars of some pairs, clipped to 1..5 as Surprise does."""
    pairs = zip(columns["listener"][rows].tolist(), columns["track"][rows].tolist(), strict=True)
    return np.array([algorithm.predict(u, i).est for u, i in pairs])


def measure(name, grid, columns, fold, inner):
    """Choose within the first fold's training part, then predict every fold."""
    first, errors = fold != 0, []
    for params in grid:
        told = ask(fit(name, params, columns, first & ~inner)[0], columns, first & inner)
        errors.append(np.mean((told - columns["value"][first & inner]) ** 2))
    params = grid[int(np.argmin(errors))]
    told, total = np.empty(len(fold)), 0.0
    for number in range(fold.max() + 1):
        algorithm, seconds = fit(name, params, columns, fold != number)
        told[fold == number] = ask(algorithm, columns, fold == number)
        total += seconds
    return told, total, json.dumps(params)


def main():
    with np.load(sys.argv[1], allow_pickle=False) as asked:
        columns = {key: asked[key] for key in ("listener", "track", "value")}
        fold, inner, grids = asked["fold"], asked["inner"], json.loads(str(asked["grids"]))
    answer = {}
    for name, grid in grids.items():
        told, seconds, chosen = measure(name, grid, columns, fold, inner)
        answer |= {f"{name}.told": told, f"{name}.fit_s": seconds, f"{name}.chosen": chosen}
    np.savez(sys.argv[2], **answer)


if __name__ == "__main__":
    main()
