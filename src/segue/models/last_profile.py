"""What was found out about the last profile: a list asks a model for scores, then for evidence."""

from collections.abc import Callable
from typing import Generic, TypeVar

from segue.data.query import Profile

Found = TypeVar("Found")


class LastProfile(Generic[Found]):
    """One answer, for the profile that was asked about last; profiles are never changed.

    Threads may share it: what is kept is replaced as a whole, and at worst found twice.

    >>> last, one, other = LastProfile[int](), Profile.empty(), Profile.empty()
    >>> [last.of(who, lambda _, n=n: n) for n, who in enumerate((one, one, other, one))]
    [0, 0, 2, 3]
    """

    def __init__(self) -> None:
        self._kept: tuple[Profile, Found] | None = None

    def of(self, profile: Profile, find: Callable[[Profile], Found]) -> Found:
        """What ``find`` gives for the profile, found once while no other one is asked about."""
        kept = self._kept
        if kept is not None and kept[0] is profile:
            return kept[1]
        found = find(profile)
        self._kept = (profile, found)
        return found
