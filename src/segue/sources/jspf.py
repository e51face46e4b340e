"""JSPF playlists, read and written: XSPF as JSON, with ListenBrainz' extension for artists.

``identifier`` is a list of addresses, in older files a single one. Artists stand one by one in
``additional_metadata.artists`` of the extension, as ListenBrainz writes them. A playlist by rules
carries them in an extension of ours, before the tracks that they chose when it was written.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from segue.data.imported import (
    ImportedRow,
    LeftOut,
    NamedTrack,
    PlaylistEntry,
    PlaylistRules,
)
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
RULES = "urn:segue:rules"
MAX_RULES_CHARACTERS = 10_000
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
    named, rules = _said(member)
    playlist = named or stem(member.name)
    if rules:
        yield PlaylistRules(row=1, playlist=playlist, rules=rules)
    with open_text(member) as file:
        found = json_rows(file, ("track", "tracks"))
        yield from each_object(
            (one._replace(row=one.row + bool(rules)) for one in found),
            lambda one: _entry(one.row, playlist, one.value),
        )


def _said(member: Member) -> tuple[str, str]:
    """Title and rules (JSON), wherever they stand; "" for what is not said or is damaged."""
    if member.size_bytes > MAX_NAMED_BYTES:
        return "", ""
    with open_text(member) as file:
        try:
            playlist = inner(json.loads(file.read()), "playlist")
            name = text(playlist, "title")[:200]
        except (ValueError, RecursionError, AttributeError):
            return "", ""
    try:
        said = members(inner(playlist, "extension"), RULES)
        rules = json.dumps(said[0]) if said else ""
    except (ValueError, RecursionError):
        return name, ""
    return name, rules if len(rules) <= MAX_RULES_CHARACTERS else ""


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


def write_jspf(
    name: str, tracks: Iterable[NamedTrack], rules: Mapping[str, Any] | None = None
) -> Iterator[str]:
    """Parts of a JSPF file (UTF-8); ``rules`` are those of a playlist that is made by rules."""
    more = {} if rules is None else {"extension": {RULES: [rules]}}
    head = json.dumps({"title": name, **more})
    yield '{"playlist": ' + head[:-1] + ', "track": ['
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
