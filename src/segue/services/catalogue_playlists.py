"""What becomes of the playlists that a catalogue names.

Left, they are only read. Kept, they are playlists of an account. Learned from, each stands as a
listener of its own with a `playlist_add` of every track: that is what the models read, and the
way playlists are learned from elsewhere (a playlist is a row of the matrix; Zamani et al. 2019,
arXiv:1810.01520). Such a listener has no password and only taste, as the neighbours of the demo.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from segue.data.records import Event, EventKind
from segue.errors import InvalidInputError, NotFoundError
from segue.services.accounts import MAX_NAME_LENGTH, AccountService
from segue.store.history import History
from segue.store.playlists import MAX_ITEMS, Playlists
from segue.store.playlists import MAX_NAME_LENGTH as MAX_PLAYLIST_NAME

MODES = ("leave", "keep", "learn")


class PlaylistKeeper(Protocol):
    """Takes places of playlists as they are read."""

    @property
    def n_playlists(self) -> int:
        """Playlists that were named so far."""
        ...

    @property
    def n_placed(self) -> int:
        """Tracks that were put where they were not yet."""
        ...

    def place(self, placed: Sequence[tuple[str, str]]) -> None:
        """Take (name of the playlist, track id) in order; what was taken before is passed over."""
        ...


class Left:
    """Counts the names and keeps nothing."""

    n_placed = 0

    def __init__(self) -> None:
        self._names: set[str] = set()

    @property
    def n_playlists(self) -> int:
        """Names seen."""
        return len(self._names)

    def place(self, placed: Sequence[tuple[str, str]]) -> None:
        """Look at the names."""
        self._names.update(name for name, _ in placed)


class Kept:
    """Playlists of one account, made where it has none of that name; a track stands once in each.

    Args:
        playlists: Where they are kept.
        account_id: Whose.
        clock: Unix time (s).
    """

    def __init__(
        self, playlists: Playlists, account_id: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._playlists = playlists
        self._account_id = account_id
        self._clock = clock
        self._ids = {one.name: one.id for one in playlists.list_for(account_id)
                     if one.account_id == account_id}  # fmt: skip
        self._tracks: dict[str, set[str]] = {}
        self.n_placed = 0

    @property
    def n_playlists(self) -> int:
        """Playlists that were named."""
        return len(self._tracks)

    def place(self, placed: Sequence[tuple[str, str]]) -> None:
        """Put the tracks at the ends; what is longer than a playlist may be is left out."""
        wanted: dict[str, dict[str, None]] = {}
        for name, track_id in placed:
            wanted.setdefault(name[:MAX_PLAYLIST_NAME].strip() or "Playlist", {})[track_id] = None
        for name, track_ids in wanted.items():
            held = self._held(name)
            new = [id_ for id_ in track_ids if id_ not in held][: MAX_ITEMS - len(held)]
            if new:
                self._playlists.add(self._account_id, self._ids[name], new, self._clock())
                held.update(new)
                self.n_placed += len(new)

    def _held(self, name: str) -> set[str]:
        if name not in self._tracks:
            if name not in self._ids:
                made = self._playlists.create(self._account_id, name, self._clock())
                self._ids[name] = made.id
            stored = self._playlists.get(self._account_id, self._ids[name])
            self._tracks[name] = {item.track_id for item in stored.items}
        return self._tracks[name]


class Learned:
    """Listeners of taste alone, one a playlist.

    Args:
        accounts: Where they are made.
        history: Where their events go.
        clock: Unix time (s).
    """

    def __init__(
        self,
        accounts: AccountService,
        history: History,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._accounts = accounts
        self._history = history
        self._clock = clock
        self._ids: dict[str, str] = {}
        self.n_placed = 0

    @property
    def n_playlists(self) -> int:
        """Playlists that were named."""
        return len(self._ids)

    def place(self, placed: Sequence[tuple[str, str]]) -> None:
        """Store one event a place; its key is the same each time."""
        now = self._clock()
        events = [
            Event(
                listener_id=self._listener(name),
                track_id=track_id,
                kind=EventKind.PLAYLIST_ADD,
                listened_at=now,
                idempotency_key=f"playlist:{track_id}",
                source="catalogue",
            )
            for name, track_id in dict.fromkeys(placed)
        ]
        self.n_placed += sum(outcome.is_new for outcome in self._history.append(events))

    def _listener(self, playlist: str) -> str:
        if playlist not in self._ids:
            name = account_name(playlist)
            try:
                self._ids[playlist] = self._accounts.by_name(name).id
            except NotFoundError:
                self._ids[playlist] = self._accounts.create_without_password(name).id
        return self._ids[playlist]


def account_name(playlist: str) -> str:
    """What the listener that stands for a playlist is called; long names stay apart by a hash.

    >>> account_name("Am Meer")
    'playlist: Am Meer'
    """
    shown = "".join(letter if letter.isprintable() else " " for letter in playlist)
    name = " ".join(f"playlist: {shown}".split())
    if name.removeprefix("playlist: ") == playlist and len(name) <= MAX_NAME_LENGTH:
        return name
    mark = hashlib.blake2b(playlist.encode("utf-8", "replace"), digest_size=4).hexdigest()
    return f"{name[: MAX_NAME_LENGTH - 9].strip()} {mark}"


def keeper_of(
    mode: str,
    account_id: str,
    playlists: Playlists,
    accounts: AccountService,
    history: History,
    clock: Callable[[], float] = time.time,
) -> PlaylistKeeper:
    """What does with playlists as a mode says.

    Raises:
        InvalidInputError: No such mode, or nobody is named to keep them for.
    """
    if mode == "leave":
        return Left()
    if mode == "learn":
        return Learned(accounts, history, clock)
    if mode != "keep":
        raise InvalidInputError(f"playlists may be: {', '.join(MODES)}; got {mode!r}")
    if not account_id:
        raise InvalidInputError("say whose playlists they shall be, with --user")
    return Kept(playlists, account_id, clock)
