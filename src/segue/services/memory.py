"""Gives memory back to the system that was needed only to get ready."""

import ctypes
import sys


def give_back_memory() -> bool:
    """Let the C library return what is free on its heap; whether it knows how (glibc does).

    Reading a large model set makes and drops arrays of many megabytes. What lies between those that
    stay is free, but counts as ours until it is returned. Takes some milliseconds.
    """
    if not sys.platform.startswith("linux"):
        return False
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is None:  # musl has none, and does without
        return False
    trim(ctypes.c_size_t(0))
    return True
