"""Apple Music's privacy export: play activity, daily tracks, the library, likes and dislikes.

Play activity often lacks the artist; it is looked up by title (and album) in the library and in the
daily tracks of the same export. Those two count the same plays, so where play activity is there,
they give names and marks only.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from segue.data.imported import (
    ImportedListen,
    ImportedRow,
    LeftOut,
    NamedTrack,
)
from segue.sources.apple_names import ArtistNames, artist_and_title, known_artists
from segue.sources.base import Format, Member, Reader
from segue.sources.decoded import head_text
from segue.sources.moments import moment_s
from segue.sources.rows import csv_header, of_array, of_named_cells
from segue.sources.values import (
    MAX_PLAYED_S,
    count,
    duration_s,
    flag,
    number,
    one_artist,
    shown,
    text,
)

_SKIPPED = {"TRACK_SKIPPED_FORWARDS": True, "NATURAL_END_OF_TRACK": False}
_PREFERENCES = {"LIKE": True, "LOVE": True, "FAVORITE": True, "DISLIKE": False}


def _is_activity(member: Member) -> bool:
    return {"Event Start Timestamp", "Play Duration Milliseconds"} <= set(csv_header(member))


def _is_daily(member: Member) -> bool:
    return {"Date Played", "Track Description", "Play Count"} <= set(csv_header(member))


def _is_likes(member: Member) -> bool:
    return {"Item Description", "Preference"} <= set(csv_header(member))


def _is_library(member: Member) -> bool:
    head = head_text(member)
    return head.lstrip().startswith("[") and '"Title"' in head and '"Date Added To Library"' in head


def _activity(names: ArtistNames, row: int, cells: Mapping[str, str]) -> ImportedRow:
    if cells.get("Event Type") not in ("PLAY_END", "", None):
        return LeftOut(row, "empty")  # starts, lyrics shown and the like
    if cells.get("Media Type") == "VIDEO":
        return LeftOut(row, "video")
    title = text(cells, "Song Name") or text(cells, "Content Name")
    if not title:
        return LeftOut(row, "empty")
    album = text(cells, "Album Name") or text(cells, "Container Album Name")
    artist = text(cells, "Artist Name")
    artists = one_artist(artist) or names.of(title, album) or one_artist(_album_artist(cells))
    played = number(
        cells.get("Play Duration Milliseconds"),
        "Play Duration Milliseconds",
        0,
        MAX_PLAYED_S * 1000,
    )
    played_s = None if played is None else played / 1000
    start, end = cells.get("Event Start Timestamp"), cells.get("Event End Timestamp")
    began_at = moment_s(start or end or "", "Event Start Timestamp")
    return ImportedListen(
        row=row,
        track=NamedTrack(
            title=title,
            artists=artists,
            album=album,
            duration_s=duration_s(cells.get("Media Duration In Milliseconds"), 1e-3),
        ),
        listened_at=began_at if start else began_at - (played_s or 0.0),
        played_s=played_s,
        is_skip=_SKIPPED.get(cells.get("End Reason Type", "")),
    )


def _album_artist(cells: Mapping[str, str]) -> str:
    """Of the container, where that is an album; a playlist's artist is who put it together."""
    is_album = cells.get("Container Type", "").upper() in ("", "ALBUM")
    return text(cells, "Container Artist Name") if is_album else ""


def _daily(is_repeated: bool, row: int, cells: Mapping[str, str]) -> ImportedRow:
    if is_repeated:
        return LeftOut(row, "repeated")
    if flag(cells.get("Ignore For Recommendations"), "Ignore For Recommendations"):
        return LeftOut(row, "private")
    if cells.get("Media type") == "VIDEO":
        return LeftOut(row, "video")
    artist, title = artist_and_title(text(cells, "Track Description"))
    if not title:
        return LeftOut(row, "empty")
    n_plays, n_skips = (count(cells.get(key), key) for key in ("Play Count", "Skip Count"))
    hour = cells.get("Hours", "").partition(",")[0].strip()
    began_at = moment_s(cells.get("Date Played", "").strip(), "Date Played")
    if hour.isdecimal() and int(hour) < 24:
        began_at += 3600.0 * int(hour)
    played = number(cells.get("Play Duration Milliseconds"), "Play Duration Milliseconds",
                    0, MAX_PLAYED_S * 1000)  # fmt: skip
    return ImportedListen(
        row=row,
        track=NamedTrack(title=title, artists=one_artist(artist)),
        listened_at=began_at,
        played_s=played / 1000 if played is not None and n_plays + n_skips == 1 else None,
        n_plays=n_plays,
        n_skips=n_skips,
        first_at=began_at,
    )


def _library(is_repeated: bool, row: int, value: Mapping[str, Any]) -> ImportedRow:
    title = text(value, "Title")
    if not title:
        return LeftOut(row, "empty")
    like = text(value, "Track Like Rating").lower()
    n_plays = 0 if is_repeated else count(value.get("Track Play Count"), "Track Play Count")
    n_skips = 0 if is_repeated else count(value.get("Skip Count"), "Skip Count")
    if not n_plays and not n_skips and like not in ("liked", "disliked"):
        return LeftOut(row, "repeated" if is_repeated else "empty")
    last, added = value.get("Last Played Date"), value.get("Date Added To Library")
    return ImportedListen(
        row=row,
        track=NamedTrack(
            title=title,
            artists=one_artist(text(value, "Artist")),
            album=text(value, "Album"),
            duration_s=duration_s(value.get("Track Duration"), 1e-3),
        ),
        listened_at=moment_s(last, "Last Played Date") if last and n_plays else None,
        n_plays=n_plays,
        n_skips=n_skips,
        first_at=moment_s(added, "Date Added To Library") if added else None,
        loved=like == "liked",
        disliked=like == "disliked",
    )


def _preference(row: int, cells: Mapping[str, str]) -> ImportedRow:
    artist, title = artist_and_title(text(cells, "Item Description"))
    preference = text(cells, "Preference").upper()
    if preference not in _PREFERENCES:
        raise ValueError(f"Preference must be LIKE or DISLIKE, got {shown(preference)}")
    if not title:
        return LeftOut(row, "empty")
    when = cells.get("Created") or cells.get("Last Modified")
    return ImportedListen(
        row=row,
        track=NamedTrack(title=title, artists=one_artist(artist)),
        listened_at=moment_s(when, "Created") if when else None,
        n_plays=0,
        loved=_PREFERENCES[preference],
        disliked=not _PREFERENCES[preference],
    )


def _join_activity(export: Sequence[Member]) -> Reader:
    def read(member: Member) -> Iterator[ImportedRow]:
        daily = [other for other in export if _is_daily(other)]
        libraries = [other for other in export if _is_library(other)]
        names = known_artists(libraries, daily)
        yield from of_named_cells(partial(_activity, names))(member)

    return read


def _join_daily(export: Sequence[Member]) -> Reader:
    return of_named_cells(partial(_daily, any(_is_activity(other) for other in export)))


def _join_library(export: Sequence[Member]) -> Reader:
    is_repeated = any(_is_activity(other) or _is_daily(other) for other in export)
    return of_array(partial(_library, is_repeated))


ACTIVITY = Format(
    name="apple-music",
    title="Apple Music, play activity",
    recognises=_is_activity,
    rows=of_named_cells(partial(_activity, ArtistNames())),
    join=_join_activity,
)
DAILY = Format(
    name="apple-music-daily",
    title="Apple Music, daily tracks",
    recognises=_is_daily,
    rows=of_named_cells(partial(_daily, False)),  # noqa: FBT003 - a flag of a partial
    join=_join_daily,
)
LIBRARY = Format(
    name="apple-music-library",
    title="Apple Music, library tracks",
    recognises=_is_library,
    rows=of_array(partial(_library, False)),  # noqa: FBT003 - a flag of a partial
    join=_join_library,
)
LIKES = Format(
    name="apple-music-likes",
    title="Apple Music, likes and dislikes",
    recognises=_is_likes,
    rows=of_named_cells(_preference),
)
