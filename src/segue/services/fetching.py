"""What is fetched from other services: crawled, cleaned, and taken in as if it were a file."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from msgspec import Struct

from segue.errors import ConfigurationError, FetchError
from segue.fetch.client import ApiClient
from segue.fetch.listenbrainz import ListenBrainzPull, Pulled
from segue.fetch.pages import Pages
from segue.fetch.spotify import SERVICE, RefusedError, SpotifyCrawl, Token, playlist_id_of
from segue.fetch.spotify_clean import Cleaned, clean_playlist
from segue.services.catalogues import CatalogueReport, CatalogueService
from segue.services.library import Progress
from segue.settings import Settings


class PlaylistFetched(Struct, frozen=True, kw_only=True):
    """One playlist: how many entries it has, how many tracks came of them, or why none."""

    playlist: str
    name: str = ""
    entries: int = 0
    tracks: int = 0
    repeated: int = 0
    left: int = 0
    notes: tuple[str, ...] = ()
    problem: str = ""


class SpotifyFetched(Struct, frozen=True, kw_only=True):
    """What was fetched, and what became of its tracks; None when there was nothing to take in."""

    playlists: tuple[PlaylistFetched, ...]
    catalogue: CatalogueReport | None


class FetchService:
    """Asks other services where the administrator has allowed it.

    Args:
        settings: Permission, addresses, credentials, and where answers are kept.
        catalogues: Takes tracks in.
        sleep: Waits so many seconds.
        timer: Seconds that only grow.
        clock: Unix time (s).
    """

    def __init__(
        self,
        settings: Settings,
        catalogues: CatalogueService,
        sleep: Callable[[float], None] = time.sleep,
        timer: Callable[[], float] = time.monotonic,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._catalogues = catalogues
        self._sleep = sleep
        self._timer = timer
        self._clock = clock

    def spotify(
        self,
        playlists: Sequence[str],
        progress: Progress,
        *,
        keep: str = "leave",
        account_id: str = "",
    ) -> SpotifyFetched:
        """Crawl playlists, clean what came, and take it into the catalogue.

        A playlist that cannot be had does not stop the others; an end goes on where it was.

        Args:
            playlists: Addresses, URIs or ids.
            progress: Told how far it is.
            keep: What becomes of the playlists themselves: "leave", "keep" or "learn".
            account_id: Who they are kept for.

        Raises:
            ConfigurationError: It is not allowed, or there are no credentials.
            InvalidInputError: An address is none of a playlist.
            FetchError: Credentials are not taken, or the service cannot be reached.
        """
        ids = list(dict.fromkeys(map(playlist_id_of, playlists)))
        pages = Pages(self._settings.fetched_dir / "spotify")
        fetched: list[PlaylistFetched] = []
        cleaned: list[Cleaned] = []
        with ExitStack() as opened:
            crawl = SpotifyCrawl(self._spotify_client(opened), pages, progress)
            for id_ in ids:
                one, made = _crawl_one(crawl, id_)
                fetched.append(one)
                cleaned += [made] if made is not None else []
        report = None
        if any(one.tracks for one in cleaned):
            report = self._catalogues.files([one.path for one in cleaned if one.tracks], progress,
                                            playlists=keep, account_id=account_id)  # fmt: skip
        elif all(one.problem for one in fetched):
            raise FetchError(fetched[0].problem)
        return SpotifyFetched(playlists=tuple(fetched), catalogue=report)

    def listenbrainz(self, user: str, progress: Progress, *, again: bool = False) -> Pulled:
        """Pull what a user has listened to since the last time, into a folder of its own.

        Args:
            user: Their name there.
            progress: Told how far it is.
            again: All there is, for listens that were added to the past.

        Raises:
            ConfigurationError: It is not allowed.
            FetchError: No such user, or the service refuses or cannot be reached.
        """
        self._require_permission()
        secret = self._settings.listenbrainz_token.get_secret_value()
        headers = {"Authorization": f"Token {secret}"} if secret else {}
        pages = Pages(self._settings.fetched_dir / "listenbrainz")
        with ApiClient("ListenBrainz", self._settings.listenbrainz_url, lambda: headers,
                       sleep=self._sleep, now=self._clock) as client:  # fmt: skip
            pull = ListenBrainzPull(client, pages, user, progress, self._sleep, self._clock)
            return pull.run(again=again)

    def _spotify_client(self, opened: ExitStack) -> ApiClient:
        self._require_permission()
        settings = self._settings
        secret = settings.spotify_client_secret.get_secret_value()
        if not settings.spotify_client_id or not secret:
            raise ConfigurationError(
                "set spotify_client_id and spotify_client_secret to those of your application at "
                "developer.spotify.com"
            )
        token = Token(settings.spotify_client_id, secret, settings.spotify_token_url, self._sleep,
                      self._timer)  # fmt: skip
        opened.callback(token.close)
        client = ApiClient(SERVICE, settings.spotify_url, token.headers, token.renew,
                           sleep=self._sleep, now=self._clock)  # fmt: skip
        return opened.enter_context(client)

    def _require_permission(self) -> None:
        if not self._settings.allow_outbound:
            raise ConfigurationError(
                "Segue asks no other service unless you allow it: set allow_outbound = true"
            )


def _crawl_one(crawl: SpotifyCrawl, playlist_id: str) -> tuple[PlaylistFetched, Cleaned | None]:
    try:
        crawled = crawl.playlist(playlist_id)
    except RefusedError as refusal:
        return PlaylistFetched(playlist=playlist_id, problem=str(refusal)), None
    made = clean_playlist(crawled.folder)
    return PlaylistFetched(
        playlist=playlist_id,
        name=crawled.name,
        entries=made.entries,
        tracks=made.tracks,
        repeated=made.repeated,
        left=made.left,
        notes=crawled.notes,
    ), made
