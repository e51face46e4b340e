"""From a request in words to tracks: words and vectors fused by rank, wishes added, bans kept.

Reciprocal rank fusion of Cormack, Clarke and Buettcher 2009, doi:10.1145/1571941.1572114: a track
gets ``1 / (60 + rank)`` from each ranking it stands in. A wish (mood, genre, year, tempo) adds up
to its weight times what a first place gives, as far as it holds. Only what was said as a condition
takes tracks away.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from msgspec import Struct

from segue.data.asked import AskedFor
from segue.data.dataset import Dataset
from segue.data.items import ScoredTracks, top_n
from segue.errors import InvalidDataError, InvalidInputError
from segue.models.bm25 import BM25, tokens
from segue.models.moods import TrackMoods
from segue.models.wishes import NameIndex, Wish, wishes_of
from segue.types import BoolVector, FloatMatrix, FloatVector, IntVector

RANK_OFFSET = 60.0
FIRST_PLACE = 1.0 / (RANK_OFFSET + 1.0)


class AskEvidence(Struct, frozen=True, kw_only=True):
    """Why a track answers a request.

    ``parts`` are what each source adds, by name ("words", "vector", "mood calm", "genre", "year",
    "tempo", "feeling", "instrumental"); they add up to the score. ``words`` are the words of the
    request that stand in the track's document, heaviest first; ``facts`` say why the moods hold;
    ``cosine`` is the similarity of the vectors, None without one.
    """

    parts: Mapping[str, float]
    words: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    cosine: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Tracks, best first, and the evidence of each."""

    tracks: ScoredTracks
    evidence: Sequence[AskEvidence]


@dataclass(frozen=True, slots=True)
class Weighed:
    """What speaks for each track, before a list is cut from it.

    Attributes:
        asked: The request.
        parts: What each source adds, float64 (n_tracks,), by the names of :class:`AskEvidence`.
        cosine: Similarity of the vectors, float32 (n_tracks,), None without a vector.
        permitted: Mask (n_tracks,): no condition takes these away.
        total: Sum of the parts, ``-inf`` where nothing speaks for a track or it is not permitted.
    """

    asked: AskedFor
    parts: Mapping[str, FloatVector]
    cosine: FloatVector | None
    permitted: BoolVector
    total: FloatVector

    @property
    def n_bytes(self) -> int:
        """What the arrays take together."""
        n_cosine = 0 if self.cosine is None else self.cosine.nbytes
        own = self.permitted.nbytes + self.total.nbytes + n_cosine
        return own + sum(part.nbytes for part in self.parts.values())


@dataclass(frozen=True, slots=True)
class AskIndex:
    """All that a request is answered from; made by :meth:`fit`, changed by nothing.

    >>> from scipy import sparse
    >>> data = Dataset.from_csr(sparse.csr_matrix((0, 2)))
    >>> index = AskIndex.fit(data, ["Rainy Day. folk.", "Party Night. disco."])
    >>> index.search("rainy").tracks.track_idx.tolist()
    [0]
    """

    words: BM25
    vectors: FloatMatrix | None  # unit rows, NaN where unknown
    moods: TrackMoods
    names: NameIndex
    year: FloatVector | IntVector

    @classmethod
    def fit(
        cls,
        dataset: Dataset,
        documents: Sequence[str],
        *,
        canonical_genre: Callable[[str], str | None] | None = None,
        sound_columns: Mapping[str, int] | None = None,
        lyrics: Sequence[str] | None = None,
    ) -> Self:
        """Index a catalogue.

        Args:
            dataset: Its tracks; ``vectors["text"]`` is used where it is there.
            documents: One text a track, such as :func:`segue.text.documents.document` makes.
            canonical_genre: One name for all spellings of a genre, None for what is no genre, such
                as ``genre_tree().name``; without it names are compared folded.
            sound_columns, lyrics: As for :meth:`~segue.models.moods.TrackMoods.of`.

        Raises:
            InvalidDataError: Not one document a track.
        """
        table = dataset.tracks
        if len(documents) != len(table):
            raise InvalidDataError(f"{len(documents)} documents for {len(table)} tracks")
        moods = TrackMoods.of(table, sound_columns, lyrics)
        return cls(
            BM25(documents),
            unit_or_nan(table.vectors["text"]) if "text" in table.vectors else None,
            moods,
            NameIndex.of(moods.names, canonical_genre),
            table.year,
        )

    def search(
        self,
        asked: AskedFor | str,
        query_vector: FloatVector | None = None,
        n: int = 20,
        allowed: BoolVector | None = None,
    ) -> Answer:
        """The best ``n`` tracks; only tracks that something speaks for.

        Args:
            asked: A request understood by :func:`segue.text.query.understand`, or plain words.
            query_vector: The request by the embedder that made ``vectors["text"]``, shape (d,);
                None, or a vector of NaN, leaves vectors out.
            n: List length >= 0.
            allowed: Mask of shape (n_tracks,); None allows all.

        Raises:
            InvalidInputError: ``query_vector`` or ``allowed`` has another shape.
        """
        weighed = self.weigh(asked, query_vector, allowed)
        found = top_n(weighed.total, n, weighed.permitted)
        return Answer(found, [self.evidence(weighed, row) for row in found.track_idx.tolist()])

    def weigh(
        self,
        asked: AskedFor | str,
        query_vector: FloatVector | None = None,
        allowed: BoolVector | None = None,
    ) -> Weighed:
        """What speaks for each track; arguments and errors are those of :meth:`search`."""
        if isinstance(asked, str):
            asked = AskedFor(text=asked, words=tuple(tokens(asked)))
        mask = self.permitted(asked)
        if allowed is not None:
            if allowed.shape != mask.shape:
                raise InvalidInputError(
                    f"allowed must have shape {mask.shape}, got {allowed.shape}"
                )
            mask &= allowed
        cosine = self._cosine(query_vector)
        parts = self._sources(asked, cosine, mask)
        total = np.zeros(len(mask))
        for values in parts.values():
            total += values
        total[~mask | (total <= 0)] = -np.inf
        return Weighed(asked, parts, cosine, mask, total)

    def permitted(self, asked: AskedFor) -> BoolVector:
        """Mask of the tracks that no condition of the request takes away, shape (n_tracks,).

        A track of unknown year does not meet a condition on years. Whether it is sung counts only
        where it is known.
        """
        mask = ~self.names.having(asked.without_genres)
        for word in asked.without_words:
            for part in tokens(word):
                mask[self.words.word(part)[0]] = False
        for mood in asked.without_moods:
            mask &= self.moods.score(mood) < 0.5
        if asked.is_year_strict:
            mask &= self.year > 0
            mask &= self.year >= (asked.year_from or 0)
            mask &= self.year <= (asked.year_to or np.inf)
        if asked.instrumental is not None:
            sung = self.moods.facts["instrumentalness"] < 0.5  # False where unknown
            played = self.moods.facts["instrumentalness"] >= 0.5
            mask &= ~(sung if asked.instrumental else played)
        return mask

    def _cosine(self, query_vector: FloatVector | None) -> FloatVector | None:
        if query_vector is None or self.vectors is None:
            return None
        if query_vector.shape != (self.vectors.shape[1],):
            raise InvalidInputError(
                f"query_vector must have shape ({self.vectors.shape[1]},), got {query_vector.shape}"
            )
        length = float(np.linalg.norm(query_vector))
        if not np.isfinite(length) or length == 0:
            return None
        return self.vectors @ (np.asarray(query_vector, np.float32) / np.float32(length))

    def _sources(
        self, asked: AskedFor, cosine: FloatVector | None, mask: BoolVector
    ) -> dict[str, FloatVector]:
        by_words = self.words.scores(asked.words)
        sources = {"words": reciprocal_ranks(np.where(mask & (by_words > 0), by_words, np.nan))}
        if cosine is not None:
            sources["vector"] = reciprocal_ranks(np.where(mask, cosine, np.nan))
        for wish in self._wishes(asked):
            sources[wish.name] = FIRST_PLACE * wish.weight * wish.holds
        return sources

    def _wishes(self, asked: AskedFor) -> list[Wish]:
        return wishes_of(asked, self.moods, self.names, self.year)

    def evidence(self, weighed: Weighed, row: int) -> AskEvidence:
        """Why one track answers a request."""
        asked, cosine = weighed.asked, weighed.cosine
        added: list[tuple[float, str]] = []
        for word in dict.fromkeys(asked.words):
            rows, weights = self.words.word(word)
            added += [(-float(weight), word) for weight in weights[rows == row]]
        facts = [fact.text for mood in asked.moods for fact in self.moods.facts_of(mood, row)]
        near = None if cosine is None or np.isnan(cosine[row]) else float(cosine[row])
        return AskEvidence(
            parts={name: float(part[row]) for name, part in weighed.parts.items() if part[row] > 0},
            words=tuple(word for _, word in sorted(added)),
            facts=tuple(dict.fromkeys(facts)),
            cosine=near,
        )


def reciprocal_ranks(values: FloatVector) -> FloatVector:
    """``1 / (60 + rank)``, the largest value first; equal values share the better rank; 0 at NaN.

    >>> (1 / reciprocal_ranks(np.array([5.0, 9.0, 5.0, 1.0]))).round().tolist()
    [62.0, 61.0, 62.0, 64.0]
    """
    ranked = ~np.isnan(values)
    kept = np.sort(-values[ranked])
    found = np.zeros(len(values))
    found[ranked] = 1.0 / (RANK_OFFSET + 1.0 + np.searchsorted(kept, -values[ranked]))
    return found


def unit_or_nan(vectors: FloatMatrix) -> FloatMatrix:
    """Rows of length 1, float32; a row of zeros or with a NaN becomes NaN."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    good = np.isfinite(length) & (length > 0)
    nothing = np.full(vectors.shape, np.nan, np.float32)
    return np.divide(vectors, length, out=nothing, where=good, casting="unsafe")
