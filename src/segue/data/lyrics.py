"""Lyrics from a tag or from a file beside the music: plain lines, or lines with their times.

LRC has no standard; this reads what players write: ``[mm:ss.xx]`` before a line, any number of
them, ``<mm:ss.xx>`` before a word ("enhanced", not kept), and ``[ar:...]`` headers, of which
``[offset:...]`` counts.

Kept lyrics are one text. It is plain, or every line begins with ``[mm:ss.mmm]`` and lines stand in
the order of their times; :func:`lines_of` and :func:`words_of` read both.
"""

import codecs
import re
from typing import NamedTuple

MAX_LYRICS_BYTES = 256 * 1024
MAX_LYRICS_CHARS = 20_000

_TIME = re.compile(r"[\[<]\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?[\]>]")
_STAMP = re.compile(r"\[(\d{1,3}):(\d{1,2})(?:[.:](\d{1,3}))?\]\s*")
_HEADER = re.compile(r"^\[[a-z#_]{1,12}:[^\]]*\]\s*$", re.IGNORECASE)
_OFFSET = re.compile(r"^\[offset:\s*([+-]?\d{1,7})\s*\]$", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_KEPT = re.compile(r"\[(\d{2,}):(\d{2})\.(\d{3})\](.*)")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Line(NamedTuple):
    """One line of lyrics.

    Attributes:
        words: what is sung, "" for a pause or between verses.
        start_ms: when it begins, milliseconds into the track; None in plain lyrics.
    """

    words: str
    start_ms: int | None = None


def lyrics_of_file(data: bytes) -> str:
    """The lyrics of an ``.lrc`` or ``.txt`` file, in the form that is kept.

    Only the first 256 KiB are read. A byte order mark decides; then UTF-8; what is neither is read
    as Windows-1252 with unknown bytes left out, as Western files from before UTF-8 are.

    >>> lyrics_of_file("Ruhe, dann Sturm".encode("cp1252"))
    'Ruhe, dann Sturm'
    """
    return lyrics_of_text(_decoded(data[:MAX_LYRICS_BYTES], is_cut=len(data) > MAX_LYRICS_BYTES))


def lyrics_of_text(text: str) -> str:
    r"""Lyrics with or without times in the form that is kept, at most 20,000 characters.

    Headers, times of words and control characters go, and at most one empty line stands between
    two. A line with several times is sung as often; one without any among timed ones belongs to the
    line before it. A positive offset makes all lines earlier. Fewer than two different times say
    nothing about where one is: such lyrics are plain.

    >>> lyrics_of_text("[ar:A]\n[00:01.00][00:30.5]La la\n\n\n[00:09]<00:09.10>Oh <00:09.90>no")
    '[00:01.000]La la\n[00:01.000]\n[00:09.000]Oh no\n[00:30.500]La la'
    >>> lyrics_of_text("[ar:A]\n[00:00.00]La la\n[00:00.00]Oh no")
    'La la\nOh no'
    """
    rows, offset_ms = _rows(text)
    timed = [
        (max(0, start_ms - offset_ms), words) for starts, words in _carried(rows)
        for start_ms in starts
    ]  # fmt: skip
    timed = _no_two_silent(sorted(timed, key=lambda one: one[0]))
    if len({start_ms for start_ms, words in timed if words}) < 2:
        return "\n".join(_no_two_empty([words for _, words in rows])).strip()[:MAX_LYRICS_CHARS]
    kept = "\n".join(_stamp(start_ms) + words for start_ms, words in timed)
    return kept if len(kept) <= MAX_LYRICS_CHARS else kept[: kept.rfind("\n", 0, MAX_LYRICS_CHARS)]


def lines_of(kept: str) -> list[Line]:
    r"""The lines of kept lyrics.

    >>> lines_of("[00:01.500]One\n[01:00.000]Two")
    [Line(words='One', start_ms=1500), Line(words='Two', start_ms=60000)]
    """
    return [
        Line(found[4], _milliseconds(found[1], found[2], found[3])) if found else Line(line)
        for line in (kept.split("\n") if kept else ())
        for found in (_KEPT.fullmatch(line),)
    ]


def words_of(kept: str) -> str:
    r"""Kept lyrics without their times.

    >>> words_of("[00:01.000]One\n[00:02.000]\n[00:03.000]Two")
    'One\n\nTwo'
    """
    return "\n".join(line.words for line in lines_of(kept)).strip()


def is_timed(kept: str) -> bool:
    """Whether kept lyrics say when their lines begin."""
    return _KEPT.match(kept) is not None


def _rows(text: str) -> tuple[list[tuple[list[int], str]], int]:
    """Times in milliseconds and words of every line, and the offset."""
    rows: list[tuple[list[int], str]] = []
    offset_ms = 0
    even = text[: 4 * MAX_LYRICS_CHARS].replace("\r\n", "\n").replace("\r", "\n")
    for line in even.strip().split("\n"):
        stripped = line.strip().lstrip("\ufeff")
        if said := _OFFSET.match(stripped):
            offset_ms = int(said[1])
        if _HEADER.match(stripped) and not _TIME.match(stripped):
            continue
        starts, at = list[int](), 0
        while found := _STAMP.match(stripped, at):
            starts.append(_milliseconds(found[1], found[2], found[3] or ""))
            at = found.end()
        rows.append((starts, " ".join(_CONTROL.sub("", _TIME.sub(" ", stripped)).split())))
    return rows, offset_ms


def _carried(rows: list[tuple[list[int], str]]) -> list[tuple[list[int], str]]:
    """Lines without a time take those of the line before, the first ones that of the beginning."""
    carried: list[tuple[list[int], str]] = []
    last: list[int] = [0] if any(starts for starts, _ in rows) else []
    for starts, words in rows:
        last = starts or last
        carried.append((last, words))
    return carried


def _no_two_empty(lines: list[str]) -> list[str]:
    before = ["", *lines]
    return [line for line, last in zip(lines, before, strict=False) if line or last]


def _no_two_silent(timed: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Of several empty lines in a row the first stays; at the beginning and the end none does."""
    kept: list[tuple[int, str]] = []
    for start_ms, words in timed:
        if words or (kept and kept[-1][1]):
            kept.append((start_ms, words))
    if kept and not kept[-1][1]:
        kept.pop()
    return kept


def _stamp(start_ms: int) -> str:
    return f"[{start_ms // 60_000:02}:{start_ms // 1000 % 60:02}.{start_ms % 1000:03}]"


def _milliseconds(minutes: str, seconds: str, part: str) -> int:
    """``part`` are the digits behind the point: "5", "50" and "500" are half a second."""
    return (int(minutes) * 60 + int(seconds)) * 1000 + int(part.ljust(3, "0"))


def _decoded(data: bytes, *, is_cut: bool) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, "ignore")
    try:
        # a cut may fall within a letter, which is no reason to doubt the encoding
        return codecs.getincrementaldecoder("utf-8")().decode(data, final=not is_cut)
    except UnicodeDecodeError:
        return data.decode("cp1252", "ignore")
