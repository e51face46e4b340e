"""M3U and M3U8 playlists, read and written: plain lists of paths, and the extended form.

Of the extended form ``#EXTINF:seconds,Artist - Title``, ``#PLAYLIST``, ``#EXTALB`` and ``#EXTART``
are read. Paths are given as they are spelled, relative to where the file lay; ``file://`` addresses
are decoded. There is no standard; the directives are those of common players.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from segue.data.imported import ImportedRow, LeftOut, NamedTrack, PlaylistEntry, RowProblem
from segue.errors import InvalidInputError
from segue.sources.addresses import address_of_path, path_of_address
from segue.sources.base import Format, Member
from segue.sources.decoded import LongLine, head_text, lines, open_text
from segue.sources.values import clean, duration_s, one_artist, path_text

_INFO = re.compile(r'#EXTINF:\s*(-?[\d.]+)?((?:\s+[\w-]+="[^"]*")*)\s*,?(.*)', re.DOTALL)
_AUDIO = re.compile(r"\.(?:mp3|flac|ogg|oga|opus|m4a|aac|mp4|wma|wav|aiff?|ape|wv|mpc|alac|dsf)$",
                    re.IGNORECASE)  # fmt: skip
_LONG = "too long"


def _is_m3u(member: Member) -> bool:
    first = [line.strip() for line in head_text(member).splitlines()[:40]]
    if any(line.startswith("#EXTM3U") for line in first[:3]):
        return True
    paths = [line for line in first if line and not line.startswith("#")]
    return bool(paths) and all(_AUDIO.search(path) and "," not in path[:1] for path in paths[:20])


def _read(member: Member) -> Iterator[ImportedRow]:
    playlist, row, about = stem(member.name), 0, dict[str, str]()
    with open_text(member) as file:
        for line in lines(file):
            text = line.strip("\n\x00\ufeff")
            is_long = isinstance(line, LongLine)
            if not text.strip() or text.startswith("#"):
                playlist = _directive(text, about) or playlist
                about.update({_LONG: "yes"} if is_long else {})
                continue
            row += 1
            try:
                if is_long or _LONG in about:
                    raise ValueError("a line of it is longer than any title or path")
                yield _entry(row, playlist, text, about)
            except (ValueError, OverflowError) as error:
                yield RowProblem(row, str(error))
            about.clear()


def stem(name: str) -> str:
    """What a playlist without a name is called: its file."""
    return PurePosixPath(name).stem or "Playlist"


def _directive(line: str, about: dict[str, str]) -> str:
    """Remember what is said about the next track; the name of the playlist, if it is that."""
    mark, _, value = line.partition(":")
    if mark == "#PLAYLIST":
        return clean(value[:200], "playlist")
    if mark in ("#EXTINF", "#EXTALB", "#EXTART"):
        about[mark] = line if mark == "#EXTINF" else value
    return ""


def _entry(row: int, playlist: str, spelled: str, about: dict[str, str]) -> ImportedRow:
    info = _INFO.match(about.get("#EXTINF", ""))
    title = clean(info[3], "title") if info else ""
    artist = clean(about.get("#EXTART", ""), "artist")
    if not artist and " - " in title:
        artist, title = (part.strip() for part in title.split(" - ", 1))
    path = _path(spelled)
    if not path and not title:
        return LeftOut(row, "empty")  # a stream without a name
    return PlaylistEntry(
        row=row,
        playlist=playlist,
        track=NamedTrack(
            title=title,
            artists=one_artist(artist),
            album=clean(about.get("#EXTALB", ""), "album"),
            duration_s=duration_s(info[1]) if info and info[1] else None,
            path=path,
        ),
    )


def _path(spelled: str) -> str:
    if "://" in spelled[:16]:
        return path_of_address(spelled)
    path = path_text(spelled)
    if not path:
        raise ValueError("a path has at most 4,096 characters and no NUL")
    return path[2:] if path.startswith(("./#", "./ ")) else path


def write_m3u(name: str, tracks: Iterable[NamedTrack]) -> Iterator[str]:
    """Lines of an M3U8 file (UTF-8, newline at the end of each).

    Raises:
        InvalidInputError: A track has no path, or a relative one with a line break.
    """
    yield "#EXTM3U\n"
    yield f"#PLAYLIST:{_one_line(name)}\n"
    for track in tracks:
        length = -1 if track.duration_s is None else round(track.duration_s)
        credit = ", ".join(track.artists)
        title = f"{credit} - {track.title}" if credit else track.title
        if title:
            yield f"#EXTINF:{length},{_one_line(title)}\n"
        if track.album:
            yield f"#EXTALB:{_one_line(track.album)}\n"
        yield _spelled(track.path) + "\n"


def _spelled(path: str) -> str:
    if not path:
        raise InvalidInputError("M3U names tracks by path, and one has none; write JSPF or XSPF")
    is_plain = path == path.strip() and "\n" not in path and "\r" not in path
    if is_plain and "://" not in path[:16] and path.isprintable():
        return f"./{path}" if path.startswith("#") else path
    if path.startswith("/"):
        return address_of_path(path)
    raise InvalidInputError(
        f"the relative path {path[:60]!r} cannot stand in a line of M3U; write JSPF or XSPF"
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


M3U = Format(name="m3u", title="Playlist, M3U or M3U8", recognises=_is_m3u, rows=_read)
