"""What a history, a library or a playlist from elsewhere says, row by row, before it is matched.

Rows name tracks in the words and ids of where they come from. A source makes them, the matching
finds the track, a service writes the events.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Struct

MAX_FIELD_CHARACTERS = 1_000  # of a title or name; longer ones are damage, not music

Left = Literal["podcast", "audiobook", "video", "advertisement", "private", "removed", "empty",
               "repeated"]  # fmt: skip


class NamedTrack(Struct, frozen=True, kw_only=True):
    """A track as another service names it; empty or None means "not said".

    ``artists`` are in order of credit, as far as the export keeps them apart. ``track_id`` is an id
    of Segue's own, from our exports. ``video_id`` is of YouTube, ``path`` of a file as the export
    spells it.
    """

    title: str = ""
    artists: tuple[str, ...] = ()
    album: str = ""
    duration_s: float | None = None
    track_id: str = ""
    recording_mbid: str = ""
    isrc: str = ""
    spotify_id: str = ""
    video_id: str = ""
    path: str = ""


class KnownTrack(Struct, frozen=True, kw_only=True):
    """A track of the library, as it is looked for. ``ids`` are (scheme, value)."""

    id: str
    title: str
    artists: tuple[str, ...] = ()
    album: str = ""
    duration_s: float | None = None
    ids: tuple[tuple[str, str], ...] = ()


class ImportedListen(Struct, frozen=True, kw_only=True):
    """One row of a history: a play, a skip, a count of plays, or a mark on a track.

    Attributes:
        row: Counts from 1 within its file; a header is not counted.
        track: What was played or marked.
        listened_at: Unix time (s, UTC) at which it began; None for a mark or a count without one.
        is_minute: ``listened_at`` is known to the minute only.
        played_s: Seconds played >= 0, None when not said.
        is_skip: The export says that it was skipped, None when it does not say.
        n_plays: Plays >= 0 that the row stands for; 0 for a mark alone.
        n_skips: Skips >= 0 that the row stands for, of libraries that keep counts.
        first_at: Earliest time of a play that a count may hold, such as when the track was added.
        rating: 1..5, None when not said.
        loved, disliked: Marks.
    """

    row: int
    track: NamedTrack
    listened_at: float | None = None
    is_minute: bool = False
    played_s: float | None = None
    is_skip: bool | None = None
    n_plays: int = 1
    n_skips: int = 0
    first_at: float | None = None
    rating: float | None = None
    loved: bool = False
    disliked: bool = False


class PlaylistEntry(Struct, frozen=True, kw_only=True):
    """One track of a playlist; entries of one playlist follow each other in its order."""

    row: int
    playlist: str
    track: NamedTrack


class LeftOut(Struct, frozen=True):
    """A row that is sound but no music to learn from, and what it is.

    "repeated" says that another file of the same export tells the same in more detail.
    """

    row: int
    kind: Left


class RowProblem(Struct, frozen=True):
    """A row that could not be used, and why."""

    row: int
    reason: str


ImportedRow: TypeAlias = ImportedListen | PlaylistEntry | LeftOut | RowProblem


class CatalogueRow(Struct, frozen=True, kw_only=True):
    """What a catalogue from elsewhere says about one track; empty or None means "not said".

    Attributes:
        row: Counts from 1 within its file; headers are not counted.
        track: Its names and ids.
        external_id: The catalogue's own id, with a prefix where several could meet ("fma:2").
        year: Of release, 1000..2100.
        genres, tags, playlists: Names in order, each once.
        emotion: One word or a few.
        lyrics: In the form of :mod:`segue.data.lyrics`.
        features: Values by name; those of Spotify lie in the ranges that
            :data:`segue.sources.catalogue_fields.FEATURE_BOUNDS` states.
        popularity: 0..1.
        explicit: Whether its words are.
    """

    row: int
    track: NamedTrack
    external_id: str = ""
    year: int | None = None
    genres: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    emotion: str = ""
    lyrics: str = ""
    features: Mapping[str, float] = {}
    popularity: float | None = None
    explicit: bool | None = None
    playlists: tuple[str, ...] = ()
