"""A small library with two scenes, and real models fitted on a few listeners."""

import dataclasses

import numpy as np
from scipy import sparse

from segue.data.asked import AskedFor
from segue.data.dataset import Dataset, TrackTable
from segue.data.feedback import EventColumns
from segue.data.query import Controls, Profile
from segue.data.records import Event, EventKind
from segue.data.vocabulary import Vocabulary
from segue.models.ask import AskIndex
from segue.models.base import create
from segue.pipeline.stations import standard_sources

NOW = 1_700_000_000.0
DAY = 86_400.0


def event(track, kind=EventKind.PLAY, days_ago=1.0, **values):
    key = f"{track}-{kind}-{days_ago}-{values}"
    return Event(listener_id="me", track_id=track, kind=kind, listened_at=NOW - days_ago * DAY,
                 idempotency_key=key, **values)  # fmt: skip


def table(n=60, n_artists=20, genres=("ambient", "trip hop", "metal")):
    """Track i is by artist i % n_artists, of genre i % 3, from the 1990s or the 2000s."""
    rows = np.arange(n)
    bare = TrackTable.bare(f"t{i}" for i in range(n))
    names = [*genres, "1990s", "2000s"]
    kinds = ["genre"] * len(genres) + ["decade", "decade"]
    genre, decade = rows % len(genres), len(genres) + (rows // 7) % 2
    terms = sparse.csr_matrix(
        (np.ones(2 * n, np.float32), (np.tile(rows, 2), np.concatenate((genre, decade)))),
        shape=(n, len(names)),
    )
    return dataclasses.replace(
        bare,
        titles=[f"Song {i}" for i in rows],
        artists=[f"Band {i % n_artists}" for i in rows],
        artist_idx=(rows % n_artists).astype(np.int32),
        artist_ids=Vocabulary(f"a{i}" for i in range(n_artists)),
        album_idx=(rows % (2 * n_artists)).astype(np.int32),
        album_ids=Vocabulary(f"l{i}" for i in range(2 * n_artists)),
        year=(1990 + rows % 20).astype(np.int16),
        duration_s=(120.0 + rows).astype(np.float32),
        added_at=NOW - DAY * (1.0 + rows),
        terms=terms,
        term_names=names,
        term_kinds=kinds,
    )


def needed(recipe):
    """The controls and the seeds without which a station refuses."""
    controls = Controls(
        genres=("ambient",) if recipe.needs == "genres" else (),
        mood="calm" if recipe.needs == "mood" else None,
    )
    seeds = {"seeds": {1: 1.0}, "path": {1: 1.0, 5: 1.0}}
    return controls, seeds.get(recipe.needs, {})


def words_for(recipe):
    """What is asked for in words, where a station refuses without."""
    if recipe.needs != "words":
        return None
    return AskedFor(text="ambient song", words=("song",), genres=("ambient",))


def stocked(recipe, tracks):
    """The same catalogue, every other track without a file where a station is about those."""
    owned = np.arange(len(tracks)) % 2 == 0 if recipe.missing else tracks.owned
    return dataclasses.replace(tracks, owned=owned)


def group_for(recipe, listener):
    """All that is liked, for a station about a part of the taste."""
    liked = listener.track_idx[listener.preference > 0]
    return liked if recipe.needs == "group" else None


def profile(events, tracks):
    return Profile.from_events(events, tracks.ids, tracks.duration_s, NOW)


def fitted_sources(tracks, seed=0):
    """EDLAE, content and popularity, fitted on 40 listeners who each stay in one genre."""
    rng = np.random.default_rng(seed)
    n = len(tracks)
    likes = np.zeros((40, n), np.float32)
    for listener in range(40):
        scene = np.flatnonzero(np.arange(n) % 3 == listener % 3)
        likes[listener, rng.choice(scene, min(8, len(scene)), replace=False)] = 1.0
    plain = Dataset.from_csr(sparse.csr_matrix(likes), tracks)
    data = Dataset(tracks, plain.listeners, plain.interactions, EventColumns.empty(), NOW)
    models = {name: create(name).fit(data) for name in ("content", "popularity")}
    models["edlae"] = create("edlae", regularization=1.0, dropout=0.2).fit(data)
    documents = [
        f"{title}. {artist}." for title, artist in zip(tracks.titles, tracks.artists, strict=False)
    ]
    return standard_sources(models, tracks, AskIndex.fit(data, documents))
