"""The archive of "take your data", when it is brought back: files of it that nobody needs to read.

They say the same in other words, or are for their owner to read: nobody misses them.
"""

from collections.abc import Sequence
from pathlib import PurePosixPath

from segue.sources.base import Member, Unread

_README, _BEGINS = "README.txt", b"Your data from Segue\n"
_FILES = frozenset((_README, "events.jsonl"))
_LISTS = frozenset(("never_play.json", "consents.json", "feedback.jsonl", "profile.json"))
_FOLDERS = frozenset(("taste", "other"))
_OLD_RULES = "playlist_rules.jsonl"  # older exports of ours do not say of which playlist they are


def missed(unread: Sequence[Unread], members: Sequence[Member]) -> list[Unread]:
    """Files that nobody reads, less those of an archive of ours that need no reader."""
    by_name = {member.name: member for member in members}
    roots = {PurePosixPath(name).parent for name in by_name if _is_readme(by_name[name])}
    found: list[Unread] = []
    for one in unread:
        path = PurePosixPath(one.name)
        is_told = path.parent.parent in roots and path.parent.name in _FOLDERS
        if is_told and path.name == _OLD_RULES:
            found.append(Unread(one.name, "names no playlist; those made by rules come back as "
                                          "the tracks of then"))  # fmt: skip
        elif not is_told and not (path.parent in roots and _is_needless(by_name.get(one.name))):
            found.append(one)
    return found


def _is_needless(member: Member | None) -> bool:
    """Whether a file in the folder of the README says nothing that is to be brought back."""
    if member is None:
        return False
    name = PurePosixPath(member.name).name
    return name in _FILES or (name in _LISTS and member.head().strip() in (b"", b"[]"))


def _is_readme(member: Member) -> bool:
    return PurePosixPath(member.name).name == _README and member.head().startswith(_BEGINS)
