"""Seeds: one root, and one derived stream for each purpose, so that adding a draw moves no other.

Derivation hashes the root seed with the names of the purpose (NumPy's SeedSequence with a
SHA-256 spawn key; Scientific Python SPEC 7 for how a generator is passed).
"""

import hashlib

import numpy as np


def derived_rng(seed: int, *purpose: str | int) -> np.random.Generator:
    """A generator for one purpose, independent of every other purpose of the same seed.

    >>> [int(derived_rng(7, "listener", n).integers(1000)) for n in (3, 3, 4)]
    [850, 850, 706]
    """
    digest = hashlib.sha256("\x1f".join(map(str, purpose)).encode()).digest()
    key = tuple(int.from_bytes(digest[i : i + 4], "little") for i in range(0, 32, 4))
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
