"""Playlists of Spotify with everything that its Web API says of their tracks.

Client credentials flow (RFC 6749, 4.4) with the id and secret of the user's own application. Pages
of 100 tracks, then audio features by 100 and artists, who have the genres, by 50. Every answer is
kept as it came, so a crawl that was ended goes on where it stopped. Web API reference: "Get
Playlist", "Get Playlist Items", "Get Several Tracks' Audio Features", "Get Several Artists".
"""

import base64
import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from msgspec import Struct

from segue.errors import FetchError, InvalidInputError
from segue.fetch.client import Answer, ApiClient
from segue.fetch.pages import Pages, decoded_json

SERVICE = "Spotify"
API_URL = "https://api.spotify.com/v1"
TOKEN_URL = "https://accounts.spotify.com/api"  # noqa: S105 - no secret
PAGE_TRACKS = 100
N_FEATURES = 100
N_ARTISTS = 50
MAX_PAGES = 1_000
EARLY_S = 60.0  # a token is renewed so long before it ends
_PLAYLIST = re.compile(
    r"(?:https?://open\.spotify\.com/(?:intl-[a-z-]+/)?(?:user/[^/]+/)?playlist/|"
    r"spotify:(?:user:[^:]+:)?playlist:|^)([0-9A-Za-z]{22})(?:[?#/].*)?$"
)


class Reporter(Protocol):
    """Told how far the crawl is; may raise to end it."""

    def report(
        self, done: int, total: int | None = None, *, unit: str = "", message: str = ""
    ) -> None:
        """Say how far it is."""
        ...


class Crawled(Struct, frozen=True, kw_only=True):
    """One playlist that is whole: its name, the folder of its answers, and what they hold.

    ``notes`` say what Spotify did not give, in words.
    """

    playlist: str
    name: str
    folder: Path
    n_tracks: int
    notes: tuple[str, ...] = ()


class Token:
    """A token of the application, renewed when it ends.

    Args:
        client_id, client_secret: Of the user's application.
        url: Of the accounts service.
        sleep: Waits so many seconds.
        timer: Seconds that only grow.
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        url: str = TOKEN_URL,
        sleep: Callable[[float], None] = time.sleep,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        pair = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self._client = ApiClient(SERVICE, url, lambda: {"Authorization": f"Basic {pair}"},
                                 sleep=sleep)  # fmt: skip
        self._timer = timer
        self._value = ""
        self._ends_at = 0.0

    def headers(self) -> Mapping[str, str]:
        """With a token that holds."""
        if not self._value or self._timer() >= self._ends_at:
            self.renew()
        return {"Authorization": f"Bearer {self._value}"}

    def renew(self) -> None:
        """Get another token.

        Raises:
            FetchError: Id and secret are not taken.
        """
        answer = self._client.send("POST", "/token", data={"grant_type": "client_credentials"})
        said: Any = decoded_json(answer.body) if answer.status == 200 else {}
        if not isinstance(said, dict) or not said.get("access_token"):
            raise FetchError(
                f"{SERVICE} does not take the client id and secret ({answer.status}); look them up "
                "at developer.spotify.com"
            )
        self._value = str(said["access_token"])
        self._ends_at = self._timer() + float(said.get("expires_in") or 3600) - EARLY_S

    def close(self) -> None:
        """End the connections."""
        self._client.close()


class SpotifyCrawl:
    """Fetches playlists into a folder.

    Args:
        client: Of the Web API, with a token.
        pages: Where answers are kept.
        progress: Told how far it is.
    """

    def __init__(self, client: ApiClient, pages: Pages, progress: Reporter) -> None:
        self._client = client
        self._pages = pages
        self._progress = progress
        self._gives_features = True

    def playlist(self, playlist_id: str) -> Crawled:
        """Everything of one playlist; what was fetched of this state of it before stays.

        Raises:
            FetchError: It is private or gone, or the service refuses or cannot be reached.
        """
        body = self._asked(f"/playlists/{playlist_id}", "the playlist")
        head = _object(decoded_json(body))
        name = str(head.get("name") or playlist_id)
        state = str(head.get("snapshot_id") or "")
        mark = hashlib.blake2b(state.encode(), digest_size=8).hexdigest()
        pages = self._pages.inner(playlist_id).inner(mark)
        pages.keep("playlist.json", body)
        items = list(self._items(playlist_id, name, pages))
        tracks = [track for item in items if (track := track_of(item)) is not None]
        notes = [
            *self._details("audio-features", "audio_features", N_FEATURES, pages, name,
                           sorted({str(track["id"]) for track in tracks})),
            *self._details("artists", "artists", N_ARTISTS, pages, name,
                           sorted(artist_ids(tracks))),
        ]  # fmt: skip
        return Crawled(playlist=playlist_id, name=name, folder=pages.folder,
                       n_tracks=len(tracks), notes=tuple(notes))  # fmt: skip

    def _items(self, playlist_id: str, name: str, pages: Pages) -> Iterator[Mapping[str, Any]]:
        for page in range(MAX_PAGES):
            offset = page * PAGE_TRACKS
            params = {"limit": PAGE_TRACKS, "offset": offset}
            found = _object(
                pages.once(
                    f"tracks-{offset:06d}.json",
                    lambda params=params: self._asked(
                        f"/playlists/{playlist_id}/tracks", "tracks of the playlist", params
                    ),
                )
            )
            items = found.get("items")
            yield from (item for item in items or () if isinstance(item, dict))
            total = found.get("total")
            self._progress.report(
                min(offset + PAGE_TRACKS, total) if isinstance(total, int) else offset,
                total if isinstance(total, int) else None,
                unit="tracks",
                message=f"Fetching “{name}”",
            )
            if not items or not found.get("next"):
                return

    def _details(
        self, path: str, key: str, size: int, pages: Pages, name: str, ids: Sequence[str]
    ) -> list[str]:
        """Answers for ids in groups; what Spotify gives to no new application is no error."""
        if key == "audio_features" and not self._gives_features:
            return []
        for number, start in zip(count(), range(0, len(ids), size), strict=False):
            params = {"ids": ",".join(ids[start : start + size])}
            try:
                pages.once(
                    f"{path}-{number:05d}.json",
                    lambda params=params: self._asked(f"/{path}", key, params),
                )
            except RefusedError as refusal:
                if key == "audio_features":
                    self._gives_features = False
                return [f"{SERVICE} gives this application no {path} ({refusal.status})"]
            self._progress.report(
                min(start + size, len(ids)), len(ids), unit=path.rpartition("-")[2],
                message=f"Fetching {path} of “{name}”",
            )  # fmt: skip
        return []

    def _asked(self, path: str, what: str, params: Mapping[str, str | int] | None = None) -> bytes:
        answer = self._client.get(path, params)
        if answer.status == 200:
            return answer.body
        raise RefusedError(what, answer)


class RefusedError(FetchError):
    """Spotify answered, and not with what was asked for."""

    def __init__(self, what: str, answer: Answer) -> None:
        self.status = answer.status
        why = {401: "the token is not taken", 403: "this application may not have it",
               404: "it is private, gone, or made by Spotify itself"}  # fmt: skip
        super().__init__(
            f"{SERVICE} refuses {what}: {why.get(answer.status, f'status {answer.status}')}"
        )


def playlist_id_of(text: str) -> str:
    """The id in an address, a URI, or alone.

    Raises:
        InvalidInputError: It is none of a playlist.

    >>> playlist_id_of("https://open.spotify.com/playlist/37i9dQZF1DXcZDD7cfEKhW?si=x")
    '37i9dQZF1DXcZDD7cfEKhW'
    """
    found = _PLAYLIST.search(text.strip())
    if found is None:
        raise InvalidInputError(
            "a playlist is given by its address, such as https://open.spotify.com/playlist/ID, "
            f"got {text[:100]!r}"
        )
    return found[1]


def track_of(item: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The track of an entry; None for what is gone, an episode, or a file of the owner's own."""
    track = item.get("track") or item.get("item")
    if not isinstance(track, dict) or item.get("is_local") or not track.get("id"):
        return None
    return track if track.get("type", "track") == "track" else None


def artist_ids(tracks: Sequence[Mapping[str, Any]]) -> set[str]:
    """Ids of all artists who are credited."""
    return {
        str(artist["id"])
        for track in tracks
        for artist in track.get("artists") or ()
        if isinstance(artist, dict) and artist.get("id")
    }


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise FetchError(f"an answer of {SERVICE} is not what its documentation says")
    return value
