"""Two lines that every comparison needs: a random order, and a listener's own favourites again.

So much of listening repeats that "play what they play most" is hard to beat where repeats count; a
random order shows what a measure gives for nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.items import ScoredTracks, top_n
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models.base import Evidence, Recommender, largest_of_each
from segue.models.popularity import genre_matrix
from segue.rng import derived_rng
from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector


class Random(Recommender):
    """One order of all tracks, drawn by ``seed``, the same for everybody.

    Args:
        seed: Root of the draw; another seed gives another order.

    >>> data = Dataset.from_csr(sparse.csr_matrix((2, 5)))
    >>> len(Random(seed=3).fit(data).recommend(Profile.empty(), n=3))
    3
    """

    name: ClassVar[str] = "random"
    is_personal: ClassVar[bool] = False

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def fit(self, dataset: Dataset) -> Self:
        """Draw one score in 0..1 for each track."""
        draw = derived_rng(self.seed, "random", "scores").random(dataset.n_tracks, np.float32)
        return self.from_arrays({"draw": draw, "genres": genre_matrix(dataset.tracks)})

    def fold_in(self, profile: Profile) -> FloatVector:
        """Nothing: nobody is known here; shape (0,)."""
        self.require_profile(profile)
        return np.empty(0, np.float32)

    def score(self, representation: FloatVector) -> FloatVector:
        """The draw; ``representation`` is not looked at."""
        self.require_fit()
        return self._draw.copy()

    def score_batch(self, user_items: CsrMatrix) -> FloatMatrix:
        """The same draw in every row."""
        self.require_columns(user_items)
        return np.repeat(self._draw[np.newaxis], user_items.shape[0], axis=0)

    def similar(self, track_idx: int, n: int = 10) -> ScoredTracks:
        """Tracks that share a genre in the order drawn (1 is added to them), then the others."""
        self.require_row(track_idx)
        shared = np.asarray(self._genres @ self._genres[track_idx].toarray()[0]) > 0
        allowed = np.arange(self.n_tracks) != track_idx
        return top_n((self._draw + shared).astype(np.float32), n, allowed)

    def explain(self, profile: Profile, track_idx: int, n: int = 3) -> list[Evidence]:
        """No part of a profile adds anything here, so there is no evidence."""
        self.require_profile(profile)
        self.require_row(track_idx)
        return []

    def to_arrays(self) -> Mapping[str, NDArray[Any] | CsrMatrix]:
        """``draw`` (n_tracks,) and ``genres`` CSR (n_tracks, n_genres)."""
        return {"draw": self._draw, "genres": self._genres}

    def from_arrays(self, arrays: Mapping[str, NDArray[Any] | CsrMatrix]) -> Self:
        """Restore; see :meth:`to_arrays`."""
        self._draw: FloatVector = arrays["draw"]
        self._genres: CsrMatrix = arrays["genres"]
        self.n_tracks = len(self._draw)
        return self


class PersonalTop(Recommender):
    """What the listener prefers already, best first: only for lists where repeats are allowed.

    A known track scores its own preference, any other 0. With ``genre_weight`` each known track
    also adds that share of its preference, divided by the number of its genres, for each genre it
    shares with a track: then the list goes on with the genres of the favourites where they end.

    Args:
        genre_weight: >= 0; 0 is the plain baseline.

    >>> data = Dataset.from_csr(sparse.csr_matrix((1, 4)))
    >>> profile = Profile.from_weights({1: 0.5, 3: 2.0})
    >>> PersonalTop().fit(data).recommend(profile, 2, exclude_known=False).track_idx.tolist()
    [3, 1]
    """

    name: ClassVar[str] = "personal_top"

    def __init__(self, genre_weight: float = 0.0) -> None:
        self.genre_weight = genre_weight

    def fit(self, dataset: Dataset) -> Self:
        """Keep the genres; listeners are not looked at, their profile says it all.

        Raises:
            InvalidInputError: ``genre_weight`` is negative or not finite.
        """
        if not 0 <= self.genre_weight < np.inf:
            raise InvalidInputError(
                f"genre_weight must be finite and at least 0, got {self.genre_weight}"
            )
        return self.from_arrays({"genres": genre_matrix(dataset.tracks)})

    def fold_in(self, profile: Profile) -> FloatVector:
        """The signed profile as a row, shape (n_tracks,), float32."""
        self.require_profile(profile)
        return profile.dense(self.n_tracks)

    def score(self, representation: FloatVector) -> FloatVector:
        """The row itself, and what its genres add."""
        self.require_fit()
        return self.score_batch(sparse.csr_matrix(representation[np.newaxis]))[0]

    def score_batch(self, user_items: CsrMatrix) -> FloatMatrix:
        """Scores of several listeners, shape (n_rows, n_tracks), float32."""
        self.require_columns(user_items)
        rows = sparse.csr_matrix(user_items, dtype=np.float32)
        scores = np.asarray(rows.toarray(), np.float32)
        if self.genre_weight > 0:
            scores += ((rows @ self._shares) @ self._genres.T).toarray()
        return scores

    def contributions(self, profile: Profile, track_idx: Sequence[int] | IntVector) -> FloatMatrix:
        """What each track of the profile adds, shape (n_known, n_asked), float32.

        Each column adds up to the score of its track.
        """
        self.require_profile(profile)
        asked = np.asarray(track_idx, np.int64)
        for row in asked.tolist():
            self.require_row(row)
        parts = (profile.track_idx[:, np.newaxis] == asked).astype(np.float32)
        if self.genre_weight > 0:
            parts += (self._shares[profile.track_idx] @ self._genres[asked].T).toarray()
        return parts * profile.preference[:, np.newaxis]

    def explain(self, profile: Profile, track_idx: int, n: int = 3) -> list[Evidence]:
        """The track itself where it is known, and those that add by a genre."""
        return self.explain_many(profile, [track_idx], n)[0]

    def explain_many(
        self, profile: Profile, track_idx: Sequence[int] | IntVector, n: int = 3
    ) -> list[list[Evidence]]:
        """:meth:`explain` of several tracks."""
        return largest_of_each(profile.track_idx, self.contributions(profile, track_idx).T, n)

    def to_arrays(self) -> Mapping[str, NDArray[Any] | CsrMatrix]:
        """``genres`` CSR (n_tracks, n_genres)."""
        return {"genres": self._genres}

    def from_arrays(self, arrays: Mapping[str, NDArray[Any] | CsrMatrix]) -> Self:
        """Restore; see :meth:`to_arrays`."""
        self._genres: CsrMatrix = arrays["genres"]
        self.n_tracks = int(self._genres.shape[0])
        n_genres_of = np.maximum(np.diff(self._genres.indptr), 1)
        scale = sparse.diags_array((self.genre_weight / n_genres_of).astype(np.float32))
        self._shares: CsrMatrix = sparse.csr_matrix(scale @ self._genres)
        return self
