"""Histories, marks and playlists in any table: columns are guessed by name, shown, and overridable.

A row with a time is a listen; without one it is a count of plays, a mark (rating, loved) or, where
there is a playlist column and nothing else to say, an entry of that playlist.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from operator import itemgetter
from typing import Literal, NamedTuple, TypeAlias, get_args

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
_PLAYED: tuple[tuple[Field, float], ...] = (("played_s", 1.0), ("played_ms", 1000.0))
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
    row_of = _Rows({field: i for field, i in at.items() if field not in _OF_TRACK})
    n_cells = max(at.values()) + 1
    for row, cells, problem in grid_rows(member, has_header=has_header, max_lines=MAX_RECORD_LINES):
        if problem:
            yield RowProblem(row, problem)
            continue
        if len(cells) < n_cells:
            cells = [*cells, *[None] * (n_cells - len(cells))]  # noqa: PLW2901 - the row, padded
        try:
            yield row_of(row, cells, track_of(cells))
        except (ValueError, OverflowError) as error:
            yield RowProblem(row, str(error))


def _remembered(at: Mapping[Field, int]) -> Callable[[Sequence[object]], NamedTrack | None]:
    """Makes the track of a row out of its cells; once for cells that a history repeats."""
    first, *others = at.values()
    said_in = itemgetter(first, *others, first)  # once more, so that it is always a tuple

    @lru_cache(N_REMEMBERED, typed=True)  # 1 and True are not the same title
    def made(*said: object) -> NamedTrack | None:
        return _track(dict(zip(at, said, strict=False)))

    def track_of(cells: Sequence[object]) -> NamedTrack | None:
        said = said_in(cells)
        try:
            return made(*said)
        except TypeError:  # lists, of Parquet, cannot be looked up
            return _track(dict(zip(at, said, strict=False)))

    return track_of


class _Said(NamedTuple):
    """What a row says of its track besides that it was played at a time."""

    n_plays: int | None = None
    n_skips: int = 0
    is_skip: bool | None = None
    rating: float | None = None
    loved: bool = False
    disliked: bool = False
    playlist: object = None


_NOTHING_SAID = _Said()


class _Rows:
    """Makes the rows of a table whose columns, those of tracks aside, stand at ``at``."""

    def __init__(self, at: Mapping[Field, int]) -> None:
        self._when = at.get("listened_at")
        self._played = [(at[field], field, per_s) for field, per_s in _PLAYED if field in at]
        usual = {"listened_at", *dict(_PLAYED)}
        self._others: dict[Field, int] = {field: i for field, i in at.items() if field not in usual}

    def __call__(self, row: int, cells: Sequence[object], track: NamedTrack | None) -> ImportedRow:
        """One row.

        Raises:
            ValueError: It names no track, has no time, or a value cannot be.
        """
        if track is None:
            raise ValueError("the row names no track")
        said = _said(chosen(cells, self._others)) if self._others else _NOTHING_SAID
        when = None if self._when is None else cells[self._when]
        is_dated = when not in (None, "")
        if self._when is not None and not is_dated and said.n_plays is None:
            raise ValueError("the row has no time")
        n_plays = int(bool(when)) if said.n_plays is None else said.n_plays
        if not (n_plays or said.n_skips or said.rating or said.loved or said.disliked):
            name = _cleaned(said.playlist, "playlist")
            return (
                PlaylistEntry(row=row, playlist=name, track=track)
                if name
                else LeftOut(row, "empty")
            )
        return ImportedListen(
            row=row,
            track=track,
            listened_at=moment_s(when, "listened_at") if is_dated else None,
            is_minute=isinstance(when, str) and is_to_the_minute(when),
            played_s=self._played_s(cells),
            is_skip=said.is_skip,
            n_plays=n_plays,
            n_skips=said.n_skips,
            rating=said.rating,
            loved=said.loved,
            disliked=said.disliked,
        )

    def _played_s(self, cells: Sequence[object]) -> float | None:
        for i, field, per_s in self._played:
            played = number(cells[i], field, 0, MAX_PLAYED_S * per_s)
            if played is not None:
                return played / per_s
        return None


def _said(values: Mapping[Field, object]) -> _Said:
    get = values.get
    return _Said(
        n_plays=count(get("n_plays"), "n_plays") if "n_plays" in values else None,
        n_skips=count(get("n_skips"), "n_skips"),
        is_skip=flag(get("skipped"), "skipped"),
        rating=_rating(values),
        loved=bool(flag(get("loved"), "loved")),
        disliked=bool(flag(get("disliked"), "disliked")),
        playlist=get("playlist"),
    )


def _track(values: Mapping[Field, object]) -> NamedTrack | None:
    """The track of a row, None where nothing in it names one."""
    get = values.get
    several = [clean(name, "artists") for name in listed(get("artists"))]
    artist = _text(values, "artist")
    length_s = duration_s(get("duration_s")) or duration_s(get("duration_ms"), 1e-3)
    track = NamedTrack(
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
    names = (track.title, track.track_id, track.recording_mbid, track.isrc, track.spotify_id,
             track.path)  # fmt: skip
    return track if any(names) else None


def _text(values: Mapping[Field, object], field: Field) -> str:
    return _cleaned(values.get(field), field)


def _cleaned(value: object, field: Field) -> str:
    return "" if value is None else clean(value if isinstance(value, str) else str(value), field)


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
