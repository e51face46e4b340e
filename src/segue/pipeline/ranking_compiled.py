"""The rows of the learned ranker by its compiled pass; see :mod:`segue.pipeline.ranking_features`.

What a listener did is put into arrays once for each profile, and kept from list to list.
"""

from collections.abc import Sequence

import numpy as np

from segue.data.dataset import TrackTable
from segue.data.query import Profile, Query
from segue.models.content import ContentKNN
from segue.pipeline.candidates import Part
from segue.pipeline.kept import KeptScores
from segue.pipeline.rank import RRF_K
from segue.pipeline.ranking_features import RECENT, content_of, context_of
from segue.pipeline.ranking_kernels import Named, OfListener, OfTracks, columns_of
from segue.types import FloatMatrix, FloatVector, IntVector


def compiled_rows(
    query: Query,
    tracks: TrackTable,
    candidates: IntVector,
    parts: Sequence[Part],
    sources: Sequence[str],
    popularity: FloatMatrix,
    kept: KeptScores | None = None,
) -> FloatMatrix:
    """:func:`~segue.pipeline.ranking_features.candidate_rows`, with contiguous columns.

    Args:
        query, tracks, candidates, parts, sources, popularity: As there.
        kept: Holds what was made of the same profile before.
    """
    profile = query.profile
    content = content_of(parts)
    kept = kept or KeptScores(profile)
    mine = kept.answer(("ranking", content is not None), profile,
                       lambda: of_listener(profile, tracks, content))  # fmt: skip
    catalogue = OfTracks(tracks.artist_idx, tracks.album_idx, tracks.year, tracks.duration_s,
                         tracks.added_at, popularity, *_vectors(content))  # fmt: skip
    columns = columns_of(np.asarray(candidates, np.int32), _named(parts, sources), mine, catalogue,
                         context_of(query), len(sources), RRF_K, float(query.now))  # fmt: skip
    return columns.T


def of_listener(profile: Profile, tracks: TrackTable, content: ContentKNN | None) -> OfListener:
    """What the rows say of a listener whatever the candidates are."""
    known = profile.known
    own = np.stack((np.log1p(known.n_plays), np.log1p(known.n_finished), np.log1p(known.n_skips),
                    known.loved, np.nan_to_num(known.rating - 3.0, nan=0.0), known.value),
                   axis=1, dtype=np.float32)  # fmt: skip
    artists = _worth_of(tracks.artist_idx[known.track_idx], known.value)
    albums = _worth_of(tracks.album_idx[known.track_idx], known.value)
    directions = np.empty((0, len(RECENT)))
    if content is not None and len(profile.recent):
        directions = content.directions([profile.recent[:n] for n in RECENT])
    years = tracks.year[profile.recent]
    years = years[years > 0]
    mean_year = float(years.mean()) if len(years) else np.nan
    return OfListener(known.track_idx, own, known.last_listened_at, *artists, *albums, directions,
                      mean_year)  # fmt: skip


def _worth_of(labels: IntVector, value: FloatVector) -> tuple[IntVector, FloatMatrix]:
    """Each label >= 0 once, and log(1 + sum) of what is liked and what is disliked of it."""
    has = labels >= 0
    different, place = np.unique(labels[has], return_inverse=True)
    sums = [np.bincount(place, np.maximum(sign * value[has], 0.0), len(different))
            for sign in (1.0, -1.0)]  # fmt: skip
    return different, np.log1p(np.stack(sums, axis=1)).astype(np.float32)


def _named(parts: Sequence[Part], sources: Sequence[str]) -> Named:
    by_key = {part.key: part for part in parts}
    has = [(by_key[key], column) for column, key in enumerate(sources) if key in by_key]
    rows = [np.empty(0, np.int32), *(part.track_idx for part, _ in has)]
    scores = [np.empty(0), *(part.scores for part, _ in has)]
    ends = np.cumsum([len(part) for part, _ in has], dtype=np.int64)
    column = np.array([column for _, column in has], np.int64)
    return Named(np.concatenate(rows, dtype=np.int32), np.concatenate(scores, dtype=np.float64),
                 ends, column)  # fmt: skip


def _vectors(content: ContentKNN | None) -> tuple[IntVector, IntVector, FloatVector]:
    if content is None:
        return np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32)
    vectors = content.vectors
    return (np.asarray(vectors.indptr), np.asarray(vectors.indices), np.asarray(vectors.data))
