"""XSPF playlists, read and written (XSPF version 1, xiph.org).

Declarations of types and entities are refused before anything is expanded.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from xml.sax.saxutils import escape

from segue.data.imported import ImportedRow, LeftOut, NamedTrack, PlaylistEntry, RowProblem
from segue.errors import InvalidInputError
from segue.sources.addresses import (
    address_of_path,
    identified,
    identifiers_of,
    path_of_address,
)
from segue.sources.base import Format, Member
from segue.sources.decoded import head_text
from segue.sources.m3u import stem
from segue.sources.values import clean, duration_s, one_artist

NAMESPACE = "http://xspf.org/ns/0/"
MAX_BYTES = 64 << 20


def _is_xspf(member: Member) -> bool:
    head = head_text(member)
    return "<playlist" in head and NAMESPACE in head


def _read(member: Member) -> Iterator[ImportedRow]:
    from defusedxml.ElementTree import iterparse

    if member.size_bytes > MAX_BYTES:
        raise InvalidInputError(f"the playlist has more than {MAX_BYTES:,} bytes")
    playlist, depth, row = stem(member.name), 0, 0
    with member.open() as file:
        try:
            for event, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
                depth += 1 if event == "start" else -1
                if event == "start":
                    continue
                name = _local_name(element)
                if name == "title" and depth == 1:
                    playlist = clean((element.text or "")[:200], "title") or playlist
                elif name == "track":
                    row += 1
                    yield _entry(row, playlist, element)
                    element.clear()
        except (SyntaxError, ValueError, LookupError) as error:  # a ParseError is a SyntaxError
            reason = f"the file is not XML from here on: {error or type(error).__name__}"
            if row == 0:
                raise InvalidInputError(reason) from error
            yield RowProblem(row + 1, reason)


def _local_name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _entry(row: int, playlist: str, element: Any) -> ImportedRow:
    said: dict[str, list[str]] = {}
    for child in element:
        said.setdefault(_local_name(child), []).append(child.text or "")
    try:
        track = NamedTrack(
            title=clean(said.get("title", [""])[0], "title"),
            artists=one_artist(clean(said.get("creator", [""])[0], "creator")),
            album=clean(said.get("album", [""])[0], "album"),
            duration_s=duration_s(said.get("duration", [""])[0].strip(), 1e-3),
            path=next((p for p in map(path_of_address, said.get("location", [])) if p), ""),
        )
    except ValueError as error:
        return RowProblem(row, str(error))
    track = identified(track, (*said.get("identifier", []), *said.get("location", [])))
    if not (track.title or track.path or track.recording_mbid or track.track_id):
        return LeftOut(row, "empty")
    return PlaylistEntry(row=row, playlist=playlist, track=track)


def write_xspf(name: str, tracks: Iterable[NamedTrack]) -> Iterator[str]:
    """Parts of an XSPF file (UTF-8); characters that XML cannot hold are left out."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<playlist version="1" xmlns="{NAMESPACE}">\n'
    yield f"  <title>{_xml(name)}</title>\n  <trackList>\n"
    for track in tracks:
        parts = [("location", address_of_path(track.path) if track.path else "")]
        parts += [("identifier", address) for address in identifiers_of(track)]
        parts += [("title", track.title), ("creator", ", ".join(track.artists))]
        parts += [("album", track.album)]
        if track.duration_s is not None:
            parts.append(("duration", str(round(track.duration_s * 1000))))
        inside = "".join(f"<{key}>{_xml(value)}</{key}>" for key, value in parts if value)
        yield f"    <track>{inside}</track>\n"
    yield "  </trackList>\n</playlist>\n"


def _xml(text: str) -> str:
    return escape("".join(c for c in text if _is_xml(ord(c))))


def _is_xml(code: int) -> bool:
    """Char of XML 1.0, production 2."""
    return (
        code in (0x9, 0xA, 0xD)
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or code >= 0x10000
    )


XSPF = Format(name="xspf", title="Playlist, XSPF", recognises=_is_xspf, rows=_read)
