"""The archive of "take your data", when it is brought back.

Listens, marks and playlists in it are in the forms of other services, and are read as such. The
rest says the same in other words, or is for its owner to read: nobody misses it.
"""

from collections.abc import Sequence
from pathlib import PurePosixPath

from segue.sources.base import Member, Unread

_README, _BEGINS = "README.txt", b"Your data from Segue\n"
_FILES = frozenset((_README, "events.jsonl", "profile.json", "consents.json", "feedback.jsonl"))
_FOLDERS = frozenset(("taste", "other"))
_NEVER_PLAY, _NO_RULES = "never_play.json", b"[]"


def missed(unread: Sequence[Unread], members: Sequence[Member]) -> list[Unread]:
    """Files that nobody reads, less those of an archive of ours that need no reader."""
    by_name = {member.name: member for member in members}
    roots = {PurePosixPath(name).parent for name in by_name if _is_readme(by_name[name])}
    found: list[Unread] = []
    for one in unread:
        path = PurePosixPath(one.name)
        if path.parent in roots and path.name == _NEVER_PLAY:
            if by_name[one.name].head().strip() != _NO_RULES:
                found.append(Unread(one.name, "is not brought back: say again what is never to "
                                              "be played"))  # fmt: skip
        elif not (path.parent in roots and path.name in _FILES) and not (
            path.parent.parent in roots and path.parent.name in _FOLDERS
        ):
            found.append(one)
    return found


def _is_readme(member: Member) -> bool:
    return PurePosixPath(member.name).name == _README and member.head().startswith(_BEGINS)
