"""Lyrics from a tag or from a file beside the music, as plain lines.

LRC has no standard; this reads what players write: ``[mm:ss.xx]`` before a line, any number of
them, ``<mm:ss.xx>`` before a word ("enhanced"), and ``[ar:...]`` headers.
"""

import codecs
import re

MAX_LYRICS_BYTES = 256 * 1024
MAX_LYRICS_CHARS = 20_000

_TIME = re.compile(r"[\[<]\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?[\]>]")
_HEADER = re.compile(r"^\[[a-z#_]{1,12}:[^\]]*\]\s*$", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def lyrics_of_file(data: bytes) -> str:
    """The words of an ``.lrc`` or ``.txt`` file.

    Only the first 256 KiB are read. A byte order mark decides; then UTF-8; what is neither is read
    as Windows-1252 with unknown bytes left out, as Western files from before UTF-8 are.

    >>> lyrics_of_file("[00:12.00]Ruhe, dann Sturm".encode("cp1252"))
    'Ruhe, dann Sturm'
    """
    return lyrics_of_text(_decoded(data[:MAX_LYRICS_BYTES], is_cut=len(data) > MAX_LYRICS_BYTES))


def lyrics_of_text(text: str) -> str:
    r"""The words of lyrics with or without time stamps, at most 20,000 characters.

    Time stamps, headers and control characters go; lines stay, in the order of the file, and at
    most one empty line stands between two.

    >>> lyrics_of_text("[ar:A]\n[00:01.00][00:30.00]La la\n\n\n[00:09]<00:09.10>Oh <00:09.90>no")
    'La la\n\nOh no'
    """
    lines: list[str] = []
    unmarked = text[: 4 * MAX_LYRICS_CHARS].replace("\r\n", "\n").replace("\r", "\n")
    for line in unmarked.split("\n"):
        stripped = line.strip().lstrip("\ufeff")
        if _HEADER.match(stripped) and not _TIME.match(stripped):
            continue
        words = " ".join(_CONTROL.sub("", _TIME.sub(" ", stripped)).split())
        if words or (lines and lines[-1]):
            lines.append(words)
    return "\n".join(lines).strip()[:MAX_LYRICS_CHARS]


def _decoded(data: bytes, *, is_cut: bool) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, "ignore")
    try:
        # a cut may fall within a letter, which is no reason to doubt the encoding
        return codecs.getincrementaldecoder("utf-8")().decode(data, final=not is_cut)
    except UnicodeDecodeError:
        return data.decode("cp1252", "ignore")
