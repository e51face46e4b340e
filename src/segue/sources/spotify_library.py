"""What a Spotify account keeps beside its history: liked and banned tracks, and playlists."""

import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote_plus

from segue.data.imported import (
    ImportedListen,
    ImportedRow,
    LeftOut,
    NamedTrack,
    PlaylistEntry,
)
from segue.sources.base import Format, Member
from segue.sources.decoded import head_text, open_text
from segue.sources.json_rows import JsonRow, json_rows
from segue.sources.rows import each_object
from segue.sources.values import clean, inner, one_artist, spotify_id, text

_LIBRARY = re.compile(r'\s*\{\s*"(?:tracks|albums|shows|episodes|bannedTracks|artists)"\s*:\s*\[')
_PLAYLISTS = re.compile(r'\s*\{\s*"playlists"\s*:\s*\[')
_NAME = re.compile(r'"name"\s*:\s*("(?:[^"\\]|\\.)*")')


def _is_library(member: Member) -> bool:
    head = head_text(member)
    return bool(_LIBRARY.match(head)) and '"uri"' in head


def _is_playlists(member: Member) -> bool:
    head = head_text(member)
    return bool(_PLAYLISTS.match(head)) and '"items"' in head


def _read_library(member: Member) -> Iterator[ImportedRow]:
    with open_text(member) as file:
        yield from each_object(json_rows(file, ("tracks", "bannedTracks")), _mark)


def _read_playlists(member: Member) -> Iterator[ImportedRow]:
    with open_text(member) as file:
        yield from each_object(json_rows(file, ("items",)), _entry)


def _mark(found: JsonRow) -> ImportedRow:
    track = NamedTrack(
        title=text(found.value, "track"),
        artists=one_artist(text(found.value, "artist")),
        album=text(found.value, "album"),
        spotify_id=spotify_id(found.value.get("uri")),
    )
    if not track.title and not track.spotify_id:
        return LeftOut(found.row, "empty")
    liked = found.key == "tracks"
    return ImportedListen(row=found.row, track=track, n_plays=0, loved=liked, disliked=not liked)


def _entry(found: JsonRow) -> ImportedRow:
    value = found.value
    if value.get("episode") or value.get("audiobook"):
        return LeftOut(found.row, "podcast" if value.get("episode") else "audiobook")
    named, local = inner(value, "track"), inner(value, "localTrack")
    track = _named(named) if named else _local(local)
    if not track.title and not track.spotify_id:
        return LeftOut(found.row, "removed")
    return PlaylistEntry(row=found.row, playlist=_name(found.before), track=track)


def _named(value: Mapping[str, object]) -> NamedTrack:
    return NamedTrack(
        title=text(value, "trackName"),
        artists=one_artist(text(value, "artistName")),
        album=text(value, "albumName"),
        spotify_id=spotify_id(value.get("trackUri")),
    )


def _local(value: Mapping[str, object]) -> NamedTrack:
    """A file of the listener's own: ``spotify:local:artist:album:title:seconds``."""
    parts = text(value, "uri").split(":")
    if len(parts) < 6 or parts[:2] != ["spotify", "local"]:
        return NamedTrack()
    artist, album, title = (clean(unquote_plus(part), "localTrack") for part in parts[2:5])
    length_s = float(parts[5]) if parts[5].isdecimal() and len(parts[5]) < 6 else None
    return NamedTrack(title=title, artists=one_artist(artist), album=album, duration_s=length_s)


def _name(before: str) -> str:
    """Name of the playlist whose list has just begun: the last one that was written before it."""
    names = _NAME.findall(before)
    if not names:
        return "Spotify"
    return clean(json.loads(names[-1]), "name") or "Spotify"


LIBRARY = Format(
    name="spotify-library",
    title="Spotify, liked and blocked songs",
    recognises=_is_library,
    rows=_read_library,
)
PLAYLISTS = Format(
    name="spotify-playlists",
    title="Spotify, playlists",
    recognises=_is_playlists,
    rows=_read_playlists,
)
