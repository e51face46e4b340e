"""What the learned ranker knows of a candidate: the columns of its rows, each finite, by name.

Scores and ranks of each source, how familiar the track, its artist and its album are, how close it
is to what was played last, how much it is played by everyone lately, and the hour. The same code
makes the rows that are learned from and those that are scored.
"""

from collections.abc import Sequence

import numpy as np

from segue.data.dataset import TrackTable
from segue.data.feedback import SECONDS_PER_DAY, EventColumns, Preferences
from segue.data.query import Query
from segue.data.records import EVENT_CODE, EventKind
from segue.models.content import ContentKNN
from segue.pipeline.candidates import Part
from segue.pipeline.rank import RRF_K
from segue.types import FloatMatrix, FloatVector, IntVector

POPULARITY_DAYS = (7.0, 30.0, 365.0)
RECENT = (1, 5, 50)  # tracks played last that closeness is measured to
OWN = ("own_plays", "own_finished", "own_skips", "own_loved", "own_rating", "own_preference",
       "own_days_since")  # fmt: skip
ARTIST = ("artist_liked", "artist_disliked", "album_liked", "album_disliked")
CLOSE = tuple(f"close_to_last_{n}" for n in RECENT)
POPULAR = tuple(f"popular_{days:.0f}_days" for days in POPULARITY_DAYS)
TRACK = ("year_gap", "duration_s", "days_in_library")
CONTEXT = ("hour", "is_weekend", "days_away", "n_known")
UNKNOWN = -1.0  # where a number >= 0 is not known

# More of these never lowers a track: so that taking evidence away never lifts what it supported.
RISING = frozenset({"own_loved", "own_rating", "artist_liked", "album_liked", *CLOSE})


def feature_names(sources: Sequence[str]) -> tuple[str, ...]:
    """Names of the columns, in order, for a ranker of these sources."""
    of_sources = [f"{kind}:{source}" for source in sources for kind in ("score", "rank")]
    return (*of_sources, *OWN, *ARTIST, *CLOSE, *POPULAR, *TRACK, *CONTEXT)


def is_rising(name: str) -> bool:
    """Whether a larger value may only raise the score."""
    return name in RISING or name.startswith(("score:", "rank:"))


def popularity_windows(events: EventColumns, n_tracks: int, now: float) -> FloatMatrix:
    """log(1 + plays) of each track in the last 7, 30 and 365 days, float32 (n_tracks, 3)."""
    plays = events.take(events.kind == EVENT_CODE[EventKind.PLAY])
    age_days = (now - plays.listened_at) / SECONDS_PER_DAY
    columns = [
        np.bincount(plays.track_idx[age_days <= days], minlength=n_tracks)
        for days in POPULARITY_DAYS
    ]
    return np.log1p(np.stack(columns, axis=1)).astype(np.float32)


def candidate_rows(
    query: Query,
    tracks: TrackTable,
    candidates: IntVector,
    parts: Sequence[Part],
    sources: Sequence[str],
    popularity: FloatMatrix,
) -> FloatMatrix:
    """One row a candidate, float32 (n_candidates, n_features), finite.

    Args:
        query: Whose history, and when.
        tracks: The catalogue.
        candidates: Rows of tracks, shape (n_candidates,), each once.
        parts: What the sources named.
        sources: Keys of the parts that have columns.
        popularity: Of :func:`popularity_windows`.
    """
    by_key = {part.key: part for part in parts}
    groups = [
        _of_sources(candidates, [by_key.get(source) for source in sources]),
        _of_own(candidates, query),
        _of_kin(candidates, query.profile.known, tracks),
        _of_closeness(candidates, query, parts),
        popularity[candidates],
        _of_track(candidates, query, tracks),
        np.tile(context_of(query), (len(candidates), 1)),
    ]
    return np.concatenate(groups, axis=1, dtype=np.float32)


def _of_sources(candidates: IntVector, parts: Sequence[Part | None]) -> FloatMatrix:
    """Score over the best score of the source, and 60 / (60 + rank); 0 where it is not named."""
    columns = np.zeros((len(candidates), 2 * len(parts)), np.float32)
    order = np.argsort(candidates)
    ascending = candidates[order]
    for place, part in enumerate(parts):
        if part is None or not len(part) or not len(candidates):
            continue
        found = np.minimum(np.searchsorted(ascending, part.track_idx), len(order) - 1)
        named = np.flatnonzero(ascending[found] == part.track_idx)
        rows, best = order[found[named]], float(part.scores[0])
        columns[rows, 2 * place] = part.scores[named] / best if best > 0 else 0.0
        columns[rows, 2 * place + 1] = RRF_K / (RRF_K + 1 + named)
    return columns


def _of_own(candidates: IntVector, query: Query) -> FloatMatrix:
    known = query.profile.known
    columns = np.zeros((len(candidates), len(OWN)), np.float32)
    columns[:, -1] = UNKNOWN
    if not len(known):
        return columns
    place = np.minimum(np.searchsorted(known.track_idx, candidates), len(known) - 1)
    mine = np.flatnonzero(known.track_idx[place] == candidates)
    at = place[mine]
    columns[mine, 0] = np.log1p(known.n_plays[at])
    columns[mine, 1] = np.log1p(known.n_finished[at])
    columns[mine, 2] = np.log1p(known.n_skips[at])
    columns[mine, 3] = known.loved[at]
    columns[mine, 4] = np.nan_to_num(known.rating[at] - 3.0, nan=0.0)
    columns[mine, 5] = known.value[at]
    columns[mine, 6] = _log_days(query.now - known.last_listened_at[at])
    return columns


def _of_kin(candidates: IntVector, known: Preferences, tracks: TrackTable) -> FloatMatrix:
    """log(1 + sum of preferences) for the artist and for the album, liked and disliked apart."""
    columns: list[FloatVector] = []
    for labels in (tracks.artist_idx, tracks.album_idx):
        mine, wanted = labels[known.track_idx], labels[candidates]
        for sign in (1.0, -1.0):
            worth = np.maximum(sign * known.value, 0.0)
            sums = np.bincount(mine + 1, worth, minlength=int(max(mine.max(initial=-1),
                               wanted.max(initial=-1))) + 2)  # fmt: skip
            sums[0] = 0.0  # no artist is no kin
            columns.append(np.log1p(sums[wanted + 1]))
    return np.stack(columns, axis=1)


def content_of(parts: Sequence[Part]) -> ContentKNN | None:
    """The model whose vectors closeness is measured in, where one of the parts comes from it."""
    return next((p.source.model for p in parts if isinstance(p.source.model, ContentKNN)), None)


def _of_closeness(candidates: IntVector, query: Query, parts: Sequence[Part]) -> FloatMatrix:
    model = content_of(parts)
    if model is None or not len(query.profile.recent):
        return np.zeros((len(candidates), len(RECENT)), np.float32)
    return model.closeness(candidates, [query.profile.recent[:n] for n in RECENT])


def _of_track(candidates: IntVector, query: Query, tracks: TrackTable) -> FloatMatrix:
    year = tracks.year[candidates].astype(np.float32)
    played = tracks.year[query.profile.recent]
    played = played[played > 0]
    gap = np.abs(year - played.mean()) if len(played) else np.zeros(len(candidates))
    gap = np.where((year > 0) & bool(len(played)), gap, UNKNOWN)
    duration = np.nan_to_num(tracks.duration_s[candidates], nan=UNKNOWN)
    return np.stack((gap, duration, _log_days(query.now - tracks.added_at[candidates])), axis=1)


def context_of(query: Query) -> FloatVector:
    """The columns that are the same for all candidates, float32, in the order of ``CONTEXT``.

    Hour and weekday are those of the listener's clock.
    """
    day, second = divmod(query.now + query.utc_offset_s, SECONDS_PER_DAY)
    known = query.profile.known
    away = query.now - known.last_listened_at.max(initial=0.0) if len(known) else 0.0
    is_weekend = (int(day) + 3) % 7 >= 5  # the epoch was a Thursday, Monday is 0
    return np.array([second // 3600, is_weekend, _log_days(away), np.log1p(len(known))], np.float32)


def _log_days(seconds: FloatVector | float) -> FloatVector:
    return np.log1p(np.maximum(np.asarray(seconds, np.float64), 0.0) / SECONDS_PER_DAY)
