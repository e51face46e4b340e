"""From which size on compiled loops make lists (ADR 6)."""

DENSE_LIMIT = 30_000  # tracks; to here NumPy alone is fast enough and needs no compiler in memory


def is_compiled(n_tracks: int) -> bool:
    """Whether lists of a catalogue of that size are made by compiled loops (ADR 6).

    >>> is_compiled(10_000), is_compiled(100_000)
    (False, True)
    """
    return n_tracks > DENSE_LIMIT
