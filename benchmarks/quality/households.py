"""HOUSEHOLDS: lists of new music for the few listeners of one server, which most servers have.

Many households, each with its own listeners and its own models, fitted on their listening alone.
Planted ones listen to 3,000 tracks for 120 days; what they liked first in the newest tenth of the
time is to be found. Households of real taste are playlists of spotify-songs: the library is all
tracks of 40 playlists, the listeners are some of the 40, and a fifth of each playlist is to be
found among tracks of known artist, decade and genres (those of other tracks of the artist).

Discover is asked, with rank fusion: so few listeners have no moments that teach a ranker. "without
terms" is taste by plain EDLAE, "with terms" is what training publishes. NDCG@20 with 95 % bootstrap
intervals over all listeners of a kind of household, differences paired by listener. Choices were
made on seeds 1 to 40; seeds from 2,001 judge.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.lines import DATA_FOLDER, figure, progress
from benchmarks.quality.cold_data import Songs, read_songs
from benchmarks.quality.list_data import DAYS, START_S, Part
from benchmarks.quality.list_variants import PLAIN, Variant, plain
from benchmarks.quality.lists import Served
from segue.data.dataset import Dataset
from segue.data.query import Controls, Profile
from segue.data.vocabulary import Vocabulary
from segue.evaluation.cuts import temporal_holdout
from segue.evaluation.intervals import mean_bootstrap, paired_bootstrap
from segue.evaluation.split import random_per_listener
from segue.models.base import Recommender, create, profile_of_row
from segue.pipeline.candidates import Blend
from segue.pipeline.stations import standard_sources, station
from segue.rng import derived_rng
from segue.synthetic.listeners import listen_columns, make_catalogue, make_listeners
from segue.training.local import TrainingPlan, trained_params

ID, K, STATION = "HOUSEHOLDS", 20, "discover"
FIRST_SEED, N_TRACKS, N_PLAYLISTS = 2_001, 3_000, 40
SIZES: Mapping[int, int] = {1: 60, 3: 25, 10: 8, 50: 2}  # listeners: how many households
PLAYLIST_SIZES: Mapping[int, int] = {1: 40, 4: 12, 20: 3}
OTHERS = ("content", "bridge", "user_knn", "popularity")  # the other sources of the station
TASTES = {"without terms": "edlae", "with terms": "collective"}


@dataclass(frozen=True)
class Household:
    """What one server knows, the tastes of its listeners, and what they went on to like."""

    past: Dataset
    profiles: Sequence[Profile]
    part: Part


def planted_households(n_listeners: int, n: int) -> Iterator[Household]:
    """Households of planted listeners; one of whom nobody liked anything new is left out."""
    for seed in range(FIRST_SEED, FIRST_SEED + n):
        tracks = make_catalogue(N_TRACKS, seed)
        listeners = make_listeners(tracks, n_listeners, seed)
        events = listen_columns(listeners, tracks, START_S, DAYS, seed)
        names = Vocabulary(f"l{number}" for number in range(n_listeners))
        data = Dataset.from_events(tracks, names, events, START_S + DAYS * 86_400.0)
        cut = temporal_holdout(data, min_listeners=1)
        if cut is None:
            continue
        known = cut.past.events
        profiles = [
            Profile.from_columns(known.take(np.flatnonzero(known.listener_idx == row)),
                                 cut.past.now)
            for row in range(n_listeners)
        ]  # fmt: skip
        yield Household(cut.past, profiles, Part(STATION, cut.held_out))


def playlist_households(songs: Songs, n_listeners: int, n: int) -> Iterator[Household]:
    """Households whose listeners are playlists of a small library of playlists."""
    for seed in range(FIRST_SEED, FIRST_SEED + n):
        rng = derived_rng(seed, "households", "playlists")
        some = library_of(songs, np.sort(rng.permutation(songs.pairs.shape[0])[:N_PLAYLISTS]))
        train, held_out = random_per_listener(some.pairs, (0.8, 0.2), rng)
        table = some.dataset(train, held_out).tracks
        table = replace(table, owned=np.ones(len(table), bool))
        at_home = np.sort(rng.permutation(N_PLAYLISTS)[:n_listeners])
        past = Dataset.from_csr(train[at_home], table)
        profiles = [profile_of_row(past.interactions.user_items, row) for row in range(n_listeners)]
        yield Household(past, profiles, Part(STATION, held_out[at_home].tocsr()))


def library_of(songs: Songs, playlists: np.ndarray) -> Songs:
    """The songs of some playlists alone."""
    pairs = songs.pairs[playlists]
    columns = np.unique(pairs.indices)

    def taken(names: Sequence[str], rows: np.ndarray = columns) -> list[str]:
        return np.array(names, object)[rows].tolist()

    return Songs(
        pairs=pairs[:, columns].tocsr(),
        subgenre_of_playlist=taken(songs.subgenre_of_playlist, playlists),
        artist=taken(songs.artist),
        album=taken(songs.album),
        title=taken(songs.title),
        year=songs.year[columns],
        audio=songs.audio[columns],
    )


def found_in(household: Household) -> dict[str, list[float]]:
    """NDCG@20 of each listener, by what made the list."""
    params = trained_params(household.past, household.past, TrainingPlan())
    others = {name: create(name, **params[name]).fit(household.past) for name in OTHERS}
    recipe = station(STATION)
    found: dict[str, list[float]] = {}
    for words, name in TASTES.items():
        taste = create(name, **params[name]).fit(household.past)
        found |= {
            f"{variant.name}, {words}": _ndcg(household, {**others, name: taste}, variant)
            for variant in (_alone("taste"), Variant("Discover", recipe, Controls()))
        }
    for source in ("content", "factors"):
        found[f"{source} alone"] = _ndcg(household, others, _alone(source))
    return found


def _alone(source: str) -> Variant:
    recipe = msgspec.structs.replace(plain(station(STATION)), blend=(Blend(source),))
    return Variant(f"{source} alone", recipe, PLAIN, versions=True)


def _ndcg(household: Household, models: Mapping[str, Recommender], variant: Variant) -> list[float]:
    tracks = household.past.tracks
    served = Served(tracks, standard_sources(models, tracks), None, household.past.now)
    return served.lists(variant, household.part, household.profiles).ndcg.tolist()


def measure(where: str, households: Iterator[Household]) -> None:
    """One line for each way to make the list, and one for what the terms bring."""
    pooled: dict[str, list[float]] = defaultdict(list)
    for household in households:
        for name, values in found_in(household).items():
            pooled[name] += values
    for name, values in pooled.items():
        mean = mean_bootstrap(np.array(values), derived_rng(0, "households", "mean"))
        figure(ID, f"{name}: ndcg@{K}", mean.difference, "share", data=where, n=len(values),
               interval=(mean.low, mean.high))  # fmt: skip
    for name in ("taste alone", "Discover"):
        before, now = (np.array(pooled[f"{name}, {words}"]) for words in TASTES)
        gain = paired_bootstrap(now, before, derived_rng(0, "households", "pair"))
        figure(ID, f"{name}: what terms bring", gain.difference, "share", data=where, n=len(now),
               interval=(gain.low, gain.high))  # fmt: skip


def main(argv: list[str] | None = None) -> None:
    """Planted households of each size, then playlists where their folder is at hand."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA_FOLDER, help="folder of data sets")
    given = parser.parse_args(argv)
    with threadpool_limits(limits=1, user_api="blas"):
        for size, n in SIZES.items():
            progress(f"planted households of {size}")
            measure(f"{n} planted households of {size}", planted_households(size, n))
        folder = given.data / "spotify-songs"
        if not folder.is_dir():
            progress(f"skipped spotify-songs: no data in {folder}; give its parent with --data")
            return
        songs = read_songs(folder)
        for size, n in PLAYLIST_SIZES.items():
            progress(f"households of {size} playlists")
            measure(f"{n} households of {size} playlists, spotify-songs",
                    playlist_households(songs, size, n))  # fmt: skip


if __name__ == "__main__":
    main()
