"""Files of the library found by paths from elsewhere: what counts is how the paths end."""

from collections.abc import Iterable

MIN_SHARED = 2  # parts that must agree, the file's name among them


class PathIndex:
    r"""Tracks by the paths of their files.

    A playlist from another machine or another mount names the same folders under another root.

    >>> index = PathIndex([("/music/Air/Moon Safari/01.mp3", "t1")])
    >>> index.find("/mnt/nas/Air/Moon Safari/01.MP3")
    't1'
    """

    def __init__(self, files: Iterable[tuple[str, str]]) -> None:
        self._by_name: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for path, track_id in files:
            parts = _parts(path)
            if parts:
                self._by_name.setdefault(parts[0], []).append((parts, track_id))

    def find(self, path: str) -> str | None:
        """The track whose path agrees for longest; None when none or several agree so long.

        A bare file name is enough where only one file has it.
        """
        wanted = _parts(path)
        candidates = self._by_name.get(wanted[0], []) if wanted else []
        if not candidates:
            return None
        if len(wanted) == 1:
            return candidates[0][1] if len(candidates) == 1 else None
        agreed = sorted(((_shared(wanted, parts), id_) for parts, id_ in candidates), reverse=True)
        best = agreed[0][0]
        is_alone = len(agreed) == 1 or agreed[1][0] < best
        return agreed[0][1] if best >= MIN_SHARED and is_alone else None


def _parts(path: str) -> tuple[str, ...]:
    """Names in a path from its end, without case."""
    return tuple(part for part in reversed(path.casefold().replace("\\", "/").split("/")) if part)


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    n = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        n += 1
    return n
