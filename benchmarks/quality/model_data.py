"""The data sets of the model benchmark as splits, and the parameters of models on each.

The first two are bare pairs, so models of time and of sessions have nothing to learn there and say
so. The order of the third is real, its times are not: one track an hour.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.quality.q1_hetrec import dataset_of, read_hetrec, tags_without
from benchmarks.quality.q2_lightgcn_lastfm import read_pairs
from segue.data.dataset import Dataset, TrackTable
from segue.data.feedback import EventColumns
from segue.data.records import EVENT_CODE, EventKind
from segue.data.vocabulary import Vocabulary
from segue.evaluation.cuts import split_of
from segue.evaluation.leaks import Split
from segue.evaluation.split import random_per_listener
from segue.rng import derived_rng
from segue.synthetic.listeners import listen_columns, make_catalogue, make_listeners

Params = Mapping[str, object]
HOUR_S = 3600.0
SEED = 2020


def lightgcn(folder: Path) -> Split:
    """The fixed split of the LightGCN papers."""
    train, test = read_pairs(folder / "data1.txt"), read_pairs(folder / "test1.txt")
    return Split("fixed", Dataset.from_csr(train), test)


def hetrec(folder: Path) -> Split:
    """A random fifth of each listener's artists; no tag of a held-out pair is seen."""
    data = read_hetrec(folder)
    train, test = random_per_listener(data.pairs, (0.8, 0.2), derived_rng(SEED, "models", "hetrec"))
    return Split("random fifth", dataset_of(train, tags_without(test, data)), test)


def s3rec(folder: Path) -> Split:
    """The last artist of each listener, known in order only."""
    lines = (folder / "LastFM.txt").read_text("utf-8").splitlines()
    rows = [[int(word) for word in line.split()] for line in lines if line.strip()]
    listener = np.concatenate([np.full(len(row) - 1, at) for at, row in enumerate(rows)])
    items, track = np.unique(np.concatenate([row[1:] for row in rows]), return_inverse=True)
    longest = max(map(len, rows))
    # all end at one moment, so that the newest are equally old
    at = np.concatenate([np.arange(longest - len(row) + 1, longest) for row in rows]) * HOUR_S
    n = len(track)
    events = EventColumns(
        listener.astype(np.int32), track.astype(np.int32),
        np.full(n, EVENT_CODE[EventKind.PLAY], np.int8), at,
        np.ones(n, np.float32), np.full(n, np.nan, np.float32),
    )  # fmt: skip
    names = Vocabulary(str(row[0]) for row in rows)
    table = TrackTable.bare(str(item) for item in items)
    data = Dataset.from_events(table, names, events, longest * HOUR_S)
    return split_of(data, "leave-last")


def synthetic(_folder: Path) -> Split:
    """Planted listeners with genres, sessions and relistening, cut at one moment."""
    tracks = make_catalogue(3000, seed=SEED)
    listeners = make_listeners(tracks, 300, seed=SEED)
    events = listen_columns(listeners, tracks, 1_700_000_000.0, 120, seed=SEED)
    names = Vocabulary(f"l{n}" for n in range(300))
    data = Dataset.from_events(tracks, names, events, float(events.listened_at.max()))
    return split_of(data, "temporal")


@dataclass(frozen=True)
class Source:
    """A data set: how to make its split, its folder (None when made here), and parameters."""

    split: Callable[[Path], Split]
    folder: str | None
    params: Mapping[str, Params]


_PLAYS: dict[str, Params] = {"svd": {"implied": True}}  # nobody gives stars here
_PAIRS: dict[str, Params] = _PLAYS | {
    "ease": {"regularization": 100.0, "values": "binary"},
    "edlae": {"regularization": 30.0, "dropout": 0.75, "values": "binary"},
}
_TAGGED: dict[str, Params] = {
    "collective": {
        "regularization": 30.0,
        "dropout": 0.75,
        "tag_weight": 0.6,
        "inverse_frequency": False,
    },
}
_TIMED: dict[str, Params] = {"popularity": {"half_life_days": 60.0}, "edlae": {"n_neighbors": 200}}
# As Q1, Q2 and training have them; models that are not named take their defaults.
SOURCES: dict[str, Source] = {
    "lightgcn-lastfm": Source(lightgcn, "lightgcn-lastfm", _PAIRS),
    "hetrec2011-lastfm": Source(hetrec, "hetrec2011-lastfm", _PAIRS | _TAGGED),
    "s3rec-lastfm": Source(s3rec, "s3rec-lastfm", _PLAYS),
    "synthetic": Source(synthetic, None, _PLAYS | _TIMED),
}
