"""Track objects of Spotify's Web API as JSON, in every list that its answers keep them in.

A list of tracks, pages (``{"items": [{"track": {...}}]}``), ``{"tracks": [...]}``,
``{"tracks": {"items": [...]}}``, playlists with their name, answers of "Audio Features", several
answers one after the other, and one object a line.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from segue.data.imported import CatalogueRow, RowProblem
from segue.sources.base import Member
from segue.sources.catalogue_fields import FEATURE_BOUNDS, Field, catalogue_row
from segue.sources.decoded import head_text, open_text
from segue.sources.json_rows import JsonRow, json_line_rows, json_rows
from segue.sources.values import clean, inner, members, shown

_LISTS = ("items", "tracks", "audio_features")
_LIST = re.compile(r'"(?:items|tracks|audio_features)"\s*:\s*\[')
_SIGNS = ('"external_ids"', '"duration_ms"', '"artists"', '"danceability"')
_NAME = re.compile(r'"name"\s*:\s*("(?:[^"\\]|\\.)*")')
_PLAYLIST = re.compile(r'"type"\s*:\s*"playlist"|"collaborative"\s*:|"snapshot_id"\s*:')


def is_tracks(member: Member) -> bool:
    """Whether it begins like such a file."""
    head = head_text(member)
    return head.lstrip()[:1] in ("{", "[") and any(sign in head for sign in _SIGNS)


def read_tracks(member: Member) -> Iterator[CatalogueRow | RowProblem]:
    """Rows of all lists in the file, counted together."""
    head = head_text(member)
    with open_text(member) as file:
        if _LIST.search(head):
            found = json_rows(file, _LISTS)
        elif head.lstrip().startswith("["):
            found = json_rows(file)
        else:
            found = json_line_rows(file)
        for record in found:
            if record.problem:
                yield RowProblem(record.row, record.problem)
                continue
            try:
                yield _row(record)
            except (ValueError, OverflowError) as error:
                yield RowProblem(record.row, str(error))


def _row(record: JsonRow) -> CatalogueRow:
    value: Mapping[str, Any] = record.value
    if "track" in value and (isinstance(value["track"], dict) or value["track"] is None):
        value = inner(value, "track")
    if not value:
        raise ValueError("the entry holds no track any more")
    if value.get("type") in ("episode", "artist", "album", "playlist"):
        raise ValueError(f"a track is expected, got an object of type {shown(value['type'])}")
    return track_row(record.row, value, _playlists(record.before))


def track_row(row: int, value: Mapping[str, Any], playlists: tuple[str, ...] = ()) -> CatalogueRow:
    """The row of one track object, or of a flat document with the same names.

    Raises:
        ValueError: It names no track, or a value is not what it may be.
    """
    album = value.get("album")
    about_album: Mapping[str, Any] = inner(value, "album") if isinstance(album, dict) else {}
    audio = inner(value, "audio_features") or inner(value, "features") or value
    values: dict[Field, object] = {
        "external_id": value.get("id") or value.get("track_id"),
        "title": value.get("name") or value.get("title"),
        "artists": _artists(value),
        "album": about_album.get("name") if about_album else album,
        "date": about_album.get("release_date") or value.get("release_date"),
        "year": value.get("year"),
        "genres": value.get("genres") or value.get("genre"),
        "tags": value.get("tags"),
        "emotion": value.get("emotion") or value.get("mood"),
        "lyrics": value.get("lyrics"),
        "popularity": value.get("popularity"),
        "explicit": value.get("explicit"),
        "duration_ms": value.get("duration_ms"),
        "isrc": inner(value, "external_ids").get("isrc") or value.get("isrc"),
        "recording_mbid": value.get("recording_mbid"),
        "spotify_id": value.get("spotify_id") or value.get("uri"),
        "playlists": list(playlists) or value.get("playlists"),
    }
    features = {name: audio[name] for name in FEATURE_BOUNDS if audio.get(name) is not None}
    return catalogue_row(row, values, features)


def _artists(value: Mapping[str, Any]) -> list[str]:
    named = [str(artist.get("name") or "") for artist in members(value, "artists")
             ] if isinstance(value.get("artists"), list) else []  # fmt: skip
    if any(named):
        return [name for name in named if name]
    plain = value.get("artists") or value.get("artist")
    if isinstance(plain, list):
        return [str(name) for name in plain if isinstance(name, str)]
    return [plain] if isinstance(plain, str) and plain else []


def _playlists(before: str) -> tuple[str, ...]:
    """Name of the playlist that the list belongs to, when what stands before it is a playlist."""
    if not _PLAYLIST.search(before):
        return ()
    names = _NAME.findall(before)
    return (clean(json.loads(names[-1]), "name"),) if names else ()
