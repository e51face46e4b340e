"""Playlists of an import, written when all of a file is known."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from segue.data.imported import PlaylistRules
from segue.errors import InvalidInputError
from segue.services.importing.report import Tally
from segue.services.smart_playlists import SmartPlaylistService
from segue.store.playlists import MAX_ITEMS, MAX_NAME_LENGTH, Playlist, Playlists
from segue.store.smart_playlists import Rules, checked

BY_HAND = "a playlist of this name is filled by hand here; its rules were not brought back"
BY_RULES = "a playlist of this name goes by rules here; its tracks were not brought back"
OTHER_RULES = "a playlist of this name goes by other rules here; those stay"
FROZEN = "its rules could not be read, so it holds the tracks of then"


class BroughtLists:
    """Playlists of one listener, by name.

    One that has the name already gets what it lacks, so that a second import adds nothing. Rules
    that the listener made or changed here stay.

    Args:
        playlists, smart: Where they are kept.
        tally: Counts those that are new.
        listener_id: Whose.
        now: Unix time (s).
    """

    def __init__(
        self,
        playlists: Playlists,
        smart: SmartPlaylistService,
        tally: Tally,
        listener_id: str,
        now: float,
    ) -> None:
        self._playlists = playlists
        self._smart = smart
        self._tally = tally
        self._listener_id = listener_id
        self._now = now
        self._lists: dict[str, list[str]] = {}
        self._rules: dict[str, Rules] = {}

    def take_rules(self, row: PlaylistRules) -> str:
        """Take rules in; "", or why they cannot be read and the list is taken as it was."""
        try:
            rules = checked(msgspec.json.decode(row.rules, type=Rules))
        except (msgspec.MsgspecError, InvalidInputError, RecursionError):
            return FROZEN
        self._rules[shown_name(row.playlist)] = rules
        return ""

    def goes_by_rules(self, name: str) -> bool:
        """Whether the tracks of a playlist are chosen anew, so that those of then say nothing."""
        return shown_name(name) in self._rules

    def add(self, name: str, track_id: str) -> None:
        """Put a track at the end."""
        self._lists.setdefault(shown_name(name), []).append(track_id)

    def write(self) -> None:
        """Store what was taken in."""
        own = {
            one.name: one for one in self._playlists.list_for(self._listener_id)
            if one.account_id == self._listener_id
        }  # fmt: skip
        by_rules = self._smart.by_rules(list(own.values()))
        for name, rules in self._rules.items():
            self._write_rules(name, rules, own.get(name), by_rules)
        for name, track_ids in self._lists.items():
            if name in own and own[name].id in by_rules:
                self._tally.note(name, 0, BY_RULES)
            else:
                self._write_tracks(name, track_ids, own.get(name))
        self._lists.clear()
        self._rules.clear()

    def _write_rules(
        self, name: str, rules: Rules, own: Playlist | None, by_rules: set[str]
    ) -> None:
        if own is None:
            self._smart.make(self._listener_id, name, rules)
            self._tally.counts["playlists"] += 1
        elif own.id not in by_rules:
            self._tally.note(name, 0, BY_HAND)
        elif self._smart.rules_of(self._listener_id, own.id) != rules:
            self._tally.note(name, 0, OTHER_RULES)

    def _write_tracks(self, name: str, track_ids: Sequence[str], own: Playlist | None) -> None:
        if own is None:
            own = self._playlists.create(self._listener_id, name, self._now)
            self._tally.counts["playlists"] += 1
        have = self._playlists.get(self._listener_id, own.id).items
        lacking = _lacking(track_ids, [item.track_id for item in have])
        room = MAX_ITEMS - len(have)
        if lacking[:room]:
            self._playlists.add(self._listener_id, own.id, lacking[:room], self._now)
        if len(lacking) > room:
            self._tally.note(name, 0, f"a playlist holds at most {MAX_ITEMS:,} tracks; "
                                      f"{len(lacking) - room:,} did not fit")  # fmt: skip


def shown_name(name: str) -> str:
    """A playlist's name as it is kept.

    >>> shown_name("  at   sea "), shown_name("")
    ('at sea', 'Imported')
    """
    return " ".join(name.split())[:MAX_NAME_LENGTH] or "Imported"


def _lacking(wanted: Sequence[str], have: Sequence[str]) -> list[str]:
    """What is wanted and not there, as often as it is lacking, in order.

    >>> _lacking(["a", "b", "a"], ["a"])
    ['b', 'a']
    """
    left = Counter(have)
    lacking: list[str] = []
    for id_ in wanted:
        if left[id_]:
            left[id_] -= 1
        else:
            lacking.append(id_)
    return lacking
