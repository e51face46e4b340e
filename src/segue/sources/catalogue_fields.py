"""What a catalogue says about a track, from any table or document whose fields are known by name.

Audio features are Spotify's (Web API reference, "Get Track's Audio Features"), each with its range;
a value outside it is refused, since it would be scaled as if it were inside.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias, get_args

from segue.data.imported import CatalogueRow, NamedTrack
from segue.data.lyrics import lyrics_of_text
from segue.sources.columns import guessed, listed
from segue.sources.moments import moment_s
from segue.sources.values import (
    clean,
    duration_s,
    flag,
    isrc,
    mbid,
    number,
    path_text,
    shown,
    spotify_id,
)

Field: TypeAlias = Literal[
    "external_id", "title", "artist", "artists", "album", "date", "year", "genres", "subgenres",
    "tags", "emotion", "lyrics", "popularity", "explicit", "duration_s", "duration_ms",
    "recording_mbid", "isrc", "spotify_id", "path", "playlists",
]  # fmt: skip
FIELDS: tuple[Field, ...] = get_args(Field)
MAX_LYRICS_CHARACTERS = 50_000
MAX_LISTED = 200
FEATURE_BOUNDS: Mapping[str, tuple[float, float]] = {
    "danceability": (0, 1), "energy": (0, 1), "key": (-1, 11), "loudness": (-100, 20),
    "mode": (0, 1), "speechiness": (0, 1), "acousticness": (0, 1), "instrumentalness": (0, 1),
    "liveness": (0, 1), "valence": (0, 1), "tempo": (0, 400), "time_signature": (0, 16),
}  # fmt: skip  # key in semitones above C, -1 unknown; loudness in dB; tempo in beats a minute

KNOWN_NAMES: Mapping[Field, tuple[str, ...]] = {
    "external_id": ("track_id", "id", "song_id", "external_id", "msd_track_id"),
    "title": ("title", "track_name", "track_title", "name", "track_name_clean", "song", "song_name",
              "track"),
    "artist": ("artist", "track_artist", "artist_name", "artistname", "performer", "singer"),
    "artists": ("artists", "artist_names", "artist_s", "artist_name_s"),
    "album": ("album", "album_name", "track_album_name", "album_title", "release"),
    "date": ("date", "release_date", "track_album_release_date", "album_release_date", "released",
             "album_date"),
    "year": ("year", "release_year"),
    "genres": ("genres", "genre", "track_genre", "playlist_genre", "genre_top", "artist_genres"),
    "subgenres": ("subgenres", "subgenre", "playlist_subgenre"),
    "tags": ("tags", "tag", "labels"),
    "emotion": ("emotion", "mood", "emotions"),
    "lyrics": ("lyrics", "lyric", "text"),
    "popularity": ("popularity", "track_popularity"),
    "explicit": ("explicit", "is_explicit"),
    "duration_s": ("duration_s", "duration", "length", "length_s"),
    "duration_ms": ("duration_ms", "track_duration_ms", "length_ms"),
    "recording_mbid": ("recording_mbid", "mbid", "musicbrainz_trackid"),
    "isrc": ("isrc", "external_ids_isrc"),
    "spotify_id": ("spotify_id", "spotify_uri", "track_uri", "spotify_track_id", "uri"),
    "path": ("path", "file", "location"),
    "playlists": ("playlists", "playlist", "playlist_name"),
}  # fmt: skip
_FEATURE_NAMES = {name: (name, f"audio_features_{name}", f"features_{name}")
                  for name in FEATURE_BOUNDS}  # fmt: skip


def guess_fields(header: Iterable[str]) -> dict[Field, str]:
    """Which column carries which field; those that none carries are left out.

    >>> guess_fields(["track_name", "track_artist", "tempo"])
    {'title': 'track_name', 'artist': 'track_artist'}
    """
    return guessed(header, KNOWN_NAMES)


def guess_features(header: Iterable[str]) -> dict[str, str]:
    """Which column carries which audio feature."""
    return guessed(header, _FEATURE_NAMES)


def catalogue_row(
    row: int, values: Mapping[Field, object], features: Mapping[str, object]
) -> CatalogueRow:
    """A row from values of any type; empty ones are "not said".

    Raises:
        ValueError: It names no track, or a value is outside its range.
    """
    found = {name: _feature(name, value) for name, value in features.items()}
    popularity = number(_number_or_none(values, "popularity"), "popularity", 0, 100)
    row_made = CatalogueRow(
        row=row,
        track=_track(values),
        external_id=_text(values, "external_id"),
        year=_year(values),
        genres=_names(values, "genres", "subgenres"),
        tags=_names(values, "tags"),
        emotion=_text(values, "emotion"),
        lyrics=_lyrics(values.get("lyrics")),
        features={name: value for name, value in found.items() if value is not None},
        popularity=None if popularity is None else popularity / 100,
        explicit=flag(values.get("explicit"), "explicit"),
        playlists=_names(values, "playlists"),
    )
    track = row_made.track
    if not (track.title or track.spotify_id or track.isrc or row_made.external_id or track.path):
        raise ValueError("the row names no track")
    return row_made


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
        recording_mbid=mbid(get("recording_mbid")),
        isrc=isrc(get("isrc")),
        # a bare id of 22 characters is Spotify's, whatever its column is called
        spotify_id=spotify_id(get("spotify_id")) or spotify_id(get("external_id")),
        path=path_text(str(get("path") or "")),
    )


def _text(values: Mapping[Field, object], field: Field) -> str:
    value = values.get(field)
    if value is None or (isinstance(value, float) and value != value):  # noqa: PLR0124 - NaN
        return ""
    return clean(value if isinstance(value, str) else str(value), field)


def _number_or_none(values: Mapping[Field, object], field: Field) -> object:
    value = values.get(field)
    return None if isinstance(value, str) and value.strip().lower() in ("", "nan") else value


def _names(values: Mapping[Field, object], *fields: Field) -> tuple[str, ...]:
    """Names of several columns, in order, each once."""
    names: dict[str, None] = {}
    for field in fields:
        for name in listed(values.get(field), ";|,"):
            names[clean(name, field)] = None
    return tuple(names)[:MAX_LISTED]


def _year(values: Mapping[Field, object]) -> int | None:
    for field in ("year", "date"):
        value = _number_or_none(values, field)
        if value is None:
            continue
        digits = str(value).strip()[:4]
        if digits.isdecimal() and 1000 <= int(digits) <= 2100:
            return int(digits)
        if isinstance(value, float) and field == "date":
            return 1970 + int(moment_s(value) // 31_556_952)
        if digits in ("0", "0.0", "0000"):
            continue  # how several tables say that it is not known
        raise ValueError(f"{field} must begin with a year of 1000..2100, got {shown(value)}")
    return None


def _lyrics(value: object) -> str:
    if not isinstance(value, str):
        return ""
    if len(value) > MAX_LYRICS_CHARACTERS:
        raise ValueError(
            f"lyrics have {len(value):,} characters, at most {MAX_LYRICS_CHARACTERS:,} are read"
        )
    lines = (clean(line[:1_000], "lyrics") for line in value.split("\n"))
    return lyrics_of_text("\n".join(lines))


def _feature(name: str, value: object) -> float | None:
    if isinstance(value, str):
        value = value.strip()
        if value.lower() == "nan":
            return None
    if isinstance(value, float) and value != value:  # noqa: PLR0124 - NaN is "not said"
        return None
    low, high = FEATURE_BOUNDS[name]
    return number(value, name, low, high)
