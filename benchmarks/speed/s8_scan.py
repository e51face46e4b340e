"""S8: a scan of new tagged files, and a scan again when nothing changed.

The files are short FLACs with tags of their own, as many to a folder as an album has tracks. They
lie in the memory of the file cache, so that reading tags is what is timed, not a disk.
"""

import argparse
import struct
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.lines import figure, progress
from benchmarks.speed.prepared import SEED, Quiet, settings_in
from segue.bootstrap import build_app
from segue.synthetic.listeners import make_catalogue

N_RESCANS = 3
TRACKS_PER_FOLDER = 12
_COMMENT, _LAST = 4, 0x80  # block type and flag of RFC 9639, section 8


def main(argv: list[str] | None = None) -> None:
    """The rescan is the best of three: others use the machine too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=5_000)
    n_files = parser.parse_args(argv).files
    with tempfile.TemporaryDirectory(prefix="segue-bench-") as folder:
        music = Path(folder) / "music"
        write_files(music, n_files)
        progress(f"{n_files} files written")
        app = build_app(settings_in(Path(folder) / "data"))
        try:
            new = app.library.scan(music, Quiet())
            again = [app.library.scan(music, Quiet()) for _ in range(N_RESCANS)]
        finally:
            app.close()
    if new.added != n_files or any(report.unchanged != n_files for report in again):
        raise SystemExit(f"{new.added} of {n_files} files were added: {new.warnings[:3]}")
    rates = [report.files_per_second for report in again]
    progress(f"new: {new.files_per_second:.0f}, again: {rates} files/s")
    data = f"{n_files} tagged FLAC files"
    figure("S8", "new files", new.files_per_second, "1/s", data=data, n=n_files, target=1_000.0)
    figure("S8", "unchanged files", max(rates), "1/s", data=data, n=n_files, target=30_000.0)


def write_files(folder: Path, n_files: int) -> None:
    """Tagged files made from the sound of one, in folders of an album each."""
    folder.mkdir(parents=True)
    bare = folder.with_suffix(".flac")
    soundfile.write(bare, np.zeros(4_410), 44_100)
    head, sound = _blocks(bare.read_bytes())
    table = make_catalogue(n_files, SEED)
    for row in range(n_files):
        album = folder / f"album {row // TRACKS_PER_FOLDER:05d}"
        album.mkdir(exist_ok=True)
        comments = {
            "TITLE": table.titles[row],
            "ARTIST": table.artists[row],
            "ALBUM": f"Album {row // TRACKS_PER_FOLDER}",
            "GENRE": table.term_names[int(table.terms.indices[table.terms.indptr[row]])],
            "DATE": str(table.year[row]),
            "TRACKNUMBER": str(row % TRACKS_PER_FOLDER + 1),
        }
        content = b"fLaC" + head + _comment_block(comments) + sound
        (album / f"{row:06d}.flac").write_bytes(content)


def _blocks(content: bytes) -> tuple[bytes, bytes]:
    """The stream info block, not marked as the last one, and the frames of sound."""
    place, info = 4, b""
    while True:
        kind, length = content[place], int.from_bytes(content[place + 1 : place + 4], "big")
        block = content[place : place + 4 + length]
        place += len(block)
        if kind & ~_LAST == 0:
            info = bytes([0]) + block[1:]
        if kind & _LAST:
            return info, content[place:]


def _comment_block(comments: dict[str, str]) -> bytes:
    """A Vorbis comment as the last block (RFC 9639, section 8.6)."""
    body = struct.pack("<I", 5) + b"segue" + struct.pack("<I", len(comments))
    for name, text in comments.items():
        entry = f"{name}={text}".encode()
        body += struct.pack("<I", len(entry)) + entry
    return bytes([_LAST | _COMMENT]) + len(body).to_bytes(3, "big") + body


if __name__ == "__main__":
    main()
