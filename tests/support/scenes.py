"""Tiny data of two scenes, jazz and metal, that every model must tell apart."""

from dataclasses import replace

import numpy as np
from scipy import sparse

from segue.data.dataset import Dataset, TrackTable
from segue.data.feedback import EventColumns
from segue.data.records import EVENT_CODE, EventKind
from segue.data.vocabulary import Vocabulary

N_TRACKS = 12  # rows 0..5 are one scene, 6..11 the other
SCENE = {"jazz": range(6), "metal": range(6, 12)}


def catalogue(n_tracks: int = N_TRACKS) -> TrackTable:
    half = max(n_tracks // 2, 1)
    scene = np.arange(n_tracks) // half
    word = np.arange(n_tracks) % 3 + 2
    rows = np.repeat(np.arange(n_tracks), 2)
    columns = np.stack([np.minimum(scene, 1), word], axis=1).ravel()
    terms = sparse.csr_matrix((np.ones(2 * n_tracks, np.float32), (rows, columns)), (n_tracks, 5))
    return replace(
        TrackTable.bare(f"t{i}" for i in range(n_tracks)),
        terms=terms,
        term_names=["jazz", "metal", "live", "slow", "loud"],
        term_kinds=["genre", "genre", "word", "word", "word"],
        vectors={"sound": scene_sound(np.minimum(scene, 1))},
    )


def scene_sound(scene: np.ndarray) -> np.ndarray:
    """Six features of each track: four that the scene sets, in other units, and two that vary."""
    rng = np.random.default_rng(8)
    level = np.where(scene[:, np.newaxis] == 0, [120.0, 0.1, -20.0, 3.0], [180.0, 0.9, -6.0, 9.0])
    spread = np.array([5.0, 0.05, 1.0, 0.5]) * rng.normal(size=level.shape)
    return np.hstack([level + spread, rng.normal(size=(len(scene), 2))]).astype(np.float32)


def two_scenes() -> Dataset:
    rng = np.random.default_rng(5)
    plays = np.zeros((30, N_TRACKS), np.float32)
    for listener in range(30):
        own = np.arange(6) + 6 * (listener % 2)
        plays[listener, rng.choice(own, 4, replace=False)] = rng.integers(1, 4, 4)
        plays[listener, rng.integers(N_TRACKS)] += 1  # a little of anything
    return Dataset.from_csr(sparse.csr_matrix(plays), catalogue())


def rated_scenes() -> Dataset:
    """Everybody gives their own scene 4 or 5 stars and the other one 1 or 2."""
    rng = np.random.default_rng(6)
    listener, track = (part.ravel() for part in np.indices((30, N_TRACKS)))
    own = listener % 2 == track // 6
    stars = np.where(own, 4.0, 1.0) + rng.integers(0, 2, own.shape)
    n = len(own)
    events = EventColumns(
        listener, track, np.full(n, EVENT_CODE[EventKind.RATE], np.int8), np.zeros(n),
        np.full(n, np.nan, np.float32), stars.astype(np.float32),
    )  # fmt: skip
    return Dataset.from_events(catalogue(), Vocabulary(str(i) for i in range(30)), events, 0.0)
