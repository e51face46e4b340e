"""How loud a track is from its beginning to its end, as the few bars of a seek bar."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segue.audio.decode import read_blocks
from segue.errors import InvalidInputError

N_PEAKS = 200
_MOMENT_S = 0.05  # the level of so short a stretch is what one would call a peak


def peaks_of(path: Path, n: int = N_PEAKS) -> NDArray[np.uint8]:
    """Bars of a music file, uint8 (n,): see :func:`peaks_from_moments`. Reads all of the file.

    The level of a moment is the root mean square of 50 ms over all channels. Memory holds one
    block of the file and 20 numbers a second.

    Raises:
        MediaError: The file is absent, no sound, or damaged before the first sample.
    """
    levels: list[NDArray[np.float64]] = []
    rest = np.zeros(0, np.float32)
    for block in read_blocks(path):
        power = np.mean(np.square(block.source), axis=1)
        power = np.concatenate([rest, power])
        length = max(1, round(_MOMENT_S * block.source_rate_hz))
        n_whole = len(power) // length
        moments = power[: n_whole * length].reshape(n_whole, length)
        levels.append(np.sqrt(moments.mean(axis=1, dtype=np.float64)))
        rest = power[n_whole * length :]
    if len(rest):
        levels.append(np.sqrt([rest.mean(dtype=np.float64)]))
    return peaks_from_moments(np.concatenate(levels), n)


def peaks_from_moments(levels: NDArray[np.float64], n: int = N_PEAKS) -> NDArray[np.uint8]:
    """The loudest moment of each of ``n`` equal parts of a track, uint8 (n,), the greatest 255.

    A track with fewer moments than parts repeats them; silence is all 0.

    Args:
        levels: Levels of successive moments, >= 0, at least one.
        n: Number of parts, >= 1.

    Raises:
        InvalidInputError: No moment, or no part.

    >>> import numpy as np
    >>> peaks_from_moments(np.array([0.0, 0.5, 1.0, 0.25]), 2).tolist()
    [128, 255]
    """
    if not len(levels) or n < 1:
        raise InvalidInputError(f"{len(levels)} moments in {n} parts: both are at least 1")
    edges = np.linspace(0, len(levels), n + 1)
    low = np.minimum(np.floor(edges[:-1]).astype(int), len(levels) - 1)
    high = np.maximum(np.ceil(edges[1:]).astype(int), low + 1)
    loudest = np.array([levels[a:b].max() for a, b in zip(low, high, strict=True)])
    top = loudest.max()
    return np.round(255.0 * loudest / (top if top > 0 else 1.0)).astype(np.uint8)
