"""Another Segue over its own public API: its tracks, accounts on it, and events of theirs."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from segue.data.records import Event, Track
from segue.errors import FetchError
from segue.fetch.client import Answer, ApiClient
from segue.fetch.pages import decoded_json

PAGE_TRACKS = 200
BATCH_EVENTS = 1_000


class SegueServer:
    """A running server. Close it, or use ``with``.

    Args:
        url: Its address.
        token: Of a session: an administrator's to make accounts, anybody's to see tracks.
        insecure: Send the token by http to another machine.
    """

    def __init__(self, url: str, token: str, *, insecure: bool = False) -> None:
        self._token = token
        self._client = ApiClient("the server", url, self._headers, insecure=insecure)

    def __enter__(self) -> "SegueServer":
        return self

    def __exit__(self, *_error: object) -> None:
        self._client.close()

    def tracks(self) -> list[Track]:
        """All tracks, in order of title.

        Raises:
            FetchError: The token is not taken, or the server cannot be reached.
        """
        found: list[Track] = []
        cursor = ""
        while True:
            params: dict[str, str | int] = {"limit": PAGE_TRACKS}
            page = self._said("GET", "/v1/tracks", params=params | ({"cursor": cursor} if cursor
                                                                     else {}))  # fmt: skip
            found += msgspec.convert(page["items"], list[Track])
            cursor = page["next_cursor"] or ""
            if not cursor:
                return found

    def add_user(self, name: str, password: str) -> bool:
        """Make a listener's account; False when there is one of that name."""
        answer = self._client.send("POST", "/v1/users", json={"name": name, "password": password})
        if answer.status == 409:
            return False
        self._checked(answer)
        return True

    def sign_in(self, name: str, password: str) -> str:
        """A session of an account: its token, which is not used for what is asked otherwise."""
        said = self._said("POST", "/v1/session", json={"name": name, "password": password})
        return str(said["token"])

    def sign_out(self, token: str) -> None:
        """End a session."""
        self._client.send("DELETE", "/v1/session", headers=_bearer(token))

    def say(self, token: str, profile: Mapping[str, Any]) -> None:
        """What an account says of itself."""
        self._checked(
            self._client.send("PUT", "/v1/me/profile", headers=_bearer(token), json=dict(profile))
        )

    def send_events(self, token: str, events: Sequence[Event]) -> dict[str, int]:
        """Send events of an account; how many were stored, repeated and refused."""
        counts = {"stored": 0, "repeated": 0, "refused": 0}
        for start in range(0, len(events), BATCH_EVENTS):
            batch = [_sent(event) for event in events[start : start + BATCH_EVENTS]]
            answer = self._client.send(
                "POST", "/v1/events", headers=_bearer(token), json={"events": batch}
            )
            said: Any = self._checked(answer)
            counts["stored"] += said["stored"]
            counts["repeated"] += said["repeated"]
            counts["refused"] += len(said["refused"])
        return counts

    def _headers(self) -> Mapping[str, str]:
        return _bearer(self._token)

    def _said(self, method: str, path: str, **more: Any) -> Any:
        return self._checked(self._client.send(method, path, **more))

    def _checked(self, answer: Answer) -> Any:
        """What an answer says.

        Raises:
            FetchError: It is a refusal; the server's own words.
        """
        if answer.status < 300:
            return decoded_json(answer.body) if answer.body else None
        try:
            said: Any = msgspec.json.decode(answer.body)
            why = str(said["detail"])
        except (msgspec.DecodeError, KeyError, TypeError):
            why = "it gives no reason"
        raise FetchError(f"the server refuses with {answer.status}: {why}")


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _sent(event: Event) -> dict[str, Any]:
    """An event in the form of the API."""
    return {
        name: value
        for name, value in msgspec.to_builtins(event).items()
        if value is not None and name not in ("id", "listener_id")
    }
