"""Playlists of listeners: made in one step with their tracks, or not at all."""

import time
from collections.abc import Callable, Sequence

from segue.errors import InvalidInputError, SegueError
from segue.store.playlists import MAX_ITEMS, Playlist, PlaylistDetail, Playlists


class PlaylistService:
    """Playlists of accounts.

    Args:
        playlists: Where they are kept.
        clock: Unix time (s).
    """

    def __init__(self, playlists: Playlists, clock: Callable[[], float] = time.time) -> None:
        self._playlists = playlists
        self._clock = clock

    def make(self, account_id: str, name: str, track_ids: Sequence[str]) -> Playlist:
        """A new playlist with these tracks, each once, in their order.

        Raises:
            InvalidInputError: No name or too long a one, no track or more than 10,000.
            NotFoundError: A track is not there.
        """
        wanted = list(dict.fromkeys(track_ids))
        if not 1 <= len(wanted) <= MAX_ITEMS:
            raise InvalidInputError(
                f"a playlist begins with 1 to {MAX_ITEMS:,} tracks, got {len(wanted):,}"
            )
        now = self._clock()
        made = self._playlists.create(account_id, name, now)
        try:
            self._playlists.add(account_id, made.id, wanted, now)
        except SegueError:
            self._playlists.delete(account_id, made.id)
            raise
        return self.get(account_id, made.id).playlist

    def of(self, account_id: str) -> list[Playlist]:
        """An account's own and all shared ones, by name."""
        return self._playlists.list_for(account_id)

    def get(self, account_id: str, playlist_id: str) -> PlaylistDetail:
        """One with its items.

        Raises:
            NotFoundError: No such playlist, or not for this account.
        """
        return self._playlists.get(account_id, playlist_id)

    def delete(self, account_id: str, playlist_id: str) -> None:
        """Delete one of the account's own.

        Raises:
            NotFoundError: No such playlist, or not this account's.
        """
        self._playlists.delete(account_id, playlist_id)
