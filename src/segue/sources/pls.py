"""PLS playlists, read and written: ``[playlist]``, then File1, Title1, Length1 and so on."""

import re
from collections.abc import Iterable, Iterator

from segue.data.imported import ImportedRow, LeftOut, NamedTrack, PlaylistEntry, RowProblem
from segue.errors import InvalidInputError
from segue.sources.addresses import address_of_path, path_of_address
from segue.sources.base import Format, Member
from segue.sources.decoded import LongLine, head_text, lines, open_text
from segue.sources.m3u import stem
from segue.sources.values import clean, duration_s, one_artist, path_text, shown

MAX_ENTRIES = 200_000
_KEY = re.compile(r"\s*(File|Title|Length)(\d{1,7})\s*=(.*)", re.IGNORECASE)
_OTHER = re.compile(r"\s*(?:\[playlist\]|NumberOfEntries\s*=|Version\s*=|;|$)", re.IGNORECASE)


def _is_pls(member: Member) -> bool:
    return head_text(member).lstrip()[:10].lower() == "[playlist]"


def _read(member: Member) -> Iterator[ImportedRow]:
    entries: dict[int, dict[str, str]] = {}
    problems: list[str] = []
    with open_text(member) as file:
        for line in lines(file):
            found = _KEY.match(line.rstrip("\n"))
            if found and len(entries) < MAX_ENTRIES:
                # only a file that says where it lies is a row; numbers need not be in order
                entry = entries.setdefault(int(found[2]), {})
                entry[found[1].lower()] = found[3]
                entry.update({"too long": "yes"} if isinstance(line, LongLine) else {})
            elif found:
                raise InvalidInputError(f"it has more than {MAX_ENTRIES:,} entries")
            elif not _OTHER.match(line):
                problems.append(f"the line is neither File, Title nor Length: {shown(line)}")
    row = 0
    for number in sorted(entries):
        row += 1
        try:
            yield _entry(row, stem(member.name), entries[number])
        except ValueError as error:
            yield RowProblem(row, str(error))
    for problem in problems[:1_000]:
        row += 1
        yield RowProblem(row, problem)


def _entry(row: int, playlist: str, said: dict[str, str]) -> ImportedRow:
    if "too long" in said:
        raise ValueError("a line of it is longer than any title or path")
    artist, mark, title = clean(said.get("title", ""), "Title").partition(" - ")
    if not mark:
        artist, title = "", artist
    spelled = said.get("file", "")
    path = path_of_address(spelled) if "://" in spelled[:16] else path_text(spelled.strip())
    if not path and not title:
        return LeftOut(row, "empty")
    length = said.get("length", "").strip()
    return PlaylistEntry(
        row=row,
        playlist=playlist,
        track=NamedTrack(
            title=title.strip(),
            artists=one_artist(artist.strip()),
            duration_s=None if length.startswith("-") else duration_s(length),
            path=path,
        ),
    )


def write_pls(tracks: Iterable[NamedTrack]) -> Iterator[str]:
    """Lines of a PLS file, version 2; it has no place for the playlist's name.

    Raises:
        InvalidInputError: A track has no path, or a relative one with a line break.
    """
    yield "[playlist]\n"
    n_entries = 0
    for n_entries, track in enumerate(tracks, 1):
        is_plain = track.path == track.path.strip() and track.path.isprintable()
        if not track.path or not (is_plain or track.path.startswith("/")):
            raise InvalidInputError("PLS names tracks by path, and one has none that fits a line")
        credit = ", ".join(track.artists)
        title = " ".join((f"{credit} - {track.title}" if credit else track.title).split())
        yield f"File{n_entries}={track.path if is_plain else address_of_path(track.path)}\n"
        if title:
            yield f"Title{n_entries}={title}\n"
        length = -1 if track.duration_s is None else round(track.duration_s)
        yield f"Length{n_entries}={length}\n"
    yield f"NumberOfEntries={n_entries}\nVersion=2\n"


PLS = Format(name="pls", title="Playlist, PLS", recognises=_is_pls, rows=_read)
