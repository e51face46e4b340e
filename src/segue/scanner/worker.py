"""The child process that reads tags: told what to read on standard input, it answers on output.

Started as ``python -P -m segue.scanner.worker``, it imports nothing heavy and has hard limits, so
that a file that breaks the parser breaks only this process. Frames are four bytes of length
(big-endian) and MessagePack; nothing is pickled.
"""

import os
import sys
from typing import IO, BinaryIO

import msgspec

from segue.data.records import FileStat
from segue.scanner.tags import read_file

MEMORY_LIMIT_BYTES = 2**30
CPU_LIMIT_S = 30  # of one chunk
OPEN_FILES_LIMIT = 64


class Chunk(msgspec.Struct, frozen=True):
    """Files to read; each is answered by one frame, in order."""

    stats: list[FileStat]
    root: str | None = None


def write_frame(out: IO[bytes], body: bytes) -> None:
    """Write one frame and flush."""
    out.write(len(body).to_bytes(4, "big") + body)
    out.flush()


def read_frame(source: BinaryIO) -> bytes | None:
    """Read one frame; None at the end of the input."""
    header = source.read(4)
    if len(header) < 4:
        return None
    return source.read(int.from_bytes(header, "big"))


def limit_resources() -> None:
    """Bound memory and open files and forbid writing, as far as the system can."""
    if sys.platform == "win32":
        return
    import resource

    for name, limit in (
        ("RLIMIT_AS", MEMORY_LIMIT_BYTES),
        ("RLIMIT_NOFILE", OPEN_FILES_LIMIT),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0),
    ):
        _lower(resource, name, limit)


def _lower(resource: object, name: str, limit: int) -> None:
    try:
        number: int = getattr(resource, name)
        _, hard = resource.getrlimit(number)  # type: ignore[attr-defined]
        resource.setrlimit(number, (limit, hard))  # type: ignore[attr-defined]
    except (AttributeError, ValueError, OSError):
        return  # not available here; the wall-clock limit of the parent remains


def allow_more_cpu() -> None:
    """Give the next chunk its own CPU time: the limit of a process counts from its start."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource, "RLIMIT_CPU", int(used.ru_utime + used.ru_stime) + CPU_LIMIT_S)


def main() -> None:
    """Serve until the input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not tear the frames
    limit_resources()
    decoder, encoder = msgspec.msgpack.Decoder(Chunk), msgspec.msgpack.Encoder()
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        allow_more_cpu()
        chunk = decoder.decode(frame)
        for stat in chunk.stats:
            write_frame(answers, encoder.encode(read_file(stat, root=chunk.root, covers={})))


if __name__ == "__main__":
    main()
