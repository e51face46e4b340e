"""Q6: what share of the best attainable NDCG@20 lists reach for listeners whose taste is known.

Planted listeners (``segue.synthetic``) of whom training saw none start listening when training
ends. After their first 1, 5, 20 and 100 events the Discover station makes them a list with the
models, the ranker and the pipeline that serve; it is judged on the new tracks that they play in the
two weeks after their hundredth event, beside the ranking by planted taste (the oracle), which no
recommender can beat in expectation. At every length the tracks of all hundred events are left out,
so that only what is known differs. "taste alone" is the same list without the rules that spread
artists, albums and genres, whose price is the difference. "knowing how listeners are made" is what
20,000 further planted listeners say, each weighed by the chance that the events are theirs: nearly
the best that few events allow (Bayes' rule by importance sampling; after more than five events too
few of the 20,000 still come into question, so that it says nothing there).

Choices were made on seeds 1 to 9 (``--seed``); 2026 judges.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.lines import figure, progress
from segue.data.dataset import Dataset, TrackTable
from segue.data.feedback import SECONDS_PER_DAY, EventColumns
from segue.data.query import Controls, Profile, Query
from segue.data.vocabulary import Vocabulary
from segue.pipeline.build import build_list
from segue.pipeline.candidates import Source
from segue.pipeline.learned import LearnedRanker
from segue.pipeline.stations import Recipe, standard_sources, station
from segue.rng import derived_rng
from segue.synthetic.listeners import (
    ListenerParams,
    Listeners,
    listen_columns,
    make_catalogue,
    make_listeners,
    ndcg_at_k,
    oracle_ranking,
)
from segue.synthetic.oracle import held_out_cases, held_out_time
from segue.training.local import train_set
from segue.types import BoolVector, FloatMatrix, FloatVector, IntVector

K = 20
LENGTHS = (1, 5, 20, 100)
TARGETS = {5: 0.60, 20: 0.80, 100: 0.90}
START_S, TRAINING_DAYS, JUDGED_DAYS, AFTER_DAYS = 1_710_000_000.0, 120.0, 90.0, 14.0
PARAMS = ListenerParams(album_run_share=0.0)  # album runs follow the last track, not taste
N_DRAWS = 2000
N_IMAGINED, IMAGINED_LENGTHS = 20_000, (1, 5)


@dataclass(frozen=True)
class Case:
    """One listener: what they did first, in order of time, and what they went on to play."""

    listener_idx: int
    events: EventColumns
    held_out_at: float
    relevant: IntVector
    heard: IntVector


def cases_of(events: EventColumns, longest: int, after_days: float) -> Iterator[Case]:
    """Listeners with ``longest`` events who then play something new within ``after_days``."""
    for idx in np.unique(events.listener_idx).tolist():
        own = events.take(np.flatnonzero(events.listener_idx == idx))
        own = own.take(np.argsort(own.listened_at, kind="stable"))
        if len(own) <= longest:
            continue
        first, later = own.take(np.arange(longest)), own.take(np.arange(longest, len(own)))
        until = first.listened_at[-1] + after_days * SECONDS_PER_DAY
        later = later.take(later.listened_at <= until)
        for _, relevant, heard in held_out_cases(later, first):
            yield Case(idx, first, held_out_time(later), relevant, heard)


@dataclass(frozen=True)
class Served:
    """What makes lists, as in service."""

    tracks: TrackTable
    sources: tuple[Source, ...]
    ranker: LearnedRanker | None

    def ndcg(self, case: Case, length: int, recipe: Recipe, controls: Controls) -> float:
        """NDCG@20 of the list after the first ``length`` events of a listener."""
        known = case.events.take(np.arange(length))
        now = float(known.listened_at[-1]) + 1.0
        query = Query(recipe.name, Profile.from_columns(known, now), K, controls,
                      blocked=mask_of(case.heard, len(self.tracks)), now=now)  # fmt: skip
        made = build_list(query, self.tracks, self.sources, recipe, ranker=self.ranker)
        rows = np.array([self.tracks.ids.get(one.track_id) for one in made.tracks], np.int64)
        return ndcg_at_k(rows, case.relevant, K)


def best_of(listeners: Listeners, case: Case) -> float:
    """NDCG@20 of the ranking by planted taste."""
    ranked = oracle_ranking(listeners, case.listener_idx, case.held_out_at, K, case.heard)
    return ndcg_at_k(ranked, case.relevant, K)


def mask_of(rows: IntVector, n: int) -> BoolVector:
    """True at the rows."""
    mask = np.zeros(n, bool)
    mask[rows] = True
    return mask


def share_of(found: FloatVector, best: FloatVector, seed: int) -> tuple[float, float, float]:
    """Mean over mean of the best, and its 95 % bootstrap interval over listeners, who are paired.

    >>> share_of(np.array([0.1, 0.3]), np.array([0.2, 0.6]), 0)
    (0.5, 0.5, 0.5)
    """
    draws = derived_rng(seed, "q6").integers(0, len(found), (N_DRAWS, len(found)))
    with np.errstate(invalid="ignore"):
        shares = found[draws].sum(axis=1) / best[draws].sum(axis=1)
    low, high = np.nanquantile(shares, (0.025, 0.975))
    return float(found.sum() / best.sum()), float(low), float(high)


def imagined(listeners: Listeners, rows: range, at: float) -> FloatMatrix:
    """log(n_tracks * p) of the next free pick of planted listeners, float32 (n, n_tracks)."""
    return np.stack([listeners.utility(row, at, any_hour=True).astype(np.float32) for row in rows])


def informed_ranking(
    utility: FloatMatrix, picked: IntVector, heard: IntVector, k: int = K
) -> IntVector:
    """The ``k`` tracks likeliest to be picked next by whoever picked these, ``heard`` left out."""
    fits = utility[:, picked].sum(axis=1, dtype=np.float64)
    weight = np.exp(fits - fits.max())
    chance = weight @ np.exp(utility)
    chance[heard] = -1.0
    return np.argsort(-chance, kind="stable")[:k]


def trained(tracks: TrackTable, listeners: Listeners, n: int, seed: int) -> Served:
    """The published set after the first ``n`` listeners have listened for the training time."""
    events = listen_columns(listeners, tracks, START_S, TRAINING_DAYS, seed, range(n))
    names = Vocabulary(str(number) for number in range(n))
    now = START_S + TRAINING_DAYS * SECONDS_PER_DAY
    set_ = train_set(Dataset.from_events(tracks, names, events, now))
    progress(f"{len(events)} events, {set_.scores}, {set_.notes}")
    return Served(tracks, standard_sources(set_.models, tracks), set_.ranker)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=3000, help="of the catalogue")
    parser.add_argument("--listeners", type=int, default=400, help="whom training learns from")
    parser.add_argument("--judges", type=int, default=200, help="whom it never saw")
    parser.add_argument("--imagined", type=int, default=N_IMAGINED, help="0 leaves them out")
    parser.add_argument("--seed", type=int, default=2026, help="1 to 9 to make choices on")
    given = parser.parse_args()
    tracks = make_catalogue(given.tracks, seed=given.seed)
    n = given.listeners + given.judges
    # each depends on the seed and its own number only, so the first are the same without the last
    everyone = make_listeners(tracks, n + given.imagined, given.seed, PARAMS)
    served = trained(tracks, everyone, given.listeners, given.seed)
    judges = range(given.listeners, n)
    begin = START_S + TRAINING_DAYS * SECONDS_PER_DAY
    events = listen_columns(everyone, tracks, begin, JUDGED_DAYS, given.seed, judges)
    cases = list(cases_of(events, max(LENGTHS), AFTER_DAYS))
    best = np.array([best_of(everyone, case) for case in cases])
    data = f"synthetic {given.tracks} tracks, {given.listeners} listeners, seed {given.seed}"
    figure("Q6", "best attainable ndcg@20", float(best.mean()), "share", data=data, n=len(cases))
    report(served, cases, best, data)
    if given.imagined:
        at = float(np.mean([case.held_out_at for case in cases]))
        report_informed(imagined(everyone, range(n, len(everyone)), at), cases, best, data)


def report_informed(utility: FloatMatrix, cases: list[Case], best: FloatVector, data: str) -> None:
    """The share that Bayes' rule reaches after few events."""
    for length in IMAGINED_LENGTHS:
        found = np.array([
            ndcg_at_k(
                informed_ranking(utility, np.unique(case.events.track_idx[:length]), case.heard),
                case.relevant, K,
            )
            for case in cases
        ])  # fmt: skip
        share, low, high = share_of(found, best, length)
        figure("Q6", f"knowing how listeners are made, after {length}", share, "share", data=data,
               n=len(cases), interval=(low, high))  # fmt: skip


def report(served: Served, cases: list[Case], best: FloatVector, data: str) -> None:
    """The share of the best at each length, for the list as served and for taste alone."""
    discover = station("discover")
    plain = Controls(variety=0.0, artist_gap=0, album_gap=0)
    for name, controls in (("share of the best", Controls()), ("taste alone", plain)):
        for length in LENGTHS:
            found = np.array([served.ndcg(case, length, discover, controls) for case in cases])
            share, low, high = share_of(found, best, length)
            target = TARGETS.get(length) if name == "share of the best" else None
            figure("Q6", f"{name} after {length}", share, "share", data=data, n=len(cases),
                   target=target, interval=(low, high))  # fmt: skip


if __name__ == "__main__":
    main()
