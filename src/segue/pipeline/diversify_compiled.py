"""The pool of :func:`segue.pipeline.diversify.arrange` as plain arrays for its compiled pass."""

import numpy as np

from segue.data.csr import row_entries
from segue.data.dataset import TrackTable
from segue.pipeline.calibrate import ALPHA, CALIBRATION, GenreMix, genre_shares
from segue.pipeline.diversify_kernels import Pool, Rules, greedy
from segue.pipeline.rank import TIER_STEP, Ranking
from segue.pipeline.rank_kernels import pool_places
from segue.types import BoolVector, IntVector

RULES = ("artist_gap", "album_gap", "familiar")


def pool_of(
    ranking: Ranking,
    tracks: TrackTable,
    per_artist: int,
    size: int,
    is_heard: BoolVector | None,
) -> IntVector:
    """Places worth looking at, ascending; the twin of ``_pool`` there."""
    artist = tracks.artist_idx[ranking.track_idx]
    heard = np.zeros(0, bool) if is_heard is None else is_heard
    return pool_places(artist, ranking.tier, heard, is_heard is not None, per_artist, size)


def greedy_places(
    ranking: Ranking,
    tracks: TrackTable,
    n: int,
    *,
    variety: float,
    gaps: tuple[int, int],
    mix: GenreMix | None,
    familiar: float | None,
    is_heard: BoolVector | None,
    before: IntVector,
) -> tuple[IntVector, dict[str, int]]:
    """Places of the pool in list order, int64, and how many of them relaxed which rule.

    Args:
        ranking: The pool.
        tracks: The catalogue.
        n: Wanted length.
        variety: 0..1.
        gaps: Of artists and of albums.
        mix: The listener's genres, or None.
        familiar: Wanted share heard before, or None.
        is_heard: Which of the pool were heard, needed with ``familiar``.
        before: Rows right before the list, the last one nearest.
    """
    rows = ranking.track_idx
    entries = row_entries(tracks.terms, rows)
    artist = tracks.artist_idx[rows]
    norm = np.sqrt(entries.n_of + (artist >= 0), dtype=np.float32)
    norm[norm == 0] = 1.0
    relevance = ranking.scores / (ranking.scores.max() if len(ranking) else 1.0)
    genres, wanted = np.zeros((0, len(rows)), np.float32), np.zeros(0, np.float32)
    if mix is not None:
        shares = genre_shares(entries, mix.columns)
        genres = ((1.0 - ALPHA) * shares / mix.shares).astype(np.float32)
        genres, wanted = np.ascontiguousarray(genres.T), mix.shares.astype(np.float32)
    pool = Pool(
        (1.0 - variety) * relevance - TIER_STEP * ranking.tier,
        np.asarray(ranking.tier, np.int64),
        np.asarray(artist, np.int64),
        np.asarray(tracks.album_idx[rows], np.int64),
        np.zeros(len(rows), bool) if is_heard is None else np.asarray(is_heard, bool),
        np.concatenate(([0], np.cumsum(entries.n_of, dtype=np.int64))),
        np.asarray(entries.columns, np.int64),
        (1.0 / norm).astype(np.float32),
        genres,
        wanted,
        np.asarray(tracks.artist_idx[before], np.int64),
        np.asarray(tracks.album_idx[before], np.int64),
    )
    mixed = -1.0 if familiar is None or is_heard is None else float(familiar)
    rules = Rules(int(n), float(variety), CALIBRATION, ALPHA, int(gaps[0]), int(gaps[1]), mixed)
    chosen, relaxed = greedy(pool, rules, len(tracks.term_names))
    broken = {rule: n for rule, n in zip(RULES, relaxed.tolist(), strict=True) if n}
    return chosen, broken
