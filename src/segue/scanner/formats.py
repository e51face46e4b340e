"""What a file really is, told by its first bytes (file signatures), against what its name says."""

# ruff: noqa: PTH122
# Paths stay strings here: a Path for each of a million files would cost more than its stat.

import os
from collections.abc import Iterable
from typing import BinaryIO

from segue.errors import MediaError

AUDIO_SUFFIXES = frozenset(
    (
        *(".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".m4b"),
        *(".mp4", ".aac", ".wav", ".aiff", ".aif", ".wma"),
    )
)
TAG_LIMIT_BYTES = 32 * 2**20
IMAGE_NAMES = ("cover", "folder", "front", "album")  # best first
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")

_MP4_SUFFIXES = (".m4a", ".m4b", ".mp4")
_ALLOWED = {
    ".mp3": ("MP3",),
    ".flac": ("FLAC",),
    ".aac": ("AAC", "MP4"),
    ".wav": ("WAV",),
    ".aiff": ("AIFF",),
    ".aif": ("AIFF",),
    ".wma": ("WMA",),
    **dict.fromkeys((".ogg", ".oga", ".opus"), ("Ogg",)),
    **dict.fromkeys(_MP4_SUFFIXES, ("MP4",)),
}
_FOREIGN = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x1a\x45\xdf\xa3", "a Matroska or WebM file"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"MThd", "a MIDI file"),
    (b"SQLite format 3", "a database"),
    (b"wvpk", "a WavPack file"),
    (b"MAC ", "a Monkey's Audio file"),
    (b"DSD ", "a DSD file"),
)
_PLAYLISTS = (b"#extm3u", b"[playlist]", b"<?xml", b"<asx", b"<smil", b"#extinf", b"file ")


def suffix_of(path: str) -> str:
    """The suffix of a path in lower case, with its dot.

    >>> suffix_of("/music/A.MP3")
    '.mp3'
    """
    return os.path.splitext(path)[1].lower()


def pick_folder_image(names: Iterable[str]) -> str | None:
    """The best folder image among file names, or None; the order of ``names`` does not matter.

    >>> pick_folder_image(["back.jpg", "Folder.png", "COVER.webp"])
    'COVER.webp'
    """
    found: list[tuple[int, int, str]] = []
    for name in names:
        stem, suffix = os.path.splitext(name.lower())
        if suffix in IMAGE_SUFFIXES and stem in IMAGE_NAMES:
            found.append((IMAGE_NAMES.index(stem), IMAGE_SUFFIXES.index(suffix), name))
    return min(found)[2] if found else None


def after_id3(fh: BinaryIO, size_bytes: int) -> int:
    """Offset of the first byte after any ID3v2 tags at the start (ID3v2.4 section 3.1).

    Raises:
        MediaError: the tag is larger than 32 MiB, or the file ends inside it.
    """
    offset = 0
    for _ in range(8):  # some taggers put one tag in front of another
        fh.seek(offset)
        header = fh.read(10)
        if len(header) < 10 or not header.startswith(b"ID3"):
            break
        tag = sum(
            (byte & 0x7F) << shift for byte, shift in zip(header[6:], (21, 14, 7, 0), strict=True)
        )
        if tag > TAG_LIMIT_BYTES:
            raise MediaError(f"its tags claim {tag / 2**20:.0f} MiB; at most 32 MiB are read")
        offset += 10 + tag + (10 if header[5] & 0x10 else 0)
        if offset >= size_bytes:
            raise MediaError("the file ends inside its tags: there is no sound in it")
    return offset


def content_kind(head: bytes) -> str:
    r"""The container that the first bytes announce, or "" when they announce none of ours.

    >>> content_kind(b"OggS\x00"), content_kind(b"hello")
    ('Ogg', '')
    """
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"):
        return "MP4"
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "WAV"
    if head.startswith(b"FORM") and head[8:12] in (b"AIFF", b"AIFC"):
        return "AIFF"
    for magic, kind in (
        (b"fLaC", "FLAC"),
        (b"OggS", "Ogg"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMA"),
    ):
        if head.startswith(magic):
            return kind
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return "AAC" if head[1] & 0xF6 == 0xF0 else "MP3"
    return ""


def check_content(suffix: str, head: bytes) -> str:
    """The container of a file, after a check that it is what the name says.

    Args:
        suffix: of the file name, one of :data:`AUDIO_SUFFIXES`.
        head: the first bytes after any ID3v2 tag; 512 are enough.

    Returns:
        The kind as :func:`content_kind` names it; "" for an MP3 that starts with junk.

    Raises:
        MediaError: it is something else; the message says what.
    """
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            raise MediaError(f"it is {what}, not music")
    if head and looks_like_text(head):
        lowered = head.lstrip().lower()
        what = "a playlist or a page" if lowered.startswith(_PLAYLISTS) else "a text file"
        raise MediaError(f"it is {what}, not music")
    if head and not head.strip(b"\x00"):
        if suffix != ".mp3":
            raise MediaError("it holds only zeros where the sound should begin")
        return ""
    kind = content_kind(head)
    if kind in _ALLOWED.get(suffix, ()) or (suffix == ".mp3" and not kind):
        return kind
    if kind:
        raise MediaError(f"it is in truth a file of type {kind}, named {suffix}: rename it")
    raise MediaError(f"its first bytes are not those of a {suffix} file")


def looks_like_text(head: bytes) -> bool:
    """Whether bytes are UTF-8 or ASCII text with no control characters."""
    try:
        text = head[: len(head) - 3 if len(head) > 100 else None].decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(char.isprintable() or char in "\t\r\n\ufeff" for char in text)
