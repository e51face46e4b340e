"""Listens of ListenBrainz, pulled page by page into files in the form of its own export.

``GET /1/user/NAME/listens`` answers newest first, those before ``max_ts`` (ListenBrainz API
documentation, "Core"). A walk goes from now back to what is known; where it stands is kept, so an
ended one goes on, and a later one asks only for what is new.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import msgspec
from msgspec import Struct

from segue.errors import FetchError, InvalidInputError
from segue.fetch.client import Answer, ApiClient, retry_after_s
from segue.fetch.pages import Pages, decoded_json

SERVICE = "ListenBrainz"
API_URL = "https://api.listenbrainz.org"
PAGE_LISTENS = 1_000
PAGE_MARKS = 100
MARKS = "feedback.jsonl"


class Reporter(Protocol):
    """Told how far the pull is; may raise to end it."""

    def report(
        self, done: int, total: int | None = None, *, unit: str = "", message: str = ""
    ) -> None:
        """Say how far it is."""
        ...


class Walk(Struct, frozen=True):
    """A walk that is under way: it began at ``newest`` and goes on before ``before``."""

    newest: float
    before: int


class State(Struct, frozen=True):
    """Everything up to ``known_until`` is there; ``walk`` is on its way down to it."""

    known_until: float = 0.0
    walk: Walk | None = None


class Pulled(Struct, frozen=True, kw_only=True):
    """What one pull brought: listens in new pages, marks as they are, and the folder of all."""

    user: str
    folder: Path
    n_listens: int
    n_pages: int
    n_marks: int


class ListenBrainzPull:
    """Pulls the listens of one user.

    Args:
        client: Of the API.
        pages: Where pages are kept; a folder for each user.
        user: Their name there.
        progress: Told how far it is.
        sleep: Waits so many seconds.
        clock: Unix time (s).
    """

    def __init__(
        self,
        client: ApiClient,
        pages: Pages,
        user: str,
        progress: Reporter,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._root = pages
        self._pages = pages.inner(folder_of(user))
        self._state_name = f"state-{folder_of(user)}.json"  # no part of the export beside it
        self._user = user
        self._progress = progress
        self._sleep = sleep
        self._clock = clock
        self._n_listens = self._n_pages = 0
        self._known_until = 0.0

    def run(self, *, again: bool = False) -> Pulled:
        """Pull what is new.

        Args:
            again: Walk through all there is, for listens that were added to the past.

        Raises:
            FetchError: No such user, or the service refuses or cannot be reached.
        """
        state = State() if again else self._state()
        self._known_until = state.known_until
        if state.walk is not None:  # what was ended is finished first
            state = self._walk(state, state.walk)
        first = self._page(None)
        if first:
            newest = max(map(_at, first))
            if newest > state.known_until:
                state = self._walk(state, Walk(newest, self._take(first, None)))
        return Pulled(user=self._user, folder=self._pages.folder, n_listens=self._n_listens,
                      n_pages=self._n_pages, n_marks=self._pull_marks())  # fmt: skip

    def _pull_marks(self) -> int:
        """Loved and hated recordings as they are now, in the form of the export."""
        marks: list[Any] = []
        while True:
            params: dict[str, str | int] = {
                "count": PAGE_MARKS, "offset": len(marks), "metadata": "true",
            }  # fmt: skip
            path = f"/1/feedback/user/{quote(self._user, safe='')}/get-feedback"
            answer = self._client.get(path, params)
            found = _objects(self._user, answer, "feedback")
            self._breathe(answer)
            marks += found
            if not found:
                break
        if marks:
            lines = b"".join(msgspec.json.encode(mark) + b"\n" for mark in marks)
            self._pages.keep(MARKS, lines)
        else:  # an empty file would be a file that nobody reads
            self._pages.path(MARKS).unlink(missing_ok=True)
        return len(marks)

    def _walk(self, state: State, walk: Walk) -> State:
        """Go back to what is known; the state is kept after every page."""
        while True:
            self._keep(State(state.known_until, walk))
            page = self._page(walk.before) if walk.before > state.known_until else []
            if not page:
                break
            walk = Walk(walk.newest, self._take(page, walk.before))
        done = State(max(walk.newest, state.known_until))
        self._keep(done)
        return done

    def _take(self, page: Sequence[Mapping[str, Any]], before: int | None) -> int:
        """Keep a page; where the next one ends.

        ``max_ts`` is exclusive and a second may hold several listens, so the next page begins in
        the last second of this one; a page of one second alone is left by its beginning.
        """
        times = [_at(listen) for listen in page]
        oldest, newest = int(min(times)), int(max(times))
        lines = (msgspec.json.encode(listen) + b"\n" for listen in page)
        self._pages.inner("listens").keep(f"{oldest:011d}-{newest:011d}.jsonl", b"".join(lines))
        self._n_pages += 1
        self._n_listens += sum(at > self._known_until for at in times)
        self._progress.report(self._n_listens, unit="listens",
                              message=f"Fetching the listens of {self._user}")  # fmt: skip
        is_last = len(page) < PAGE_LISTENS
        return oldest if is_last or before == oldest + 1 or oldest == newest else oldest + 1

    def _page(self, before: int | None) -> list[Mapping[str, Any]]:
        params: dict[str, str | int] = {"count": PAGE_LISTENS}
        if before is not None:
            params["max_ts"] = before
        answer = self._client.get(f"/1/user/{quote(self._user, safe='')}/listens", params)
        self._breathe(answer)
        return _listens(self._user, answer)

    def _breathe(self, answer: Answer) -> None:
        """Wait where the service says that no request is left for now."""
        if answer.headers.get("x-ratelimit-remaining") == "0":
            self._sleep(min(retry_after_s(answer.headers, self._clock()) or 1.0, 60.0))

    def _state(self) -> State:
        try:
            return msgspec.json.decode(self._root.path(self._state_name).read_bytes(), type=State)
        except (FileNotFoundError, msgspec.MsgspecError):
            return State()

    def _keep(self, state: State) -> None:
        self._root.keep(self._state_name, msgspec.json.encode(state))


def folder_of(user: str) -> str:
    """The name of a user's folder: their own where it can be one, else its bytes.

    Raises:
        InvalidInputError: No user is called so.
    """
    if not 1 <= len(user) <= 64 or not user.isprintable():
        raise InvalidInputError("a user of ListenBrainz has a name of 1 to 64 letters")
    plain = user.isascii() and user.replace("_", "").replace("-", "").isalnum()
    return f"user-{user}" if plain else f"hex-{user.encode().hex()[:100]}"


def _listens(user: str, answer: Answer) -> list[Mapping[str, Any]]:
    """The listens of an answer that have a time."""
    return [one for one in _objects(user, answer, "payload", "listens") if _at(one) > 0]


def _objects(user: str, answer: Answer, *keys: str) -> list[Mapping[str, Any]]:
    """The objects of the list at the end of some keys.

    Raises:
        FetchError: It is another answer.
    """
    if answer.status == 404:
        raise FetchError(f"{SERVICE} knows no user {user!r}")
    if answer.status == 401:
        raise FetchError(f"{SERVICE} does not take the token")
    if answer.status != 200:
        raise FetchError(f"{SERVICE} refuses what {user!r} listened to: status {answer.status}")
    said: Any = decoded_json(answer.body)
    for key in keys:
        said = said.get(key) if isinstance(said, dict) else None
    if not isinstance(said, list):
        raise FetchError(f"an answer of {SERVICE} is not what its documentation says")
    return [one for one in said if isinstance(one, dict)]


def _at(listen: Mapping[str, Any]) -> float:
    at = listen.get("listened_at")
    return float(at) if isinstance(at, int | float) else 0.0
