"""The child process that listens to files: told what on standard input, it answers on output.

Started as ``python -P -m segue.audio.worker``. Decoders are C code that meets whatever a disk
holds, so it has hard limits, no network where the kernel lets it give that up, and cannot write; a
file that breaks a decoder breaks only this process. Frames are four bytes of length (big-endian)
and MessagePack; nothing is pickled.
"""

import ctypes
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from segue.child import allow_more_cpu, limit_resources, read_frame, write_frame

MEMORY_LIMIT_BYTES = 4 * 2**30  # address space: numeric libraries reserve far more than they use
CPU_LIMIT_S = 120  # of one file
WHOLE_FILE_FACTOR = 5  # more time for one that is read whole: it may be a mix of many hours
OPEN_FILES_LIMIT = 128
_CLONE_NEWNET = 0x40000000
_LOWER_PRIORITY = 10
_NO_WARMING = "--peaks-only"  # who only draws needs no kernels


class Ask(msgspec.Struct, frozen=True):
    """One file to listen to."""

    path: str
    full: bool = False
    what: Literal["sound", "peaks", "fingerprint"] = "sound"


class Heard(msgspec.Struct, frozen=True):
    """The answer: what was heard, or the reason why nothing was.

    ``vector`` is float32, ``sketch`` and ``peaks`` uint8: little-endian bytes in C order. Where a
    fingerprint was asked for, ``sketch`` holds its uint32.
    """

    path: str
    problem: str | None = None
    version: int = 0
    vector: bytes = b""
    sketch: bytes = b""
    duration_s: float = 0.0
    key: str = ""
    tempo_bpm: float = 0.0
    peaks: bytes = b""


def hear(ask: Ask) -> Heard:
    """Do what is asked with one file; every failure is an answer."""
    from segue.errors import SegueError

    try:
        return _HOW[ask.what](ask)
    except SegueError as error:
        return Heard(ask.path, problem=str(error))
    except Exception as error:  # a decoder or a kernel met what nobody thought of
        return Heard(ask.path, problem=f"listening to it failed: {type(error).__name__}: {error}")


def _peaks(ask: Ask) -> Heard:
    from segue.audio.peaks import peaks_of

    return Heard(ask.path, peaks=peaks_of(Path(ask.path)).tobytes())


def _sound(ask: Ask) -> Heard:
    from segue.audio.features import analyse

    found = analyse(Path(ask.path), full=ask.full)
    return Heard(
        path=ask.path,
        version=found.version,
        vector=found.vector.astype("<f4").tobytes(),
        sketch=found.chroma_sketch.astype("u1").tobytes(),
        duration_s=found.duration_s,
        key=found.key,
        tempo_bpm=found.tempo_bpm,
    )


def _fingerprint(ask: Ask) -> Heard:
    from segue.audio.fingerprint import FINGERPRINT_VERSION, fingerprint

    bits = fingerprint(Path(ask.path)).astype("<u4").tobytes()
    return Heard(ask.path, version=FINGERPRINT_VERSION, sketch=bits)


_HOW: dict[str, Callable[[Ask], Heard]] = {
    "sound": _sound,
    "peaks": _peaks,
    "fingerprint": _fingerprint,
}


def warm() -> None:
    """Compile or load every kernel before writing is forbidden: their cache lies in files."""
    import numpy as np

    from segue.audio.features import analyse_samples

    noise = np.random.default_rng(0).normal(0, 0.1, 22_050 * 4)
    analyse_samples(noise.astype(np.float32), 22_050)


def _give_up_rights() -> None:
    """Stand back behind other programs, and keep to what listening needs."""
    if sys.platform == "win32":
        return
    os.nice(_LOWER_PRIORITY)
    limit_resources(MEMORY_LIMIT_BYTES, OPEN_FILES_LIMIT)
    _leave_network()


def _leave_network() -> None:
    """A network namespace of one's own has no way out; needs Linux and the right to make one."""
    try:
        ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET)
    except (OSError, AttributeError):
        return


def main() -> None:
    """Serve until the input ends; the first frame says that it is ready."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not tear the frames
    if _NO_WARMING not in sys.argv:
        warm()
    _give_up_rights()
    decoder, encoder = msgspec.msgpack.Decoder(Ask), msgspec.msgpack.Encoder()
    write_frame(answers, encoder.encode(Heard("")))
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        ask = decoder.decode(frame)
        allow_more_cpu(CPU_LIMIT_S * (WHOLE_FILE_FACTOR if ask.full else 1))
        write_frame(answers, encoder.encode(hear(ask)))


if __name__ == "__main__":
    main()
