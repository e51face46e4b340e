"""RANKER: from how many moments on learned fusion is better than rank fusion.

Planted listeners; sources learn from the first eight tenths of the listening, rankers from so many
moments of the next tenth, and all are judged on the same moments of the last one. The difference is
in NDCG@20 over the same candidates; intervals are 95 %, over moments. Each seed is another library
with other listeners, and the amount that training waits for is where every seed gains.
"""

import argparse

from benchmarks.lines import figure, progress
from segue.data.dataset import Dataset
from segue.data.vocabulary import Vocabulary
from segue.evaluation.cuts import HELD_OUT_SHARE, newest_cut
from segue.models.base import Recommender, create
from segue.pipeline.stations import TASTE_BLEND
from segue.synthetic.listeners import listen_columns, make_catalogue, make_listeners
from segue.training.local import TrainingPlan, trained_params
from segue.training.ranker import RankerPlan, Slice, gain_by_moments

START_S, DAYS = 1_710_000_000.0, 90.0
AMOUNTS = (10, 25, 50, 100, 200, 400, 800)


def fitted(data: Dataset, plan: TrainingPlan) -> dict[str, Recommender]:
    """The models that the learned order looks at, as training has them."""
    params = trained_params(data, data, plan)
    return {name: create(name, **values).fit(data) for name, values in params.items()
            if name not in plan.aside}  # fmt: skip


def library(n_tracks: int, n_listeners: int, seed: int) -> Dataset:
    """Planted listening of ninety days."""
    tracks = make_catalogue(n_tracks, seed)
    listeners = make_listeners(tracks, n_listeners, seed)
    events = listen_columns(listeners, tracks, START_S, DAYS, seed)
    names = Vocabulary(f"l{number}" for number in range(n_listeners))
    return Dataset.from_events(tracks, names, events, START_S + DAYS * 86_400.0)


def main(argv: list[str] | None = None) -> None:
    """One line for each seed and amount."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=1_500)
    parser.add_argument("--listeners", type=int, default=150)
    parser.add_argument("--seeds", type=int, default=3, help="seeds 1 to so many")
    given = parser.parse_args(argv)
    plan = TrainingPlan()
    for seed in range(1, given.seeds + 1):
        data = library(given.tracks, given.listeners, seed)
        first, past = newest_cut(data, 2 * HELD_OUT_SHARE), newest_cut(data)
        if first is None or past is None:
            raise SystemExit("there is no listening to learn from")
        learn = Slice(first, fitted(first, plan), first.now, past.now)
        judge = Slice(past, fitted(past, plan), past.now, data.now)
        progress(f"seed {seed}: fitted")
        gains = gain_by_moments(data, learn, judge, TASTE_BLEND, AMOUNTS, RankerPlan(seed=seed))
        for amount, gain in gains.items():
            figure("RANKER", f"gain of {amount} moments, seed {seed}", gain.difference, "ndcg@20",
                   data=f"synthetic {given.tracks} tracks, {given.listeners} listeners", n=amount,
                   interval=(gain.low, gain.high))  # fmt: skip


if __name__ == "__main__":
    main()
