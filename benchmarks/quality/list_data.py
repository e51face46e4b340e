"""Who is asked for lists in the benchmark of lists, what they know, and what they went on to like.

HetRec has no times: a random fifth of each listener's artists is held out, nothing can be heard
again, and no order of time can teach a ranker. Planted listeners are cut at one moment, and asked
both for anything that they liked after it and for what was new to them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.quality.q1_hetrec import dataset_of, read_hetrec, tags_without
from segue.data.dataset import Dataset, TrackTable
from segue.data.query import Profile
from segue.data.vocabulary import Vocabulary
from segue.errors import InvalidDataError
from segue.evaluation.cuts import temporal_holdout
from segue.evaluation.split import random_per_listener
from segue.models.base import profile_of_row
from segue.rng import derived_rng
from segue.synthetic.listeners import listen_columns, make_catalogue, make_listeners
from segue.types import CsrMatrix

START_S, DAYS = 1_710_000_000.0, 120.0
GENRE_TAGS = 100  # the most used tags of HetRec, which are names of genres nearly all
VERSIONS = 0.1  # of the tracks are said to be another version of their artist's track before them


@dataclass(frozen=True)
class Part:
    """One question to all listeners: the station that answers it and what was to be found.

    ``held_out`` CSR (n_listeners, n_tracks), entries above zero are relevant.
    """

    station: str
    held_out: CsrMatrix

    def listeners(self) -> list[int]:
        """Rows of those with something to find."""
        return np.flatnonzero(np.diff(self.held_out.indptr)).tolist()

    def relevant(self, listener: int) -> np.ndarray:
        """Tracks to be found."""
        row = slice(self.held_out.indptr[listener], self.held_out.indptr[listener + 1])
        return self.held_out.indices[row]


@dataclass(frozen=True)
class ListData:
    """A data set as it is known when lists are asked for, and the questions."""

    name: str
    past: Dataset
    parts: tuple[Part, ...]

    def profiles(self) -> Iterator[Profile]:
        """Every listener's taste at that moment."""
        events = self.past.events
        for row in range(self.past.n_listeners):
            if len(events):
                own = events.take(np.flatnonzero(events.listener_idx == row))
                yield Profile.from_columns(own, self.past.now)
            else:
                yield profile_of_row(self.past.interactions.user_items, row)


def hetrec(folder: Path, seed: int) -> ListData:
    """Artists as tracks; each is its own artist, so that there is nothing to keep apart."""
    data = read_hetrec(folder)
    rng = derived_rng(seed, "lists", "hetrec")
    train, held_out = random_per_listener(data.pairs, (0.8, 0.2), rng)
    past = dataset_of(train, tags_without(held_out, data))
    table = past.tracks
    used = np.bincount(table.terms.indices, minlength=len(table.term_names))
    genres = set(np.argsort(-used, kind="stable")[:GENRE_TAGS].tolist())
    kinds = ["genre" if at in genres else "tag" for at in range(len(used))]
    n = len(table)
    table = replace(table, term_kinds=kinds, artist_idx=np.arange(n, dtype=np.int32),
                    artist_ids=Vocabulary(str(row) for row in range(n)),
                    owned=np.ones(n, bool))  # fmt: skip
    return ListData("hetrec2011-lastfm", replace(past, tracks=table), (Part("discover", held_out),))


def planted(n_tracks: int, n_listeners: int, seed: int) -> ListData:
    """Planted listeners; what they liked in the newest tenth of the listening is to be found.

    Raises:
        InvalidDataError: Too few of them liked anything then.
    """
    tracks = with_versions(make_catalogue(n_tracks, seed), VERSIONS, seed)
    listeners = make_listeners(tracks, n_listeners, seed)
    events = listen_columns(listeners, tracks, START_S, DAYS, seed)
    names = Vocabulary(f"l{number}" for number in range(n_listeners))
    data = Dataset.from_events(tracks, names, events, START_S + DAYS * 86_400.0)
    parts: list[Part] = []
    past = data
    for station, repeats in (("for_you", True), ("discover", False)):
        cut = temporal_holdout(data, repeats=repeats)
        if cut is None:
            raise InvalidDataError("too few planted listeners liked anything in the newest tenth")
        past = cut.past
        parts.append(Part(station, cut.held_out))
    return ListData(f"synthetic {n_tracks} tracks, {n_listeners} listeners", past, tuple(parts))


def with_versions(tracks: TrackTable, share: float, seed: int) -> TrackTable:
    """Some tracks as other versions of the recording before them, where the artist is the same."""
    recording = tracks.recording_idx.copy()
    same = np.flatnonzero(tracks.artist_idx[1:] == tracks.artist_idx[:-1]) + 1
    chosen = derived_rng(seed, "lists", "versions").permutation(same)[: int(share * len(tracks))]
    for row in np.sort(chosen).tolist():
        recording[row] = recording[row - 1]
    return replace(tracks, recording_idx=recording)
