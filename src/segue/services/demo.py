"""The demo: a composed library, listeners with a year of planted listening, an account."""

import secrets
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from msgspec import Struct

from segue.data.records import Event
from segue.errors import NotFoundError
from segue.services.accounts import AccountService
from segue.services.library import LibraryService, Progress, ScanReport
from segue.store.accounts import Account
from segue.store.catalog import Catalog
from segue.store.history import History

DEMO_SEED = 20_261
DEMO_ACCOUNT = "demo"
N_DEMO_TRACKS = 128
N_DEMO_LISTENERS = (
    24  # the demo account and neighbours, so that there is co-listening to learn from
)
DEMO_DAYS = 365.0
_BATCH = 5_000


class DemoReport(Struct, frozen=True, kw_only=True):
    """What was made. ``password`` is set only when the demo account is new."""

    scan: ScanReport
    n_listeners: int
    n_events: int
    account: str
    password: str | None


class DemoService:
    """Makes the demo; safe to run again, it then only adds what is missing."""

    def __init__(
        self,
        library: LibraryService,
        catalog: Catalog,
        history: History,
        accounts: AccountService,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._library = library
        self._catalog = catalog
        self._history = history
        self._accounts = accounts
        self._clock = clock

    def build(
        self,
        folder: Path,
        progress: Progress,
        *,
        n_tracks: int = N_DEMO_TRACKS,
        n_listeners: int = N_DEMO_LISTENERS,
        workers: int = 2,
        password: str | None = None,
        can_sign_in: bool = True,
    ) -> DemoReport:
        """Compose and scan the library, then write a year of listening.

        Args:
            folder: Where the audio goes.
            progress: Told how far it is.
            n_tracks: Tracks to compose.
            n_listeners: Listeners with planted taste, the demo account being the first.
            workers: Processes that render.
            password: Of the demo account; made up when None.
            can_sign_in: False makes a demo account that only has taste, for a server whose
                administrator wants the music and the neighbours.
        """
        from segue.synthetic.music import write_library  # signal processing: a second to import

        write_library(
            folder,
            seed=DEMO_SEED,
            n_tracks=n_tracks,
            workers=workers,
            on_progress=lambda done, total: progress.report(
                done, total, unit="tracks", message="Composing the demo library"
            ),
            should_stop=progress.should_stop,
        )
        scan = self._library.scan(folder, progress)
        account, shown = self._account(password, can_sign_in=can_sign_in)
        n_events = self._write_listening(account, n_listeners, progress)
        return DemoReport(scan=scan, n_listeners=n_listeners, n_events=n_events,
                          account=account.name, password=shown)  # fmt: skip

    def _account(self, password: str | None, *, can_sign_in: bool) -> tuple[Account, str | None]:
        try:
            return self._accounts.by_name(DEMO_ACCOUNT), None
        except NotFoundError:
            if not can_sign_in:
                return self._accounts.create_without_password(DEMO_ACCOUNT), None
            secret = password or secrets.token_urlsafe(9)
            role = "admin" if self._accounts.needs_setup() else "listener"
            return self._accounts.create(DEMO_ACCOUNT, secret, role), secret

    def _write_listening(self, demo: Account, n_listeners: int, progress: Progress) -> int:
        from segue.synthetic.listeners import ListenerParams, listen, make_listeners

        tracks = self._catalog.track_table()
        start = self._clock() - DEMO_DAYS * 86_400.0
        # narrow, slow listeners: the library is small, and something in it must stay unheard
        params = ListenerParams(origin_s=start, sessions_per_day=0.3, breadth_tracks=12,
                                novelty_seeking=(2.0, 6.0))  # fmt: skip
        listeners = make_listeners(tracks, n_listeners, DEMO_SEED, params)
        neighbours = [self._neighbour(number) for number in range(1, n_listeners)]
        ids = [demo.id, *(account.id for account in neighbours)]
        events = listen(listeners, tracks, start, DEMO_DAYS, DEMO_SEED, ids.__getitem__)
        stored = 0
        while batch := list(islice(events, _BATCH)):
            stored += self._append(batch)
            progress.report(stored, unit="listens", message="Writing a year of listening")
        return stored

    def _append(self, batch: list[Event]) -> int:
        return sum(outcome.is_new for outcome in self._history.append(batch))

    def _neighbour(self, number: int) -> Account:
        name = f"demo listener {number:02d}"
        try:
            return self._accounts.by_name(name)
        except NotFoundError:
            return self._accounts.create_without_password(name)  # they only have taste
