"""Tracks that share moods, genres and years with what a listener likes: rules, nothing learnt."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

import numpy as np
from scipy import sparse

from segue.data.affect import MOODS
from segue.data.dataset import Dataset
from segue.data.leanings import Leanings
from segue.models.content import ContentKNN, tfidf_vectors
from segue.models.factors import require_range
from segue.models.moods import TrackMoods
from segue.models.wishes import name_key
from segue.types import BoolVector, CsrMatrix, FloatMatrix, FloatVector, IntVector


class Knowledge(ContentKNN):
    """Content of three parts: how well a track suits each mood, its genres, and its years.

    Each part is a vector of length ``sqrt(weight)`` (zero where nothing is known), so that the
    similarity of two tracks is ``mood_weight * cos(moods) + genre_weight * cos(genres) +
    year_weight * cos(years)``, where moods are the scores of the rules in
    :data:`segue.data.affect.MOODS` less their mean over all tracks that have any, genres are
    weighted by TF-IDF, and years stand on bumps 5 years apart. A listener is the signed sum of
    their tracks, as in :class:`~segue.models.content.ContentKNN`: every like and dislike counts in
    proportion, and the evidence adds up to the score.

    Args:
        mood_weight: >= 0.
        genre_weight: >= 0.
        year_weight: >= 0.
        sound_columns: Columns of ``TrackTable.vectors["sound"]`` by the name of the feature; see
            :meth:`~segue.models.moods.TrackMoods.of`.

    >>> from dataclasses import replace
    >>> from segue.data.dataset import TrackTable
    >>> from segue.data.query import Profile
    >>> terms = sparse.csr_matrix([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    >>> table = replace(TrackTable.bare("abc"), terms=terms, term_names=["ambient", "punk"],
    ...                 term_kinds=["genre", "genre"])
    >>> model = Knowledge().fit(Dataset.from_csr(sparse.csr_matrix((0, 3)), table))
    >>> model.recommend(Profile.from_weights({0: 1.0}), n=1).track_idx.tolist()
    [1]
    """

    name: ClassVar[str] = "knowledge"

    def __init__(
        self,
        mood_weight: float = 1.0,
        genre_weight: float = 1.0,
        year_weight: float = 0.3,
        sound_columns: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__()
        self.mood_weight = mood_weight
        self.genre_weight = genre_weight
        self.year_weight = year_weight
        self.sound_columns = sound_columns

    def fit(self, dataset: Dataset) -> Self:
        """Score the moods and weigh the genres; listeners are not looked at.

        Raises:
            InvalidInputError: A weight is negative or not finite, or a column is not there.
        """
        for name in ("mood_weight", "genre_weight", "year_weight"):
            require_range(name, getattr(self, name), 0)
        table = dataset.tracks
        genre = np.array([kind == "genre" for kind in table.term_kinds], np.float64)
        columns = np.flatnonzero(genre).tolist()
        parts = [
            unit_rows(mood_matrix(TrackMoods.of(table, self.sound_columns)))
            * self.mood_weight**0.5,
            tfidf_vectors(table.terms[:, columns], genre[columns]) * self.genre_weight**0.5,
            unit_rows(year_bumps(table.year)) * self.year_weight**0.5,
        ]
        self._vectors: CsrMatrix = sparse.hstack(parts, format="csr", dtype=np.float32)
        names = [*MOODS, *(table.term_names[c] for c in columns), *(f"about {y}" for y in BUMPS)]
        self._terms = np.array(names, dtype=np.str_)
        self.n_tracks = dataset.n_tracks
        return self

    def lean(self, leanings: Leanings) -> FloatVector:
        """What a listener says of themselves as a representation for :meth:`score`.

        A vector of three parts as those of the tracks, each of length ``sqrt(weight)``: moods and
        genres by their weights, and all years from the first to the last.
        """
        self.require_fit()
        moods = dict(leanings.moods)
        genres = {name_key(name): weight for name, weight in leanings.genres}
        n_moods, n_bumps = len(MOODS), len(BUMPS)
        names = self._terms.tolist()
        of_genre = [genres.get(name_key(name), 0.0) for name in names[n_moods:-n_bumps]]
        parts = [
            (np.array([moods.get(name, 0.0) for name in MOODS]), self.mood_weight),
            (np.array(of_genre, np.float64), self.genre_weight),
            (_years(leanings), self.year_weight),
        ]
        found: list[FloatVector] = []
        for part, weight in parts:
            length = float(np.linalg.norm(part))
            found.append(part * (weight**0.5 / length if length > 0 else 0.0))
        return np.concatenate(found).astype(np.float32)

    def of_genres(self, genres: Sequence[str]) -> BoolVector:
        """Mask (n_tracks,) of the tracks of any of these genres, whatever their spelling."""
        wanted = {name_key(name) for name in genres}
        names = self._terms.tolist()
        columns = [c for c in range(len(MOODS), len(names) - len(BUMPS))
                   if name_key(names[c]) in wanted]  # fmt: skip
        return np.asarray(self._vectors[:, columns].sum(axis=1)).ravel() > 0

    def shared_terms(self, representation: FloatVector, track_idx: int) -> list[str]:
        """Moods, genres and "about YEAR" that add to the score of a track, largest first."""
        self.require_row(track_idx)
        start, stop = self._vectors.indptr[track_idx], self._vectors.indptr[track_idx + 1]
        columns = self._vectors.indices[start:stop]
        added = self._vectors.data[start:stop] * representation[columns]
        order = np.argsort(-added, kind="stable")
        return [str(self._terms[columns[i]]) for i in order.tolist() if added[i] > 0]


def _years(leanings: Leanings) -> FloatVector:
    """The mean of the bumps of all years that a listener leans to, shape (n_bumps,)."""
    if leanings.year_from is None and leanings.year_to is None:
        return np.zeros(len(BUMPS))
    first, last = leanings.year_from or BUMPS[0], leanings.year_to or BUMPS[-1]
    years = np.arange(max(first, BUMPS[0]), min(last, BUMPS[-1]) + 1)
    return year_bumps(years).mean(axis=0) if len(years) else np.zeros(len(BUMPS))


BUMPS = tuple(range(1900, 2051, 5))


def mood_matrix(moods: TrackMoods) -> FloatMatrix:
    """Scores of all moods less their means, shape (n_tracks, n_moods); zeros where none is known.

    Without the means, everything would be alike for being music: the scores are all positive.
    """
    scores = np.stack([moods.score(mood) for mood in MOODS], axis=1)
    known = (scores > 0).sum(axis=1) > 0
    if not known.any():
        return scores
    centred = np.where(known[:, np.newaxis], scores - scores[known].mean(axis=0), 0.0)
    # a catalogue of one mood has no spread: rounding must not become a direction
    return np.where(np.abs(centred) > 1e-9, centred, 0.0)


def year_bumps(year: IntVector) -> FloatMatrix:
    """Gaussian bumps of 5 years' deviation every 5 years, (n_tracks, n_bumps); zeros for year 0.

    >>> bumps = year_bumps(np.array([1990, 1992, 1960, 0]))
    >>> close, far = bumps[0] @ bumps[1], bumps[0] @ bumps[2]
    >>> bool(close > 10 * far), float(bumps[3].sum())
    (True, 0.0)
    """
    years = np.asarray(year, np.float64)[:, np.newaxis]
    bumps = np.exp(-0.5 * ((years - np.array(BUMPS)) / 5.0) ** 2)
    return np.where(years > 0, np.where(bumps > 1e-3, bumps, 0.0), 0.0)


def unit_rows(matrix: FloatMatrix) -> CsrMatrix:
    """Rows of length 1 as CSR; zero rows stay."""
    length = np.linalg.norm(matrix, axis=1, keepdims=True)
    return sparse.csr_matrix(matrix / np.where(length > 0, length, 1.0))
