"""YouTube and YouTube Music by Google Takeout, as HTML, which is what Takeout gives by default.

One file of a single line. It is cut at its cells, so that memory does not grow with it, and each
cell is read alone. Titles are links, so no words in the account's language stand around them; times
are written in that language (:mod:`segue.sources.youtube_dates`).
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import TextIO

from segue.data.imported import ImportedListen, ImportedRow, LeftOut, NamedTrack, RowProblem
from segue.errors import InvalidInputError
from segue.sources.base import Format, Member
from segue.sources.decoded import head_text, open_text
from segue.sources.values import clean, one_artist, video_id
from segue.sources.youtube import MUSIC, TOPIC
from segue.sources.youtube_dates import written_moment_s

MAX_CELL_CHARACTERS = 1 << 16
_CELL = '<div class="outer-cell'
_HEADER = re.compile(r'<p class="mdl-typography--title">(.*?)<', re.DOTALL)
_BODY = re.compile(
    r'<div class="content-cell[^"]*mdl-typography--body-1"[^>]*>(.*?)</div>', re.DOTALL
)
_LINK = re.compile(r'<a href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_LINE_END = re.compile(r"<br\s*/?>")
_TAG = re.compile(r"<[^>]*>")


def _is_html(member: Member) -> bool:
    head = head_text(member)
    return head.lstrip()[:1] == "<" and ("mdl-typography" in head and "YouTube" in head)


def _read(member: Member) -> Iterator[ImportedRow]:
    n_rows = 0
    with open_text(member) as file:
        for row, cell in enumerate(_cells(file), 1):
            n_rows = row
            try:
                if cell is None:
                    raise ValueError(f"the entry is over {MAX_CELL_CHARACTERS:,} characters")
                yield _watched(row, cell)
            except (ValueError, OverflowError) as error:
                yield RowProblem(row, str(error))
    if n_rows == 0:
        raise InvalidInputError("it holds no entries of a watch history")


def _cells(file: TextIO) -> Iterator[str | None]:
    """Each entry's markup; None for one that is too long."""
    kept, is_in_cell, is_too_long = "", False, False
    while chunk := file.read(MAX_CELL_CHARACTERS):
        *whole, kept = (kept + chunk).split(_CELL)
        for markup in whole:
            if is_in_cell:
                yield None if is_too_long or len(markup) > MAX_CELL_CHARACTERS else markup
            is_in_cell, is_too_long = True, False
        if len(kept) > MAX_CELL_CHARACTERS:
            is_too_long = is_in_cell
            kept = kept[-len(_CELL) :]
    if is_in_cell:
        yield None if is_too_long else kept


def _watched(row: int, cell: str) -> ImportedRow:
    if "Google Ads" in cell:
        return LeftOut(row, "advertisement")
    header, body = _HEADER.search(cell), _BODY.search(cell)
    if not header or not body:
        raise ValueError("the entry is cut off or is no entry of a watch history")
    links = [(unescape(url), _plain(words)) for url, words in _LINK.findall(body[1])]
    url, title = links[0] if links else ("", "")
    channel = links[1][1] if len(links) > 1 else ""
    is_music = _plain(header[1]) == MUSIC or url.startswith("https://music.youtube.com/")
    if not is_music and not channel.endswith(TOPIC):
        return LeftOut(row, "video")
    if not video_id(url) or not title or title.startswith(("https://", "http://")):
        return LeftOut(row, "removed")
    texts = [_plain(part) for part in _LINE_END.split(body[1])]
    when = next((part for part in reversed(texts) if part), "")
    return ImportedListen(
        row=row,
        track=NamedTrack(
            title=title,
            artists=one_artist(channel.removesuffix(TOPIC)),
            video_id=video_id(url),
        ),
        listened_at=written_moment_s(when),
    )


def _plain(markup: str) -> str:
    return clean(unescape(_TAG.sub("", markup)).replace("\xa0", " "), "entry")


HTML = Format(
    name="youtube-html",
    title="YouTube Music, Takeout as HTML",
    recognises=_is_html,
    rows=_read,
)
