"""Everything that a model may learn from: the catalogue as arrays, and who listened to what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

import numpy as np
from scipy import sparse

from segue.data.feedback import DEFAULT_WEIGHTS, EventColumns, FeedbackWeights, preferences
from segue.data.frames import read_frame
from segue.data.interactions import Interactions
from segue.data.vocabulary import Vocabulary
from segue.errors import InvalidDataError
from segue.types import BoolVector, CsrMatrix, FloatMatrix, FloatVector, IntVector


@dataclass(frozen=True, slots=True)
class TrackTable:
    """The catalogue as columns; row ``track_idx`` of each belongs to ``ids[track_idx]``.

    Attributes:
        ids: Track ids, n_tracks of them.
        titles, artists: For sentences; ``artists`` is the credit as shown.
        artist_idx, album_idx: Main artist and album, int32, -1 when there is none.
        artist_ids, album_ids: What those rows stand for.
        recording_idx: Tracks with the same number are versions of one recording, int32.
        year: int16, 0 when unknown.
        duration_s: float32, NaN when unknown.
        added_at: Unix seconds, float64.
        owned: True when a playable file is there.
        explicit: True when it is said to be explicit.
        terms: CSR float32 (n_tracks, n_terms), 1 where a track has the term.
        term_names, term_kinds: e.g. "trip hop" of kind "genre"; kinds are "genre", "tag",
            "artist", "album", "decade", "word".
        vectors: What is known of each track as numbers, by name ("sound", "text"): float32
            (n_tracks, d), a row of NaN where nothing is known. Models learn from them; they are
            not part of a published catalogue.
    """

    ids: Vocabulary
    titles: Sequence[str]
    artists: Sequence[str]
    artist_idx: IntVector
    album_idx: IntVector
    artist_ids: Vocabulary
    album_ids: Vocabulary
    recording_idx: IntVector
    year: IntVector
    duration_s: FloatVector
    added_at: FloatVector
    owned: BoolVector
    explicit: BoolVector
    terms: CsrMatrix
    term_names: Sequence[str]
    term_kinds: Sequence[str]
    vectors: Mapping[str, FloatMatrix] = field(default_factory=dict[str, FloatMatrix])

    def __post_init__(self) -> None:
        n = len(self.ids)
        for name in ("titles", "artists", "artist_idx", "album_idx", "recording_idx", "year",
                     "duration_s", "added_at", "owned", "explicit"):  # fmt: skip
            if len(getattr(self, name)) != n:
                raise InvalidDataError(f"{name} has {len(getattr(self, name))} rows, ids has {n}")
        if self.terms.shape != (n, len(self.term_names)):
            raise InvalidDataError(
                f"terms has shape {self.terms.shape}, must be {(n, len(self.term_names))}"
            )
        for name, matrix in self.vectors.items():
            if matrix.ndim != 2 or len(matrix) != n:
                raise InvalidDataError(
                    f"vectors {name!r} have shape {matrix.shape}, must be ({n}, d)"
                )

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def bare(cls, ids: Iterable[str]) -> "TrackTable":
        """A catalogue of which only the ids are known, for data sets without metadata."""
        vocabulary = Vocabulary(ids)
        n = len(vocabulary)
        return cls(
            ids=vocabulary,
            titles=list(vocabulary),
            artists=[""] * n,
            artist_idx=np.full(n, -1, np.int32),
            album_idx=np.full(n, -1, np.int32),
            artist_ids=Vocabulary(),
            album_ids=Vocabulary(),
            recording_idx=np.arange(n, dtype=np.int32),
            year=np.zeros(n, np.int16),
            duration_s=np.full(n, np.nan, np.float32),
            added_at=np.zeros(n),
            owned=np.ones(n, bool),
            explicit=np.zeros(n, bool),
            terms=sparse.csr_matrix((n, 0), dtype=np.float32),
            term_names=(),
            term_kinds=(),
        )


@dataclass(frozen=True, slots=True)
class Dataset:
    """One moment of a library and its listeners.

    ``now`` is the Unix time at which the data ends; models count ages from it. ``zones`` are the
    time zones of listeners by id; the clock of the others is UTC.
    """

    tracks: TrackTable
    listeners: Vocabulary
    interactions: Interactions
    events: EventColumns
    now: float = 0.0
    zones: Mapping[str, tzinfo] = field(default_factory=dict[str, tzinfo])

    @property
    def n_tracks(self) -> int:
        """Number of tracks."""
        return len(self.tracks)

    @property
    def n_listeners(self) -> int:
        """Number of listeners."""
        return len(self.listeners)

    @classmethod
    def from_events(
        cls,
        tracks: TrackTable,
        listeners: Vocabulary,
        events: EventColumns,
        now: float,
        weights: FeedbackWeights = DEFAULT_WEIGHTS,
        zones: Mapping[str, tzinfo] | None = None,
    ) -> "Dataset":
        """Weigh the events by the one table of :mod:`segue.data.feedback`."""
        summed = preferences(events, now, weights)
        interactions = Interactions.from_preferences(summed, len(listeners), len(tracks))
        return cls(tracks, listeners, interactions, events, now, zones or {})

    @classmethod
    def from_csr(
        cls,
        user_items: CsrMatrix,
        tracks: TrackTable | None = None,
        listeners: Iterable[str] | None = None,
    ) -> "Dataset":
        """From a matrix (rows listeners, columns tracks) of non-negative or signed weights.

        >>> data = Dataset.from_csr(sparse.csr_matrix([[1.0, 0.0, 2.0]]))
        >>> data.n_listeners, data.n_tracks
        (1, 3)
        """
        interactions = Interactions.from_csr(user_items)
        table = tracks or TrackTable.bare(str(i) for i in range(interactions.n_tracks))
        names = Vocabulary(listeners or (str(i) for i in range(interactions.n_listeners)))
        if (len(names), len(table)) != interactions.user_items.shape:
            raise InvalidDataError(
                f"user_items has shape {interactions.user_items.shape}, "
                f"ids say {(len(names), len(table))}"
            )
        return cls(table, names, interactions, EventColumns.empty())

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        *,
        listener: str,
        track: str,
        weight: str | None = None,
        listened_at: str | None = None,
    ) -> "Dataset":
        """From a data frame with one row a listen, or one a pair of listener and track.

        Args:
            frame: polars or pandas DataFrame, a dict of lists, or anything with columns by name.
            listener: Column of ids, all strings or all whole numbers; whole numbers become strings
                of their digits. Rows of the data set are in order of first sight.
            track: Column of ids, by the same rule.
            weight: Column of counts or other weights, finite and at least 0; None counts rows.
                Rows of the same pair are added up; a pair of weight 0 is known, but not liked.
            listened_at: Column of Unix seconds or of dates with time (UTC); the newest of a
                pair is kept and is the time the data ends at. None leaves times unknown.

        Raises:
            InvalidDataError: No row, a column that is not there, ids of mixed types or missing,
                weights below 0 or not finite.

        >>> plays = {"who": ["ada", "bob", "ada"], "what": [7, 7, 7]}
        >>> data = Dataset.from_frame(plays, listener="who", track="what")
        >>> list(data.listeners), list(data.tracks.ids), data.interactions.user_items.toarray()
        (['ada', 'bob'], ['7'], array([[2.],
               [1.]], dtype=float32))
        """
        columns = read_frame(frame, listener, track, weight, listened_at)
        return cls(
            TrackTable.bare(columns.tracks),
            columns.listeners,
            columns.interactions,
            EventColumns.empty(),
            float(columns.interactions.last_listened_at.max()),
        )
