"""Fixtures that every test may use. Nothing here touches a database without the test marker."""

import os
import sys
from pathlib import Path

import pytest

_BANNED_EVENT = "pickle.find_class"
# numba rebuilds its own functions while it compiles them (docs/adr/0005); babel reads the numbers
# and dates of languages from its own wheel (docs/adr/0009)
_MACHINERY = ("multiprocessing", "concurrent", "xdist", "execnet", "hypothesis", "numba", "babel.")


def _no_unpickling(event: str, _arguments: object) -> None:
    if event == _BANNED_EVENT and not _in_test_machinery():
        raise AssertionError("something was unpickled: artefacts and messages are data, never code")


def _in_test_machinery() -> bool:
    """Worker processes and the compiler of kernels use pickle inside themselves; we do not."""
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name.startswith(_MACHINERY):
            return True
        frame = frame.f_back
    return False


sys.addaudithook(_no_unpickling)


@pytest.fixture
def shared_data() -> Path:
    """The folder of real data sets beside the checkout; skips where there is none."""
    root = Path(os.environ.get("SEGUE_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not root.is_dir():
        pytest.skip(f"no data sets at {root}")
    return root
