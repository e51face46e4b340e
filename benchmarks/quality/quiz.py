"""F21: five questions of the quiz against the five most popular and five random tracks.

Planted listeners (``segue.synthetic``): some are trained on, the others are new and answer as their
planted taste says, or that they do not know a track. After five questions each gets the list of
music never heard from the whole pipeline; its worth is the planted chance that they would pick its
tracks, as a share of the best list there is. Paired over listeners.
"""

import argparse
from collections.abc import Callable

import numpy as np

from benchmarks.lines import figure, progress
from segue.data.dataset import Dataset, TrackTable
from segue.data.feedback import EventColumns
from segue.data.query import Controls, Profile, Query
from segue.data.records import Event, EventKind
from segue.data.vocabulary import Vocabulary
from segue.evaluation.intervals import mean_bootstrap, paired_bootstrap
from segue.models.base import create
from segue.pipeline.build import build_list
from segue.pipeline.quiz import QuizBoard, next_question
from segue.pipeline.stations import standard_sources
from segue.rng import derived_rng
from segue.services.quiz import make_board
from segue.services.serving import Serving
from segue.synthetic.choices import EpochChoice, epoch_choice, liking
from segue.synthetic.listeners import Listeners, listen_columns, make_catalogue, make_listeners
from segue.types import BoolVector, FloatVector

START, DAYS = 1_720_000_000.0, 120.0
NOW = START + DAYS * 86_400.0
N_QUESTIONS, N_LIST = 5, 20
EXPOSURES = 400.0  # picks of one's own or of others that a new listener has met before
MODELS = {"popularity": {}, "content": {}, "als": {"n_factors": 32, "n_epochs": 10},
          "edlae": {"n_neighbors": 200}, "user_knn": {}}  # fmt: skip
Ask = Callable[[dict[int, float], BoolVector, np.random.Generator], int | None]


def trained(
    tracks: TrackTable, listeners: Listeners, n_known: int, seed: int
) -> tuple[Serving, Dataset]:
    """The models of a server on which the first listeners have listened for four months."""
    rows = np.arange(n_known)
    events = listen_columns(listeners, tracks, START, DAYS, seed, rows)
    names = Vocabulary(f"listener {row}" for row in range(n_known))
    data = Dataset.from_events(tracks, names, events, NOW)
    models = {name: create(name, **values).fit(data) for name, values in MODELS.items()}
    return Serving("benchmark", tracks, standard_sources(models, tracks)), data


class NewListener:
    """One who has no history here: what they know, and the stars they would give."""

    def __init__(self, listeners: Listeners, row: int, tracks: TrackTable, seed: int) -> None:
        rng = derived_rng(seed, "new", row)
        choice: EpochChoice = epoch_choice(listeners, row, int(listeners.epoch(NOW)))
        n = len(tracks)
        self.chance: FloatVector = np.exp(choice.utility(np.arange(n))) / n
        popularity = np.diff(listeners.space.cumulative_popularity, prepend=0.0)
        met = EXPOSURES * (0.5 * self.chance + 0.5 * popularity / popularity.sum())
        self.knows: BoolVector = rng.random(n) < 1.0 - np.exp(-met)
        params = listeners.params
        likes = liking(choice.rank(np.arange(n)), rng.standard_normal(n), params.predictability)
        self.stars = 1.0 + np.searchsorted(np.cumsum(params.rating_shares)[:4], likes, "right")


def asked_by(ask: Ask, new: NewListener, board: QuizBoard, rng: np.random.Generator) -> list[Event]:
    """The answers to five questions of one way of asking."""
    stars: dict[int, float] = {}
    barred = np.zeros(len(new.chance), bool)
    for _ in range(N_QUESTIONS):
        row = ask(stars, barred, rng)
        if row is None:
            break
        barred[row] = True
        if new.knows[row]:
            stars[row] = float(new.stars[row])
    return [
        Event(listener_id="new", track_id=str(row), kind=EventKind.RATE, value=value,
              listened_at=NOW, idempotency_key=str(row))
        for row, value in stars.items()
    ]  # fmt: skip


def worth(events: list[Event], new: NewListener, serving: Serving) -> float:
    """The list's share of the best attainable chance, among tracks that were not asked about."""
    tracks = serving.tracks
    columns = EventColumns.from_events(
        events, Vocabulary(["new"]), _Rows(tracks.ids), tracks.duration_s
    )  # fmt: skip
    profile = Profile.from_columns(columns, NOW)
    query = Query("discover", profile, N_LIST, Controls(artist_gap=0, album_gap=0), now=NOW)
    ranked = build_list(query, tracks, serving.sources)
    rows = tracks.ids.rows(place.track_id for place in ranked.tracks)
    chance = new.chance.copy()
    chance[profile.track_idx] = 0.0
    return float(chance[rows].sum() / np.sort(chance)[::-1][:N_LIST].sum())


class _Rows(Vocabulary):
    """Rows as their own names."""

    def get(self, id_: str) -> int | None:
        return int(id_)


def ways(serving: Serving, board: QuizBoard) -> dict[str, Ask]:
    """How to choose what to ask about."""

    def adaptive(stars: dict[int, float], barred: BoolVector, _: np.random.Generator) -> int | None:
        return next_question(board, stars, barred[board.track_idx])

    def popular(_: dict[int, float], barred: BoolVector, __: np.random.Generator) -> int | None:
        left = board.track_idx[~barred[board.track_idx]]  # the best known first
        return int(left[0]) if len(left) else None

    def random_known(_: dict[int, float], barred: BoolVector, rng: np.random.Generator) -> int:
        return int(rng.choice(board.track_idx[~barred[board.track_idx]]))

    def random_any(_: dict[int, float], barred: BoolVector, rng: np.random.Generator) -> int:
        return int(rng.choice(np.flatnonzero(~barred)))

    return {"adaptive": adaptive, "most popular": popular,
            "random of the well known": random_known, "random": random_any}  # fmt: skip


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=3_000)
    parser.add_argument("--known", type=int, default=400, help="listeners who are trained on")
    parser.add_argument("--new", type=int, default=300, help="new listeners who are asked")
    parser.add_argument("--seed", type=int, default=21)
    given = parser.parse_args(argv)
    tracks = make_catalogue(given.tracks, given.seed)
    listeners = make_listeners(tracks, given.known + given.new, given.seed)
    serving, _ = trained(tracks, listeners, given.known, given.seed)
    board = make_board(serving)
    progress(f"{len(board)} tracks may be asked about, {len(board.prior)} listeners on the board")
    worths: dict[str, list[float]] = {name: [] for name in (*ways(serving, board), "no quiz")}
    answers: dict[str, list[int]] = {name: [] for name in ways(serving, board)}
    for row in range(given.known, given.known + given.new):
        new = NewListener(listeners, row, tracks, given.seed)
        worths["no quiz"].append(worth([], new, serving))
        for name, ask in ways(serving, board).items():
            events = asked_by(ask, new, board, derived_rng(given.seed, "ask", name, row))
            answers[name].append(len(events))
            worths[name].append(worth(events, new, serving))
    report(worths, answers, f"planted, {given.tracks} tracks, {given.known} listeners", given.seed)


def report(
    worths: dict[str, list[float]], answers: dict[str, list[int]], data: str, seed: int
) -> None:
    n = len(worths["no quiz"])
    for name, values in worths.items():
        mean = mean_bootstrap(np.array(values), derived_rng(seed, "mean", name))
        figure("F21", f"{name}: share of the best list after 5 questions", mean.difference,
               "share", data=data, n=n, interval=(mean.low, mean.high))  # fmt: skip
    for name, counts in answers.items():
        figure("F21", f"{name}: questions answered", float(np.mean(counts)), "of 5", data=data,
               n=n)  # fmt: skip
    mine = np.array(worths["adaptive"])
    for name in ("most popular", "random of the well known", "random", "no quiz"):
        gain = paired_bootstrap(mine, np.array(worths[name]), derived_rng(seed, "gain", name))
        figure("F21", f"adaptive less {name}", gain.difference, "share", data=data, n=n,
               target=0.0, interval=(gain.low, gain.high))  # fmt: skip


if __name__ == "__main__":
    main()
