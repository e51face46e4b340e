"""Plain facts that rooms pass to each other: a file's tags, a track, an event.

Frozen msgspec Structs: cheap to make, checked when decoded, never changed.
"""

from enum import StrEnum

from msgspec import Struct


class EventKind(StrEnum):
    """What a listener did with a track. What each is worth stands in :mod:`segue.data.feedback`."""

    PLAY = "play"  # carries played_s; finished or partial follows from the fraction
    SKIP = "skip"  # carries played_s; early or late follows from the fraction
    LOVE = "love"
    UNLOVE = "unlove"
    DISLIKE = "dislike"
    UNDISLIKE = "undislike"
    RATE = "rate"  # carries value 1..5
    UNRATE = "unrate"
    PLAYLIST_ADD = "playlist_add"
    PICK = "pick"  # its artist was picked in the quiz


EVENT_KINDS: tuple[EventKind, ...] = tuple(EventKind)
EVENT_CODE: dict[EventKind, int] = {kind: code for code, kind in enumerate(EVENT_KINDS)}


class NeverPlayScope(StrEnum):
    """What a "never play this" covers."""

    TRACK = "track"
    ARTIST = "artist"
    ALBUM = "album"


class Event(Struct, frozen=True, kw_only=True):
    """One thing that a listener did; stored once, never changed (append-only).

    ``listened_at`` is the Unix time (s, UTC) at which the listening began or the button was
    pressed. ``idempotency_key`` is unique per listener: the same key sent again is the same event.
    """

    listener_id: str
    track_id: str
    kind: EventKind
    listened_at: float
    idempotency_key: str
    played_s: float | None = None
    value: float | None = None
    source: str = "player"
    client: str = "segue"
    id: int = 0


class TrackTags(Struct, frozen=True, kw_only=True):
    """What the tags and headers of one audio file say. Empty means "not said"."""

    title: str
    artists: tuple[str, ...] = ()
    album: str = ""
    album_artists: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    year: int | None = None
    track_number: int | None = None
    disc_number: int | None = None
    duration_s: float | None = None
    bitrate_kbps: float | None = None
    sample_rate_hz: int | None = None
    channels: int | None = None
    recording_mbid: str | None = None
    release_mbid: str | None = None
    artist_mbids: tuple[str, ...] = ()
    isrc: str | None = None
    track_gain_db: float | None = None  # ReplayGain 2.0
    album_gain_db: float | None = None
    track_peak: float | None = None
    explicit: bool | None = None
    comment: str = ""


class FileStat(Struct, frozen=True):
    """One file as the folder walk sees it, before it is opened: one stat call."""

    path: str  # absolute
    size_bytes: int
    modified_ns: int
    lyrics_path: str = ""  # of a .lrc or .txt beside it with the same name
    lyrics_ns: int = 0  # when that file was changed, 0 without one


# Counts up when a scan reads more of a file than before: 1 keeps the times of lyrics. Files that
# were read by an earlier one are read once again by the next scan, although they did not change.
READING = 1


class ScannedFile(Struct, frozen=True, kw_only=True):
    """The outcome of reading one file: either ``tags`` or a ``problem``, never neither."""

    stat: FileStat
    tags: TrackTags | None = None
    fingerprint: str = ""  # of tags, size and duration: survives a move or a rename
    cover_path: str | None = None  # folder image, absolute path
    has_embedded_cover: bool = False
    lyrics: str = ""  # of the file beside it or of its tags; see data/lyrics.py
    problem: str | None = None  # in words; set when the file cannot be used


class Credit(Struct, frozen=True):
    """One artist of a credit: who, and the name as it is shown."""

    id: str
    name: str


class Track(Struct, frozen=True, kw_only=True):
    """One track of the catalogue as pages and APIs show it."""

    id: str
    title: str
    artists: tuple[Credit, ...]  # in order of credit
    album_id: str | None = None
    album: str = ""
    genres: tuple[str, ...] = ()
    year: int | None = None
    track_number: int | None = None
    disc_number: int | None = None
    duration_s: float | None = None
    explicit: bool | None = None
    has_file: bool = False
    cover_id: str | None = None
    track_gain_db: float | None = None  # ReplayGain 2.0
    album_gain_db: float | None = None
    track_peak: float | None = None
    added_at: float = 0.0
