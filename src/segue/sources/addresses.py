"""Addresses in playlists: where a track lies and which one it is, as XSPF and JSPF write them."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, unquote, urlsplit

from msgspec.structs import replace

from segue.data.imported import NamedTrack
from segue.sources.values import mbid, path_text, spotify_id

_RECORDING = re.compile(r"musicbrainz\.org/recording/([0-9a-fA-F-]{36})")
_OWN = "urn:segue:track:"
_DRIVE = re.compile(r"/[A-Za-z]:[/\\]")


def path_of_address(address: str) -> str:
    """The path that a file:// or relative address stands for; "" for one on another host.

    >>> path_of_address("file:///music/a%20b.flac"), path_of_address("http://host/a.mp3")
    ('/music/a b.flac', '')
    """
    address = address.strip()
    if address[:5].lower() == "file:":
        path = unquote(urlsplit(address).path, errors="surrogateescape")
        return path_text(path[1:] if _DRIVE.match(path) else path)
    if "://" in address[:16]:
        return ""
    return path_text(unquote(address, errors="surrogateescape"))


def address_of_path(path: str) -> str:
    """The address of an absolute path as file://, of a relative one as it is; RFC 3986 escapes.

    >>> address_of_path("/music/a b.flac"), address_of_path("a#1.mp3")
    ('file:///music/a%20b.flac', 'a%231.mp3')
    """
    escaped = quote(path, errors="surrogateescape")
    return f"file://{escaped}" if path.startswith("/") else escaped


def identifiers_of(track: NamedTrack) -> Iterator[str]:
    """What names the track elsewhere, the most widely known first."""
    if track.recording_mbid:
        yield f"https://musicbrainz.org/recording/{track.recording_mbid}"
    if track.spotify_id:
        yield f"https://open.spotify.com/track/{track.spotify_id}"
    if track.track_id:
        yield _OWN + quote(track.track_id, safe="")


def identified(track: NamedTrack, identifiers: Iterable[str]) -> NamedTrack:
    """The track with the ids that the addresses hold."""
    for address in identifiers:
        recording = _RECORDING.search(address)
        if recording:
            track = replace(track, recording_mbid=mbid(recording[1]))
        elif address.startswith(_OWN):
            track = replace(track, track_id=unquote(address[len(_OWN) :])[:64])
        elif spotify_id(address):
            track = replace(track, spotify_id=spotify_id(address))
    return track
