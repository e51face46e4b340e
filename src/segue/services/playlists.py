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

    def rename(self, account_id: str, playlist_id: str, name: str) -> None:
        """Give one of the account's own another name.

        Raises:
            NotFoundError: No such playlist, or not this account's.
            InvalidInputError: A name of wrong length.
        """
        self._playlists.rename(account_id, playlist_id, name, self._clock())

    def share(self, account_id: str, playlist_id: str, *, is_shared: bool) -> None:
        """Let everybody on this server see one of the account's own, or nobody else.

        Raises:
            NotFoundError: No such playlist, or not this account's.
        """
        self._playlists.share(account_id, playlist_id, self._clock(), is_shared=is_shared)

    def add(self, account_id: str, playlist_id: str, track_ids: Sequence[str]) -> list[int]:
        """Put tracks at the end; the ids of their places.

        Raises:
            NotFoundError: No such playlist, not this account's, or an unknown track.
            InvalidInputError: It would become too long.
        """
        return self._playlists.add(account_id, playlist_id, track_ids, self._clock())

    def remove(self, account_id: str, playlist_id: str, item_ids: Sequence[int]) -> int:
        """Take places out; how many were there.

        Raises:
            NotFoundError: No such playlist, or not this account's.
        """
        return self._playlists.remove(account_id, playlist_id, item_ids, self._clock())

    def reorder(self, account_id: str, playlist_id: str, item_ids: Sequence[int]) -> None:
        """Put the places in a new order.

        Raises:
            NotFoundError: No such playlist, or not this account's.
            ConflictError: They are not exactly those of the playlist: it changed meanwhile.
        """
        self._playlists.reorder(account_id, playlist_id, item_ids, self._clock())

    def delete(self, account_id: str, playlist_id: str) -> None:
        """Delete one of the account's own.

        Raises:
            NotFoundError: No such playlist, or not this account's.
        """
        self._playlists.delete(account_id, playlist_id)
