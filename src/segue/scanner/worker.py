"""The child process that reads tags: told what to read on standard input, it answers on output.

Started as ``python -P -m segue.scanner.worker``, it imports nothing heavy and has hard limits, so
that a file that breaks the parser breaks only this process. Frames are four bytes of length
(big-endian) and MessagePack; nothing is pickled.
"""

import os
import sys

import msgspec

from segue.child import allow_more_cpu, limit_resources, read_frame, write_frame
from segue.data.records import FileStat
from segue.scanner.tags import read_file

MEMORY_LIMIT_BYTES = 2**30
CPU_LIMIT_S = 30  # of one chunk
OPEN_FILES_LIMIT = 64


class Chunk(msgspec.Struct, frozen=True):
    """Files to read; each is answered by one frame, in order."""

    stats: list[FileStat]
    root: str | None = None


def main() -> None:
    """Serve until the input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not tear the frames
    limit_resources(MEMORY_LIMIT_BYTES, OPEN_FILES_LIMIT)
    decoder, encoder = msgspec.msgpack.Decoder(Chunk), msgspec.msgpack.Encoder()
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        allow_more_cpu(CPU_LIMIT_S)
        chunk = decoder.decode(frame)
        for stat in chunk.stats:
            write_frame(answers, encoder.encode(read_file(stat, root=chunk.root, covers={})))


if __name__ == "__main__":
    main()
