"""Where tracks lie in mood, and how well each suits calm, party, focus and the other moods.

Tags and genres are read by the lexicon of :mod:`segue.data.affect`; measured audio features, where
there are any, by their own scale. A rule gives a score and the facts behind it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from msgspec import Struct

from segue.data.affect import LEXICON, MOODS, MoodRule, Range, affect_of_words
from segue.data.dataset import TrackTable
from segue.errors import InvalidInputError
from segue.models.bm25 import tokens
from segue.models.track_names import TrackNames
from segue.types import FloatMatrix, FloatVector

# what a name of a kind says about mood against a genre or tag
KIND_WEIGHTS: Mapping[str, float] = {"genre": 1.0, "tag": 1.0, "mood": 1.5, "word": 0.4}
LYRICS_WEIGHT = 0.7  # between a word of the title and a tag: they tell more, and less on purpose
MIN_LYRICS_WORDS = 3  # known to the lexicon
PRIOR_WEIGHT = 0.5  # how much the middle of the plane counts against the terms
SOUND_WEIGHT = 0.5  # share of measured audio where there are terms too
# soft edges of a range: how far outside it the score has fallen to 0
EDGES: Mapping[str, float] = {"valence": 0.5, "arousal": 0.5, "tempo_bpm": 25.0}
DEFAULT_EDGE = 0.25
MEASURED = ("tempo_bpm", "energy", "danceability", "acousticness", "instrumentalness")
_HEARD = frozenset((*MEASURED, "tempo", "valence", "arousal"))
FACT_WORDS: Mapping[str, tuple[str, str]] = {
    "valence": ("dark in mood", "bright in mood"), "arousal": ("still", "lively"),
    "tempo_bpm": ("slow", "fast"), "energy": ("soft", "full of energy"),
    "danceability": ("not for dancing", "danceable"), "acousticness": ("electric", "acoustic"),
    "instrumentalness": ("sung", "instrumental"),
}  # fmt: skip
MIDDLE: Mapping[str, float] = {"valence": 0.0, "arousal": 0.0, "tempo_bpm": 110.0}
# nearer to the middle than this a track is neither slow nor fast, and no word is said
MARGIN: Mapping[str, float] = {"valence": 0.25, "arousal": 0.25, "tempo_bpm": 10.0}
DEFAULT_MARGIN = 0.1


class Fact(Struct, frozen=True):
    """One reason that a track suits a mood: in words, and how far it holds, 0..1."""

    text: str
    strength: float


@dataclass(frozen=True, slots=True)
class TrackMoods:
    """What the rules look at, by track.

    Attributes:
        facts: Vectors of shape (n_tracks,) by the names of :class:`MoodRule`'s ranges, NaN where
            unknown. Valence and arousal in -1..1, tempo in beats a minute, others 0..1. Float64, or
            float32 as they are mapped from a file; see :meth:`fact`.
        names: Folded genres, tags and moods of each track.
    """

    facts: Mapping[str, FloatVector]
    names: Sequence[frozenset[str]]
    _scores: dict[str, FloatVector] = field(
        default_factory=dict[str, FloatVector], init=False, repr=False, compare=False
    )

    @classmethod
    def of(
        cls,
        tracks: TrackTable,
        sound_columns: Mapping[str, int] | None = None,
        lyrics: Sequence[str] | None = None,
    ) -> "TrackMoods":
        """From terms, lyrics, and named columns of ``tracks.vectors["sound"]``.

        Args:
            tracks: The catalogue; title words count a little.
            sound_columns: Column of each known feature, by "valence", "arousal" (both 0..1 as
                features are, and read as -1..1), "energy", "danceability", "acousticness",
                "instrumentalness" (0..1), "tempo_bpm" (or "tempo"); others are passed over. None:
                no audio.
            lyrics: Text of each track, "" without any; None: no lyrics.

        Raises:
            InvalidInputError: A column is not there.
        """
        sound = _sound(tracks, sound_columns or {})
        from_terms = affect_of_terms(tracks, lyrics)
        facts = {name: sound.get(name, np.full(len(tracks), np.nan)) for name in MEASURED}
        for axis, name in enumerate(("valence", "arousal")):
            measured = sound.get(name)
            if measured is None and name == "arousal":
                measured = sound.get("energy")
            facts[name] = _joined(from_terms[:, axis], measured)
        return cls(facts, names_of(tracks))

    def fact(self, name: str) -> FloatVector:
        """One of the facts in float64, in which all scores are computed."""
        return np.asarray(self.facts[name], np.float64)

    def score(self, mood: str) -> FloatVector:
        """How well each track suits a mood, float64 in 0..1, shape (n_tracks,).

        The mean over the ranges that are known of the track (1 inside, falling to 0 over a soft
        edge) and, twice, over whether a liked name stands there; 0 with an excluded name; 0.5 times
        that when only names are known and none is liked, so that nothing known ranks below.
        Computed once a mood; the array cannot be written to.

        Raises:
            InvalidInputError: No such mood.
        """
        rule = rule_of(mood)
        if mood not in self._scores:
            score = self._score(rule)
            score.flags.writeable = False
            self._scores[mood] = score
        return self._scores[mood]

    def _score(self, rule: MoodRule) -> FloatVector:
        total, weight = np.zeros(len(self.names)), np.zeros(len(self.names))
        for name, wanted in ranges_of(rule).items():
            holds = within(self.fact(name), wanted, EDGES.get(name, DEFAULT_EDGE))
            known = ~np.isnan(holds)
            total[known] += holds[known]
            weight[known] += 1.0
        names = TrackNames.of(self.names)
        liked = names.have(rule.liked)
        total[liked] += 2.0
        weight[liked] += 2.0
        score = np.divide(total, weight, out=np.zeros_like(total), where=weight > 0)
        score *= 1.0 - 0.5 ** np.maximum(weight, 0.0)  # one fact is less sure than three
        return np.where(names.have(rule.excluded), 0.0, score)

    def facts_of(self, mood: str, track_idx: int) -> list[Fact]:
        """The facts that speak for a track, strongest first; none when a name excludes it.

        >>> table = TrackTable.bare("ab")
        >>> names = [frozenset({"ambient"}), frozenset()]
        >>> moods = TrackMoods({"arousal": np.array([-0.8, 0.9])}, names)
        >>> [fact.text for fact in moods.facts_of("calm", 0)]
        ['ambient', 'still']
        """
        rule = rule_of(mood)
        names = self.names[track_idx]
        if names & rule.excluded:
            return []
        found = [Fact(name, 1.0) for name in sorted(names & rule.liked)]
        for name, wanted in ranges_of(rule).items():
            value = self.facts.get(name)
            if value is None:
                continue
            own = np.asarray(value[track_idx : track_idx + 1], np.float64)
            holds = within(own, wanted, EDGES.get(name, DEFAULT_EDGE))
            above = float(value[track_idx]) - MIDDLE.get(name, 0.5)
            if holds[0] >= 0.5 and abs(above) >= MARGIN.get(name, DEFAULT_MARGIN):
                found.append(Fact(FACT_WORDS[name][above > 0], float(holds[0])))
        return sorted(found, key=lambda fact: -fact.strength)


def rule_of(mood: str) -> MoodRule:
    """The rule of a mood.

    Raises:
        InvalidInputError: No such mood.
    """
    if mood not in MOODS:
        raise InvalidInputError(f"no mood {mood!r}; there are: {', '.join(MOODS)}")
    return MOODS[mood]


def ranges_of(rule: MoodRule) -> dict[str, Range]:
    """The ranges that a rule asks for, by name."""
    asked = {name: getattr(rule, name) for name in ("valence", "arousal", *MEASURED)}
    return {name: wanted for name, wanted in asked.items() if wanted is not None}


def within(values: FloatVector, wanted: Range, edge: float) -> FloatVector:
    """1 inside a range, falling in a line to 0 at ``edge`` outside it; NaN stays NaN.

    >>> within(np.array([0.5, 1.1, 2.0]), (0.0, 1.0), 0.2).round(6).tolist()
    [1.0, 0.5, 0.0]
    """
    low, high = wanted
    outside = np.maximum(low - values, values - high)
    return np.clip(1.0 - np.maximum(outside, 0.0) / edge, 0.0, 1.0)


def affect_of_terms(tracks: TrackTable, lyrics: Sequence[str] | None = None) -> FloatMatrix:
    """Valence and arousal of each track by the lexicon, shape (n_tracks, 2); NaN when no word says.

    The weighted mean over the track's terms, with 0.5 of the middle (0, 0) mixed in, so that one
    word of a title moves a track less than three tags. Lyrics in which the lexicon knows three
    words or more count like one more term, at the mean of those words.
    """
    known = np.zeros((len(tracks.term_names), 3))
    for column, (name, kind) in enumerate(zip(tracks.term_names, tracks.term_kinds, strict=True)):
        weight = KIND_WEIGHTS.get(kind, 0.0)
        if weight:
            valence, arousal, n_found = affect_of_words(_folded(name))
            known[column] = weight * np.array([valence, arousal, 1.0]) * (n_found > 0)
    present = tracks.terms.copy()
    present.data = (present.data > 0).astype(np.float64)
    summed = np.asarray(present @ known)
    if lyrics is not None:
        summed += affect_of_lyrics(lyrics)
    found = np.full((len(tracks), 2), np.nan)
    has = summed[:, 2] > 0
    found[has] = summed[has, :2] / (summed[has, 2:] + PRIOR_WEIGHT)
    return found


def affect_of_lyrics(lyrics: Sequence[str]) -> FloatMatrix:
    """Valence and arousal times the weight of lyrics, and that weight, shape (n_texts, 3).

    >>> affect_of_lyrics(["sad and lonely tears", "la la la sad"]).round(2).tolist()
    [[-0.51, -0.26, 0.7], [0.0, 0.0, 0.0]]
    """
    found = np.zeros((len(lyrics), 3))
    for row, text in enumerate(lyrics):
        if text:
            valence, arousal, n = affect_of_words(" ".join(tokens(text)))
            if n >= MIN_LYRICS_WORDS:
                found[row] = LYRICS_WEIGHT * np.array([valence, arousal, 1.0])
    return found


def _sound(tracks: TrackTable, columns: Mapping[str, int]) -> dict[str, FloatVector]:
    if not columns or "sound" not in tracks.vectors:
        return {}
    matrix = tracks.vectors["sound"]
    found: dict[str, FloatVector] = {}
    for name, column in columns.items():
        if name not in _HEARD:
            continue
        if not 0 <= column < matrix.shape[1]:
            raise InvalidInputError(
                f"sound column {column} of {name!r} must lie in 0..{matrix.shape[1] - 1}"
            )
        found["tempo_bpm" if name == "tempo" else name] = matrix[:, column].astype(np.float64)
    if "tempo_bpm" in found:  # 0 is no rhythm, not a very slow one
        found["tempo_bpm"] = np.where(found["tempo_bpm"] > 0, found["tempo_bpm"], np.nan)
    return found


def _joined(from_terms: FloatVector, measured: FloatVector | None) -> FloatVector:
    if measured is None:
        return from_terms
    scaled = np.clip(2.0 * measured - 1.0, -1.0, 1.0)
    both = (1.0 - SOUND_WEIGHT) * from_terms + SOUND_WEIGHT * scaled
    return np.where(np.isnan(scaled), from_terms, np.where(np.isnan(from_terms), scaled, both))


def names_of(tracks: TrackTable) -> TrackNames:
    """Folded genres, tags and moods of each track."""
    says = np.array([kind in ("genre", "tag", "mood") for kind in tracks.term_kinds], bool)
    return TrackNames.of_terms(tracks.terms, [_folded(name) for name in tracks.term_names], says)


def _folded(name: str) -> str:
    """Lower case, hyphens as blanks: as the lexicon is written. Terms come folded otherwise."""
    folded = " ".join(name.casefold().replace("-", " ").replace("&", " and ").split())
    return folded if folded in LEXICON else folded.replace("r and b", "rnb")
