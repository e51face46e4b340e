"""What a list starts from and moves away from: tracks, artists and albums, as weighted rows."""

from collections.abc import Sequence

import numpy as np

from segue.data.vocabulary import Vocabulary
from segue.errors import InvalidInputError, NotFoundError
from segue.services.serving import Serving
from segue.types import IntVector

MAX_SEEDS = 20
MAX_EXPANDED = 20  # tracks that stand for an artist or an album


def weights_of(seeds: Sequence[str], minus: Sequence[str], serving: Serving) -> dict[int, float]:
    """Weight of each row; a seed weighs 1 and a subtracted one -1, whatever it stands for.

    The tracks of an artist or album share its weight. What is named in both cancels out in part,
    and a row that stands on both sides is on the side of the larger weight.

    Args:
        seeds: Track ids, "artist:ID" or "album:ID"; at most 20.
        minus: The same, to move away from.
        serving: Catalogue and popularity, by which the tracks of an artist are chosen.

    Raises:
        InvalidInputError: Too many, or a track that is named as a seed and subtracted too.
        NotFoundError: One is not in the library, or not in what the models know.
    """
    if len(seeds) > MAX_SEEDS or len(minus) > MAX_SEEDS:
        raise InvalidInputError(
            f"at most {MAX_SEEDS} seeds and as many subtracted, got {len(seeds)} and {len(minus)}"
        )
    both = sorted(set(seeds) & set(minus))
    if both:
        raise InvalidInputError(f"{both[0]!r} cannot be a seed and subtracted as well")
    weights: dict[int, float] = {}
    for names, sign in ((seeds, 1.0), (minus, -1.0)):
        for name in dict.fromkeys(names):
            rows = _rows_of(name, serving)
            for row in rows.tolist():
                weights[row] = weights.get(row, 0.0) + sign / len(rows)
    return weights


def _rows_of(name: str, serving: Serving) -> IntVector:
    tracks = serving.tracks
    kind, colon, rest = name.partition(":")
    if not colon:
        row = tracks.ids.get(name)
        if row is None:
            raise NotFoundError(f"no track {name!r} in what the models know yet")
        return np.array([row], np.int32)
    groups: dict[str, tuple[Vocabulary, IntVector]] = {
        "artist": (tracks.artist_ids, tracks.artist_idx),
        "album": (tracks.album_ids, tracks.album_idx),
    }
    if kind not in groups:
        raise InvalidInputError(
            f"a seed is a track id, artist:ID or album:ID, got one of kind {kind!r}"
        )
    vocabulary, column = groups[kind]
    group = vocabulary.get(rest)
    rows = np.empty(0, np.int32) if group is None else np.flatnonzero(column == group)
    if not len(rows):
        raise NotFoundError(f"no {kind} {rest!r} in what the models know yet")
    return _best_known(rows.astype(np.int32), serving)


def _best_known(rows: IntVector, serving: Serving) -> IntVector:
    """At most 20 rows, most played here first; then the lower row."""
    if len(rows) <= MAX_EXPANDED:
        return rows
    played = np.zeros(len(serving.tracks))
    for source in serving.sources:
        if source.name == "popularity" and source.best_first is not None:
            played[source.best_first.track_idx] = source.best_first.scores
    return rows[np.lexsort((rows, -played[rows]))[:MAX_EXPANDED]]
