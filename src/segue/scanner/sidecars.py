"""Files of lyrics beside the music: which belong to which track, and what they say."""

# ruff: noqa: PTH122, PTH123
# Paths stay strings here: a Path for each of a million files would cost more than its stat.

import os
import stat as stat_bits
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from segue.data.lyrics import MAX_LYRICS_BYTES, lyrics_of_file
from segue.data.records import FileStat

SUFFIXES = (".lrc", ".txt")  # of two files for one track the first counts


def sidecars(entries: "Sequence[os.DirEntry[str]]") -> dict[str, "os.DirEntry[str]"]:
    """Those entries of a folder that may hold lyrics, by name in lower case."""
    return {
        entry.name.casefold(): entry
        for entry in entries
        if entry.name[-4:].casefold() in SUFFIXES and not entry.name.startswith(".")
    }


def with_lyrics(stat: FileStat, found: "Mapping[str, os.DirEntry[str]]") -> FileStat:
    """The stat with the file of lyrics that carries its name; as it was without one.

    Case does not count, and neither does the suffix of the music: "a.flac" and "a.mp3" share
    "a.lrc".
    """
    if not found:
        return stat
    stem = os.path.splitext(os.path.basename(stat.path))[0].casefold()  # noqa: PTH119
    for suffix in SUFFIXES:
        entry = found.get(stem + suffix)
        if entry is None:
            continue
        try:
            status = entry.stat()
        except OSError:
            continue  # a link that leads nowhere
        if stat_bits.S_ISREG(status.st_mode):  # to open a pipe would wait for ever
            return replace(stat, lyrics_path=entry.path, lyrics_ns=status.st_mtime_ns)
    return stat


def sidecar_lyrics(path: str) -> str:
    """The lyrics of a file, "" when it cannot be read: the music is what counts."""
    if not path:
        return ""
    try:
        with open(path, "rb") as file:
            return lyrics_of_file(file.read(MAX_LYRICS_BYTES + 1))
    except OSError:
        return ""
