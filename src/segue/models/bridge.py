"""From what is known of a track to where listening would have put it: factors for new tracks.

The factors of iALS are regressed on the terms and vectors of the tracks (the linear form of van den
Oord, Dieleman and Schrauwen 2013, "Deep content-based music recommendation"; compare the "attribute
to feature" mapping of Gantner et al. 2010, doi:10.1109/ICDM.2010.129). What the regression misses
alike for all tracks of an artist is added back, shrunk by how few those tracks are.
"""

from typing import ClassVar, Self

import numpy as np
from scipy import sparse

from segue.data.dataset import Dataset, TrackTable
from segue.errors import InvalidInputError
from segue.models.als import ALS
from segue.models.content import KINDS
from segue.models.factors import Values, require_range
from segue.models.ridge import BLOCK_ROWS, Features, solve_ridge
from segue.models.sound_space import known_rows
from segue.types import FloatMatrix, FloatVector, IntVector

TOLERANCE = 1e-4  # of the regression's residuals; the factors themselves are no closer than that


class Bridge(ALS):
    """iALS whose tracks without listeners get factors from their terms, vectors and artist.

    With ``v`` the factors of a track of ``n`` listeners and ``x`` its content::

        W = argmin sum n^p |x W - v|^2 + content_regularization |W|^2    over tracks with n > 0
        guess = x W + m / (m + artist_shrinkage) * mean of (v - x W) over m tracks of the artist
        factors = (n v + prior_listeners * guess) / (n + prior_listeners)

    A track with listeners leaves itself out of the mean of its artist. Content is the terms (their
    values times the weight of their kind), the vectors (each column centred and scaled to unit
    deviation, zero where unknown) and a constant.

    Args:
        n_factors, n_epochs, regularization, unobserved_weight, values, seed: As for
            :class:`~segue.models.als.ALS`.
        content_regularization: L2 weight > 0 of W, in units of weighted tracks.
        popularity_exponent: p >= 0: 0 counts every track once, 1 every listening once.
        prior_listeners: Listeners >= 0 that the guess is worth; 0 leaves it to tracks of none.
        artist_shrinkage: Tracks >= 0 that "no difference" is worth; ``None`` for no artist part.
        genre_weight: Weight >= 0 of terms of kind "genre".
        tag_weight: Of kind "tag", and of any kind not named here.
        artist_weight: Of kind "artist".
        album_weight: Of kind "album".
        decade_weight: Of kind "decade".
        word_weight: Of kind "word".
        vector_weight: Of all columns of ``TrackTable.vectors``.
        inverse_frequency: Scale a term of ``df`` of ``n`` tracks by ``ln(1 + n / df)``.

    >>> from dataclasses import replace
    >>> from segue.data.query import Profile
    >>> tags = sparse.csr_matrix([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    >>> table = replace(TrackTable.bare("abc"), terms=tags, term_names=["rock", "folk"],
    ...                 term_kinds=["tag", "tag"])
    >>> likes = sparse.csr_matrix([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])  # nobody has heard "c"
    >>> model = Bridge(n_factors=2, content_regularization=0.1).fit(Dataset.from_csr(likes, table))
    >>> model.recommend(Profile.from_weights({1: 1.0}), n=1).track_idx.tolist()
    [2]
    """

    name: ClassVar[str] = "bridge"

    def __init__(
        self,
        n_factors: int = 64,
        n_epochs: int = 16,
        regularization: float = 0.02,
        unobserved_weight: float = 0.05,
        values: Values = "given",
        seed: int = 0,
        content_regularization: float = 100.0,
        popularity_exponent: float = 1.0,
        prior_listeners: float = 1.0,
        artist_shrinkage: float | None = 2.0,
        genre_weight: float = 1.0,
        tag_weight: float = 1.0,
        artist_weight: float = 1.0,
        album_weight: float = 1.0,
        decade_weight: float = 1.0,
        word_weight: float = 0.5,
        vector_weight: float = 1.0,
        inverse_frequency: bool = False,
    ) -> None:
        super().__init__(
            n_factors, n_epochs, regularization, unobserved_weight, values=values, seed=seed
        )
        self.content_regularization = content_regularization
        self.popularity_exponent = popularity_exponent
        self.prior_listeners = prior_listeners
        self.artist_shrinkage = artist_shrinkage
        self.genre_weight = genre_weight
        self.tag_weight = tag_weight
        self.artist_weight = artist_weight
        self.album_weight = album_weight
        self.decade_weight = decade_weight
        self.word_weight = word_weight
        self.vector_weight = vector_weight
        self.inverse_frequency = inverse_frequency

    def fit(self, dataset: Dataset) -> Self:
        """Fit iALS, then the regression: ``steps * n_factors * entries of the content`` more.

        Raises:
            InvalidInputError: A parameter is out of range.
        """
        super().fit(dataset)
        played, gram = self.item_factors, self._gram
        n_listeners = listeners_of(dataset)
        guess = self.guess(self.features(dataset.tracks), n_listeners, dataset.tracks.artist_idx)
        total = n_listeners + self.prior_listeners
        share = np.divide(n_listeners, total, out=np.zeros_like(total), where=total > 0)
        own = share.astype(np.float32)[:, np.newaxis]
        blended = own * played + (1.0 - own) * guess
        # the listeners' equations keep the gram of iALS: a new track is not one they passed over
        return self.from_arrays({"item_factors": blended.astype(np.float32), "gram": gram})

    def features(self, tracks: TrackTable) -> Features:
        """The content of all tracks as numbers."""
        return content_features(tracks, self._weight_of_terms(tracks), self.vector_weight)

    def guess(
        self, content: Features, n_listeners: FloatVector, artist_idx: IntVector
    ) -> FloatMatrix:
        """Factors of all tracks by content and artist, shape (n_tracks, n_factors), float32.

        Args:
            content: Rows as the fitted factors.
            n_listeners: Of each track, float64.
            artist_idx: Main artist of each track, -1 for none.
        """
        played = self.item_factors
        heard = n_listeners > 0
        if not heard.any():
            return np.zeros_like(played)
        weight = n_listeners[heard] ** self.popularity_exponent
        mapping = solve_ridge(
            content.take(heard), played[heard], weight, self.content_regularization,
            tolerance=TOLERANCE,
        )  # fmt: skip
        guess = content.times(mapping)
        if self.artist_shrinkage is None:
            return guess
        missed = played - guess
        missed[~heard] = 0.0
        guess += artist_part(missed, heard, artist_idx, self.artist_shrinkage)
        return guess

    def _weight_of_terms(self, tracks: TrackTable) -> FloatVector:
        weights = {kind: float(getattr(self, f"{kind}_weight")) for kind in KINDS}
        of_term = np.array([weights.get(kind, self.tag_weight) for kind in tracks.term_kinds])
        if self.inverse_frequency and len(of_term):
            df = np.bincount(tracks.terms.indices, minlength=len(of_term))
            of_term = of_term * np.log1p(len(tracks) / np.maximum(df, 1))
        return of_term

    def _check(self) -> None:
        super()._check()
        require_range("content_regularization", self.content_regularization, 0, above=True)
        for name in ("popularity_exponent", "prior_listeners", "vector_weight"):
            require_range(name, getattr(self, name), 0)
        for kind in KINDS:
            require_range(f"{kind}_weight", getattr(self, f"{kind}_weight"), 0)
        if self.artist_shrinkage is not None and not 0 <= self.artist_shrinkage < np.inf:
            raise InvalidInputError(
                f"artist_shrinkage must be None or finite and >= 0, got {self.artist_shrinkage}"
            )


def listeners_of(dataset: Dataset) -> FloatVector:
    """Listeners with any preference, liked or not, for each track, float64."""
    matrix = dataset.interactions.user_items
    return np.bincount(matrix.indices[matrix.data != 0], minlength=dataset.n_tracks).astype(float)


def content_features(
    tracks: TrackTable, weight_of_terms: FloatVector, vector_weight: float
) -> Features:
    """Weighted terms, standardised vectors and a constant, for :func:`~..ridge.solve_ridge`.

    A row of NaN in a vector becomes zeros, which is the mean. A column without spread is zeros.
    """
    terms = sparse.csr_matrix(tracks.terms, dtype=np.float32, copy=True)
    terms.sum_duplicates()
    terms.data = np.maximum(terms.data, 0.0)
    terms.data *= np.asarray(weight_of_terms, np.float32)[terms.indices]
    used = [tracks.vectors[key] for key in sorted(tracks.vectors)] if vector_weight > 0 else []
    dense = np.empty((len(tracks), 1 + sum(one.shape[1] for one in used)), np.float32)
    dense[:, 0] = 1.0
    column = 1
    for one in used:
        place = dense[:, column : column + one.shape[1]]
        standardise(one, place)
        place *= np.float32(vector_weight)
        column += one.shape[1]
    return Features(terms, dense)


def standardise(vectors: FloatMatrix, out: FloatMatrix) -> None:
    """Columns with mean 0 and deviation 1 over the known rows into ``out``, zeros elsewhere.

    Block by block: a copy in double would take the most memory of all of a training.

    >>> out = np.empty((3, 2))
    >>> standardise(np.array([[1.0, 5.0], [3.0, 5.0], [np.nan, np.nan]]), out)
    >>> out.tolist()
    [[-1.0, 0.0], [1.0, 0.0], [0.0, 0.0]]
    """
    rows = np.flatnonzero(known_rows(vectors))
    out[:] = 0.0
    if not len(rows):
        return
    blocks = [rows[start : start + BLOCK_ROWS] for start in range(0, len(rows), BLOCK_ROWS)]
    mean = sum(vectors[block].sum(axis=0, dtype=np.float64) for block in blocks) / len(rows)
    squares = sum(((vectors[block] - mean) ** 2).sum(axis=0) for block in blocks)
    spread = np.sqrt(squares / len(rows))
    scale = np.where(spread > 1e-12, spread, np.inf)
    for block in blocks:
        out[block] = (vectors[block] - mean) / scale


def artist_part(
    missed: FloatMatrix, heard: np.ndarray, artist_idx: IntVector, shrinkage: float
) -> FloatMatrix:
    """``m / (m + shrinkage)`` times the mean of ``missed`` over ``m`` other heard tracks.

    Args:
        missed: Shape (n_tracks, d); zeros where nobody has heard the track.
        heard: Mask of shape (n_tracks,).
        artist_idx: -1 for no artist, who then shares nothing.
        shrinkage: >= 0.

    >>> artist_part(np.array([[4.0], [0.0]]), np.array([True, False]), np.array([0, 0]), 1.0)
    array([[0.],
           [2.]])
    """
    n_artists = int(artist_idx.max(initial=-1)) + 1
    named = artist_idx >= 0
    member = sparse.csr_matrix(
        (np.ones(int(named.sum()), missed.dtype), (np.flatnonzero(named), artist_idx[named])),
        shape=(len(artist_idx), n_artists),
    )
    total = member @ (member.T @ missed)
    count = np.asarray(member @ (member.T @ heard.astype(np.float64)))
    own = heard & named
    others = np.maximum(count - own, 0.0)
    total[own] -= missed[own]
    scale = np.divide(1.0, others + shrinkage, out=np.zeros_like(others), where=others > 0)
    total *= scale[:, np.newaxis]
    return np.asarray(total)
