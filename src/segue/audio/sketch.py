"""The chroma sketch: 20 moments of a track as chroma, to recognise one recording in two files."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

N_MOMENTS = 20


def chroma_sketch(chroma: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Chroma (n, 12) in order of time as uint8 (20, 12): means of n equal parts, greatest 255.

    Windows lie at the same shares of a track's length, so that two encodings of one recording
    give nearly the same sketch. Fewer than 20 rows are repeated.
    """
    edges = np.linspace(0, len(chroma), N_MOMENTS + 1)
    rows = [
        chroma[int(low) : max(int(low) + 1, int(np.ceil(high)))].mean(axis=0)
        for low, high in pairwise(edges)
    ]
    means = np.stack(rows)
    top = means.max(axis=1, keepdims=True)
    return np.round(255.0 * means / np.where(top > 0, top, 1.0)).astype(np.uint8)


def sketch_similarity(a: NDArray[np.uint8], b: NDArray[np.uint8], transposed: int = 0) -> float:
    """Mean correlation of moments of two sketches (20, 12), -1..1; 0 where one is silent.

    ``transposed`` turns ``b`` up by that many semitones first: versions are played in other keys.
    Serra, Gomez and Herrera 2008 compare cover songs by such a shift of chroma.
    """
    x = a.astype(np.float64) - a.mean(axis=1, keepdims=True)
    y = np.roll(b, transposed, axis=1).astype(np.float64)
    y -= y.mean(axis=1, keepdims=True)
    scale = np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1)
    return float(np.mean((x * y).sum(axis=1) / np.where(scale > 0, scale, 1.0)))
