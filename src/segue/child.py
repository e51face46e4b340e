"""What child processes that read strangers' files share: frames to talk by, and hard limits.

Frames are four bytes of length (big-endian) and a body. Importing this costs nothing: a child that
reads tags must start in a moment.
"""

import sys
from typing import IO, BinaryIO


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


def limit_resources(memory_bytes: int, open_files: int) -> None:
    """Bound memory and open files of this process and forbid writing, as far as the system can."""
    if sys.platform == "win32":
        return
    import resource

    for name, limit in (
        ("RLIMIT_AS", memory_bytes),
        ("RLIMIT_NOFILE", open_files),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0),
    ):
        _lower(resource, name, limit)


def allow_more_cpu(seconds: int) -> None:
    """Give what comes next its own CPU time: the limit of a process counts from its start."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource, "RLIMIT_CPU", int(used.ru_utime + used.ru_stime) + seconds)


def _lower(resource: object, name: str, limit: int) -> None:
    try:
        number: int = getattr(resource, name)
        _, hard = resource.getrlimit(number)  # type: ignore[attr-defined]
        resource.setrlimit(number, (limit, hard))  # type: ignore[attr-defined]
    except (AttributeError, ValueError, OSError):
        return  # not available here; the wall-clock limit of the parent remains
