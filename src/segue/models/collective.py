"""EDLAE that learns from listening and from terms at once: collective EASE.

The terms of the tracks (genre, tag, artist, ...) are stacked under the listening as further rows:
a term acts like a listener who knows exactly its tracks (Jeunen, Van Balen & Goethals 2020,
"Closed-Form Models for Collaborative Filtering with Side-Information",
doi:10.1145/3383313.3418480), with the ridge of EDLAE (Steck 2020).
"""

from typing import ClassVar, Self

import numpy as np
from scipy import sparse

from segue.data.dataset import Dataset, TrackTable
from segue.errors import InvalidDataError, InvalidInputError
from segue.models.content import KINDS
from segue.models.linear import EDLAE, Form, Values
from segue.models.linear_solve import solve_dense, solve_dual
from segue.types import CsrMatrix, FloatVector, IntVector


class CollectiveEDLAE(EDLAE):
    """EDLAE on listening stacked with ``weight of its kind * (terms by tracks)``.

    Tracks without a listener get weights too, through their terms.

    Args:
        regularization: L2 weight > 0, in units of squared preference.
        dropout: Probability in 0..1, 1 excluded; of the stacked rows as of listening.
        genre_weight: Weight >= 0 of the rows of kind "genre", in units of preference.
        tag_weight: Of kind "tag", and of any kind not named here.
        artist_weight: Of kind "artist".
        album_weight: Of kind "album".
        decade_weight: Of kind "decade".
        word_weight: Of kind "word".
        inverse_frequency: Scale the row of a term that stands at ``df`` of ``n`` tracks by
            ``ln(1 + n / df) / ln(1 + n)``, which is 1 for a term of a single track.
        min_term_tracks: Leave out terms of fewer tracks than this, >= 1. Each term costs a row in
            the dual form, and one of a single track relates it to nothing.
        max_terms: At most so many terms, those whose rows weigh most (sum of squares); None takes
            all. Bounds the dual form to ``8 * max_terms * n_tracks`` bytes beside the listeners'.
        form: As for :class:`~segue.models.linear.EASE`, with terms counted as listeners.
        n_neighbors: As for EASE.
        max_items: As for EASE; tracks with the same listeners go by their number of terms.
        values: As for EASE; terms keep the values they have in the catalogue.

    >>> from dataclasses import replace
    >>> from segue.data.query import Profile
    >>> tags = sparse.csr_matrix([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    >>> table = replace(TrackTable.bare("abc"), terms=tags, term_names=["rock", "folk"],
    ...                 term_kinds=["tag", "tag"])
    >>> nobody = Dataset.from_csr(sparse.csr_matrix((0, 3)), table)
    >>> model = CollectiveEDLAE(regularization=1.0).fit(nobody)
    >>> model.recommend(Profile.from_weights({1: 1.0}), n=1).track_idx.tolist()
    [2]
    """

    name: ClassVar[str] = "collective"

    def __init__(
        self,
        regularization: float = 30.0,
        dropout: float = 0.75,
        genre_weight: float = 1.0,
        tag_weight: float = 1.0,
        artist_weight: float = 1.0,
        album_weight: float = 1.0,
        decade_weight: float = 0.25,
        word_weight: float = 0.25,
        inverse_frequency: bool = True,
        min_term_tracks: int = 2,
        max_terms: int | None = None,
        form: Form = "auto",
        n_neighbors: int | None = None,
        max_items: int = 20_000,
        values: Values = "given",
    ) -> None:
        super().__init__(regularization, dropout, form, n_neighbors, max_items, values)
        self.genre_weight = genre_weight
        self.tag_weight = tag_weight
        self.artist_weight = artist_weight
        self.album_weight = album_weight
        self.decade_weight = decade_weight
        self.word_weight = word_weight
        self.inverse_frequency = inverse_frequency
        self.min_term_tracks = min_term_tracks
        self.max_terms = max_terms

    def fit(self, dataset: Dataset) -> Self:
        """Stack and solve; cost is that of EDLAE with a listener more for each term.

        Raises:
            InvalidInputError: A parameter is out of range.
        """
        self._check()
        likes = dataset.interactions.positive()
        likes.data = self._valued(likes.data)
        terms = self._term_rows(dataset.tracks)
        chosen = _best_known(likes, terms, self.max_items)
        rows = sparse.vstack([likes, terms], format="csr")[:, chosen]
        rows = rows[np.diff(rows.indptr) > 0]
        square_sum = np.asarray(rows.multiply(rows).sum(axis=0), np.float64).reshape(-1)
        solve = solve_dual if self._is_dual(rows) else solve_dense
        weights = self._weights_of(solve(rows, self._ridge(square_sum)), chosen, dataset.n_tracks)
        place = np.full(dataset.n_tracks, -1, np.int32)
        place[chosen] = np.arange(len(chosen))
        return self.from_arrays({"place": place, "weights": weights})

    def _check(self) -> None:
        super()._check()
        for kind in KINDS:
            weight = float(getattr(self, f"{kind}_weight"))
            if not 0 <= weight < np.inf:
                raise InvalidInputError(f"{kind}_weight must be finite and >= 0, got {weight}")
        if self.min_term_tracks < 1:
            raise InvalidInputError(
                f"min_term_tracks must be at least 1, got {self.min_term_tracks}"
            )
        if self.max_terms is not None and self.max_terms < 1:
            raise InvalidInputError(f"max_terms must be at least 1, got {self.max_terms}")

    def _term_rows(self, tracks: TrackTable) -> CsrMatrix:
        weights = {kind: float(getattr(self, f"{kind}_weight")) for kind in KINDS}
        of_term = np.array([weights.get(kind, self.tag_weight) for kind in tracks.term_kinds])
        rows = term_rows(tracks.terms, of_term, self.min_term_tracks, self.inverse_frequency)
        return rows if self.max_terms is None else heaviest_rows(rows, self.max_terms)


def term_rows(
    terms: CsrMatrix, weight: FloatVector, min_tracks: int, inverse_frequency: bool
) -> CsrMatrix:
    """Terms as rows to stack under listening, CSR float32 (n_kept_terms, n_tracks).

    Args:
        terms: CSR (n_tracks, n_terms); values above zero count.
        weight: What each row is multiplied by, >= 0, shape (n_terms,); terms of weight 0 go.
        min_tracks: Terms of fewer tracks go.
        inverse_frequency: Scale by ``ln(1 + n / df) / ln(1 + n)``.

    >>> terms = sparse.csr_matrix([[1.0, 1.0], [0.0, 1.0]])
    >>> term_rows(terms, np.array([1.0, 0.5]), 2, False).toarray().tolist()
    [[0.5, 0.5]]
    """
    rows = sparse.csr_matrix(terms.T, dtype=np.float32, copy=True)
    rows.sum_duplicates()
    rows.data = np.maximum(rows.data, 0.0)
    rows.eliminate_zeros()
    df = np.diff(rows.indptr)
    scale = np.asarray(weight, np.float64)
    if inverse_frequency:
        n_tracks = max(rows.shape[1], 1)
        scale = scale * np.log1p(n_tracks / np.maximum(df, 1)) / np.log1p(n_tracks)
    rows.data = (rows.data * np.repeat(scale, df)).astype(np.float32)
    return rows[(df >= min_tracks) & (scale > 0)]


def heaviest_rows(rows: CsrMatrix, n: int) -> CsrMatrix:
    """The ``n`` rows with the largest sum of squares, in their order; of equal ones the first.

    >>> rows = sparse.csr_matrix([[1.0, 0.0], [3.0, 0.0], [2.0, 2.0]])
    >>> heaviest_rows(rows, 2).toarray().tolist()
    [[3.0, 0.0], [2.0, 2.0]]
    """
    if rows.shape[0] <= n:
        return rows
    weight = np.asarray(rows.multiply(rows).sum(axis=1), np.float64).reshape(-1)
    return rows[np.sort(np.argsort(-weight, kind="stable")[:n])]


def smoothed_by_friends(user_items: CsrMatrix, friends: CsrMatrix, weight: float) -> CsrMatrix:
    """``X + weight * D^-1 F X``: each listener's row plus the mean row of their friends.

    The result goes where profiles go (``score_batch``); it says nothing about what a listener
    knows, so mask known tracks by the matrix given.

    Args:
        user_items: X, CSR (n_listeners, n_tracks).
        friends: F >= 0, CSR (n_listeners, n_listeners); D holds its row sums.
        weight: Finite, >= 0; 0 returns X.

    Raises:
        InvalidDataError: Shapes do not fit.
        InvalidInputError: ``weight`` is negative or not finite.

    >>> plays = sparse.csr_matrix([[1.0, 0.0], [0.0, 1.0]])
    >>> both = sparse.csr_matrix([[0.0, 1.0], [0.0, 0.0]])
    >>> smoothed_by_friends(plays, both, 0.5).toarray().tolist()
    [[1.0, 0.5], [0.0, 1.0]]
    """
    if not 0 <= weight < np.inf:
        raise InvalidInputError(f"weight must be finite and >= 0, got {weight}")
    return sparse.csr_matrix(user_items + weight * mean_of_friends(user_items, friends))


def mean_of_friends(user_items: CsrMatrix, friends: CsrMatrix) -> CsrMatrix:
    """``D^-1 F X``: the mean row of each listener's friends; empty for who has none.

    Also a score by itself, to be added to those of a model that friends in the profile disturb.

    Args:
        user_items: X, CSR (n_listeners, n_tracks).
        friends: F >= 0, CSR (n_listeners, n_listeners); D holds its row sums.

    Raises:
        InvalidDataError: Shapes do not fit.

    >>> plays, both = sparse.csr_matrix([[1.0], [3.0]]), sparse.csr_matrix([[0.0, 1.0], [0.0, 0.0]])
    >>> mean_of_friends(plays, both).toarray().tolist()
    [[3.0], [0.0]]
    """
    n = user_items.shape[0]
    if friends.shape != (n, n):
        raise InvalidDataError(f"friends must have shape {(n, n)}, got {friends.shape}")
    degree = np.asarray(friends.sum(axis=1), np.float64).reshape(-1)
    share = np.divide(1.0, degree, out=np.zeros(n), where=degree > 0)
    return sparse.csr_matrix(sparse.diags_array(share) @ (friends @ user_items))


def _best_known(likes: CsrMatrix, terms: CsrMatrix, max_items: int) -> IntVector:
    """Rows of the tracks with most listeners, then most terms, ascending; none without either."""
    n_listeners_of = np.bincount(likes.indices, minlength=likes.shape[1])
    n_terms_of = np.bincount(terms.indices, minlength=likes.shape[1])
    order = np.lexsort((-n_terms_of, -n_listeners_of))[:max_items]
    return np.sort(order[(n_listeners_of + n_terms_of)[order] > 0]).astype(np.int32)
