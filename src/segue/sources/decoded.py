"""Members as text: the encoding is judged by a mark or by the first bytes, never by the system.

UTF-8, UTF-16 and UTF-32 with a mark, UTF-16 without one, else Windows-1252, which holds Latin-1.
Bytes that do not fit come through as lone surrogates, so that the row they stand in can be refused.
"""

import codecs
import io
from collections.abc import Iterator
from functools import lru_cache
from typing import TextIO

from segue.sources.base import HEAD_BYTES, Member

MAX_LINE_CHARACTERS = 1 << 18
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNDEFINED_1252 = frozenset(b"\x81\x8d\x8f\x90\x9d")


def sniff_encoding(head: bytes) -> str:
    """Name of the codec that the text beginning with ``head`` is written in.

    >>> sniff_encoding("Ä".encode()), sniff_encoding("Ä".encode("latin-1"))
    ('utf-8', 'cp1252')
    """
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return codec
    even, odd = head[0::2], head[1::2]
    half = max(1, len(even))
    if odd.count(0) > 0.4 * half and even.count(0) < 0.1 * half:
        return "utf-16-le"
    if even.count(0) > 0.4 * half and odd.count(0) < 0.1 * half:
        return "utf-16-be"
    return "utf-8" if _is_utf8(head) else _eight_bits(head)


def _is_utf8(head: bytes) -> bool:
    """Valid, or invalid in a few places while most of what is not ASCII is valid."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    text = decoder.decode(head, len(head) < HEAD_BYTES)
    if text.isascii():
        return True
    n_bad = sum("\udc80" <= c <= "\udcff" for c in text)
    n_good = sum(c >= "\x80" for c in text) - n_bad
    return n_bad <= n_good // 4


def _eight_bits(head: bytes) -> str:
    return "latin-1" if _UNDEFINED_1252 & set(head) else "cp1252"


def open_text(member: Member, encoding: str | None = None) -> TextIO:
    """The member as text; any line end reads as a newline.

    Raises:
        InvalidInputError: It cannot be opened.
    """
    codec = encoding or sniff_encoding(member.head())
    errors = "surrogateescape" if codec.startswith("utf-8") else "replace"
    return io.TextIOWrapper(member.open(), encoding=codec, errors=errors, newline=None)


@lru_cache(maxsize=4)
def head_text(member: Member) -> str:
    """The first characters, as far as they can be read; a mark is left out."""
    head = member.head()
    codec = sniff_encoding(head)
    return head[: HEAD_BYTES - HEAD_BYTES % 4].decode(codec, "replace").removeprefix("\ufeff")


class LongLine(str):
    """The first characters of a line over :data:`MAX_LINE_CHARACTERS`; the rest is skipped."""

    __slots__ = ()


def lines(file: TextIO) -> Iterator[str]:
    """Lines with their newline; a :class:`LongLine` for one that is too long for any row."""
    while line := file.readline(MAX_LINE_CHARACTERS):
        if len(line) < MAX_LINE_CHARACTERS or line.endswith("\n"):
            yield line
            continue
        first = line[:100]
        while line and not line.endswith("\n"):
            line = file.readline(MAX_LINE_CHARACTERS)
        yield LongLine(first)
