"""What a history, a library or a playlist from elsewhere says, row by row, before it is matched.

Rows name tracks in the words and ids of where they come from. A source makes them, the matching
finds the track, a service writes the events.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

from msgspec import Struct

MAX_FIELD_CHARACTERS = 1_000  # of a title or name; longer ones are damage, not music

NoMusic = Literal["podcast", "audiobook", "video", "advertisement", "private", "removed", "empty",
                  "repeated"]  # fmt: skip
# of our own export: a rule that is over, about nothing that is here or about nothing sure, a
# consent, and words where the listener has said others since
NotTaken = Literal["over", "unknown", "unsure", "consent", "kept"]
Left: TypeAlias = NoMusic | NotTaken
NOT_TAKEN: tuple[str, ...] = get_args(NotTaken)


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


class KnownTarget(Struct, frozen=True, kw_only=True):
    """An artist or album of the library, as it is looked for; ``artists`` are of an album."""

    id: str
    name: str
    artists: tuple[str, ...] = ()
    mbid: str = ""


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
        picked: Stands for an artist who was picked; of our own export.
        listed: Was put into a playlist at that time; of our own export.
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
    picked: bool = False
    listed: bool = False


class PlaylistEntry(Struct, frozen=True, kw_only=True):
    """One track of a playlist; entries of one playlist follow each other in its order."""

    row: int
    playlist: str
    track: NamedTrack


class PlaylistRules(Struct, frozen=True, kw_only=True):
    """A playlist by rules: ``rules`` are JSON of whoever reads them. Its entries of then follow."""

    row: int
    playlist: str
    rules: str


class ImportedRule(Struct, frozen=True, kw_only=True, tag_field="is", tag="rule"):
    """What is never to be played: a track, an artist or an album.

    Attributes:
        row: As in :class:`ImportedListen`.
        scope: What ``track`` names: all of it, its first artist alone, or its album with artists.
        track: By names, as far as they are said; older exports of ours say none.
        target_id: Segue's own id of the track, artist or album.
        mbid: Of the artist or release.
        until: Unix time (s) at which it ends, None for good.
        said_at: Unix time (s), None when not said.
    """

    row: int
    scope: Literal["track", "artist", "album"]
    track: NamedTrack
    target_id: str = ""
    mbid: str = ""
    until: float | None = None
    said_at: float | None = None


class SaidOfSelf(Struct, frozen=True, kw_only=True):
    """One thing that a listener said of themselves; ``said_at`` is Unix time (s) where known."""

    row: int
    what: Literal["language", "time_zone", "emotions", "tags", "bio", "age"]
    value: str | int | tuple[str, ...]
    said_at: float | None = None


class LeftOut(Struct, frozen=True):
    """A row that is sound but not to be taken in, and what it is.

    "repeated" says that another file of the same export tells the same in more detail.
    """

    row: int
    kind: Left


class RowProblem(Struct, frozen=True):
    """A row that could not be used, and why."""

    row: int
    reason: str


ImportedRow: TypeAlias = (
    ImportedListen
    | PlaylistEntry
    | PlaylistRules
    | ImportedRule
    | SaidOfSelf
    | LeftOut
    | RowProblem
)


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
