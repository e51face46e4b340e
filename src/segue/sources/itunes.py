"""iTunes' and Music's Library.xml: counts, ratings, loves, and playlists made by hand.

A property list whose track records are flat, so it is cut at its innermost ``<dict>`` elements and
each is parsed alone: memory grows with the number of tracks (their names, for the playlists), and
one malformed record costs itself only. Entities that a document declares are refused.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TextIO
from urllib.parse import unquote, urlsplit

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
from segue.sources.decoded import head_text, open_text
from segue.sources.moments import SECONDS_1904_TO_1970, moment_s
from segue.sources.values import clean, count, duration_s, one_artist, path_text, stars, text

MAX_TRACKS = 2_000_000
_MAX_RECORD = 1 << 17
_CHUNK = 1 << 18
_OTHER = (("Podcast", "podcast"), ("Audiobooks", "audiobook"), ("Movie", "video"),
          ("TV Show", "video"), ("Music Video", "video"), ("Has Video", "video"))  # fmt: skip
_NAME = re.compile(r"<key>Name</key>\s*<string>([^<]*)</string>")
# made by iTunes itself, or computed anew by rules: not a listener's choice of tracks
_NOT_BY_HAND = ("<key>Master</key>", "<key>Distinguished Kind</key>", "<key>Folder</key>",
                "<key>Smart Info</key>", "<key>Smart Criteria</key>")  # fmt: skip


def _is_library(member: Member) -> bool:
    head = head_text(member)
    return "<plist" in head[:2_000] and "<key>Tracks</key>" in head


def _read(member: Member) -> Iterator[ImportedRow]:
    head = head_text(member)
    doctype = head.partition("<plist")[0]
    if "<!ENTITY" in head or "[" in doctype.partition("<!DOCTYPE")[2]:
        raise InvalidInputError("it declares XML entities, which no music library does")
    with open_text(member) as file:
        yield from _Library().rows(file)


class _Library:
    """What has been read so far: tracks by their id, and the playlist that is open."""

    def __init__(self) -> None:
        self._tracks: dict[str, NamedTrack] = {}
        self._is_in_playlists = False
        self._playlist = ""

    def rows(self, file: TextIO) -> Iterator[ImportedRow]:
        row = 0
        for before, inside, problem in _innermost(file):
            if "<key>Playlists</key>" in before:
                self._is_in_playlists = True
            elif not self._is_in_playlists and "<key>Track ID</key>" in before:
                row += 1
                yield RowProblem(row, "the record of a track does not end")
            if self._is_in_playlists:
                self._open_playlist(before)
            if self._is_in_playlists and not self._playlist:
                continue
            row += 1
            if problem:
                yield RowProblem(row, problem)
                continue
            try:
                yield self._row(row, _values(inside))
            except (ValueError, OverflowError) as error:
                yield RowProblem(row, str(error))
        if row == 0:
            raise InvalidInputError("it holds no tracks")

    def _open_playlist(self, before: str) -> None:
        """The name that was written before the entries, or "" for a playlist not made by hand."""
        if "<key>Playlist ID</key>" not in before:
            return
        about = before[before.rfind("<dict>") :]
        names = _NAME.findall(about)
        by_hand = names and not any(mark in about for mark in _NOT_BY_HAND)
        self._playlist = _text_of_xml(names[-1]) if by_hand else ""

    def _row(self, row: int, value: Mapping[str, object]) -> ImportedRow:
        track_id = text(value, "Track ID")
        if self._is_in_playlists:
            if track_id not in self._tracks:
                raise ValueError(f"the playlist names a track {track_id[:20]} that is not listed")
            return PlaylistEntry(
                row=row, playlist=self._playlist[:200], track=self._tracks[track_id]
            )
        for key, kind in _OTHER:
            if value.get(key) is True:
                return LeftOut(row, kind)  # pyright: ignore[reportArgumentType]
        track = _track(value)
        if len(self._tracks) < MAX_TRACKS:
            self._tracks[track_id] = track
        return _counts(row, track, value)


def _track(value: Mapping[str, object]) -> NamedTrack:
    title = text(value, "Name")
    if not title:
        raise ValueError("the record names no track")
    return NamedTrack(
        title=title,
        artists=one_artist(text(value, "Artist")),
        album=text(value, "Album"),
        duration_s=duration_s(value.get("Total Time"), 1e-3),
        path=_path(str(value.get("Location") or "")),
    )


def _counts(row: int, track: NamedTrack, value: Mapping[str, object]) -> ImportedRow:
    rating = None
    if value.get("Rating Computed") is not True:  # else it is the album's
        rating = stars(value.get("Rating"), "Rating", 100)
    loved = value.get("Loved") is True or value.get("Favorited") is True
    disliked = value.get("Disliked") is True
    n_plays = count(value.get("Play Count"), "Play Count")
    n_skips = count(value.get("Skip Count"), "Skip Count")
    if not (n_plays or n_skips or rating or loved or disliked):
        return LeftOut(row, "empty")  # in the library, never played
    added = value.get("Date Added")
    return ImportedListen(
        row=row,
        track=track,
        listened_at=_last_played(value) if n_plays else None,
        n_plays=n_plays,
        n_skips=n_skips,
        first_at=moment_s(added, "Date Added") if added else None,
        rating=rating,
        loved=loved,
        disliked=disliked,
    )


def _last_played(value: Mapping[str, object]) -> float | None:
    if value.get("Play Date UTC"):
        return moment_s(value["Play Date UTC"], "Play Date UTC")
    since_1904 = value.get("Play Date")
    if isinstance(since_1904, str) and since_1904.isdecimal() and len(since_1904) < 12:
        return moment_s(int(since_1904) - SECONDS_1904_TO_1970, "Play Date")
    return None


def _path(location: str) -> str:
    """Path of a file:// address; "" for what is played from elsewhere."""
    if not location.startswith("file://"):
        return ""
    path = path_text(unquote(urlsplit(location).path))
    return path[1:] if path[2:3] == ":" else path  # /C:/Music


def _values(inside: str) -> dict[str, object]:
    """The record as a mapping; numbers stay text, ``<true/>`` and ``<false/>`` are booleans."""
    from defusedxml.ElementTree import fromstring

    try:
        parts = list(fromstring(f"<dict>{inside}</dict>", forbid_dtd=True))
    except (SyntaxError, ValueError) as error:  # a ParseError is a SyntaxError
        raise ValueError(f"the record is not XML: {error}") from None
    values: dict[str, object] = {}
    for key, value in zip(parts[::2], parts[1::2], strict=False):
        if key.tag != "key":
            raise ValueError("the record does not go key, value, key, value")
        is_flag = value.tag in ("true", "false")
        values[key.text or ""] = value.tag == "true" if is_flag else value.text or ""
    return values


def _text_of_xml(markup: str) -> str:
    from defusedxml.ElementTree import fromstring

    try:
        return clean(fromstring(f"<a>{markup}</a>", forbid_dtd=True).text or "", "Name")
    except (SyntaxError, ValueError):
        return clean(markup, "Name") if len(markup) < 200 else "iTunes"


def _innermost(file: TextIO) -> Iterator[tuple[str, str, str]]:
    """Each innermost ``<dict>``: the text since the one before it, what is inside, a problem."""
    text, before = "", ""
    while chunk := file.read(_CHUNK):
        text += chunk
        at = 0
        while (end := text.find("</dict>", at)) >= 0:
            start = text.rfind("<dict>", at, end)
            if start < 0:  # the end of an outer one
                before += text[at:end]
            else:
                yield (before + text[at:start])[-_MAX_RECORD:], text[start + 6 : end], ""
                before = ""
            at = end + 7
        before = before[-_MAX_RECORD:]
        text = text[at:]
        if len(text) > _MAX_RECORD:
            if "<dict>" in text:
                yield before, "", f"the record is longer than {_MAX_RECORD:,} characters"
                before = ""
            text = text[-len("</dict>") :]
    if "<key>Track ID</key>" in text:
        yield before, "", "the file is cut off inside this record"


ITUNES = Format(
    name="itunes",
    title="iTunes or Music, Library.xml",
    recognises=_is_library,
    rows=_read,
)
