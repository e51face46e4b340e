"""What everybody plays: counts of distinct listeners, or recent plays that fade with a half-life.

The baseline of every comparison (Cremonesi, Koren & Turrin 2010, doi:10.1145/1864708.1864721) and
the list of a listener of whom nothing is known. It is not personal.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from segue.data.dataset import Dataset, TrackTable
from segue.data.feedback import SECONDS_PER_DAY
from segue.data.items import ScoredTracks, top_n
from segue.data.query import Profile
from segue.data.records import EVENT_CODE, EventKind
from segue.errors import InvalidInputError
from segue.models.base import Evidence, Recommender
from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector


class Popularity(Recommender):
    """One score for everybody.

    Without ``half_life_days`` a track scores the number of distinct listeners; with it, the sum of
    its plays, each faded by ``2 ** (-age / half_life)``. A listening is a play event; where the
    data set has none, or neither time parameter is set, it is a positive entry of ``user_items``
    at the time of its newest event.

    Args:
        half_life_days: > 0, or None for no fading.
        window_days: > 0; older listenings do not count. None counts all.
        by_genre: Divide by the best count among the tracks that share a genre (the most
            favourable genre of a track counts; tracks of no genre form one together), so that the
            list takes the hits of every genre: scores lie in 0..1.

    >>> data = Dataset.from_csr(sparse.csr_matrix([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]]))
    >>> Popularity().fit(data).recommend(Profile.empty(), n=2).track_idx.tolist()
    [2, 0]
    """

    name: ClassVar[str] = "popularity"
    is_personal: ClassVar[bool] = False

    def __init__(
        self,
        half_life_days: float | None = None,
        window_days: float | None = None,
        by_genre: bool = False,
    ) -> None:
        self.half_life_days = half_life_days
        self.window_days = window_days
        self.by_genre = by_genre

    def fit(self, dataset: Dataset) -> Self:
        """Count; O(events).

        Raises:
            InvalidInputError: A parameter is not above zero.
        """
        for name in ("half_life_days", "window_days"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise InvalidInputError(f"{name} must be above 0 or None, got {value}")
        counts = self._counts(dataset)
        self._genres = genre_matrix(dataset.tracks)
        if self.by_genre:
            counts = share_of_best_in_genre(counts, self._genres)
        self._popularity = counts.astype(np.float32)
        self.n_tracks = dataset.n_tracks
        return self

    def fold_in(self, profile: Profile) -> FloatVector:
        """Nothing: every listener is the same one; shape (0,)."""
        self.require_profile(profile)
        return np.empty(0, np.float32)

    def score(self, representation: FloatVector) -> FloatVector:
        """The counts; ``representation`` is not looked at."""
        self.require_fit()
        return self._popularity.copy()

    def score_batch(self, user_items: CsrMatrix) -> FloatMatrix:
        """The same counts in every row."""
        self.require_columns(user_items)
        return np.repeat(self._popularity[np.newaxis], user_items.shape[0], axis=0)

    def similar(self, track_idx: int, n: int = 10) -> ScoredTracks:
        """Popular tracks that share a genre with this one, then the other popular ones.

        A shared genre adds ``1 + max(score)``, so that the order is strict.
        """
        self.require_row(track_idx)
        shared = np.asarray(self._genres @ self._genres[track_idx].toarray()[0]) > 0
        scores = self._popularity + shared * (1 + self._popularity.max(initial=0.0))
        allowed = np.ones(self.n_tracks, bool)
        allowed[track_idx] = False
        return top_n(scores.astype(np.float32), n, allowed)

    def explain(self, profile: Profile, track_idx: int, n: int = 3) -> list[Evidence]:
        """No part of a profile adds anything here, so there is no evidence."""
        self.require_profile(profile)
        self.require_row(track_idx)
        return []

    def to_arrays(self) -> Mapping[str, NDArray[Any] | CsrMatrix]:
        """``popularity`` (n_tracks,) and ``genres`` CSR (n_tracks, n_genres)."""
        return {"popularity": self._popularity, "genres": self._genres}

    def from_arrays(self, arrays: Mapping[str, NDArray[Any] | CsrMatrix]) -> Self:
        """Restore; see :meth:`to_arrays`."""
        self._popularity: FloatVector = arrays["popularity"]
        self._genres: CsrMatrix = arrays["genres"]
        self.n_tracks = len(self._popularity)
        return self

    def _counts(self, dataset: Dataset) -> FloatVector:
        listener_idx, track_idx, listened_at = _listenings(
            dataset, timed=self.half_life_days is not None or self.window_days is not None
        )
        age_days = np.maximum(dataset.now - listened_at, 0.0) / SECONDS_PER_DAY
        if self.window_days is not None:
            inside = age_days <= self.window_days
            listener_idx, track_idx, age_days = (
                column[inside] for column in (listener_idx, track_idx, age_days)
            )
        n = dataset.n_tracks
        if self.half_life_days is not None:
            faded = np.exp2(-age_days / self.half_life_days)
            return np.bincount(track_idx, faded, n).astype(np.float64)
        pairs = np.unique(listener_idx.astype(np.int64) * n + track_idx)
        return np.bincount(pairs % max(n, 1), minlength=n).astype(np.float64)


def _listenings(dataset: Dataset, *, timed: bool) -> tuple[IntVector, IntVector, FloatVector]:
    """Listener, track and time of everything that counts as one listening."""
    plays = dataset.events.kind == EVENT_CODE[EventKind.PLAY]
    if timed and plays.any():
        events = dataset.events.take(plays)
        return events.listener_idx, events.track_idx, events.listened_at
    matrix = dataset.interactions.user_items
    liked = matrix.data > 0
    listener_idx = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    return listener_idx[liked], matrix.indices[liked], dataset.interactions.last_listened_at[liked]


def genre_matrix(tracks: TrackTable) -> CsrMatrix:
    """Which track has which genre: the columns of ``terms`` of kind "genre", CSR float32."""
    columns = [i for i, kind in enumerate(tracks.term_kinds) if kind == "genre"]
    return sparse.csr_matrix(tracks.terms[:, columns], dtype=np.float32)


def share_of_best_in_genre(counts: FloatVector, genres: CsrMatrix) -> FloatVector:
    """Counts over the best count of a genre, by the genre where that share is largest.

    >>> genres = sparse.csr_matrix([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    >>> share_of_best_in_genre(np.array([8.0, 4.0, 2.0, 0.0]), genres).tolist()
    [1.0, 0.5, 1.0, 0.0]
    """
    track_of = np.repeat(np.arange(len(counts)), np.diff(genres.indptr))
    best = np.zeros(genres.shape[1])
    np.maximum.at(best, genres.indices, counts[track_of])
    smallest_best = np.full(len(counts), np.inf)
    np.minimum.at(smallest_best, track_of, best[genres.indices])
    alone = np.isinf(smallest_best)
    smallest_best[alone] = counts[alone].max(initial=0.0)
    return np.divide(counts, smallest_best, out=np.zeros(len(counts)), where=smallest_best > 0)
