"""Seeds: one root, and one derived stream for each purpose, so that adding a draw moves no other.

Derivation hashes the root seed with the names of the purpose (NumPy's SeedSequence with a
SHA-256 spawn key; Scientific Python SPEC 7 for how a generator is passed).
"""

import hashlib

import numpy as np


def derived_rng(seed: int, *purpose: str | int) -> np.random.Generator:
    """A generator for one purpose, independent of every other purpose of the same seed.

    >>> a = derived_rng(7, "listener", 3).integers(1000)
    >>> a == derived_rng(7, "listener", 3).integers(1000)
    True
    >>> a == derived_rng(7, "listener", 4).integers(1000)
    False
    """
    digest = hashlib.sha256("\x1f".join(map(str, purpose)).encode()).digest()
    key = tuple(int.from_bytes(digest[i : i + 4], "little") for i in range(0, 32, 4))
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
