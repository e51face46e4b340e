"""JSPF playlists, read and written: XSPF as JSON, with ListenBrainz' extension for artists.

``identifier`` is a list of addresses, in older files a single one. Artists stand one by one in
``additional_metadata.artists`` of the extension, as ListenBrainz writes them.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from segue.data.imported import ImportedRow, LeftOut, NamedTrack, PlaylistEntry
from segue.sources.addresses import (
    address_of_path,
    identified,
    identifiers_of,
    path_of_address,
)
from segue.sources.base import Format, Member
from segue.sources.decoded import head_text, open_text
from segue.sources.json_rows import json_rows
from segue.sources.m3u import stem
from segue.sources.rows import each_object
from segue.sources.values import (
    clean,
    duration_s,
    inner,
    isrc,
    members,
    one_artist,
    shown,
    text,
)

EXTENSION = "https://musicbrainz.org/doc/jspf#track"
MAX_NAMED_BYTES = 16 << 20  # a larger one is called by its file's name


def _is_jspf(member: Member) -> bool:
    head = head_text(member)
    return (
        head.lstrip().startswith("{")
        and '"playlist"' in head[:4_096]
        and ('"track"' in head or '"tracks"' in head)
        and ('"creator"' in head or '"title"' in head)
    )


def _read(member: Member) -> Iterator[ImportedRow]:
    playlist = _name(member) or stem(member.name)
    with open_text(member) as file:
        yield from each_object(
            json_rows(file, ("track", "tracks")),
            lambda found: _entry(found.row, playlist, found.value),
        )


def _name(member: Member) -> str:
    """The title, wherever it stands in the document; "" where the document is damaged."""
    if member.size_bytes > MAX_NAMED_BYTES:
        return ""
    with open_text(member) as file:
        try:
            document = json.loads(file.read())
            return text(inner(document, "playlist"), "title")[:200]
        except (ValueError, RecursionError, AttributeError):
            return ""


def _entry(row: int, playlist: str, value: Mapping[str, Any]) -> ImportedRow:
    more = inner(inner(inner(value, "extension"), EXTENSION), "additional_metadata")
    names = [text(artist, "artist_credit_name") for artist in members(more, "artists")]
    track = NamedTrack(
        title=text(value, "title"),
        artists=tuple(filter(None, names)) or one_artist(text(value, "creator")),
        album=text(value, "album"),
        duration_s=duration_s(value.get("duration"), 1e-3),
        isrc=isrc(more.get("isrc")),
        path=next((p for p in map(path_of_address, _addresses(value, "location")) if p), ""),
    )
    track = identified(track, (*_addresses(value, "identifier"), *_addresses(value, "location")))
    if not (track.title or track.path or track.recording_mbid or track.track_id):
        return LeftOut(row, "empty")
    return PlaylistEntry(row=row, playlist=playlist, track=track)


def _addresses(value: Mapping[str, Any], key: str) -> list[str]:
    found = value.get(key) or []
    listed: object = [found] if isinstance(found, str) else found
    if not isinstance(listed, list):
        raise ValueError(f"{key} must be an address or a list of them, got {shown(found)}")
    return [clean(one, key) for one in listed if isinstance(one, str)]


def write_jspf(name: str, tracks: Iterable[NamedTrack]) -> Iterator[str]:
    """Parts of a JSPF file (UTF-8)."""
    yield '{"playlist": {"title": ' + json.dumps(name) + ', "track": ['
    for n, track in enumerate(tracks):
        yield (",\n" if n else "\n") + json.dumps(_object(track))
    yield "\n]}}\n"


def _object(track: NamedTrack) -> dict[str, Any]:
    more: dict[str, Any] = {"artists": [{"artist_credit_name": name} for name in track.artists]}
    if track.isrc:
        more["isrc"] = track.isrc
    said: dict[str, Any] = {
        "identifier": list(identifiers_of(track)),
        "location": [address_of_path(track.path)] if track.path else [],
        "title": track.title,
        "creator": ", ".join(track.artists),
        "album": track.album,
        "duration": None if track.duration_s is None else round(track.duration_s * 1000),
        "extension": {EXTENSION: {"additional_metadata": more}},
    }
    return {key: part for key, part in said.items() if part not in (None, "", [])}


JSPF = Format(name="jspf", title="Playlist, JSPF", recognises=_is_jspf, rows=_read)
