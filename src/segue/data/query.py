"""What a list is asked for: whose taste, from which seeds, under which controls.

An unknown track is decided here and nowhere else: events and seeds of tracks that the model set
does not know are left out of the profile and counted, so that the caller can say so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields

import numpy as np
from msgspec import Struct

from segue.data.affect import MOODS
from segue.data.asked import AskedFor
from segue.data.feedback import (
    DEFAULT_WEIGHTS,
    EventColumns,
    FeedbackWeights,
    Preferences,
    preferences,
)
from segue.data.leanings import Leanings
from segue.data.records import EVENT_CODE, Event, EventKind
from segue.data.vocabulary import Vocabulary
from segue.errors import InvalidInputError
from segue.types import BoolVector, FloatVector, IntVector

MAX_LIST_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Profile:
    """One listener's taste at one moment, as rows of one model set.

    ``known`` has one row for each track with an event, sorted by ``track_idx``; ``recent`` holds
    the rows that were played last, newest first; ``n_unknown`` events were of unknown tracks.
    """

    known: Preferences
    recent: IntVector
    n_unknown: int = 0

    @property
    def track_idx(self) -> IntVector:
        """Tracks with an event, ascending, int32."""
        return self.known.track_idx

    @property
    def preference(self) -> FloatVector:
        """Signed preference for each of ``track_idx``, float32."""
        return self.known.value

    @property
    def is_empty(self) -> bool:
        """True when nothing is known about the listener."""
        return len(self.known) == 0

    def only(self, track_idx: IntVector) -> "Profile":
        """A part of the listener's own taste: the profile as if only these tracks were known.

        >>> Profile.from_weights({4: 1.0, 2: -0.5}).only(np.array([4, 9])).track_idx.tolist()
        [4]
        """
        keep = np.isin(self.known.track_idx, track_idx)
        columns = (getattr(self.known, part.name)[keep] for part in fields(Preferences))
        recent = self.recent[np.isin(self.recent, track_idx)]
        return Profile(Preferences(*columns), recent, self.n_unknown)

    def dense(self, n_tracks: int) -> FloatVector:
        """The profile as one row of the interaction matrix, float32, shape (n_tracks,)."""
        row = np.zeros(n_tracks, np.float32)
        row[self.track_idx] = self.preference
        return row

    @classmethod
    def empty(cls) -> "Profile":
        """A listener of whom nothing is known."""
        return cls(preferences(EventColumns.empty(), 0.0), np.empty(0, np.int32))

    @classmethod
    def from_events(
        cls,
        events: Iterable[Event],
        tracks: Vocabulary,
        duration_s: FloatVector,
        now: float,
        weights: FeedbackWeights = DEFAULT_WEIGHTS,
        n_recent: int = 50,
    ) -> "Profile":
        """Weigh the events of one listener (all of the same ``listener_id``)."""
        rows = list(events)
        listeners = Vocabulary({event.listener_id for event in rows})
        columns = EventColumns.from_events(rows, listeners, tracks, duration_s)
        profile = cls.from_columns(columns, now, weights, n_recent)
        return cls(profile.known, profile.recent, len(rows) - len(columns))

    @classmethod
    def from_columns(
        cls,
        columns: EventColumns,
        now: float,
        weights: FeedbackWeights = DEFAULT_WEIGHTS,
        n_recent: int = 50,
        n_unknown: int = 0,
    ) -> "Profile":
        """The same from columns, all of one listener; ``n_unknown`` more were of other tracks."""
        played = columns.take(columns.kind == EVENT_CODE[EventKind.PLAY])  # not a dislike or a skip
        newest_first = played.track_idx[np.argsort(-played.listened_at, kind="stable")]
        _, first = np.unique(newest_first, return_index=True)
        recent = newest_first[np.sort(first)][:n_recent]
        return cls(preferences(columns, now, weights), recent, n_unknown)

    @classmethod
    def from_weights(cls, weights: Mapping[int, float]) -> "Profile":
        """A profile from rows and preferences, for seeds, studies and tests.

        >>> Profile.from_weights({4: 1.0, 2: -0.5}).track_idx.tolist()
        [2, 4]
        """
        rows = np.array(sorted(weights), np.int32)
        value = np.array([weights[int(row)] for row in rows], np.float32)
        n = len(rows)
        ones = np.where(value > 0, 1, 0).astype(np.int32)
        known = Preferences(
            np.zeros(n, np.int32), rows, value, ones, ones, 1 - ones, np.zeros(n, bool),
            np.zeros(n, bool), np.full(n, np.nan, np.float32), np.zeros(n), np.full(n, np.nan),
            np.zeros(n, bool),
        )  # fmt: skip
        return cls(known, rows[np.argsort(-value, kind="stable")])


class Controls(Struct, frozen=True, kw_only=True):
    """What a listener may turn, in terms that anyone understands; every field has a rule.

    ``familiar``: 0 only new music .. 1 only music heard before; None lets the station decide.
    ``variety``: 0 follow the scores .. 1 as different as possible.
    ``mood``: one of :data:`segue.data.affect.MOODS`, for the stations that need one.
    ``min_duration_s``, ``max_duration_s``: None is what the station finds usual, not "any": set 0
    to ask for the shortest as well.
    """

    familiar: float | None = None
    variety: float = 0.3
    owned_only: bool = True
    allow_explicit: bool = True
    genres: tuple[str, ...] = ()
    mood: str | None = None
    year_from: int | None = None
    year_to: int | None = None
    min_duration_s: float | None = None
    max_duration_s: float | None = None
    artist_gap: int = 3  # tracks between two of one artist
    album_gap: int = 5

    def check(self) -> "Controls":
        """Self, or an error that names the field and its range.

        Raises:
            InvalidInputError: A value is out of range.
        """
        for name in ("familiar", "variety"):
            value = getattr(self, name)
            if value is not None and not 0.0 <= value <= 1.0:
                raise InvalidInputError(f"{name} must lie in 0..1, got {value}")
        for name in ("artist_gap", "album_gap"):
            if not 0 <= getattr(self, name) <= 50:
                raise InvalidInputError(f"{name} must lie in 0..50, got {getattr(self, name)}")
        if self.mood is not None and self.mood not in MOODS:
            raise InvalidInputError(f"no mood {self.mood!r}; there are: {', '.join(MOODS)}")
        if (self.year_from or 0) > (self.year_to or 9999):
            raise InvalidInputError(
                f"year_from {self.year_from} is later than year_to {self.year_to}"
            )
        least, most = self.min_duration_s, self.max_duration_s
        if not 0 <= (least or 0.0) <= (np.inf if most is None else most):
            raise InvalidInputError(
                f"min_duration_s {least} must lie between 0 and max_duration_s {most}"
            )
        return self


@dataclass(frozen=True, slots=True)
class Query:
    """One request for a list, all in rows of the model set that answers it.

    ``seeds`` are rows with weights (a track to start from; negative to move away); ``blocked`` is a
    mask of shape (n_tracks,) of tracks never to be played, or None; ``seed`` makes draws
    reproducible. ``group`` are the rows of a part of the listener's own taste, for the stations
    about it; ``stale`` a mask of tracks shown too lately, or None; ``name`` names the list where
    its station leaves that open.
    ``asked`` is what was asked for in words, ``asked_vector`` its text as a vector of the embedder
    that made ``vectors["text"]``; ``leanings`` are the listener's own words. ``before`` are rows
    that come right before the list, the last one nearest: in a queue that goes on, artists and
    albums are kept apart from theirs too. ``utc_offset_s`` is how far the listener's clock is ahead
    of UTC at ``now``.
    """

    station: str
    profile: Profile
    n: int
    controls: Controls = field(default_factory=Controls)
    seeds: Mapping[int, float] = field(default_factory=dict[int, float])
    blocked: BoolVector | None = None
    now: float = 0.0
    seed: int = 0
    group: IntVector | None = None
    stale: BoolVector | None = None
    name: str = ""
    asked: AskedFor | None = None
    asked_vector: FloatVector | None = None
    leanings: Leanings | None = None
    before: Sequence[int] = ()
    utc_offset_s: float = 0.0

    def __post_init__(self) -> None:
        if not 1 <= self.n <= MAX_LIST_LENGTH:
            raise InvalidInputError(f"n must lie in 1..{MAX_LIST_LENGTH}, got {self.n}")
