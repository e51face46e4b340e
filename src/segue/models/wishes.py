"""The soft wishes of a request, each as a number 0..1 for every track."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from segue.data.asked import AskedFor
from segue.models.moods import EDGES, TrackMoods, within
from segue.models.track_names import TrackNames
from segue.types import BoolVector, FloatVector, IntVector

# how much of a first place a wish that holds in full is worth; our own choice: a genre that was
# named outweighs a first place by words and one by vectors together, all else is softer
MOOD_WEIGHT, GENRE_WEIGHT, YEAR_WEIGHT = 1.0, 2.5, 1.0
TEMPO_WEIGHT, FEELING_WEIGHT, VOICE_WEIGHT = 0.7, 0.5, 1.0
_NONE = np.empty(0, np.int32)
YEAR_EDGE = 5.0  # years outside the range until nothing is left of the wish


@dataclass(frozen=True, slots=True)
class Wish:
    """``holds`` float64 in 0..1, shape (n_tracks,)."""

    name: str
    weight: float
    holds: FloatVector


@dataclass(frozen=True, slots=True)
class NameIndex:
    """Which tracks carry which genre or tag, whatever its spelling."""

    rows_of: Mapping[str, IntVector]
    n_tracks: int

    @classmethod
    def of(
        cls, names: Sequence[frozenset[str]], canonical: Callable[[str], str | None] | None
    ) -> "NameIndex":
        """From the names of each track; ``canonical`` gives one name for all spellings, or None."""

        def key(name: str) -> str:
            return name_key((canonical(name) if canonical else None) or name)

        return cls(TrackNames.of(names).rows_by(key), len(names))

    def having(self, names: Iterable[str]) -> BoolVector:
        """Mask of the tracks with any of the names, shape (n_tracks,)."""
        mask = np.zeros(self.n_tracks, bool)
        for name in names:
            mask[self.rows_of.get(name_key(name), _NONE)] = True
        return mask


def name_key(name: str) -> str:
    """Letters and digits alone, lower case.

    >>> name_key("Hip-Hop") == name_key("hip hop")
    True
    """
    return "".join(char for char in name.casefold() if char.isalnum())


def wishes_of(
    asked: AskedFor, moods: TrackMoods, names: NameIndex, year: FloatVector | IntVector
) -> list[Wish]:
    """Every soft wish of a request. What is not known of a track does not hold.

    Args:
        asked: The request.
        moods: What the rules know.
        names: Genres and tags.
        year: Shape (n_tracks,), 0 when unknown.
    """
    found = [Wish(f"mood {mood}", MOOD_WEIGHT, moods.score(mood)) for mood in asked.moods]
    if asked.genres:
        found.append(Wish("genre", GENRE_WEIGHT, genre_match(asked, names)))
    if asked.year_from is not None or asked.year_to is not None:
        wanted = (float(asked.year_from or 0), float(asked.year_to or 9999))
        known = np.asarray(year, np.float64)
        holds = np.where(known > 0, within(known, wanted, YEAR_EDGE), 0.0)
        found.append(Wish("year", YEAR_WEIGHT, holds))
    if asked.tempo_from_bpm is not None or asked.tempo_to_bpm is not None:
        wanted = (asked.tempo_from_bpm or 0.0, asked.tempo_to_bpm or 999.0)
        holds = within(moods.fact("tempo_bpm"), wanted, EDGES["tempo_bpm"])
        found.append(Wish("tempo", TEMPO_WEIGHT, np.nan_to_num(holds)))
    if asked.valence is not None and asked.arousal is not None:
        found.append(Wish("feeling", FEELING_WEIGHT, nearness(moods, asked.valence, asked.arousal)))
    if asked.instrumental:
        tagged = names.having(["instrumental"])
        holds = np.maximum(np.nan_to_num(moods.fact("instrumentalness")), tagged)
        found.append(Wish("instrumental", VOICE_WEIGHT, holds))
    return found


def genre_match(asked: AskedFor, names: NameIndex) -> FloatVector:
    """1 for a genre named, its nearness for a related one, the best of a track's genres."""
    holds = names.having(asked.genres).astype(np.float64)
    for name, near in asked.related_genres:
        np.maximum(holds, near * names.having([name]), out=holds)
    return holds


def nearness(moods: TrackMoods, valence: float, arousal: float) -> FloatVector:
    """1 where a track lies at a point of the mood plane, 0 from a distance of 1 on, or unknown."""
    apart = np.hypot(moods.fact("valence") - valence, moods.fact("arousal") - arousal)
    return np.nan_to_num(np.clip(1.0 - apart, 0.0, 1.0))
