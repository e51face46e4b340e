"""Shazam's library: what was looked up by ear; no plays, but marks of interest, read as loves.

A title line stands before ``Index,TagTime,Title,Artist,URL,TrackKey``.
"""

from collections.abc import Iterator

from segue.data.imported import ImportedListen, ImportedRow, NamedTrack
from segue.sources.base import Format, Member
from segue.sources.csv_rows import csv_rows
from segue.sources.decoded import head_text, lines, open_text
from segue.sources.moments import moment_s
from segue.sources.rows import each_record
from segue.sources.values import clean, one_artist

_HEADER = "Index,TagTime,Title,Artist,URL,TrackKey"


def _is_shazam(member: Member) -> bool:
    return any(line.strip() == _HEADER for line in head_text(member).splitlines()[:3])


def _read(member: Member) -> Iterator[ImportedRow]:
    with open_text(member) as file:
        for line in lines(file):
            if line.strip() == _HEADER:
                break
        yield from each_record(csv_rows(lines(file), ",", 4), _looked_up)


def _looked_up(row: int, cells: list[str]) -> ImportedRow:
    if len(cells) < 4:
        raise ValueError(f"the row has {len(cells)} cells, 6 are expected")
    title = clean(cells[2], "Title")
    if not title:
        raise ValueError("the row names no track")
    return ImportedListen(
        row=row,
        track=NamedTrack(title=title, artists=one_artist(clean(cells[3], "Artist"))),
        listened_at=moment_s(cells[1], "TagTime"),
        n_plays=0,
        loved=True,
    )


SHAZAM = Format(name="shazam", title="Shazam, library", recognises=_is_shazam, rows=_read)
