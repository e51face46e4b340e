"""Histories, marks and playlists in any table: columns are guessed by name, shown, and overridable.

A row with a time is a listen; without one it is a count of plays, a mark (rating, loved) or, where
there is a playlist column and nothing else to say, an entry of that playlist.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Literal, TypeAlias, get_args

from segue.data.imported import (
    ImportedListen,
    ImportedRow,
    LeftOut,
    NamedTrack,
    PlaylistEntry,
    RowProblem,
)
from segue.errors import InvalidInputError
from segue.sources.base import Format, Member
from segue.sources.columns import chosen, guessed, listed
from segue.sources.grids import grid_rows, header_of
from segue.sources.moments import is_to_the_minute, moment_s
from segue.sources.values import (
    MAX_PLAYED_S,
    clean,
    count,
    duration_s,
    flag,
    isrc,
    mbid,
    number,
    path_text,
    spotify_id,
    stars,
)

Field: TypeAlias = Literal[
    "track_id", "title", "artist", "artists", "album", "listened_at", "played_s", "played_ms",
    "duration_s", "duration_ms", "n_plays", "n_skips", "skipped", "rating", "rating_10",
    "rating_100", "loved", "disliked", "recording_mbid", "isrc", "spotify_id", "path", "playlist",
]  # fmt: skip
FIELDS: tuple[Field, ...] = get_args(Field)
_OF_TRACK: frozenset[Field] = frozenset((
    "track_id", "title", "artist", "artists", "album", "duration_s", "duration_ms",
    "recording_mbid", "isrc", "spotify_id", "path",
))  # fmt: skip
N_REMEMBERED = 20_000  # tracks, some 20 MB: a history comes back to what it knows
MAX_RECORD_LINES = 8  # names have few line breaks, so an open quote is found soon

# Names under which exports carry each field, in lower case with underscores.
KNOWN_NAMES: Mapping[Field, tuple[str, ...]] = {
    "track_id": ("segue_track_id", "track_id"),
    "title": ("title", "track", "track_name", "trackname", "song", "song_name", "song_title",
              "name", "track_title", "master_metadata_track_name"),
    "artist": ("artist", "artist_name", "artistname", "track_artist", "artist_credit",
               "master_metadata_album_artist_name", "performer"),
    "artists": ("artists", "artist_names", "artist_name_s"),
    "album": ("album", "album_name", "albumname", "track_album_name", "release", "release_name",
              "master_metadata_album_album_name"),
    "listened_at": ("listened_at", "timestamp", "ts", "played_at", "date", "time", "uts", "endtime",
                    "end_time", "utc_time", "date_time", "datetime", "last_played", "played_on"),
    "played_s": ("played_s", "seconds_played", "listened_s"),
    "played_ms": ("ms_played", "msplayed", "played_ms"),
    "duration_s": ("duration_s", "length_s", "duration", "length"),
    "duration_ms": ("duration_ms", "track_duration_ms", "length_ms"),
    "n_plays": ("n_plays", "play_count", "playcount", "plays", "count"),
    "n_skips": ("n_skips", "skip_count", "skipcount", "skips"),
    "skipped": ("skipped", "is_skip", "skip"),
    "rating": ("rating", "stars"),
    "rating_10": ("rating_10",),
    "rating_100": ("rating_100",),
    "loved": ("loved", "love", "liked", "favourite", "favorite", "starred"),
    "disliked": ("disliked", "hated", "banned"),
    "recording_mbid": ("recording_mbid", "track_mbid", "mbid", "musicbrainz_trackid"),
    "isrc": ("isrc",),
    "spotify_id": ("spotify_id", "spotify_track_uri", "spotify_uri", "track_uri", "uri",
                   "spotify_track_id"),
    "path": ("path", "file", "filename", "location"),
    "playlist": ("playlist", "playlist_name"),
}  # fmt: skip
_IDS = ("track_id", "recording_mbid", "isrc", "spotify_id", "path")
_SAYS = ("listened_at", "n_plays", "n_skips", "rating", "rating_10", "rating_100", "loved",
         "disliked", "playlist")  # fmt: skip


def guess_columns(header: Sequence[str]) -> dict[Field, str]:
    """Which column carries which field; fields that none carries are left out.

    >>> guess_columns(["Artist", "Track", "uts"])
    {'title': 'Track', 'artist': 'Artist', 'listened_at': 'uts'}
    """
    return guessed(header, KNOWN_NAMES)


def check_columns(columns: Mapping[Field, str], header: Sequence[str]) -> None:
    """Whether a mapping says enough about a table with these columns.

    Raises:
        InvalidInputError: A field or column does not exist, no column names the track, or none
            says anything about it.
    """
    names = ", ".join(header)[:500] or "none"
    unknown = [field for field in columns if field not in FIELDS]
    if unknown:
        raise InvalidInputError(f"there is no field {unknown[0]!r}; there are {', '.join(FIELDS)}")
    missing = [column for column in columns.values() if column not in header]
    if missing:
        raise InvalidInputError(f"there is no column {missing[0]!r}; the columns are: {names}")
    if "title" not in columns and not any(field in columns for field in _IDS):
        raise InvalidInputError(
            f"a column must name the track: title, or one of {', '.join(_IDS)}; the columns are: "
            f"{names}"
        )
    if not any(field in columns for field in _SAYS):
        raise InvalidInputError(
            "a column must say what was done with the track: listened_at, n_plays, rating, loved "
            f"or playlist; the columns are: {names}"
        )


def mapped(columns: Mapping[Field, str], *, has_header: bool = True) -> Format:
    """The table source with columns chosen by hand.

    Args:
        columns: Column of each field by its name in the header; without a header by its number
            from 1, as text.
        has_header: The first row names the columns.
    """
    return Format(
        name=TABLE.name,
        title=TABLE.title,
        recognises=lambda member: bool(header_of(member)),
        rows=partial(_read, dict(columns), has_header),
    )


def _is_table(member: Member) -> bool:
    header = header_of(member)
    columns = guess_columns(header)
    try:
        check_columns(columns, header)
    except InvalidInputError:
        return False
    # a title alone is too weak a sign for a guess
    return "artist" in columns or "artists" in columns or any(field in columns for field in _IDS)


def _read(
    columns: Mapping[Field, str] | None, has_header: bool, member: Member
) -> Iterator[ImportedRow]:
    header = header_of(member)
    if not has_header:
        header = [str(number) for number in range(1, len(header) + 1)]
    if columns is None:
        columns = guess_columns(header)
    check_columns(columns, header)
    at: dict[Field, int] = {field: header.index(column) for field, column in columns.items()}
    track_of = _remembered({field: i for field, i in at.items() if field in _OF_TRACK})
    for row, cells, problem in grid_rows(member, has_header=has_header, max_lines=MAX_RECORD_LINES):
        if problem:
            yield RowProblem(row, problem)
            continue
        try:
            yield _row(row, chosen(cells, at), track_of(cells))
        except (ValueError, OverflowError) as error:
            yield RowProblem(row, str(error))


def _remembered(at: Mapping[Field, int]) -> Callable[[Sequence[object]], NamedTrack]:
    """Makes the track of a row out of its cells; once for cells that a history repeats."""

    @lru_cache(N_REMEMBERED, typed=True)  # 1 and True are not the same title
    def made(*said: object) -> NamedTrack:
        return _track(dict(zip(at, said, strict=True)))

    def track_of(cells: Sequence[object]) -> NamedTrack:
        values = chosen(cells, at)
        try:
            return made(*values.values())
        except TypeError:  # lists, of Parquet, cannot be looked up
            return _track(values)

    return track_of


def _row(row: int, values: Mapping[Field, object], track: NamedTrack) -> ImportedRow:
    get = values.get
    if not (track.title or track.track_id or track.recording_mbid or track.isrc
            or track.spotify_id or track.path):  # fmt: skip
        raise ValueError("the row names no track")
    rating = _rating(values)
    loved, disliked = (bool(flag(get(mark), mark)) for mark in ("loved", "disliked"))
    when = get("listened_at")
    if "listened_at" in values and when in (None, "") and "n_plays" not in values:
        raise ValueError("the row has no time")
    n_skips = count(get("n_skips"), "n_skips")
    n_plays = count(get("n_plays"), "n_plays") if "n_plays" in values else int(bool(when))
    if not (n_plays or n_skips or rating or loved or disliked):
        name = _text(values, "playlist")
        return PlaylistEntry(row=row, playlist=name, track=track) if name else LeftOut(row, "empty")
    return ImportedListen(
        row=row,
        track=track,
        listened_at=None if when in (None, "") else moment_s(when, "listened_at"),
        is_minute=isinstance(when, str) and is_to_the_minute(when),
        played_s=_played_s(values),
        is_skip=flag(get("skipped"), "skipped"),
        n_plays=n_plays,
        n_skips=n_skips,
        rating=rating,
        loved=loved,
        disliked=disliked,
    )


def _track(values: Mapping[Field, object]) -> NamedTrack:
    get = values.get
    several = [clean(name, "artists") for name in listed(get("artists"))]
    artist = _text(values, "artist")
    length_s = duration_s(get("duration_s")) or duration_s(get("duration_ms"), 1e-3)
    return NamedTrack(
        title=_text(values, "title"),
        artists=tuple(several) or ((artist,) if artist else ()),
        album=_text(values, "album"),
        duration_s=length_s,
        track_id=_text(values, "track_id"),
        recording_mbid=mbid(get("recording_mbid")),
        isrc=isrc(get("isrc")),
        spotify_id=spotify_id(get("spotify_id")),
        path=path_text(str(get("path") or "")),
    )


def _text(values: Mapping[Field, object], field: Field) -> str:
    value = values.get(field)
    return "" if value is None else clean(value if isinstance(value, str) else str(value), field)


def _played_s(values: Mapping[Field, object]) -> float | None:
    played_s = number(values.get("played_s"), "played_s", 0, MAX_PLAYED_S)
    if played_s is not None:
        return played_s
    played_ms = number(values.get("played_ms"), "played_ms", 0, MAX_PLAYED_S * 1000)
    return None if played_ms is None else played_ms / 1000


def _rating(values: Mapping[Field, object]) -> float | None:
    rating = number(values.get("rating"), "rating", 0, 5)
    if rating:
        return max(1.0, rating)
    return stars(values.get("rating_10"), "rating_10", 10) or stars(
        values.get("rating_100"), "rating_100", 100
    )


TABLE = Format(
    name="table",
    title="Table, CSV or Parquet",
    recognises=_is_table,
    rows=partial(_read, None, True),  # noqa: FBT003 - a flag of a partial
)
