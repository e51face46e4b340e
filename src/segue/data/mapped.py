"""Arrays of files that stay in the file: only the pages that are asked for come into memory."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def mapped(path: Path) -> NDArray[Any]:
    """The array of a ``.npy`` file, read-only, of any shape and type but objects.

    It is a plain array over the mapped pages: every slice of a ``numpy.memmap`` costs some
    microseconds more.

    Raises:
        OSError: There is no such file.
        ValueError, EOFError: It holds no array, or is cut.
    """
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
