"""What a list starts from and moves away from: tracks, artists, albums and genres, as rows."""

from collections.abc import Sequence

import numpy as np

from segue.data.vocabulary import Vocabulary
from segue.errors import InvalidInputError, NotFoundError
from segue.services.serving import Serving
from segue.types import IntVector

MAX_SEEDS = 20
MAX_EXPANDED = 20  # tracks that stand for an artist, an album or a genre
LEAST_WEIGHT, MOST_WEIGHT = 0.01, 100.0


def weights_of(seeds: Sequence[str], minus: Sequence[str], serving: Serving) -> dict[int, float]:
    """Weight of each row; a seed weighs 1 and a subtracted one -1 unless it says otherwise.

    The tracks of an artist, album or genre share its weight. A name may be on one side only; a row
    that two names on either side stand for has the difference of their weights.

    Args:
        seeds: Track ids, "artist:ID", "album:ID" or "genre:NAME", each with a weight after a star
            where it is not 1: "artist:ID*0.5"; at most 20.
        minus: The same, to move away from.
        serving: Catalogue and popularity, by which the tracks of an artist are chosen.

    Raises:
        InvalidInputError: Too many, a weight outside 0.01..100, or a name on both sides.
        NotFoundError: One is not in the library, or not in what the models know.
    """
    if len(seeds) > MAX_SEEDS or len(minus) > MAX_SEEDS:
        raise InvalidInputError(
            f"at most {MAX_SEEDS} seeds and as many subtracted, got {len(seeds)} and {len(minus)}"
        )
    toward, away = dict(map(weighed, seeds)), dict(map(weighed, minus))
    both = sorted(set(toward) & set(away))
    if both:
        raise InvalidInputError(f"{both[0]!r} cannot be a seed and subtracted as well")
    weights: dict[int, float] = {}
    for names, sign in ((toward, 1.0), (away, -1.0)):
        for name, weight in names.items():
            rows = _rows_of(name, serving)
            for row in rows.tolist():
                weights[row] = weights.get(row, 0.0) + sign * weight / len(rows)
    return weights


def weighed(seed: str) -> tuple[str, float]:
    """The name of a seed and its weight, 1 where none is given.

    Raises:
        InvalidInputError: The weight is no number, or outside 0.01..100.

    >>> weighed("artist:a1*0.5"), weighed("t3")
    (('artist:a1', 0.5), ('t3', 1.0))
    """
    name, star, text = seed.rpartition("*")
    if not star:
        return seed, 1.0
    try:
        weight = float(text)
    except ValueError:
        weight = float("nan")
    if not LEAST_WEIGHT <= weight <= MOST_WEIGHT:
        raise InvalidInputError(
            f"the weight of a seed lies in {LEAST_WEIGHT}..{MOST_WEIGHT:.0f}, got {text!r} in "
            f"{seed!r}"
        )
    return name, weight


def _rows_of(name: str, serving: Serving) -> IntVector:
    tracks = serving.tracks
    kind, colon, rest = name.partition(":")
    if not colon:
        row = tracks.ids.get(name)
        if row is None:
            raise NotFoundError(f"no track {name!r} in what the models know yet")
        return np.array([row], np.int32)
    if kind == "genre":
        return _best_known(_rows_of_genre(rest, serving), serving)
    groups: dict[str, tuple[Vocabulary, IntVector]] = {
        "artist": (tracks.artist_ids, tracks.artist_idx),
        "album": (tracks.album_ids, tracks.album_idx),
    }
    if kind not in groups:
        raise InvalidInputError(
            f"a seed is a track id, artist:ID, album:ID or genre:NAME, got one of kind {kind!r}"
        )
    vocabulary, column = groups[kind]
    group = vocabulary.get(rest)
    rows = np.empty(0, np.int32) if group is None else np.flatnonzero(column == group)
    if not len(rows):
        raise NotFoundError(f"no {kind} {rest!r} in what the models know yet")
    return _best_known(rows.astype(np.int32), serving)


def _rows_of_genre(name: str, serving: Serving) -> IntVector:
    tracks = serving.tracks
    named = zip(tracks.term_names, tracks.term_kinds, strict=True)
    columns = [
        column
        for column, (term, kind) in enumerate(named)
        if kind == "genre" and term.casefold() == name.casefold()
    ]
    rows = np.flatnonzero(np.isin(tracks.terms.indices, columns))
    rows = np.unique(np.searchsorted(tracks.terms.indptr, rows, side="right") - 1)
    if not len(rows):
        raise NotFoundError(f"no genre {name!r} in what the models know yet")
    return rows.astype(np.int32)


def _best_known(rows: IntVector, serving: Serving) -> IntVector:
    """At most 20 rows, most played here first; then the lower row."""
    if len(rows) <= MAX_EXPANDED:
        return rows
    played = np.zeros(len(serving.tracks))
    for source in serving.sources:
        if source.name == "popularity" and source.best_first is not None:
            played[source.best_first.track_idx] = source.best_first.scores
    return rows[np.lexsort((rows, -played[rows]))[:MAX_EXPANDED]]
