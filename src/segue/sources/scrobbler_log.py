"""``.scrobbler.log`` of portable players (Rockbox): tab-separated, Audioscrobbler log format 1.1.

A log with ``#TZ/UNKNOWN`` was written by a player that knows no zone; its times are read as UTC.
"""

import re
from collections.abc import Iterator

from segue.data.imported import ImportedListen, ImportedRow, NamedTrack, RowProblem
from segue.sources.base import Format, Member
from segue.sources.decoded import LongLine, head_text, lines, open_text
from segue.sources.moments import moment_s
from segue.sources.values import clean, duration_s, mbid, one_artist, shown

_COLUMNS = ("artist", "album", "title", "track number", "length", "rating", "timestamp", "mbid")
_MARK = re.compile(r"#AUDIOSCROBBLER/1\.\d")


def _is_log(member: Member) -> bool:
    return bool(_MARK.match(head_text(member).lstrip()))


def _read(member: Member) -> Iterator[ImportedRow]:
    row = 0
    with open_text(member) as file:
        for line in lines(file):
            if line.startswith("#") or not line.strip():
                continue
            row += 1
            try:
                if isinstance(line, LongLine):
                    raise ValueError("the line is longer than any row of music")
                yield _played(row, line.rstrip("\n").split("\t"))
            except (ValueError, OverflowError) as error:
                yield RowProblem(row, str(error))


def _played(row: int, cells: list[str]) -> ImportedListen:
    if not 7 <= len(cells) <= len(_COLUMNS):
        raise ValueError(f"the row has {len(cells)} cells, 7 or 8 are expected")
    artist, album, title = (
        clean(cell, name) for cell, name in zip(cells, _COLUMNS[:3], strict=False)
    )
    if cells[5] not in ("L", "S"):
        raise ValueError(f"rating must be L (listened) or S (skipped), got {shown(cells[5])}")
    if not title:
        raise ValueError("the row names no track")
    return ImportedListen(
        row=row,
        track=NamedTrack(
            title=title,
            artists=() if artist == "<Untagged>" else one_artist(artist),
            album=album,
            duration_s=duration_s(cells[4]),
            recording_mbid=mbid(cells[7]) if len(cells) == 8 else "",
        ),
        listened_at=moment_s(cells[6], "timestamp"),
        is_skip=cells[5] == "S",
    )


SCROBBLER_LOG = Format(
    name="scrobbler-log",
    title="Portable player, .scrobbler.log",
    recognises=_is_log,
    rows=_read,
)
