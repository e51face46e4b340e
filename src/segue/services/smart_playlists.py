"""Playlists by rules, and the tracks of any playlist whether chosen by hand or by rules."""

import time
from collections.abc import Callable

from segue.errors import ConflictError, SegueError
from segue.rng import derived_rng
from segue.store.playlists import Playlist, Playlists
from segue.store.smart_playlists import Rules, SmartPlaylists, checked

DAY_S = 86_400.0


class SmartPlaylistService:
    """Rules of playlists.

    Args:
        smart: Rules, and what they choose.
        playlists: The playlists that have them.
        clock: Unix time (s).
    """

    def __init__(
        self,
        smart: SmartPlaylists,
        playlists: Playlists,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._smart = smart
        self._playlists = playlists
        self._clock = clock

    def make(self, account_id: str, name: str, rules: Rules) -> Playlist:
        """A new playlist by rules.

        Raises:
            InvalidInputError: No name, or a rule that cannot be read.
        """
        checked(rules)
        now = self._clock()
        made = self._playlists.create(account_id, name, now)
        try:
            self._smart.keep(account_id, made.id, rules, now)
        except SegueError:
            self._playlists.delete(account_id, made.id)
            raise
        return made

    def change(self, account_id: str, playlist_id: str, name: str, rules: Rules) -> None:
        """Other rules and perhaps another name for one of the account's own.

        Raises:
            NotFoundError: No such playlist, or not this account's.
            ConflictError: Its tracks were put there by hand.
            InvalidInputError: No name, or a rule that cannot be read.
        """
        checked(rules)
        if self._smart.rules_of(playlist_id) is None:
            self._playlists.get(account_id, playlist_id)  # not there is said first
            raise ConflictError("this playlist was filled by hand; make another one by rules")
        now = self._clock()
        self._playlists.rename(account_id, playlist_id, name, now)
        self._smart.keep(account_id, playlist_id, rules, now)

    def rules_of(self, account_id: str, playlist_id: str) -> Rules | None:
        """The rules of a playlist that the account may see; None when it was filled by hand.

        Raises:
            NotFoundError: No such playlist, or not for this account.
        """
        self._playlists.get(account_id, playlist_id)
        return self._smart.rules_of(playlist_id)

    def by_rules(self, playlists: list[Playlist]) -> set[str]:
        """Ids of those that have rules."""
        return self._smart.among([one.id for one in playlists])

    def track_ids(self, account_id: str, playlist_id: str) -> list[str]:
        """Tracks of a playlist in order; rules are read for its owner, at this moment.

        Raises:
            NotFoundError: No such playlist, or not for this account.
        """
        detail = self._playlists.get(account_id, playlist_id)
        rules = self._smart.rules_of(playlist_id)
        if rules is None:
            return [item.track_id for item in detail.items]
        return self.chosen(detail.playlist.account_id, rules, playlist_id)

    def chosen(self, listener_id: str, rules: Rules, name: str = "") -> list[str]:
        """What rules choose for a listener now; "shuffled" is the same all day for one ``name``.

        Raises:
            InvalidInputError: A rule cannot be read.
        """
        now = self._clock()
        found = self._smart.track_ids(listener_id, rules, now)
        if rules.sort == "shuffled":
            seed = sum(ord(letter) * 31**place for place, letter in enumerate(name[:16]))
            derived_rng(int(now // DAY_S), seed % 65_537).shuffle(found)
        return found[: rules.limit]
